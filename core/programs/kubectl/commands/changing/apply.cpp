// kubectl apply: three-way patches from the last applied configuration, or
// server-side apply.
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/patch.h"
#include "core/machinery/resource_registry.h"
#include "core/machinery/selectors.h"
#include "core/machinery/yaml.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/applying.h"
#include "core/programs/kubectl/objects/deletion.h"
#include "core/programs/kubectl/objects/migration.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

constexpr int kMaxConflictRetries = 5;

constexpr std::string_view kConflictAdvice =
    "\nPlease review the fields above--they currently have other managers. Here\n"
    "are the ways you can resolve this warning:\n"
    "* If you intend to manage all of these fields, please re-run the apply\n"
    "  command with the `--force-conflicts` flag.\n"
    "* If you do not intend to manage all of the fields, please edit your\n"
    "  manifest to remove references to the fields that should keep their\n"
    "  current managers.\n"
    "* You may co-own fields by updating your manifest to match the existing\n"
    "  value; in this case, you'll become the manager if the other manager(s)\n"
    "  stop managing the field (remove it from their configuration).\n"
    "See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

// The manager of server-side apply unless told otherwise, and the one that keeps the
// annotation of client-side apply.
constexpr const char* kServerSideManager = "kubectl";
constexpr const char* kLastAppliedManager = "kubectl-last-applied";

// Kinds that --prune looks at unless told otherwise.
constexpr std::string_view kPruned[] = {"v1/ConfigMap",
                                        "v1/Endpoints",
                                        "v1/Namespace",
                                        "v1/PersistentVolumeClaim",
                                        "v1/PersistentVolume",
                                        "v1/Pod",
                                        "v1/ReplicationController",
                                        "v1/Secret",
                                        "v1/Service",
                                        "batch/v1/Job",
                                        "batch/v1/CronJob",
                                        "networking.k8s.io/v1/Ingress",
                                        "apps/v1/DaemonSet",
                                        "apps/v1/Deployment",
                                        "apps/v1/ReplicaSet",
                                        "apps/v1/StatefulSet"};

Status patch_failure(const Status& error, const Target& target, const Value& patch) {
  const std::string group_version = target.resource.group.empty()
                                        ? "/" + target.resource.version
                                        : target.resource.group + "/" + target.resource.version;
  const std::string what = "error when applying patch:\n" + dump_json(patch) + "\nto:\nResource: \"" + group_version +
                           ", Resource=" + target.resource.plural + "\", GroupVersionKind: \"" + group_version +
                           ", Kind=" + target.resource.kind + "\"\nName: " + go_quote(target.name) +
                           ", Namespace: " + go_quote(target.ns) + "\nfor: " + go_quote(target.source) + ": ";
  return with_prefix(with_source(error, "patching", target.source), what);
}

class Applier {
 public:
  Applier(Session& session, Mutation mutation) : session_(session), mutation_(std::move(mutation)) {}

  Task<Result<void>> apply(Target target) {
    if (target.name.empty()) {
      co_return Status::plain("from " + target.object["metadata"]["generateName"].str() +
                              ": cannot use generate name with apply");
    }
    if (session_.flags().on("server-side")) co_return co_await apply_on_server(std::move(target));
    const Value modified = with_last_applied(target.object);
    for (int attempt = 0;; ++attempt) {
      Result<Value> current = co_await session_.get(target.path());
      if (!current) {
        if (!current.error().is_not_found()) {
          co_return with_prefix(current.error(), "error when retrieving current configuration of:\n" +
                                                     describe_target(target) +
                                                     "\nfrom server for: " + go_quote(target.source) + ": ");
        }
        co_return co_await create(std::move(target), modified);
      }
      if (!(*current)["metadata"]["annotations"].has(kLastApplied)) {
        co_await session_.warn("resource " + target.plural_title() +
                               " is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is "
                               "required by kubectl apply. "
                               "kubectl apply should only be used on resources created declaratively by either kubectl "
                               "create --save-config or kubectl "
                               "apply. The missing annotation will be patched automatically.");
      }
      DRYDOCK_CO_TRY(const ApplyPatch patch, apply_patch(target.resource, modified, *current));
      if (patch.body.empty()) co_return co_await mutation_.report(target, *current, "unchanged");
      if (mutation_.client_only()) {
        DRYDOCK_CO_TRY(const Value merged, patch.applied_to(*current));
        co_return co_await mutation_.report(target, merged, "configured");
      }
      HttpQuery query = mutation_.query(true);
      Result<Value> patched =
          co_await session_.call("PATCH", target.path(), query, patch.body, std::string(patch.type));
      if (patched) co_return co_await mutation_.report(target, *patched, "configured");
      if (patched.error().is_conflict() && attempt < kMaxConflictRetries) continue;
      const bool replaceable = patched.error().is_conflict() || patched.error().is("Invalid");
      if (session_.flags().on("force") && replaceable) co_return co_await recreate(std::move(target), modified);
      co_return patch_failure(patched.error(), target, patch.body);
    }
  }

