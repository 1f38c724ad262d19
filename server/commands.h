// The commands of the native program. Each returns its exit code.
#pragma once

#include <string>
#include <vector>

namespace drydock::server {

int console_command(const std::vector<std::string>& arguments);
int replay_command(const std::vector<std::string>& arguments);
// Ends the process itself.
int kubectl_command(const std::vector<std::string>& arguments);
int serve_command(const std::vector<std::string>& arguments);
std::string kubernetes_version();

}  // namespace drydock::server
