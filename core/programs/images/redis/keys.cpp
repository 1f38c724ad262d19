// Commands on keys and strings.
#include <algorithm>
#include <limits>

#include "core/base/strings.h"
#include "core/programs/images/redis/server.h"

namespace drydock::redis {
namespace {

std::string upper(const std::string& word) { return to_upper(word); }

Reply get(Server& server, Client& client, const Words& words) {
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::nil();
  return item->type == Item::Type::kString ? Reply::bulk(item->text) : wrong_type();
}

void put(Server& server, Client& client, const std::string& key, std::string text) {
  Item item;
  item.text = std::move(text);
  server.keys(client)[key] = std::move(item);
  server.touched(key);
}

Reply set(Server& server, Client& client, const Words& words) {
  bool only_new = false;
  bool only_old = false;
  bool keep = false;
  bool old_value = false;
  std::optional<TimePoint> expires;
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string option = upper(words[i]);
    if (option == "NX") {
      only_new = true;
    } else if (option == "XX") {
      only_old = true;
    } else if (option == "KEEPTTL") {
      keep = true;
    } else if (option == "GET") {
      old_value = true;
    } else if ((option == "EX" || option == "PX" || option == "EXAT" || option == "PXAT") && i + 1 < words.size()) {
      const auto number = parse_int(words[++i]);
      if (!number) return not_an_integer();
      if (*number <= 0) return Reply::error("ERR invalid expire time in 'set' command");
      const Duration span = option.starts_with("P") ? Duration(milliseconds(*number)) : Duration(seconds(*number));
      expires = option.ends_with("AT") ? TimePoint(span) : server.now() + span;
    } else {
      return syntax_error();
    }
  }
  if (only_new && only_old) return syntax_error();
  Item* before = server.find(client, words[1]);
  if (old_value && before != nullptr && before->type != Item::Type::kString) return wrong_type();
  const Reply old = before != nullptr ? Reply::bulk(before->text) : Reply::nil();
  if ((only_new && before != nullptr) || (only_old && before == nullptr)) return old_value ? old : Reply::nil();
  if (keep && before != nullptr) expires = before->expires;
  put(server, client, words[1], words[2]);
  server.keys(client)[words[1]].expires = expires;
  return old_value ? old : Reply::ok();
}

Reply setnx(Server& server, Client& client, const Words& words) {
  if (server.find(client, words[1]) != nullptr) return Reply::integer(0);
  put(server, client, words[1], words[2]);
  return Reply::integer(1);
}

Reply setex(Server& server, Client& client, const Words& words) {
  const auto number = parse_int(words[2]);
  if (!number) return not_an_integer();
  const bool fine = to_lower(words[0]) == "psetex";
  if (*number <= 0) return Reply::error("ERR invalid expire time in '" + to_lower(words[0]) + "' command");
  put(server, client, words[1], words[3]);
  server.keys(client)[words[1]].expires =
      server.now() + (fine ? Duration(milliseconds(*number)) : Duration(seconds(*number)));
  return Reply::ok();
}

Reply getset(Server& server, Client& client, const Words& words) {
  const Reply old = get(server, client, words);
  if (!old.is_error()) put(server, client, words[1], words[2]);
  return old;
}

Reply getdel(Server& server, Client& client, const Words& words) {
  const Reply old = get(server, client, words);
  if (!old.is_error()) server.remove(client, words[1]);
  return old;
}

Reply mget(Server& server, Client& client, const Words& words) {
  std::vector<Reply> items;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const Item* item = server.find(client, words[i]);
    items.push_back(item != nullptr && item->type == Item::Type::kString ? Reply::bulk(item->text) : Reply::nil());
  }
  return Reply::array(std::move(items));
}

Reply mset(Server& server, Client& client, const Words& words) {
  if (words.size() % 2 == 0) return Reply::error("ERR wrong number of arguments for 'mset' command");
  for (std::size_t i = 1; i + 1 < words.size(); i += 2) put(server, client, words[i], words[i + 1]);
  return Reply::ok();
}

Reply add_number(Server& server, Client& client, const std::string& key, std::int64_t by) {
  Item* item = server.make(client, key, Item::Type::kString);
  if (item == nullptr) return wrong_type();
  const auto number = item->text.empty() ? std::optional<std::int64_t>(0) : parse_int(item->text);
  if (!number) return not_an_integer();
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*number, by, &sum)) return Reply::error("ERR increment or decrement would overflow");
  item->text = std::to_string(sum);
  server.touched(key);
  return Reply::integer(sum);
}

