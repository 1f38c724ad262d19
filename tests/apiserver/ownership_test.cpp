// Who owns which fields: managedFields of every kind of write, server-side apply, conflicts.
#include <doctest/doctest.h>

#include <optional>

#include "core/apiserver/api_server.h"
#include "core/apiserver/ownership/managed_entries.h"
#include "core/base/strings.h"
#include "core/client/loopback_transport.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"
#include "core/store/memory_store.h"

using namespace drydock;

namespace {

const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string kMaps = "/api/v1/namespaces/default/configmaps";

std::string web(const std::string& spec, const std::string& metadata = "") {
  return "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web" + (metadata.empty() ? "" : ", " + metadata) +
         "}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: "
         "{containers: [{name: nginx, image: nginx}]}}" +
         (spec.empty() ? "" : ", " + spec) + "}}";
}
std::string map(const std::string& rest) {
  return "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: default}, " + rest + "}";
}

struct Writers {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  MemoryStore store{loop};
  LoopbackTransport transport{loop};
  std::unique_ptr<ApiServer> server;
  TaskGroup tasks{loop};
  HttpResponse last;

  Writers() {
    ApiServerOptions options;
    options.rbac = false;
    server = std::make_unique<ApiServer>(loop, Prng(1), store, transport, std::move(options));
    auto serve = [](ApiServer& target) -> Task<void> { (void)co_await target.run(); };
    tasks.spawn(serve(*server));
    while (!server->ready() && loop.run_one(loop.now() + seconds(30))) {
    }
    REQUIRE(server->ready());
    pass(milliseconds(10));
  }
  ~Writers() { tasks.cancel_all(); }
  void pass(Duration time) {
    const TimePoint end = loop.now() + time;
    while (loop.run_one(end)) {
    }
    clock.wait_until(end);
  }

