// Operators, sizes, optional values.
#include <map>

#include "core/cel/function.h"
#include "core/cel/regex.h"
#include "core/cel/times.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::size_t kFreeItems = 1000;  // concatenated lists are copied: long ones cost what they are
constexpr std::string_view kOrdered = "oo>o ii>o id>o iu>o uu>o ud>o ui>o dd>o di>o du>o ss>o yy>o tt>o rr>o";

Val overflow(const char* what) { return Val::error(what); }
constexpr const char* kInt = "integer overflow";
constexpr const char* kUint = "unsigned integer overflow";
constexpr const char* kDuration = "duration overflow";
constexpr const char* kTimestamp = "timestamp overflow";

std::size_t text_or_list_size(const Val& value) {
  if (value.is(Kind::kString) || value.is(Kind::kBytes)) return value.text().size();
  return 0;
}

Val equals(Call& call) {
  call.traverse(std::min(text_or_list_size(call[0]), text_or_list_size(call[1])));
  if (call.cost == 0) call.cost = 1;
  for (const Val* side : {&call[0], &call[1]}) {
    if (side->is(Kind::kList)) call.cost += side->list().size();
    if (side->is(Kind::kMap)) call.cost += side->map().size();
  }
  return Val::of_bool(equal(call[0], call[1]));
}
Val differs(Call& call) { return Val::of_bool(!equals(call).boolean()); }

// `less` and `same` say which of the three orders the operator wants.
Val ordered(Call& call, bool less, bool same, bool greater) {
  call.traverse(std::min(text_or_list_size(call[0]), text_or_list_size(call[1])));
  if (call.cost == 0) call.cost = 1;
  const int order = compare(call[0], call[1]);
  if (order == 2) {
    if (call[0].is_number() && call[1].is_number()) return Val::error("NaN values cannot be ordered");
    return no_such_overload();
  }
  return Val::of_bool(order < 0 ? less : order == 0 ? same : greater);
}
Val less(Call& call) { return ordered(call, true, false, false); }
Val less_or_equal(Call& call) { return ordered(call, true, true, false); }
Val greater(Call& call) { return ordered(call, false, false, true); }
Val greater_or_equal(Call& call) { return ordered(call, false, true, true); }

Val shifted(const Val& moment, std::int64_t nanos, bool back) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::int64_t seconds = nanos / kSecond;
  std::int64_t rest = nanos % kSecond;
  if (back) {
    seconds = -seconds;
    rest = -rest;
  }
  seconds += moment.integer();
  rest += moment.nanos();
  if (rest < 0) {
    rest += kSecond;
    --seconds;
  } else if (rest >= kSecond) {
    rest -= kSecond;
    ++seconds;
  }
  if (!moment_in_range(seconds)) return overflow(kTimestamp);
  return Val::of_timestamp(seconds, static_cast<std::int32_t>(rest));
}

Val joined(Call& call) {
  const ListBox& a = call[0].list();
  const ListBox& b = call[1].list();
  if (a.size() + b.size() > kFreeItems) call.cost = a.size() + b.size();
  std::vector<Val> items;
  items.reserve(a.size() + b.size());
  for (std::size_t i = 0; i < a.size(); ++i) items.push_back(a.at(i));
  // A set or keyed list of a schema takes what it does not have, or has differently.
  const Type* declared = a.declared();
  const bool merged = declared != nullptr && (declared->list_type == "set" || declared->list_type == "map");
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; merged && i < items.size(); ++i) places.emplace(item_key(items[i], declared->map_keys), i);
  for (std::size_t i = 0; i < b.size(); ++i) {
    Val item = b.at(i);
    if (merged) {
      const auto [place, fresh] = places.emplace(item_key(item, declared->map_keys), items.size());
      if (!fresh) {
        items[place->second] = std::move(item);
        continue;
      }
    }
    items.push_back(std::move(item));
  }
  return Val::of_list(std::move(items));
}

