#include "core/programs/control_plane/schema_texts.h"

#include "core/programs/kubectl/explain_docs.h"

namespace drydock {

SchemaTexts schema_texts() {
  SchemaTexts texts;
  texts.of_type = kubectl::type_docs;
  texts.of_field = [](std::string_view type, std::string_view field) -> SchemaTexts::Field {
    const kubectl::FieldDocs docs = kubectl::field_docs(type, field);
    return {docs.text.empty() ? kubectl::field_note(type, field) : docs.text, docs.required};
  };
  return texts;
}

}  // namespace drydock
