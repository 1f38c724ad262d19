// Where objects come from when a command is given -f or -k: files, folders,
// standard input, URLs, kustomizations.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock::kubectl {

class Session;

struct Manifest {
  Value document;
  std::string source;  // "m/web.yaml", "STDIN", or the URL
  Status error;        // set (code or message) when this document cannot be read
  bool failed = false;
};

// Everything --filename and --kustomize name, Lists taken apart, in order. A
// document that does not parse is an entry that has failed; the others count.
Task<Result<std::vector<Manifest>>> read_manifests(Session& session);
bool has_manifests(Session& session);

// The bytes of one file name as -f takes them ("-", a URL, a path).
Task<Result<std::string>> read_source(Session& session, std::string name);

// YAML or JSON text cut into documents.
std::vector<Manifest> parse_manifests(std::string_view text, const std::string& source);

// "must specify one of -f and -k"
Status need_manifests();

}  // namespace drydock::kubectl