 private:
  static std::string describe_target(const Target& target) {
    const std::string group_version = target.resource.group.empty()
                                          ? "/" + target.resource.version
                                          : target.resource.group + "/" + target.resource.version;
    return "Resource: \"" + group_version + ", Resource=" + target.resource.plural + "\", GroupVersionKind: \"" +
           group_version + ", Kind=" + target.resource.kind + "\"\nName: " + go_quote(target.name) +
           ", Namespace: " + go_quote(target.ns);
  }

  Task<Result<void>> create(Target target, Value modified) {
    Result<Value> created = co_await mutation_.create(target.resource, target.ns, std::move(modified));
    if (!created) co_return with_source(created.error(), "creating", target.source);
    co_return co_await mutation_.report(target, *created, "created");
  }

  Task<Result<void>> recreate(Target target, Value modified) {
    DeletionOptions options;
    options.cascade = session_.flags().text("cascade");
    options.grace_period = session_.flags().number("grace-period");
    DRYDOCK_CO_TRY(const std::string uid, co_await delete_target(session_, target, options));
    DRYDOCK_CO_TRY(const bool gone, co_await wait_gone(session_, target, uid, std::nullopt));
    (void)gone;
    Result<Value> created = co_await mutation_.create(target.resource, target.ns, std::move(modified));
    if (!created) co_return with_source(created.error(), "creating", target.source);
    co_return co_await mutation_.report(target, *created, "configured");
  }

  Task<Result<void>> apply_on_server(Target target) {
    const Flags& flags = session_.flags();
    // The default name of client-side apply is not used here.
    const std::string manager = flags.changed("field-manager") ? flags.text("field-manager") : kServerSideManager;
    HttpQuery query = managed_query(manager);
    if (flags.on("force-conflicts")) query.add("force", "true");
    Value object = target.object;
    object.ref("metadata").erase("managedFields");
    Result<Value> done = co_await send(target, query, object, kApplyPatch);
    if (!done && done.error().is_conflict())
      co_return Status::plain(done.error().message + std::string(kConflictAdvice));
    if (!done) co_return done.error();
    // Looked at afterwards: most objects need no migration, so one request is enough.
    if (Result<void> kept = co_await keep_annotation(target, manager, *done); !kept) {
      co_await session_.err(
          "Warning: failed to migrate kubectl.kubernetes.io/last-applied-configuration for Server-Side Apply. This is "
          "non-fatal and will be retried next time you apply. Error: " +
          kept.error().message + "\n");
      co_return co_await mutation_.report(target, *done, "serverside-applied");
    }
    Result<bool> migrated = co_await migrate(target, manager, *done);
    if (!migrated) {
      co_await session_.err(
          "Warning: server rejected managed fields migration to Server-Side Apply. This is non-fatal and will be "
          "retried next time you apply. Error: " +
          migrated.error().message + "\n");
    } else if (*migrated) {
      // Once more: what client-side apply had and the file no longer has can go now.
      Result<Value> again = co_await send(target, query, object, kApplyPatch);
      if (again)
        done = std::move(again);
      else
        co_await session_.err(
            "Warning: failed to re-apply configuration after performing Server-Side Apply migration. This is non-fatal "
            "and will be retried next time you apply. Error: " +
            again.error().message + "\n");
    }
    co_return co_await mutation_.report(target, *done, "serverside-applied");
  }

  HttpQuery managed_query(const std::string& manager) const {
    HttpQuery query;
    if (mutation_.dry_run() == DryRun::kServer) query.add("dryRun", "All");
    query.add("fieldManager", manager);
    query.add("fieldValidation", std::string(mutation_.query(true).get("fieldValidation")));
    return query;
  }

  Task<Result<Value>> send(Target target, HttpQuery query, Value body, std::string_view type) {
    co_return co_await session_.call("PATCH", target.path(session_.flags().text("subresource")), std::move(query),
                                     std::move(body), std::string(type));
  }