  // The answer's document; `last` keeps the answer. A second passes with each request.
  Value ask(const std::string& who, const std::string& method, const std::string& path, const Value& body,
            const std::string& type) {
    HttpRequest made;
    made.method = method;
    made.path = path.substr(0, path.find('?'));
    if (made.path.size() < path.size()) made.query = HttpQuery::parse(path.substr(made.path.size() + 1));
    made.headers.set("User-Agent", who + "/v1.36.0 (linux/amd64)");
    made.headers.set("Content-Type", type);
    made.body.document = body;
    std::optional<HttpResponse> out;
    auto send = [](ApiServer& target, HttpRequest request, std::optional<HttpResponse>& answer) -> Task<void> {
      answer.emplace(co_await target.handle(std::move(request)));
    };
    TaskGroup group(loop);
    group.spawn(send(*server, std::move(made), out));
    while (!out && loop.run_one(loop.now() + seconds(60))) {
    }
    REQUIRE(out.has_value());
    pass(seconds(1));
    last = *std::move(out);
    return last.body.document;
  }
  Value create(const std::string& who, const std::string& path, const std::string& yaml) {
    return ask(who, "POST", path, *parse_yaml(yaml), "application/json");
  }
  Value put(const std::string& who, const std::string& path, const Value& document) {
    return ask(who, "PUT", path, document, "application/json");
  }
  Value merge(const std::string& who, const std::string& path, const std::string& yaml) {
    return ask(who, "PATCH", path, *parse_yaml(yaml), "application/merge-patch+json");
  }
  // `who` may have more of a query behind it: "kubectl&force=true".
  Value apply(const std::string& who, const std::string& path, const std::string& yaml) {
    return ask("client", "PATCH", path + "?fieldManager=" + who, *parse_yaml(yaml), "application/apply-patch+yaml");
  }
  std::string message() const {
    return std::to_string(last.status) + " " + last.body.document["reason"].str() + ": " +
           last.body.document["message"].str();
  }
};

// "MANAGER OPERATION VERSION[ SUBRESOURCE]: FIELDS", a line each.
std::string owners(const Value& document) {
  std::string text;
  for (const Value& entry : document["metadata"]["managedFields"].items()) {
    CHECK(entry["fieldsType"].as_string() == "FieldsV1");
    text += entry["manager"].str() + " " + entry["operation"].str() + " " + entry["apiVersion"].str();
    if (entry.has("subresource")) text += " " + entry["subresource"].str();
    text += ": " + dump_json(entry["fieldsV1"]) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE_FIXTURE(Writers, "every write is its manager's") {
  Value made = create("kubectl-create", kMaps, map("data: {a: x, b: y}"));
  REQUIRE_MESSAGE(last.status == 201, message());
  CHECK(owners(made) == "kubectl-create Update v1: {\"f:data\":{\".\":{},\"f:a\":{},\"f:b\":{}}}\n");
  CHECK(made["metadata"]["managedFields"][0]["time"].as_string().starts_with("2026-01-01T00:00:0"));
  // Another one changes a value, adds one and removes one.
  made = merge("editor", kMaps + "/m?fieldManager=told", "{data: {a: z, b: null, c: w}, metadata: {labels: {l: v}}}");
  CHECK(owners(made) ==
        "kubectl-create Update v1: {\"f:data\":{}}\n"
        "told Update v1: {\"f:data\":{\"f:a\":{},\"f:c\":{}},\"f:metadata\":{\"f:labels\":{\".\":{},\"f:l\":{}}}}\n");
  // Whoever writes the same owns nothing, and nothing is written.
  const std::string version = made["metadata"]["resourceVersion"].str();
  made = merge("third", kMaps + "/m", "{data: {a: z}}");
  CHECK(made["metadata"]["resourceVersion"].as_string() == version);
  CHECK(owners(made).find("third") == std::string::npos);
  // A replace without managedFields keeps them; what it leaves out is nobody's.
  made = put("replacer", kMaps + "/m", *parse_yaml(map("data: {a: z, d: new}")));
  CHECK(owners(made) ==
        "kubectl-create Update v1: {\"f:data\":{}}\n"
        "told Update v1: {\"f:data\":{\"f:a\":{}}}\n"
        "replacer Update v1: {\"f:data\":{\"f:d\":{}}}\n");
  // JSON patches, too.
  const Value steps = *parse_yaml("[{op: replace, path: /data/a, value: q}]");
  made = ask("patcher", "PATCH", kMaps + "/m", steps, "application/json-patch+json");
  CHECK(owners(made) ==
        "kubectl-create Update v1: {\"f:data\":{}}\n"
        "replacer Update v1: {\"f:data\":{\"f:d\":{}}}\n"
        "patcher Update v1: {\"f:data\":{\"f:a\":{}}}\n");
}

TEST_CASE_FIXTURE(Writers, "a new deployment's fields, with its defaults and without its status") {
  const Value made = create("kubectl-create", kDeployments, web("replicas: 2"));
  REQUIRE_MESSAGE(last.status == 201, message());
  CHECK(
      owners(made) ==
      "kubectl-create Update apps/v1: {\"f:spec\":{\"f:progressDeadlineSeconds\":{},\"f:replicas\":{},"
      "\"f:revisionHistoryLimit\":{},\"f:selector\":{},\"f:strategy\":{\"f:rollingUpdate\":{\".\":{},\"f:maxSurge\":{},"
      "\"f:maxUnavailable\":{}},\"f:type\":{}},\"f:template\":{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{}}},"
      "\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"nginx\\\"}\":{\".\":{},\"f:image\":{},\"f:imagePullPolicy\":"
      "{},"
      "\"f:name\":{},\"f:resources\":{},\"f:terminationMessagePath\":{},\"f:terminationMessagePolicy\":{}}},"
      "\"f:dnsPolicy\":{},\"f:restartPolicy\":{},\"f:schedulerName\":{},\"f:securityContext\":{},"
      "\"f:terminationGracePeriodSeconds\":{}}}}}\n");
}

TEST_CASE_FIXTURE(Writers, "status and spec each belong to who may write them") {
  create("kubectl-create", kDeployments, web("replicas: 2"));
  Value made = merge("controller", kDeployments + "/web/status",
                     "{status: {replicas: 2, conditions: [{type: Available, status: 'True'}]}, spec: {replicas: 7}}");
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["spec"]["replicas"].as_int() == 2);
  const Value entry = made["metadata"]["managedFields"][1];
  CHECK(entry["subresource"].as_string() == "status");
  CHECK(dump_json(entry["fieldsV1"]) ==
        "{\"f:status\":{\"f:conditions\":{\".\":{},\"k:{\\\"type\\\":\\\"Available\\\"}\":{\".\":{},\"f:status\":{},"
        "\"f:type\":{}}},\"f:replicas\":{}}}");
  // And the other way round.
  made = merge("meddler", kDeployments + "/web", "{status: {replicas: 9}}");
  CHECK(made["status"]["replicas"].as_int() == 2);
  CHECK(owners(made).find("meddler") == std::string::npos);
  made = apply("app", kDeployments + "/web/status",
               "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, status: {readyReplicas: 1}, spec: "
               "{replicas: 4}}");
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["metadata"]["managedFields"][0]["operation"].as_string() == "Apply");
  CHECK(dump_json(made["metadata"]["managedFields"][0]["fieldsV1"]) == "{\"f:status\":{\"f:readyReplicas\":{}}}");
  CHECK(made["spec"]["replicas"].as_int() == 2);
}

TEST_CASE_FIXTURE(Writers, "applied: made, merged, and taken back") {
  Value made = apply("kubectl", kMaps + "/m", map("data: {a: x, b: y}"));
  REQUIRE_MESSAGE(last.status == 201, message());
  CHECK(owners(made) == "kubectl Apply v1: {\"f:data\":{\"f:a\":{},\"f:b\":{}}}\n");
  const std::string version = made["metadata"]["resourceVersion"].str();
  made = apply("kubectl", kMaps + "/m", map("data: {a: x, b: y}"));
  CHECK(last.status == 200);
  CHECK(made["metadata"]["resourceVersion"].as_string() == version);
  // Another applier's field stays when the first one no longer lists its own.
  apply("other", kMaps + "/m", map("data: {c: z, b: y}"));
  made = apply("kubectl", kMaps + "/m", map("data: {a: x}"));
  CHECK(dump_json(made["data"]) == R"({"a":"x","b":"y","c":"z"})");
  CHECK(owners(made) ==
        "kubectl Apply v1: {\"f:data\":{\"f:a\":{}}}\n"
        "other Apply v1: {\"f:data\":{\"f:b\":{},\"f:c\":{}}}\n");
  made = apply("other", kMaps + "/m", map("data: {c: z}"));
  CHECK(dump_json(made["data"]) == R"({"a":"x","c":"z"})");
  // With nothing left to own, a manager is gone.
  made = apply("other", kMaps + "/m", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}");
  CHECK(owners(made) == "kubectl Apply v1: {\"f:data\":{\"f:a\":{}}}\n");
  // What an updater wrote stays although the applier once had it.
  merge("editor", kMaps + "/m", "{data: {a: changed}}");
  made = apply("kubectl", kMaps + "/m", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}");
  CHECK(dump_json(made["data"]) == R"({"a":"changed"})");
  // Only looked at.
  made = apply("kubectl&dryRun=All", kMaps + "/m", map("data: {z: y}"));
  CHECK(made["data"]["z"].as_string() == "y");
  CHECK_FALSE(ask("x", "GET", kMaps + "/m", Value(), "")["data"].has("z"));
}

TEST_CASE_FIXTURE(Writers, "conflicts are told, forced or shared") {
  create("kubectl-create", kDeployments, web("replicas: 2, paused: true"));
  apply("kubectl", kDeployments + "/web", web("replicas: 3"));
  CHECK(message() ==
        "409 Conflict: Apply failed with 1 conflict: conflict with \"kubectl-create\" using apps/v1: .spec.replicas");
  const Value& details = last.body.document["details"];
  REQUIRE(details["causes"].size() == 1);
  CHECK(
      dump_json(details["causes"][0]) ==
      R"({"field":".spec.replicas","message":"conflict with \"kubectl-create\" using apps/v1","reason":"FieldManagerConflict"})");
  merge("scaler", kDeployments + "/web/scale", "{spec: {replicas: 5}}");
  apply("kubectl", kDeployments + "/web", web("replicas: 3, paused: false"));
  CHECK(
      message() ==
      "409 Conflict: Apply failed with 2 conflicts: conflicts with \"kubectl-create\" using apps/v1:\n- .spec.paused\n"
      "conflicts with \"scaler\" with subresource \"scale\" using apps/v1:\n- .spec.replicas");
  // The same value is no conflict: both own it.
  Value made = apply("kubectl", kDeployments + "/web", web("replicas: 5"));
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(owners(made).find("scaler Update apps/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}") != std::string::npos);
  made = apply("kubectl&force=true", kDeployments + "/web", web("replicas: 3"));
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["spec"]["replicas"].as_int() == 3);
  CHECK(owners(made).find("scaler") == std::string::npos);
  // Appliers conflict, too, and are named without a version.
  apply("other", kDeployments + "/web", web("replicas: 4"));
  CHECK(message() == "409 Conflict: Apply failed with 1 conflict: conflict with \"kubectl\": .spec.replicas");
  apply("other", kDeployments + "/web",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: "
        "[{name: nginx, image: other}]}}}}");
  CHECK(message() ==
        "409 Conflict: Apply failed with 2 conflicts: conflicts with \"kubectl\":\n"
        "- .spec.template.spec.containers[name=\"nginx\"].image\nconflicts with \"kubectl-create\" using apps/v1:\n"
        "- .spec.template.spec.containers[name=\"nginx\"].image");
}

