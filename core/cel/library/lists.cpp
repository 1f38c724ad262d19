// Lists (Kubernetes' library), sets.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-list-library
#include "core/cel/function.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

Val is_sorted(Call& call) {
  if (!call[0].is(Kind::kList)) return no_such_overload();
  const ListBox& list = call[0].list();
  call.cost = list.size();
  for (std::size_t i = 1; i < list.size(); ++i) {
    const int order = compare(list.at(i - 1), list.at(i));
    if (order == 2) return no_such_overload();
    if (order > 0) return Val::of_bool(false);
  }
  return Val::of_bool(true);
}

Val sum(Call& call) {
  if (!call[0].is(Kind::kList)) return no_such_overload();
  const ListBox& list = call[0].list();
  if (list.size() == 0) return Val::of_int(0);
  const Function* add = find_function("_+_");
  Val total = list.at(0);
  if (!total.is_number() && !total.is(Kind::kDuration)) return no_such_overload();
  for (std::size_t i = 1; i < list.size() && !total.is_error(); ++i) {
    const Val both[] = {total, list.at(i)};
    Call step{both, "_+_"};
    total = add->call(step);
  }
  call.cost = list.size();
  return total;
}

// `wanted`: -1 the least, 1 the greatest.
Val extreme(Call& call, int wanted) {
  if (!call[0].is(Kind::kList)) return no_such_overload();
  const ListBox& list = call[0].list();
  call.cost = list.size();
  if (list.size() == 0) return Val::error(wanted < 0 ? "min called on empty list" : "max called on empty list");
  Val best = list.at(0);
  for (std::size_t i = 1; i < list.size(); ++i) {
    Val item = list.at(i);
    const int order = compare(item, best);
    if (order == 2) return no_such_overload();
    if (order == wanted) best = std::move(item);
  }
  return best;
}
Val least(Call& call) { return extreme(call, -1); }
Val greatest(Call& call) { return extreme(call, 1); }

bool holds(const ListBox& list, const Val& item) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (equal(list.at(i), item)) return true;
  }
  return false;
}

bool holds_all(const ListBox& list, const ListBox& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!holds(list, items.at(i))) return false;
  }
  return true;
}

// Two lists, whose items are compared each with each; an error otherwise.
Val lists(Call& call) {
  if (!call.are(Kind::kList, Kind::kList)) return no_such_overload();
  if (!call.affords(call[0].list().size(), call[1].list().size())) return too_costly();
  call.cost = 1 + call[0].list().size() * call[1].list().size();
  return {};
}

Val sets_contains(Call& call) {
  if (Val fault = lists(call); fault.is_error()) return fault;
  return Val::of_bool(holds_all(call[0].list(), call[1].list()));
}
Val sets_equivalent(Call& call) {
  if (Val fault = lists(call); fault.is_error()) return fault;
  return Val::of_bool(holds_all(call[0].list(), call[1].list()) && holds_all(call[1].list(), call[0].list()));
}
Val sets_intersects(Call& call) {
  if (Val fault = lists(call); fault.is_error()) return fault;
  for (std::size_t i = 0; i < call[1].list().size(); ++i) {
    if (holds(call[0].list(), call[1].list().at(i))) return Val::of_bool(true);
  }
  return Val::of_bool(false);
}

constexpr std::string_view kComparable = ".[i]>i .[u]>u .[d]>d .[o]>o .[r]>r .[t]>t .[s]>s .[y]>y";

constexpr Function kFunctions[] = {
    {"isSorted", ".[i]>o .[u]>o .[d]>o .[o]>o .[r]>o .[t]>o .[s]>o .[y]>o", is_sorted},
    {"sum", ".[i]>i .[u]>u .[d]>d .[r]>r", sum},
    {"min", kComparable, least},
    {"max", kComparable, greatest},
    {"sets.contains", "[A][A]>o", sets_contains},
    {"sets.equivalent", "[A][A]>o", sets_equivalent},
    {"sets.intersects", "[A][A]>o", sets_intersects},
};

}  // namespace

std::span<const Function> list_functions() { return kFunctions; }

}  // namespace drydock::cel
