#include "core/programs/node/crictl.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/programs/node/container_commands.h"

namespace drydock::crictl {
namespace {

constexpr std::size_t kColumn = 20;
constexpr std::size_t kPadding = 3;

}  // namespace

// Go's text/tabwriter as crictl sets it: cells of 20 at least, three spaces between.
std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths.size() <= i) widths.push_back(kColumn);
      widths[i] = std::max(widths[i], row[i].size() + kPadding);
    }
  }
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += i + 1 < row.size() ? pad_right(row[i], widths[i]) : row[i];
    text += "\n";
  }
  return text;
}

// go-units' HumanDuration.
std::string human_age(Duration age) {
  const std::int64_t s = std::chrono::duration_cast<seconds>(age).count();
  if (s < 1) return "Less than a second";
  if (s == 1) return "1 second";
  if (s < 60) return std::to_string(s) + " seconds";
  const std::int64_t m = s / 60;
  if (m == 1) return "About a minute";
  if (m < 60) return std::to_string(m) + " minutes";
  const std::int64_t h = (s + 1800) / 3600;
  if (h == 1) return "About an hour";
  if (h < 48) return std::to_string(h) + " hours";
  if (h < 24 * 14) return std::to_string(h / 24) + " days";
  return std::to_string(h / 24 / 7) + " weeks";
}

// go-units' HumanSizeWithPrecision(size, 3).
std::string human_size(std::int64_t bytes) {
  const char* units[] = {"B", "kB", "MB", "GB", "TB"};
  auto size = static_cast<double>(bytes);
  int unit = 0;
  while (size >= 1000 && unit < 4) {
    size /= 1000;
    ++unit;
  }
  return format("%.3g", size) + units[unit];
}

std::string state_name(RuntimeContainerState state) {
  return state == RuntimeContainerState::kRunning  ? "Running"
         : state == RuntimeContainerState::kExited ? "Exited"
                                                   : "Created";
}

Task<int> Crictl::print(Value document) {
  std::string text = words_.value("o") == "yaml" ? dump_yaml(document) : dump_json(document, {.indent = 2}) + "\n";
  co_await process_.out(std::move(text));
  co_return 0;
}

Value Crictl::container_document(const ContainerStatus& container) const {
  const auto pod = sandbox(container.sandbox_id);
  const auto details = runtime_.details(container.id);
  Value mounts = Value::array();
  if (details) {
    for (const ContainerMount& mount : details->config.mounts)
      mounts.push_back(Value::object({{"containerPath", mount.container_path},
                                      {"hostPath", mount.host_path},
                                      {"propagation", "PROPAGATION_PRIVATE"},
                                      {"readonly", mount.read_only},
                                      {"selinuxRelabel", false}}));
  }
  Value labels = Value::object({{"io.kubernetes.container.name", container.name}});
  if (pod) {
    labels.set("io.kubernetes.pod.name", pod->pod.name);
    labels.set("io.kubernetes.pod.namespace", pod->pod.ns);
    labels.set("io.kubernetes.pod.uid", pod->pod.uid);
  }
  auto moment = [](TimePoint when) {
    return when == TimePoint{} ? std::string("0001-01-01T00:00:00Z") : format_micro_timestamp(when);
  };
  std::string state = "CONTAINER_" + to_upper(state_name(container.state));
  return Value::object(
      {{"id", container.id},
       {"metadata", Value::object({{"attempt", container.attempt}, {"name", container.name}})},
       {"state", state},
       {"createdAt", moment(container.created)},
       {"startedAt", moment(container.started)},
       {"finishedAt", moment(container.finished)},
       {"exitCode", container.exit_code},
       {"image", Value::object({{"annotations", Value::object()},
                                {"image", full_image_name(container.image)},
                                {"runtimeHandler", ""},
                                {"userSpecifiedImage", ""}})},
       {"imageRef", container.image_ref},
       {"reason", container.reason},
       {"message", container.message},
       {"labels", labels},
       {"annotations", Value::object({{"io.kubernetes.container.restartCount", std::to_string(container.attempt)}})},
       {"mounts", mounts},
       {"logPath", container.log_path}});
}

