// kubectl explain.
#include "core/base/strings.h"
#include "core/machinery/schema.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/bare_resource.h"
#include "core/programs/kubectl/connection/session.h"
#include "core/programs/kubectl/errors.h"
#include "core/programs/kubectl/explain_docs.h"

namespace drydock::kubectl {
namespace {

constexpr std::size_t kTextWidth = 80;
constexpr int kMaxDepth = 30;

// One node of the tree that explain walks: a type of ours or of a custom resource.
struct Shape {
  std::string type;  // schema type: "V1PodSpec", "Array<V1Container>", …; "" with a document
  Value document;    // an OpenAPI schema of a CustomResourceDefinition
};

// "V1PodSpec" → "PodSpec", "CoreV1Event" → "Event".
std::string short_name(std::string_view type) {
  for (std::size_t i = 0; i + 1 < type.size(); ++i) {
    if (type[i] != 'V' || type[i + 1] < '0' || type[i + 1] > '9') continue;
    std::size_t end = i + 1;
    while (end < type.size() && type[end] >= '0' && type[end] <= '9') ++end;
    for (std::string_view stage : {"alpha", "beta"}) {
      if (!type.substr(end).starts_with(stage)) continue;
      end += stage.size();
      while (end < type.size() && type[end] >= '0' && type[end] <= '9') ++end;
    }
    return std::string(type.substr(end));
  }
  return std::string(type);
}

// The type inside of lists and maps.
std::string element_of(std::string type) {
  while (true) {
    if (type.starts_with("Array<"))
      type = type.substr(6, type.size() - 7);
    else if (type.starts_with("{[key:string]:"))
      type = type.substr(14, type.size() - 16);
    else
      return type;
  }
}

std::string shown_type(const std::string& type, std::string_view field = "") {
  if (type.starts_with("Array<")) return "[]" + shown_type(type.substr(6, type.size() - 7));
  if (type.starts_with("{[key:string]:")) {
    const std::string inner = shown_type(type.substr(14, type.size() - 16));
    const bool quantities = field == "limits" || field == "requests" || field == "capacity" || field == "allocatable" ||
                            field == "hard" || field == "used";
    return "map[string]" + (quantities ? "Quantity" : inner);
  }
  if (type == "number") return "integer";
  if (type == "time" || type == "bytes") return "string";
  if (type == "intorstring") return "IntOrString";
  if (type == "any") return "Object";
  return type == "string" || type == "boolean" ? type : short_name(type);
}

std::string document_type(const Value& document) {
  if (document["x-kubernetes-int-or-string"].as_bool()) return "IntOrString";
  const std::string type = document["type"].str();
  if (type == "array") return "[]" + document_type(document["items"]);
  if (type == "object" && document["additionalProperties"].is_object())
    return "map[string]" + document_type(document["additionalProperties"]);
  return type.empty() || type == "object" ? "Object" : type;
}

// The object schema inside of lists and maps.
const Value& document_element(const Value& document) {
  const Value* at = &document;
  while ((*at)["items"].is_object() || (*at)["additionalProperties"].is_object())
    at = (*at)["items"].is_object() ? &(*at)["items"] : &(*at)["additionalProperties"];
  return *at;
}

std::string wrapped(std::string_view text, std::size_t indent) {
  const std::string margin(indent, ' ');
  std::string result;
  for (const std::string& paragraph : split(text, '\n')) {
    std::string line;
    // Words keep the spaces between them, except where a line ends.
    std::size_t at = 0;
    while (at < paragraph.size()) {
      const std::size_t word = paragraph.find_first_not_of(' ', at);
      if (word == std::string::npos) break;
      const std::size_t end = std::min(paragraph.find(' ', word), paragraph.size());
      if (!line.empty() && indent + line.size() + (end - at) > kTextWidth) {
        result += margin + line + "\n";
        line = paragraph.substr(word, end - word);
      } else {
        line += paragraph.substr(line.empty() ? word : at, end - (line.empty() ? word : at));
      }
      at = end;
    }
    result += margin + line + "\n";
  }
  return result;
}

struct Field {
  std::string name, type, text;
  std::string values;  // "Recreate, RollingUpdate"
  bool required = false;
  Shape shape;
};

std::vector<Field> fields_of(const Shape& shape) {
  std::vector<Field> fields;
  if (shape.type.empty()) {
    const Value& element = document_element(shape.document);
    for (const auto& [name, property] : element["properties"].members()) {
      Field field{name.str(), document_type(property), property["description"].str(), "", false, {"", property}};
      for (const Value& required : element["required"].items())
        field.required = field.required || required.as_string() == name.view();
      fields.push_back(std::move(field));
    }
    return fields;
  }
  const std::string type = element_of(shape.type);
  const Schema::Fields* known = Schema::builtin().find(type);
  if (known == nullptr) return fields;
  for (const auto& [name, field_type] : *known) {
    const FieldDocs docs = field_docs(type, name);
    Field field{std::string(name),      shown_type(std::string(field_type), name),
                std::string(docs.text), "",
                docs.required,          {std::string(field_type), {}}};
    if (field.text.empty() && std::string_view(field.type) != "string") field.text = field_note(type, name);
    if (field.text.empty()) field.text = type_docs(element_of(std::string(field_type)));
    field.values = field_values(type, name);
    fields.push_back(std::move(field));
  }
  return fields;
}

void write_tree(const Shape& shape, int depth, std::vector<std::string>& above, std::string& text) {
  const std::string type = element_of(shape.type);
  for (const std::string& outer : above) {
    if (!type.empty() && outer == type) return;  // types that hold themselves
  }
  if (depth > kMaxDepth) return;
  above.push_back(type);
  for (const Field& field : fields_of(shape)) {
    text += std::string(static_cast<std::size_t>(depth) * 2, ' ') + field.name + "\t<" + field.type + ">" +
            (field.required ? " -required-" : "") + "\n";
    if (!field.values.empty())
      text += std::string(static_cast<std::size_t>(depth) * 2, ' ') + "enum: " + field.values + "\n";
    write_tree(field.shape, depth + 1, above, text);
  }
  above.pop_back();
}

// The OpenAPI schema of a custom resource, as its definition holds it.
Task<Result<Value>> custom_schema(Session& session, ApiResource resource) {
  DRYDOCK_CO_TRY(const Value definition,
                 co_await session.get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + resource.plural +
                                      "." + resource.group));
  for (const Value& version : definition["spec"]["versions"].items()) {
    if (version["name"].as_string() != resource.version) continue;
    Value schema = version["schema"]["openAPIV3Schema"];
    // Every object has these, whether its definition says so or not.
    for (const char* field : {"apiVersion", "kind"}) {
      Value entry = Value::object({{"type", "string"}, {"description", field_docs("V1Pod", field).text}});
      schema.ref("properties", field) = std::move(entry);
    }
    schema.ref("properties", "metadata") =
        Value::object({{"type", "object"}, {"description", field_docs("V1Pod", "metadata").text}});
    co_return schema;
  }
  co_return Status::plain("couldn't find resource for \"" + resource.api_version() + ", Kind=" + resource.kind + "\"");
}

}  // namespace

