// Quantities, named formats.
// https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-quantity-library
#include "core/base/strings.h"
#include "core/cel/function.h"
#include "core/cel/times.h"
#include "core/machinery/quantity.h"
#include "core/machinery/validation/names.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

struct QuantityBox final : OpaqueBox {
  Quantity quantity;
};

Val quantity_value_of(const Quantity& quantity) {
  auto box = std::make_shared<QuantityBox>();
  box->type = opaque_name('q');
  box->key = (Quantity() + quantity).str();  // one form for equal ones
  box->quantity = quantity;
  return Val::of_box(Kind::kOpaque, std::move(box));
}
const Quantity* quantity_of(const Val& value) {
  return value.is_opaque(opaque_name('q')) ? &static_cast<const QuantityBox&>(value.opaque()).quantity : nullptr;
}

Val to_quantity(Call& call) {
  if (!call[0].is(Kind::kString)) return no_such_overload();
  call.traverse(call[0].text().size());
  const auto quantity = Quantity::parse(call[0].text());
  return quantity ? quantity_value_of(*quantity) : Val::error(Quantity::fault(call[0].text()));
}
Val is_quantity(Call& call) {
  return call[0].is(Kind::kString) ? Val::of_bool(Quantity::parse(call[0].text()).has_value()) : no_such_overload();
}
bool whole(const Quantity& quantity) {
  const std::int64_t value = quantity.value();
  return Quantity::of(value) == quantity;
}
Val is_integer(Call& call) {
  const Quantity* quantity = quantity_of(call[0]);
  return quantity == nullptr ? no_such_overload() : Val::of_bool(whole(*quantity));
}
Val as_integer(Call& call) {
  const Quantity* quantity = quantity_of(call[0]);
  if (quantity == nullptr) return no_such_overload();
  return whole(*quantity) ? Val::of_int(quantity->value()) : Val::error("cannot convert value to integer");
}
Val as_float(Call& call) {
  const Quantity* quantity = quantity_of(call[0]);
  if (quantity == nullptr) return no_such_overload();
  if (whole(*quantity)) return Val::of_double(static_cast<double>(quantity->value()));
  return Val::of_double(static_cast<double>(quantity->milli_value()) / 1000);
}
Val sign(Call& call) {
  const Quantity* quantity = quantity_of(call[0]);
  if (quantity == nullptr) return no_such_overload();
  return Val::of_int(quantity->is_zero() ? 0 : *quantity < Quantity() ? -1 : 1);
}
Val sum(Call& call, bool minus) {
  const Quantity* a = quantity_of(call[0]);
  const Quantity* given = quantity_of(call[1]);
  if (a == nullptr || (given == nullptr && !call[1].is(Kind::kInt))) return no_such_overload();
  const Quantity b = given == nullptr ? Quantity::of(call[1].integer()) : *given;
  return quantity_value_of(minus ? *a - b : *a + b);
}
Val add(Call& call) { return sum(call, false); }
Val subtract(Call& call) { return sum(call, true); }

// --- named formats ---
struct Format {
  std::string_view name;
  Problems (*check)(std::string_view text);
};

// A prefix may end with a dash.
std::string without_dash(std::string_view text) {
  std::string whole_name(text);
  if (whole_name.ends_with("-")) whole_name.back() = 'a';
  return whole_name;
}
Problems label_prefix(std::string_view text) { return dns_label_problems(without_dash(text)); }
Problems subdomain_prefix(std::string_view text) { return dns_subdomain_problems(without_dash(text)); }
Problems label_1035_prefix(std::string_view text) { return dns_1035_problems(without_dash(text)); }
Problems uri_problems(std::string_view text) {
  const Val given[] = {Val::of_string(text)};
  Call call{given, "url"};
  const Val url = find_function("url")->call(call);
  if (!url.is_error()) return {};
  // Without the words that url() puts before it.
  const std::string_view fault = url.text();
  const std::size_t start = fault.find("parse \"");
  return {std::string(start == std::string_view::npos ? fault : fault.substr(start))};
}
Problems uuid_problems(std::string_view text) {
  bool good = text.size() == 36;
  for (std::size_t i = 0; good && i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    good = dash ? text[i] == '-' : std::string_view("0123456789abcdefABCDEF").find(text[i]) != std::string_view::npos;
  }
  if (good) return {};
  return {"does not match the UUID format"};
}
Problems byte_problems(std::string_view text) {
  if (base64_decode(text)) return {};
  return {"invalid base64"};
}
Problems date_problems(std::string_view text) {
  if (text.size() == 10 && parse_moment(std::string(text) + "T00:00:00Z")) return {};
  return {"invalid date"};
}
Problems datetime_problems(std::string_view text) {
  if (parse_moment(text)) return {};
  return {"invalid datetime"};
}

