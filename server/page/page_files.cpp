#include "server/page/page_files.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace drydock::server {
namespace {

namespace fs = std::filesystem;

std::string_view type_of(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".wasm", "application/wasm"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
  };
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

HttpResponse plain(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body.bytes = std::move(text);
  return response;
}

}  // namespace

Result<PageFiles> PageFiles::open(const std::string& folder) {
  PageFiles files;
  files.folder_ = folder;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) files.names_.insert(entry.path().filename().string());
  }
  if (!files.names_.contains("index.html"))
    return Status::plain(folder + " holds no page: ./drydock build web builds it in build/web");
  return files;
}

HttpResponse PageFiles::serve(const HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = plain(405, "method not allowed\n");
    response.headers.set("Allow", "GET, HEAD");
    return response;
  }
  const std::string name = request.path == "/" ? "index.html" : request.path.substr(1);
  if (!names_.contains(name)) return plain(404, "not found\n");
  std::ifstream file(folder_ + "/" + name, std::ios::binary);
  HttpResponse response;
  response.body.bytes.assign(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  if (!file) return plain(500, "the file cannot be read\n");
  response.headers.set("Content-Type", std::string(type_of(name)));
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("X-Content-Type-Options", "nosniff");
  // The page says the rest of its policy itself; this part works only as a header.
  response.headers.set("Content-Security-Policy", "frame-ancestors 'none'");
  response.headers.set("Referrer-Policy", "no-referrer");
  return response;
}

std::string default_page_folder() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return (program.parent_path().parent_path() / "web").string();
}

}  // namespace drydock::server