Task<Result<int>> run_explain(Session& session, Arguments arguments) {
  const Flags& flags = session.flags();
  if (arguments.empty()) {
    co_return Status::plain(
        "You must specify the type of resource to explain. Use \"kubectl api-resources\" for a complete list of "
        "supported resources.");
  }
  if (arguments.size() > 1) co_return Status::plain("We accept only this format: explain RESOURCE");
  const std::string output = flags.text("output");
  if (output != "plaintext" && output != "plaintext-openapiv2")
    co_return Status::plain("unrecognized format: " + output);
  // "pods.spec.containers", "deployments.apps.spec": the longest name that is a resource.
  const std::vector<std::string> words = split(arguments[0], '.');
  DRYDOCK_CO_TRY(const Discovery* known, co_await session.discovery());
  const ApiResource* resource = nullptr;
  std::size_t used = 0;
  for (std::size_t count = words.size(); count > 0; --count) {
    const std::string name = join(std::span(words).first(count), ".");
    const ApiResource* found = known->find(name);
    if (found == nullptr) continue;
    resource = found;
    used = count;
    break;
  }
  if (resource == nullptr) {
    DRYDOCK_CO_TRY(ApiResource fresh, co_await bare_resource(session, words[0]));
    DRYDOCK_CO_TRY(known, co_await session.discovery());
    resource = known->find(words[0]);
    used = 1;
  }
  ApiResource chosen = *resource;
  if (!flags.text("api-version").empty()) {
    const ApiResource* other = known->find_kind(flags.text("api-version"), chosen.kind);
    if (other == nullptr)
      co_return Status::plain("couldn't find resource for \"" + flags.text("api-version") +
                              ", Resource=" + chosen.plural + "\"");
    chosen = *other;
  }
  Shape shape{std::string(Schema::builtin().type_of(chosen.api_version(), chosen.kind)), {}};
  if (shape.type.empty()) {
    DRYDOCK_CO_TRY(shape.document, co_await custom_schema(session, chosen));
  }
  std::string text;
  if (!chosen.group.empty()) text += "GROUP:      " + chosen.group + "\n";
  text += "KIND:       " + chosen.kind + "\nVERSION:    " + chosen.version + "\n\n";
  std::string description =
      shape.type.empty() ? shape.document["description"].str() : std::string(type_docs(shape.type));
  for (std::size_t i = used; i < words.size(); ++i) {
    const std::vector<Field> fields = fields_of(shape);
    const Field* found = nullptr;
    for (const Field& field : fields) {
      if (field.name == words[i]) found = &field;
    }
    if (found == nullptr) {
      co_await session.out(std::move(text));
      co_return Status::plain("field " + go_quote(words[i]) + " does not exist");
    }
    const std::string own = shape.type.empty() ? "" : std::string(field_docs(element_of(shape.type), words[i]).text);
    const std::string of_type = found->shape.type.empty() ? "" : std::string(type_docs(element_of(found->shape.type)));
    description = own.empty() ? found->text : own;
    if (!of_type.empty() && of_type != description) description += "\n" + of_type;
    if (i + 1 == words.size()) text += "FIELD: " + found->name + " <" + found->type + ">\n\n\n";
    shape = Shape(found->shape);
  }
  text += "DESCRIPTION:\n";
  text += description.empty() ? "    <empty>\n" : wrapped(description, 4);
  const std::vector<Field> fields = fields_of(shape);
  if (!description.empty()) text += "    \n";
  if (fields.empty()) text += "\n";
  if (!fields.empty()) {
    text += "FIELDS:\n";
    if (flags.on("recursive")) {
      std::vector<std::string> above;
      write_tree(shape, 1, above, text);
      text += "\n";
    } else {
      for (const Field& field : fields) {
        text += "  " + field.name + "\t<" + field.type + ">" + (field.required ? " -required-" : "") + "\n";
        if (!field.values.empty()) text += "  enum: " + field.values + "\n";
        text += field.text.empty() ? "    <no description>\n\n" : wrapped(field.text, 4) + "\n";
      }
      text += "\n";
    }
  }
  co_await session.out(std::move(text));
  co_return 0;
}

}  // namespace drydock::kubectl
