// Validation, in upstream's words and order.
#include "core/machinery/validation.h"

#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/machinery/defaults.h"
#include "core/machinery/yaml.h"
#include "doctest/doctest.h"

namespace drydock {
namespace {

Object object_of(const char* yaml) {
  Value document = parse_yaml(yaml).value();
  apply_defaults(document);
  return Object(std::move(document));
}

// "field: message" lines.
std::string problems(const std::vector<StatusCause>& causes) {
  std::string text;
  for (const StatusCause& cause : causes) text += cause.field + ": " + cause.message + "\n";
  return text;
}
std::string refused(const char* yaml) { return problems(validate_create(object_of(yaml))); }

constexpr const char* kPod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: ";

}  // namespace

TEST_CASE("quantities are read when a document is decoded") {
  const std::string wrong =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  const std::string suffix = "unable to parse quantity's suffix";
  struct Row {
    const char* kind;
    const char* rest;
    std::string fault;  // "" when it is taken
  };
  const Row rows[] = {
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {limits: {memory: 100Mi, cpu: 2}}}]}", ""},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {limits: {memory: 100x}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {limits: {memory: 100Mb}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {memory: 1.5.2Gi}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {cpu: abc}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {cpu: ''}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {cpu: true}}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {memory: 1K}}}]}", suffix},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {memory: 1MM}}}]}", suffix},
      {"Pod", "spec: {containers: [{name: c, image: x, resources: {requests: {memory: 1e}}}]}", suffix},
      {"Pod", "spec: {containers: [{name: c, image: x}], volumes: [{name: v, emptyDir: {sizeLimit: 1Gib}}]}", wrong},
      {"Pod", "spec: {containers: [{name: c, image: x, env: [{name: A, value: abc}]}]}", ""},
      // The value of a variable is no quantity, and a number there is a wrong type.
      {"Pod", "spec: {containers: [{name: c, image: x, env: [{name: A, value: 5}]}]}",
       "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string"},
      {"PersistentVolumeClaim", "spec: {resources: {requests: {storage: ten}}}", wrong},
      {"PersistentVolume", "spec: {capacity: {storage: 1 Gi}}", wrong},
      {"ResourceQuota", "spec: {hard: {pods: many}}", wrong},
      {"LimitRange", "spec: {limits: [{type: Container, default: {cpu: half}}]}", wrong},
      {"LimitRange", "spec: {limits: [{type: Container, max: {cpu: 1}}]}", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.rest);
    const std::string yaml =
        std::string("{apiVersion: v1, kind: ") + row.kind + ", metadata: {name: p}, " + row.rest + "}";
    Value document = parse_yaml(yaml).value();
    const auto checked = check_fields("v1", row.kind, document, "Strict");
    if (row.fault.empty()) {
      CHECK(checked.ok());
      continue;
    }
    REQUIRE_FALSE(checked.ok());
    CHECK(checked.error().message ==
          std::string(row.kind) + " in version \"v1\" cannot be handled as a " + row.kind + ": " + row.fault);
  }
  const char* scaler =
      "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {metrics: [{type: "
      "Resource, resource: {name: cpu, target: {type: AverageValue, averageValue: lots}}}]}}";
  Value document = parse_yaml(scaler).value();
  CHECK_FALSE(check_fields("autoscaling/v2", "HorizontalPodAutoscaler", document, "Ignore").ok());
}

TEST_CASE("unknown fields are named where they are, and left out") {
  const Value sent =
      parse_yaml(
          "{apiVersion: v1, kind: Pod, colour: red, metadata: {name: p, labels: {any: name}}, spec: {containers: "
          "[{name: a}, {name: b, img: nginx, env: [{name: X, val: y}]}]}}")
          .value();
  const std::vector<std::string> expected = {"unknown field \"colour\"",
                                             "unknown field \"spec.containers[1].env[0].val\"",
                                             "unknown field \"spec.containers[1].img\""};
  Value warned = sent;
  CHECK(check_fields("v1", "Pod", warned, "Warn").value() == expected);
  CHECK(warned == parse_yaml("{apiVersion: v1, kind: Pod, metadata: {name: p, labels: {any: name}}, spec: {containers: "
                             "[{name: a}, {name: b, env: [{name: X}]}]}}")
                      .value());
  Value quiet = sent;
  CHECK(check_fields("v1", "Pod", quiet, "Ignore").value().empty());
  CHECK(quiet == warned);
  Value refused = sent;
  CHECK(check_fields("v1", "Pod", refused, "Strict").error().message ==
        "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: " + join(expected, ", "));
  CHECK(refused == sent);
  // What an update shares with its predecessor has passed; what is new in it has not.
  Value updated = warned;
  updated.ref("spec").set("nodename", "n");
  CHECK(check_fields("v1", "Pod", updated, "Warn", warned).value() ==
        std::vector<std::string>{"unknown field \"spec.nodename\""});
  CHECK(updated == warned);
}

