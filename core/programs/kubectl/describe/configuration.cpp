// ConfigMaps, Secrets, ServiceAccounts, Namespaces, quotas, limits, priority
// classes, certificate requests, and everything without a describer of its own.
#include "core/base/strings.h"
#include "core/programs/kubectl/describe/describe.h"
#include "core/programs/kubectl/objects/mutation.h"

namespace drydock::kubectl {
namespace {

void write_head(DescribeContext& context, DescribeWriter& writer) {
  const Value& metadata = context.target.object["metadata"];
  writer.field("Name", context.target.name);
  if (context.target.resource.namespaced) writer.field("Namespace", context.target.ns);
  writer.labels("Labels", metadata["labels"]);
  writer.annotations(metadata["annotations"]);
}

void write_quota_rows(const Value& quota, int level, DescribeWriter& writer) {
  for (const auto& [name, hard] : quota["status"]["hard"].members()) {
    const Value& used = quota["status"]["used"][name.view()];
    writer.line(level, name.str() + "\t" + (used.is_null() ? "0" : number_text(used)) + "\t" + number_text(hard));
  }
}

void write_limit_rows(const Value& range, std::string_view indent, DescribeWriter& writer) {
  for (const Value& limit : range["spec"]["limits"].items()) {
    Value names = Value::object();
    for (const char* field : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"}) {
      for (const auto& [name, value] : limit[field].members()) names.set(name, true);
    }
    for (const auto& [name, present] : names.members()) {
      auto text = [&](const char* field) {
        const Value& value = limit[field][name.view()];
        return value.is_null() ? std::string("-") : number_text(value);
      };
      writer.line(0, std::string(indent) + limit["type"].str() + "\t" + name.str() + "\t" + text("min") + "\t" +
                         text("max") + "\t" + text("defaultRequest") + "\t" + text("default") + "\t" +
                         text("maxLimitRequestRatio"));
    }
  }
}

// "creationTimestamp" → "Creation Timestamp".
std::string words(std::string_view key) {
  std::string text;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    const bool upper = c >= 'A' && c <= 'Z';
    const bool after_lower = i > 0 && !(key[i - 1] >= 'A' && key[i - 1] <= 'Z');
    const bool before_lower = i + 1 < key.size() && key[i + 1] >= 'a' && key[i + 1] <= 'z';
    if (upper && i > 0 && (after_lower || before_lower)) text += ' ';
    text += i == 0 && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  if (text == "Uid") return "UID";
  return replace_all(replace_all(text, "Api ", "API "), " Ip", " IP");
}

void write_value(const Value& value, int level, DescribeWriter& writer);

void write_member(std::string_view title, const Value& value, int level, DescribeWriter& writer) {
  if (value.is_object()) {
    writer.line(level, std::string(title) + ":");
    write_value(value, level + 1, writer);
  } else if (value.is_array()) {
    writer.line(level, std::string(title) + ":");
    for (const Value& item : value.items()) {
      if (item.is_object())
        write_value(item, level + 1, writer);
      else
        writer.line(level + 1, number_text(item));
    }
  } else {
    writer.field(title, value.is_null() ? "<nil>" : number_text(value), level);
  }
}

// Any document, as the describer of custom resources prints it.
void write_value(const Value& value, int level, DescribeWriter& writer) {
  for (const auto& [key, member] : value.members()) write_member(words(key.view()), member, level, writer);
}

}  // namespace

Task<Result<void>> describe_config_map(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  write_head(context, writer);
  writer.raw("\nData\n====\n");
  for (const auto& [key, content] : object["data"].members())
    writer.raw(key.str() + ":\n----\n" + content.str() + "\n\n");
  writer.raw("\nBinaryData\n====\n");
  for (const auto& [key, content] : object["binaryData"].members()) {
    writer.line(0,
                key.str() + ": " + std::to_string(base64_decode(content.as_string()).value_or("").size()) + " bytes");
  }
  writer.raw("\n");
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_secret(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  write_head(context, writer);
  writer.raw("\n");
  writer.field("Type", object["type"].as_string());
  writer.raw("\nData\n====\n");
  for (const auto& [key, content] : object["data"].members()) {
    const std::string bytes = base64_decode(content.as_string()).value_or("");
    const bool token = key.view() == "token" && object["type"].as_string() == "kubernetes.io/service-account-token";
    writer.field(key.view(), token ? bytes : std::to_string(bytes.size()) + " bytes");
  }
  co_return Result<void>();
}

Task<Result<void>> describe_service_account(DescribeContext& context, DescribeWriter& writer) {
  write_head(context, writer);
  std::vector<std::string> secrets;
  for (const Value& secret : context.target.object["imagePullSecrets"].items()) secrets.push_back(secret["name"].str());
  writer.field("Image pull secrets", or_none(join(secrets, "\n\t")));
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_namespace(DescribeContext& context, DescribeWriter& writer) {
  write_head(context, writer);
  writer.field("Status", context.target.object["status"]["phase"].as_string());
  const ResourceRef quota_ref{"", "v1", "resourcequotas"};
  const ResourceRef limit_ref{"", "v1", "limitranges"};
  DRYDOCK_CO_TRY(const std::vector<Value> quotas,
                 co_await list_all(context.session, quota_ref.path(context.target.name), {}));
  DRYDOCK_CO_TRY(const std::vector<Value> limits,
                 co_await list_all(context.session, limit_ref.path(context.target.name), {}));
  writer.raw("\n");
  if (quotas.empty()) {
    writer.line(0, "No resource quota.");
  } else {
    writer.line(0, "Resource Quotas");
    for (const Value& quota : quotas) {
      writer.field("Name", quota["metadata"]["name"].as_string(), 1);
      writer.line(1, "Resource\tUsed\tHard");
      writer.line(1, "--------\t---\t---");
      write_quota_rows(quota, 1, writer);
    }
  }
  writer.raw("\n");
  if (limits.empty()) {
    writer.line(0, "No LimitRange resource.");
  } else {
    writer.line(0, "Resource Limits");
    writer.line(0, " Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    writer.line(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    for (const Value& range : limits) write_limit_rows(range, " ", writer);
  }
  co_return Result<void>();
}

Task<Result<void>> describe_quota(DescribeContext& context, DescribeWriter& writer) {
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  const Value& scopes = context.target.object["spec"]["scopes"];
  if (!scopes.empty()) writer.field("Scopes", join_texts(scopes, ", "));
  writer.line(0, "Resource\tUsed\tHard");
  writer.line(0, "--------\t----\t----");
  write_quota_rows(context.target.object, 0, writer);
  co_return Result<void>();
}

Task<Result<void>> describe_limit_range(DescribeContext& context, DescribeWriter& writer) {
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
  writer.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
  write_limit_rows(context.target.object, "", writer);
  co_return Result<void>();
}

Task<Result<void>> describe_priority_class(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("Value", number_text(object["value"]));
  writer.field("GlobalDefault", yes_no(object["globalDefault"].as_bool(), false));
  writer.field("PreemptionPolicy", object["preemptionPolicy"].as_string());
  writer.field("Description", object["description"].as_string());
  writer.annotations(object["metadata"]["annotations"]);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_certificate_request(DescribeContext& context, DescribeWriter& writer) {
  const Value& object = context.target.object;
  writer.field("Name", context.target.name);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  writer.field("CreationTimestamp", long_time(object["metadata"]["creationTimestamp"]));
  writer.field("Requesting User", object["spec"]["username"].as_string());
  if (!object["spec"]["signerName"].empty()) writer.field("Signer", object["spec"]["signerName"].as_string());
  if (object["spec"].has("expirationSeconds"))
    writer.field("Requested Duration", number_text(object["spec"]["expirationSeconds"]) + "s");
  std::vector<std::string> states;
  for (const Value& condition : object["status"]["conditions"].items()) states.push_back(condition["type"].str());
  std::string state = states.empty() ? "Pending" : join(states, ",");
  if (!object["status"]["certificate"].empty()) state += ",Issued";
  writer.field("Status", state);
  co_return co_await describe_events(context, writer);
}

Task<Result<void>> describe_generic(DescribeContext& context, DescribeWriter& writer) {
  Value object = context.target.object;
  writer.field("Name", context.target.name);
  writer.field("Namespace", context.target.ns);
  writer.labels("Labels", object["metadata"]["labels"]);
  writer.annotations(object["metadata"]["annotations"]);
  Value metadata = object["metadata"];
  for (const char* shown : {"name", "namespace", "labels", "annotations", "managedFields"}) metadata.erase(shown);
  object.set("metadata", std::move(metadata));
  // Kind and version first, the rest in order.
  writer.field("API Version", object["apiVersion"].as_string());
  writer.field("Kind", object["kind"].as_string());
  object.erase("apiVersion");
  object.erase("kind");
  write_value(object, 0, writer);
  co_return co_await describe_events(context, writer);
}

}  // namespace drydock::kubectl
