// Files, indexes, listings and the pages nginx itself makes.
#include <algorithm>

#include "core/base/strings.h"
#include "core/network/http_wire.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock::nginx {
namespace {

constexpr std::size_t kListingName = 50;

bool on(const Request& request, std::string_view name) {
  const Directive* directive = request.scope().find(name);
  return directive != nullptr && directive->argument(0) == "on";
}

std::string html_escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '&')
      out += "&amp;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

HttpResponse listing(const Request& request, const std::string& path) {
  const std::string title = "Index of " + html_escape(request.uri);
  std::string page = "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<h1>" + title +
                     "</h1><hr><pre><a href=\"../\">../</a>\r\n";
  std::vector<std::string> directories;
  std::vector<std::string> files;
  for (const std::string& name : request.process->list_directory(path).value_or({})) {
    if (name.starts_with(".")) continue;
    const auto info = request.process->stat(join_path(path, name));
    if (!info) continue;
    (info->type == FileType::kDirectory ? directories : files).push_back(name);
  }
  auto add = [&](const std::string& name, bool directory) {
    const auto info = request.process->stat(join_path(path, name));
    const std::string shown = name + (directory ? "/" : "");
    std::string label = shown;
    if (label.size() > kListingName) label = label.substr(0, kListingName - 3) + "..&gt;";
    page += "<a href=\"" + url_encode_path_segment(name) + (directory ? "/" : "") + "\">" + html_escape(label) +
            "</a>" + std::string(kListingName + 1 - std::min(kListingName, shown.size()), ' ') +
            format_time(info->modified, "%d-%b-%Y %H:%M") + " " +
            pad_left(directory ? "-" : std::to_string(info->size), 19) + "\r\n";
  };
  for (const std::string& name : directories) add(name, true);
  for (const std::string& name : files) add(name, false);
  page += "</pre><hr></body>\r\n</html>\r\n";
  return text_page(200, "text/html", page);
}

// "bytes=0-99", "bytes=100-", "bytes=-5": one range. False: not satisfiable.
bool parse_range(std::string_view text, std::size_t size, std::size_t& begin, std::size_t& end) {
  text.remove_prefix(6);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return false;
  const auto first = parse_int(trim(text.substr(0, dash)));
  const auto last = parse_int(trim(text.substr(dash + 1)));
  if (first) {
    begin = static_cast<std::size_t>(std::max<std::int64_t>(*first, 0));
    end = last ? static_cast<std::size_t>(std::max<std::int64_t>(*last, 0)) + 1 : size;
  } else if (last && *last > 0) {
    begin = size - std::min(size, static_cast<std::size_t>(*last));
    end = size;
  } else {
    return false;
  }
  end = std::min(end, size);
  return begin < end;
}

void add_modified(HttpResponse& response, const FileStat& info) {
  response.headers.set("Last-Modified", http_time(info.modified));
  const auto since = std::chrono::duration_cast<std::chrono::seconds>(info.modified.time_since_epoch()).count();
  response.headers.set("ETag", format("\"%llx-%llx\"", static_cast<unsigned long long>(since),
                                      static_cast<unsigned long long>(info.size)));
}

// What a file answers, with conditions and ranges.
Content send_file(Request& request, const std::string& path, const FileStat& info, std::string bytes) {
  Content content;
  HttpResponse& response = content.response;
  response = text_page(200, content_type(request, path), "");
  add_modified(response, info);
  const std::string_view none_match = request.raw->headers.get("If-None-Match");
  const std::string_view since = request.raw->headers.get("If-Modified-Since");
  const bool same_tag =
      !none_match.empty() && (none_match == "*" || contains(none_match, response.headers.get("ETag")));
  const bool same_time = none_match.empty() && !since.empty() && since == response.headers.get("Last-Modified");
  if (same_tag || same_time) {
    HttpResponse unchanged;
    unchanged.status = 304;
    add_modified(unchanged, info);
    content.response = std::move(unchanged);
    return content;
  }
  const std::string_view range = request.raw->headers.get("Range");
  if (range.starts_with("bytes=") && !contains(range, ",")) {
    std::size_t begin = 0;
    std::size_t end = 0;
    if (!parse_range(range, bytes.size(), begin, end)) {
      content.response = error_response(request, 416);
      content.response.headers.set("Content-Range", "bytes */" + std::to_string(bytes.size()));
      return content;
    }
    response.status = 206;
    response.headers.set("Content-Range", "bytes " + std::to_string(begin) + "-" + std::to_string(end - 1) + "/" +
                                              std::to_string(bytes.size()));
    response.body.bytes = bytes.substr(begin, end - begin);
    return content;
  }
  response.headers.set("Accept-Ranges", "bytes");
  response.body.bytes = std::move(bytes);
  return content;
}

std::string failure_text(const std::string& path, Errno error) {
  return "open() \"" + path + "\" failed (" + std::to_string(static_cast<int>(error)) + ": " +
         std::string(errno_text(error)) + ")";
}

}  // namespace

