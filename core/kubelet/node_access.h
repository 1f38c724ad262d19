// What a kubelet needs of its machine besides the container runtime: files for
// volumes and logs, probes over the network, facts for the Node object.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock {

class NodeAccess {
 public:
  virtual ~NodeAccess() = default;
  virtual void write_file(const std::string& path, std::string content, std::uint32_t mode) = 0;
  // The same for a text that may not be made yet (Value::deferred).
  virtual void write_text(const std::string& path, Value text, std::uint32_t mode) {
    write_file(path, text.str(), mode);
  }
  // Replaces what is there in one step.
  virtual void make_symlink(const std::string& target, const std::string& path) = 0;
  virtual void make_directory(const std::string& path, std::uint32_t mode) = 0;
  virtual void remove_tree(const std::string& path) = 0;
  virtual std::vector<std::string> list_directory(const std::string& path) = 0;  // sorted; empty when absent
  virtual Result<std::string> read_file(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;

  // Probes: "" when it went well, else the message of the Unhealthy event.
  virtual Task<std::string> http_probe(std::string host, std::uint16_t port, bool tls, std::string path,
                                       Duration timeout) = 0;
  virtual Task<std::string> tcp_probe(std::string host, std::uint16_t port, Duration timeout) = 0;

  struct Facts {
    std::string hostname;
    std::string address;
    int cpus = 0;
    std::int64_t memory_bytes = 0;
    std::string os_image;
    std::string kernel_version;
    std::string machine_id;
    std::string resolv_conf;
  };
  virtual Facts facts() = 0;
  virtual std::string address() = 0;  // facts().address
};

}  // namespace drydock
