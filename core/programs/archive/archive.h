// Archives and compressed files: tar; gzip, gunzip, zcat.
#pragma once

namespace drydock {

class ProgramRegistry;

void register_archive(ProgramRegistry& programs);

}  // namespace drydock
