#include "core/programs/text/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/programs/text/regex_syntax.h"

namespace drydock {
namespace {

constexpr std::uint32_t kMatchLimit = 2000000;
constexpr std::size_t kDfaWorkspace = 4096;  // ints, on the heap: as many paths at a time as we follow

PCRE2_SPTR bytes_of(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data() == nullptr ? "" : text.data());
}

std::string message_of(int code) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(code, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

struct Regex::Compiled {
  explicit Compiled(pcre2_code* compiled)
      : code(compiled),
        data(pcre2_match_data_create_from_pattern(compiled, nullptr)),
        context(pcre2_match_context_create(nullptr)) {
    pcre2_set_match_limit(context, kMatchLimit);
  }
  ~Compiled() {
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
    pcre2_code_free(code);
  }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  pcre2_code* code;
  pcre2_match_data* data;  // of the last search; searches do not nest
  pcre2_match_context* context;
  int matched = 0;  // groups of the last search
};

Regex Regex::compile(std::string_view pattern, Syntax syntax, bool ignore_case, bool multiline) {
  Regex regex;
  std::string perl(pattern);
  if (syntax != Syntax::kPerl && syntax != Syntax::kFixed) {
    TranslatedRegex translated = translate_posix_regex(pattern, syntax);
    if (!translated.error.empty()) {
      regex.error_ = std::move(translated.error);
      return regex;
    }
    perl = std::move(translated.pattern);
    regex.alternatives_ = translated.alternatives;
  }
  std::uint32_t options = syntax == Syntax::kPerl ? 0 : PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY;
  if (multiline) options = (options & ~PCRE2_DOLLAR_ENDONLY) | PCRE2_MULTILINE;
  if (syntax == Syntax::kFixed) options = PCRE2_LITERAL;
  if (ignore_case) options |= PCRE2_CASELESS;
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(bytes_of(perl), perl.size(), options, &error, &offset, nullptr);
  if (code == nullptr) {
    regex.error_ = syntax == Syntax::kPerl ? message_of(error) : "Invalid regular expression";
    return regex;
  }
  std::uint32_t groups = 0;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
  regex.group_count_ = groups;
  regex.code_ = std::make_shared<Compiled>(code);
  return regex;
}

bool Regex::find(std::string_view text, std::size_t from, bool not_line_start, bool longest) const {
  if (!code_ || from > text.size()) return false;
  Compiled& compiled = *code_;
  const std::uint32_t options = not_line_start ? PCRE2_NOTBOL : 0;
  compiled.matched =
      pcre2_match(compiled.code, bytes_of(text), text.size(), from, options, compiled.data, compiled.context);
  if (compiled.matched <= 0) return false;
  if (!alternatives_ || !longest) return true;
  // The first alternative may not have been the longest match that starts here.
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(compiled.data);
  const std::size_t begin = ends[0];
  const std::size_t end = ends[1];
  pcre2_match_data* measure = pcre2_match_data_create(1, nullptr);
  std::vector<int> workspace(kDfaWorkspace);
  const int found = pcre2_dfa_match(compiled.code, bytes_of(text), text.size(), begin, options | PCRE2_ANCHORED,
                                    measure, compiled.context, workspace.data(), workspace.size());
  const std::size_t reach = found < 0 ? end : pcre2_get_ovector_pointer(measure)[1];
  pcre2_match_data_free(measure);
  if (reach <= end) return true;
  // Again for its groups, with the text cut where the match must end.
  const std::uint32_t cut = options | PCRE2_ANCHORED | PCRE2_ENDANCHORED | (reach < text.size() ? PCRE2_NOTEOL : 0);
  const int again = pcre2_match(compiled.code, bytes_of(text), reach, begin, cut, compiled.data, compiled.context);
  if (again > 0) {
    compiled.matched = again;
    return true;
  }
  compiled.matched =
      pcre2_match(compiled.code, bytes_of(text), text.size(), from, options, compiled.data, compiled.context);
  return compiled.matched > 0;
}

std::optional<std::vector<Regex::Group>> Regex::search(std::string_view text, std::size_t from,
                                                       bool not_line_start) const {
  if (!find(text, from, not_line_start, true)) return std::nullopt;
  std::vector<Group> groups(group_count_ + 1);
  const PCRE2_SIZE* ends = pcre2_get_ovector_pointer(code_->data);
  for (std::size_t i = 0; i < groups.size() && i < static_cast<std::size_t>(code_->matched); ++i) {
    if (ends[2 * i] != PCRE2_UNSET) groups[i] = {ends[2 * i], ends[2 * i + 1]};
  }
  return groups;
}

bool Regex::matches(std::string_view text) const { return find(text, 0, false, false); }

}  // namespace drydock
