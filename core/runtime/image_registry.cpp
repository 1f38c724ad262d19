#include "core/runtime/image_registry.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/runtime/images/base_system.h"
#include "core/runtime/images/definition.h"
#include "core/runtime/images/recipe.h"
#include "core/runtime/images/tags.h"

namespace drydock {
namespace {

constexpr std::size_t kMostTagBytes = 128;

// Words separated by spaces; "\ " keeps a space inside a word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      word += text[++i];
    else if (text[i] == ' ')
      words.push_back(std::exchange(word, {}));
    else
      word += text[i];
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

std::string digest_of(std::string_view text) { return "sha256:" + hex_encode(sha256(text)); }

// Mirrors, tags and short forms of one version share a digest, as in life.
std::string manifest_digest(const ImageRecipe& recipe, const ImageTag& tag) {
  return digest_of(std::string(image_recipe_name(recipe)) + "@" + tag.version + "-" + tag.variant);
}

bool lower_name(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
                     }) &&
         text.front() != '.' && text.front() != '-' && text.front() != '_' && text.back() != '.' &&
         text.back() != '-' && text.back() != '_';
}

bool is_registry_host(std::string_view first) {
  return contains(first, ".") || contains(first, ":") || first == "localhost";
}

constexpr std::string_view kRegistryHosts[] = {
    "docker.io",      "quay.io",           "ghcr.io",           "gcr.io",
    "k8s.gcr.io",     "mirror.gcr.io",     "registry.k8s.io",   "us-docker.pkg.dev",
    "public.ecr.aws", "mcr.microsoft.com", "docker.elastic.co", "registry.access.redhat.com"};

// What each registry says of a repository that it does not have.
Status unknown_repository(const std::string& full_name, const std::string& repository, const std::string& reference) {
  const std::string prefix = "failed to resolve reference \"" + full_name + "\": ";
  const std::size_t slash = repository.find('/');
  const std::string host = repository.substr(0, slash);
  const std::string path = repository.substr(slash + 1);
  const std::string head = "https://" + host + "/v2/" + path + "/manifests/" + reference;
  if (host == "docker.io") {
    return Status::plain(prefix +
                         "pull access denied, repository does not exist or may require authorization: server "
                         "message: insufficient_scope: authorization failed");
  }
  if (host == "quay.io")
    return Status::plain(prefix + "unexpected status from HEAD request to " + head + ": 401 UNAUTHORIZED");
  if (host == "ghcr.io") {
    return Status::plain(prefix +
                         "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
                         "https://ghcr.io/token?scope=repository%3A" +
                         replace_all(path, "/", "%2F") + "%3Apull&service=ghcr.io: 403 Forbidden");
  }
  if (std::find(std::begin(kRegistryHosts), std::end(kRegistryHosts), host) != std::end(kRegistryHosts)) {
    Status status = Status::plain(prefix + full_name + ": not found");
    status.code = 404;
    return status;
  }
  const std::string name = host.substr(0, host.find(':'));
  const std::string dial =
      name == "localhost" || name == "127.0.0.1"
          ? "dial tcp 127.0.0.1:" + (contains(host, ":") ? host.substr(host.find(':') + 1) : std::string("443")) +
                ": connect: connection refused"
          : "dial tcp: lookup " + name + ": no such host";
  return Status::plain(prefix + "failed to do request: Head \"" + head + "\": " + dial);
}

}  // namespace

const ImageRecipe* find_image_recipe(std::string_view repository) {
  for (const auto family :
       {web_images(), system_images(), data_images(), sample_images(), tool_images(), cluster_images()}) {
    for (const ImageRecipe& recipe : family) {
      for (const std::string& name : split_whitespace(recipe.repositories)) {
        if (name == repository) return &recipe;
      }
    }
  }
  return nullptr;
}

std::string_view image_recipe_name(const ImageRecipe& recipe) {
  return recipe.repositories.substr(0, recipe.repositories.find(' '));
}

std::string full_image_name(std::string_view name) {
  std::string text(name);
  std::string digest;
  const std::size_t at = text.find('@');
  if (at != std::string::npos) {
    digest = text.substr(at);
    text.resize(at);
  }
  const std::size_t slash = text.find('/');
  const std::string first = slash == std::string::npos ? "" : text.substr(0, slash);
  if (first == "index.docker.io") text = "docker.io" + text.substr(slash);
  if (!is_registry_host(first))
    text = (slash == std::string::npos ? "docker.io/library/" : "docker.io/") + text;
  else if (first == "docker.io" && text.find('/', slash + 1) == std::string::npos)
    text = "docker.io/library/" + text.substr(slash + 1);
  const std::size_t colon = text.rfind(':');
  const bool tagged = colon != std::string::npos && text.find('/', colon) == std::string::npos;
  if (!digest.empty()) return (tagged ? text.substr(0, colon) : text) + digest;
  return tagged ? text : text + ":latest";
}

