// kubectl create configmap, secret generic, secret tls, secret docker-registry.
#include <algorithm>

#include "core/base/hash.h"
#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/generators/generators.h"

namespace drydock::kubectl {
namespace {

const ApiResource kConfigMap = built_in("", "v1", "configmaps", "ConfigMap");
const ApiResource kSecret = built_in("", "v1", "secrets", "Secret");

// Key and content, in the order given.
using Entries = std::vector<std::pair<std::string, std::string>>;

bool valid_key(std::string_view key) {
  if (key.empty() || key.size() > 253 || key == "." || key == "..") return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Status invalid_key(const std::string& kind, const std::string& key) {
  return Status::plain(go_quote(key) + " is not a valid key name for a " + kind +
                       ": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
                       "'key.name',  or 'KEY_NAME',  or 'key-name', "
                       "regex used for validation is '[-._a-zA-Z0-9]+')");
}

Result<std::string> read_file(Process& process, const std::string& path) {
  auto content = process.read_file(path);
  if (content) return *std::move(content);
  return Status::plain("error reading " + path + ": " + to_lower(errno_text(content.error())));
}

Result<void> add(Entries& entries, const std::string& kind, std::string key, std::string content) {
  if (!valid_key(key)) return invalid_key(kind, key);
  for (const auto& [known, value] : entries) {
    if (known == key)
      return Status::plain("cannot add key " + go_quote(key) +
                           ", another key by that name already exists in Data for " + kind + " " + go_quote(""));
  }
  entries.emplace_back(std::move(key), std::move(content));
  return {};
}

Result<void> add_file_source(Process& process, Entries& entries, const std::string& kind, const std::string& source) {
  std::string key;
  std::string path = source;
  if (const std::size_t equals = source.find('='); equals != std::string::npos) {
    key = source.substr(0, equals);
    path = source.substr(equals + 1);
    if (key.empty()) return Status::plain("key name for file path " + path + " missing");
    if (path.empty()) return Status::plain("file path for key name " + key + " missing");
    if (contains(path, "=")) return Status::plain("key names or file paths cannot contain '='");
  }
  const auto stat = process.stat(path);
  if (!stat) {
    return Status::plain("error reading " + path + ": " + to_lower(errno_text(stat.error())));
  }
  if (stat->type == FileType::kDirectory) {
    if (!key.empty()) return Status::plain("cannot give a key name for a directory path");
    const auto names = process.list_directory(path);
    if (!names) return Status::plain("error listing files in " + path + ": " + to_lower(errno_text(names.error())));
    for (const std::string& name : *names) {
      const std::string file = path + (path.ends_with('/') ? "" : "/") + name;
      const auto inner = process.stat(file);
      if (!inner || inner->type != FileType::kRegular) continue;
      DRYDOCK_TRY(std::string content, read_file(process, file));
      DRYDOCK_TRY_VOID(add(entries, kind, name, std::move(content)));
    }
    return {};
  }
  DRYDOCK_TRY(std::string content, read_file(process, path));
  return add(entries, kind, key.empty() ? std::string(base_name(path)) : key, std::move(content));
}

Result<Entries> collect(Session& session, const std::string& kind) {
  Process& process = session.process();
  const Flags& flags = session.flags();
  Entries entries;
  if (!flags.list("from-env-file").empty() &&
      (!flags.list("from-file").empty() || !flags.list("from-literal").empty())) {
    return Status::plain("from-env-file cannot be combined with from-file or from-literal");
  }
  for (const std::string& source : flags.list("from-file"))
    DRYDOCK_TRY_VOID(add_file_source(process, entries, kind, source));
  for (const std::string& literal : flags.list("from-literal")) {
    const std::size_t equals = literal.find('=');
    if (equals == std::string::npos || equals == 0)
      return Status::plain("invalid literal source " + literal + ", expected key=value");
    std::string value = literal.substr(equals + 1);
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'') && value.back() == value[0])
      value = value.substr(1, value.size() - 2);
    DRYDOCK_TRY_VOID(add(entries, kind, literal.substr(0, equals), std::move(value)));
  }
  for (const std::string& file : flags.list("from-env-file")) {
    DRYDOCK_TRY(const std::string content, read_file(process, file));
    for (const std::string& raw : split(content, '\n')) {
      const std::string_view line = trim(raw);
      if (line.empty() || line[0] == '#') continue;
      const std::size_t equals = line.find('=');
      const std::string key(line.substr(0, equals));
      DRYDOCK_TRY_VOID(
          add(entries, kind, key,
              equals == std::string_view::npos ? std::string(process.env(key)) : std::string(line.substr(equals + 1))));
    }
  }
  return entries;
}

// UTF-8 text goes to data, anything else to binaryData.
bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : (c >> 5) == 6 ? 2 : (c >> 4) == 14 ? 3 : (c >> 3) == 30 ? 4 : 0;
    if (length == 0 || i + length > text.size()) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) >> 6) != 2) return false;
    }
    i += length;
  }
  return true;
}

