// Apache's httpd as its image runs it, and busybox' little one.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

std::string apache_type(std::string_view path) {
  const std::string_view name = base_name(path);
  const std::size_t dot = name.rfind('.');
  const std::string_view end = dot == std::string_view::npos ? "" : name.substr(dot);
  if (end == ".html" || end == ".htm") return "text/html";
  if (end == ".css") return "text/css";
  if (end == ".js") return "text/javascript";
  if (end == ".json") return "application/json";
  if (end == ".txt" || end == ".conf" || end == ".log") return "text/plain";
  if (end == ".svg") return "image/svg+xml";
  if (end == ".png") return "image/png";
  if (end == ".xml") return "application/xml";
  return "";
}

std::string apache_page(int status, const std::string& title, const std::string& text) {
  return "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>" + std::to_string(status) + " " +
         title + "</title>\n</head><body>\n<h1>" + title + "</h1>\n<p>" + text + "</p>\n</body></html>\n";
}

struct ApacheConfig {
  std::uint16_t port = 80;
  std::string root = "/usr/local/apache2/htdocs";
  std::string server_name;
  std::vector<std::string> index{"index.html"};
  bool indexes = true;
  std::string error;
};

constexpr std::string_view kKnownDirectives[] = {"serverroot",
                                                 "listen",
                                                 "loadmodule",
                                                 "user",
                                                 "group",
                                                 "serveradmin",
                                                 "servername",
                                                 "documentroot",
                                                 "directoryindex",
                                                 "errorlog",
                                                 "loglevel",
                                                 "customlog",
                                                 "logformat",
                                                 "options",
                                                 "allowoverride",
                                                 "require",
                                                 "addtype",
                                                 "typesconfig",
                                                 "include",
                                                 "scriptalias",
                                                 "alias",
                                                 "redirect",
                                                 "header",
                                                 "requestheader",
                                                 "proxypass",
                                                 "proxypassreverse",
                                                 "setenv",
                                                 "timeout",
                                                 "keepalive",
                                                 "maxkeepaliverequests",
                                                 "keepalivetimeout",
                                                 "servertokens",
                                                 "serversignature",
                                                 "errordocument",
                                                 "enablesendfile",
                                                 "enablemmap",
                                                 "addhandler",
                                                 "addencoding",
                                                 "hostnamelookups",
                                                 "pidfile",
                                                 "fallbackresource",
                                                 "rewriteengine",
                                                 "rewriterule",
                                                 "rewritecond",
                                                 "order",
                                                 "allow",
                                                 "deny",
                                                 "mimemagicfile",
                                                 "addoutputfilter",
                                                 "sslrandomseed",
                                                 "addlanguage",
                                                 "adddefaultcharset",
                                                 "traceenable",
                                                 "usecanonicalname"};

ApacheConfig read_config(Process& process, const std::string& path) {
  ApacheConfig config;
  auto text = process.read_file(path);
  if (!text) {
    config.error = "httpd: Could not open configuration file " + path + ": " + std::string(errno_text(text.error()));
    return config;
  }
  int number = 0;
  for (const std::string& raw : split(*text, '\n')) {
    ++number;
    std::vector<std::string> words = split_whitespace(raw);
    if (words.empty() || words[0].starts_with("#") || words[0].starts_with("<")) continue;
    for (std::string& word : words) {
      if (word.size() >= 2 && word.front() == '"' && word.back() == '"') word = word.substr(1, word.size() - 2);
    }
    const std::string name = to_lower(words[0]);
    const std::string value = words.size() > 1 ? words[1] : "";
    if (std::find(std::begin(kKnownDirectives), std::end(kKnownDirectives), name) == std::end(kKnownDirectives)) {
      config.error = "AH00526: Syntax error on line " + std::to_string(number) + " of " + path +
                     ":\nInvalid command '" + words[0] +
                     "', perhaps misspelled or defined by a module not included in the server configuration";
      return config;
    }
    if (name == "listen")
      config.port = static_cast<std::uint16_t>(parse_int(value.substr(value.rfind(':') + 1)).value_or(80));
    if (name == "documentroot") config.root = value;
    if (name == "servername") config.server_name = value;
    if (name == "directoryindex") config.index.assign(words.begin() + 1, words.end());
    if (name == "options" && contains(raw, "-Indexes")) config.indexes = false;
  }
  return config;
}