  // The annotation gets an applier of its own, so that no migration orphans it.
  Task<Result<void>> keep_annotation(const Target& target, const std::string& manager, Value& live) {
    if (manager != kServerSideManager || !live["metadata"]["annotations"].has(kLastApplied)) co_return Result<void>();
    if (!owners_of_last_applied(live["metadata"]["managedFields"], "Apply").empty()) co_return Result<void>();
    Value only = Value::object({{"apiVersion", live["apiVersion"]}, {"kind", live["kind"]}});
    only.ref("metadata", "name") = live["metadata"]["name"];
    if (!live["metadata"]["namespace"].empty()) only.ref("metadata", "namespace") = live["metadata"]["namespace"];
    only.ref("metadata", "annotations", kLastApplied) = live["metadata"]["annotations"][kLastApplied];
    DRYDOCK_CO_TRY(live, co_await send(target, managed_query(kLastAppliedManager), only, kApplyPatch));
    co_return Result<void>();
  }

  Task<Result<bool>> migrate(const Target& target, const std::string& manager, Value& live) {
    const std::set<std::string> client_side = owners_of_last_applied(live["metadata"]["managedFields"], "Update");
    for (int attempt = 0;; ++attempt) {
      Value managed = migrated_managed_fields(live["metadata"]["managedFields"], client_side, manager,
                                              session_.flags().text("subresource"));
      if (managed.is_null()) co_return false;
      Value steps = Value::array();
      steps.push_back(
          Value::object({{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", std::move(managed)}}));
      // A replaced version is refused with a conflict when somebody was faster.
      steps.push_back(Value::object(
          {{"op", "replace"}, {"path", "/metadata/resourceVersion"}, {"value", live["metadata"]["resourceVersion"]}}));
      Result<Value> patched = co_await send(target, managed_query(manager), std::move(steps), kJsonPatch);
      if (patched) {
        live = *std::move(patched);
        co_return true;
      }
      if (!patched.error().is_conflict() || attempt + 1 >= kMaxConflictRetries) co_return patched.error();
      DRYDOCK_CO_TRY(live, co_await session_.get(target.path()));
    }
  }

  Session& session_;
  Mutation mutation_;
};

// Deletes what was applied before and is in the files no more.
Task<Result<void>> prune(Session& session, const std::vector<Target>& kept, std::string dry_suffix, bool client_only) {
  const Flags& flags = session.flags();
  std::vector<std::string> kinds = flags.list("prune-allowlist");
  if (kinds.empty()) kinds.assign(std::begin(kPruned), std::end(kPruned));
  std::vector<std::string> namespaces;
  for (const Target& target : kept) {
    if (!target.ns.empty() && std::find(namespaces.begin(), namespaces.end(), target.ns) == namespaces.end())
      namespaces.push_back(target.ns);
  }
  for (const std::string& entry : kinds) {
    const std::size_t slash = entry.rfind('/');
    std::string version = entry.substr(0, slash);
    if (version.starts_with("core/")) version = version.substr(5);
    Result<ApiResource> resource = co_await session.resource_of_kind(version, entry.substr(slash + 1));
    if (!resource) continue;
    const std::vector<std::string> scopes = resource->namespaced ? namespaces : std::vector<std::string>{""};
    for (const std::string& ns : scopes) {
      HttpQuery query;
      if (!flags.text("selector").empty()) query.add("labelSelector", flags.text("selector"));
      DRYDOCK_CO_TRY(const std::vector<Value> items, co_await list_all(session, resource->ref().path(ns), query));
      for (const Value& item : items) {
        if (!item["metadata"]["annotations"].has(kLastApplied)) continue;
        Target target{*resource, ns, item["metadata"]["name"].str(), "", item};
        bool keep = false;
        for (const Target& other : kept) keep = keep || (other.title() == target.title() && other.ns == ns);
        if (keep) continue;
        if (!client_only) {
          DeletionOptions options;
          options.cascade = flags.text("cascade");
          Result<std::string> deleted = co_await delete_target(session, target, options);
          if (!deleted && !deleted.error().is_not_found()) co_return deleted.error();
        }
        co_await session.out(target.title() + " pruned" + dry_suffix + "\n");
      }
    }
  }
  co_return Result<void>();
}

}  // namespace

Value with_last_applied(const Value& object) {
  Value copy = object;
  copy.ref("metadata", "annotations", kLastApplied) = last_applied_text(object);
  return copy;
}

Result<ApplyPatch> apply_patch(const ApiResource& resource, const Value& modified, const Value& current) {
  ApplyPatch patch;
  Value original = parse_json(current["metadata"]["annotations"][kLastApplied].as_string()).value_or(Value::object());
  if (!original.is_object()) original = Value::object();
  Value live = current;
  // Only the API server's registry knows custom kinds; they merge without a schema.
  const bool known = ResourceRegistry::builtin().find_kind(resource.api_version(), resource.kind) != nullptr;
  if (!known) {
    patch.type = kMergePatch;
    patch.body = three_way_merge_patch(original, modified, live);
    return patch;
  }
  patch.type = kStrategicPatch;
  DRYDOCK_TRY(patch.body, three_way_strategic_patch(original, modified, live));
  return patch;
}

Result<Value> ApplyPatch::applied_to(const Value& current) const {
  if (type == kMergePatch) return apply_merge_patch(current, body);
  return apply_strategic_merge_patch(current, body);
}

Task<Result<int>> run_apply(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (!arguments.empty()) co_return session.usage_error("Unexpected args: [" + join(arguments, " ") + "]");
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (flags.on("force-conflicts") && !flags.on("server-side"))
    co_return Status::plain("--force-conflicts only works with --server-side");
  if (flags.on("server-side") && mutation.client_only())
    co_return Status::plain(
        "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  if (!has_manifests(session)) co_return need_manifests();
  if (flags.on("prune") && !flags.on("all") && flags.text("selector").empty()) {
    co_return Status::plain(
        "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all "
        "flag. If you did not mean to prune all resources, specify a label selector");
  }
  SelectionRules rules;
  rules.fetch = false;
  rules.validates = true;
  DRYDOCK_CO_TRY(std::vector<Target> targets, co_await select_targets(session, {}, rules));
  if (!flags.text("selector").empty()) {
    DRYDOCK_CO_TRY(const LabelSelector selector, LabelSelector::parse(flags.text("selector")));
    std::erase_if(targets,
                  [&](const Target& target) { return !selector.matches(target.object["metadata"]["labels"]); });
  }
  if (targets.empty() && session.errors().empty()) co_return Status::plain("no objects passed to apply");
  const DryRun dry_run = mutation.dry_run();
  Applier applier(session, std::move(mutation));
  for (const Target& target : targets) {
    Result<void> applied = co_await applier.apply(target);
    if (!applied) session.add_error(applied.error());
  }
  if (flags.on("prune") && session.errors().empty()) {
    const std::string suffix = dry_run == DryRun::kClient   ? " (dry run)"
                               : dry_run == DryRun::kServer ? " (server dry run)"
                                                            : "";
    DRYDOCK_CO_TRY_VOID(co_await prune(session, targets, suffix, dry_run != DryRun::kNone));
  }
  co_return 0;
}

Task<Result<int>> run_apply_view_last_applied(Session& session, Arguments arguments) {
  const std::string output = session.flags().text("output");
  if (output != "yaml" && output != "json")
    co_return session.usage_error("Unexpected -o output mode: " + output +
                                  ", the flag 'output' must be one of yaml|json");
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, std::move(arguments)));
  bool separator = false;
  for (const Target& target : targets) {
    const std::string text = target.object["metadata"]["annotations"][kLastApplied].str();
    if (text.empty()) {
      co_return Status::plain("no last-applied-configuration annotation found on resource: " + target.name);
    }
    DRYDOCK_CO_TRY(Value applied, parse_json(text));
    if (applied["metadata"].has("annotations") && applied["metadata"]["annotations"].empty())
      applied.ref("metadata").erase("annotations");
    std::string shown = output == "yaml" ? dump_yaml(applied) : dump_json(applied, {.indent = 2}) + "\n";
    if (output == "yaml" && std::exchange(separator, true)) shown.insert(0, "---\n");
    co_await session.out(std::move(shown));
  }
  co_return 0;
}

Task<Result<int>> run_apply_set_last_applied(Session& session, Arguments) {
  DRYDOCK_CO_TRY(Mutation mutation, Mutation::make(session));
  if (!has_manifests(session)) co_return need_manifests();
  SelectionRules rules;
  rules.fetch = false;
  DRYDOCK_CO_TRY(const std::vector<Target> targets, co_await select_targets(session, {}, rules));
  for (const Target& target : targets) {
    DRYDOCK_CO_TRY(const Value current, co_await session.get(target.path()));
    if (!current["metadata"]["annotations"].has(kLastApplied) && !session.flags().on("create-annotation")) {
      co_return Status::plain("no last-applied-configuration annotation found on resource: " + target.name +
                              ", to create the annotation, run the command with --create-annotation");
    }
    Value patch = Value::object();
    patch.ref("metadata", "annotations", kLastApplied) = last_applied_text(target.object);
    Value result = current;
    if (!mutation.client_only()) {
      DRYDOCK_CO_TRY(result, co_await mutation.patch(target, patch, kMergePatch));
    }
    DRYDOCK_CO_TRY_VOID(co_await mutation.report(target, result, "configured"));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
