#include "server/cluster/static_tokens.h"

#include <map>
#include <memory>

#include "core/base/strings.h"

namespace drydock::server {
namespace {

// The fields of one line of CSV; quotes are doubled inside quotes.
std::vector<std::string> csv_fields(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back() += c;
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  return fields;
}

}  // namespace

Result<std::function<std::optional<Identity>(std::string_view token)>> parse_token_file(std::string_view text) {
  auto tokens = std::make_shared<std::map<std::string, Identity, std::less<>>>();
  int number = 0;
  for (const std::string& line : split(text, '\n')) {
    ++number;
    if (trim(line).empty() || trim(line).starts_with("#")) continue;
    const std::vector<std::string> fields = csv_fields(trim(line));
    if (fields.size() < 3 || trim(fields[0]).empty()) {
      return Status::plain("token file: line " + std::to_string(number) +
                           ": expected at least 3 columns (token, user name, user uid), found " +
                           std::to_string(fields.size()));
    }
    Identity who;
    who.name = std::string(trim(fields[1]));
    who.uid = std::string(trim(fields[2]));
    if (fields.size() > 3) {
      for (const std::string& group : split(fields[3], ',')) {
        if (!trim(group).empty()) who.groups.emplace_back(trim(group));
      }
    }
    (*tokens)[std::string(trim(fields[0]))] = std::move(who);
  }
  std::function<std::optional<Identity>(std::string_view)> find = [tokens](std::string_view token) {
    const auto at = tokens->find(token);
    return at == tokens->end() ? std::nullopt : std::optional<Identity>(at->second);
  };
  return find;
}

}  // namespace drydock::server
