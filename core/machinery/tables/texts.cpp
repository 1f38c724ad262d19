// Texts that many printers share.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {

std::string age_of(const Value& stamp, TimePoint now) {
  const auto when = parse_timestamp(stamp.as_string());
  return when ? human_duration(now - *when) : "<unknown>";
}
std::string age(const Object& object, TimePoint now) { return age_of(object.metadata()["creationTimestamp"], now); }
std::string or_none(std::string text, const char* none) { return text.empty() ? none : text; }

std::string label_text(const Value& labels) {
  std::string text;
  for (const Value::Member& label : labels.members())
    text += (text.empty() ? "" : ",") + label.key.str() + "=" + label.value.str();
  return or_none(text);
}

std::string selector_text(const Value& selector) {
  std::string text;
  for (const Value::Member& label : selector["matchLabels"].members())
    text += (text.empty() ? "" : ",") + label.key.str() + "=" + label.value.str();
  for (const Value& expression : selector["matchExpressions"].items()) {
    std::vector<std::string> values;
    for (const Value& value : expression["values"].items()) values.push_back(value.str());
    const std::string_view op = expression["operator"].as_string();
    text += text.empty() ? "" : ",";
    if (op == "Exists")
      text += expression["key"].str();
    else if (op == "DoesNotExist")
      text += "!" + expression["key"].str();
    else
      text += expression["key"].str() + (op == "In" ? " in (" : " notin (") + join(values, ",") + ")";
  }
  return or_none(text);
}

std::string container_field(const Value& pod_spec, const char* field) {
  std::string text;
  for (const Value& container : pod_spec["containers"].items())
    text += (text.empty() ? "" : ",") + container[field].str();
  return text;
}

std::string capped(const std::vector<std::string>& list) {
  if (list.empty()) return "<none>";
  std::vector<std::string> shown(list.begin(),
                                 list.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(3, list.size())));
  std::string text = join(shown, ",");
  if (list.size() > 3) text += " + " + std::to_string(list.size() - 3) + " more...";
  return text;
}

}  // namespace drydock
