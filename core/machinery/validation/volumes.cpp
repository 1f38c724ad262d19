// Volumes of pods.
#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation/kinds.h"
#include "core/machinery/validation/names.h"

namespace drydock {
namespace {

void local_path(FieldErrors& errors, const Value& path, const std::string& field) {
  if (path.as_string().starts_with('/')) errors.invalid(field, path, "must be a relative path");
  for (const std::string& part : split(path.as_string(), '/')) {
    if (part != "..") continue;
    errors.invalid(field, path, "must not contain '..'");
    break;
  }
}

void items(FieldErrors& errors, const Value& source, const std::string& path) {
  for (std::size_t i = 0; i < source["items"].size(); ++i) {
    const Value& item = source["items"][i];
    const std::string here = at(path + ".items", i);
    if (item["key"].empty()) errors.required(here + ".key");
    if (item["path"].empty())
      errors.required(here + ".path");
    else
      local_path(errors, item["path"], here + ".path");
  }
}

void mode(FieldErrors& errors, const Value& source, const std::string& path) {
  const Value& value = source["defaultMode"];
  if (value.is_int() && (value.as_int() < 0 || value.as_int() > 0777))
    errors.invalid(path + ".defaultMode", value, "must be a number between 0 and 0777 (octal), both inclusive");
}

void source(FieldErrors& errors, const Value& volume, const std::string& path) {
  std::string first;
  for (const Value::Member& member : volume.members()) {
    if (member.key.view() == "name" || !member.value.is_object()) continue;
    const std::string kind = member.key.str();
    const std::string here = path + "." + kind;
    const Value& what = member.value;
    if (!first.empty()) {
      errors.forbidden(here, "may not specify more than 1 volume type");
      continue;
    }
    first = kind;
    if (kind == "hostPath") {
      if (what["path"].empty()) errors.required(here + ".path");
      static constexpr std::string_view kTypes[] = {"",     "BlockDevice",       "CharDevice",   "Directory",
                                                    "File", "DirectoryOrCreate", "FileOrCreate", "Socket"};
      bool known = false;
      for (const std::string_view type : kTypes) known = known || what["type"].as_string() == type;
      if (!known) {
        errors.unsupported(
            here + ".type", what["type"],
            {"BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"});
      }
    } else if (kind == "secret") {
      if (what["secretName"].empty()) errors.required(here + ".secretName");
      mode(errors, what, here);
      items(errors, what, here);
    } else if (kind == "configMap") {
      if (what["name"].empty()) errors.required(here + ".name");
      mode(errors, what, here);
      items(errors, what, here);
    } else if (kind == "persistentVolumeClaim") {
      if (what["claimName"].empty()) errors.required(here + ".claimName");
    } else if (kind == "nfs") {
      if (what["server"].empty()) errors.required(here + ".server");
      if (what["path"].empty())
        errors.required(here + ".path");
      else if (!what["path"].as_string().starts_with('/'))
        errors.invalid(here + ".path", what["path"], "must be an absolute path");
    } else if (kind == "emptyDir") {
      const auto limit = Quantity::from(what["sizeLimit"]);
      if (limit && *limit < Quantity())
        errors.forbidden(here + ".sizeLimit", "SizeLimit field must be a valid resource quantity");
    } else if (kind == "downwardAPI") {
      mode(errors, what, here);
      for (std::size_t i = 0; i < what["items"].size(); ++i) {
        if (what["items"][i]["path"].empty()) errors.required(at(here, i) + ".path");
        if (!what["items"][i]["fieldRef"].is_object() && !what["items"][i]["resourceFieldRef"].is_object())
          errors.required(at(here, i), "one of fieldRef and resourceFieldRef is required");
      }
    } else if (kind == "projected") {
      mode(errors, what, here);
    } else if (kind == "csi") {
      if (what["driver"].empty()) errors.required(here + ".driver");
    }
  }
  if (first.empty()) errors.required(path, "must specify a volume type");
}

}  // namespace

void validate_volumes(FieldErrors& errors, const Value& volumes, const std::string& path,
                      std::set<std::string>& names) {
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const Value& volume = volumes[i];
    const std::string here = at(path, i);
    source(errors, volume, here);
    const std::string name = volume["name"].str();
    if (name.empty())
      errors.required(here + ".name");
    else
      errors.invalid_for(here + ".name", name, dns_label_problems(name));
    if (!names.insert(name).second) errors.duplicate(here + ".name", name);
  }
}

}  // namespace drydock
