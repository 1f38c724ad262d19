// OpenAPI v2 as protobuf: gnostic's OpenAPIv2.proto, whose messages mirror the JSON.
#include "core/apiserver/openapi/openapi.h"
#include "core/apiserver/openapi/protobuf.h"
#include "core/base/strings.h"
#include "core/machinery/json.h"

namespace drydock {
namespace {

// NamedAny: what begins with "x-", as YAML text (JSON is YAML).
void add_extensions(ProtobufWriter& out, int field, const Value& document) {
  for (const Value::Member& member : document.members()) {
    if (!member.key.view().starts_with("x-")) continue;
    ProtobufWriter any;
    any.text(2, dump_json(member.value) + "\n");
    ProtobufWriter named;
    named.text(1, member.key.view());
    named.message(2, any);
    out.message(field, named);
  }
}

void add_texts(ProtobufWriter& out, int field, const Value& list) {
  for (const Value& item : list.items()) out.bytes(field, item.as_string());
}

void add_named(ProtobufWriter& out, int field, std::string_view name, const ProtobufWriter& value) {
  ProtobufWriter named;
  named.text(1, name);
  named.message(2, value);
  out.message(field, named);
}

ProtobufWriter schema_message(const Value& schema) {
  ProtobufWriter out;
  out.text(1, schema["$ref"].as_string());
  out.text(2, schema["format"].as_string());
  out.text(4, schema["description"].as_string());
  add_texts(out, 19, schema["required"]);
  if (schema.has("additionalProperties")) {
    ProtobufWriter item;
    item.message(1, schema_message(schema["additionalProperties"]));
    out.message(21, item);
  }
  if (schema.has("type")) {
    ProtobufWriter type;
    type.text(1, schema["type"].as_string());
    out.message(22, type);
  }
  if (schema.has("items")) {
    ProtobufWriter items;
    items.message(1, schema_message(schema["items"]));
    out.message(23, items);
  }
  if (schema.has("properties")) {
    ProtobufWriter properties;
    for (const Value::Member& member : schema["properties"].members())
      add_named(properties, 1, member.key.view(), schema_message(member.value));
    out.message(25, properties);
  }
  add_extensions(out, 31, schema);
  return out;
}

ProtobufWriter parameter_message(const Value& parameter) {
  const std::string_view in = parameter["in"].as_string();
  ProtobufWriter out;
  if (in == "body") {
    ProtobufWriter body;
    body.text(2, parameter["name"].as_string());
    body.text(3, in);
    body.boolean(4, parameter["required"].as_bool());
    body.message(5, schema_message(parameter["schema"]));
    out.message(1, body);
  } else {
    const bool query = in == "query";
    ProtobufWriter own;
    own.boolean(1, parameter["required"].as_bool());
    own.text(2, in);
    own.text(3, parameter["description"].as_string());
    own.text(4, parameter["name"].as_string());
    own.text(query ? 6 : 5, parameter["type"].as_string());
    own.boolean(query ? 20 : 19, parameter["uniqueItems"].as_bool());
    ProtobufWriter other;
    other.message(query ? 3 : 4, own);
    out.message(2, other);
  }
  ProtobufWriter item;
  item.message(1, out);
  return item;
}

ProtobufWriter operation_message(const Value& operation) {
  ProtobufWriter out;
  add_texts(out, 1, operation["tags"]);
  out.text(3, operation["description"].as_string());
  out.text(5, operation["operationId"].as_string());
  add_texts(out, 6, operation["produces"]);
  add_texts(out, 7, operation["consumes"]);
  for (const Value& parameter : operation["parameters"].items()) out.message(8, parameter_message(parameter));
  ProtobufWriter responses;
  for (const Value::Member& member : operation["responses"].members()) {
    ProtobufWriter response;
    response.text(1, member.value["description"].as_string());
    if (member.value.has("schema")) {
      ProtobufWriter item;
      item.message(1, schema_message(member.value["schema"]));
      response.message(2, item);
    }
    ProtobufWriter value;
    value.message(1, response);
    add_named(responses, 1, member.key.view(), value);
  }
  out.message(9, responses);
  add_texts(out, 10, operation["schemes"]);
  add_extensions(out, 13, operation);
  return out;
}

}  // namespace

std::string openapi_v2_protobuf(const Value& document) {
  ProtobufWriter out;
  out.text(1, document["swagger"].as_string());
  ProtobufWriter info;
  info.text(1, document["info"]["title"].as_string());
  info.text(2, document["info"]["version"].as_string());
  out.message(2, info);
  ProtobufWriter paths;
  constexpr std::pair<const char*, int> kVerbs[] = {{"get", 2}, {"put", 3}, {"post", 4}, {"delete", 5}, {"patch", 8}};
  for (const Value::Member& member : document["paths"].members()) {
    ProtobufWriter item;
    for (const auto& [verb, field] : kVerbs) {
      if (member.value.has(verb)) item.message(field, operation_message(member.value[verb]));
    }
    for (const Value& parameter : member.value["parameters"].items()) item.message(9, parameter_message(parameter));
    add_named(paths, 2, member.key.view(), item);
  }
  out.message(8, paths);
  ProtobufWriter definitions;
  for (const Value::Member& member : document["definitions"].members())
    add_named(definitions, 1, member.key.view(), schema_message(member.value));
  out.message(9, definitions);
  return out.str();
}

}  // namespace drydock
