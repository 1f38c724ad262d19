// Between types: int(), uint(), double(), string(), bytes(), bool(), duration(),
// timestamp(), dyn(), type(), size().
#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/strings.h"
#include "core/cel/function.h"
#include "core/cel/times.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

Val no_conversion(const Val& from, std::string_view to) {
  return Val::error("type conversion error from '" + from.type_name() + "' to '" + std::string(to) + "'");
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  if (text.starts_with("+")) text.remove_prefix(1);
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Val to_int(Call& call) {
  const Val& from = call[0];
  switch (from.kind()) {
    case Kind::kInt:
      return from;
    case Kind::kUint:
      if (from.integer() < 0) return Val::error("integer overflow");
      return Val::of_int(from.integer());
    case Kind::kDouble:
      if (!(from.real() > -9223372036854775808.0 && from.real() < 9223372036854775808.0))
        return Val::error("integer overflow");
      return Val::of_int(static_cast<std::int64_t>(from.real()));
    case Kind::kTimestamp:
    case Kind::kDuration:
      return Val::of_int(from.integer());
    case Kind::kString:
      call.traverse(from.text().size());
      if (const auto number = whole<std::int64_t>(from.text())) return Val::of_int(*number);
      break;
    default:
      break;
  }
  return no_conversion(from, "int");
}

Val to_uint(Call& call) {
  const Val& from = call[0];
  switch (from.kind()) {
    case Kind::kUint:
      return from;
    case Kind::kInt:
      if (from.integer() < 0) return Val::error("unsigned integer overflow");
      return Val::of_uint(from.unsigned_integer());
    case Kind::kDouble:
      if (!(from.real() > -1.0 && from.real() < 18446744073709551616.0)) return Val::error("unsigned integer overflow");
      return Val::of_uint(static_cast<std::uint64_t>(from.real()));
    case Kind::kString:
      call.traverse(from.text().size());
      if (const auto number = whole<std::uint64_t>(from.text())) return Val::of_uint(*number);
      break;
    default:
      break;
  }
  return no_conversion(from, "uint");
}

Val to_double(Call& call) {
  const Val& from = call[0];
  if (from.is_number()) return Val::of_double(from.real());
  if (from.is(Kind::kString)) {
    call.traverse(from.text().size());
    const std::string lower = to_lower(from.text());
    if (lower == "nan") return Val::of_double(std::nan(""));
    if (lower == "inf" || lower == "+inf" || lower == "infinity") return Val::of_double(INFINITY);
    if (lower == "-inf" || lower == "-infinity") return Val::of_double(-INFINITY);
    if (const auto number = parse_double(from.text())) return Val::of_double(*number);
  }
  return no_conversion(from, "double");
}

bool valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80                   ? 1
                               : lead >= 0xf0 && lead < 0xf5 ? 4
                               : lead >= 0xe0 && lead < 0xf0 ? 3
                               : lead >= 0xc2 && lead < 0xe0 ? 2
                                                             : 0;
    if (length == 0 || i + length > text.size()) return false;
    std::uint32_t code = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (std::size_t j = 1; j < length; ++j) {
      const auto next = static_cast<unsigned char>(text[i + j]);
      if ((next & 0xc0) != 0x80) return false;
      code = (code << 6) | (next & 0x3f);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && (code < 0x10000 || code > 0x10ffff)) ||
        (code >= 0xd800 && code < 0xe000))
      return false;
    i += length;
  }
  return true;
}

Val to_string(Call& call) {
  const Val& from = call[0];
  switch (from.kind()) {
    case Kind::kString:
      return from;
    case Kind::kInt:
      return Val::of_string(std::to_string(from.integer()));
    case Kind::kUint:
      return Val::of_string(std::to_string(from.unsigned_integer()));
    case Kind::kDouble:
      return Val::of_string(double_text(from.real()));
    case Kind::kBool:
      return Val::of_string(from.boolean() ? "true" : "false");
    case Kind::kBytes:
      call.traverse(from.text().size());
      if (!valid_utf8(from.text())) return Val::error("invalid UTF-8 in bytes, cannot convert to string");
      return Val::of_string(from.text());
    case Kind::kTimestamp:
      return Val::of_string(format_moment({from.integer(), from.nanos()}));
    case Kind::kDuration:
      return Val::of_string(format_duration_seconds(from.integer()));
    case Kind::kOpaque:
      if (from.opaque().type == opaque_name('p') || from.opaque().type == opaque_name('c'))
        return Val::of_string(from.opaque().key);
      break;
    default:
      break;
  }
  return no_conversion(from, "string");
}

