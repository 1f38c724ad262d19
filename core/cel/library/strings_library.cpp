// Strings: the standard functions, cel-go's extension (version 2) and Kubernetes'
// regular expressions. Positions count code points.
// https://github.com/google/cel-go/tree/master/ext#strings
#include <algorithm>

#include "core/base/strings.h"
#include "core/cel/cel.h"
#include "core/cel/function.h"
#include "core/cel/regex.h"

namespace drydock::cel {
namespace {

using Kind = Val::Kind;

constexpr std::size_t kMostText = std::size_t{1} << 24;  // of what one call may make

bool strings(const Call& call, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!call[i].is(Kind::kString)) return false;
  }
  return true;
}

// The bytes where each code point starts, and the end.
std::vector<std::size_t> starts(std::string_view text) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) found.push_back(i);
  }
  found.push_back(text.size());
  return found;
}

// A tenth of both, multiplied: what a search takes at worst.
bool product_cost(Call& call) {
  const std::size_t first = (call[0].text().size() + 9) / 10;
  const std::size_t second = (call[1].text().size() + 9) / 10;
  if (!call.affords(first, second)) return false;
  call.cost = first * second;
  return true;
}

Val contains_text(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  if (!product_cost(call)) return too_costly();
  return Val::of_bool(contains(call[0].text(), call[1].text()));
}
Val starts_with(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  call.traverse(call[1].text().size());
  return Val::of_bool(call[0].text().starts_with(call[1].text()));
}
Val ends_with(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  call.traverse(call[1].text().size());
  return Val::of_bool(call[0].text().ends_with(call[1].text()));
}

void regex_cost(Call& call) {
  const std::uint64_t text = (call[0].text().size() + 10) / 10;
  call.cost = text * ((call[1].text().size() + 3) / 4);
}

Val matches(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  regex_cost(call);
  const Regex regex(call[1].text());
  if (!regex.fault().empty()) return Val::error(regex.fault());
  return Val::of_bool(regex.found_in(call[0].text(), call.cost));
}

Val find(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  regex_cost(call);
  const Regex regex(call[1].text());
  if (!regex.fault().empty()) return Val::error("Illegal regex: " + regex.fault());
  std::size_t start = 0;
  std::size_t end = 0;
  if (!regex.find(call[0].text(), 0, start, end, call.cost)) return Val::of_string("");
  return Val::of_string(call[0].text().substr(start, end - start));
}

Val find_all(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  regex_cost(call);
  std::int64_t most = -1;
  if (call.size() == 3) {
    if (!call[2].is(Kind::kInt)) return no_such_overload();
    most = call[2].integer();
  }
  const Regex regex(call[1].text());
  if (!regex.fault().empty()) return Val::error("Illegal regex: " + regex.fault());
  std::vector<Val> found;
  const std::string_view text = call[0].text();
  std::size_t from = 0;
  std::size_t start = 0;
  std::size_t end = 0;
  while (from <= text.size() && call.cost <= kPerCallLimit &&
         (most < 0 || found.size() < static_cast<std::size_t>(most)) && regex.find(text, from, start, end, call.cost)) {
    found.push_back(Val::of_string(text.substr(start, end - start)));
    from = end;
    if (end == start) {  // on by one code point
      ++from;
      while (from < text.size() && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) ++from;
    }
  }
  call.cost += found.size();
  return Val::of_list(std::move(found));
}

Val char_at(Call& call) {
  if (!call.are(Kind::kString, Kind::kInt)) return no_such_overload();
  const std::vector<std::size_t> places = starts(call[0].text());
  const std::int64_t at = call[1].integer();
  if (at < 0 || static_cast<std::uint64_t>(at) >= places.size())
    return Val::error("index out of range: " + std::to_string(at));
  const auto index = static_cast<std::size_t>(at);
  if (index + 1 == places.size()) return Val::of_string("");
  return Val::of_string(call[0].text().substr(places[index], places[index + 1] - places[index]));
}

