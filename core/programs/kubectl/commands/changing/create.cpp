// kubectl create -f, and the end that all `kubectl create KIND` share.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/generators/generators.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {

Task<Result<int>> run_create(Session& session, Arguments arguments) {
  if (!arguments.empty()) co_return session.usage_error("Unexpected args: [" + join(arguments, " ") + "]");
  if (!has_manifests(session)) co_return need_manifests();
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  SelectionRules rules;
  rules.fetch = false;
  rules.validates = true;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, {}, rules));
  if (targets.empty() && session.errors().empty()) co_return Status::plain("no objects passed to create");
  for (const Target& target : targets) {
    Value object = target.object;
    save_config(session, object);
    Result<Value> created = co_await mutation.create(target.resource, target.ns, std::move(object));
    if (!created) {
      session.add_error(with_source(created.error(), "creating", target.source));
      continue;
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target.resource, *created, "created"));
  }
  co_return 0;
}

Task<Result<int>> run_create_generated(Session& session, Arguments arguments) {
  const std::string kind(session.path().substr(std::string_view("kubectl create ").size()));
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (arguments.empty()) co_return session.usage_error("exactly one NAME is required, got 0");
  const int dash = session.flags().dash_at();
  const std::size_t names = dash >= 0 ? static_cast<std::size_t>(dash) : arguments.size();
  if (names != 1 && kind != "job" && kind != "cronjob" && kind != "deployment") {
    co_return session.usage_error("exactly one NAME is required, got " + std::to_string(names));
  }
  DRYDOCK_CO_TRY(const Generated generated, co_await generate(session, kind, arguments));
  Value object = generated.object;
  const ApiResource& resource = generated.resource;
  std::string ns;
  if (resource.namespaced) {
    DRYDOCK_CO_TRY(ns, session.ns());
    if (session.ns_enforced()) object.ref("metadata", "namespace") = ns;
  }
  save_config(session, object);
  Result<Value> created = co_await mutation.create(resource, ns, std::move(object));
  if (!created) {
    if (generated.failure.empty()) co_return created.error();
    co_return as_own_error(generated.failure, created.error());
  }
  DRYDOCK_CO_TRY_VOID(co_await mutation.report(resource, *created, "created"));
  co_return 0;
}

Task<Result<int>> run_create_token(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (arguments.size() != 1)
    co_return session.usage_error("exactly one NAME is required, got " + std::to_string(arguments.size()));
  DRYDOCK_CO_TRY(const OutputFormat format, parse_output(session));
  DRYDOCK_CO_TRY(const std::string ns, session.ns());
  if (flags.changed("duration") && flags.duration("duration") < Duration{0})
    co_return Status::plain("--duration must be greater than or equal to 0");
  Value request =
      Value::object({{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenRequest"}, {"spec", Value::object()}});
  Value& spec = request.ref("spec");
  spec.set("audiences", Value());
  for (const std::string& audience : flags.list("audience")) spec.ref("audiences").push_back(audience);
  const auto seconds_wanted = std::chrono::duration_cast<seconds>(flags.duration("duration")).count();
  if (seconds_wanted > 0) spec.set("expirationSeconds", seconds_wanted);
  const std::string bound = flags.text("bound-object-kind");
  if (!bound.empty()) {
    if (bound != "Pod" && bound != "Secret" && bound != "Node")
      co_return Status::plain("supported --bound-object-kind values are Node, Pod, Secret");
    if (flags.text("bound-object-name").empty())
      co_return Status::plain("--bound-object-name is required if --bound-object-kind is provided");
    Value reference = Value::object({{"apiVersion", "v1"}, {"kind", bound}, {"name", flags.text("bound-object-name")}});
    if (!flags.text("bound-object-uid").empty()) reference.set("uid", flags.text("bound-object-uid"));
    spec.set("boundObjectRef", reference);
  } else if (!flags.text("bound-object-name").empty()) {
    co_return Status::plain("--bound-object-name can only be set if --bound-object-kind is provided");
  }
  const std::string path = resources::kServiceAccounts.path(ns, arguments[0], "token");
  Result<Value> token = co_await session.call("POST", path, {}, std::move(request));
  if (!token) {
    if (token.error().is_not_found()) co_return as_own_error("failed to create token: ", token.error());
    co_return as_own_error("failed to create token: ", token.error());
  }
  if (!format.name.empty()) {
    DRYDOCK_CO_TRY(std::string text, render(format, *token, "tokenrequest.authentication.k8s.io"));
    co_await session.out(std::move(text));
    co_return 0;
  }
  co_await session.out((*token)["status"]["token"].str() + "\n");
  co_return 0;
}

}  // namespace drydock::kubectl