Val add(Call& call) {
  const Val& a = call[0];
  const Val& b = call[1];
  if (a.is(Kind::kTimestamp) && b.is(Kind::kDuration)) return shifted(a, b.integer(), false);
  if (a.is(Kind::kDuration) && b.is(Kind::kTimestamp)) return shifted(b, a.integer(), false);
  if (a.kind() != b.kind()) return no_such_overload();
  std::int64_t sum = 0;
  std::uint64_t positive = 0;
  switch (a.kind()) {
    case Kind::kInt:
      return __builtin_add_overflow(a.integer(), b.integer(), &sum) ? overflow(kInt) : Val::of_int(sum);
    case Kind::kUint:
      return __builtin_add_overflow(a.unsigned_integer(), b.unsigned_integer(), &positive) ? overflow(kUint)
                                                                                           : Val::of_uint(positive);
    case Kind::kDouble:
      return Val::of_double(a.real() + b.real());
    case Kind::kDuration:
      return __builtin_add_overflow(a.integer(), b.integer(), &sum) ? overflow(kDuration) : Val::of_duration(sum);
    case Kind::kString:
    case Kind::kBytes: {
      std::string text(a.text());
      text += b.text();
      call.traverse(text.size());
      return a.is(Kind::kString) ? Val::of_string(text) : Val::of_bytes(text);
    }
    case Kind::kList:
      return joined(call);
    default:
      return no_such_overload();
  }
}

Val subtract(Call& call) {
  const Val& a = call[0];
  const Val& b = call[1];
  std::int64_t rest = 0;
  std::uint64_t positive = 0;
  if (a.is(Kind::kTimestamp) && b.is(Kind::kDuration)) return shifted(a, b.integer(), true);
  if (a.kind() != b.kind()) return no_such_overload();
  switch (a.kind()) {
    case Kind::kInt:
      return __builtin_sub_overflow(a.integer(), b.integer(), &rest) ? overflow(kInt) : Val::of_int(rest);
    case Kind::kUint:
      return __builtin_sub_overflow(a.unsigned_integer(), b.unsigned_integer(), &positive) ? overflow(kUint)
                                                                                           : Val::of_uint(positive);
    case Kind::kDouble:
      return Val::of_double(a.real() - b.real());
    case Kind::kDuration:
      return __builtin_sub_overflow(a.integer(), b.integer(), &rest) ? overflow(kDuration) : Val::of_duration(rest);
    case Kind::kTimestamp: {
      std::int64_t nanos = 0;
      if (__builtin_sub_overflow(a.integer(), b.integer(), &rest) ||
          __builtin_mul_overflow(rest, std::int64_t{1'000'000'000}, &nanos) ||
          __builtin_add_overflow(nanos, std::int64_t{a.nanos()} - b.nanos(), &nanos))
        return overflow(kDuration);
      return Val::of_duration(nanos);
    }
    default:
      return no_such_overload();
  }
}

Val multiply(Call& call) {
  std::int64_t product = 0;
  std::uint64_t positive = 0;
  if (call.are(Kind::kInt, Kind::kInt))
    return __builtin_mul_overflow(call[0].integer(), call[1].integer(), &product) ? overflow(kInt)
                                                                                  : Val::of_int(product);
  if (call.are(Kind::kUint, Kind::kUint))
    return __builtin_mul_overflow(call[0].unsigned_integer(), call[1].unsigned_integer(), &positive)
               ? overflow(kUint)
               : Val::of_uint(positive);
  if (call.are(Kind::kDouble, Kind::kDouble)) return Val::of_double(call[0].real() * call[1].real());
  return no_such_overload();
}

Val quotient(Call& call, bool rest) {
  const char* by_zero = rest ? "modulus by zero" : "division by zero";
  if (call.are(Kind::kInt, Kind::kInt)) {
    const std::int64_t by = call[1].integer();
    if (by == 0) return Val::error(by_zero);
    if (by == -1 && call[0].integer() == INT64_MIN) return overflow(kInt);
    return Val::of_int(rest ? call[0].integer() % by : call[0].integer() / by);
  }
  if (call.are(Kind::kUint, Kind::kUint)) {
    const std::uint64_t by = call[1].unsigned_integer();
    if (by == 0) return Val::error(by_zero);
    return Val::of_uint(rest ? call[0].unsigned_integer() % by : call[0].unsigned_integer() / by);
  }
  if (!rest && call.are(Kind::kDouble, Kind::kDouble)) return Val::of_double(call[0].real() / call[1].real());
  return no_such_overload();
}
Val divide(Call& call) { return quotient(call, false); }
Val modulo(Call& call) { return quotient(call, true); }

Val negate(Call& call) {
  if (call[0].is(Kind::kDouble)) return Val::of_double(-call[0].real());
  if (!call[0].is(Kind::kInt)) return no_such_overload();
  return call[0].integer() == INT64_MIN ? overflow(kInt) : Val::of_int(-call[0].integer());
}
Val inverse(Call& call) { return call[0].is(Kind::kBool) ? Val::of_bool(!call[0].boolean()) : no_such_overload(); }

Val is_in(Call& call) {
  Val found;
  if (call[1].is(Kind::kMap)) return Val::of_bool(call[1].map().find(call[0], found));
  if (!call[1].is(Kind::kList)) return no_such_overload();
  const ListBox& list = call[1].list();
  call.cost = list.size();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (equal(list.at(i), call[0])) return Val::of_bool(true);
  }
  return Val::of_bool(false);
}

Val optional_of_value(Call& call) { return Val::some(call[0]); }
Val optional_none(Call&) { return Val::none(); }

bool is_zero(const Val& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return true;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kDuration:
      return value.integer() == 0;
    case Kind::kDouble:
      return value.real() == 0;
    case Kind::kString:
    case Kind::kBytes:
      return value.text().empty();
    case Kind::kList:
      return value.list().size() == 0;
    case Kind::kMap:
      return value.map().size() == 0;
    case Kind::kOptional:
      return value.held() == nullptr;
    default:
      return false;
  }
}
Val optional_of_nonzero(Call& call) { return is_zero(call[0]) ? Val::none() : Val::some(call[0]); }

