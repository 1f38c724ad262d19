// Commands on lists, hashes and sets.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/images/redis/server.h"

namespace drydock::redis {
namespace {

std::int64_t count_of(std::size_t size) { return static_cast<std::int64_t>(size); }

// Absent: `none` is set and the result is null; wrong type: `bad`.
const Item* look(Server& server, Client& client, const std::string& key, Item::Type type, bool& bad) {
  const Item* item = server.find(client, key);
  bad = item != nullptr && item->type != type;
  return bad ? nullptr : item;
}

// --- lists ---

Reply push(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  if (name.ends_with("x") && server.find(client, words[1]) == nullptr) return Reply::integer(0);
  Item* item = server.make(client, words[1], Item::Type::kList);
  if (item == nullptr) return wrong_type();
  for (std::size_t i = 2; i < words.size(); ++i) {
    if (name[0] == 'l')
      item->list.push_front(words[i]);
    else
      item->list.push_back(words[i]);
  }
  server.touched(words[1]);
  return Reply::integer(count_of(item->list.size()));
}

std::string take(Server& server, Client& client, const std::string& key, Item& item, bool left) {
  std::string text = left ? item.list.front() : item.list.back();
  if (left)
    item.list.pop_front();
  else
    item.list.pop_back();
  server.touched(key);
  server.remove_if_empty(client, key);
  return text;
}

Reply pop(Server& server, Client& client, const Words& words) {
  const bool left = to_lower(words[0]) == "lpop";
  Item* item = server.find(client, words[1]);
  std::optional<std::int64_t> count;
  if (words.size() > 2) {
    count = parse_int(words[2]);
    if (!count || *count < 0) return Reply::error("ERR value is out of range, must be positive");
  }
  if (item == nullptr) return count ? Reply::nil_array() : Reply::nil();
  if (item->type != Item::Type::kList) return wrong_type();
  if (!count) return Reply::bulk(take(server, client, words[1], *item, left));
  std::vector<std::string> taken;
  for (std::int64_t i = 0, most = std::min(*count, count_of(item->list.size())); i < most; ++i)
    taken.push_back(take(server, client, words[1], *item, left));
  return Reply::bulks(taken);
}

Reply llen(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kList, bad);
  return bad ? wrong_type() : Reply::integer(item == nullptr ? 0 : count_of(item->list.size()));
}

Reply lrange(Server& server, Client& client, const Words& words) {
  auto from = parse_int(words[2]);
  auto to = parse_int(words[3]);
  if (!from || !to) return not_an_integer();
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kList, bad);
  if (bad) return wrong_type();
  if (item == nullptr) return Reply::array();
  const std::int64_t size = count_of(item->list.size());
  if (*from < 0) from = std::max<std::int64_t>(size + *from, 0);
  if (*to < 0) to = size + *to;
  std::vector<std::string> found;
  for (std::int64_t i = *from; i <= std::min(*to, size - 1); ++i)
    found.push_back(item->list[static_cast<std::size_t>(i)]);
  return Reply::bulks(found);
}

Reply lindex(Server& server, Client& client, const Words& words) {
  auto index = parse_int(words[2]);
  if (!index) return not_an_integer();
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kList, bad);
  if (bad) return wrong_type();
  if (item == nullptr) return Reply::nil();
  if (*index < 0) index = count_of(item->list.size()) + *index;
  if (*index < 0 || *index >= count_of(item->list.size())) return Reply::nil();
  return Reply::bulk(item->list[static_cast<std::size_t>(*index)]);
}

Reply lset(Server& server, Client& client, const Words& words) {
  auto index = parse_int(words[2]);
  if (!index) return not_an_integer();
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::error("ERR no such key");
  if (item->type != Item::Type::kList) return wrong_type();
  if (*index < 0) index = count_of(item->list.size()) + *index;
  if (*index < 0 || *index >= count_of(item->list.size())) return Reply::error("ERR index out of range");
  item->list[static_cast<std::size_t>(*index)] = words[3];
  server.touched(words[1]);
  return Reply::ok();
}

Reply lrem(Server& server, Client& client, const Words& words) {
  const auto count = parse_int(words[2]);
  if (!count) return not_an_integer();
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(0);
  if (item->type != Item::Type::kList) return wrong_type();
  std::int64_t left = *count == 0 ? count_of(item->list.size()) : std::abs(*count);
  std::int64_t gone = 0;
  auto keep_out = [&](std::deque<std::string>& list) {
    for (auto at = list.begin(); at != list.end() && left > 0;) {
      if (*at == words[3]) {
        at = list.erase(at);
        --left;
        ++gone;
      } else {
        ++at;
      }
    }
  };
  if (*count < 0) std::reverse(item->list.begin(), item->list.end());
  keep_out(item->list);
  if (*count < 0) std::reverse(item->list.begin(), item->list.end());
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return Reply::integer(gone);
}

