#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/programs/node/container_commands.h"
#include "core/runtime/virtual_runtime.h"

namespace drydock {

// ctr -n k8s.io containers|images|tasks ls
Task<int> ctr_main(Process& process) {
  std::string ns = "default";
  std::vector<std::string> words;
  bool quiet = false;
  const auto given = process.arguments();
  for (std::size_t i = 0; i < given.size(); ++i) {
    if ((given[i] == "-n" || given[i] == "--namespace") && i + 1 < given.size())
      ns = given[++i];
    else if (given[i] == "-q")
      quiet = true;
    else
      words.push_back(given[i]);
  }
  auto* runtime = process.host().attached<VirtualRuntime>();
  if (runtime == nullptr) {
    co_await process.err("ctr: failed to dial \"/run/containerd/containerd.sock\": connection error\n");
    co_return 1;
  }
  const std::string noun = words.empty() ? "" : words[0];
  const std::string verb = words.size() > 1 ? words[1] : "";
  const bool ours = ns == "k8s.io";
  const bool lists = verb == "ls" || verb == "list";
  std::vector<std::vector<std::string>> rows;
  if (noun == "version") {
    co_await process.out("Client:\n  Version:  v2.2.1\n\nServer:\n  Version:  v2.2.1\n");
    co_return 0;
  }
  if ((noun == "namespaces" || noun == "namespace" || noun == "ns") && lists) {
    co_await process.out("NAME    LABELS \ndefault        \nk8s.io         \n");
    co_return 0;
  }
  if ((noun == "containers" || noun == "container" || noun == "c") && lists) {
    rows.push_back({"CONTAINER", "IMAGE", "RUNTIME"});
    for (const ContainerStatus& container : ours ? runtime->containers() : std::vector<ContainerStatus>())
      rows.push_back({container.id, full_image_name(container.image), "io.containerd.runc.v2"});
    for (const SandboxStatus& pod : ours ? runtime->sandboxes() : std::vector<SandboxStatus>())
      rows.push_back({pod.id, "registry.k8s.io/pause:3.10.2", "io.containerd.runc.v2"});
  } else if ((noun == "images" || noun == "image" || noun == "i") && lists) {
    rows.push_back({"REF", "TYPE", "DIGEST", "SIZE", "PLATFORMS"});
    for (const ImageStatus& status : ours ? runtime->images() : std::vector<ImageStatus>()) {
      const ImagePtr image = runtime->find_image(status.tags.empty() ? status.ref : status.tags.front());
      if (image)
        rows.push_back({image->name, "application/vnd.oci.image.index.v1+json", image->digest,
                        format("%.1f MiB", static_cast<double>(image->size_bytes) / (1 << 20)), "linux/amd64"});
    }
  } else if ((noun == "tasks" || noun == "task" || noun == "t") && lists) {
    rows.push_back({"TASK", "PID", "STATUS"});
    for (const ContainerStatus& container : ours ? runtime->containers() : std::vector<ContainerStatus>()) {
      const auto details = runtime->details(container.id);
      if (details && details->pid != 0) rows.push_back({container.id, std::to_string(details->pid), "RUNNING"});
    }
  } else if (noun == "images" && verb == "pull" && words.size() > 2) {
    auto pulled = co_await runtime->pull_image(words[2]);
    if (!pulled) {
      co_await process.err("ctr: " + pulled.error().message + "\n");
      co_return 1;
    }
    co_await process.out(words[2] + ": resolved\ndone\n");
    co_return 0;
  } else {
    co_await process.out(
        "NAME:\n   ctr - an unsupported debug and administrative client for interacting with the containerd daemon\n\n"
        "USAGE:\n   ctr [global options] command [command options]\n\nCOMMANDS:\n   containers, c, container  manage "
        "containers\n   images, image, i          manage images\n   namespaces, namespace, ns manage namespaces\n   "
        "tasks, t, task            manage tasks\n   version                   print the client and server versions\n");
    co_return noun.empty() ? 0 : 1;
  }
  std::string text;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(0);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (std::size_t r = quiet ? 1 : 0; r < rows.size(); ++r) {
    if (quiet) {
      text += rows[r][0] + "\n";
      continue;
    }
    for (std::size_t i = 0; i < rows[r].size(); ++i)
      text += pad_right(rows[r][i], widths[i] + (noun[0] == 'i' ? 1 : 4));
    text += "\n";
  }
  co_await process.out(text);
  co_return 0;
}

}  // namespace drydock