Reply incr(Server& server, Client& client, const Words& words) {
  return add_number(server, client, words[1], to_lower(words[0]) == "incr" ? 1 : -1);
}

Reply incrby(Server& server, Client& client, const Words& words) {
  const auto by = parse_int(words[2]);
  if (!by || *by == std::numeric_limits<std::int64_t>::min()) return not_an_integer();
  return add_number(server, client, words[1], to_lower(words[0]) == "incrby" ? *by : -*by);
}

Reply incrbyfloat(Server& server, Client& client, const Words& words) {
  const auto by = parse_double(words[2]);
  Item* item = server.make(client, words[1], Item::Type::kString);
  if (item == nullptr) return wrong_type();
  const auto number = item->text.empty() ? std::optional<double>(0) : parse_double(item->text);
  if (!by || !number) return Reply::error("ERR value is not a valid float");
  item->text = format_score(*number + *by);
  server.touched(words[1]);
  return Reply::bulk(item->text);
}

Reply append(Server& server, Client& client, const Words& words) {
  Item* item = server.make(client, words[1], Item::Type::kString);
  if (item == nullptr) return wrong_type();
  item->text += words[2];
  server.touched(words[1]);
  return Reply::integer(static_cast<std::int64_t>(item->text.size()));
}

Reply strlen_of(Server& server, Client& client, const Words& words) {
  const Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(0);
  if (item->type != Item::Type::kString) return wrong_type();
  return Reply::integer(static_cast<std::int64_t>(item->text.size()));
}

Reply getrange(Server& server, Client& client, const Words& words) {
  const Item* item = server.find(client, words[1]);
  auto from = parse_int(words[2]);
  auto to = parse_int(words[3]);
  if (!from || !to) return not_an_integer();
  if (item == nullptr) return Reply::bulk("");
  if (item->type != Item::Type::kString) return wrong_type();
  const auto size = static_cast<std::int64_t>(item->text.size());
  if (*from < 0) from = std::max<std::int64_t>(size + *from, 0);
  if (*to < 0) to = size + *to;
  to = std::min(*to, size - 1);
  if (*from > *to) return Reply::bulk("");
  return Reply::bulk(item->text.substr(static_cast<std::size_t>(*from), static_cast<std::size_t>(*to - *from + 1)));
}

Reply del(Server& server, Client& client, const Words& words) {
  std::int64_t gone = 0;
  for (std::size_t i = 1; i < words.size(); ++i) gone += server.remove(client, words[i]) ? 1 : 0;
  return Reply::integer(gone);
}

Reply exists(Server& server, Client& client, const Words& words) {
  std::int64_t found = 0;
  for (std::size_t i = 1; i < words.size(); ++i) found += server.find(client, words[i]) != nullptr ? 1 : 0;
  return Reply::integer(found);
}

Reply type(Server& server, Client& client, const Words& words) {
  const Item* item = server.find(client, words[1]);
  return Reply::simple(item == nullptr ? "none" : std::string(type_name(item->type)));
}

std::vector<std::string> living_keys(Server& server, Client& client) {
  std::vector<std::string> names;
  for (const auto& [key, item] : server.keys(client)) {
    if (!item.expires || *item.expires > server.now()) names.push_back(key);
  }
  return names;
}

Reply keys(Server& server, Client& client, const Words& words) {
  std::vector<std::string> found;
  for (std::string& key : living_keys(server, client)) {
    if (glob_match(words[1], key)) found.push_back(std::move(key));
  }
  return Reply::bulks(found);
}

Reply scan(Server& server, Client& client, const Words& words) {
  if (!parse_int(words[1])) return Reply::error("ERR invalid cursor");
  std::string pattern = "*";
  for (std::size_t i = 2; i + 1 < words.size(); i += 2) {
    if (upper(words[i]) == "MATCH")
      pattern = words[i + 1];
    else if (upper(words[i]) != "COUNT" && upper(words[i]) != "TYPE")
      return syntax_error();
  }
  // All in one step: cursor 0 says that there is nothing more.
  std::vector<std::string> found;
  for (std::string& key : living_keys(server, client)) {
    if (glob_match(pattern, key)) found.push_back(std::move(key));
  }
  return Reply::array({Reply::bulk("0"), Reply::bulks(found)});
}

Reply rename(Server& server, Client& client, const Words& words) {
  const bool only_new = to_lower(words[0]) == "renamenx";
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::error("ERR no such key");
  if (only_new && server.find(client, words[2]) != nullptr) return Reply::integer(0);
  Item moved = *item;
  server.remove(client, words[1]);
  server.keys(client)[words[2]] = std::move(moved);
  server.touched(words[2]);
  return only_new ? Reply::integer(1) : Reply::ok();
}