TEST_CASE_FIXTURE(Writers, "an item of a list is owned by its keys") {
  apply("kubectl", kDeployments + "/web", web(""));
  const std::string start = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {";
  Value made = apply("sidecar", kDeployments + "/web", start + "containers: [{name: proxy, image: envoy}]}}}}");
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["spec"]["template"]["spec"]["containers"].size() == 2);
  made = apply("kubectl", kDeployments + "/web", web("replicas: 2"));
  CHECK(made["spec"]["template"]["spec"]["containers"][1]["name"].as_string() == "proxy");
  made = apply("sidecar", kDeployments + "/web", start + "nodeName: x}}}}");
  CHECK(made["spec"]["template"]["spec"]["containers"].size() == 1);
  CHECK(made["spec"]["template"]["spec"]["containers"][0]["name"].as_string() == "nginx");
}

TEST_CASE_FIXTURE(Writers, "what an apply must say") {
  const struct {
    const char *query, *yaml, *says;
  } rows[] = {
      {"", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}",
       "422 Invalid: PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply "
       "patch"},
      {"a", "{apiVersion: v2, kind: ConfigMap, metadata: {name: m}}",
       "400 BadRequest: Incorrect version specified in apply patch. Specified patch version: v2, expected: v1"},
      {"a", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, managedFields: []}}",
       "400 BadRequest: metadata.managedFields must be nil"},
      {"a", "{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}",
       "400 BadRequest: the name of the object (other) does not match the name on the URL (m)"},
      {"a", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, namespace: default}, daat: {}}",
       "500 : failed to create typed patch object (default/m; /v1, Kind=ConfigMap): .daat: field not declared in "
       "schema"},
      {"a", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, uid: u-1}}",
       "409 Conflict: Operation cannot be fulfilled on configmaps \"m\": uid mismatch: the provided object specified "
       "uid "
       "u-1, and no existing object was found"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.yaml);
    apply(row.query, kMaps + "/m", row.yaml);
    CHECK(message() == row.says);
  }
  CHECK(ask("x", "GET", kMaps + "/m", Value(), "")["code"].as_int() == 404);
  create("x", kMaps, map("data: {a: b}"));
  ask("x", "PATCH", kMaps + "/m?force=true", *parse_yaml("{data: {a: c}}"), "application/merge-patch+json");
  CHECK(message() ==
        "422 Invalid: PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply "
        "patch");
  ask("x", "PATCH", kMaps + "/m?fieldManager=a", *parse_yaml("{}"), "application/apply-patch+cbor");
  CHECK(last.status == 415);
  apply("a", kMaps + "/m", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, resourceVersion: '1'}}");
  CHECK(message() ==
        "409 Conflict: Operation cannot be fulfilled on configmaps \"m\": the object has been modified; please apply "
        "your "
        "changes to the latest version and try again");
  apply("a", kMaps + "/m", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m, uid: other}}");
  CHECK(last.status == 422);
  apply("a", kMaps + "/m/status", "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}");
  CHECK(last.status == 404);
}

