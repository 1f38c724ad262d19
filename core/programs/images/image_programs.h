// Programs that exist only inside images: pause, coredns, nginx, the simple service.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_image_programs(ProgramRegistry& programs);

}  // namespace drydock
