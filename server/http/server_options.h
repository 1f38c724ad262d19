// Limits of the server, all named here.
#pragma once

#include <cstddef>

#include "core/base/clock.h"

namespace drydock::server {

struct HttpLimits {
  std::size_t body = 3 * 1024 * 1024;               // as kube-apiserver's MaxRequestBodyBytes
  Duration head_timeout = seconds(32);              // from the first byte of a request to its last
  Duration idle_timeout = std::chrono::minutes(3);  // between requests
  Duration write_timeout = seconds(30);             // a client that takes nothing for so long is dropped
  std::size_t unsent = 4 * 1024 * 1024;             // bytes waiting for a slow client before we wait for it
  std::size_t compress_from = 128 * 1024;           // as upstream: smaller answers are not worth it
};

}  // namespace drydock::server
