// Roles, bindings, certificates.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"
#include "core/machinery/tables/printers.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

Cells role_binding_cells(const Object& binding, TimePoint now) {
  std::string users, groups, accounts;
  for (const Value& subject : binding.doc()["subjects"].items()) {
    std::string& list = subject["kind"].as_string() == "User"    ? users
                        : subject["kind"].as_string() == "Group" ? groups
                                                                 : accounts;
    list += (list.empty() ? "" : ", ") + (&list == &accounts ? subject["namespace"].str() + "/" : "") +
            subject["name"].str();
  }
  return {binding.name(),
          binding.doc()["roleRef"]["kind"].str() + "/" + binding.doc()["roleRef"]["name"].str(),
          age(binding, now),
          users,
          groups,
          accounts};
}

std::string csr_condition(const Object& request) {
  std::string text;
  for (const Value& condition : request.status()["conditions"].items())
    text += (text.empty() ? "" : ",") + condition["type"].str();
  if (text.empty()) text = "Pending";
  if (!request.status()["certificate"].empty()) text += ",Issued";
  return text;
}

}  // namespace

void add_access_printers(PrinterTable& printers) {
  printers.insert({
      {"roles",
       {{{"Name"}, {"Created At"}},
        [](const Object& o, TimePoint) { return Cells{o.name(), o.metadata()["creationTimestamp"]}; }}},
      {"clusterroles",
       {{{"Name"}, {"Created At"}},
        [](const Object& o, TimePoint) { return Cells{o.name(), o.metadata()["creationTimestamp"]}; }}},
      {"rolebindings",
       {{{"Name"},
         {"Role"},
         {"Age"},
         {"Users", "string", 1},
         {"Groups", "string", 1},
         {"ServiceAccounts", "string", 1}},
        role_binding_cells}},
      {"clusterrolebindings",
       {{{"Name"},
         {"Role"},
         {"Age"},
         {"Users", "string", 1},
         {"Groups", "string", 1},
         {"ServiceAccounts", "string", 1}},
        role_binding_cells}},
      {"certificatesigningrequests",
       {{{"Name"}, {"Age"}, {"SignerName"}, {"Requestor"}, {"RequestedDuration"}, {"Condition"}},
        [](const Object& o, TimePoint now) {
          return Cells{o.name(), age(o, now),     o.spec()["signerName"].str(), o.spec()["username"].str(),
                       "<none>", csr_condition(o)};
        }}},
  });
}

}  // namespace drydock
