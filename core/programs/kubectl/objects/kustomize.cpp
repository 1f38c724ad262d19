#include "core/programs/kubectl/objects/kustomize.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/objects/manifests.h"

namespace drydock::kubectl {
namespace {

constexpr int kMaxDepth = 20;
constexpr std::string_view kFileNames[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
// Kinds that live outside of namespaces, as far as a namespace transformer must know.
constexpr std::string_view kClusterKinds[] = {
    "Namespace",          "Node",         "PersistentVolume", "ClusterRole",
    "ClusterRoleBinding", "StorageClass", "PriorityClass",    "CustomResourceDefinition",
    "IngressClass",       "RuntimeClass", "APIService"};

bool is_cluster_kind(std::string_view kind) {
  for (std::string_view known : kClusterKinds) {
    if (kind == known) return true;
  }
  return false;
}

// The pod template of a workload, or null.
Value* pod_template(Value& object) {
  if (object["kind"].as_string() == "CronJob") return &object.ref("spec", "jobTemplate", "spec", "template");
  if (object["spec"]["template"]["spec"].is_object()) return &object.ref("spec", "template");
  return nullptr;
}

void add_labels(Value& object, const Value& labels, bool selectors, bool templates) {
  for (const auto& [key, value] : labels.members()) {
    object.ref("metadata", "labels", key) = value;
    const std::string kind = object["kind"].str();
    if (selectors) {
      if (object["spec"]["selector"]["matchLabels"].is_object())
        object.ref("spec", "selector", "matchLabels", key) = value;
      else if ((kind == "Service" || kind == "ReplicationController") && object["spec"]["selector"].is_object())
        object.ref("spec", "selector", key) = value;
    }
    if (selectors || templates) {
      if (Value* pod = pod_template(object)) pod->ref("metadata", "labels", key) = value;
    }
  }
}

// Replaces names in every place that refers to an object of ours.
void rename_references(Value& value, const Value& names) {
  if (value.is_object()) {
    Value copy = value;
    for (const auto& [key, member] : copy.members()) {
      const std::string_view field = key.view();
      const bool reference =
          (field == "configMap" || field == "configMapRef" || field == "configMapKeyRef" || field == "secretRef" ||
           field == "secretKeyRef" || field == "roleRef" || field == "service" || field == "scaleTargetRef");
      if (reference && names.has(member["name"].as_string()))
        value.ref(key, "name") = names[member["name"].as_string()];
      const bool direct =
          field == "secretName" || field == "serviceAccountName" || field == "claimName" || field == "serviceName";
      if (direct && member.is_string() && names.has(member.as_string())) value.set(key, names[member.as_string()]);
      if (value[field].is_object() || value[field].is_array()) rename_references(value.ref(key), names);
    }
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (value[i].is_object() || value[i].is_array()) rename_references(value.mutable_item(i), names);
    }
  }
}

void set_images(Value& pod_spec, const Value& image) {
  for (const char* field : {"initContainers", "containers"}) {
    for (std::size_t i = 0; i < pod_spec[field].size(); ++i) {
      const std::string full = pod_spec[field][i]["image"].str();
      const std::size_t mark = full.find_first_of(":@", full.rfind('/') == std::string::npos ? 0 : full.rfind('/'));
      if (full.substr(0, mark) != image["name"].as_string()) continue;
      std::string result = image["newName"].empty() ? full.substr(0, mark) : image["newName"].str();
      if (!image["digest"].empty())
        result += "@" + image["digest"].str();
      else if (!image["newTag"].is_null())
        result += ":" + (image["newTag"].is_string() ? image["newTag"].str() : dump_json(image["newTag"]));
      else if (mark != std::string::npos)
        result += full.substr(mark);
      pod_spec.ref(field).mutable_item(i).set("image", result);
    }
  }
}

bool selected(const Value& object, const Value& target) {
  for (const char* field : {"kind"}) {
    if (!target[field].empty() && !(target[field] == object[field])) return false;
  }
  if (!target["name"].empty() && !(target["name"] == object["metadata"]["name"])) return false;
  return target["namespace"].empty() || target["namespace"] == object["metadata"]["namespace"];
}

class Builder {
 public:
  Builder(Session& session, std::string folder, int depth)
      : session_(session), folder_(session.process().absolute(folder)), depth_(depth) {}

