// The command line of tar: its flags and the old style without dashes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock {

extern const std::string_view kTarHelp;  // declares the flags, see command_flags.h

constexpr char kDirectoryMark = '\1';  // before an operand that is a -C, to keep its place among them

// Old-style words ("xzf a.tar"), joined short flags and -C in one plain form.
std::vector<std::string> plain_tar_words(const std::vector<std::string>& words, std::string& problem);

}  // namespace drydock