Reply ltrim(Server& server, Client& client, const Words& words) {
  auto from = parse_int(words[2]);
  auto to = parse_int(words[3]);
  if (!from || !to) return not_an_integer();
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::ok();
  if (item->type != Item::Type::kList) return wrong_type();
  const std::int64_t size = count_of(item->list.size());
  if (*from < 0) from = std::max<std::int64_t>(size + *from, 0);
  if (*to < 0) to = size + *to;
  std::deque<std::string> kept;
  for (std::int64_t i = *from; i <= std::min(*to, size - 1); ++i)
    kept.push_back(item->list[static_cast<std::size_t>(i)]);
  item->list = std::move(kept);
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return Reply::ok();
}

// RPOPLPUSH, LMOVE
Reply move(Server& server, Client& client, const Words& words) {
  const bool old_form = to_lower(words[0]) == "rpoplpush";
  const bool from_left = !old_form && to_upper(words[3]) == "LEFT";
  const bool to_left = old_form || to_upper(words[4]) == "LEFT";
  Item* source = server.find(client, words[1]);
  if (source == nullptr) return Reply::nil();
  if (source->type != Item::Type::kList) return wrong_type();
  const Item* target = server.find(client, words[2]);
  if (target != nullptr && target->type != Item::Type::kList) return wrong_type();
  std::string text = take(server, client, words[1], *source, from_left);
  Item* into = server.make(client, words[2], Item::Type::kList);
  if (to_left)
    into->list.push_front(text);
  else
    into->list.push_back(text);
  server.touched(words[2]);
  return Reply::bulk(std::move(text));
}

// --- hashes ---

Reply hset(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  if (words.size() % 2 != 0) return Reply::error("ERR wrong number of arguments for '" + name + "' command");
  Item* item = server.make(client, words[1], Item::Type::kHash);
  if (item == nullptr) return wrong_type();
  std::int64_t fresh = 0;
  for (std::size_t i = 2; i + 1 < words.size(); i += 2)
    fresh += item->hash.insert_or_assign(words[i], words[i + 1]).second ? 1 : 0;
  server.touched(words[1]);
  return name == "hmset" ? Reply::ok() : Reply::integer(fresh);
}

Reply hsetnx(Server& server, Client& client, const Words& words) {
  Item* item = server.make(client, words[1], Item::Type::kHash);
  if (item == nullptr) return wrong_type();
  const bool fresh = item->hash.emplace(words[2], words[3]).second;
  server.touched(words[1]);
  return Reply::integer(fresh ? 1 : 0);
}

Reply hget(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kHash, bad);
  if (bad) return wrong_type();
  const auto field = item == nullptr ? std::map<std::string, std::string>::const_iterator{} : item->hash.find(words[2]);
  return item == nullptr || field == item->hash.end() ? Reply::nil() : Reply::bulk(field->second);
}

Reply hmget(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kHash, bad);
  if (bad) return wrong_type();
  std::vector<Reply> found;
  for (std::size_t i = 2; i < words.size(); ++i) {
    const bool there = item != nullptr && item->hash.contains(words[i]);
    found.push_back(there ? Reply::bulk(item->hash.at(words[i])) : Reply::nil());
  }
  return Reply::array(std::move(found));
}

Reply hlist(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kHash, bad);
  if (bad) return wrong_type();
  if (name == "hlen") return Reply::integer(item == nullptr ? 0 : count_of(item->hash.size()));
  std::vector<std::string> found;
  if (item != nullptr) {
    for (const auto& [field, value] : item->hash) {
      if (name != "hvals") found.push_back(field);
      if (name != "hkeys") found.push_back(value);
    }
  }
  return Reply::bulks(found);
}

Reply hdel(Server& server, Client& client, const Words& words) {
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(0);
  if (item->type != Item::Type::kHash) return wrong_type();
  std::int64_t gone = 0;
  for (std::size_t i = 2; i < words.size(); ++i) gone += static_cast<std::int64_t>(item->hash.erase(words[i]));
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return Reply::integer(gone);
}

Reply hexists(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kHash, bad);
  if (bad) return wrong_type();
  return Reply::integer(item != nullptr && item->hash.contains(words[2]) ? 1 : 0);
}

