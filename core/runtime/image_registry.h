// ImageRegistry: the image registries of the virtual internet, and the images a
// session's person defines.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/event_loop.h"
#include "core/base/prng.h"
#include "core/base/result.h"
#include "core/host/file_system.h"

namespace drydock {

struct Image {
  std::string name;    // "docker.io/library/nginx:1.25"
  std::string digest;  // "sha256:…"
  std::int64_t size_bytes = 0;
  std::vector<std::string> entrypoint;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string working_directory = "/";
  std::uint32_t user = 0;
  InodePtr root;  // never changed: containers lay their own files over it
  std::string ref() const { return name.substr(0, name.rfind(':')) + "@" + digest; }
};
using ImagePtr = std::shared_ptr<const Image>;

// "nginx" -> "docker.io/library/nginx:latest".
std::string full_image_name(std::string_view name);

class ImageRegistry {
 public:
  ImageRegistry(EventLoop& loop, Prng prng);
  // The image, made on first use. The error is what containerd prints after "failed to
  // pull and unpack image …: ".
  Result<ImagePtr> find(const std::string& full_name);
  // How long a pull takes: by size, drawn from the seed.
  Duration pull_time(const Image& image);
  // A person's image, in YAML: name, base, files, command, env, http. Returns its full name.
  Result<std::string> define(std::string_view yaml);

 private:
  struct Recipe;
  ImagePtr build(const std::string& full_name, const Recipe& recipe, const std::string& tag);
  static const Recipe* recipe_of(const std::string& repository);

  EventLoop& loop_;
  Prng prng_;
  std::map<std::string, ImagePtr> images_;
};

}  // namespace drydock
