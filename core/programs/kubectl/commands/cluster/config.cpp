// kubectl config.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/printers/output.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

// The files are read again for every command; those that write may make the first one.
Result<Kubeconfig> load(Session& session, bool must_exist = false) {
  return Kubeconfig::load(session.process(), session.flags(), must_exist);
}

std::string member_of(std::string_view list) {
  return list == "clusters" ? "cluster" : list == "contexts" ? "context" : "user";
}

// Changes one entry of a list of the file that holds it (or the default file).
// `edit` gets the entry's body; it was absent when `known` is false.
template <class Function>
Result<bool> edit_entry(Session& session, std::string_view list, const std::string& name, Function edit) {
  DRYDOCK_TRY(const Kubeconfig config, load(session));
  const std::string path = config.file_for(list, name);
  Value document = config.document(path);
  Value& entries = document.ref(list);
  std::size_t at = 0;
  while (at < entries.size() && entries[at]["name"].as_string() != name) ++at;
  const bool known = at < entries.size();
  if (!known) entries.push_back(Value::object({{"name", name}}));
  Value body = entries[at][member_of(list)];
  if (!body.is_object()) body = Value::object();
  edit(body);
  entries.mutable_item(at).set(member_of(list), body);
  DRYDOCK_TRY_VOID(config.save(session.process(), path, document));
  return known;
}

void set_or_clear(Value& body, const Flags& flags, const std::string& flag, const std::string& field) {
  if (!flags.changed(flag)) return;
  if (flags.text(flag).empty())
    body.erase(field);
  else
    body.set(field, flags.text(flag));
}

// A path, or with --embed-certs the file's content.
Result<void> set_material(Session& session, Value& body, const std::string& field) {
  const Flags& flags = session.flags();
  if (!flags.changed(field)) return {};
  const std::string path = flags.text(field);
  body.erase(field);
  body.erase(field + "-data");
  if (!flags.on("embed-certs")) {
    body.set(field, session.process().absolute(path));
    return {};
  }
  auto content = session.process().read_file(path);
  if (!content)
    return Status::plain("could not read " + field + " data from " + path + ": open " + path + ": " +
                         to_lower(errno_text(content.error())));
  body.set(field + "-data", base64_encode(*content));
  return {};
}

Value shown_config(const Value& merged, bool raw) {
  Value config = Value::object({{"apiVersion", "v1"},
                                {"kind", "Config"},
                                {"clusters", merged["clusters"]},
                                {"contexts", merged["contexts"]},
                                {"current-context", merged["current-context"]},
                                {"users", merged["users"]}});
  if (raw) return config;
  Value& users = config.ref("users");
  for (std::size_t i = 0; i < users.size(); ++i) {
    Value& user = users.mutable_item(i).ref("user");
    for (const char* field : {"token", "password"}) {
      if (!user[field].empty()) user.set(field, "REDACTED");
    }
    for (const char* field : {"client-certificate-data", "client-key-data"}) {
      if (!user[field].empty()) user.set(field, "DATA+OMITTED");
    }
  }
  Value& clusters = config.ref("clusters");
  for (std::size_t i = 0; i < clusters.size(); ++i) {
    Value& cluster = clusters.mutable_item(i).ref("cluster");
    if (!cluster["certificate-authority-data"].empty()) cluster.set("certificate-authority-data", "DATA+OMITTED");
  }
  for (const char* list : {"clusters", "users"}) {
    if (config[list].empty()) config.set(list, Value());
  }
  return config;
}

// Only what the current context needs.
Result<Value> minified(const Value& config, const std::string& context) {
  const Value& entry = config_entry(config, "contexts", context);
  if (entry.is_null())
    return Status::plain(context.empty() ? "current-context must exist in order to minify"
                                         : "cannot locate context " + context);
  Value result = config;
  auto keep = [&](const char* list, std::string_view name) {
    Value kept = Value::array();
    for (const Value& item : config[list].items()) {
      if (item["name"].as_string() == name) kept.push_back(item);
    }
    result.set(list, kept);
  };
  keep("contexts", context);
  keep("clusters", entry["context"]["cluster"].as_string());
  keep("users", entry["context"]["user"].as_string());
  return result;
}

// Whoever gives the wrong number of words gets the help, and then the complaint.
Task<Status> misused(Session& session, Arguments arguments) {
  const std::string path = session.path().substr(std::string_view("kubectl ").size());
  if (const Command* command = find_command(path)) co_await session.out(help_text(*command));
  co_return Status::plain("Unexpected args: [" + join(arguments, " ") + "]");
}

