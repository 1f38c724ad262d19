// A component's kubeconfig file: where its API server is and as whom it connects.
// (kubectl's own, with merging and overrides, is in core/programs/kubectl.)
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/client/transport.h"

namespace drydock {

struct Kubeconfig {
  Endpoint endpoint;
  std::string bearer_token;
  std::string token_file;  // to be read again from time to time
  std::string ns;
};

// Reads the current context. `read_file` serves certificate-authority,
// client-certificate, client-key and tokenFile paths; errors as client-go words them.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;
Result<Kubeconfig> load_kubeconfig(std::string_view text, const ReadFile& read_file = nullptr);
// "https://10.0.0.2:6443" into host, port, tls.
Result<Endpoint> parse_server_url(std::string_view url);

}  // namespace drydock