TEST_CASE_FIXTURE(Writers, "managedFields can be given up, and are not won back by updates") {
  create("kubectl-create", kMaps, map("data: {a: x}"));
  Value made = merge("x", kMaps + "/m", "{metadata: {managedFields: [{}]}}");
  CHECK(owners(made).empty());
  CHECK_FALSE(made["metadata"].has("managedFields"));
  made = merge("x", kMaps + "/m", "{data: {b: y}}");
  CHECK(owners(made).empty());
  // The first apply finds out what was there before it.
  made = apply("app", kMaps + "/m", map("data: {c: z}"));
  CHECK(owners(made) ==
        "app Apply v1: {\"f:data\":{\"f:c\":{}}}\n"
        "before-first-apply Update v1: {\"f:data\":{\".\":{},\"f:a\":{},\"f:b\":{}}}\n");
  // Nonsense changes nothing; a correct entry does.
  made = merge("x", kMaps + "/m", "{metadata: {managedFields: [{manager: x, operation: Own}]}}");
  CHECK(made["metadata"]["managedFields"].size() == 2);
  made = merge("x", kMaps + "/m",
               "{metadata: {managedFields: [{manager: x, operation: Apply, apiVersion: v1, fieldsType: FieldsV1, "
               "fieldsV1: {'f:data': {'f:a': {}}}}]}}");
  CHECK(owners(made) == "x Apply v1: {\"f:data\":{\"f:a\":{}}}\n");
}