Value Crictl::pod_document(const SandboxStatus& pod) const {
  return Value::object(
      {{"id", pod.id},
       {"metadata",
        Value::object({{"attempt", 0}, {"name", pod.pod.name}, {"namespace", pod.pod.ns}, {"uid", pod.pod.uid}})},
       {"state", pod.ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY"},
       {"createdAt", format_micro_timestamp(pod.created)},
       {"network", Value::object({{"additionalIps", Value::array()}, {"ip", pod.address}})},
       {"linux",
        Value::object(
            {{"namespaces", Value::object({{"options", Value::object({{"ipc", "POD"},
                                                                      {"network", pod.address.empty() ? "NODE" : "POD"},
                                                                      {"pid", "CONTAINER"}})}})}})},
       {"labels", Value::object({{"io.kubernetes.pod.name", pod.pod.name},
                                 {"io.kubernetes.pod.namespace", pod.pod.ns},
                                 {"io.kubernetes.pod.uid", pod.pod.uid}})},
       {"annotations", Value::object()},
       {"runtimeHandler", ""}});
}

Value Crictl::image_document(const Image& image) const {
  Value tags = Value::array();
  if (!image.tag.empty()) tags.push_back(image.name);
  return Value::object({{"id", image.id},
                        {"repoTags", tags},
                        {"repoDigests", Value::array({Value(image.ref())})},
                        {"size", std::to_string(image.size_bytes)},
                        {"uid", Value::object({{"value", std::to_string(image.user)}})},
                        {"username", ""},
                        {"pinned", image.repository.ends_with("/pause")}});
}

Task<int> Crictl::list_containers() {
  std::vector<ContainerStatus> all = runtime_.containers();
  std::sort(all.begin(), all.end(), [](const ContainerStatus& a, const ContainerStatus& b) {
    return a.created != b.created ? a.created > b.created : a.id < b.id;
  });
  const std::string name = words_.value("name");
  const std::string pod_id = words_.value("pod");
  const std::string state = to_lower(words_.value("state"));
  const std::string id = words_.value("id");
  const std::string last = words_.value("n");
  std::size_t most = words_.has("l") ? 1 : static_cast<std::size_t>(parse_int(last).value_or(1 << 20));
  const bool any = words_.has("a") || !state.empty() || words_.has("l") || words_.has("n");
  std::vector<std::vector<std::string>> rows{
      {"CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"}};
  Value documents = Value::array();
  std::string ids;
  for (const ContainerStatus& container : all) {
    if (!any && container.state != RuntimeContainerState::kRunning) continue;
    if (!state.empty() && to_lower(state_name(container.state)) != state) continue;
    if (!name.empty() && !contains(container.name, name)) continue;
    if (!pod_id.empty() && !container.sandbox_id.starts_with(pod_id)) continue;
    if (!id.empty() && !container.id.starts_with(id)) continue;
    if (most-- == 0) break;
    const auto details = runtime_.details(container.id);
    const auto pod = sandbox(container.sandbox_id);
    const std::string image = details && details->image ? details->image->id : container.image_ref;
    rows.push_back({shown_id(container.id), shown_id(image), age(container.created), state_name(container.state),
                    container.name, std::to_string(container.attempt), shown_id(container.sandbox_id),
                    pod ? pod->pod.name : "unknown", pod ? pod->pod.ns : "unknown"});
    documents.push_back(container_document(container));
    ids += container.id + "\n";
  }
  if (words_.has("q")) {
    co_await process_.out(ids);
    co_return 0;
  }
  if (words_.has("o") && words_.value("o") != "table") {
    Value document = Value::object({{"containers", documents}});
    co_return co_await print(std::move(document));
  }
  co_await process_.out(table(rows));
  co_return 0;
}

Task<int> Crictl::list_pods() {
  std::vector<SandboxStatus> all = runtime_.sandboxes();
  std::sort(all.begin(), all.end(), [](const SandboxStatus& a, const SandboxStatus& b) {
    return a.created != b.created ? a.created > b.created : a.id < b.id;
  });
  std::vector<std::vector<std::string>> rows{{"POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"}};
  Value documents = Value::array();
  std::string ids;
  const std::string state = to_lower(words_.value("state"));
  for (const SandboxStatus& pod : all) {
    const std::string shown = pod.ready ? "Ready" : "NotReady";
    if (words_.has("name") && !contains(pod.pod.name, words_.value("name"))) continue;
    if (words_.has("namespace") && !contains(pod.pod.ns, words_.value("namespace"))) continue;
    if (!state.empty() && state != to_lower(shown)) continue;
    rows.push_back({shown_id(pod.id), age(pod.created), shown, pod.pod.name, pod.pod.ns, "0", "(default)"});
    documents.push_back(pod_document(pod));
    ids += pod.id + "\n";
  }
  if (words_.has("q")) {
    co_await process_.out(ids);
    co_return 0;
  }
  if (words_.has("o") && words_.value("o") != "table") {
    Value document = Value::object({{"items", documents}});
    co_return co_await print(std::move(document));
  }
  co_await process_.out(table(rows));
  co_return 0;
}

Task<int> Crictl::list_images() {
  const std::string wanted = words_.rest.size() > 1 ? words_.rest[1] : "";
  const bool digests = words_.has("digests");
  std::vector<std::vector<std::string>> rows;
  rows.push_back(digests ? std::vector<std::string>{"IMAGE", "TAG", "DIGEST", "IMAGE ID", "SIZE"}
                         : std::vector<std::string>{"IMAGE", "TAG", "IMAGE ID", "SIZE"});
  Value documents = Value::array();
  std::string ids;
  for (const ImageStatus& status : runtime_.images()) {
    const std::string name = status.tags.empty() ? status.ref : status.tags.front();
    const ImagePtr image = runtime_.find_image(name);
    if (!image) continue;
    if (!wanted.empty() && image->repository != full_image_name(wanted).substr(0, image->repository.size()) &&
        !contains(name, wanted))
      continue;
    const std::string tag = image->tag.empty() ? "<none>" : image->tag;
    if (digests)
      rows.push_back(
          {image->repository, tag, shown_id(image->digest), shown_id(image->id), human_size(image->size_bytes)});
    else
      rows.push_back({image->repository, tag, shown_id(image->id), human_size(image->size_bytes)});
    documents.push_back(image_document(*image));
    ids += image->id + "\n";
  }
  if (words_.has("q")) {
    co_await process_.out(ids);
    co_return 0;
  }
  if (words_.has("o") && words_.value("o") != "table") {
    Value document = Value::object({{"images", documents}});
    co_return co_await print(std::move(document));
  }
  co_await process_.out(table(rows));
  co_return 0;
}

Task<int> Crictl::inspect() {
  if (words_.rest.size() < 2) co_return co_await fail("ID cannot be empty");
  const auto container = find_container(words_.rest[1]);
  if (!container)
    co_return co_await fail("getting the status of the container \"" + words_.rest[1] +
                            "\": " + missing(words_.rest[1]));
  const auto details = runtime_.details(container->id);
  Value info = Value::object({{"sandboxID", container->sandbox_id}});
  if (details) {
    Value env = Value::array();
    for (const auto& [name, value] : details->config.environment) env.push_back(name + "=" + value);
    Value config = Value::object({{"image", details->config.image}, {"envs", env}});
    Value command = Value::array();
    for (const std::string& word : details->config.command) command.push_back(word);
    Value arguments = Value::array();
    for (const std::string& word : details->config.arguments) arguments.push_back(word);
    if (!command.empty()) config.set("command", command);
    if (!arguments.empty()) config.set("args", arguments);
    info.set("config", config);
    info.set("pid", details->pid);
    info.set("snapshotter", "overlayfs");
  }
  Value document = Value::object({{"info", info}, {"status", container_document(*container)}});
  co_return co_await print(std::move(document));
}

Task<int> Crictl::inspect_pod() {
  if (words_.rest.size() < 2) co_return co_await fail("ID cannot be empty");
  const auto pod = find_sandbox(words_.rest[1]);
  if (!pod)
    co_return co_await fail("getting the pod sandbox status for \"" + words_.rest[1] +
                            "\": rpc error: code = NotFound desc = an error occurred when try to find sandbox: not "
                            "found");
  Value document = Value::object(
      {{"info", Value::object({{"image", "registry.k8s.io/pause:3.10.2"}})}, {"status", pod_document(*pod)}});
  co_return co_await print(std::move(document));
}

Task<int> Crictl::inspect_image() {
  if (words_.rest.size() < 2) co_return co_await fail("image name or ID must be provided");
  const ImagePtr image = runtime_.find_image(words_.rest[1]);
  if (!image) co_return co_await fail("no such image \"" + words_.rest[1] + "\" present");
  Value env = Value::array();
  for (const auto& [name, value] : image->environment) env.push_back(name + "=" + value);
  Value entrypoint = Value::array();
  for (const std::string& word : image->entrypoint) entrypoint.push_back(word);
  Value arguments = Value::array();
  for (const std::string& word : image->arguments) arguments.push_back(word);
  Value ports = Value::object();
  for (const std::string& port : image->ports) ports.set(port, Value::object());
  Value config = Value::object({{"Env", env}, {"WorkingDir", image->working_directory}});
  if (!entrypoint.empty()) config.set("Entrypoint", entrypoint);
  if (!arguments.empty()) config.set("Cmd", arguments);
  if (!ports.empty()) config.set("ExposedPorts", ports);
  if (!image->stop_signal.empty()) config.set("StopSignal", image->stop_signal);
  if (image->user != 0) config.set("User", std::to_string(image->user));
  Value spec = Value::object({{"architecture", "amd64"}, {"os", "linux"}, {"config", config}});
  Value document = Value::object({{"info", Value::object({{"imageSpec", spec}})}, {"status", image_document(*image)}});
  co_return co_await print(std::move(document));
}

Task<int> Crictl::stats() {
  std::vector<std::vector<std::string>> rows{{"CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES"}};
  struct Sample {
    ContainerStatus container;
    std::int64_t cpu = 0;
  };
  auto use_of = [this](const std::string& id, std::int64_t& cpu, std::int64_t& memory) {
    const auto details = runtime_.details(id);
    cpu = memory = 0;
    if (!details || details->pid == 0) return;
    const Process* first = process_.host().find(details->pid);
    if (first == nullptr) return;
    for (const auto& [pid, other] : process_.host().processes()) {
      if (other->namespaces().files != first->namespaces().files) continue;
      cpu += other->cpu_time().count();
      memory += other->memory();
    }
  };
  std::vector<Sample> samples;
  for (const ContainerStatus& container : runtime_.containers()) {
    if (container.state != RuntimeContainerState::kRunning) continue;
    if (words_.rest.size() > 1 && !container.id.starts_with(words_.rest[1])) continue;
    Sample sample{container, 0};
    std::int64_t memory = 0;
    use_of(container.id, sample.cpu, memory);
    samples.push_back(std::move(sample));
  }
  // CPU is measured over a second, as crictl does.
  co_await process_.loop().sleep(seconds(1));
  for (const Sample& sample : samples) {
    std::int64_t cpu = 0;
    std::int64_t memory = 0;
    use_of(sample.container.id, cpu, memory);
    rows.push_back({shown_id(sample.container.id), sample.container.name,
                    format("%.2f", static_cast<double>(std::max<std::int64_t>(cpu - sample.cpu, 0)) / 1e9 * 100),
                    human_size(memory), human_size(24576), "9"});
  }
  co_await process_.out(table(rows));
  co_return 0;
}

Task<int> Crictl::info() {
  const std::string why = runtime_.network_not_ready();
  Value conditions =
      Value::array({Value::object({{"message", ""}, {"reason", ""}, {"status", true}, {"type", "RuntimeReady"}}),
                    Value::object({{"message", why},
                                   {"reason", why.empty() ? "" : "NetworkPluginNotReady"},
                                   {"status", why.empty()},
                                   {"type", "NetworkReady"}})});
  Value config = Value::object(
      {{"containerdEndpoint", "/run/containerd/containerd.sock"},
       {"containerdRootDir", "/var/lib/containerd"},
       {"sandboxImage", "registry.k8s.io/pause:3.10.2"},
       {"cni", Value::object({{"binDirs", Value::array({Value("/opt/cni/bin")})}, {"confDir", "/etc/cni/net.d"}})}});
  Value document = Value::object({{"config", config}, {"status", Value::object({{"conditions", conditions}})}});
  co_return co_await print(std::move(document));
}

}  // namespace drydock::crictl
