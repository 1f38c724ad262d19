// ImageRegistry: the image registries of the virtual internet, and the images a
// session's person defines.
//
// What public images hold is data: core/runtime/images/*.cpp. scenarios/IMAGES.md
// lists them and says how a person's image is written.
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

struct ImageRecipe;
struct ImageTag;

struct Image {
  std::string name;        // "docker.io/library/nginx:1.25"; with a digest when it was asked for by one
  std::string repository;  // "docker.io/library/nginx"
  std::string tag;         // "1.25"; "" when it was asked for by digest
  std::string digest;      // "sha256:…": that of the manifest
  std::string id;          // "sha256:…": that of the configuration, which `crictl images` shows
  std::int64_t size_bytes = 0;
  std::vector<std::string> entrypoint;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string working_directory = "/";
  std::uint32_t user = 0;
  std::vector<std::string> ports;  // "80/tcp"
  std::string stop_signal;         // "SIGQUIT", or "" for SIGTERM
  InodePtr root;                   // never changed: containers lay their own files over it
  std::string ref() const { return repository + "@" + digest; }
};
using ImagePtr = std::shared_ptr<const Image>;

// "nginx" -> "docker.io/library/nginx:latest"; "nginx:1.25@sha256:…" and
// "nginx@sha256:…" -> "docker.io/library/nginx@sha256:…".
std::string full_image_name(std::string_view name);
// "" for a reference that can be parsed, else why not: "invalid reference format".
std::string image_reference_error(std::string_view name);

class ImageRegistry {
 public:
  ImageRegistry(EventLoop& loop, Prng prng);
  // The image, made on first use. The error is what containerd prints after "failed to
  // pull and unpack image …: "; its code is 404 when containerd says NotFound.
  Result<ImagePtr> find(const std::string& full_name);
  // How long a pull takes: by size, drawn from the seed.
  Duration pull_time(const Image& image);
  // A person's image, in YAML (core/runtime/images/definition.h). Returns its full name.
  Result<std::string> define(std::string_view yaml);

 private:
  ImagePtr build(const std::string& full_name, const ImageRecipe& recipe, const ImageTag& tag);
  Result<ImagePtr> find_digest(const std::string& full_name, const std::string& repository, const std::string& digest);

  EventLoop& loop_;
  Prng prng_;
  std::map<std::string, ImagePtr> images_;
};

}  // namespace drydock
