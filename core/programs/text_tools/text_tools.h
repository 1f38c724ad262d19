// The everyday tools for text: cat, grep, sed, awk, sort, diff, jq, …
#pragma once

namespace drydock {

class ProgramRegistry;

void register_text_tools(ProgramRegistry& programs);

}  // namespace drydock