Val to_bytes(Call& call) {
  const Val& from = call[0];
  if (from.is(Kind::kBytes)) return from;
  if (!from.is(Kind::kString)) return no_conversion(from, "bytes");
  call.traverse(from.text().size());
  return Val::of_bytes(from.text());
}

Val to_bool(Call& call) {
  const Val& from = call[0];
  if (from.is(Kind::kBool)) return from;
  if (from.is(Kind::kString)) {
    for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
      if (from.text() == yes) return Val::of_bool(true);
    }
    for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
      if (from.text() == no) return Val::of_bool(false);
    }
  }
  return no_conversion(from, "bool");
}

Val to_duration(Call& call) {
  const Val& from = call[0];
  if (from.is(Kind::kDuration)) return from;
  if (from.is(Kind::kInt)) return Val::of_duration(from.integer());
  if (from.is(Kind::kString)) {
    if (const auto nanos = parse_duration_nanos(from.text())) return Val::of_duration(*nanos);
  }
  return no_conversion(from, "google.protobuf.Duration");
}

Val to_timestamp(Call& call) {
  const Val& from = call[0];
  if (from.is(Kind::kTimestamp)) return from;
  if (from.is(Kind::kInt)) {
    if (!moment_in_range(from.integer())) return Val::error("timestamp overflow");
    return Val::of_timestamp(from.integer(), 0);
  }
  if (from.is(Kind::kString)) {
    if (const auto moment = parse_moment(from.text())) return Val::of_timestamp(moment->seconds, moment->nanos);
  }
  return no_conversion(from, "google.protobuf.Timestamp");
}

Val to_dyn(Call& call) { return call[0]; }

Val type_function(Call& call) {
  switch (call[0].kind()) {
    case Kind::kNull:
      return Val::of_type(type_of(Type::Kind::kNull));
    case Kind::kBool:
      return Val::of_type(type_of(Type::Kind::kBool));
    case Kind::kInt:
      return Val::of_type(type_of(Type::Kind::kInt));
    case Kind::kUint:
      return Val::of_type(type_of(Type::Kind::kUint));
    case Kind::kDouble:
      return Val::of_type(type_of(Type::Kind::kDouble));
    case Kind::kString:
      return Val::of_type(type_of(Type::Kind::kString));
    case Kind::kBytes:
      return Val::of_type(type_of(Type::Kind::kBytes));
    case Kind::kTimestamp:
      return Val::of_type(type_of(Type::Kind::kTimestamp));
    case Kind::kDuration:
      return Val::of_type(type_of(Type::Kind::kDuration));
    case Kind::kList:
      return Val::of_type(type_of(Type::Kind::kList));
    case Kind::kMap:
      return Val::of_type(type_of(Type::Kind::kMap));
    case Kind::kType:
      return Val::of_type(type_of(Type::Kind::kType));
    case Kind::kOptional:
      return Val::of_type(type_of(Type::Kind::kOptional));
    case Kind::kOpaque:
      return Val::of_type(opaque_type(call[0].opaque().type));
    default:
      return no_such_overload();
  }
}

Val size(Call& call) {
  const Val& of = call[0];
  if (of.is(Kind::kString)) return Val::of_int(static_cast<std::int64_t>(utf8_length(of.text())));
  if (of.is(Kind::kBytes)) return Val::of_int(static_cast<std::int64_t>(of.text().size()));
  if (of.is(Kind::kList)) return Val::of_int(static_cast<std::int64_t>(of.list().size()));
  if (of.is(Kind::kMap)) return Val::of_int(static_cast<std::int64_t>(of.map().size()));
  return no_such_overload();
}

constexpr Function kFunctions[] = {
    {"int", "i>i u>i d>i s>i t>i r>i", to_int},
    {"uint", "u>u i>u d>u s>u", to_uint},
    {"double", "d>d i>d u>d s>d", to_double},
    {"string", "s>s i>s u>s d>s o>s y>s t>s r>s p>s c>s", to_string},
    {"bytes", "y>y s>y", to_bytes},
    {"bool", "o>o s>o", to_bool},
    {"duration", "r>r s>r i>r", to_duration},
    {"timestamp", "t>t s>t i>t", to_timestamp},
    {"dyn", "A>*", to_dyn},
    {"type", "A>!A", type_function},
    {"size", "s>i y>i [A]>i {AB}>i .s>i .y>i .[A]>i .{AB}>i", size},
};

}  // namespace

std::string double_text(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  return format_double(number);
}

std::span<const Function> conversion_functions() { return kFunctions; }

}  // namespace drydock::cel