TEST_CASE_FIXTURE(Writers, "the oldest of many updaters become one") {
  create("w0", kMaps, map("data: {k0: x}"));
  Value made;
  for (int i = 1; i < 13; ++i) {
    const std::string name = std::to_string(i);
    made = merge("w" + name, kMaps + "/m", "{data: {k" + name + ": x}}");
  }
  const Value& entries = made["metadata"]["managedFields"];
  CHECK(entries.size() == 10);
  CHECK(entries[0]["manager"].as_string() == "ancient-changes");
  CHECK(dump_json(entries[0]["fieldsV1"]) == R"({"f:data":{".":{},"f:k0":{},"f:k1":{},"f:k2":{},"f:k3":{}}})");
  CHECK(entries[9]["manager"].as_string() == "w12");
}

TEST_CASE_FIXTURE(Writers, "kubectl takes over what client-side apply wrote") {
  const std::string last_applied = "kubectl.kubernetes.io/last-applied-configuration";
  Value config = *parse_yaml(web("replicas: 1"));
  Value first = config;
  first.ref("metadata", "annotations", last_applied) = dump_json(config) + "\n";
  ask("kubectl", "POST", kDeployments + "?fieldManager=kubectl-client-side-apply", first, "application/json");
  // Another manager's name would be in conflict; kubectl's is not.
  apply("app", kDeployments + "/web", web("replicas: 3"));
  CHECK(last.status == 409);
  Value made = apply("kubectl", kDeployments + "/web", web("replicas: 3"));
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["spec"]["replicas"].as_int() == 3);
  const Value kept = *parse_json(made["metadata"]["annotations"][last_applied].as_string());
  CHECK(kept["spec"]["replicas"].as_int() == 3);
  CHECK(made["metadata"]["annotations"][last_applied].as_string().ends_with("\n"));
  // Unless somebody changed it since.
  merge("scaler", kDeployments + "/web", "{spec: {replicas: 8}}");
  apply("kubectl", kDeployments + "/web", web("replicas: 4"));
  CHECK(message() ==
        "409 Conflict: Apply failed with 1 conflict: conflict with \"scaler\" using apps/v1: .spec.replicas");
}

