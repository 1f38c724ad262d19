// What commands that change objects share: --dry-run, field managers, validation,
// and the line that tells what was done.
#pragma once

#include <string>
#include <string_view>

#include "core/machinery/http_message.h"
#include "core/programs/kubectl/connection/discovery.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/objects/selection.h"
#include "core/programs/kubectl/printers/output.h"

namespace drydock::kubectl {

enum class DryRun { kNone, kClient, kServer };

// Content types of patches.
inline constexpr std::string_view kStrategicPatch = "application/strategic-merge-patch+json";
inline constexpr std::string_view kMergePatch = "application/merge-patch+json";
inline constexpr std::string_view kJsonPatch = "application/json-patch+json";
inline constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";

class Mutation {
 public:
  // Reads --dry-run, --validate, --field-manager and -o.
  static Result<Mutation> make(Session& session);

  DryRun dry_run() const { return dry_run_; }
  bool client_only() const { return dry_run_ == DryRun::kClient; }
  const OutputFormat& format() const { return format_; }
  // fieldManager, dryRun and (for whole objects) fieldValidation.
  HttpQuery query(bool validate = false) const;

  // "deployment.apps/web created (dry run)", or the object with -o.
  Task<Result<void>> report(const ApiResource& resource, const Value& object, std::string operation);
  Task<Result<void>> report(const Target& target, const Value& object, std::string operation);

  Task<Result<Value>> create(const ApiResource& resource, std::string ns, Value object);
  Task<Result<Value>> patch(const Target& target, Value patch, std::string_view type, std::string subresource = "");

 private:
  explicit Mutation(Session& session) : session_(session) {}
  Task<Result<void>> print(std::string kind_name, std::string name, Value object, std::string operation);
  Session& session_;
  OutputFormat format_;
  DryRun dry_run_ = DryRun::kNone;
  std::string validation_;
  std::string manager_;
  bool printed_ = false;
};

inline constexpr std::string_view kLastApplied = "kubectl.kubernetes.io/last-applied-configuration";
// The document without the annotation itself, as the annotation holds it: one line and a newline.
std::string last_applied_text(const Value& object);
// Sets the annotation when --save-config is given.
void save_config(Session& session, Value& object);

}  // namespace drydock::kubectl