std::string_view status_text(int status) {
  switch (status) {
    case 302:
      return "Found";
    case 405:
      return "Not Allowed";
    case 408:
      return "Request Time-out";
    case 412:
      return "Precondition Failed";
    case 414:
      return "Request-URI Too Large";
    case 416:
      return "Requested Range Not Satisfiable";
    case 418:
      return "";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Or Cookie Too Large";
    case 503:
      return "Service Temporarily Unavailable";
    case 504:
      return "Gateway Time-out";
    case 507:
      return "Insufficient Storage";
    default:
      return http_reason(status);
  }
}

HttpResponse error_response(const Request& request, int status) {
  const std::string_view reason = status_text(status);
  if (status < 300 || reason.empty()) {
    HttpResponse bare;
    bare.status = status;
    return bare;
  }
  const std::string title = std::to_string(status) + " " + std::string(reason);
  const Directive* tokens = request.scope().find("server_tokens");
  const bool hidden = tokens != nullptr && tokens->argument(0) == "off";
  return text_page(status, "text/html",
                   "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
                       "</h1></center>\r\n<hr><center>nginx" + (hidden ? "" : "/" + request.shared->version) +
                       "</center>\r\n</body>\r\n</html>\r\n");
}

std::string content_type(const Request& request, std::string_view path) {
  const std::string_view name = base_name(path);
  const std::size_t dot = name.rfind('.');
  if (dot != std::string_view::npos) {
    const auto at = request.config->parsed->types.find(to_lower(name.substr(dot + 1)));
    if (at != request.config->parsed->types.end()) return at->second;
  }
  const Directive* fallback = request.scope().find("default_type");
  return fallback != nullptr ? fallback->argument(0) : "text/plain";
}

std::string document_root(const Request& request) {
  if (const Directive* alias = request.scope().own("alias")) return expand(request, alias->argument(0));
  const Directive* root = request.scope().find("root");
  std::string path = root != nullptr ? expand(request, root->argument(0)) : "/etc/nginx/html";
  if (!path.starts_with("/")) path = "/etc/nginx/" + path;
  while (path.size() > 1 && path.ends_with("/")) path.pop_back();
  return path;
}

std::string file_name(const Request& request) {
  const Directive* alias = request.scope().own("alias");
  if (alias == nullptr) return document_root(request) + request.uri;
  const std::string target = expand(request, alias->argument(0));
  if (request.location != nullptr && request.location->kind == Location::Kind::kRegex) return target;
  return target + request.uri.substr(std::min(request.uri.size(), request.location->pattern.size()));
}

Task<Content> serve_static(Request& request) {
  Process& process = *request.process;
  Content content;
  const std::string path = file_name(request);
  const auto info = process.stat(path);
  if (request.uri.ends_with("/")) {
    const Directive* index = request.scope().find("index");
    std::vector<std::string> names = index != nullptr ? index->arguments : std::vector<std::string>{"index.html"};
    if (info && info->type == FileType::kDirectory) {
      for (const std::string& name : names) {
        const std::string wanted = expand(request, name);
        if (wanted.starts_with("/")) {
          content.redirect = wanted;
          co_return content;
        }
        const auto file = process.stat(join_path(path, wanted));
        if (file && file->type != FileType::kDirectory) {
          content.redirect = request.uri + wanted;
          co_return content;
        }
      }
      if (on(request, "autoindex")) {
        content.response = listing(request, path);
        co_return content;
      }
      co_await log_request_error(request, "error", "directory index of \"" + path + "\" is forbidden");
      content.status = 403;
      co_return content;
    }
    const std::string wanted = path + names.front();
    co_await log_request_error(request, "error", "\"" + wanted + "\" is not found (2: No such file or directory)");
    content.status = 404;
    co_return content;
  }
  if (!info || info->type == FileType::kDirectory) {
    if (info) {
      content.response = error_response(request, 301);
      const std::string_view host = request.raw->headers.get("Host");
      std::string location = request.uri + "/" + (request.arguments.empty() ? "" : "?" + request.arguments);
      if (!host.empty()) {
        const std::string port = variable(request, "server_port");
        location = "http://" + variable(request, "host") + (port == "80" ? "" : ":" + port) + location;
      }
      content.response.headers.set("Location", location);
      co_return content;
    }
    const Directive* quiet = request.scope().find("log_not_found");
    if (quiet == nullptr || quiet->argument(0) != "off")
      co_await log_request_error(request, "error", failure_text(path, info.error()));
    content.status = info.error() == Errno::kAcces ? 403 : 404;
    co_return content;
  }
  if (request.raw->method != "GET" && request.raw->method != "HEAD" && request.error_status == 0) {
    content.status = 405;
    co_return content;
  }
  auto bytes = process.read_file(path);
  if (!bytes) {
    co_await log_request_error(request, "error", failure_text(path, bytes.error()));
    content.status = bytes.error() == Errno::kAcces ? 403 : 404;
    co_return content;
  }
  co_return send_file(request, path, *info, *std::move(bytes));
}

}  // namespace drydock::nginx
