#include "core/base/status.h"

#include <utility>

namespace drydock {
namespace {

std::string qualified(std::string_view group, std::string_view resource) {
  std::string out(resource);
  if (!group.empty()) {
    out += '.';
    out += group;
  }
  return out;
}

Status make(int code, std::string_view reason, std::string message) {
  Status status;
  status.code = code;
  status.reason = reason;
  status.message = std::move(message);
  return status;
}

Status about(int code, std::string_view reason, std::string message, std::string_view group, std::string_view kind,
             std::string_view name) {
  Status status = make(code, reason, std::move(message));
  status.group = group;
  status.kind = kind;
  status.name = name;
  return status;
}

}  // namespace

Status Status::not_found(std::string_view group, std::string_view resource, std::string_view name) {
  return about(404, "NotFound", qualified(group, resource) + " \"" + std::string(name) + "\" not found", group,
               resource, name);
}

Status Status::already_exists(std::string_view group, std::string_view resource, std::string_view name) {
  return about(409, "AlreadyExists", qualified(group, resource) + " \"" + std::string(name) + "\" already exists",
               group, resource, name);
}

Status Status::conflict(std::string_view group, std::string_view resource, std::string_view name,
                        std::string_view why) {
  return about(409, "Conflict",
               "Operation cannot be fulfilled on " + qualified(group, resource) + " \"" + std::string(name) +
                   "\": " + std::string(why),
               group, resource, name);
}

Status Status::invalid(std::string_view group, std::string_view kind, std::string_view name,
                       std::vector<StatusCause> causes) {
  // field.ErrorList.ToAggregate(): one cause stands alone, several stand in brackets, repeats are dropped.
  std::vector<std::string> texts;
  for (const StatusCause& cause : causes) {
    std::string text = cause.field.empty() ? cause.message : cause.field + ": " + cause.message;
    bool seen = false;
    for (const std::string& other : texts) seen = seen || other == text;
    if (!seen) texts.push_back(std::move(text));
  }
  std::string joined;
  for (std::size_t i = 0; i < texts.size(); ++i) joined += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > 1) joined = "[" + joined + "]";
  std::string message = qualified(group, kind) + " \"" + std::string(name) + "\" is invalid";
  if (!joined.empty()) message += ": " + joined;
  Status status = about(422, "Invalid", std::move(message), group, kind, name);
  status.causes = std::move(causes);
  return status;
}

Status Status::bad_request(std::string message) { return make(400, "BadRequest", std::move(message)); }

Status Status::forbidden(std::string_view group, std::string_view resource, std::string_view name,
                         std::string_view why) {
  std::string message;
  if (resource.empty()) {
    message = "forbidden: " + std::string(why);
  } else if (name.empty()) {
    message = qualified(group, resource) + " is forbidden: " + std::string(why);
  } else {
    message = qualified(group, resource) + " \"" + std::string(name) + "\" is forbidden: " + std::string(why);
  }
  return about(403, "Forbidden", std::move(message), group, resource, name);
}

Status Status::unauthorized() { return make(401, "Unauthorized", "Unauthorized"); }

Status Status::method_not_supported(std::string_view group, std::string_view resource, std::string_view action) {
  return about(405, "MethodNotAllowed",
               std::string(action) + " is not supported on resources of kind \"" + qualified(group, resource) + "\"",
               group, resource, "");
}

Status Status::gone(std::string message) { return make(410, "Expired", std::move(message)); }
Status Status::timeout(std::string message) { return make(504, "Timeout", std::move(message)); }

Status Status::internal(std::string_view what) {
  Status status = make(500, "InternalError", "Internal error occurred: " + std::string(what));
  status.causes.push_back({"", std::string(what), ""});
  return status;
}

Status Status::service_unavailable(std::string message) { return make(503, "ServiceUnavailable", std::move(message)); }
Status Status::plain(std::string message) { return make(0, "", std::move(message)); }

}  // namespace drydock
