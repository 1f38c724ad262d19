// `kubectl kustomize` and -k: the common part of Kustomize: resources, bases,
// patches, common labels and annotations, name prefix and suffix, namespace,
// images, replicas, ConfigMap and Secret generators.
// https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/machinery/value.h"

namespace drydock::kubectl {

class Session;

Task<Result<std::vector<Value>>> build_kustomization(Session& session, std::string folder, int depth = 0);

}  // namespace drydock::kubectl
