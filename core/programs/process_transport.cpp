#include "core/programs/process_transport.h"

#include "core/host/process.h"
#include "core/network/dns.h"
#include "core/network/network_transport.h"
#include "core/programs/certificate_verifier.h"

namespace drydock {
namespace {

Task<Result<std::vector<Ipv4>>> resolve(Process& process, std::string host) {
  // The files are read for each name, so that an edit of /etc/hosts counts at once.
  ResolverConfig config = parse_resolver_config(process.read_file("/etc/resolv.conf").value_or(""),
                                                process.read_file("/etc/hosts").value_or(""));
  co_return co_await resolve_for_go(process.namespaces().network, std::move(config), std::move(host));
}

}  // namespace

std::unique_ptr<Transport> make_process_transport(Process& process) {
  NetworkTransport::Resolve resolver = [&process](std::string host) { return resolve(process, std::move(host)); };
  SocketOwner owner{process.host_pid(), std::string(process.name())};
  return std::make_unique<NetworkTransport>(process.namespaces().network, std::move(resolver),
                                            &CertificateVerifier::shared(), std::move(owner));
}

}  // namespace drydock
