// kubectl auth can-i, whoami, reconcile; certificate approve, deny.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/mutation.h"
#include "core/programs/kubectl/printers/tab_writer.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kReviews = "/apis/authorization.k8s.io/v1/";

Task<Result<int>> list_rules(Session& session) {
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  Value body = Value::object({{"apiVersion", "authorization.k8s.io/v1"},
                              {"kind", "SelfSubjectRulesReview"},
                              {"spec", Value::object({{"namespace", ns}})}});
  DRYDOCK_CO_TRY(const Value review,
                 co_await session.call("POST", std::string(kReviews) + "selfsubjectrulesreviews", {}, std::move(body)));
  struct Row {
    std::string group, resource, urls, names;
    std::vector<std::string> verbs;
    std::string verbs_text() const { return "[" + join(verbs, " ") + "]"; }
    // Go's text of the rule, by which kubectl sorts.
    std::string sort_key() const {
      return verbs_text() + ",APIGroups:[" + group + "],Resources:[" + resource + "],ResourceNames:" + names +
             ",NonResourceURLs:" + urls;
    }
  };
  std::vector<Row> rows;
  for (const Value& rule : review["status"]["resourceRules"].items()) {
    for (const Value& group : rule["apiGroups"].items()) {
      for (const Value& resource : rule["resources"].items()) {
        Row row{group.str(), resource.str(), "[]", list_text(rule["resourceNames"]), {}};
        // Rules for the same thing become one, with the verbs of all.
        auto same = std::find_if(rows.begin(), rows.end(), [&](const Row& other) {
          return other.group == row.group && other.resource == row.resource && other.names == row.names;
        });
        if (same == rows.end()) same = rows.insert(rows.end(), std::move(row));
        for (const Value& verb : rule["verbs"].items()) same->verbs.push_back(verb.str());
      }
    }
  }
  for (const Value& rule : review["status"]["nonResourceRules"].items()) {
    for (const Value& url : rule["nonResourceURLs"].items()) {
      Row row{"", "", "[" + url.str() + "]", "[]", {}};
      for (const Value& verb : rule["verbs"].items()) row.verbs.push_back(verb.str());
      rows.push_back(std::move(row));
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.sort_key() < b.sort_key(); });
  std::vector<std::vector<std::string>> lines;
  if (!session.flags().on("no-headers")) lines.push_back({"Resources", "Non-Resource URLs", "Resource Names", "Verbs"});
  for (const Row& row : rows) {
    const std::string name = row.resource + (row.group.empty() ? "" : "." + row.group);
    lines.push_back({name, row.urls, row.names, row.verbs_text()});
  }
  co_await session.out(TableAligner().lines(lines));
  co_return 0;
}

Task<Result<int>> decide(Session& session, Arguments arguments, bool approve) {
  const Flags& flags = session.flags();
  if (arguments.empty() && !has_manifests(session))
    co_return Status::plain("one or more CSRs must be specified as <name> or -f <filename>");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.default_type = "certificatesigningrequests";
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments), rules));
  for (const Target& target : targets) {
    const std::string type = approve ? "Approved" : "Denied";
    Value object = target.object;
    bool decided = false;
    for (const Value& condition : object["status"]["conditions"].items())
      decided = decided || condition["type"].as_string() == type;
    if (!decided || flags.on("force")) {
      object.ref("status", "conditions")
          .push_back(Value::object({{"type", type},
                                    {"status", "True"},
                                    {"reason", approve ? "KubectlApprove" : "KubectlDeny"},
                                    {"message", approve ? "This CSR was approved by kubectl certificate approve."
                                                        : "This CSR was denied by kubectl certificate deny."},
                                    {"lastUpdateTime", format_timestamp(session.now())}}));
      Result<Value> updated = co_await session.call("PUT", target.path("approval"), {}, object);
      if (!updated) {
        session.add_error(updated.error());
        continue;
      }
      object = *std::move(updated);
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, object, approve ? "approved" : "denied"));
  }
  co_return 0;
}

}  // namespace

Task<Result<int>> run_certificate_approve(Session& session, Arguments arguments) {
  return decide(session, std::move(arguments), true);
}
Task<Result<int>> run_certificate_deny(Session& session, Arguments arguments) {
  return decide(session, std::move(arguments), false);
}