std::string image_reference_error(std::string_view name) {
  const std::string bad = "invalid reference format";
  std::string text(name);
  const std::size_t at = text.find('@');
  if (at != std::string::npos) {
    const std::string digest = text.substr(at + 1);
    text.resize(at);
    if (!digest.starts_with("sha256:")) return bad;
    if (digest.size() != 71 || digest.find_first_not_of("0123456789abcdef", 7) != std::string::npos)
      return "invalid checksum digest length";
  }
  const std::size_t colon = text.rfind(':');
  if (colon != std::string::npos && text.find('/', colon) == std::string::npos) {
    const std::string tag = text.substr(colon + 1);
    text.resize(colon);
    const bool fits = !tag.empty() && tag.size() <= kMostTagBytes && tag[0] != '.' && tag[0] != '-' &&
                      std::all_of(tag.begin(), tag.end(), [](char c) {
                        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
                      });
    if (!fits) return bad;
  }
  std::vector<std::string> pieces = split(text, '/');
  if (pieces.size() > 1 && is_registry_host(pieces[0])) pieces.erase(pieces.begin());
  for (const std::string& piece : pieces) {
    if (lower_name(piece)) continue;
    if (lower_name(to_lower(piece))) return bad + ": repository name (" + join(pieces, "/") + ") must be lowercase";
    return bad;
  }
  return pieces.empty() ? bad : "";
}

ImageRegistry::ImageRegistry(EventLoop& loop, Prng prng) : loop_(loop), prng_(prng) {}

