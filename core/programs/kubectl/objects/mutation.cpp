#include "core/programs/kubectl/objects/mutation.h"

#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock::kubectl {

Result<Mutation> Mutation::make(Session& session) {
  const Flags& flags = session.flags();
  Mutation mutation(session);
  const std::string dry = flags.text("dry-run");
  if (dry == "client" || dry == "unchanged" || dry == "true")
    mutation.dry_run_ = DryRun::kClient;
  else if (dry == "server")
    mutation.dry_run_ = DryRun::kServer;
  else if (!dry.empty() && dry != "none" && dry != "false") {
    return Status::plain("Invalid dry-run value (" + dry + "). Must be \"none\", \"server\", or \"client\".");
  }
  const std::string validate = flags.text("validate");
  if (validate == "warn")
    mutation.validation_ = "Warn";
  else if (validate == "ignore" || validate == "false")
    mutation.validation_ = "Ignore";
  else if (validate.empty() || validate == "strict" || validate == "true")
    mutation.validation_ = "Strict";
  else
    return Status::plain("invalid - validate option " + go_quote(validate) +
                         "; must be one of: strict (or true), warn, ignore (or false)");
  mutation.manager_ = flags.text("field-manager");
  DRYDOCK_TRY(mutation.format_, parse_output(session));
  return mutation;
}

HttpQuery Mutation::query(bool validate) const {
  HttpQuery query;
  if (dry_run_ == DryRun::kServer) query.add("dryRun", "All");
  if (!manager_.empty()) query.add("fieldManager", manager_);
  if (validate) query.add("fieldValidation", validation_);
  return query;
}

Task<Result<void>> Mutation::print(std::string kind_name, std::string name, Value object, std::string operation) {
  if (format_.name.empty()) {
    if (dry_run_ == DryRun::kClient) operation += " (dry run)";
    if (dry_run_ == DryRun::kServer) operation += " (server dry run)";
    co_await session_.out(kind_name + "/" + name + " " + operation + "\n");
    co_return Result<void>();
  }
  DRYDOCK_CO_TRY(std::string text, render(format_, object, kind_name));
  if (format_.name == "yaml" && printed_) text.insert(0, "---\n");
  printed_ = true;
  co_await session_.out(std::move(text));
  co_return Result<void>();
}

Task<Result<void>> Mutation::report(const ApiResource& resource, const Value& object, std::string operation) {
  return print(resource.kind_name(), object["metadata"]["name"].str(), object, std::move(operation));
}
Task<Result<void>> Mutation::report(const Target& target, const Value& object, std::string operation) {
  return print(target.resource.kind_name(), target.name, object, std::move(operation));
}

Task<Result<Value>> Mutation::create(const ApiResource& resource, std::string ns, Value object) {
  if (client_only()) co_return object;
  co_return co_await session_.call("POST", resource.ref().path(resource.namespaced ? ns : ""), query(true),
                                   std::move(object));
}

Task<Result<Value>> Mutation::patch(const Target& target, Value patch, std::string_view type, std::string subresource) {
  co_return co_await session_.call("PATCH", target.path(subresource), query(), std::move(patch), std::string(type));
}

std::string last_applied_text(const Value& object) {
  Value copy = object;
  copy.ref("metadata", "annotations").erase(kLastApplied);
  if (copy["metadata"]["annotations"].is_null()) copy.ref("metadata", "annotations") = Value::object();
  return dump_json(copy, {.escape_html = true}) + "\n";
}

void save_config(Session& session, Value& object) {
  if (session.flags().on("save-config"))
    object.ref("metadata", "annotations", kLastApplied) = last_applied_text(object);
}

}  // namespace drydock::kubectl
