#include "core/programs/text_tools/awk/record.h"

#include <utility>

namespace drydock::awk {
namespace {

constexpr std::size_t kMaxCached = 500;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

}  // namespace

const Regex* RegexCache::get(const std::string& pattern, bool ignore_case, std::string& error) {
  auto key = std::make_pair(pattern, ignore_case);
  auto at = compiled_.find(key);
  if (at == compiled_.end()) {
    if (compiled_.size() >= kMaxCached) compiled_.clear();
    at = compiled_.emplace(std::move(key), Regex::compile(pattern, Regex::Syntax::kAwk, ignore_case)).first;
  }
  if (at->second.ok()) return &at->second;
  error = at->second.error();
  return nullptr;
}

Separator Separator::make(const std::string& text, bool is_regex, bool ignore_case, RegexCache& cache,
                          std::string& error) {
  Separator separator;
  if (!is_regex && text == " ") return separator;
  if (text.empty()) {
    separator.kind_ = Kind::kEach;
    return separator;
  }
  if (text.size() == 1 && text != "\\" && (!is_regex || text.find_first_of("^$.[|()*+?{") == std::string::npos)) {
    separator.kind_ = Kind::kCharacter;
    separator.character_ = text[0];
    return separator;
  }
  separator.kind_ = Kind::kRegex;
  const std::string pattern = text == "\\" ? "\\\\" : text;
  if (const Regex* regex = cache.get(pattern, ignore_case, error)) separator.regex_ = *regex;
  return separator;
}

std::vector<std::string> Separator::split(std::string_view text) const {
  std::vector<std::string> pieces;
  switch (kind_) {
    case Kind::kBlanks:
      for (std::size_t i = 0; i < text.size();) {
        while (i < text.size() && is_blank(text[i])) ++i;
        const std::size_t begin = i;
        while (i < text.size() && !is_blank(text[i])) ++i;
        if (i > begin) pieces.emplace_back(text.substr(begin, i - begin));
      }
      return pieces;
    case Kind::kEach:
      for (char c : text) pieces.emplace_back(1, c);
      return pieces;
    case Kind::kCharacter: {
      if (text.empty()) return pieces;
      std::size_t begin = 0;
      for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] != character_ && !(newline_too_ && text[i] == '\n')) continue;
        pieces.emplace_back(text.substr(begin, i - begin));
        begin = i + 1;
      }
      return pieces;
    }
    case Kind::kRegex: {
      if (text.empty()) return pieces;
      std::size_t begin = 0;
      std::size_t from = 0;
      for (;;) {
        auto match = from <= text.size() ? regex_.search(text, from) : std::nullopt;
        if (match && (*match)[0].end == (*match)[0].begin) {  // an empty match separates nothing
          from = (*match)[0].end + 1;
          if (from <= text.size()) continue;
          match.reset();
        }
        std::size_t at = match ? (*match)[0].begin : text.size();
        std::size_t next = match ? (*match)[0].end : text.size() + 1;
        if (newline_too_) {
          const std::size_t newline = text.find('\n', begin);
          if (newline < at) {
            at = newline;
            next = newline + 1;
          }
        }
        pieces.emplace_back(text.substr(begin, at - begin));
        if (next > text.size()) return pieces;
        begin = from = next;
      }
    }
  }
  return pieces;
}

void Record::set(std::string text, Separator separator) {
  text_ = std::move(text);
  text_valid_ = true;
  split_ = false;
  fields_.clear();
  separator_ = std::move(separator);
}

void Record::split() {
  if (split_) return;
  split_ = true;
  fields_.clear();
  for (std::string& piece : separator_.split(text_)) fields_.push_back(Cell::input(std::move(piece)));
}

const std::string& Record::text(const std::string& ofs, const std::string& convfmt) {
  if (!text_valid_) {
    text_.clear();
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i > 0) text_ += ofs;
      text_ += fields_[i].to_text(convfmt);
    }
    text_valid_ = true;
  }
  return text_;
}

Cell Record::field(std::size_t index, const std::string& ofs, const std::string& convfmt) {
  if (index == 0) return Cell::input(text(ofs, convfmt));
  split();
  return index <= fields_.size() ? fields_[index - 1] : Cell::input("");
}

void Record::set_field(std::size_t index, Cell value) {
  split();
  if (index > fields_.size()) fields_.resize(index, Cell::input(""));
  fields_[index - 1] = std::move(value);
  text_valid_ = false;
}

std::size_t Record::count() {
  split();
  return fields_.size();
}

void Record::set_count(std::size_t count) {
  split();
  fields_.resize(count, Cell::input(""));
  text_valid_ = false;
}

}  // namespace drydock::awk
