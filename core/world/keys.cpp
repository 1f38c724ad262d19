#include "core/world/keys.h"

#include "core/base/strings.h"

namespace drydock {
namespace {

struct Key {
  std::string_view name;
  std::string_view bytes;
};
// As xterm sends them.
constexpr Key kKeys[] = {
    {"esc", "\x1b"},     {"escape", "\x1b"},    {"enter", "\r"},         {"cr", "\r"},          {"return", "\r"},
    {"tab", "\t"},       {"s-tab", "\x1b[Z"},   {"space", " "},          {"backspace", "\x7f"}, {"bs", "\x7f"},
    {"up", "\x1b[A"},    {"down", "\x1b[B"},    {"right", "\x1b[C"},     {"left", "\x1b[D"},    {"home", "\x1b[H"},
    {"end", "\x1b[F"},   {"pageup", "\x1b[5~"}, {"pagedown", "\x1b[6~"}, {"insert", "\x1b[2~"}, {"delete", "\x1b[3~"},
    {"del", "\x1b[3~"},  {"f1", "\x1bOP"},      {"f2", "\x1bOQ"},        {"f3", "\x1bOR"},      {"f4", "\x1bOS"},
    {"f5", "\x1b[15~"},  {"f6", "\x1b[17~"},    {"f7", "\x1b[18~"},      {"f8", "\x1b[19~"},    {"f9", "\x1b[20~"},
    {"f10", "\x1b[21~"}, {"f11", "\x1b[23~"},   {"f12", "\x1b[24~"},     {"lt", "<"},
};

// The bytes of one name; nothing when no key is called so.
std::optional<std::string> key_bytes(std::string_view written) {
  const std::string name = to_lower(written);
  for (const Key& key : kKeys) {
    if (key.name == name) return std::string(key.bytes);
  }
  if (written.size() != 3 || written[1] != '-') return std::nullopt;
  const char c = written[2];
  if (name[0] == 'a' || name[0] == 'm') return std::string("\x1b") + c;
  if (name[0] != 'c') return std::nullopt;
  if (c == '?') return std::string("\x7f");
  const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (upper < '@' || upper > '_') return std::nullopt;
  return std::string(1, static_cast<char>(upper - '@'));
}

bool name_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '[' || c == ']' || c == '\\' || c == '^' || c == '@' || c == '?';
}

}  // namespace

Result<std::string> parse_keys(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '<') {
      bytes += text[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && name_part(text[end])) ++end;
    if (end == i + 1 || end >= text.size() || text[end] != '>') {
      bytes += '<';
      continue;
    }
    const std::string_view name = text.substr(i + 1, end - i - 1);
    const std::optional<std::string> key = key_bytes(name);
    if (!key) return Status::plain("no key is called <" + std::string(name) + ">; write <lt> for a plain <");
    bytes += *key;
    i = end;
  }
  return bytes;
}

std::optional<KeysLine> split_keys(std::string_view line) {
  const std::size_t sign = line.find("> ");
  if (sign == std::string_view::npos || sign == 0) return std::nullopt;
  const std::string_view node = line.substr(0, sign);
  for (const char c : node) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) return std::nullopt;
  }
  return KeysLine{std::string(node), std::string(line.substr(sign + 2))};
}

}  // namespace drydock