HttpResponse apache_answer(Process& process, const ApacheConfig& config, const HttpRequest& request) {
  const std::string kText = "text/html; charset=iso-8859-1";
  if (request.method == "OPTIONS") {
    HttpResponse options = text_page(200, "text/html", "");
    options.headers.set("Allow", "GET,POST,OPTIONS,HEAD,TRACE");
    return options;
  }
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") {
    HttpResponse refused =
        text_page(405, kText,
                  apache_page(405, "Method Not Allowed",
                              "The requested method " + request.method + " is not allowed for this URL."));
    refused.headers.set("Allow", "GET,POST,OPTIONS,HEAD,TRACE");
    return refused;
  }
  std::string path = normalize_path(config.root + "/" + request.path);
  auto info = process.stat(path);
  if (info && info->type == FileType::kDirectory) {
    if (!request.path.ends_with("/")) {
      const std::string location = "http://" + std::string(request.headers.get("Host")) + request.path + "/";
      HttpResponse moved = text_page(
          301, kText,
          apache_page(301, "Moved Permanently", "The document has moved <a href=\"" + location + "\">here</a>."));
      moved.headers.set("Location", location);
      return moved;
    }
    std::string found;
    for (const std::string& name : config.index) {
      if (found.empty() && process.exists(path + "/" + name)) found = path + "/" + name;
    }
    if (found.empty() && !config.indexes)
      return text_page(403, kText, apache_page(403, "Forbidden", "You don't have permission to access this resource."));
    if (found.empty()) {
      std::string list =
          "<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\">\n<html>\n <head>\n  <title>Index of " +
          request.path + "</title>\n </head>\n <body>\n<h1>Index of " + request.path + "</h1>\n<ul>";
      if (request.path != "/") list += "<li><a href=\"../\"> Parent Directory</a></li>\n";
      for (std::string name : process.list_directory(path).value_or({})) {
        if (name.starts_with(".")) continue;
        const auto entry = process.stat(path + "/" + name);
        if (entry && entry->type == FileType::kDirectory) name += "/";
        list += "<li><a href=\"" + name + "\"> " + name + "</a></li>\n";
      }
      return text_page(200, "text/html;charset=ISO-8859-1", list + "</ul>\n</body></html>\n");
    }
    path = found;
    info = process.stat(path);
  }
  auto bytes = process.read_file(path);
  if (!bytes && bytes.error() == Errno::kAcces)
    return text_page(403, kText, apache_page(403, "Forbidden", "You don't have permission to access this resource."));
  if (!bytes)
    return text_page(404, kText, apache_page(404, "Not Found", "The requested URL was not found on this server."));
  HttpResponse response = text_page(200, apache_type(path), *bytes);
  const auto micro = std::chrono::duration_cast<microseconds>(info->modified.time_since_epoch()).count();
  const std::string tag =
      format("\"%llx-%llx\"", static_cast<unsigned long long>(bytes->size()), static_cast<unsigned long long>(micro));
  response.headers.set("Last-Modified", http_time(info->modified));
  response.headers.set("ETag", tag);
  response.headers.set("Accept-Ranges", "bytes");
  if (request.headers.get("If-None-Match") == tag ||
      (!request.headers.has("If-None-Match") &&
       request.headers.get("If-Modified-Since") == response.headers.get("Last-Modified"))) {
    HttpResponse same;
    same.status = 304;
    same.headers.set("ETag", tag);
    return same;
  }
  return response;
}

}  // namespace