ImagePtr ImageRegistry::build(const std::string& full_name, const ImageRecipe& recipe, const ImageTag& tag) {
  auto image = std::make_shared<Image>();
  image->name = full_name;
  const std::size_t at = full_name.find_first_of('@');
  image->repository = full_name.substr(0, at != std::string::npos ? at : full_name.rfind(':'));
  if (at == std::string::npos) image->tag = full_name.substr(full_name.rfind(':') + 1);
  image->digest = manifest_digest(recipe, tag);
  image->id = digest_of("configuration of " + image->digest);
  const bool alpine = tag.variant.starts_with("alpine") && recipe.base == ImageBase::kDebian;
  const bool slim = contains(tag.variant, "slim") && !alpine;
  image->size_bytes = alpine ? recipe.bytes / 3 : slim ? recipe.bytes / 2 : recipe.bytes;
  if (tag.version != recipe.version) {
    const auto draw = static_cast<std::int64_t>(static_cast<unsigned char>(sha256(image->digest)[0]));
    image->size_bytes -= image->size_bytes / 8 * draw / 256;
  }
  const bool has_entrypoint =
      recipe.entrypoint_since.empty() || compare_versions(tag.version, recipe.entrypoint_since) >= 0;
  if (has_entrypoint) image->entrypoint = words_of(recipe.entrypoint);
  image->arguments = words_of(recipe.command);
  image->working_directory = std::string(recipe.working_directory);
  image->user = recipe.user;
  image->ports = split_whitespace(recipe.ports);
  image->stop_signal = std::string(recipe.stop_signal);
  image->environment = {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
  for (const std::string& line : split(replace_all(recipe.environment, "%V", tag.version), '\n')) {
    const std::size_t equals = line.find('=');
    if (equals != std::string::npos) image->environment.emplace_back(line.substr(0, equals), line.substr(equals + 1));
  }
  const TimePoint now = loop_.now();
  image->root = Inode::make(FileType::kDirectory, 0755, 0, 0, now);
  FileSystem files(image->root);
  const bool is_system = recipe.programs.empty();
  fill_base_system(files, alpine ? ImageBase::kAlpine : recipe.base, is_system ? tag.version : "", now);
  (void)files.make_directories(image->working_directory, now);
  for (const std::string& word : split_whitespace(recipe.programs)) {
    const std::size_t equals = word.find('=');
    const std::string program = equals == std::string::npos ? word : word.substr(equals + 1);
    const std::string path = equals == std::string::npos ? "/usr/local/bin/" + word : word.substr(0, equals);
    if (!has_entrypoint && !image->arguments.empty() && path == recipe.entrypoint) continue;
    add_program(files, path, program, tag.version, now);
  }
  for (const std::string& word : split_whitespace(recipe.directories)) {
    const std::size_t colon = word.find(':');
    const std::string path = word.substr(0, colon);
    (void)files.make_directories(path, now);
    const auto inode = files.resolve(path);
    if (inode && colon != std::string::npos)
      (*inode)->uid = (*inode)->gid = static_cast<std::uint32_t>(parse_int(word.substr(colon + 1)).value_or(0));
  }
  for (const std::string& word : split_whitespace(recipe.links)) {
    const std::size_t equals = word.find('=');
    add_symlink(files, word.substr(equals + 1), word.substr(0, equals), now);
  }
  for (const ImageFile& file : recipe.files) {
    (void)files.make_directories(directory_name(file.path), now);
    (void)files.write_file(file.path, std::string(file.text), now, file.mode);
  }
  return image;
}

Result<ImagePtr> ImageRegistry::find_digest(const std::string& full_name, const std::string& repository,
                                            const std::string& digest) {
  for (const auto& [name, image] : images_) {
    if (image->repository != repository || image->digest != digest) continue;
    auto copy = std::make_shared<Image>(*image);
    copy->name = full_name;
    copy->tag.clear();
    return ImagePtr(copy);
  }
  const ImageRecipe* recipe = find_image_recipe(repository);
  if (recipe == nullptr) return unknown_repository(full_name, repository, digest);
  std::vector<std::string> variants = split_whitespace(recipe->variants);
  variants.insert(variants.begin(), "");
  for (const std::string& version : image_versions(*recipe)) {
    for (const std::string& variant : variants) {
      const ImageTag tag{version, variant};
      if (manifest_digest(*recipe, tag) == digest) return build(full_name, *recipe, tag);
    }
  }
  Status status = Status::plain("failed to resolve reference \"" + full_name + "\": " + full_name + ": not found");
  status.code = 404;
  return status;
}

Result<ImagePtr> ImageRegistry::find(const std::string& full_name) {
  const auto known = images_.find(full_name);
  if (known != images_.end()) return known->second;
  const std::size_t at = full_name.find('@');
  if (at != std::string::npos) {
    DRYDOCK_TRY(ImagePtr image, find_digest(full_name, full_name.substr(0, at), full_name.substr(at + 1)));
    return images_[full_name] = image;
  }
  const std::size_t colon = full_name.rfind(':');
  const std::string repository = full_name.substr(0, colon);
  const std::string tag = full_name.substr(colon + 1);
  const ImageRecipe* recipe = find_image_recipe(repository);
  if (recipe == nullptr) return unknown_repository(full_name, repository, tag);
  const std::optional<ImageTag> found = resolve_image_tag(*recipe, tag);
  if (!found) {
    Status status = Status::plain("failed to resolve reference \"" + full_name + "\": " + full_name + ": not found");
    status.code = 404;
    return status;
  }
  return images_[full_name] = build(full_name, *recipe, *found);
}

Duration ImageRegistry::pull_time(const Image& image) {
  const std::int64_t milliseconds_needed = 350 + image.size_bytes / 1000000 * prng_.between(14, 24);
  return milliseconds(milliseconds_needed + prng_.between(0, 400));
}

Result<std::string> ImageRegistry::define(std::string_view yaml) {
  DRYDOCK_TRY(ImageDefinition definition, parse_image_definition(yaml));
  auto image = std::make_shared<Image>();
  if (definition.base == "scratch") {
    image->root = Inode::make(FileType::kDirectory, 0755, 0, 0, loop_.now());
    FileSystem files(image->root);
    fill_base_system(files, ImageBase::kNone, "", loop_.now());
    image->environment = {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
  } else {
    Result<ImagePtr> base = find(full_image_name(definition.base));
    if (!base) return Status::plain("base: Invalid value: " + go_quote(definition.base) + ": " + base.error().message);
    *image = **base;
    image->root = Inode::over((*base)->root);
  }
  DRYDOCK_TRY_VOID(apply_image_definition(definition, *image, loop_.now()));
  image->name = full_image_name(definition.name);
  const std::size_t colon = image->name.rfind(':');
  image->repository = image->name.substr(0, colon);
  image->tag = image->name.substr(colon + 1);
  image->digest = digest_of(yaml);
  image->id = digest_of("configuration of " + image->digest);
  images_[image->name] = image;
  return image->name;
}

}  // namespace drydock
