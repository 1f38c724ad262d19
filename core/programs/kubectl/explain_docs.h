// What the API's authors wrote about each type and field: the texts of `kubectl
// explain`, from the table that docs_gen makes of the official client's models.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drydock::kubectl {

// One text a type: "V1PodSpec 3 field=4 required*=5"; the numbers are places in kDocTexts.
extern const char* const kDocTypes[];
extern const char* const kDocTexts[];

struct FieldDocs {
  std::string_view text;
  bool required = false;
};
// "" for types that are not known.
std::string_view type_docs(std::string_view type);
FieldDocs field_docs(std::string_view type, std::string_view field);
// Texts of fields that hold objects, which the models leave out; "" for most.
std::string_view field_note(std::string_view type, std::string_view field);
// "Recreate, RollingUpdate": the values a field may have, where it is known.
std::string_view field_values(std::string_view type, std::string_view field);

}  // namespace drydock::kubectl