Task<int> httpd_main(Process& process) {
  const std::string version = process.program_version().empty() ? "2.4.65" : process.program_version();
  std::string path = "/usr/local/apache2/conf/httpd.conf";
  const std::string given = flag_value(process, "f");
  if (!given.empty()) path = given;
  if (has_flag(process, "v")) {
    co_await process.out("Server version: Apache/" + version + " (Unix)\nServer built:   Jul 23 2025 19:12:00\n");
    co_return 0;
  }
  const ApacheConfig config = read_config(process, path);
  if (!config.error.empty()) {
    co_await process.err(config.error + "\n");
    co_return 1;
  }
  const std::string name_warning =
      config.server_name.empty()
          ? "AH00558: httpd: Could not reliably determine the server's fully qualified domain name, using " +
                process.network().primary_address().text() +
                ". Set the 'ServerName' directive globally to suppress this message\n"
          : "";
  if (has_flag(process, "t")) {
    co_await process.err(name_warning + "Syntax OK\n");
    co_return 0;
  }
  if (!process.exists(config.root)) {
    co_await process.err("AH00526: Syntax error on line 1 of " + path + ":\nDocumentRoot '" + config.root +
                         "' is not a directory, or is not readable\n");
    co_return 1;
  }
  process.on_signal(kSigWinch, Process::Disposition::kCatch);  // graceful stop, the image's STOPSIGNAL
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  process.set_memory(9 << 20);
  FunctionHandler handler([&process, config, version](HttpRequest request) -> Task<HttpResponse> {
    HttpResponse response = apache_answer(process, config, request);
    response.headers.set("Date", http_time(process.now()));
    response.headers.set("Server", "Apache/" + version + " (Unix)");
    process.add_cpu_time(microseconds(200));
    const bool empty = response.body.bytes.empty();
    co_await process.out(request.peer_address + " - - [" + log_time(process.now()) + "] \"" + request.method + " " +
                         request_target(request) + " HTTP/1.1\" " + std::to_string(response.status) + " " +
                         (empty ? "-" : std::to_string(response.body.bytes.size())) + "\n");
    co_return response;
  });
  co_await process.err(name_warning);
  auto listener = open_http(process, config.port, handler);
  if (!listener) {
    co_await process.err("(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:" +
                         std::to_string(config.port) +
                         "\nno listening sockets available, shutting down\nAH00015: Unable to open logs\n");
    co_return 1;
  }
  const std::string stamp = format_time(process.now(), "[%a %b %d %H:%M:%S.000000 %Y] ");
  const std::string id = "[pid " + std::to_string(process.pid()) + ":tid 1] ";
  co_await process.err(stamp + "[mpm_event:notice] " + id + "AH00489: Apache/" + version +
                       " (Unix) configured -- resuming normal operations\n" + stamp + "[core:notice] " + id +
                       "AH00094: Command line: 'httpd -D FOREGROUND'\n");
  const int signal = co_await process.wait_signal();
  const std::string end = format_time(process.now(), "[%a %b %d %H:%M:%S.000000 %Y] ");
  co_await process.err(end + "[mpm_event:notice] " + id +
                       (signal == kSigWinch ? "AH00492: caught SIGWINCH, shutting down gracefully\n"
                                            : "AH00491: caught SIGTERM, shutting down\n"));
  co_return 0;
}

// httpd -f -p 8080 -h /www
Task<int> busybox_httpd_main(Process& process) {
  std::uint16_t port = 80;
  std::string home = process.cwd();
  bool foreground = false;
  bool verbose = false;
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    std::string value = word.size() > 2 ? word.substr(2) : "";
    if ((word.starts_with("-p") || word.starts_with("-h") || word.starts_with("-c")) && value.empty() &&
        i + 1 < words.size())
      value = words[++i];
    if (word.starts_with("-p")) {
      port = static_cast<std::uint16_t>(parse_int(value.substr(value.rfind(':') + 1)).value_or(0));
    } else if (word.starts_with("-h")) {
      home = process.absolute(value);
    } else if (word.starts_with("-f") || word.starts_with("-v")) {
      foreground = foreground || contains(word, "f");
      verbose = verbose || contains(word, "v");
    } else if (!word.starts_with("-c")) {
      co_await process.err("httpd: unrecognized option: " + word.substr(word.starts_with("-") ? 1 : 0) + "\n");
      co_return 1;
    }
  }
  if (port == 0) {
    co_await process.err("httpd: bad port\n");
    co_return 1;
  }
  auto run = [](Process& self, std::uint16_t at, std::string root, bool loud) -> Task<int> {
    FunctionHandler handler([&self, root, loud](HttpRequest request) -> Task<HttpResponse> {
      std::string path = normalize_path(root + "/" + request.path);
      const auto info = self.stat(path);
      if (info && info->type == FileType::kDirectory) path += "/index.html";
      auto bytes = self.read_file(path);
      HttpResponse response =
          bytes ? text_page(200, apache_type(path).empty() ? "application/octet-stream" : apache_type(path), *bytes)
                : text_page(404, "text/html",
                            "<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe "
                            "requested URL was not found\n</BODY></HTML>\n");
      response.headers.set("Connection", "close");
      if (loud)
        co_await self.err("[::ffff:" + request.peer_address + "]: response:" + std::to_string(response.status) + "\n");
      co_return response;
    });
    auto listener = open_http(self, at, handler);
    if (!listener) {
      co_await self.err("httpd: bind: Address already in use\n");
      co_return 1;
    }
    (void)co_await self.wait_signal();
    co_return 0;
  };
  if (foreground) co_return co_await run(process, port, home, verbose);
  (void)process.fork([run, port, home, verbose](Process& child) { return run(child, port, home, verbose); });
  co_return 0;
}

}  // namespace drydock
