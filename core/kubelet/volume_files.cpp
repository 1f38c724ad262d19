// Volumes: their files when a pod starts, and again when what they show has changed.
#include "core/base/strings.h"
#include "core/kubelet/kubelet.h"
#include "core/kubelet/volume_payload.h"

namespace drydock {
namespace {

// A pod is looked at once a minute in a real kubelet (syncFrequency), each at a moment of its own.
constexpr std::int64_t kSoonestRefreshMs = 1000;
constexpr std::int64_t kLatestRefreshMs = 60000;
constexpr Duration kRenewalRetry = std::chrono::minutes(1);

std::uint32_t default_mode(const Value& volume) {
  for (const char* kind : {"configMap", "secret", "projected", "downwardAPI"}) {
    const Value& mode = volume[kind]["defaultMode"];
    if (mode.is_int()) return static_cast<std::uint32_t>(mode.as_int()) & 07777;
  }
  return 0644;
}

bool has_files(const Value& volume) {
  return volume["configMap"].is_object() || volume["secret"].is_object() || volume["projected"].is_object() ||
         volume["downwardAPI"].is_object();
}

}  // namespace

// The volume's directory on the machine.
std::string Kubelet::volume_directory(const Worker& worker, const std::string& volume) const {
  return options_.root_directory + "/pods/" + std::string(worker.pod.uid()) + "/volumes/" + volume;
}

Result<void> Kubelet::prepare_host_path(const Value& source) {
  const std::string path = source["path"].str();
  const std::string type = source["type"].str();
  if (node_.exists(path)) return {};
  if (type == "FileOrCreate")
    node_.write_file(path, "", 0644);
  else if (type == "DirectoryOrCreate" || type.empty())
    node_.make_directory(path, 0755);
  else
    return Status::plain("hostPath type check failed: " + path + " is not a " +
                         (type == "Directory" ? "directory" : "file"));
  return {};
}

// One source of a volume, as files; `fingerprint` grows by what tells whether they changed.
// `token_due`: when the volume's token must be renewed, moved on when that is now.
Task<Result<void>> Kubelet::collect_source(Worker& worker, Value source, std::uint32_t mode, VolumePayload& payload,
                                           std::string& fingerprint, TimePoint& token_due) {
  const std::string ns(worker.pod.ns());
  if (source["configMap"].is_object() || source["secret"].is_object()) {
    const bool secret = source["secret"].is_object();
    const Value& wanted = secret ? source["secret"] : source["configMap"];
    const std::string name = (wanted["secretName"].empty() ? wanted["name"] : wanted["secretName"]).str();
    const Result<Object> found = co_await lookup(secret ? resources::kSecrets : resources::kConfigMaps, {ns, name});
    if (!found) {
      if (wanted["optional"].as_bool() && found.error().is_not_found()) co_return Result<void>();
      co_return Status::plain(found.error().message);
    }
    const std::string version(found->resource_version());
    fingerprint += std::string(found->uid()) + "/" + version + "\n";
    worker.source_versions[(secret ? "secrets/" : "configmaps/") + ns + "/" + name] = version;
    co_return add_keys(payload, *found, wanted, secret, mode);
  }
  if (source["serviceAccountToken"].is_object()) {
    const Value& wanted = source["serviceAccountToken"];
    Value reference =
        Value::object({{"apiVersion", "v1"}, {"kind", "Pod"}, {"name", worker.pod.name()}, {"uid", worker.pod.uid()}});
    Value spec = Value::object(
        {{"expirationSeconds", wanted["expirationSeconds"].as_int(3607)}, {"boundObjectRef", std::move(reference)}});
    if (!wanted["audience"].empty()) spec.set("audiences", Value::array({wanted["audience"]}));
    Value body = Value::object({{"spec", std::move(spec)}});
    if (client_ == nullptr) co_return Status::plain("kubelet does not have access to an API server");
    const ObjectKey account{ns, worker.pod.spec()["serviceAccountName"].str()};
    const Result<Object> token =
        co_await client_->create_subresource(resources::kServiceAccounts, account, "token", std::move(body));
    if (!token) co_return Status::plain("failed to fetch token: " + token.error().message);
    payload.push_back({wanted["path"].str(), token->status()["token"], mode, true});
    if (token_due <= loop_.now()) {
      // When a fifth of its time is left, and every day.
      const std::int64_t lifetime = token->spec()["expirationSeconds"].as_int(3607);
      token_due = loop_.now() + seconds(std::min<std::int64_t>(lifetime * 4 / 5, 24 * 60 * 60));
    }
    fingerprint += "token " + std::to_string(token_due.time_since_epoch().count()) + "\n";
  } else if (source["downwardAPI"].is_object()) {
    for (const Value& item : source["downwardAPI"]["items"].items()) {
      std::string text = field_of(worker, item["fieldRef"]["fieldPath"].as_string());
      const Value& amount = item["resourceFieldRef"];
      if (amount.is_object()) {
        for (const Value& container : worker.pod.spec()["containers"].items()) {
          if (container["name"] == amount["containerName"]) text = resource_of(container, amount);
        }
      }
      fingerprint += text + "\n";
      const std::uint32_t own =
          item["mode"].is_int() ? static_cast<std::uint32_t>(item["mode"].as_int()) & 07777 : mode;
      payload.push_back({item["path"].str(), text, own});
    }
  }
  co_return Result<void>();
}

Task<Result<void>> Kubelet::prepare_volume(Worker& worker, Value volume, bool again) {
  const std::string ns(worker.pod.ns());
  if (volume["hostPath"].is_object()) {
    if (again) co_return Result<void>();
    co_return prepare_host_path(volume["hostPath"]);
  }
  const std::string name = volume["name"].str();
  const std::string directory = volume_directory(worker, name);
  if (has_files(volume)) {
    const auto known = worker.tokens_due.find(name);
    TimePoint token_due = known == worker.tokens_due.end() ? TimePoint() : known->second;
    if (again && token_due > loop_.now()) {
      worker.volumes_due = std::min(worker.volumes_due, token_due);
      // Of what admission adds for access to the API, only the token changes while the pod lives.
      if (name.starts_with("kube-api-access-")) co_return Result<void>();
    }
    VolumePayload payload;
    std::string fingerprint;
    const Value sources = volume_sources(volume);
    for (const Value& source : sources.items()) {
      Result<void> collected =
          co_await collect_source(worker, source, default_mode(volume), payload, fingerprint, token_due);
      if (collected) continue;
      if (again && known != worker.tokens_due.end()) worker.volumes_due = loop_.now() + kRenewalRetry;
      co_return collected;
    }
    if (token_due != TimePoint()) {
      worker.tokens_due[name] = token_due;
      worker.volumes_due = std::min(worker.volumes_due, token_due);
    }
    if (again && worker.fingerprints[name] == fingerprint) co_return Result<void>();
    worker.fingerprints[name] = fingerprint;
    write_payload(directory, payload);
    co_return Result<void>();
  }
  if (again) co_return Result<void>();
  node_.make_directory(directory, 0777);
  if (volume["persistentVolumeClaim"].is_object()) {
    const ObjectKey key{ns, volume["persistentVolumeClaim"]["claimName"].str()};
    const Result<Object> claim = co_await lookup(resources::kPersistentVolumeClaims, key);
    if (!claim) co_return Status::plain(claim.error().message);
    const Result<Object> bound =
        co_await lookup(resources::kPersistentVolumes, {"", claim->spec()["volumeName"].str()});
    if (!bound) co_return Status::plain("persistentvolumeclaim \"" + key.name + "\" not bound");
  }
  co_return Result<void>();
}

// `again`: only what may have changed since the pod started.
Task<Result<void>> Kubelet::prepare_volumes(Worker& worker, bool again) {
  const Value volumes = worker.pod.spec()["volumes"];
  for (const Value& volume : volumes.items()) {
    const Result<void> prepared = co_await prepare_volume(worker, volume, again);
    if (prepared || again) continue;  // a source that is gone leaves the files as they are
    co_return Status::plain("MountVolume.SetUp failed for volume \"" + volume["name"].str() +
                            "\" : " + prepared.error().message);
  }
  co_return Result<void>();
}

// Readers see all old files or all new ones: the links lead through ..data, which is swapped last.
void Kubelet::write_payload(const std::string& directory, const VolumePayload& payload) {
  node_.make_directory(directory, 0777);
  const std::vector<std::string> before = node_.list_directory(directory);
  const std::string fresh = data_directory_name(loop_.now(), prng_.text(9, "0123456789"));
  node_.make_directory(directory + "/" + fresh, 0755);
  for (const VolumeFile& file : payload) {
    const std::string path = directory + "/" + fresh + "/" + file.path;
    if (file.deferred)
      node_.write_text(path, file.text, file.mode);
    else
      node_.write_file(path, file.text.str(), file.mode);
  }
  node_.make_symlink(fresh, directory + "/..data");
  const std::set<std::string> names = visible_names(payload);
  for (const std::string& name : names) node_.make_symlink("..data/" + name, directory + "/" + name);
  for (const std::string& name : before) {
    if (name != "..data" && name != fresh && !names.contains(name)) node_.remove_tree(directory + "/" + name);
  }
}

// --- following the sources ---

void Kubelet::watch_sources(Worker& worker) {
  if (client_ == nullptr) return;
  const std::string uid(worker.pod.uid());
  for (const std::string& key : refreshed_sources(worker.pod.spec(), std::string(worker.pod.ns()))) {
    auto& watch = sources_[key];
    if (!watch) {
      const std::vector<std::string> parts = split(key, '/');
      ListOptions filter;
      filter.field_selector = "metadata.name=" + parts[2];
      watch = std::make_unique<SourceWatch>(loop_);
      watch->informer = std::make_unique<Informer>(
          loop_, *client_, parts[0] == "secrets" ? resources::kSecrets : resources::kConfigMaps, parts[1], filter);
      watch->informer->add_handler([this, key](const Object&, const Object& current) {
        if (current) source_changed(key, std::string(current.resource_version()));
      });
      watch->tasks.spawn(watch->informer->run());
    }
    watch->users.insert(uid);
  }
}

void Kubelet::source_changed(const std::string& key, const std::string& version) {
  for (const std::string& uid : sources_.at(key)->users) {
    const auto at = workers_.find(uid);
    if (at == workers_.end() || at->second->source_versions[key] == version) continue;
    Worker& worker = *at->second;
    const TimePoint when = loop_.now() + milliseconds(prng_.between(kSoonestRefreshMs, kLatestRefreshMs));
    worker.volumes_due = std::min(worker.volumes_due, when);
    poke(worker, worker.volumes_due);
  }
}

void Kubelet::forget_sources(const std::string& uid) {
  for (auto at = sources_.begin(); at != sources_.end();) {
    at->second->users.erase(uid);
    at = at->second->users.empty() ? sources_.erase(at) : std::next(at);
  }
}

}  // namespace drydock
