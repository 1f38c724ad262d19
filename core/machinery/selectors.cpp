#include "core/machinery/selectors.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

using Operator = LabelSelector::Operator;
using Requirement = LabelSelector::Requirement;

struct Token {
  std::string text;
  bool word = false;  // a key or value, else punctuation; the empty punctuation is the end
};

constexpr std::string_view kPunctuation = "=!(),<>";

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t i = 0;
  while (i < text.size()) {
    const char c = text[i];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++i;
    } else if (kPunctuation.find(c) != std::string_view::npos) {
      const bool two = i + 1 < text.size() && text[i + 1] == '=' && (c == '=' || c == '!');
      tokens.push_back({std::string(text.substr(i, two ? 2 : 1)), false});
      i += two ? 2 : 1;
    } else {
      const std::size_t start = i;
      while (i < text.size() && kPunctuation.find(text[i]) == std::string_view::npos && text[i] != ' ' &&
             text[i] != '\t')
        ++i;
      tokens.push_back({std::string(text.substr(start, i - start)), true});
    }
  }
  tokens.push_back({"", false});
  return tokens;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(tokens_of(text)) {}

  Result<std::vector<Requirement>> parse() {
    std::vector<Requirement> all;
    if (at_end()) return all;
    for (;;) {
      DRYDOCK_TRY(Requirement requirement, requirement_());
      all.push_back(std::move(requirement));
      if (at_end()) return all;
      if (peek().text != ",") return error("found '" + peek().text + "', expected: ',' or 'end of string'");
      ++at_;
      if (at_end() || (!peek().word && peek().text != "!"))
        return error("found '" + peek().text + "', expected: identifier after ','");
    }
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  bool at_end() const { return !peek().word && peek().text.empty(); }
  static Status error(const std::string& what) { return Status::plain("unable to parse requirement: " + what); }

  Result<Requirement> requirement_() {
    Requirement requirement;
    if (peek().text == "!" && !peek().word) {
      ++at_;
      requirement.op = Operator::kDoesNotExist;
    }
    if (!peek().word) return error("found '" + peek().text + "', expected: identifier");
    requirement.key = tokens_[at_++].text;
    if (requirement.op == Operator::kDoesNotExist) return requirement;
    if (at_end() || peek().text == ",") {
      requirement.op = Operator::kExists;
      return requirement;
    }
    const std::string op = tokens_[at_++].text;
    if (op == "in" || op == "notin") {
      requirement.op = op == "in" ? Operator::kIn : Operator::kNotIn;
      if (peek().text != "(") return error("found '" + peek().text + "' expected: '('");
      ++at_;
      for (bool want_value = true;;) {
        if (peek().word) {
          requirement.values.push_back(tokens_[at_++].text);
          want_value = false;
        } else if (peek().text == ",") {
          if (want_value) requirement.values.emplace_back();
          ++at_;
          want_value = true;
        } else if (peek().text == ")") {
          if (want_value) requirement.values.emplace_back();
          ++at_;
          break;
        } else {
          return error("found '" + peek().text + "', expected: ',', ')' or identifier");
        }
      }
    } else if (op == "=" || op == "==" || op == "!=" || op == ">" || op == "<") {
      requirement.op = op == "!="  ? Operator::kNotIn
                       : op == ">" ? Operator::kGreaterThan
                       : op == "<" ? Operator::kLessThan
                                   : Operator::kIn;
      requirement.values.push_back(peek().word ? tokens_[at_++].text : "");
      const bool number = parse_int(requirement.values[0]).has_value();
      if ((op == ">" || op == "<") && !number) {
        return Status::plain("values[0][" + requirement.key + "]: Invalid value: " + go_quote(requirement.values[0]) +
                             ": for 'Gt', 'Lt' operators, the value must be an integer");
      }
    } else {
      return error("found '" + op + "', expected: in, notin, =, ==, !=, gt, lt");
    }
    std::sort(requirement.values.begin(), requirement.values.end());
    return requirement;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

LabelSelector LabelSelector::nothing() {
  LabelSelector selector;
  selector.nothing_ = true;
  return selector;
}

Result<LabelSelector> LabelSelector::parse(std::string_view text) {
  LabelSelector selector;
  DRYDOCK_TRY(selector.requirements_, Parser(text).parse());
  std::sort(selector.requirements_.begin(), selector.requirements_.end(),
            [](const Requirement& a, const Requirement& b) { return a.key < b.key; });
  return selector;
}

LabelSelector LabelSelector::from_labels(const Value& labels) {
  LabelSelector selector;
  for (const Value::Member& member : labels.members())
    selector.requirements_.push_back({member.key.str(), Operator::kIn, {member.value.str()}});
  return selector;
}

Result<LabelSelector> LabelSelector::from_document(const Value& document) {
  if (document.is_null()) return nothing();
  LabelSelector selector = from_labels(document["matchLabels"]);
  for (const Value& expression : document["matchExpressions"].items()) {
    Requirement requirement;
    requirement.key = expression["key"].str();
    const std::string_view op = expression["operator"].as_string();
    if (op == "In")
      requirement.op = Operator::kIn;
    else if (op == "NotIn")
      requirement.op = Operator::kNotIn;
    else if (op == "Exists")
      requirement.op = Operator::kExists;
    else if (op == "DoesNotExist")
      requirement.op = Operator::kDoesNotExist;
    else
      return Status::plain(go_quote(op) + " is not a valid label selector operator");
    for (const Value& value : expression["values"].items()) requirement.values.push_back(value.str());
    std::sort(requirement.values.begin(), requirement.values.end());
    selector.requirements_.push_back(std::move(requirement));
  }
  return selector;
}

bool LabelSelector::matches(const Value& labels) const {
  if (nothing_) return false;
  for (const Requirement& requirement : requirements_) {
    const Value* label = labels.find(requirement.key);
    const bool listed =
        label != nullptr && std::any_of(requirement.values.begin(), requirement.values.end(),
                                        [&](const std::string& value) { return label->as_string() == value; });
    bool holds = false;
    switch (requirement.op) {
      case Operator::kIn:
        holds = listed;
        break;
      case Operator::kNotIn:
        holds = !listed;
        break;
      case Operator::kExists:
        holds = label != nullptr;
        break;
      case Operator::kDoesNotExist:
        holds = label == nullptr;
        break;
      case Operator::kGreaterThan:
      case Operator::kLessThan: {
        const auto mine = label == nullptr ? std::nullopt : parse_int(label->as_string());
        const auto bound = parse_int(requirement.values.empty() ? "" : requirement.values[0]);
        holds = mine && bound && (requirement.op == Operator::kGreaterThan ? *mine > *bound : *mine < *bound);
        break;
      }
    }
    if (!holds) return false;
  }
  return true;
}

std::string LabelSelector::str() const {
  std::string text;
  for (const Requirement& requirement : requirements_) {
    if (!text.empty()) text += ",";
    const std::string values = join(requirement.values, ",");
    switch (requirement.op) {
      case Operator::kIn:
        text +=
            requirement.values.size() == 1 ? requirement.key + "=" + values : requirement.key + " in (" + values + ")";
        break;
      case Operator::kNotIn:
        text += requirement.values.size() == 1 ? requirement.key + "!=" + values
                                               : requirement.key + " notin (" + values + ")";
        break;
      case Operator::kExists:
        text += requirement.key;
        break;
      case Operator::kDoesNotExist:
        text += "!" + requirement.key;
        break;
      case Operator::kGreaterThan:
        text += requirement.key + ">" + values;
        break;
      case Operator::kLessThan:
        text += requirement.key + "<" + values;
        break;
    }
  }
  return text;
}

Result<std::vector<FieldTerm>> parse_field_selector(std::string_view text) {
  std::vector<FieldTerm> terms;
  if (text.empty()) return terms;
  for (const std::string& part : split(text, ',')) {
    if (part.empty()) continue;
    FieldTerm term;
    std::size_t at = part.find("!=");
    std::size_t length = 2;
    term.equal = at == std::string::npos;
    if (term.equal) {
      at = part.find("==");
      if (at == std::string::npos) {
        at = part.find('=');
        length = 1;
      }
    }
    if (at == std::string::npos)
      return Status::plain("invalid selector: '" + std::string(text) + "'; can't understand '" + part + "'");
    term.path = part.substr(0, at);
    term.value = part.substr(at + length);
    terms.push_back(std::move(term));
  }
  return terms;
}

}  // namespace drydock
