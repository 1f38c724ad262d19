#include "core/programs/node/host_node.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/network/network_transport.h"
#include "core/network/tcp.h"

namespace drydock {

void HostNode::write_file(const std::string& path, std::string content, std::uint32_t mode) {
  (void)process_.files().make_directories(directory_name(path), process_.now());
  (void)process_.files().write_file(path, std::move(content), process_.now(), mode);
}

void HostNode::write_text(const std::string& path, Value text, std::uint32_t mode) {
  write_file(path, {}, mode);
  auto inode = process_.files().resolve(path);
  if (inode) (*inode)->set_deferred_content([text = std::move(text)] { return text.str(); }, process_.now());
}

void HostNode::make_symlink(const std::string& target, const std::string& path) {
  auto parent = process_.files().resolve_parent(path);
  if (!parent) return;
  InodePtr link = Inode::make(FileType::kSymlink, 0777, 0, 0, process_.now());
  link->set_content(target, process_.now());
  parent->directory->put_child(parent->name, std::move(link), process_.now());
}

void HostNode::make_directory(const std::string& path, std::uint32_t mode) {
  (void)process_.files().make_directories(path, process_.now());
  if (auto inode = process_.files().resolve(path)) (*inode)->mode = mode;
}

void HostNode::remove_tree(const std::string& path) { (void)process_.files().remove_tree(path, process_.now()); }
std::vector<std::string> HostNode::list_directory(const std::string& path) {
  return process_.files().list(path).value_or({});
}

Result<std::string> HostNode::read_file(const std::string& path) {
  auto text = process_.files().read_file(path);
  if (!text) return Status::plain("open " + path + ": " + to_lower(errno_text(text.error())));
  return *std::move(text);
}

bool HostNode::exists(const std::string& path) { return process_.files().exists(path); }

Task<std::string> HostNode::http_probe(std::string host, std::uint16_t port, bool tls, std::string path,
                                       Duration timeout) {
  NetworkTransport::Resolve literal = [](std::string name) -> Task<Result<std::vector<Ipv4>>> {
    const auto address = Ipv4::parse(name);
    if (!address) co_return Status::plain("lookup " + name + ": no such host");
    co_return std::vector<Ipv4>{*address};
  };
  NetworkTransport transport(process_.namespaces().network, std::move(literal), nullptr);
  Endpoint endpoint;
  endpoint.host = host;
  endpoint.port = port;
  endpoint.tls = tls;
  endpoint.insecure_skip_verify = true;
  HttpRequest request;
  request.path = path.empty() ? "/" : path;
  request.headers.set("User-Agent", "kube-probe/1.36");
  request.headers.set("Host", host + ":" + std::to_string(port));
  const std::string url =
      std::string(tls ? "https" : "http") + "://" + host + ":" + std::to_string(port) + request.path;
  std::optional<Result<HttpResponse>> answer = co_await with_deadline<Result<HttpResponse>>(
      process_.loop(), process_.now() + timeout, transport.round_trip(endpoint, std::move(request)));
  if (!answer)
    co_return "Get \"" + url + "\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
  if (!*answer) co_return "Get \"" + url + "\": " + answer->error().message;
  const int status = (*answer)->status;
  if (status >= 200 && status < 400) co_return std::string();
  co_return "HTTP probe failed with statuscode: " + std::to_string(status);
}

Task<std::string> HostNode::tcp_probe(std::string host, std::uint16_t port, Duration timeout) {
  const auto address = Ipv4::parse(host);
  if (!address) co_return "dial tcp: lookup " + host + ": no such host";
  ConnectOptions options;
  options.deadline = process_.now() + timeout;
  auto stream = co_await tcp_connect(process_.namespaces().network, *address, port, options);
  if (stream) co_return std::string();
  co_return "dial tcp " + host + ":" + std::to_string(port) + ": connect: " + to_lower(errno_text(stream.error()));
}

std::string HostNode::address() { return process_.host().options().address; }

NodeAccess::Facts HostNode::facts() {
  const HostOptions& machine = process_.host().options();
  Facts facts;
  facts.hostname = machine.name;
  facts.address = machine.address;
  facts.cpus = machine.cpus;
  facts.memory_bytes = machine.memory_bytes;
  facts.os_image = machine.os_image;
  facts.kernel_version = machine.kernel_version;
  facts.machine_id = hex_encode(sha256(machine.name)).substr(0, 32);
  return facts;
}

}  // namespace drydock
