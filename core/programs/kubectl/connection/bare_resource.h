// Looking up a resource where kubectl asks its mapper directly: a name that the server
// does not know is then told without "error: " in front.
#pragma once

#include <string>

#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {

inline Task<Result<ApiResource>> bare_resource(Session& session, std::string argument) {
  Result<ApiResource> found = co_await session.resource(argument);
  if (!found && found.error().message == no_such_resource(argument).message)
    co_return exit_code(1, found.error().message);
  co_return found;
}

}  // namespace drydock::kubectl
