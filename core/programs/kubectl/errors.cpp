#include "core/programs/kubectl/errors.h"

#include <set>

#include "core/base/strings.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kExitCode = "drydock/ExitCode";  // a reason no server sends
constexpr std::string_view kSilent = "drydock/Silent";

// A url.Error as Go prints it: Get "https://host:port/path": reason
struct UrlError {
  std::string host;
  std::string reason;
};
bool parse_url_error(std::string_view message, UrlError& result) {
  for (std::string_view verb : {"Get", "Post", "Put", "Patch", "Delete"}) {
    if (!message.starts_with(std::string(verb) + " \"http")) continue;
    const std::size_t open = verb.size() + 2;
    const std::size_t close = message.find("\": ", open);
    const std::size_t slashes = message.find("://", open);
    if (close == std::string_view::npos || slashes == std::string_view::npos) return false;
    const std::size_t host = slashes + 3;
    result.host = std::string(message.substr(host, message.find_first_of("/\"?", host) - host));
    result.reason = std::string(message.substr(close + 3));
    return true;
  }
  return false;
}

std::string invalid_text(const Status& error) {
  std::string head = "The request is invalid";
  if (!error.kind.empty() || !error.name.empty())
    head = "The " + error.kind + " " + go_quote(error.name) + " is invalid";
  std::vector<std::string> lines;
  std::set<std::string> seen;
  for (const StatusCause& cause : error.causes) {
    std::string line = cause.field + ": " + cause.message;
    if (cause.field.empty()) line = cause.message;
    if (seen.insert(line).second) lines.push_back(std::move(line));
  }
  if (lines.empty()) return head + (error.kind.empty() && error.name.empty() ? ": " + error.message : "") + "\n";
  if (lines.size() == 1) return head + ": " + lines[0] + "\n";
  std::string text = head + ": \n";
  for (const std::string& line : lines) text += "* " + line + "\n";
  return text;
}

}  // namespace

std::string error_text(const Status& error) {
  if (error.reason == kSilent) return "";
  if (error.reason == kExitCode) return error.message.empty() ? "" : error.message + "\n";
  if (error.reason == "Invalid") return invalid_text(error);
  if (error.reason == "Unauthorized") return "error: You must be logged in to the server (" + error.message + ")\n";
  if (!error.reason.empty()) return "Error from server (" + error.reason + "): " + error.message + "\n";
  if (error.code != 0) return "Error from server: " + error.message + "\n";
  UrlError url;
  if (parse_url_error(error.message, url)) {
    if (contains(url.reason, "connection refused")) {
      return "The connection to the server " + url.host + " was refused - did you specify the right host or port?\n";
    }
    return "Unable to connect to the server: " + url.reason + "\n";
  }
  if (error.message.starts_with("error: ") || error.message.starts_with("unable to recognize") ||
      error.message.starts_with("Error in configuration")) {
    return error.message + "\n";
  }
  return "error: " + error.message + "\n";
}

Status with_source(Status error, std::string_view verb, std::string_view source) {
  if (source.empty()) return error;
  return with_prefix(std::move(error), "error when " + std::string(verb) + " " + go_quote(source) + ": ");
}

Status with_prefix(Status error, std::string_view prefix) {
  error.message = std::string(prefix) + error.message;
  return error;
}

Status as_own_error(std::string_view prefix, const Status& error) {
  return Status::plain(std::string(prefix) + error.message);
}

Status exit_code(int code, std::string message) {
  Status status = Status::plain(std::move(message));
  status.code = code;
  status.reason = kExitCode;
  return status;
}

Status silent_failure() {
  Status status = Status::plain("");
  status.reason = kSilent;
  return status;
}

int exit_code_of(const Status& error) { return error.reason == kExitCode ? error.code : 1; }

}  // namespace drydock::kubectl
