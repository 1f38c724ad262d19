#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock::nginx {
namespace {

constexpr std::string_view kLevels[] = {"debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"};
constexpr std::string_view kCombined =
    "$remote_addr - $remote_user [$time_local] \"$request\" $status $body_bytes_sent \"$http_referer\" "
    "\"$http_user_agent\"";

std::size_t level_number(std::string_view level) {
  const auto at = std::find(std::begin(kLevels), std::end(kLevels), level);
  return static_cast<std::size_t>(at - std::begin(kLevels));
}

// The images link their logs to /dev/stdout and /dev/stderr.
Task<void> write_log(Process& process, std::string path, std::string line) {
  if (auto target = process.read_link(path)) path = *target;
  if (path == "/dev/stdout" || path == "/proc/self/fd/1" || path == "/proc/1/fd/1")
    co_await process.out(std::move(line));
  else if (path == "/dev/stderr" || path == "stderr" || path == "/proc/self/fd/2" || path == "/proc/1/fd/2")
    co_await process.err(std::move(line));
  else
    (void)process.append_file(path, line);
}

// Log values have quotes and control bytes escaped; an empty one is "-".
std::string log_value(const Request& request, std::string_view name) {
  const std::string value = variable(request, name);
  if (value.empty()) return "-";
  std::string out;
  for (char c : value) {
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
      out += format("\\x%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out += c;
  }
  return out;
}

std::string expand_log(const Request& request, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$') {
      out += text[i];
      continue;
    }
    const bool braces = i + 1 < text.size() && text[i + 1] == '{';
    std::size_t end = i + (braces ? 2 : 1);
    const std::size_t begin = end;
    while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_')) ++end;
    out += log_value(request, text.substr(begin, end - begin));
    i = braces ? end : end - 1;
  }
  return out;
}

}  // namespace

Task<void> log_error(Process& process, const Config& config, std::string level, std::string text, Pid who) {
  const Directive* target = config.any_http().find("error_log");
  const std::string path = target != nullptr ? target->argument(0) : "/var/log/nginx/error.log";
  const std::string wanted = target != nullptr && target->arguments.size() > 1 ? target->argument(1) : "error";
  if (level_number(level) < level_number(wanted) || path == "/dev/null") co_return;
  const std::string pid = std::to_string(who != 0 ? who : process.pid());
  co_await write_log(process, path,
                     slash_time(process.now()) + " [" + level + "] " + pid + "#" + pid + ": " + text + "\n");
}

Task<void> log_request_error(Request& request, std::string level, std::string text) {
  std::string line = "*" + std::to_string(request.number) + " " + text + ", client: " + request.raw->peer_address +
                     ", server: " + request.server_name() + ", request: \"" + request.request_line + "\"";
  if (!request.upstream_address.empty() && contains(text, "upstream"))
    line += ", upstream: \"http://" + request.upstream_address + request.uri + "\"";
  const std::string_view host = request.raw->headers.get("Host");
  if (!host.empty()) line += ", host: \"" + std::string(host) + "\"";
  const std::string_view referrer = request.raw->headers.get("Referer");
  if (!referrer.empty()) line += ", referrer: \"" + std::string(referrer) + "\"";
  co_await log_error(*request.process, *request.config, std::move(level), std::move(line), request.shared->worker);
}

Task<void> log_access(Request& request) {
  std::vector<const Directive*> logs = request.scope().all("access_log");
  for (const Directive* log : logs) {
    const std::string path = log->argument(0);
    if (path == "off") co_return;
    std::string_view pattern = kCombined;
    std::string joined;
    for (const Directive& directive : request.config->http.block->block) {
      if (directive.name != "log_format" || log->arguments.size() < 2 || directive.argument(0) != log->argument(1))
        continue;
      for (std::size_t i = 1; i < directive.arguments.size(); ++i) {
        if (!directive.arguments[i].starts_with("escape=")) joined += directive.arguments[i];
      }
      pattern = joined;
    }
    co_await write_log(*request.process, path, expand_log(request, pattern) + "\n");
  }
  if (logs.empty())
    co_await write_log(*request.process, "/var/log/nginx/access.log", expand_log(request, kCombined) + "\n");
}

}  // namespace drydock::nginx
