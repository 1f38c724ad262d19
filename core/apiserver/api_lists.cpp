// list: the newest state, an exact revision, or the next page of one.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
#include <algorithm>

#include "core/apiserver/api_server.h"
#include "core/apiserver/custom/custom_schema.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/table.h"

namespace drydock {
namespace {

constexpr Duration kFreshWait = seconds(3);  // for a revision that is still to come, as upstream
constexpr std::string_view kOldContinue =
    "The provided continue parameter is too old to display a consistent list result. You can start a new list "
    "without the continue parameter, or use the continue token in this response to retrieve the remainder of the "
    "results. Continuing with the provided token results in an inconsistent list - objects that were created, "
    "modified, or deleted between the time the first chunk was returned and now may show up in the list.";

// Where a page begins, as its token says.
struct Page {
  Revision revision = 0;  // -1: whatever is newest
  std::string after;      // the last key of the page before
};

std::string token_of(const Page& page) {
  return base64_encode(
      dump_json(Value::object({{"v", "meta.k8s.io/v1"}, {"rv", page.revision}, {"start", page.after}})));
}

Result<Page> parse_token(std::string_view token) {
  const auto decoded = base64_decode(token);
  const auto document = decoded ? parse_json(*decoded) : Result<Value>(Status::plain(""));
  if (!document || !(*document)["start"].is_string() || !(*document)["rv"].is_int())
    return Status::bad_request("continue key is not valid: illegal base64 data at input byte 0");
  return Page{(*document)["rv"].as_int(), (*document)["start"].str()};
}

// What a list asks for, checked.
struct ListQuestion {
  std::int64_t limit = 0;
  std::optional<Page> page;
  Revision version = 0;  // resourceVersion; 0: none, or any
  bool exact = false;
};

// ValidateListOptions of upstream's meta/internalversion.
std::vector<StatusCause> list_causes(const HttpQuery& query) {
  std::vector<StatusCause> causes;
  const auto forbid = [&](const char* field, const std::string& why) {
    causes.push_back({"FieldValueForbidden", "Forbidden: " + why, field});
  };
  const std::string match(query.get("resourceVersionMatch"));
  const std::string version(query.get("resourceVersion"));
  if (!match.empty()) {
    if (version.empty())
      forbid("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided");
    if (!query.get("continue").empty())
      forbid("resourceVersionMatch", "resourceVersionMatch is forbidden when continue is provided");
    if (match != "Exact" && match != "NotOlderThan")
      causes.push_back(
          {"FieldValueNotSupported",
           "Unsupported value: " + go_quote(match) + ": supported values: \"Exact\", \"NotOlderThan\", \"\"",
           "resourceVersionMatch"});
    if (match == "Exact" && version == "0")
      forbid("resourceVersionMatch", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  if (!query.get("sendInitialEvents").empty()) forbid("sendInitialEvents", "sendInitialEvents is forbidden for list");
  return causes;
}

Result<ListQuestion> question_of(const HttpQuery& query) {
  if (std::vector<StatusCause> causes = list_causes(query); !causes.empty())
    return Status::invalid("meta.k8s.io", "ListOptions", "", std::move(causes));
  ListQuestion asked;
  const std::string_view limit_text = query.get("limit");
  const auto limit = parse_int(limit_text.empty() ? "0" : limit_text);
  if (!limit || *limit < 0)
    return Status::bad_request("strconv.ParseInt: parsing " + go_quote(limit_text) + ": invalid syntax");
  asked.limit = *limit;
  if (const std::string_view token = query.get("continue"); !token.empty()) {
    const std::string_view version = query.get("resourceVersion");
    if (!version.empty() && version != "0")
      return Status::bad_request("specifying resource version is not allowed when using continue");
    DRYDOCK_TRY(asked.page, parse_token(token));
    return asked;
  }
  DRYDOCK_TRY(asked.version, resource_version_of(query));
  if (asked.version == 0) return asked;
  const std::string_view match = query.get("resourceVersionMatch");
  // Pages of a list that names its revision are of that revision.
  asked.exact = match == "Exact" || (match.empty() && asked.limit > 0);
  return asked;
}

// Fills pages: how many fit, where the next one begins, how many more there are.
struct Pager {
  std::int64_t limit = 0;
  std::vector<Object> items;
  std::int64_t remaining = 0;

  void take(Object object) {
    if (limit > 0 && static_cast<std::int64_t>(items.size()) >= limit)
      ++remaining;
    else
      items.push_back(std::move(object));
  }
};

}  // namespace

Value ApiServer::shaped_list(const Call& call, const std::vector<Object>& items, const std::string& version,
                             const std::string& next, std::int64_t remaining) const {
  Value metadata = Value::object({{"resourceVersion", version}});
  if (!next.empty()) {
    metadata.set("continue", next);
    if (remaining > 0) metadata.set("remainingItemCount", remaining);
  }
  if (wants_table(call)) {
    Value table = table_document(*call.resource, items, loop_.now(), version, call.http.query.get("includeObject"));
    table.set("metadata", std::move(metadata));
    return table;
  }
  const bool partial = wants_metadata(call);
  Value list = Value::array();
  for (const Object& object : items) {
    if (partial) {
      list.push_back(metadata_only(object));
      continue;
    }
    list.push_back(presented(*call.resource, object).doc());
  }
  return Value::object({
      {"kind", partial ? std::string("PartialObjectMetadataList") : call.resource->kind + "List"},
      {"apiVersion", partial ? std::string("meta.k8s.io/v1") : call.resource->api_version()},
      {"metadata", std::move(metadata)},
      {"items", std::move(list)},
  });
}

// Waits for a revision that the store has not reached; a client may have seen another server's.
Task<Result<void>> ApiServer::wait_fresh(Revision revision) {
  const TimePoint end = loop_.now() + kFreshWait;
  while (seen_ < revision && co_await seen_event_.wait_until(end)) {
  }
  if (seen_ >= revision) co_return Result<void>();
  Status late = Status::timeout("Too large resource version: " + std::to_string(revision) +
                                ", current: " + std::to_string(seen_));
  late.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  late.retry_after_seconds = 1;
  co_return late;
}

Task<ApiServer::Answer> ApiServer::list(Call& call) {
  DRYDOCK_CO_TRY(ObjectFilter filter, filter_of(call));
  DRYDOCK_CO_TRY(const ListQuestion asked, question_of(call.http.query));
  // Whoever wrote before sees it: the cache catches up with the store first.
  DRYDOCK_CO_TRY_VOID(co_await catch_up());
  if (asked.version > seen_) DRYDOCK_CO_TRY_VOID(co_await wait_fresh(asked.version));

  Revision revision = seen_;
  if (asked.page && asked.page->revision > 0) revision = asked.page->revision;
  if (asked.exact) revision = asked.version;
  const std::string after = asked.page ? asked.page->after : std::string();
  Pager pager;
  pager.limit = asked.limit;
  if (revision == seen_) {
    const auto& objects = cache(*call.resource).objects();
    for (auto at = filter.ns.empty() ? objects.begin() : objects.lower_bound({filter.ns, ""}); at != objects.end();
         ++at) {
      if (!filter.ns.empty() && at->first.ns != filter.ns) break;
      if (!after.empty() && at->first.str() <= after) continue;
      if (filter.matches(at->second)) pager.take(at->second);
    }
  } else {
    RangeRequest past;
    past.key = store_key(*call.resource, {filter.ns, ""});
    if (call.resource->namespaced && filter.ns.empty()) past.key.pop_back();  // all namespaces
    past.range_end = prefix_end(past.key);
    past.revision = revision;
    Result<RangeResult> found = co_await store_.range(past);
    if (!found && found.error().reason == "Expired") {
      if (!asked.page) co_return Status::gone("The resourceVersion for the provided list is too old.");
      HttpResponse old = failure(Status::gone(std::string(kOldContinue)));
      old.body.document.ref("metadata", "continue") = token_of({-1, after});
      co_return old;
    }
    if (!found) co_return found.error();
    for (const KeyValue& item : found->items) {
      Object object = with_version(item);
      if (!after.empty() && object.key().str() <= after) continue;
      if (filter.matches(object)) pager.take(std::move(object));
    }
  }
  std::string next;
  if (pager.remaining > 0) {
    next = token_of({asked.page && asked.page->revision < 0 ? -1 : revision, pager.items.back().key().str()});
    // With a selector nobody counts what is left.
    if (!filter.labels.empty() || !filter.fields.empty()) pager.remaining = 0;
  }
  if (call.resource->definition.is_object())
    DRYDOCK_CO_TRY_VOID(co_await convert(*call.resource, pager.items, call.resource->version));
  HttpResponse response;
  response.body.document = shaped_list(call, pager.items, std::to_string(revision), next, pager.remaining);
  co_return response;
}

}  // namespace drydock
