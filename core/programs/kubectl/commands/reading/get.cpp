// kubectl get: tables from the server, or whole objects in a format of choice.
#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/machinery/timestamp.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/watch.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/objects/selection.h"
#include "core/programs/kubectl/printers/output.h"
#include "core/programs/kubectl/printers/sorting.h"
#include "core/programs/kubectl/printers/table_printer.h"

namespace drydock::kubectl {
namespace {

constexpr std::string_view kTableAccept =
    "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json";

struct GetOptions {
  OutputFormat format;
  std::string sort_by;  // a JSONPath
  bool tables = true;   // the server prints
};

HttpQuery selectors(const Flags& flags) {
  HttpQuery query;
  if (!flags.text("field-selector").empty()) query.add("fieldSelector", flags.text("field-selector"));
  if (!flags.text("selector").empty()) query.add("labelSelector", flags.text("selector"));
  return query;
}

std::string query_path(Session& session, const Query& query) {
  return query.resource.ref().path(query.ns, query.name, session.flags().text("subresource"));
}

// A table of names and ages, for servers that print none.
Value generic_table(const Value& document, TimePoint now) {
  Value table = Value::object();
  table.set("columnDefinitions",
            Value::array({Value::object({{"name", "Name"}, {"type", "string"}, {"format", "name"}}),
                          Value::object({{"name", "Age"}, {"type", "string"}})}));
  std::vector<Value> objects;
  if (document["items"].is_array()) {
    for (const Value& item : document["items"].items()) objects.push_back(item);
  } else {
    objects.push_back(document);
  }
  table.set("rows", Value::array());
  for (const Value& object : objects) {
    const auto created = parse_timestamp(object["metadata"]["creationTimestamp"].as_string());
    const std::string age = created ? human_duration(now - *created) : "<unknown>";
    table.ref("rows").push_back(
        Value::object({{"cells", Value::array({object["metadata"]["name"], age})}, {"object", object}}));
  }
  table.set("metadata", document["metadata"]);
  return table;
}

// One query's table, all pages.
Task<Result<Value>> fetch_table(Session& session, Query query, GetOptions options) {
  const Flags& flags = session.flags();
  Value whole;
  std::string token;
  do {
    HttpQuery page;
    if (query.name.empty()) {
      page = selectors(flags);
      if (flags.number("chunk-size") > 0) page.add("limit", flags.text("chunk-size"));
      if (!token.empty()) page.add("continue", token);
    }
    if (!options.sort_by.empty()) page.add("includeObject", "Object");
    Result<Value> answer = co_await session.get(query_path(session, query), page,
                                                options.tables ? std::string(kTableAccept) : "application/json");
    if (!answer) co_return query.name.empty() ? list_failure(query.resource, page, answer.error()) : answer.error();
    Value table = *std::move(answer);
    if (table["kind"].as_string() != "Table") table = generic_table(table, session.now());
    token = table["metadata"]["continue"].str();
    if (whole.is_null()) {
      whole = std::move(table);
    } else {
      for (const Value& row : table["rows"].items()) whole.ref("rows").push_back(row);
    }
  } while (!token.empty());
  co_return whole;
}

void sort_rows(Value& table, const std::string& path) {
  std::vector<Value> rows(table["rows"].items().begin(), table["rows"].items().end());
  sort_by_path(rows, path, "object");
  Value sorted = Value::array();
  for (Value& row : rows) sorted.push_back(std::move(row));
  table.set("rows", std::move(sorted));
}

TableOptions table_options(Session& session, const GetOptions& options, bool with_namespace) {
  const Flags& flags = session.flags();
  TableOptions table;
  table.wide = options.format.name == "wide";
  table.no_headers = flags.on("no-headers");
  table.with_namespace = with_namespace;
  table.show_labels = flags.on("show-labels");
  table.with_event = flags.on("output-watch-events");
  table.label_columns = flags.list("label-columns");
  return table;
}

// Is this a failure to be reported at the end, or one --ignore-not-found forgives?
bool forgiven(Session& session, const Status& error) {
  return session.flags().on("ignore-not-found") && error.is_not_found();
}

Task<Result<int>> print_tables(Session& session, std::vector<Query> queries, GetOptions options) {
  const Flags& flags = session.flags();
  bool several_kinds = flags.on("show-kind");
  bool all_namespaced = !flags.on("all-namespaces");
  for (const Query& query : queries) {
    several_kinds = several_kinds || query.resource.full_name() != queries[0].resource.full_name();
    all_namespaced = all_namespaced && query.resource.namespaced;
  }
  bool printed = false;
  for (std::size_t i = 0; i < queries.size();) {
    // Neighbours of one kind make one table.
    Value table;
    const ApiResource& resource = queries[i].resource;
    const std::size_t first = i;
    for (; i < queries.size() && queries[i].resource.full_name() == resource.full_name(); ++i) {
      Result<Value> part = co_await fetch_table(session, queries[i], options);
      if (!part) {
        if (!forgiven(session, part.error())) session.add_error(part.error());
        continue;
      }
      if (table.is_null()) {
        table = *std::move(part);
        continue;
      }
      for (const Value& row : (*part)["rows"].items()) table.ref("rows").push_back(row);
    }
    if (table["rows"].empty()) continue;
    if (!options.sort_by.empty()) sort_rows(table, options.sort_by);
    TableOptions look =
        table_options(session, options, flags.on("all-namespaces") && queries[first].resource.namespaced);
    if (several_kinds) look.kind_prefix = resource.kind_name() + "/";
    std::string text = TablePrinter(look).print(table);
    if (printed) text.insert(0, "\n");
    printed = true;
    co_await session.out(std::move(text));
  }
  if (!printed && session.errors().empty() && !flags.on("ignore-not-found")) {
    DRYDOCK_CO_TRY(const std::string ns, session.ns());
    co_await session.err(all_namespaced && !queries.empty() ? "No resources found in " + ns + " namespace.\n"
                                                            : "No resources found\n");
  }
  co_return 0;
}

// Objects of all queries; `single` tells whether one object was asked for by name.
Task<Result<std::vector<Value>>> fetch_objects(Session& session, std::vector<Query> queries) {
  std::vector<Value> objects;
  for (const Query& query : queries) {
    if (query.name.empty()) {
      Result<std::vector<Value>> items =
          co_await list_all(session, query_path(session, query), selectors(session.flags()));
      if (!items) {
        session.add_error(list_failure(query.resource, selectors(session.flags()), items.error()));
        continue;
      }
      for (Value& item : *items) objects.push_back(std::move(item));
      continue;
    }
    Result<Value> object = co_await session.get(query_path(session, query));
    if (object)
      objects.push_back(*std::move(object));
    else if (!forgiven(session, object.error()))
      session.add_error(object.error());
  }
  co_return objects;
}

Value list_of(const std::vector<Value>& objects) {
  Value list = Value::object({{"apiVersion", "v1"},
                              {"kind", "List"},
                              {"metadata", Value::object({{"resourceVersion", ""}})},
                              {"items", Value::array()}});
  for (const Value& object : objects) list.ref("items").push_back(object);
  return list;
}

Task<Result<int>> print_columns(Session& session, const std::vector<Value>& objects, const OutputFormat& format) {
  std::vector<CustomColumn> columns;
  if (format.name == "custom-columns-file") {
    DRYDOCK_CO_TRY(columns, parse_custom_columns_file(format.argument));
  } else {
    DRYDOCK_CO_TRY(columns, parse_custom_columns(format.argument));
  }
  std::vector<std::vector<std::string>> rows;
  if (!session.flags().on("no-headers")) {
    std::vector<std::string> header;
    for (const CustomColumn& column : columns) header.push_back(column.header);
    rows.push_back(std::move(header));
  }
  for (const Value& object : objects) rows.push_back(custom_row(columns, object));
  co_await session.out(TableAligner().lines(rows));
  co_return 0;
}

Task<Result<int>> print_objects(Session& session, std::vector<Query> queries, GetOptions options) {
  const bool single = queries.size() == 1 && !queries[0].name.empty();
  DRYDOCK_CO_TRY(std::vector<Value> objects, co_await fetch_objects(session, queries));
  if (!options.sort_by.empty()) sort_by_path(objects, options.sort_by);
  if (options.format.name.starts_with("custom-columns")) {
    if (objects.empty() && !session.errors().empty()) co_return 0;
    co_return co_await print_columns(session, objects, options.format);
  }
  if (options.format.name == "name") {
    DRYDOCK_CO_TRY(const Discovery* known, co_await session.discovery());
    std::string text;
    for (const Value& object : objects) {
      const ApiResource* resource = known->find_kind(object["apiVersion"].as_string(), object["kind"].as_string());
      text += (resource == nullptr ? to_lower(object["kind"].as_string()) : resource->kind_name()) + "/" +
              object["metadata"]["name"].str() + "\n";
    }
    co_await session.out(std::move(text));
    co_return 0;
  }
  if (single && objects.empty()) co_return 0;
  const Value whole = single ? objects[0] : list_of(objects);
  DRYDOCK_CO_TRY(std::string text, render(options.format, whole, ""));
  co_await session.out(std::move(text));
  co_return 0;
}

Task<Result<int>> watch_query(Session& session, Query query, GetOptions options) {
  const Flags& flags = session.flags();
  HttpQuery filter = selectors(flags);
  const std::string accept = options.tables && options.format.is_own() ? std::string(kTableAccept) : "application/json";
  const bool with_namespace = flags.on("all-namespaces") && query.resource.namespaced;
  TablePrinter printer(table_options(session, options, with_namespace));
  bool separator = false;
  // What one change, or the list at the start, prints.
  auto text_of = [&](const Value& object, const std::string& event) -> Result<std::string> {
    if (options.format.is_own()) {
      const bool table = object["kind"].as_string() == "Table";
      return printer.print(table ? object : generic_table(object, session.now()), event);
    }
    Value shown = object;
    if (flags.on("output-watch-events")) shown = Value::object({{"type", event}, {"object", object}});
    DRYDOCK_TRY(std::string text, render(options.format, shown, query.resource.kind_name()));
    if (options.format.name == "yaml" && std::exchange(separator, true)) text.insert(0, "---\n");
    return text;
  };
  if (!query.name.empty()) {
    filter = HttpQuery();
    filter.add("fieldSelector", "metadata.name=" + query.name);
  }
  HttpQuery listing = filter;
  if (query.name.empty() && flags.number("chunk-size") > 0) listing.add("limit", flags.text("chunk-size"));
  DRYDOCK_CO_TRY(Value list, co_await session.get(
                                 query.name.empty() ? query.path() : query.resource.ref().path(query.ns, query.name),
                                 query.name.empty() ? listing : HttpQuery(), accept));
  const std::string version = list["metadata"]["resourceVersion"].str();
  if (!flags.on("watch-only")) {
    if (options.format.is_own()) {
      const bool nothing = list["kind"].as_string() == "Table" && list["rows"].empty();
      if (!nothing) {
        DRYDOCK_CO_TRY(std::string text, text_of(list, "ADDED"));
        co_await session.out(std::move(text));
      }
    } else {
      std::vector<Value> objects;
      if (query.name.empty())
        objects.assign(list["items"].items().begin(), list["items"].items().end());
      else
        objects.push_back(list);
      for (Value& object : objects) {
        if (object["kind"].empty()) {
          object.set("kind", query.resource.kind);
          object.set("apiVersion", query.resource.api_version());
        }
        DRYDOCK_CO_TRY(std::string text, text_of(object, "ADDED"));
        co_await session.out(std::move(text));
      }
    }
  }
  filter.add("resourceVersion", version);
  Following following(session.process());
  DRYDOCK_CO_TRY(ChangeStream changes,
                 co_await ChangeStream::open(session, query.resource.ref().path(query.ns), filter, accept));
  while (true) {
    std::optional<Change> change = co_await changes.next();
    if (!change) break;
    if (change->type == "BOOKMARK") continue;
    if (change->type == "ERROR") co_return status_from_document(change->object, 500);
    DRYDOCK_CO_TRY(std::string text, text_of(change->object, change->type));
    co_await session.out(std::move(text));
  }
  co_return 0;
}

Task<Result<int>> get_raw(Session& session, std::string target) {
  HttpRequest request;
  const std::size_t question = target.find('?');
  request.path = target.substr(0, question);
  if (question != std::string::npos) request.query = HttpQuery::parse(std::string_view(target).substr(question + 1));
  request.headers.add("Accept", "*/*");
  DRYDOCK_CO_TRY(HttpResponse response, co_await session.send(std::move(request)));
  const bool document = !response.body.document.is_null();
  co_await session.out(document ? dump_json(response.body.document, {.escape_html = true}) + "\n"
                                : std::move(response.body.bytes));
  while (response.stream) {
    auto message = co_await response.stream->receive();
    if (!message) break;
    co_await session.out(message->document.is_null() ? std::move(message->bytes) : dump_json(message->document) + "\n");
  }
  co_return 0;
}

}  // namespace

Task<Result<int>> run_get(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (!flags.text("raw").empty()) {
    if (!arguments.empty()) co_return session.usage_error("arguments may not be passed when --raw is specified");
    co_return co_await get_raw(session, flags.text("raw"));
  }
  GetOptions options;
  DRYDOCK_CO_TRY(options.format, parse_output(session, OutputScope::kGet));
  options.tables = flags.on("server-print");
  if (!flags.text("sort-by").empty()) {
    DRYDOCK_CO_TRY(options.sort_by, relaxed_jsonpath(flags.text("sort-by")));
  }
  if (arguments.empty() && !has_manifests(session)) {
    co_await session.err(
        "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported "
        "resources.\n\n");
    co_return session.usage_error(
        "Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that "
        "resource (e.g. kubectl explain pods).");
  }
  SelectionRules rules;
  rules.lists = true;
  DRYDOCK_CO_TRY(std::vector<Query> queries, co_await plan_queries(session, std::move(arguments), rules));
  if (flags.on("watch") || flags.on("watch-only")) {
    if (queries.size() != 1) co_return Status::plain("you may only specify a single resource type");
    co_return co_await watch_query(session, std::move(queries[0]), options);
  }
  if (flags.on("output-watch-events"))
    co_return Status::plain("--output-watch-events option can only be used with --watch or --watch-only");
  if (options.format.is_own()) co_return co_await print_tables(session, std::move(queries), options);
  co_return co_await print_objects(session, std::move(queries), options);
}

}  // namespace drydock::kubectl
