#include "core/runtime/images/definition.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/program.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/machinery/yaml.h"
#include "core/runtime/image_registry.h"
#include "core/runtime/images/base_system.h"

namespace drydock {
namespace {

constexpr std::int64_t kDefaultPort = 8080;
constexpr Duration kLongestDelay = std::chrono::hours(1);

std::string_view kind_name(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kBool:
      return "boolean";
    case Value::Kind::kInt:
    case Value::Kind::kDouble:
      return "number";
    case Value::Kind::kString:
      return "string";
    case Value::Kind::kArray:
      return "array";
    case Value::Kind::kObject:
      return "object";
    default:
      return "null";
  }
}

std::string shown(const Value& value) {
  return value.is_string()                       ? go_quote(value.as_string())
         : value.is_array() || value.is_object() ? go_quote(kind_name(value))
                                                 : dump_json(value);
}

Status required(const std::string& field) { return Status::plain(field + ": Required value"); }
Status invalid(const std::string& field, const Value& value, const std::string& why) {
  return Status::plain(field + ": Invalid value: " + shown(value) + ": " + why);
}
Status wrong_type(const std::string& field, const Value& value, const std::string& wanted) {
  return invalid(field, value, "must be of type " + wanted + ": " + go_quote(kind_name(value)));
}

// Every member must be one of `known` (words).
Result<void> check_fields(const Value& object, const std::string& prefix, std::string_view known) {
  const std::vector<std::string> names = split_whitespace(known);
  for (const Value::Member& member : object.members()) {
    if (std::find(names.begin(), names.end(), member.key.view()) == names.end())
      return Status::plain("unknown field " + go_quote(prefix + member.key.str()));
  }
  return {};
}

Result<std::string> text_field(const Value& object, const std::string& prefix, const char* name) {
  const Value& value = object[name];
  if (value.is_null()) return std::string();
  if (!value.is_string()) return wrong_type(prefix + name, value, "string");
  return value.str();
}

// Numbers and booleans are texts here, as in `env` of most tools' files.
Result<std::string> scalar(const std::string& field, const Value& value) {
  if (value.is_string()) return value.str();
  if (value.is_number() || value.is_bool()) return dump_json(value);
  return wrong_type(field, value, "string");
}

Result<void> check_path(const std::string& field, const Value& shown_as, std::string_view path) {
  if (!path.starts_with("/")) return invalid(field, shown_as, "must be an absolute path");
  if (path == "/" || path.ends_with("/")) return invalid(field, shown_as, "must name a file");
  for (const std::string& piece : split(path.substr(1), '/')) {
    if (piece == ".." || piece == ".") return invalid(field, shown_as, "must not contain '" + piece + "'");
    if (piece.empty()) return invalid(field, shown_as, "must not contain '//'");
  }
  return {};
}

Result<std::uint32_t> file_mode(const std::string& field, const Value& value) {
  // YAML 1.1 reads 0755 as 493; a quoted "0755" is read here.
  if (value.is_int() && value.as_int() >= 0 && value.as_int() <= 07777)
    return static_cast<std::uint32_t>(value.as_int());
  std::uint32_t mode = 0;
  const std::string_view text = value.as_string();
  if (text.empty() || text.size() > 5) return invalid(field, value, "must be an octal number up to 07777");
  for (char c : text) {
    if (c < '0' || c > '7') return invalid(field, value, "must be an octal number up to 07777");
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  if (mode > 07777) return invalid(field, value, "must be an octal number up to 07777");
  return mode;
}

Result<void> parse_files(const Value& files, ImageDefinition& out) {
  if (files.is_null()) return {};
  if (!files.is_object()) return wrong_type("files", files, "object");
  for (const Value::Member& member : files.members()) {
    const std::string field = "files[" + member.key.str() + "]";
    DRYDOCK_TRY_VOID(check_path("files", Value(member.key.str()), member.key.view()));
    ImageDefinition::File file;
    file.path = member.key.str();
    const Value& value = member.value;
    if (value.is_object()) {
      DRYDOCK_TRY_VOID(check_fields(value, field + ".", "content mode user"));
      DRYDOCK_TRY(file.content, text_field(value, field + ".", "content"));
      if (!value["mode"].is_null()) {
        DRYDOCK_TRY(file.mode, file_mode(field + ".mode", value["mode"]));
      } else if (file.content.starts_with("#!")) {
        file.mode = 0755;
      }
      const Value& user = value["user"];
      if (!user.is_null()) {
        if (!user.is_int() || user.as_int() < 0 || user.as_int() > 0x7fffffff)
          return invalid(field + ".user", user, "must be between 0 and 2147483647, inclusive");
        file.user = static_cast<std::uint32_t>(user.as_int());
      }
    } else {
      DRYDOCK_TRY(file.content, scalar(field, value));
      if (file.content.starts_with("#!")) file.mode = 0755;
    }
    out.files.push_back(std::move(file));
  }
  return {};
}

Result<void> add_variable(const std::string& field, std::string name, std::string value, ImageDefinition& out) {
  if (name.empty()) return required(field);
  if (contains(name, "=") || contains(name, " ")) return invalid(field, Value(name), "must not contain '=' or a space");
  out.environment.emplace_back(std::move(name), std::move(value));
  return {};
}

Result<void> parse_environment(const Value& env, ImageDefinition& out) {
  if (env.is_null()) return {};
  if (env.is_object()) {
    for (const Value::Member& member : env.members()) {
      DRYDOCK_TRY(std::string value, scalar("env[" + member.key.str() + "]", member.value));
      DRYDOCK_TRY_VOID(add_variable("env", member.key.str(), std::move(value), out));
    }
    return {};
  }
  if (!env.is_array()) return wrong_type("env", env, "object");
  for (std::size_t i = 0; i < env.size(); ++i) {
    const Value& item = env[i];
    const std::string field = "env[" + std::to_string(i) + "]";
    if (item.is_string()) {
      const std::size_t equals = item.as_string().find('=');
      if (equals == std::string_view::npos) return invalid(field, item, "must be NAME=value");
      DRYDOCK_TRY_VOID(add_variable(field, item.str().substr(0, equals), item.str().substr(equals + 1), out));
      continue;
    }
    if (!item.is_object()) return wrong_type(field, item, "object");
    DRYDOCK_TRY_VOID(check_fields(item, field + ".", "name value"));
    DRYDOCK_TRY(std::string name, text_field(item, field + ".", "name"));
    DRYDOCK_TRY(std::string value, scalar(field + ".value", item["value"].is_null() ? Value("") : item["value"]));
    DRYDOCK_TRY_VOID(add_variable(field + ".name", std::move(name), std::move(value), out));
  }
  return {};
}

Result<std::vector<std::string>> word_list(const std::string& field, const Value& value, bool shell) {
  if (value.is_string()) {
    if (value.empty()) return required(field);
    if (shell) return std::vector<std::string>{"/bin/sh", "-c", value.str()};
    return split_whitespace(value.as_string());
  }
  if (!value.is_array()) return wrong_type(field, value, "array");
  std::vector<std::string> words;
  for (std::size_t i = 0; i < value.size(); ++i) {
    DRYDOCK_TRY(std::string word, scalar(field + "[" + std::to_string(i) + "]", value[i]));
    words.push_back(std::move(word));
  }
  return words;
}

bool port_number(const Value& value) { return value.is_int() && value.as_int() >= 1 && value.as_int() <= 65535; }

Result<void> parse_ports(const Value& expose, ImageDefinition& out) {
  if (expose.is_null()) return {};
  if (!expose.is_array()) return wrong_type("expose", expose, "array");
  for (std::size_t i = 0; i < expose.size(); ++i) {
    const Value& item = expose[i];
    const std::string field = "expose[" + std::to_string(i) + "]";
    std::string text = item.is_int() ? std::to_string(item.as_int()) + "/tcp" : item.str();
    if (!contains(text, "/")) text += "/tcp";
    const std::size_t slash = text.find('/');
    const auto number = parse_int(text.substr(0, slash));
    const std::string protocol = text.substr(slash + 1);
    if (!number || *number < 1 || *number > 65535 || (protocol != "tcp" && protocol != "udp" && protocol != "sctp"))
      return invalid(field, item, "must be a port from 1 to 65535, with /tcp, /udp or /sctp");
    out.ports.push_back(std::move(text));
  }
  return {};
}

Result<void> check_template(const std::string& field, const std::string& text) {
  for (const TemplatePiece& piece : template_pieces(text)) {
    if (piece.is_name && !known_template_name(piece.text))
      return invalid(field, Value("{{" + piece.text + "}}"),
                     "supported values: hostname, path, method, client, body, env.NAME, query.NAME, header.NAME");
  }
  return {};
}

bool token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

Result<Value> parse_route(const Value& route, const std::string& field) {
  if (!route.is_object()) return wrong_type(field, route, "object");
  DRYDOCK_TRY_VOID(check_fields(route, field + ".", "path method status headers body delay"));
  DRYDOCK_TRY(std::string path, text_field(route, field + ".", "path"));
  if (path.empty()) return required(field + ".path");
  if (!path.starts_with("/")) return invalid(field + ".path", route["path"], "must start with '/'");
  if (path.find('*') != std::string::npos && path.find('*') + 1 != path.size())
    return invalid(field + ".path", route["path"], "'*' may stand at the end only");
  DRYDOCK_TRY(std::string method, text_field(route, field + ".", "method"));
  if (!method.empty() && (!token(method) || method != to_upper(method)))
    return invalid(field + ".method", route["method"], "must be a method in upper case, such as GET");
  const Value& status = route["status"];
  if (!status.is_null() && (!status.is_int() || status.as_int() < 200 || status.as_int() > 599))
    return invalid(field + ".status", status, "must be between 200 and 599, inclusive");
  Value checked = Value::object({{"path", path}, {"method", method}, {"status", status.as_int(200)}});
  Value headers = Value::object();
  if (!route["headers"].is_null() && !route["headers"].is_object())
    return wrong_type(field + ".headers", route["headers"], "object");
  for (const Value::Member& member : route["headers"].members()) {
    const std::string where = field + ".headers[" + member.key.str() + "]";
    if (!token(member.key.view())) return invalid(field + ".headers", Value(member.key.str()), "not a header name");
    DRYDOCK_TRY(std::string value, scalar(where, member.value));
    if (contains(value, "\n") || contains(value, "\r")) return invalid(where, member.value, "must be one line");
    DRYDOCK_TRY_VOID(check_template(where, value));
    headers.set(member.key, value);
  }
  checked.set("headers", headers);
  const Value& body = route["body"];
  if (body.is_object() || body.is_array()) {
    checked.set("body", dump_json(body, {.indent = 2}) + "\n");
    if (!headers.has("Content-Type")) checked.ref("headers").set("Content-Type", "application/json");
  } else if (!body.is_null()) {
    DRYDOCK_TRY(std::string text, scalar(field + ".body", body));
    checked.set("body", text);
  }
  DRYDOCK_TRY_VOID(check_template(field + ".body", checked["body"].str()));
  const Value& delay = route["delay"];
  if (!delay.is_null()) {
    const auto duration = delay.is_string() ? parse_go_duration(delay.as_string()) : std::nullopt;
    if (!duration || *duration < Duration{0} || *duration > kLongestDelay)
      return invalid(field + ".delay", delay, "must be a duration such as 200ms, up to 1h");
    checked.set("delay", duration->count());
  }
  return checked;
}

Result<void> parse_http(const Value& http, ImageDefinition& out) {
  if (http.is_null()) return {};
  if (!http.is_object()) return wrong_type("http", http, "object");
  DRYDOCK_TRY_VOID(check_fields(http, "http.", "port routes responses"));
  const Value& port = http["port"];
  if (!port.is_null() && !port_number(port))
    return invalid("http.port", port, "must be between 1 and 65535, inclusive");
  Value routes = Value::array();
  if (!http["routes"].is_null() && !http["routes"].is_array())
    return wrong_type("http.routes", http["routes"], "array");
  for (std::size_t i = 0; i < http["routes"].size(); ++i) {
    DRYDOCK_TRY(Value route, parse_route(http["routes"][i], "http.routes[" + std::to_string(i) + "]"));
    routes.push_back(std::move(route));
  }
  // The short form: {path: body}.
  if (!http["responses"].is_null() && !http["responses"].is_object())
    return wrong_type("http.responses", http["responses"], "object");
  for (const Value::Member& member : http["responses"].members()) {
    Value route = Value::object({{"path", member.key.str()}, {"body", member.value}});
    DRYDOCK_TRY(Value checked, parse_route(route, "http.responses[" + member.key.str() + "]"));
    routes.push_back(std::move(checked));
  }
  if (routes.empty()) return required("http.routes");
  out.http = Value::object({{"port", port.as_int(kDefaultPort)}, {"routes", routes}});
  return {};
}

}  // namespace

std::vector<TemplatePiece> template_pieces(std::string_view text) {
  std::vector<TemplatePiece> pieces;
  while (!text.empty()) {
    const std::size_t open = text.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : text.find("}}", open);
    if (close == std::string_view::npos) {
      pieces.push_back({std::string(text), false});
      break;
    }
    if (open > 0) pieces.push_back({std::string(text.substr(0, open)), false});
    pieces.push_back({std::string(trim(text.substr(open + 2, close - open - 2))), true});
    text.remove_prefix(close + 2);
  }
  return pieces;
}

bool known_template_name(std::string_view name) {
  if (name == "hostname" || name == "path" || name == "method" || name == "client" || name == "body") return true;
  for (std::string_view prefix : {"env.", "query.", "header."}) {
    if (name.starts_with(prefix) && token(name.substr(prefix.size()))) return true;
  }
  return false;
}

Result<ImageDefinition> parse_image_definition(std::string_view yaml) {
  DRYDOCK_TRY(Value document, parse_yaml(yaml));
  if (!document.is_object()) return Status::plain("an image must be a mapping with at least \"name\"");
  DRYDOCK_TRY_VOID(
      check_fields(document, "", "name base files directories env command entrypoint args user workdir expose http"));
  ImageDefinition out;
  DRYDOCK_TRY(out.name, text_field(document, "", "name"));
  if (out.name.empty()) return required("name");
  const std::string bad_name = image_reference_error(out.name);
  if (!bad_name.empty()) return invalid("name", document["name"], bad_name);
  if (contains(out.name, "@")) return invalid("name", document["name"], "must not have a digest");
  DRYDOCK_TRY(std::string base, text_field(document, "", "base"));
  if (!base.empty()) out.base = base;
  const std::string bad_base = image_reference_error(out.base);
  if (!bad_base.empty()) return invalid("base", document["base"], bad_base);
  DRYDOCK_TRY_VOID(parse_files(document["files"], out));
  const Value& directories = document["directories"];
  if (!directories.is_null() && !directories.is_array()) return wrong_type("directories", directories, "array");
  for (std::size_t i = 0; i < directories.size(); ++i) {
    const std::string field = "directories[" + std::to_string(i) + "]";
    if (!directories[i].is_string()) return wrong_type(field, directories[i], "string");
    DRYDOCK_TRY_VOID(check_path(field, directories[i], directories[i].as_string()));
    out.directories.push_back(directories[i].str());
  }
  DRYDOCK_TRY_VOID(parse_environment(document["env"], out));
  if (document.has("command") && document.has("entrypoint"))
    return Status::plain("command: Forbidden: may not be specified when `entrypoint` is");
  for (const char* name : {"command", "entrypoint"}) {
    if (document[name].is_null()) continue;
    DRYDOCK_TRY(out.entrypoint, word_list(name, document[name], true));
    if (out.entrypoint->empty()) return required(name);
  }
  if (!document["args"].is_null()) {
    DRYDOCK_TRY(out.arguments, word_list("args", document["args"], false));
  }
  const Value& user = document["user"];
  if (!user.is_null()) {
    if (!user.is_string() && !user.is_int()) return wrong_type("user", user, "string");
    if (user.is_int() && (user.as_int() < 0 || user.as_int() > 0x7fffffff))
      return invalid("user", user, "must be between 0 and 2147483647, inclusive");
    out.user = user.is_int() ? std::to_string(user.as_int()) : user.str();
  }
  DRYDOCK_TRY(out.working_directory, text_field(document, "", "workdir"));
  if (!out.working_directory.empty() && !out.working_directory.starts_with("/"))
    return invalid("workdir", document["workdir"], "must be an absolute path");
  DRYDOCK_TRY_VOID(parse_ports(document["expose"], out));
  DRYDOCK_TRY_VOID(parse_http(document["http"], out));
  if (!out.http.is_null() && (out.entrypoint || out.arguments))
    return Status::plain("http: Forbidden: may not be specified when `entrypoint` or `args` is");
  return out;
}

Result<void> apply_image_definition(const ImageDefinition& definition, Image& image, TimePoint now) {
  FileSystem files(image.root);
  for (const std::string& path : definition.directories) {
    if (!files.make_directories(path, now))
      return Status::plain("directories: Invalid value: " + go_quote(path) + ": not a directory in " + definition.base);
  }
  for (const ImageDefinition::File& file : definition.files) {
    if (!files.make_directories(directory_name(file.path), now) ||
        !files.write_file(file.path, file.content, now, file.mode))
      return Status::plain("files: Invalid value: " + go_quote(file.path) + ": cannot be written in " +
                           definition.base);
    if (const auto inode = files.resolve(file.path)) {
      (*inode)->mode = file.mode;
      (*inode)->uid = (*inode)->gid = file.user;
    }
    image.size_bytes += static_cast<std::int64_t>(file.content.size());
  }
  for (const auto& variable : definition.environment) {
    std::erase_if(image.environment, [&](const auto& entry) { return entry.first == variable.first; });
    image.environment.push_back(variable);
  }
  if (!definition.working_directory.empty()) {
    image.working_directory = definition.working_directory;
    (void)files.make_directories(image.working_directory, now);
  }
  if (!definition.ports.empty()) image.ports = definition.ports;
  if (!definition.user.empty()) {
    const auto number = parse_int(definition.user);
    bool found = number.has_value();
    if (number) image.user = static_cast<std::uint32_t>(*number);
    for (const std::string& line : split(files.read_file("/etc/passwd").value_or(""), '\n')) {
      const std::vector<std::string> fields = split(line, ':');
      if (found || fields.size() < 3 || fields[0] != definition.user) continue;
      image.user = static_cast<std::uint32_t>(parse_int(fields[2]).value_or(0));
      found = true;
    }
    if (!found)
      return Status::plain("user: Invalid value: " + go_quote(definition.user) +
                           ": no matching entries in passwd file");
  }
  // Docker's rule: a new entrypoint drops the base's arguments.
  if (definition.entrypoint) {
    image.entrypoint = *definition.entrypoint;
    image.arguments.clear();
  }
  if (definition.arguments) image.arguments = *definition.arguments;
  if (!definition.http.is_null()) {
    (void)files.make_directories("/etc", now);
    (void)files.write_file("/etc/http-responder.json", dump_json(definition.http), now);
    add_program(files, "/usr/local/bin/http-responder", "http-responder", "", now);
    image.entrypoint = {"/usr/local/bin/http-responder"};
    image.arguments.clear();
    image.stop_signal.clear();
    if (definition.ports.empty()) image.ports = {std::to_string(definition.http["port"].as_int()) + "/tcp"};
  }
  return {};
}

}  // namespace drydock
