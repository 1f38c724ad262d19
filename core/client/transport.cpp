#include "core/client/transport.h"

namespace drydock {

std::string Endpoint::url() const {
  const bool default_port = port == (tls ? 443 : 80);
  return (tls ? "https://" : "http://") + host + (default_port ? "" : ":" + std::to_string(port));
}

}  // namespace drydock