Task<Result<int>> run_auth_can_i(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (flags.on("list")) {
    if (!arguments.empty()) co_return Status::plain("list option must be specified with no arguments");
    co_return co_await list_rules(session);
  }
  if (arguments.size() < 2 || arguments.size() > 3) {
    co_return Status::plain(
        "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for "
        "help and examples.");
  }
  Value attributes = Value::object({{"verb", arguments[0]}});
  Value spec = Value::object();
  if (arguments[1].starts_with('/')) {
    spec.set("nonResourceAttributes", Value::object({{"path", arguments[1]}, {"verb", arguments[0]}}));
  } else {
    const std::size_t slash = arguments[1].find('/');
    std::string name = slash == std::string::npos ? "" : arguments[1].substr(slash + 1);
    if (arguments.size() == 3) name = arguments[2];
    const std::string type = arguments[1].substr(0, slash);
    Result<ApiResource> resource =
        type == "*" ? Result<ApiResource>(Status::plain("")) : co_await session.resource(type);
    if (resource) {
      attributes.set("group", resource->group);
      attributes.set("resource", resource->plural);
      if (!resource->namespaced && !flags.on("all-namespaces"))
        co_await session.err("Warning: resource '" + type + "' is not namespace scoped" +
                             (resource->group.empty() ? "" : " in group '" + resource->group + "'") + "\n\n");
    } else {
      attributes.set("resource", type);
      if (type != "*") co_await session.err("Warning: the server doesn't have a resource type '" + type + "'\n\n");
    }
    if (!flags.text("subresource").empty()) attributes.set("subresource", flags.text("subresource"));
    if (!name.empty()) attributes.set("name", name);
    if (!flags.on("all-namespaces")) {
      DRYDOCK_CO_TRY(const std::string ns, session.ns());
      attributes.set("namespace", ns);
    }
    spec.set("resourceAttributes", attributes);
  }
  Value body =
      Value::object({{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SelfSubjectAccessReview"}, {"spec", spec}});
  DRYDOCK_CO_TRY(const Value review, co_await session.call("POST", std::string(kReviews) + "selfsubjectaccessreviews",
                                                           {}, std::move(body)));
  const Value& status = review["status"];
  const bool allowed = status["allowed"].as_bool();
  if (!flags.on("quiet")) {
    std::string text = allowed ? "yes" : "no";
    if (!allowed && !status["reason"].empty()) text += " - " + status["reason"].str();
    if (!status["evaluationError"].empty()) text += " - " + status["evaluationError"].str();
    co_await session.out(text + "\n");
  }
  co_return allowed ? 0 : 1;
}

Task<Result<int>> run_auth_whoami(Session& session, Arguments) {
  DRYDOCK_CO_TRY(const OutputFormat format, parse_output(session));
  Value body = Value::object(
      {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "SelfSubjectReview"}, {"metadata", Value::object()}});
  DRYDOCK_CO_TRY(const Value review, co_await session.call("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                                                           {}, std::move(body)));
  if (!format.name.empty()) {
    DRYDOCK_CO_TRY(std::string text, render(format, review, "selfsubjectreview.authentication.k8s.io"));
    co_await session.out(std::move(text));
    co_return 0;
  }
  const Value& user = review["status"]["userInfo"];
  std::vector<std::vector<std::string>> rows = {{"ATTRIBUTE", "VALUE"}};
  if (!user["username"].empty()) rows.push_back({"Username", user["username"].str()});
  if (!user["uid"].empty()) rows.push_back({"UID", user["uid"].str()});
  if (!user["groups"].empty()) rows.push_back({"Groups", list_text(user["groups"])});
  for (const auto& [key, values] : user["extra"].members()) rows.push_back({"Extra: " + key.str(), list_text(values)});
  co_await session.out(TableAligner().lines(rows));
  co_return 0;
}

Task<Result<int>> run_auth_reconcile(Session& session, Arguments) {
  if (!has_manifests(session)) co_return need_manifests();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.fetch = false;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, {}, rules));
  for (const Target& target : targets) {
    if (target.resource.group != "rbac.authorization.k8s.io") {
      co_return Status::plain("only rbac.authorization.k8s.io/v1 is supported: not " + target.resource.api_version());
    }
    Result<Value> current = co_await session.get(target.path());
    if (!current && current.error().is_not_found()) {
      DRYDOCK_CO_TRY(const Value created, co_await mutation.create(target.resource, target.ns, target.object));
      DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, created, "reconciled"));
      continue;
    }
    if (!current) co_return current.error();
    // What is there stays, unless the flags say otherwise; what is missing is added.
    Value merged = *current;
    const bool binding = contains(target.resource.kind, "Binding");
    const char* field = binding ? "subjects" : "rules";
    const bool replace = session.flags().on(binding ? "remove-extra-subjects" : "remove-extra-permissions");
    if (replace) merged.set(field, target.object[field]);
    for (const Value& entry : target.object[field].items()) {
      bool known = false;
      for (const Value& there : merged[field].items()) known = known || there == entry;
      if (!known) merged.ref(field).push_back(entry);
    }
    if (!mutation.client_only() && !(merged == *current)) {
      DRYDOCK_CO_TRY(merged, co_await session.call("PUT", target.path(), mutation.query(), merged));
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, merged, "reconciled"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
