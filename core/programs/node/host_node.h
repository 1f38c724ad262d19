// HostNode: the NodeAccess of a virtual machine.
#pragma once

#include "core/host/process.h"
#include "core/kubelet/node_access.h"

namespace drydock {

class HostNode final : public NodeAccess {
 public:
  explicit HostNode(Process& process) : process_(process) {}
  void write_file(const std::string& path, std::string content, std::uint32_t mode) override;
  void write_text(const std::string& path, Value text, std::uint32_t mode) override;
  void make_symlink(const std::string& target, const std::string& path) override;
  void make_directory(const std::string& path, std::uint32_t mode) override;
  void remove_tree(const std::string& path) override;
  std::vector<std::string> list_directory(const std::string& path) override;
  Result<std::string> read_file(const std::string& path) override;
  bool exists(const std::string& path) override;
  Task<std::string> http_probe(std::string host, std::uint16_t port, bool tls, std::string path,
                               Duration timeout) override;
  Task<std::string> tcp_probe(std::string host, std::uint16_t port, Duration timeout) override;
  Facts facts() override;
  std::string address() override;

 private:
  Process& process_;
};

}  // namespace drydock