// "clusters.kubernetes.server" into list, entry and path; names may hold dots.
struct Property {
  std::string list, name;
  std::vector<std::string> path;
};
Property parse_property(const Value& document, const std::string& text) {
  Property property;
  const std::size_t dot = text.find('.');
  property.list = text.substr(0, dot);
  if (dot == std::string::npos) return property;
  std::string rest = text.substr(dot + 1);
  for (const Value& entry : document[property.list].items()) {
    const std::string name = entry["name"].str();
    if (rest == name || rest.starts_with(name + "."))
      property.name = name.size() > property.name.size() ? name : property.name;
  }
  if (property.name.empty()) property.name = rest.substr(0, rest.find('.'));
  rest = rest.substr(std::min(rest.size(), property.name.size() + 1));
  if (!rest.empty()) property.path = split(rest, '.');
  return property;
}

}  // namespace

Task<Result<int>> run_config_view(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (!arguments.empty()) co_return session.usage_error("unexpected arguments: [" + join(arguments, " ") + "]");
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  Value merged = config.merged();
  if (!flags.text("context").empty()) merged.set("current-context", flags.text("context"));
  if (flags.on("minify")) {
    DRYDOCK_CO_TRY(merged, minified(merged, merged["current-context"].str()));
  }
  DRYDOCK_CO_TRY(OutputFormat format, parse_output(session));
  format.show_managed_fields = true;
  DRYDOCK_CO_TRY(std::string text, render(format, shown_config(merged, flags.on("raw") || flags.on("flatten")), ""));
  co_await session.out(std::move(text));
  co_return 0;
}

Task<Result<int>> run_config_current_context(Session& session, Arguments) {
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  const std::string name = config.context_name(session.flags());
  if (name.empty()) co_return Status::plain("current-context is not set");
  co_await session.out(name + "\n");
  co_return 0;
}

Task<Result<int>> run_config_get_contexts(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  const std::string output = flags.text("output");
  if (!output.empty() && output != "name")
    co_return session.usage_error("output must be one of '' or 'name': " + output);
  const std::string current = config.merged()["current-context"].str();
  std::vector<std::string> names = arguments;
  if (names.empty()) {
    for (const Value& entry : config.merged()["contexts"].items()) names.push_back(entry["name"].str());
  }
  std::sort(names.begin(), names.end());
  std::vector<std::vector<std::string>> rows;
  if (output.empty() && !flags.on("no-headers"))
    rows.push_back({"CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"});
  std::string text;
  for (const std::string& name : names) {
    const Value& entry = config_entry(config.merged(), "contexts", name);
    if (entry.is_null()) {
      session.add_error(Status::plain("context " + name + " not found"));
      continue;
    }
    text += name + "\n";
    rows.push_back({name == current ? "*" : "", name, entry["context"]["cluster"].str(), entry["context"]["user"].str(),
                    entry["context"]["namespace"].str()});
  }
  co_await session.out(output == "name" ? text : TableAligner().lines(rows));
  co_return 0;
}

Task<Result<int>> run_config_get_names(Session& session, Arguments) {
  const std::string list(last_word(session.path()).substr(4));  // get-clusters, get-users
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  std::vector<std::string> names;
  for (const Value& entry : config.merged()[list].items()) names.push_back(entry["name"].str());
  std::sort(names.begin(), names.end());
  std::string text = "NAME\n";
  for (const std::string& name : names) text += name + "\n";
  co_await session.out(std::move(text));
  co_return 0;
}

Task<Result<int>> run_config_use_context(Session& session, Arguments arguments) {
  if (arguments.size() != 1) co_return co_await misused(session, std::move(arguments));
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  if (config_entry(config.merged(), "contexts", arguments[0]).is_null())
    co_return Status::plain("no context exists with the name: " + go_quote(arguments[0]));
  const std::string path = config.file_for("current-context", "");
  Value document = config.document(path);
  document.set("current-context", arguments[0]);
  DRYDOCK_CO_TRY_VOID(config.save(session.process(), path, document));
  co_await session.out("Switched to context " + go_quote(arguments[0]) + ".\n");
  co_return 0;
}