Reply expire(Server& server, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  const auto number = parse_int(words[2]);
  if (!number) return not_an_integer();
  Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(0);
  const Duration span = name.starts_with("p") ? Duration(milliseconds(*number)) : Duration(seconds(*number));
  const TimePoint when = name.ends_with("at") ? TimePoint(span) : server.now() + span;
  if (when <= server.now())
    server.remove(client, words[1]);
  else
    item->expires = when;
  server.touched(words[1]);
  return Reply::integer(1);
}

Reply ttl(Server& server, Client& client, const Words& words) {
  const Item* item = server.find(client, words[1]);
  if (item == nullptr) return Reply::integer(-2);
  if (!item->expires) return Reply::integer(-1);
  const Duration left = *item->expires - server.now();
  const auto fine = std::chrono::duration_cast<milliseconds>(left).count();
  return Reply::integer(to_lower(words[0]) == "pttl" ? fine : (fine + 500) / 1000);
}

Reply persist(Server& server, Client& client, const Words& words) {
  Item* item = server.find(client, words[1]);
  if (item == nullptr || !item->expires) return Reply::integer(0);
  item->expires.reset();
  return Reply::integer(1);
}

Reply random_key(Server& server, Client& client, const Words&) {
  const std::vector<std::string> names = living_keys(server, client);
  if (names.empty()) return Reply::nil();
  return Reply::bulk(names[server.process().prng().below(names.size())]);
}

Reply dbsize(Server& server, Client& client, const Words&) {
  return Reply::integer(static_cast<std::int64_t>(living_keys(server, client).size()));
}

Reply flush(Server& server, Client& client, const Words& words) {
  const bool all = to_lower(words[0]) == "flushall";
  for (std::size_t i = 0; i < server.databases().size(); ++i) {
    if (!all && i != client.database) continue;
    for (const auto& [key, item] : server.databases()[i]) server.touched(key);
    server.databases()[i].clear();
  }
  return Reply::ok();
}

Reply object(Server& server, Client& client, const Words& words) {
  if (words.size() != 3 || upper(words[1]) != "ENCODING") return syntax_error();
  const Item* item = server.find(client, words[2]);
  if (item == nullptr) return Reply::nil();
  switch (item->type) {
    case Item::Type::kString:
      return Reply::bulk(parse_int(item->text) ? "int" : item->text.size() <= 44 ? "embstr" : "raw");
    case Item::Type::kList:
      return Reply::bulk(item->list.size() <= 128 ? "listpack" : "quicklist");
    case Item::Type::kHash:
      return Reply::bulk(item->hash.size() <= 128 ? "listpack" : "hashtable");
    case Item::Type::kSet:
      return Reply::bulk(item->set.size() <= 128 ? "listpack" : "hashtable");
    default:
      return Reply::bulk(item->scores.size() <= 128 ? "listpack" : "skiplist");
  }
}

constexpr Command kCommands[] = {
    {"get", 2, "", get},           {"set", -3, "w", set},
    {"setnx", 3, "w", setnx},      {"setex", 4, "w", setex},
    {"psetex", 4, "w", setex},     {"getset", 3, "w", getset},
    {"getdel", 2, "w", getdel},    {"mget", -2, "", mget},
    {"mset", -3, "w", mset},       {"incr", 2, "w", incr},
    {"decr", 2, "w", incr},        {"incrby", 3, "w", incrby},
    {"decrby", 3, "w", incrby},    {"incrbyfloat", 3, "w", incrbyfloat},
    {"append", 3, "w", append},    {"strlen", 2, "", strlen_of},
    {"getrange", 4, "", getrange}, {"substr", 4, "", getrange},
    {"del", -2, "w", del},         {"unlink", -2, "w", del},
    {"exists", -2, "", exists},    {"type", 2, "", type},
    {"keys", 2, "", keys},         {"scan", -2, "", scan},
    {"rename", 3, "w", rename},    {"renamenx", 3, "w", rename},
    {"expire", -3, "w", expire},   {"pexpire", -3, "w", expire},
    {"expireat", -3, "w", expire}, {"pexpireat", -3, "w", expire},
    {"ttl", 2, "", ttl},           {"pttl", 2, "", ttl},
    {"persist", 2, "w", persist},  {"randomkey", 1, "", random_key},
    {"dbsize", 1, "", dbsize},     {"flushdb", -1, "w", flush},
    {"flushall", -1, "w", flush},  {"object", -2, "", object},
};

}  // namespace

std::span<const Command> key_commands() { return kCommands; }

}  // namespace drydock::redis
