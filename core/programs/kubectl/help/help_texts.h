// What `kubectl … --help` says in words, as the real tool prints it: people search for
// these sentences, and books quote them. Flags, usage lines and lists of commands come
// from the command table (command.h); help.cpp puts both together.
#pragma once

#include <span>
#include <string_view>

namespace drydock::kubectl {

struct CommandText {
  std::string_view path;      // "create secret generic"
  std::string_view text;      // what the command is for
  std::string_view examples;  // as they are indented in the help, or ""
};
struct FlagText {
  std::string_view flag;
  std::string_view commands;  // whose text it is, separated by "|"; "" for all others
  std::string_view text;
};

// One file each.
std::span<const CommandText> create_texts();
std::span<const CommandText> changing_texts();
std::span<const CommandText> reading_texts();
std::span<const CommandText> cluster_texts();
std::span<const FlagText> flag_texts_a_to_k();
std::span<const FlagText> flag_texts_l_to_z();

}  // namespace drydock::kubectl
