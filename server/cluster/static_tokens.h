// The static token file of an API server: lines of
//   token,user,uid,"group1,group2"
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/apiserver/access/identity.h"
#include "core/base/result.h"

namespace drydock::server {

Result<std::function<std::optional<Identity>(std::string_view token)>> parse_token_file(std::string_view text);

}  // namespace drydock::server
