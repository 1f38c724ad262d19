#include "core/programs/kubectl/objects/manifests.h"

#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/network/http_wire.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/objects/kustomize.h"

namespace drydock::kubectl {
namespace {

constexpr int kMaxRedirects = 10;

bool is_url(std::string_view name) { return name.starts_with("http://") || name.starts_with("https://"); }

bool has_manifest_extension(std::string_view name) {
  return name.ends_with(".json") || name.ends_with(".yaml") || name.ends_with(".yml");
}

// "https://host:port/path?query" into an endpoint and a request.
void split_url(const std::string& url, Endpoint& endpoint, HttpRequest& request) {
  endpoint.tls = url.starts_with("https://");
  std::string rest = url.substr(endpoint.tls ? 8 : 7);
  const std::size_t path_at = rest.find_first_of("/?");
  std::string target = path_at == std::string::npos ? "/" : rest.substr(path_at);
  rest = rest.substr(0, path_at);
  endpoint.host = rest;
  endpoint.port = endpoint.tls ? 443 : 80;
  if (const std::size_t colon = rest.find(':'); colon != std::string::npos) {
    endpoint.host = rest.substr(0, colon);
    endpoint.port = static_cast<std::uint16_t>(parse_int(rest.substr(colon + 1)).value_or(0));
  }
  if (const std::size_t hash = target.find('#'); hash != std::string::npos) target.resize(hash);
  const std::size_t question = target.find('?');
  request.path = url_decode(target.substr(0, question));
  if (request.path.empty()) request.path = "/";
  if (question != std::string::npos) request.query = HttpQuery::parse(std::string_view(target).substr(question + 1));
  request.headers.add("Host", rest);
  request.headers.add("User-Agent", "Go-http-client/1.1");
}

Task<Result<std::string>> download(Session& session, std::string url) {
  const std::string first = url;
  for (int hop = 0; hop < kMaxRedirects; ++hop) {
    Endpoint endpoint;
    HttpRequest request;
    split_url(url, endpoint, request);
    Result<HttpResponse> response = co_await session.external_transport().round_trip(endpoint, std::move(request));
    if (!response) co_return Status::plain("Get " + go_quote(url) + ": " + response.error().message);
    const std::string location(response->headers.get("Location"));
    if (response->status / 100 == 3 && !location.empty()) {
      url = is_url(location) ? location : endpoint.url() + location;
      continue;
    }
    if (response->status != 200) {
      co_return Status::plain("unable to read URL " + go_quote(first) + ", server reported " +
                              std::to_string(response->status) + " " + std::string(http_reason(response->status)) +
                              ", status code=" + std::to_string(response->status));
    }
    std::string text = response->body.text();
    while (response->stream) {
      auto message = co_await response->stream->receive();
      if (!message) break;
      text += message->bytes;
    }
    co_return text;
  }
  co_return Status::plain("Get " + go_quote(url) + ": stopped after 10 redirects");
}

// Files of a folder, in the order of their names.
Result<std::vector<std::string>> folder_files(Process& process, const std::string& folder, bool recursive,
                                              int depth = 0) {
  std::vector<std::string> files;
  auto names = process.list_directory(folder);
  if (!names)
    return Status::plain("the path " + go_quote(folder) +
                         " cannot be accessed: " + to_lower(errno_text(names.error())));
  for (const std::string& name : *names) {
    const std::string path = folder + (folder.ends_with('/') ? "" : "/") + name;
    const auto stat = process.stat(path);
    if (!stat) continue;
    if (stat->type == FileType::kDirectory) {
      if (!recursive || depth > 40) continue;
      DRYDOCK_TRY(std::vector<std::string> inner, folder_files(process, path, true, depth + 1));
      files.insert(files.end(), inner.begin(), inner.end());
    } else if (has_manifest_extension(name)) {
      files.push_back(path);
    }
  }
  return files;
}

// Documents of a stream, each with the text it was written as.
std::vector<std::string> split_documents(std::string_view text) {
  std::vector<std::string> documents(1);
  for (const std::string& line : split(text, '\n')) {
    if (line == "---" || line.starts_with("--- ") || line == "---\r")
      documents.emplace_back();
    else
      documents.back() += line + "\n";
  }
  return documents;
}

}  // namespace

bool has_manifests(Session& session) {
  return !session.flags().list("filename").empty() || !session.flags().text("kustomize").empty();
}

Status need_manifests() { return Status::plain("must specify one of -f and -k"); }

std::vector<Manifest> parse_manifests(std::string_view text, const std::string& source) {
  std::vector<Manifest> manifests;
  for (const std::string& piece : split_documents(text)) {
    if (trim(piece).empty()) continue;
    Result<Value> document = parse_yaml(piece);
    if (!document) {
      std::string why = document.error().message;
      if (!why.starts_with("error converting YAML to JSON")) why = "error converting YAML to JSON: " + why;
      manifests.push_back({Value(), source, Status::plain("error parsing " + source + ": " + why), true});
      return manifests;  // what comes after a broken document is not read
    }
    if (document->is_null()) continue;
    if ((*document)["kind"].as_string().ends_with("List") && (*document)["items"].is_array()) {
      for (const Value& item : (*document)["items"].items()) manifests.push_back({item, source, {}, false});
    } else {
      manifests.push_back({*std::move(document), source, {}, false});
    }
  }
  return manifests;
}

Task<Result<std::string>> read_source(Session& session, std::string name) {
  Process& process = session.process();
  if (name == "-") co_return co_await process.read_all(0);
  if (is_url(name)) co_return co_await download(session, std::move(name));
  auto text = process.read_file(name);
  if (text) co_return *std::move(text);
  if (text.error() == Errno::kNoEnt) co_return Status::plain("the path " + go_quote(name) + " does not exist");
  co_return Status::plain("the path " + go_quote(name) + " cannot be accessed: open " + name + ": " +
                          to_lower(errno_text(text.error())));
}

Task<Result<std::vector<Manifest>>> read_manifests(Session& session) {
  Process& process = session.process();
  const Flags& flags = session.flags();
  std::vector<Manifest> manifests;
  const std::string kustomization = flags.text("kustomize");
  if (!kustomization.empty()) {
    if (!flags.list("filename").empty()) co_return Status::plain("only one of -f or -k can be specified");
    DRYDOCK_CO_TRY(std::vector<Value> built, co_await build_kustomization(session, kustomization));
    for (Value& document : built) manifests.push_back({std::move(document), kustomization, {}, false});
    co_return manifests;
  }
  for (const std::string& name : flags.list("filename")) {
    std::vector<std::string> files = {name};
    const auto stat = is_url(name) || name == "-" ? SysResult<FileStat>(Errno::kNoEnt) : process.stat(name);
    if (stat && stat->type == FileType::kDirectory) {
      DRYDOCK_CO_TRY(files, folder_files(process, name, flags.on("recursive")));
      if (files.empty())
        co_return Status::plain("error reading [" + name + "]: recognized file extensions are [.json .yaml .yml]");
    }
    for (const std::string& file : files) {
      DRYDOCK_CO_TRY(std::string text, co_await read_source(session, file));
      for (Manifest& manifest : parse_manifests(text, name == "-" ? "STDIN" : file))
        manifests.push_back(std::move(manifest));
    }
  }
  co_return manifests;
}

}  // namespace drydock::kubectl