// Of a text, or of a list's item.
Val index_of(Call& call, bool last) {
  if (call[0].is(Kind::kList) && call.size() == 2) {
    const ListBox& list = call[0].list();
    call.cost = list.size();
    std::int64_t found = -1;
    for (std::size_t i = 0; i < list.size() && (last || found < 0); ++i) {
      if (equal(list.at(i), call[1])) found = static_cast<std::int64_t>(i);
    }
    return Val::of_int(found);
  }
  if (!strings(call, 2)) return no_such_overload();
  const std::string_view text = call[0].text();
  const std::string_view piece = call[1].text();
  if (!product_cost(call)) return too_costly();
  const std::vector<std::size_t> places = starts(text);
  std::size_t from = last ? text.size() : 0;
  if (call.size() == 3) {
    if (!call[2].is(Kind::kInt)) return no_such_overload();
    const std::int64_t offset = call[2].integer();
    if (offset < 0 || static_cast<std::uint64_t>(offset) >= places.size())
      return Val::error("index out of range: " + std::to_string(offset));
    from = places[static_cast<std::size_t>(offset)];
  }
  const std::size_t found = last ? text.rfind(piece, from) : text.find(piece, from);
  if (found == std::string_view::npos) return Val::of_int(-1);
  return Val::of_int(std::lower_bound(places.begin(), places.end(), found) - places.begin());
}
Val first_index(Call& call) { return index_of(call, false); }
Val last_index(Call& call) { return index_of(call, true); }

Val join_list(Call& call) {
  if (!call[0].is(Kind::kList) || (call.size() == 2 && !call[1].is(Kind::kString))) return no_such_overload();
  const std::string_view separator = call.size() == 2 ? call[1].text() : "";
  std::string text;
  for (std::size_t i = 0; i < call[0].list().size(); ++i) {
    const Val item = call[0].list().at(i);
    if (!item.is(Kind::kString)) return Val::error("join: invalid input: " + item.type_name());
    if (i > 0) text += separator;
    text += item.text();
    if (text.size() > kMostText) return Val::error("text too large");
  }
  call.traverse(text.size());
  return Val::of_string(text);
}

Val cased(Call& call, std::string (*change)(std::string_view)) {
  if (!strings(call, 1)) return no_such_overload();
  call.traverse(call[0].text().size());
  return Val::of_string(change(call[0].text()));
}
Val lower_ascii(Call& call) { return cased(call, to_lower); }
Val upper_ascii(Call& call) { return cased(call, to_upper); }

// Unicode's white space, as Go's strings.TrimSpace and cel-go's trim() have it.
std::size_t blank_at(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r')) return 1;
  static constexpr std::string_view kWide[] = {
      "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f",
      "\xe3\x80\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
      "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a"};
  for (const std::string_view wide : kWide) {
    if (text.starts_with(wide)) return wide.size();
  }
  return 0;
}

Val trimmed(Call& call) {
  if (!strings(call, 1)) return no_such_overload();
  std::string_view text = call[0].text();
  call.traverse(text.size());
  while (const std::size_t blank = blank_at(text)) text.remove_prefix(blank);
  for (bool more = true; more && !text.empty();) {
    more = false;
    for (const std::size_t length : {1, 2, 3}) {
      if (text.size() < length || blank_at(text.substr(text.size() - length)) != length) continue;
      text.remove_suffix(length);
      more = true;
      break;
    }
  }
  return Val::of_string(text);
}

Val replace(Call& call) {
  if (!strings(call, 3)) return no_such_overload();
  if (!product_cost(call)) return too_costly();
  std::int64_t most = -1;
  if (call.size() == 4) {
    if (!call[3].is(Kind::kInt)) return no_such_overload();
    most = call[3].integer();
  }
  const std::string_view text = call[0].text();
  const std::string_view from = call[1].text();
  const std::string_view to = call[2].text();
  std::string made;
  std::size_t at = 0;
  while (most != 0) {
    std::size_t found = 0;
    if (from.empty()) {
      // Before each code point and at the end.
      if (at > text.size()) break;
      made += to;
      if (most > 0) --most;
      if (at == text.size()) break;
      std::size_t end = at + 1;
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      made += text.substr(at, end - at);
      at = end;
    } else {
      found = text.find(from, at);
      if (found == std::string_view::npos) break;
      made += text.substr(at, found - at);
      made += to;
      at = found + from.size();
      if (most > 0) --most;
    }
    if (made.size() > kMostText) return Val::error("text too large");
  }
  made += text.substr(at);
  call.traverse(text.size() + made.size());
  return Val::of_string(made);
}

