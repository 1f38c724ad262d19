#include "tests/parity/transcript.h"

#include "core/base/strings.h"

namespace drydock::testing {
namespace {

// Arguments with spaces: the transcript shows them without their quotes.
constexpr std::string_view kWithSpaces[] = {"app in (a,twocontainers),!zz", "note=hello world",
                                            "--schedule=*/1 * * * *"};

std::vector<std::string> words_of(std::string line) {
  std::vector<std::string> kept;
  for (std::string_view phrase : kWithSpaces) line = replace_all(line, phrase, replace_all(phrase, " ", "\x01"));
  std::vector<std::string> words = split_whitespace(line);
  for (std::string& word : words) word = replace_all(word, "\x01", " ");
  return words;
}

bool digit(char c) { return c >= '0' && c <= '9'; }
bool hex(char c) { return digit(c) || (c >= 'a' && c <= 'f'); }
bool suffix_char(char c) { return std::string_view("bcdfghjklmnpqrstvwxz2456789").find(c) != std::string_view::npos; }

// One word without what varies in it.
std::string plain_word(std::string word) {
  // Ages: 5s, 2m30s, and of the last restart: 1 (18s ago).
  if (word.size() > 2 && word[0] == '(') return "(" + plain_word(word.substr(1));
  bool age = word.size() >= 2 && digit(word[0]);
  for (char c : word) age = age && (digit(c) || c == 's' || c == 'm' || c == 'h' || c == 'd');
  if (age && !digit(word.back())) return "<age>";
  for (std::string_view folder : {"LIVE-", "MERGED-"}) {
    // Temporary folders of kubectl diff.
    if (const std::size_t at = word.find(folder); at != std::string::npos) {
      const std::size_t slash = word.find('/', at);
      word = "<tmp>/" + std::string(folder) + (slash == std::string::npos ? "" : word.substr(slash));
    }
  }
  // Clock times: 09:20:51, 09:21:06.460641326; node ports: 8080:31480/TCP.
  if (word.size() >= 8 && digit(word[0]) && word[2] == ':' && word[5] == ':' && digit(word[7])) return "<time>";
  if (const std::size_t colon = word.find(":3");
      colon != std::string::npos && colon + 6 < word.size() && word[colon + 6] == '/')
    word = word.substr(0, colon) + ":<port>" + word.substr(colon + 6);
  std::string result;
  std::size_t i = 0;
  while (i < word.size()) {
    // Times: 2026-11-24T09:20:09Z.
    if (i + 20 <= word.size() && digit(word[i]) && word[i + 4] == '-' && word[i + 10] == 'T') {
      result += "<time>";
      i += 20;
      continue;
    }
    // Uids.
    if (i + 36 <= word.size() && word[i + 8] == '-' && word[i + 13] == '-' && word[i + 18] == '-' &&
        word[i + 23] == '-' && hex(word[i])) {
      result += "<uid>";
      i += 36;
      continue;
    }
    // Addresses.
    if (digit(word[i]) && (i == 0 || (!digit(word[i - 1]) && word[i - 1] != '.'))) {
      std::size_t end = i;
      int dots = 0;
      while (end < word.size() && (digit(word[end]) || word[end] == '.')) dots += word[end++] == '.';
      if (dots == 3) {
        result += "<ip>";
        i = end;
        continue;
      }
    }
    if (word.substr(i).starts_with("pod-template-hash=")) {
      result += "pod-template-hash=<hash>";
      i = word.size();
      continue;
    }
    // "-5f4f9d88f5-mkps5", "-brgfb": hashes and random suffixes of names.
    if (word[i] == '-') {
      std::size_t end = i + 1;
      while (end < word.size() && suffix_char(word[end])) ++end;
      const std::size_t length = end - i - 1;
      const bool ends =
          end == word.size() || (!(word[end] >= 'a' && word[end] <= 'z') && word[end] != '.' && !digit(word[end]));
      if (ends && (length == 5 || (length >= 8 && length <= 10))) {
        result += "-<hash>";
        i = end;
        continue;
      }
    }
    result += word[i++];
  }
  return result;
}

}  // namespace

std::vector<TranscriptEntry> parse_transcript(std::string_view text) {
  std::vector<TranscriptEntry> entries;
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with("### ")) {
      entries.push_back({});
      entries.back().number = static_cast<int>(parse_int(line.substr(4)).value_or(0));
      continue;
    }
    if (entries.empty()) continue;
    TranscriptEntry& entry = entries.back();
    if (line.starts_with("$ ") && entry.line.empty()) {
      entry.line = line.substr(2);
      entry.argv = words_of(entry.line);
    } else if (line.starts_with("(run it;")) {
      entry.recorded = false;
    } else if (line.starts_with("2> ")) {
      entry.err += line.substr(3) + "\n";
    } else if (line.starts_with("= ") && line.size() <= 5) {
      entry.recorded = true;
      entry.code = static_cast<int>(parse_int(line.substr(2)).value_or(0));
    } else if (!entry.recorded) {
      entry.out += line + "\n";
    }
  }
  return entries;
}

std::string normalized(std::string_view text) {
  std::string result;
  for (const std::string& line : split(text, '\n')) {
    std::string kept;
    if (contains(line, "resourceVersion:") || contains(line, "\"resourceVersion\"")) continue;
    for (const std::string& word : split_whitespace(line)) {
      if (word.find_first_not_of("-") == std::string::npos) {
        kept += "- ";
        continue;
      }
      kept += plain_word(word) + " ";
    }
    while (kept.ends_with(' ')) kept.pop_back();
    result += kept + "\n";
  }
  while (result.ends_with('\n')) result.pop_back();
  return result;
}

}  // namespace drydock::testing
