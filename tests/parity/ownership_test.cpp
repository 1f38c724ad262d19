// kubectl and who owns which fields: server-side apply, conflicts, the way from client-side
// apply, and when managedFields are shown.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "doctest/doctest.h"
#include "tests/parity/parity_cluster.h"

namespace drydock::testing {
namespace {

std::string manifest(const std::string& replicas, const std::string& label = "") {
  return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  labels: {app: web" +
         (label.empty() ? "" : ", " + label) + "}\nspec:\n" +
         (replicas.empty() ? "" : "  replicas: " + replicas + "\n") +
         "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
         "      containers: [{name: nginx, image: nginx}]\n";
}

// "kubectl Apply", "kubectl-create Update", … as the object's managedFields have them.
std::string owners(ParityCluster& cluster, const std::string& object) {
  const CommandResult shown = cluster.run({"kubectl", "get", object, "-o", "json", "--show-managed-fields"});
  REQUIRE(shown.code == 0);
  const Value document = *parse_json(shown.out);
  std::vector<std::string> all;
  for (const Value& entry : document["metadata"]["managedFields"].items()) {
    const std::string subresource = entry["subresource"].str();
    if (entry["manager"].as_string() == "hollow") continue;  // controllers, at any moment
    all.push_back(entry["manager"].str() + " " + entry["operation"].str() +
                  (subresource.empty() ? "" : " " + subresource));
  }
  std::sort(all.begin(), all.end());
  return join(all, ", ");
}

}  // namespace

TEST_CASE("kubectl apply --server-side") {
  ParityCluster cluster;
  cluster.put_file("/root/web.yaml", manifest("1", "tier: front"));
  REQUIRE(cluster.run({"kubectl", "apply", "-f", "/root/web.yaml"}).code == 0);
  CHECK(owners(cluster, "deploy/web") == "kubectl-client-side-apply Update");
  // Hidden unless asked for; templates see them.
  CHECK_FALSE(contains(cluster.run({"kubectl", "get", "deploy/web", "-o", "yaml"}).out, "managedFields"));
  CHECK(contains(cluster.run({"kubectl", "get", "deploy/web", "-o", "yaml", "--show-managed-fields"}).out,
                 "fieldsType: FieldsV1"));
  CHECK(
      contains(cluster.run({"kubectl", "get", "deploy/web", "-o", "jsonpath={.metadata.managedFields[*].manager}"}).out,
               "kubectl-client-side-apply"));

  // What client-side apply wrote is kubectl's: no conflict, and its entries are migrated.
  cluster.put_file("/root/web.yaml", manifest("2"));
  CommandResult result = cluster.run({"kubectl", "apply", "--server-side", "-f", "/root/web.yaml"});
  CHECK(result.out == "deployment.apps/web serverside-applied\n");
  CHECK(result.err.empty());
  CHECK(owners(cluster, "deploy/web") == "kubectl Apply, kubectl-last-applied Apply");
  // The label that is not in the file any more went with the migration.
  CHECK(cluster.run({"kubectl", "get", "deploy/web", "-o", "jsonpath={.metadata.labels}"}).out == R"({"app":"web"})");
  result = cluster.run({"kubectl", "apply", "view-last-applied", "deploy/web", "-o", "json"});
  CHECK((*parse_json(result.out))["spec"]["replicas"].as_int() == 2);

  // Somebody else's field.
  REQUIRE(cluster.run({"kubectl", "scale", "deploy/web", "--replicas=4"}).code == 0);
  result = cluster.run({"kubectl", "apply", "--server-side", "-f", "/root/web.yaml"});
  CHECK(result.code == 1);
  CHECK(result.err ==
        "error: Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: "
        ".spec.replicas\n"
        "Please review the fields above--they currently have other managers. Here\n"
        "are the ways you can resolve this warning:\n"
        "* If you intend to manage all of these fields, please re-run the apply\n"
        "  command with the `--force-conflicts` flag.\n"
        "* If you do not intend to manage all of the fields, please edit your\n"
        "  manifest to remove references to the fields that should keep their\n"
        "  current managers.\n"
        "* You may co-own fields by updating your manifest to match the existing\n"
        "  value; in this case, you'll become the manager if the other manager(s)\n"
        "  stop managing the field (remove it from their configuration).\n"
        "See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts\n");
  result = cluster.run({"kubectl", "diff", "--server-side", "-f", "/root/web.yaml"});
  CHECK(result.code > 1);
  CHECK(contains(result.err, "Apply failed with 1 conflict"));
  result = cluster.run({"kubectl", "diff", "--server-side", "--force-conflicts", "-f", "/root/web.yaml"});
  CHECK(result.code == 1);
  CHECK(contains(result.out, "-  replicas: 4\n+  replicas: 2\n"));
  CHECK_FALSE(contains(result.out, "managedFields"));
  result = cluster.run({"kubectl", "apply", "--server-side", "--force-conflicts", "-f", "/root/web.yaml"});
  CHECK(result.out == "deployment.apps/web serverside-applied\n");
  CHECK(owners(cluster, "deploy/web") == "kubectl Apply, kubectl-last-applied Apply");
  // Another manager by name, in a dry run only.
  cluster.put_file("/root/part.yaml",
                   "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: true}\n");
  result = cluster.run(
      {"kubectl", "apply", "--server-side", "--field-manager=other", "--dry-run=server", "-f", "/root/part.yaml"});
  CHECK(result.out == "deployment.apps/web serverside-applied (server dry run)\n");
  CHECK(owners(cluster, "deploy/web") == "kubectl Apply, kubectl-last-applied Apply");
  // Fields that nobody knows.
  cluster.put_file(
      "/root/part.yaml",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\nspec: {pausd: true}\n");
  result = cluster.run({"kubectl", "apply", "--server-side", "--field-manager=other", "-f", "/root/part.yaml"});
  CHECK(result.err ==
        "Error from server: failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.pausd: "
        "field not declared in schema\n");
}

TEST_CASE("who kubectl's other commands write as") {
  ParityCluster cluster;
  REQUIRE(cluster.run({"kubectl", "create", "configmap", "m", "--from-literal=a=b"}).code == 0);
  CHECK(owners(cluster, "cm/m") == "kubectl-create Update");
  cluster.run_for(seconds(2));
  REQUIRE(cluster.run({"kubectl", "label", "cm/m", "x=y"}).code == 0);
  CHECK(owners(cluster, "cm/m") == "kubectl-create Update, kubectl-label Update");
  cluster.run_for(seconds(2));
  REQUIRE(cluster.run({"kubectl", "patch", "cm/m", "-p", R"({"data":{"c":"d"}})", "--field-manager=me"}).code == 0);
  CHECK(owners(cluster, "cm/m") == "kubectl-create Update, kubectl-label Update, me Update");
}

}  // namespace drydock::testing
