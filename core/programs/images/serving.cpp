#include "core/programs/images/serving.h"

#include <ctime>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

HttpResponse text_page(int status, std::string type, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", std::move(type));
  response.body.bytes = std::move(body);
  return response;
}

std::string log_time(TimePoint when) { return format_time(when, "%d/%b/%Y:%H:%M:%S +0000"); }
std::string http_time(TimePoint when) { return format_time(when, "%a, %d %b %Y %H:%M:%S GMT"); }
std::string slash_time(TimePoint when) { return format_time(when, "%Y/%m/%d %H:%M:%S"); }

std::optional<TimePoint> parse_http_time(std::string_view text) {
  // "Thu, 01 Jan 2026 00:00:00 GMT"
  const std::vector<std::string> words = split_whitespace(text);
  if (words.size() != 6) return std::nullopt;
  const auto day = parse_int(words[1]);
  const auto year = parse_int(words[3]);
  const std::vector<std::string> clock = split(words[4], ':');
  if (!day || !year || clock.size() != 3) return std::nullopt;
  std::tm parts{};
  parts.tm_mday = static_cast<int>(*day);
  parts.tm_year = static_cast<int>(*year - 1900);
  parts.tm_mon = -1;
  for (int i = 0; i < 12; ++i) {
    if (words[2] == kMonths[i]) parts.tm_mon = i;
  }
  if (parts.tm_mon < 0) return std::nullopt;
  parts.tm_hour = static_cast<int>(parse_int(clock[0]).value_or(0));
  parts.tm_min = static_cast<int>(parse_int(clock[1]).value_or(0));
  parts.tm_sec = static_cast<int>(parse_int(clock[2]).value_or(0));
  return TimePoint(seconds(timegm(&parts)));
}

std::string request_target(const HttpRequest& request) {
  std::string path;
  for (const std::string& segment : split(request.path, '/'))
    path += (path.empty() && segment.empty() ? "" : "/") + url_encode_path_segment(segment);
  if (!path.starts_with("/")) path.insert(0, "/");
  return request.query.empty() ? path : path + "?" + request.query.encode();
}

SysResult<std::unique_ptr<HttpListener>> open_http(Process& process, std::uint16_t port, HttpHandler& handler,
                                                   Ipv4 address) {
  HttpListenerOptions options;
  options.address = address;
  options.owner = {process.host_pid(), std::string(process.name())};
  return HttpListener::open(process.namespaces().network, port, handler, options);
}

Task<int> serve_http(Process& process, ServeOptions options, FunctionHandler::Answer answer) {
  if (!options.ignore_term) process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.on_signal(kSigQuit, Process::Disposition::kCatch);
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  FunctionHandler handler(std::move(answer));
  auto listener = open_http(process, options.port, handler);
  if (!listener) {
    co_await process.err(slash_time(process.now()) + " listen tcp :" + std::to_string(options.port) +
                         ": bind: " + to_lower(errno_text(listener.error())) + "\n");
    co_return 1;
  }
  (void)co_await process.wait_signal();
  co_return options.exit_code;
}

std::string flag_value(const Process& process, std::string_view name, std::string_view fallback) {
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (!word.starts_with("-")) continue;
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    if (word == name && i + 1 < words.size()) return words[i + 1];
    if (word.starts_with(name) && word.substr(name.size()).starts_with("="))
      return std::string(word.substr(name.size() + 1));
  }
  return std::string(fallback);
}

bool has_flag(const Process& process, std::string_view name) {
  for (std::string_view word : process.arguments()) {
    if (!word.starts_with("-")) continue;
    word.remove_prefix(word.starts_with("--") ? 2 : 1);
    if (word == name) return true;
    if (word.starts_with(name) && word.substr(name.size()).starts_with("="))
      return word.substr(name.size() + 1) == "true";
  }
  return false;
}

}  // namespace drydock