TEST_CASE("what is wrong with a new object") {
  struct Row {
    const char* yaml;
    const char* problems;
  };
  const Row rows[] = {
      {"{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: x}]}}", ""},
      {"{apiVersion: v1, kind: Pod, metadata: {}, spec: {containers: []}}",
       "metadata.name: Required value: name or generateName is required\nspec.containers: Required value\n"},
      {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {template: {metadata: {labels: {a: b}}, "
       "spec: {containers: [{name: c, image: x}]}}}}",
       "spec.selector: Required value\nspec.template.metadata.labels: Invalid value: {\"a\":\"b\"}: `selector` does "
       "not match template `labels`\n"},
      {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: -1, selector: {matchLabels: {a: "
       "b}}, strategy: {type: Blue}, template: {metadata: {labels: {a: b}}, spec: {restartPolicy: Never, containers: "
       "[{name: c, image: x}]}}}}",
       "spec.replicas: Invalid value: -1: must be greater than or equal to 0\nspec.template.spec.restartPolicy: "
       "Unsupported value: \"Never\": supported values: \"Always\"\nspec.strategy.type: Unsupported value: \"Blue\": "
       "supported values: \"Recreate\", \"RollingUpdate\"\n"},
      {"{apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {template: {spec: {containers: [{name: c, image: "
       "x}]}}}}",
       "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"\n"},
      {"{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: Weird, ports: [{port: 0}]}}",
       "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive\nspec.ports[0].targetPort: "
       "Invalid value: 0: must be between 1 and 65535, inclusive\nspec.type: Unsupported value: \"Weird\": supported "
       "values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"\n"},
      {"{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {}}",
       "spec.accessModes: Required value: at least 1 access mode is required\nspec.resources[storage]: Required "
       "value\n"},
      {"{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, spec: {minReplicas: 3, "
       "maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: d}}}",
       "spec.maxReplicas: Invalid value: 2: must be greater than or equal to `minReplicas`\n"},
      {"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}, rules: [{resources: [pods]}]}",
       "rules[0].verbs: Required value: verbs must contain at least one value\nrules[0].apiGroups: Required value: "
       "resource rules must supply at least one api group\n"},
      {"{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: p}, value: 2000000000}",
       "value: Forbidden: maximum allowed value of a user defined priority is 1000000000\n"},
      {"{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {'a b': x}}",
       "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or "
       "'.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(refused(row.yaml) == row.problems);
  }
}

TEST_CASE("what is wrong with a pod") {
  struct Row {
    const char* spec;
    const char* problems;
  };
  const Row rows[] = {
      {"{containers: [{name: c, image: x, livenessProbe: {successThreshold: 2}}]}",
       "spec.containers[0].livenessProbe: Required value: must specify a handler "
       "type\nspec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1\n"},
      {"{containers: [{name: c, image: x, resources: {requests: {gpu: 1}}}]}",
       "spec.containers[0].resources.requests[gpu]: Invalid value: \"gpu\": must be a standard resource type or fully "
       "qualified\n"},
      {"{containers: [{name: c, image: x, ports: [{containerPort: 80, hostPort: 80}, {containerPort: 81, hostPort: "
       "80}]}]}",
       "spec.containers[0].ports[1].hostPort: Duplicate value: \"TCP//80\"\n"},
      {"{tolerations: [{operator: Equal, value: x}], containers: [{name: c, image: x}]}",
       "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` is empty, which "
       "means \"match all values and all keys\"\n"},
      {"{volumes: [{name: v, hostPath: {path: /x}, emptyDir: {}}], containers: [{name: c, image: x}]}",
       "spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type\n"},
      {"{initContainers: [{name: c, image: y}], containers: [{name: c, image: x}]}",
       "spec.initContainers[0].name: Duplicate value: \"c\"\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.spec);
    CHECK(refused((std::string(kPod) + row.spec + "}").c_str()) == row.problems);
  }
}

TEST_CASE("what may not change") {
  auto update = [](const char* before, const char* after) {
    return problems(validate_update(object_of(before), object_of(after)));
  };
  CHECK(update("{apiVersion: v1, kind: Secret, metadata: {name: s}, type: a}",
               "{apiVersion: v1, kind: Secret, metadata: {name: s}, type: b}") ==
        "type: Invalid value: \"b\": field is immutable\n");
  CHECK(update("{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, immutable: true, data: {a: b}}",
               "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, immutable: true, data: {a: c}}") ==
        "data: Forbidden: field is immutable when `immutable` is set\n");
  CHECK(update("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b}, roleRef: {kind: "
               "Role, name: r}}",
               "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: b}, roleRef: {kind: "
               "Role, name: q}}") ==
        "roleRef: Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"Role\",\"Name\":\"q\"}: cannot "
        "change roleRef\n");
  // A refused change of a pod shows itself in Go's own field names.
  const std::string moved = update(
      "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: a, containers: [{name: c, image: x}]}}",
      "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeName: b, containers: [{name: c, image: x}]}}");
  CHECK(contains(moved, "- \"NodeName\": \"a\",\n+ \"NodeName\": \"b\",\n  \"SecurityContext\": {\n"));
}

}  // namespace drydock
