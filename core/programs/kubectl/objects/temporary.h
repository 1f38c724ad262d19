// Names of temporary files: kubectl-edit-1234567890.yaml.
#pragma once

#include <string>

#include "core/base/prng.h"
#include "core/host/process.h"

namespace drydock::kubectl {

// Ten digits from the host's random numbers.
inline std::string random_digits(Process& process) {
  return std::to_string(1000000000ULL + process.prng().next() % 9000000000ULL);
}

// Where temporary files go: $TMPDIR, or /tmp.
inline std::string temporary_folder(Process& process) {
  const std::string_view folder = process.env("TMPDIR");
  return folder.empty() ? "/tmp" : std::string(folder);
}

}  // namespace drydock::kubectl
