// Volumes, claims, classes and drivers.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

std::string modes(const Value& list) {
  std::string text;
  for (const Value& mode : list.items()) {
    const std::string_view name = mode.as_string();
    text += std::string(text.empty() ? "" : ",") + (name == "ReadWriteOnce"   ? "RWO"
                                                    : name == "ReadOnlyMany"  ? "ROX"
                                                    : name == "ReadWriteMany" ? "RWX"
                                                                              : "RWOP");
  }
  return text;
}

std::string yes_or_no(const Value& value) { return value.as_bool() ? "true" : "false"; }
Cells claim_cells(const Object& claim, TimePoint now) {
  const bool bound = !claim.spec()["volumeName"].empty();
  return {claim.name(),
          claim.deleting() ? std::string("Terminating") : claim.status()["phase"].str(),
          claim.spec()["volumeName"].str(),
          bound ? claim.status()["capacity"]["storage"].str() : std::string(),
          bound ? modes(claim.status()["accessModes"]) : std::string(),
          claim.spec()["storageClassName"].str(),
          or_none(claim.spec()["volumeAttributesClassName"].str(), "<unset>"),
          age(claim, now),
          claim.spec()["volumeMode"].str()};
}

Cells volume_cells(const Object& volume, TimePoint now) {
  const Value& spec = volume.spec();
  const Value& claim = spec["claimRef"];
  return {volume.name(),
          spec["capacity"]["storage"].str(),
          modes(spec["accessModes"]),
          spec["persistentVolumeReclaimPolicy"].str(),
          volume.deleting() ? std::string("Terminating") : volume.status()["phase"].str(),
          claim.is_object() ? claim["namespace"].str() + "/" + claim["name"].str() : std::string(),
          spec["storageClassName"].str(),
          or_none(spec["volumeAttributesClassName"].str(), "<unset>"),
          volume.status()["reason"].str(),
          age(volume, now),
          or_none(spec["volumeMode"].str(), "<unset>")};
}

Cells driver_cells(const Object& driver, TimePoint now) {
  const Value& spec = driver.spec();
  std::string audiences;
  for (const Value& request : spec["tokenRequests"].items())
    audiences += (audiences.empty() ? "" : ",") + request["audience"].str();
  std::string uses;
  for (const Value& mode : spec["volumeLifecycleModes"].items()) uses += (uses.empty() ? "" : ",") + mode.str();
  return {driver.name(),
          spec["attachRequired"].as_bool(true) ? "true" : "false",
          yes_or_no(spec["podInfoOnMount"]),
          yes_or_no(spec["storageCapacity"]),
          or_none(audiences, "<unset>"),
          yes_or_no(spec["requiresRepublish"]),
          or_none(uses),
          age(driver, now)};
}

}  // namespace

void add_storage_printers(PrinterTable& printers) {
  printers.insert({
      {"persistentvolumeclaims",
       {{{"Name"},
         {"Status"},
         {"Volume"},
         {"Capacity"},
         {"Access Modes"},
         {"StorageClass"},
         {"VolumeAttributesClass"},
         {"Age"},
         {"VolumeMode", "string", 1}},
        claim_cells}},
      {"storageclasses",
       {{{"Name"}, {"Provisioner"}, {"ReclaimPolicy"}, {"VolumeBindingMode"}, {"AllowVolumeExpansion"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          std::string name(o.name());
          if (o.annotation("storageclass.kubernetes.io/is-default-class") == "true") name += " (default)";
          return Cells{name,
                       o.doc()["provisioner"].str(),
                       o.doc()["reclaimPolicy"].str(),
                       o.doc()["volumeBindingMode"].str(),
                       o.doc()["allowVolumeExpansion"].as_bool() ? "true" : "false",
                       age(o, now)};
        }}},
      {"persistentvolumes",
       {{{"Name"},
         {"Capacity"},
         {"Access Modes"},
         {"Reclaim Policy"},
         {"Status"},
         {"Claim"},
         {"StorageClass"},
         {"VolumeAttributesClass"},
         {"Reason"},
         {"Age"},
         {"VolumeMode", "string", 1}},
        volume_cells}},
      {"csidrivers",
       {{{"Name"},
         {"AttachRequired", "boolean"},
         {"PodInfoOnMount", "boolean"},
         {"StorageCapacity", "boolean"},
         {"TokenRequests"},
         {"RequiresRepublish", "boolean"},
         {"Modes"},
         {"Age"}},
        driver_cells}},
      {"csinodes",
       {{{"Name"}, {"Drivers", "integer"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), static_cast<std::int64_t>(o.spec()["drivers"].size()), age(o, now)};
        }}},
      {"volumeattachments",
       {{{"Name"}, {"Attacher"}, {"PV"}, {"Node"}, {"Attached", "boolean"}, {"Age"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(),
                       o.spec()["attacher"].str(),
                       o.spec()["source"]["persistentVolumeName"].str(),
                       o.spec()["nodeName"].str(),
                       yes_or_no(o.status()["attached"]),
                       age(o, now)};
        }}},
      {"volumeattributesclasses",
       {{{"Name"}, {"DriverName"}, {"Age"}},
        [](const Object& o, TimePoint now) { return Cells{o.name(), o.doc()["driverName"].str(), age(o, now)}; }}},
  });
}

}  // namespace drydock
