// Patches of documents.
// https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/machinery/value.h"

namespace drydock {

// RFC 6902. Errors as evanphx/json-patch words them.
Result<Value> apply_json_patch(const Value& document, const Value& patch);
// RFC 7386.
Value apply_merge_patch(const Value& document, const Value& patch);
// Kubernetes' strategic merge, with $patch, $retainKeys, $setElementOrder and
// $deleteFromPrimitiveList directives.
Result<Value> apply_strategic_merge_patch(const Value& document, const Value& patch);
// What turns `original` into `modified`, keeping what only `current` has: kubectl apply.
Result<Value> three_way_strategic_patch(const Value& original, const Value& modified, const Value& current);
Value three_way_merge_patch(const Value& original, const Value& modified, const Value& current);

// Makes `fresh` hold `old`'s parts wherever the two are equal, so that both keep them once.
void share_equal_parts(Value& fresh, const Value& old);

// The merge key of a list field, by its name and the name of the field that holds
// it ("ports" in "containers" merges by containerPort, in "spec" by port); "" when
// the list is replaced as a whole. `primitive` is set for lists of plain values
// that are merged as sets.
std::string_view merge_key_of(std::string_view field, std::string_view parent, bool& primitive);

}  // namespace drydock
