#include "core/world/prompt.h"

#include "core/base/strings.h"

namespace drydock {
namespace {

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.' || c == '@' || c == ':' || c == '/' || c == '~';
}

bool prompt_sign(char c) { return c == '$' || c == '#' || c == '>'; }

}  // namespace

std::string strip_escapes(std::string_view bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c == '\r' || c == '\a') continue;
    if (c == '\b') {
      if (!out.empty() && out.back() != '\n') out.pop_back();
      continue;
    }
    if (c != '\x1b') {
      out += c;
      continue;
    }
    if (i + 1 >= bytes.size()) break;
    const char kind = bytes[++i];
    if (kind == '[') {  // CSI: parameters, then one final byte
      while (i + 1 < bytes.size() && !(bytes[i + 1] >= '@' && bytes[i + 1] <= '~')) ++i;
      ++i;
    } else if (kind == ']') {  // OSC: up to BEL or ESC backslash
      while (i + 1 < bytes.size() && bytes[i + 1] != '\a' && bytes[i + 1] != '\x1b') ++i;
      if (i + 1 < bytes.size() && bytes[i + 1] == '\a') ++i;
    } else if (kind == '(' || kind == ')') {
      ++i;
    }
  }
  return out;
}

bool ends_with_prompt(std::string_view output_tail) {
  const std::string text = strip_escapes(output_tail);
  const std::size_t newline = text.rfind('\n');
  std::string_view last(text);
  if (newline != std::string::npos) last.remove_prefix(newline + 1);
  if (last.size() < 2 || last.back() != ' ') return false;
  while (!last.empty() && last.back() == ' ') last.remove_suffix(1);
  return !last.empty() && last.size() <= 120 && prompt_sign(last.back());
}

std::size_t prompt_start(std::string_view text) {
  constexpr std::size_t kNone = std::string_view::npos;
  if (!ends_with_prompt(text)) return kNone;
  const std::size_t newline = text.rfind('\n');
  const std::size_t line = newline == kNone ? 0 : newline + 1;
  const std::size_t sign = text.find_last_not_of(' ');
  if (sign == line) return line;  // "# "
  if (text[sign - 1] == ']') {    // "[root@web /]# "
    const std::size_t open = text.rfind('[', sign);
    return open != kNone && open >= line ? open : sign;
  }
  const bool spaced = text[sign - 1] == ' ';  // "/ # "
  std::size_t word = spaced ? sign - 1 : sign;
  while (word > line && name_character(text[word - 1])) --word;
  const std::string_view name = text.substr(word, sign - word);
  if (spaced) {
    const std::size_t path = name.find_first_of("/~");
    return path == kNone ? sign : word + path;
  }
  // "root@web:/# ": output before the user's name cannot be told from it.
  constexpr std::string_view kRoot = "root@";
  const std::size_t root = name.rfind(kRoot);
  return root == kNone ? word : word + root;
}

std::optional<PromptedLine> split_prompt(std::string_view line) {
  std::size_t i = 0;
  std::string who;
  if (line.starts_with("[")) {
    const std::size_t close = line.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const std::vector<std::string> words = split_whitespace(line.substr(1, close - 1));
    if (words.size() != 2) return std::nullopt;
    who = words[0];
    i = close + 1;
  } else {
    while (i < line.size() && name_character(line[i])) ++i;
    if (i == 0) return std::nullopt;
    who = std::string(line.substr(0, i));
    if (i < line.size() && line[i] == ' ' && (who == "/" || who == "~" || who.starts_with("/"))) {
      ++i;  // busybox: "/ # "
      who.clear();
    } else if (const std::size_t colon = who.find(':'); colon != std::string::npos) {
      who.resize(colon);  // debian: "root@web:/# "
    }
  }
  if (i >= line.size() || !prompt_sign(line[i]) || line[i] == '>') return std::nullopt;
  if (i + 1 < line.size() && line[i + 1] != ' ') return std::nullopt;
  return PromptedLine{who, std::string(i + 2 <= line.size() ? line.substr(i + 2) : std::string_view())};
}

}  // namespace drydock