Reply hincrby(Server& server, Client& client, const Words& words) {
  const auto by = parse_int(words[3]);
  if (!by) return not_an_integer();
  Item* item = server.make(client, words[1], Item::Type::kHash);
  if (item == nullptr) return wrong_type();
  std::string& text = item->hash[words[2]];
  const auto number = text.empty() ? std::optional<std::int64_t>(0) : parse_int(text);
  if (!number) return Reply::error("ERR hash value is not an integer");
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*number, *by, &sum)) return Reply::error("ERR increment or decrement would overflow");
  text = std::to_string(sum);
  server.touched(words[1]);
  return Reply::integer(sum);
}

// --- sets ---

Reply sadd(Server& server, Client& client, const Words& words) {
  Item* item = server.make(client, words[1], Item::Type::kSet);
  if (item == nullptr) return wrong_type();
  std::int64_t fresh = 0;
  for (std::size_t i = 2; i < words.size(); ++i) fresh += item->set.insert(words[i]).second ? 1 : 0;
  server.touched(words[1]);
  return Reply::integer(fresh);
}

Reply srem(Server& server, Client& client, const Words& words) {
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(0);
  if (item->type != Item::Type::kSet) return wrong_type();
  std::int64_t gone = 0;
  for (std::size_t i = 2; i < words.size(); ++i) gone += static_cast<std::int64_t>(item->set.erase(words[i]));
  server.touched(words[1]);
  server.remove_if_empty(client, words[1]);
  return Reply::integer(gone);
}

Reply smembers(Server& server, Client& client, const Words& words) {
  bool bad = false;
  const Item* item = look(server, client, words[1], Item::Type::kSet, bad);
  if (bad) return wrong_type();
  const std::string name = to_lower(words[0]);
  if (name == "scard") return Reply::integer(item == nullptr ? 0 : count_of(item->set.size()));
  if (name == "sismember") return Reply::integer(item != nullptr && item->set.contains(words[2]) ? 1 : 0);
  return Reply::bulks(item == nullptr ? Words() : Words(item->set.begin(), item->set.end()));
}

Reply spop(Server& server, Client& client, const Words& words) {
  const bool remove = to_lower(words[0]) == "spop";
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::nil();
  if (item->type != Item::Type::kSet) return wrong_type();
  auto at = item->set.begin();
  std::advance(at, static_cast<std::int64_t>(server.process().prng().below(item->set.size())));
  const std::string member = *at;
  if (remove) {
    item->set.erase(at);
    server.touched(words[1]);
    server.remove_if_empty(client, words[1]);
  }
  return Reply::bulk(member);
}

Reply combine(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  std::set<std::string> result;
  for (std::size_t i = 1; i < words.size(); ++i) {
    bool bad = false;
    const Item* item = look(server, client, words[i], Item::Type::kSet, bad);
    if (bad) return wrong_type();
    const std::set<std::string> other = item == nullptr ? std::set<std::string>() : item->set;
    if (i == 1) {
      result = other;
    } else if (name == "sunion") {
      result.insert(other.begin(), other.end());
    } else {
      std::erase_if(result, [&](const std::string& member) { return other.contains(member) == (name == "sdiff"); });
    }
  }
  return Reply::bulks(Words(result.begin(), result.end()));
}

constexpr Command kCommands[] = {
    {"lpush", -3, "w", push},       {"rpush", -3, "w", push},      {"lpushx", -3, "w", push},
    {"rpushx", -3, "w", push},      {"lpop", -2, "w", pop},        {"rpop", -2, "w", pop},
    {"llen", 2, "", llen},          {"lrange", 4, "", lrange},     {"lindex", 3, "", lindex},
    {"lset", 4, "w", lset},         {"lrem", 4, "w", lrem},        {"ltrim", 4, "w", ltrim},
    {"rpoplpush", 3, "w", move},    {"lmove", 5, "w", move},       {"hset", -4, "w", hset},
    {"hmset", -4, "w", hset},       {"hsetnx", 4, "w", hsetnx},    {"hget", 3, "", hget},
    {"hmget", -3, "", hmget},       {"hgetall", 2, "", hlist},     {"hkeys", 2, "", hlist},
    {"hvals", 2, "", hlist},        {"hlen", 2, "", hlist},        {"hdel", -3, "w", hdel},
    {"hexists", 3, "", hexists},    {"hincrby", 4, "w", hincrby},  {"sadd", -3, "w", sadd},
    {"srem", -3, "w", srem},        {"smembers", 2, "", smembers}, {"scard", 2, "", smembers},
    {"sismember", 3, "", smembers}, {"spop", 2, "w", spop},        {"srandmember", 2, "", spop},
    {"sunion", -2, "", combine},    {"sinter", -2, "", combine},   {"sdiff", -2, "", combine},
};

}  // namespace

std::span<const Command> collection_commands() { return kCommands; }

}  // namespace drydock::redis