Val has_value(Call& call) {
  return call[0].is(Kind::kOptional) ? Val::of_bool(call[0].held() != nullptr) : no_such_overload();
}
Val value(Call& call) {
  if (!call[0].is(Kind::kOptional)) return no_such_overload();
  return call[0].held() == nullptr ? Val::error("optional.none() dereference") : *call[0].held();
}
Val unwrap(Call& call) {
  if (!call[0].is(Kind::kList)) return no_such_overload();
  std::vector<Val> items;
  for (std::size_t i = 0; i < call[0].list().size(); ++i) {
    const Val item = call[0].list().at(i);
    if (!item.is(Kind::kOptional)) return no_such_overload();
    if (item.held() != nullptr) items.push_back(*item.held());
  }
  return Val::of_list(std::move(items));
}
Val end_item(Call& call, bool last) {
  if (!call[0].is(Kind::kList)) return no_such_overload();
  const std::size_t size = call[0].list().size();
  return size == 0 ? Val::none() : Val::some(call[0].list().at(last ? size - 1 : 0));
}
Val first(Call& call) { return end_item(call, false); }
Val last(Call& call) { return end_item(call, true); }

constexpr Function kFunctions[] = {
    {"_==_", "AA>o", equals},
    {"_!=_", "AA>o", differs},
    {"_<_", kOrdered, less},
    {"_<=_", kOrdered, less_or_equal},
    {"_>_", kOrdered, greater},
    {"_>=_", kOrdered, greater_or_equal},
    {"_+_", "ii>i uu>u dd>d ss>s yy>y [A][A]>[A] tr>t rt>t rr>r", add},
    {"_-_", "ii>i uu>u dd>d tr>t tt>r rr>r", subtract},
    {"_*_", "ii>i uu>u dd>d", multiply},
    {"_/_", "ii>i uu>u dd>d", divide},
    {"_%_", "ii>i uu>u", modulo},
    {"-_", "i>i d>d", negate},
    {"!_", "o>o", inverse},
    {"_&&_", "oo>o", nullptr},
    {"_||_", "oo>o", nullptr},
    {"_?_:_", "oAA>A", nullptr},
    {"_[_]", "[A]i>A {AB}A>B ?[A]i>?A ?{AB}A>?B", nullptr},
    {"_[?_]", "[A]i>?A {AB}A>?B ?[A]i>?A ?{AB}A>?B", nullptr},
    {"@in", "A[A]>o A{AB}>o", is_in},
    {"optional.of", "A>?A", optional_of_value},
    {"optional.ofNonZeroValue", "A>?A", optional_of_nonzero},
    {"optional.none", ">?A", optional_none},
    {"optional.unwrap", "[?A]>[A]", unwrap},
    {"unwrapOpt", ".[?A]>[A]", unwrap},
    {"hasValue", ".?A>o", has_value},
    {"value", ".?A>A", value},
    {"or", ".?A?A>?A", nullptr},
    {"orValue", ".?AA>A", nullptr},
    {"first", ".[A]>?A", first},
    {"last", ".[A]>?A", last},
};

}  // namespace

std::span<const Function> operator_functions() { return kFunctions; }

}  // namespace drydock::cel