  Task<Result<std::vector<Value>>> build() {
    if (depth_ > kMaxDepth)
      co_return Status::plain("cycle detected: candidate root '" + folder_ + "' contains visited root");
    DRYDOCK_CO_TRY(const Value kustomization, find_file());
    for (const char* list : {"resources", "bases"}) {
      for (const Value& entry : kustomization[list].items()) DRYDOCK_CO_TRY_VOID(co_await add_resource(entry.str()));
    }
    for (const char* kind : {"ConfigMap", "Secret"}) DRYDOCK_CO_TRY_VOID(co_await generate(kustomization, kind));
    for (const char* list : {"patchesStrategicMerge", "patches", "patchesJson6902"}) {
      for (const Value& entry : kustomization[list].items()) DRYDOCK_CO_TRY_VOID(co_await patch(entry));
    }
    transform(kustomization);
    co_return std::move(objects_);
  }

 private:
  std::string path(const std::string& name) const { return join_path(folder_, name); }

  Result<Value> find_file() const {
    for (std::string_view name : kFileNames) {
      auto text = session_.process().read_file(path(std::string(name)));
      if (text) return parse_yaml(*text);
    }
    return Status::plain(
        "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '" +
        session_.process().absolute(folder_) + "'");
  }

  Task<Result<void>> add_resource(std::string name) {
    const bool url = name.starts_with("http://") || name.starts_with("https://");
    const std::string file = url ? name : path(name);
    const auto stat = url ? SysResult<FileStat>(Errno::kNoEnt) : session_.process().stat(file);
    if (stat && stat->type == FileType::kDirectory) {
      DRYDOCK_CO_TRY(std::vector<Value> inner, co_await build_kustomization(session_, file, depth_ + 1));
      for (Value& object : inner) objects_.push_back(std::move(object));
      co_return Result<void>();
    }
    if (!url && !stat)
      co_return Status::plain("accumulating resources: accumulation err='accumulating resources from '" + name +
                              "': evalsymlink failure on '" + session_.process().absolute(file) + "' : lstat " +
                              session_.process().absolute(file) + ": no such file or directory'");
    DRYDOCK_CO_TRY(const std::string text, co_await read_source(session_, file));
    for (Manifest& manifest : parse_manifests(text, file)) {
      if (manifest.failed) co_return manifest.error;
      objects_.push_back(std::move(manifest.document));
    }
    co_return Result<void>();
  }

  Task<Result<void>> generate(Value kustomization, std::string kind) {
    const std::string list = kind == "ConfigMap" ? "configMapGenerator" : "secretGenerator";
    for (const Value& entry : kustomization[list].items()) {
      Value object = Value::object({{"apiVersion", "v1"},
                                    {"kind", kind},
                                    {"metadata", Value::object({{"name", entry["name"]}})},
                                    {"data", Value::object()}});
      if (kind == "Secret") object.set("type", entry["type"].empty() ? Value("Opaque") : entry["type"]);
      auto put = [&](const std::string& key, const std::string& content) {
        object.ref("data", key) = kind == "Secret" ? base64_encode(content) : content;
      };
      for (const Value& literal : entry["literals"].items()) {
        const std::string text = literal.str();
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos)
          co_return Status::plain("invalid literal source " + text + ", expected key=value");
        put(text.substr(0, equals), text.substr(equals + 1));
      }
      for (const Value& file : entry["files"].items()) {
        const std::string text = file.str();
        const std::size_t equals = text.find('=');
        const std::string name = equals == std::string::npos ? text : text.substr(equals + 1);
        DRYDOCK_CO_TRY(const std::string content, co_await read_source(session_, path(name)));
        put(equals == std::string::npos ? std::string(base_name(name)) : text.substr(0, equals), content);
      }
      std::vector<Value> env_files(entry["envs"].items().begin(), entry["envs"].items().end());
      if (!entry["env"].empty()) env_files.push_back(entry["env"]);
      for (const Value& file : env_files) {
        DRYDOCK_CO_TRY(const std::string content, co_await read_source(session_, path(file.str())));
        for (const std::string& line : split(content, '\n')) {
          const std::size_t equals = line.find('=');
          if (line.empty() || line[0] == '#' || equals == std::string::npos) continue;
          put(line.substr(0, equals), line.substr(equals + 1));
        }
      }
      if (!entry["namespace"].empty()) object.ref("metadata", "namespace") = entry["namespace"];
      const bool plain_name = entry["options"]["disableNameSuffixHash"].as_bool() ||
                              kustomization["generatorOptions"]["disableNameSuffixHash"].as_bool();
      if (!plain_name)
        suffixes_.set(entry["name"].as_string(), "-" + hex_encode(sha256(dump_json(object["data"]))).substr(0, 10));
      objects_.push_back(std::move(object));
    }
    co_return Result<void>();
  }

