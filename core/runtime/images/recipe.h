// ImageRecipe: what a public image holds, as data. One family of images a file
// (systems.cpp, web.cpp, …); a new image is a new row, see scenarios/IMAGES.md.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace drydock {

// A base system: which shell and which tools.
enum class ImageBase { kNone, kBusybox, kAlpine, kDebian, kUbuntu, kCentos };

struct ImageFile {
  std::string_view path;
  std::string_view text;
  std::uint32_t mode = 0644;
};

struct ImageRecipe {
  // Full repository names, separated by spaces: mirrors hold the same image.
  std::string_view repositories;
  ImageBase base = ImageBase::kNone;
  // Which tags exist: patterns separated by spaces, oldest first (see tags.h).
  std::string_view tags = "latest";
  // Suffixes that every version also has: "1.25-alpine", and "alpine" for the newest.
  std::string_view variants = {};
  // The version behind "latest".
  std::string_view version = {};
  // Size of the newest version as it is pulled.
  std::int64_t bytes = 5'000'000;
  // Executables: words "path=program"; a bare "program" is /usr/local/bin/program.
  std::string_view programs = {};
  // Words; "\ " keeps a space inside a word.
  std::string_view entrypoint = {};
  std::string_view command = {};
  // Lines "NAME=value"; "%V" is the version.
  std::string_view environment = {};
  std::string_view working_directory = "/";
  std::uint32_t user = 0;
  // EXPOSE: words "80/tcp".
  std::string_view ports = {};
  std::string_view stop_signal = {};  // "SIGQUIT"
  std::span<const ImageFile> files = {};
  std::string_view directories = {};  // words; "path:uid" belongs to that user
  std::string_view links = {};        // words "path=target"
  // Set for versions that have neither the entrypoint nor what belongs to it
  // (nginx before 1.19); compared by major and minor number.
  std::string_view entrypoint_since = {};
};

std::span<const ImageRecipe> system_images();
std::span<const ImageRecipe> web_images();
std::span<const ImageRecipe> data_images();
std::span<const ImageRecipe> sample_images();
std::span<const ImageRecipe> tool_images();
std::span<const ImageRecipe> cluster_images();

// The recipe of a repository ("docker.io/library/nginx"); null when it does not exist.
const ImageRecipe* find_image_recipe(std::string_view repository);
// The name under which a repository and its mirrors are built.
std::string_view image_recipe_name(const ImageRecipe& recipe);

}  // namespace drydock