// --append-hash: ten characters that change with the content.
void append_hash(Session& session, Value& object) {
  if (!session.flags().on("append-hash")) return;
  Value hashed =
      Value::object({{"data", object["data"]}, {"kind", object["kind"]}, {"name", object["metadata"]["name"]}});
  if (object.has("binaryData")) hashed.set("binaryData", object["binaryData"]);
  if (object.has("type")) hashed.set("type", object["type"]);
  std::string suffix = hex_encode(sha256(dump_json(hashed))).substr(0, 10);
  for (char& c : suffix) {
    // The characters that could make words are replaced, as upstream does.
    if (c == '0')
      c = 'g';
    else if (c == '1')
      c = 'h';
    else if (c == '3')
      c = 'k';
    else if (c == 'a')
      c = 'm';
    else if (c == 'e')
      c = 't';
  }
  object.ref("metadata", "name") = object["metadata"]["name"].str() + "-" + suffix;
}

Result<Value> registry_secret(Session& session, Value object) {
  const Flags& flags = session.flags();
  std::string config;
  if (!flags.list("from-file").empty()) {
    DRYDOCK_TRY(Entries entries, collect(session, "Secret"));
    for (auto& [key, content] : entries) {
      object.ref("data", key == ".dockerconfigjson" ? key : ".dockerconfigjson") = base64_encode(content);
    }
  } else {
    const std::string user = flags.text("docker-username");
    const std::string password = flags.text("docker-password");
    if (user.empty() || password.empty()) {
      return Status::plain(
          "either --from-file or the combination of --docker-username, --docker-password and --docker-server is "
          "required");
    }
    const std::string server =
        flags.text("docker-server").empty() ? "https://index.docker.io/v1/" : flags.text("docker-server");
    // Go writes the struct's fields in this order, not sorted.
    config = "{\"auths\":{" + dump_json(Value(server)) + ":{\"username\":" + dump_json(Value(user)) +
             ",\"password\":" + dump_json(Value(password));
    if (!flags.text("docker-email").empty()) config += ",\"email\":" + dump_json(Value(flags.text("docker-email")));
    config += ",\"auth\":" + dump_json(Value(base64_encode(user + ":" + password))) + "}}}";
    object.ref("data", ".dockerconfigjson") = base64_encode(config);
  }
  object.set("type", "kubernetes.io/dockerconfigjson");
  return object;
}

Result<Value> tls_secret(Session& session, Value object) {
  const Flags& flags = session.flags();
  for (const char* flag : {"cert", "key"}) {
    if (flags.text(flag).empty()) return Status::plain("key and cert must be specified");
  }
  for (const char* flag : {"cert", "key"}) {
    const std::string path = flags.text(flag);
    auto content = session.process().read_file(path);
    if (!content)
      return Status::plain("Cannot read file " + path + ", open " + path + ": " +
                           to_lower(errno_text(content.error())));
    if (!contains(*content, "-----BEGIN "))
      return Status::plain("tls: failed to find any PEM data in " +
                           std::string(std::string_view(flag) == "cert" ? "certificate" : "key") + " input");
    object.ref("data", std::string_view(flag) == "cert" ? "tls.crt" : "tls.key") = base64_encode(*content);
  }
  object.set("type", "kubernetes.io/tls");
  return object;
}

}  // namespace

Task<Result<Generated>> generate_data(Session& session, std::string kind, std::string name) {
  const Flags& flags = session.flags();
  if (kind == "configmap") {
    Value object = new_object(kConfigMap, name);
    DRYDOCK_CO_TRY(const Entries entries, collect(session, "ConfigMap"));
    for (const auto& [key, content] : entries) {
      if (is_utf8(content))
        object.ref("data", key) = content;
      else
        object.ref("binaryData", key) = base64_encode(content);
    }
    append_hash(session, object);
    co_return Generated{std::move(object), kConfigMap, "failed to create configmap: "};
  }
  Value object = new_object(kSecret, name);
  std::string failure = "failed to create secret ";
  if (kind == "secret docker-registry") {
    DRYDOCK_CO_TRY(object, registry_secret(session, object));
  } else if (kind == "secret tls") {
    DRYDOCK_CO_TRY(object, tls_secret(session, object));
  } else {
    DRYDOCK_CO_TRY(const Entries entries, collect(session, "Secret"));
    for (const auto& [key, content] : entries) object.ref("data", key) = base64_encode(content);
    if (!flags.text("type").empty()) object.set("type", flags.text("type"));
  }
  append_hash(session, object);
  co_return Generated{std::move(object), kSecret, std::move(failure)};
}

}  // namespace drydock::kubectl