Task<Result<int>> run_config_set_context(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  std::string name = arguments.empty() ? "" : arguments[0];
  if (flags.on("current")) {
    if (!arguments.empty()) co_return session.usage_error("you cannot specify both --current and a context name");
    DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
    name = config.merged()["current-context"].str();
    if (name.empty()) co_return Status::plain("no current context is set");
  } else if (arguments.empty()) {
    co_return Status::plain("you must specify a non-empty context name or --current");
  } else if (arguments.size() != 1) {
    co_return co_await misused(session, std::move(arguments));
  }
  auto edit = [&](Value& body) {
    for (const char* field : {"cluster", "user"}) {
      if (!body.has(field)) body.set(field, "");
      if (flags.changed(field)) body.set(field, flags.text(field));
    }
    set_or_clear(body, flags, "namespace", "namespace");
  };
  DRYDOCK_CO_TRY(const bool known, edit_entry(session, "contexts", name, edit));
  co_await session.out("Context " + go_quote(name) + (known ? " modified.\n" : " created.\n"));
  co_return 0;
}

Task<Result<int>> run_config_set_cluster(Session& session, Arguments arguments) {
  if (arguments.size() != 1) co_return co_await misused(session, std::move(arguments));
  const Flags& flags = session.flags();
  Result<void> problem;
  auto edit = [&](Value& body) {
    set_or_clear(body, flags, "server", "server");
    set_or_clear(body, flags, "tls-server-name", "tls-server-name");
    set_or_clear(body, flags, "proxy-url", "proxy-url");
    if (flags.changed("insecure-skip-tls-verify"))
      body.set("insecure-skip-tls-verify", flags.on("insecure-skip-tls-verify"));
    problem = set_material(session, body, "certificate-authority");
    if (!body.has("server")) body.set("server", "");
  };
  DRYDOCK_CO_TRY(const bool known, edit_entry(session, "clusters", arguments[0], edit));
  (void)known;
  if (!problem) co_return problem.error();
  co_await session.out("Cluster " + go_quote(arguments[0]) + " set.\n");
  co_return 0;
}

Task<Result<int>> run_config_set_credentials(Session& session, Arguments arguments) {
  if (arguments.size() != 1) {
    Status wrong = co_await misused(session, std::move(arguments));
    wrong.message[0] = 'u';
    co_return wrong;
  }
  const Flags& flags = session.flags();
  if (!flags.text("token").empty() && !(flags.text("username") + flags.text("password")).empty()) {
    co_return Status::plain(
        "you cannot specify more than one authentication method at the same time: --token, --username/--password");
  }
  Result<void> problem;
  auto edit = [&](Value& body) {
    for (const char* field : {"token", "username", "password"}) set_or_clear(body, flags, field, field);
    for (const char* field : {"client-certificate", "client-key"}) {
      Result<void> set = set_material(session, body, field);
      if (!set) problem = set.error();
    }
    if (!flags.text("exec-command").empty()) {
      body.ref("exec", "command") = flags.text("exec-command");
      if (!flags.text("exec-api-version").empty()) body.ref("exec", "apiVersion") = flags.text("exec-api-version");
      for (const std::string& argument : flags.list("exec-arg")) body.ref("exec", "args").push_back(argument);
      if (!body["exec"].has("args")) body.ref("exec", "args") = Value();
      if (!body["exec"].has("env")) body.ref("exec", "env") = Value();
      body.ref("exec", "provideClusterInfo") = flags.on("exec-provide-cluster-info");
    }
  };
  DRYDOCK_CO_TRY(const bool known, edit_entry(session, "users", arguments[0], edit));
  (void)known;
  if (!problem) co_return problem.error();
  co_await session.out("User " + go_quote(arguments[0]) + " set.\n");
  co_return 0;
}

Task<Result<int>> run_config_delete(Session& session, Arguments arguments) {
  const std::string what(last_word(session.path()).substr(7));  // cluster, context, user
  if (arguments.size() != 1) {
    // Cobra's way of saying it, which is no failure.
    if (const Command* command = find_command("config delete-" + what)) co_await session.out(help_text(*command));
    co_return 0;
  }
  const std::string list = what + "s";
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  const std::string path = config.file_for(list, arguments[0]);
  Value document = config.document(path);
  if (config_entry(document, list, arguments[0]).is_null())
    co_return Status::plain("cannot delete " + what + " " + arguments[0] + ", not in " + path);
  if (what == "context" && config.merged()["current-context"].as_string() == arguments[0]) {
    co_await session.err(
        "warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n");
  }
  Value kept = Value::array();
  for (const Value& entry : document[list].items()) {
    if (entry["name"].as_string() != arguments[0]) kept.push_back(entry);
  }
  document.set(list, std::move(kept));
  DRYDOCK_CO_TRY_VOID(config.save(session.process(), path, document));
  co_await session.out("deleted " + what + " " + arguments[0] + " from " + path + "\n");
  co_return 0;
}

