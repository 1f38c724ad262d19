// Commands on sorted sets.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/strings.h"
#include "core/programs/images/redis/server.h"

namespace drydock::redis {
namespace {

struct Ranked {
  double score;
  std::string member;
};

std::vector<Ranked> ranked(const Item* item) {
  std::vector<Ranked> all;
  if (item == nullptr) return all;
  for (const auto& [member, score] : item->scores) all.push_back({score, member});
  std::sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) {
    return a.score != b.score ? a.score < b.score : a.member < b.member;
  });
  return all;
}

std::optional<double> parse_score(std::string_view text) {
  if (text == "+inf" || text == "inf") return std::numeric_limits<double>::infinity();
  if (text == "-inf") return -std::numeric_limits<double>::infinity();
  return parse_double(text);
}

Item* sorted_set(Server& server, Client& client, const std::string& key, bool& bad) {
  Item* item = server.find(client, key);
  bad = item != nullptr && item->type != Item::Type::kSortedSet;
  return bad ? nullptr : item;
}

Reply zadd(Server& server, Client& client, const Words& words) {
  std::size_t at = 2;
  bool only_new = false;
  bool only_old = false;
  bool changed_too = false;
  bool increment = false;
  for (; at < words.size(); ++at) {
    const std::string option = to_upper(words[at]);
    if (option == "NX")
      only_new = true;
    else if (option == "XX")
      only_old = true;
    else if (option == "CH")
      changed_too = true;
    else if (option == "INCR")
      increment = true;
    else
      break;
  }
  if (at >= words.size() || (words.size() - at) % 2 != 0) return syntax_error();
  for (std::size_t i = at; i < words.size(); i += 2) {
    if (!parse_score(words[i])) return Reply::error("ERR value is not a valid float");
  }
  Item* item = server.make(client, words[1], Item::Type::kSortedSet);
  if (item == nullptr) return wrong_type();
  std::int64_t fresh = 0;
  std::int64_t changed = 0;
  double last = 0;
  for (std::size_t i = at; i + 1 < words.size(); i += 2) {
    double score = *parse_score(words[i]);
    const auto known = item->scores.find(words[i + 1]);
    if ((known != item->scores.end() && only_new) || (known == item->scores.end() && only_old)) continue;
    if (increment && known != item->scores.end()) score += known->second;
    last = score;
    if (known == item->scores.end())
      ++fresh;
    else if (known->second != score)
      ++changed;
    item->scores[words[i + 1]] = score;
  }
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  if (increment) return Reply::bulk(format_score(last));
  return Reply::integer(changed_too ? fresh + changed : fresh);
}

Reply zincrby(Server& server, Client& client, const Words& words) {
  const auto by = parse_score(words[2]);
  if (!by) return Reply::error("ERR value is not a valid float");
  Item* item = server.make(client, words[1], Item::Type::kSortedSet);
  if (item == nullptr) return wrong_type();
  const double score = item->scores[words[3]] += *by;
  server.touched(words[1]);
  return Reply::bulk(format_score(score));
}

Reply list(const std::vector<Ranked>& found, bool with_scores) {
  std::vector<std::string> texts;
  for (const Ranked& one : found) {
    texts.push_back(one.member);
    if (with_scores) texts.push_back(format_score(one.score));
  }
  return Reply::bulks(texts);
}

Reply zrange(Server& server, Client& client, const Words& words) {
  bool reverse = to_lower(words[0]) == "zrevrange";
  bool with_scores = false;
  for (std::size_t i = 4; i < words.size(); ++i) {
    const std::string option = to_upper(words[i]);
    if (option == "WITHSCORES")
      with_scores = true;
    else if (option == "REV")
      reverse = true;
    else
      return syntax_error();
  }
  auto from = parse_int(words[2]);
  auto to = parse_int(words[3]);
  if (!from || !to) return not_an_integer();
  bool bad = false;
  std::vector<Ranked> all = ranked(sorted_set(server, client, words[1], bad));
  if (bad) return wrong_type();
  if (reverse) std::reverse(all.begin(), all.end());
  const auto size = static_cast<std::int64_t>(all.size());
  if (*from < 0) from = std::max<std::int64_t>(size + *from, 0);
  if (*to < 0) to = size + *to;
  std::vector<Ranked> found;
  for (std::int64_t i = *from; i <= std::min(*to, size - 1); ++i) found.push_back(all[static_cast<std::size_t>(i)]);
  return list(found, with_scores);
}

// "(5" leaves 5 out.
bool bound(std::string_view text, double& score, bool& open) {
  open = text.starts_with("(");
  const auto parsed = parse_score(open ? text.substr(1) : text);
  if (parsed) score = *parsed;
  return parsed.has_value();
}