constexpr Format kFormats[] = {
    {"dns1123Label", dns_label_problems},
    {"dns1123Subdomain", dns_subdomain_problems},
    {"dns1035Label", dns_1035_problems},
    {"qualifiedName", qualified_name_problems},
    {"dns1123LabelPrefix", label_prefix},
    {"dns1123SubdomainPrefix", subdomain_prefix},
    {"dns1035LabelPrefix", label_1035_prefix},
    {"labelValue", label_value_problems},
    {"uri", uri_problems},
    {"uuid", uuid_problems},
    {"byte", byte_problems},
    {"date", date_problems},
    {"datetime", datetime_problems},
};

struct FormatBox final : OpaqueBox {
  const Format* format = nullptr;
};

Val format_value(std::string_view name) {
  for (const Format& format : kFormats) {
    if (format.name != name) continue;
    auto box = std::make_shared<FormatBox>();
    box->type = opaque_name('f');
    box->key = name;
    box->format = &format;
    return Val::of_box(Kind::kOpaque, std::move(box));
  }
  return Val::none();
}

Val named(Call& call) {
  if (!call[0].is(Kind::kString)) return no_such_overload();
  Val found = format_value(call[0].text());
  return found.is(Kind::kOptional) ? found : Val::some(std::move(found));
}
// "format.uuid()"
Val named_by_function(Call& call) { return format_value(call.name.substr(call.name.find('.') + 1)); }

Val validate(Call& call) {
  if (!call[0].is_opaque(opaque_name('f')) || !call[1].is(Kind::kString)) return no_such_overload();
  call.traverse(call[1].text().size());
  const Problems problems = static_cast<const FormatBox&>(call[0].opaque()).format->check(call[1].text());
  if (problems.empty()) return Val::none();
  std::vector<Val> texts;
  for (const std::string& problem : problems) texts.push_back(Val::of_string(problem));
  return Val::some(Val::of_list(std::move(texts)));
}

constexpr std::string_view kFormat = ">f";

constexpr Function kFunctions[] = {
    {"quantity", "s>q", to_quantity},
    {"isQuantity", "s>o", is_quantity},
    {"isInteger", ".q>o", is_integer},
    {"asInteger", ".q>i", as_integer},
    {"asApproximateFloat", ".q>d", as_float},
    {"sign", ".q>i", sign},
    {"add", ".qq>q .qi>q", add},
    {"sub", ".qq>q .qi>q", subtract},
    {"format.named", "s>?f", named},
    {"format.dns1123Label", kFormat, named_by_function},
    {"format.dns1123Subdomain", kFormat, named_by_function},
    {"format.dns1035Label", kFormat, named_by_function},
    {"format.qualifiedName", kFormat, named_by_function},
    {"format.dns1123LabelPrefix", kFormat, named_by_function},
    {"format.dns1123SubdomainPrefix", kFormat, named_by_function},
    {"format.dns1035LabelPrefix", kFormat, named_by_function},
    {"format.labelValue", kFormat, named_by_function},
    {"format.uri", kFormat, named_by_function},
    {"format.uuid", kFormat, named_by_function},
    {"format.byte", kFormat, named_by_function},
    {"format.date", kFormat, named_by_function},
    {"format.datetime", kFormat, named_by_function},
    {"validate", ".fs>?[s]", validate},
};

}  // namespace

// Both quantities: their order; an error otherwise.
Val compare_quantities(const Call& call, int& order) {
  const Quantity* a = quantity_of(call[0]);
  const Quantity* b = quantity_of(call[1]);
  if (a == nullptr || b == nullptr) return no_such_overload();
  order = *a < *b ? -1 : *a == *b ? 0 : 1;
  return {};
}

std::span<const Function> kubernetes_functions() { return kFunctions; }

}  // namespace drydock::cel