Val split_text(Call& call) {
  if (!strings(call, 2)) return no_such_overload();
  std::int64_t most = -1;
  if (call.size() == 3) {
    if (!call[2].is(Kind::kInt)) return no_such_overload();
    most = call[2].integer();
  }
  if (!product_cost(call)) return too_costly();
  std::string_view text = call[0].text();
  const std::string_view separator = call[1].text();
  call.traverse(text.size());
  std::vector<Val> pieces;
  if (most == 0) return Val::of_list({});
  const bool letters = separator.empty();
  while (most < 0 || pieces.size() + 1 < static_cast<std::size_t>(most)) {
    std::size_t end = letters ? 1 : text.find(separator);
    if (letters) {
      while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) ++end;
      if (end >= text.size()) break;
    }
    if (end == std::string_view::npos) break;
    pieces.push_back(Val::of_string(text.substr(0, end)));
    text.remove_prefix(end + separator.size());
  }
  if (!letters || !text.empty()) pieces.push_back(Val::of_string(text));
  call.cost += pieces.size();
  return Val::of_list(std::move(pieces));
}

Val substring(Call& call) {
  if (!call.are(Kind::kString, Kind::kInt) || (call.size() == 3 && !call[2].is(Kind::kInt))) return no_such_overload();
  const std::vector<std::size_t> places = starts(call[0].text());
  const auto length = static_cast<std::int64_t>(places.size()) - 1;
  const std::int64_t start = call[1].integer();
  const std::int64_t end = call.size() == 3 ? call[2].integer() : length;
  if (call.size() == 3 && start > end)
    return Val::error("invalid substring range. start: " + std::to_string(start) + ", end: " + std::to_string(end));
  if (start < 0 || start > length) return Val::error("index out of range: " + std::to_string(start));
  if (end < 0 || end > length) return Val::error("index out of range: " + std::to_string(end));
  const std::size_t from = places[static_cast<std::size_t>(start)];
  call.traverse(call[0].text().size());
  return Val::of_string(call[0].text().substr(from, places[static_cast<std::size_t>(end)] - from));
}

Val quote(Call& call) {
  if (!strings(call, 1)) return no_such_overload();
  call.traverse(call[0].text().size());
  std::string quoted = "\"";
  for (const char letter : call[0].text()) {
    static constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
    static constexpr std::string_view kLetters = "abfnrtv\\\"";
    const std::size_t special = kSpecial.find(letter);
    if (special != std::string_view::npos) {
      quoted += '\\';
      quoted += kLetters[special];
    } else {
      quoted += letter;
    }
  }
  return Val::of_string(quoted + "\"");
}

constexpr Function kFunctions[] = {
    {"contains", ".ss>o", contains_text},
    {"startsWith", ".ss>o", starts_with},
    {"endsWith", ".ss>o", ends_with},
    {"matches", ".ss>o ss>o", matches},
    {"find", ".ss>s", find},
    {"findAll", ".ss>[s] .ssi>[s]", find_all},
    {"charAt", ".si>s", char_at},
    {"indexOf", ".ss>i .ssi>i .[A]A>i", first_index},
    {"lastIndexOf", ".ss>i .ssi>i .[A]A>i", last_index},
    {"join", ".[s]>s .[s]s>s", join_list},
    {"lowerAscii", ".s>s", lower_ascii},
    {"upperAscii", ".s>s", upper_ascii},
    {"trim", ".s>s", trimmed},
    {"replace", ".sss>s .sssi>s", replace},
    {"split", ".ss>[s] .ssi>[s]", split_text},
    {"substring", ".si>s .sii>s", substring},
    {"strings.quote", "s>s", quote},
    {"format", ".s[*]>s", format_text},
};

}  // namespace

std::span<const Function> string_functions() { return kFunctions; }

}  // namespace drydock::cel