TEST_CASE_FIXTURE(Writers, "a Scale shows and moves who owns replicas") {
  create("kubectl-create", kDeployments, web("replicas: 2"));
  Value scale = ask("x", "GET", kDeployments + "/web/scale", Value(), "");
  CHECK(owners(scale) == "kubectl-create Update autoscaling/v1: {\"f:spec\":{\"f:replicas\":{}}}\n");
  scale = apply(
      "hpa", kDeployments + "/web/scale",
      "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web, namespace: default}, spec: {replicas: 4}}");
  CHECK(
      message().starts_with("409 Conflict: Apply failed with 1 conflict: conflict with \"kubectl-create\" using "
                            "autoscaling/v1: .spec.replicas"));
  scale = apply(
      "hpa&force=true", kDeployments + "/web/scale",
      "{apiVersion: autoscaling/v1, kind: Scale, metadata: {name: web, namespace: default}, spec: {replicas: 4}}");
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(owners(scale) == "hpa Apply autoscaling/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}\n");
  Value whole = ask("x", "GET", kDeployments + "/web", Value(), "");
  CHECK(whole["spec"]["replicas"].as_int() == 4);
  CHECK(owners(whole).starts_with("hpa Apply apps/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}\nkubectl-create"));
  CHECK(owners(whole).find("f:revisionHistoryLimit") != std::string::npos);
  // A JSON patch and a replace move it on.
  const Value steps = *parse_yaml("[{op: replace, path: /spec/replicas, value: 1}]");
  scale = ask("kubectl", "PATCH", kDeployments + "/web/scale", steps, "application/json-patch+json");
  CHECK(owners(scale) == "kubectl Update autoscaling/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}\n");
  scale.ref("spec", "replicas") = 6;
  scale = put("other", kDeployments + "/web/scale", scale);
  CHECK(owners(scale) == "other Update autoscaling/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}\n");
  whole = ask("x", "GET", kDeployments + "/web", Value(), "");
  CHECK(owners(whole).find("other Update apps/v1 scale: {\"f:spec\":{\"f:replicas\":{}}}\n") != std::string::npos);
  CHECK(owners(whole).find("hpa") == std::string::npos);
}

TEST_CASE_FIXTURE(Writers, "custom resources are owned as their schema says") {
  create("x", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: things, kind: Thing}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer}
              parts: {type: array, x-kubernetes-list-type: map, x-kubernetes-list-map-keys: [id],
                      items: {type: object, properties: {id: {type: string}, n: {type: integer}}}}
          status: {type: object, properties: {size: {type: integer}}}
)");
  REQUIRE_MESSAGE(last.status == 201, message());
  const std::string path = "/apis/example.org/v1/namespaces/default/things/t";
  const std::string start = "{apiVersion: example.org/v1, kind: Thing, metadata: {name: t}, ";
  Value made = apply("a", path, start + "spec: {size: 1, parts: [{id: x, n: 1}]}}");
  REQUIRE_MESSAGE(last.status == 201, message());
  made = apply("b", path, start + "spec: {parts: [{id: y, n: 2}]}}");
  REQUIRE_MESSAGE(last.status == 200, message());
  CHECK(made["spec"]["parts"].size() == 2);
  CHECK(owners(made) ==
        "a Apply example.org/v1: "
        "{\"f:spec\":{\"f:parts\":{\"k:{\\\"id\\\":\\\"x\\\"}\":{\".\":{},\"f:id\":{},\"f:n\":{}}},"
        "\"f:size\":{}}}\n"
        "b Apply example.org/v1: "
        "{\"f:spec\":{\"f:parts\":{\"k:{\\\"id\\\":\\\"y\\\"}\":{\".\":{},\"f:id\":{},\"f:n\":{}}}}}\n");
  apply("a", path, start + "spec: {sise: 1}}");
  CHECK(message() ==
        "500 : failed to create typed patch object (/t; example.org/v1, Kind=Thing): .spec.sise: field not declared in "
        "schema");
  made = merge("controller", path + "/status", "{status: {size: 1}}");
  CHECK(owners(made).find("controller Update example.org/v1 status: {\"f:status\":{\".\":{},\"f:size\":{}}}") !=
        std::string::npos);
  const Value scale = merge("kubectl", path + "/scale", "{spec: {replicas: 3}}");
  CHECK(scale["status"]["replicas"].as_int() == 1);
  made = ask("x", "GET", path, Value(), "");
  CHECK(made["spec"]["size"].as_int() == 3);
  CHECK(owners(made).find("kubectl Update example.org/v1 scale: {\"f:spec\":{\"f:size\":{}}}") != std::string::npos);
}
