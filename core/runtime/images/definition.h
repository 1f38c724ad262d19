// An image that a session's person writes, in YAML:
//
//   name: shop/frontend:1.0          # required
//   base: alpine:3.22                # any image, or scratch; busybox when absent
//   files:                           # absolute path: text, or more exactly:
//     /srv/index.html: "hello\n"
//     /srv/run.sh: {content: "#!/bin/sh\necho hi\n", mode: "0755", user: 1000}
//   directories: [/data]
//   env: {COLOR: blue}               # or [{name: COLOR, value: blue}], or [COLOR=blue]
//   entrypoint: [/srv/run.sh]        # a string runs in /bin/sh -c; "command" is the same
//   args: [--fast]
//   user: 1000                       # a number, or a name of the base's /etc/passwd
//   workdir: /srv
//   expose: [8080, 53/udp]
//   http:                            # instead of an entrypoint: a web server
//     port: 8080
//     routes:                        # the first that fits answers; 404 when none does
//     - path: /hello                 # "/api/*": everything below
//       method: GET                  # any when absent
//       status: 200
//       headers: {Content-Type: text/plain}
//       body: "Hello from {{hostname}}, {{env.COLOR}}\n"
//       delay: 200ms
//
// A body and a header's value may hold {{hostname}}, {{path}}, {{method}},
// {{client}}, {{body}}, {{env.NAME}}, {{query.NAME}} and {{header.NAME}}. Errors
// name the field as Kubernetes does: 'http.routes[0].status: Invalid value: …'.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

struct Image;

struct ImageDefinition {
  struct File {
    std::string path;
    std::string content;
    std::uint32_t mode = 0644;
    std::uint32_t user = 0;
  };
  std::string name;
  std::string base = "busybox";
  std::vector<File> files;
  std::vector<std::string> directories;
  std::vector<std::pair<std::string, std::string>> environment;
  std::optional<std::vector<std::string>> entrypoint;
  std::optional<std::vector<std::string>> arguments;
  std::string user;
  std::string working_directory;
  std::vector<std::string> ports;
  Value http;  // checked, with its defaults; null when there is none
};

Result<ImageDefinition> parse_image_definition(std::string_view yaml);
// Changes a copy of the base image into the defined one; names and digests aside.
// Errors: a user's name that the base does not know, a path whose parent is a file.
Result<void> apply_image_definition(const ImageDefinition& definition, Image& image, TimePoint now);

// The names inside {{…}} of a text, for the check here and the server that fills them in.
struct TemplatePiece {
  std::string text;
  bool is_name = false;
};
std::vector<TemplatePiece> template_pieces(std::string_view text);
bool known_template_name(std::string_view name);

}  // namespace drydock
