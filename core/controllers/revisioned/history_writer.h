// Carries out a HistoryPlan.
#pragma once

#include "core/base/result.h"
#include "core/base/task.h"
#include "core/client/client.h"
#include "core/controllers/revisioned/controller_history.h"

namespace drydock::controllers {

inline Task<Result<void>> write_history(Client& client, HistoryPlan plan) {
  if (plan.create) {
    Result<Object> created = co_await client.create(resources::kControllerRevisions, std::move(*plan.create));
    if (!created && !created.error().is_already_exists()) co_return created.error();
  }
  if (plan.update)
    DRYDOCK_CO_TRY_VOID(co_await client.update(resources::kControllerRevisions, std::move(*plan.update)));
  for (const Object& revision : plan.deletes) {
    Result<Object> removed = co_await client.remove(resources::kControllerRevisions, revision.key());
    if (!removed && !removed.error().is_not_found()) co_return removed.error();
  }
  co_return Result<void>();
}

}  // namespace drydock::controllers