Task<Result<int>> run_config_rename_context(Session& session, Arguments arguments) {
  if (arguments.size() != 2) co_return co_await misused(session, std::move(arguments));
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  if (config_entry(config.merged(), "contexts", arguments[0]).is_null()) {
    co_return Status::plain("cannot rename the context " + go_quote(arguments[0]) + ", it's not in " +
                            config.default_file());
  }
  if (!config_entry(config.merged(), "contexts", arguments[1]).is_null()) {
    co_return Status::plain("cannot rename the context " + go_quote(arguments[0]) + ", the context " +
                            go_quote(arguments[1]) + " already exists in " + config.default_file());
  }
  const std::string path = config.file_for("contexts", arguments[0]);
  Value document = config.document(path);
  for (std::size_t i = 0; i < document["contexts"].size(); ++i) {
    if (document["contexts"][i]["name"].as_string() == arguments[0])
      document.ref("contexts").mutable_item(i).set("name", arguments[1]);
  }
  if (document["current-context"].as_string() == arguments[0]) document.set("current-context", arguments[1]);
  DRYDOCK_CO_TRY_VOID(config.save(session.process(), path, document));
  co_await session.out("Context " + go_quote(arguments[0]) + " renamed to " + go_quote(arguments[1]) + ".\n");
  co_return 0;
}

Task<Result<int>> run_config_set(Session& session, Arguments arguments) {
  if (arguments.size() != 2) co_return co_await misused(session, std::move(arguments));
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  if (arguments[0] == "current-context") {
    const std::string path = config.file_for("current-context", "");
    Value document = config.document(path);
    document.set("current-context", arguments[1]);
    DRYDOCK_CO_TRY_VOID(config.save(session.process(), path, document));
  } else {
    const Property property = parse_property(config.merged(), arguments[0]);
    if (property.list != "clusters" && property.list != "contexts" && property.list != "users") {
      co_return Status::plain("unknown property " + go_quote(arguments[0]));
    }
    if (property.path.size() != 1)
      co_return Status::plain("unable to set " + go_quote(arguments[0]) + ": expected a field of one entry");
    auto edit = [&](Value& body) {
      const bool boolean = arguments[1] == "true" || arguments[1] == "false";
      const bool is_flag = property.path[0] == "insecure-skip-tls-verify" || property.path[0] == "disable-compression";
      body.set(property.path[0], boolean && is_flag ? Value(arguments[1] == "true") : Value(arguments[1]));
    };
    DRYDOCK_CO_TRY(const bool known, edit_entry(session, property.list, property.name, edit));
    (void)known;
  }
  co_await session.out("Property " + go_quote(arguments[0]) + " set.\n");
  co_return 0;
}

Task<Result<int>> run_config_unset(Session& session, Arguments arguments) {
  if (arguments.size() != 1) co_return co_await misused(session, std::move(arguments));
  DRYDOCK_CO_TRY(const Kubeconfig config, load(session));
  const Property property = parse_property(config.merged(), arguments[0]);
  constexpr std::string_view kKnown[] = {"clusters", "contexts", "users", "current-context", "preferences"};
  if (std::find(std::begin(kKnown), std::end(kKnown), property.list) == std::end(kKnown))
    co_return Status::plain("unable to parse " + arguments[0] + " after [] at api.Config");
  const std::string path = config.file_for(property.list, property.name);
  Value document = config.document(path);
  if (property.list == "current-context") {
    document.set("current-context", "");
  } else if (property.name.empty()) {
    document.set(property.list, Value());
  } else {
    Value kept = Value::array();
    for (const Value& entry : document[property.list].items()) {
      if (entry["name"].as_string() != property.name) {
        kept.push_back(entry);
      } else if (!property.path.empty()) {
        Value changed = entry;
        changed.ref(member_of(property.list)).erase(property.path[0]);
        kept.push_back(std::move(changed));
      }
    }
    document.set(property.list, std::move(kept));
  }
  DRYDOCK_CO_TRY_VOID(config.save(session.process(), path, document));
  co_await session.out("Property " + go_quote(arguments[0]) + " unset.\n");
  co_return 0;
}

}  // namespace drydock::kubectl