  Task<Result<void>> patch(Value entry) {
    Value target = entry["target"];
    std::string text = entry["patch"].str();
    if (entry.is_string()) {
      text = entry.str();
      if (!contains(text, "\n")) {
        DRYDOCK_CO_TRY(text, co_await read_source(session_, path(entry.str())));
      }
    } else if (!entry["path"].empty()) {
      DRYDOCK_CO_TRY(text, co_await read_source(session_, path(entry["path"].str())));
    }
    DRYDOCK_CO_TRY(const std::vector<Value> documents, parse_yaml_documents(text));
    for (const Value& document : documents) {
      const bool json_patch = document.is_array();
      Value wanted = target;
      if (wanted.is_null())
        wanted = Value::object({{"kind", document["kind"]}, {"name", document["metadata"]["name"]}});
      bool found = false;
      for (Value& object : objects_) {
        if (!selected(object, wanted)) continue;
        found = true;
        if (json_patch) {
          DRYDOCK_CO_TRY(object, apply_json_patch(object, document));
        } else {
          DRYDOCK_CO_TRY(object, apply_strategic_merge_patch(object, document));
        }
      }
      if (!found && target.is_null())
        co_return Status::plain("no resource matches strategic merge patch " +
                                go_quote(document["kind"].str() + "." + document["apiVersion"].str() + "/" +
                                         document["metadata"]["name"].str() + ".[noNs]") +
                                ": no matches for Id");
    }
    co_return Result<void>();
  }

  void transform(const Value& kustomization) {
    Value names = Value::object();
    const std::string prefix = kustomization["namePrefix"].str();
    const std::string suffix = kustomization["nameSuffix"].str();
    for (Value& object : objects_) {
      const std::string name = object["metadata"]["name"].str();
      const std::string kind = object["kind"].str();
      const bool generated = (kind == "ConfigMap" || kind == "Secret") && suffixes_.has(name);
      const bool fixed = kind == "Namespace" || kind == "CustomResourceDefinition";
      const std::string renamed =
          (fixed ? "" : prefix) + name + (fixed ? "" : suffix) + (generated ? suffixes_[name].str() : "");
      if (renamed != name) names.set(name, renamed);
      object.ref("metadata", "name") = renamed;
      if (!kustomization["namespace"].empty() && !is_cluster_kind(kind))
        object.ref("metadata", "namespace") = kustomization["namespace"];
      add_labels(object, kustomization["commonLabels"], true, true);
      for (const Value& entry : kustomization["labels"].items())
        add_labels(object, entry["pairs"], entry["includeSelectors"].as_bool(), entry["includeTemplates"].as_bool());
      for (const auto& [key, value] : kustomization["commonAnnotations"].members()) {
        object.ref("metadata", "annotations", key) = value;
        if (Value* pod = pod_template(object)) pod->ref("metadata", "annotations", key) = value;
      }
      for (const Value& image : kustomization["images"].items()) {
        if (Value* pod = pod_template(object))
          set_images(pod->ref("spec"), image);
        else if (kind == "Pod")
          set_images(object.ref("spec"), image);
      }
      for (const Value& count : kustomization["replicas"].items()) {
        if (count["name"].as_string() == name) object.ref("spec", "replicas") = count["count"];
      }
    }
    if (names.empty()) return;
    for (Value& object : objects_) rename_references(object, names);
  }

  Session& session_;
  std::string folder_;
  int depth_;
  std::vector<Value> objects_;
  Value suffixes_ = Value::object();  // of generated names
};

}  // namespace

Task<Result<std::vector<Value>>> build_kustomization(Session& session, std::string folder, int depth) {
  Builder builder(session, std::move(folder), depth);
  co_return co_await builder.build();
}

}  // namespace drydock::kubectl