Reply by_score(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  const bool reverse = name == "zrevrangebyscore";
  double low = 0;
  double high = 0;
  bool low_open = false;
  bool high_open = false;
  if (!bound(words[reverse ? 3 : 2], low, low_open) || !bound(words[reverse ? 2 : 3], high, high_open))
    return Reply::error("ERR min or max is not a float");
  bool bad = false;
  Item* item = sorted_set(server, client, words[1], bad);
  if (bad) return wrong_type();
  std::vector<Ranked> found = ranked(item);
  std::erase_if(found, [&](const Ranked& one) {
    return one.score < low || one.score > high || (low_open && one.score == low) || (high_open && one.score == high);
  });
  if (name == "zcount") return Reply::integer(static_cast<std::int64_t>(found.size()));
  if (name == "zremrangebyscore") {
    for (const Ranked& one : found) item->scores.erase(one.member);
    server.touched(words[1]);
    server.remove_if_empty(client, words[1]);
    return Reply::integer(static_cast<std::int64_t>(found.size()));
  }
  if (reverse) std::reverse(found.begin(), found.end());
  bool with_scores = false;
  for (std::size_t i = 4; i < words.size(); ++i) {
    if (to_upper(words[i]) == "WITHSCORES") {
      with_scores = true;
    } else if (to_upper(words[i]) == "LIMIT" && i + 2 < words.size()) {
      const std::int64_t skip = parse_int(words[i + 1]).value_or(0);
      const std::int64_t most = parse_int(words[i + 2]).value_or(-1);
      found.erase(found.begin(),
                  found.begin() + std::clamp<std::int64_t>(skip, 0, static_cast<std::int64_t>(found.size())));
      if (most >= 0 && found.size() > static_cast<std::size_t>(most)) found.resize(static_cast<std::size_t>(most));
      i += 2;
    } else {
      return syntax_error();
    }
  }
  return list(found, with_scores);
}

Reply zscore(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = sorted_set(server, client, words[1], bad);
  if (bad) return wrong_type();
  if (item == nullptr || !item->scores.contains(words[2])) return Reply::nil();
  return Reply::bulk(format_score(item->scores.at(words[2])));
}

Reply zrank(Server& server, Client& client, const Words& words) {
  bool bad = false;
  std::vector<Ranked> all = ranked(sorted_set(server, client, words[1], bad));
  if (bad) return wrong_type();
  if (to_lower(words[0]) == "zrevrank") std::reverse(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].member == words[2]) return Reply::integer(static_cast<std::int64_t>(i));
  }
  return Reply::nil();
}

Reply zcard(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = sorted_set(server, client, words[1], bad);
  if (bad) return wrong_type();
  return Reply::integer(item == nullptr ? 0 : static_cast<std::int64_t>(item->scores.size()));
}

Reply zrem(Server& server, Client& client, const Words& words) {
  bool bad = false;
  Item* item = sorted_set(server, client, words[1], bad);
  if (bad) return wrong_type();
  if (item == nullptr) return Reply::integer(0);
  std::int64_t gone = 0;
  for (std::size_t i = 2; i < words.size(); ++i) gone += static_cast<std::int64_t>(item->scores.erase(words[i]));
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return Reply::integer(gone);
}

Reply zpop(Server& server, Client& client, const Words& words) {
  bool bad = false;
  Item* item = sorted_set(server, client, words[1], bad);
  if (bad) return wrong_type();
  std::vector<Ranked> all = ranked(item);
  if (to_lower(words[0]) == "zpopmax") std::reverse(all.begin(), all.end());
  const std::int64_t count = words.size() > 2 ? parse_int(words[2]).value_or(1) : 1;
  if (all.size() > static_cast<std::size_t>(std::max<std::int64_t>(count, 0)))
    all.resize(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
  for (const Ranked& one : all) item->scores.erase(one.member);
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return list(all, true);
}

constexpr Command kCommands[] = {
    {"zadd", -4, "w", zadd},
    {"zincrby", 4, "w", zincrby},
    {"zrange", -4, "", zrange},
    {"zrevrange", -4, "", zrange},
    {"zrangebyscore", -4, "", by_score},
    {"zrevrangebyscore", -4, "", by_score},
    {"zcount", 4, "", by_score},
    {"zremrangebyscore", 4, "w", by_score},
    {"zscore", 3, "", zscore},
    {"zrank", 3, "", zrank},
    {"zrevrank", 3, "", zrank},
    {"zcard", 2, "", zcard},
    {"zrem", -3, "w", zrem},
    {"zpopmin", -2, "w", zpop},
    {"zpopmax", -2, "w", zpop},
};

}  // namespace

std::span<const Command> sorted_set_commands() { return kCommands; }

}  // namespace drydock::redis
