// Commands about connections and the server itself.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/images/redis/server.h"

namespace drydock::redis {
namespace {

Reply ping(Server&, Client& client, const Words& words) {
  if (words.size() > 2) return Reply::error("ERR wrong number of arguments for 'ping' command");
  if (!client.channels.empty() || !client.patterns.empty())
    return Reply::bulks({"pong", words.size() > 1 ? words[1] : ""});
  return words.size() > 1 ? Reply::bulk(words[1]) : Reply::simple("PONG");
}

Reply echo(Server&, Client&, const Words& words) { return Reply::bulk(words[1]); }

Reply auth(Server& server, Client& client, const Words& words) {
  const std::string password = server.config()["requirepass"];
  const std::string given = words.back();
  const std::string user = words.size() > 2 ? words[1] : "default";
  if (words.size() > 3) return syntax_error();
  if (password.empty() && words.size() == 2)
    return Reply::error(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct?");
  if (user != "default" || (!password.empty() && given != password))
    return Reply::error("WRONGPASS invalid username-password pair or user is disabled.");
  client.authenticated = true;
  return Reply::ok();
}

Reply select(Server& server, Client& client, const Words& words) {
  const auto index = parse_int(words[1]);
  if (!index) return Reply::error("ERR value is not an integer or out of range");
  if (*index < 0 || static_cast<std::size_t>(*index) >= server.databases().size())
    return Reply::error("ERR DB index is out of range");
  client.database = static_cast<std::size_t>(*index);
  return Reply::ok();
}

Reply quit(Server&, Client& client, const Words&) {
  client.closing = true;
  return Reply::ok();
}

Reply hello(Server& server, Client& client, const Words& words) {
  if (words.size() > 1 && words[1] != "2") return Reply::error("NOPROTO unsupported protocol version");
  return Reply::array({Reply::bulk("server"), Reply::bulk("redis"), Reply::bulk("version"),
                       Reply::bulk(server.version()), Reply::bulk("proto"), Reply::integer(2), Reply::bulk("id"),
                       Reply::integer(client.id), Reply::bulk("mode"), Reply::bulk("standalone"), Reply::bulk("role"),
                       Reply::bulk(server.is_replica() ? "replica" : "master"), Reply::bulk("modules"),
                       Reply::array()});
}

Reply client_command(Server& server, Client& client, const Words& words) {
  const std::string sub = to_upper(words[1]);
  if (sub == "SETNAME" && words.size() == 3) {
    client.name = words[2];
    return Reply::ok();
  }
  if (sub == "GETNAME") return client.name.empty() ? Reply::nil() : Reply::bulk(client.name);
  if (sub == "ID") return Reply::integer(client.id);
  if (sub == "SETINFO") return Reply::ok();
  if (sub == "LIST") {
    std::string text;
    for (const auto& [id, other] : server.clients()) {
      const SocketEnds& ends = other->stream->ends();
      text += "id=" + std::to_string(id) + " addr=" + ends.peer.text() + ":" + std::to_string(ends.peer_port) +
              " laddr=" + ends.local.text() + ":" + std::to_string(ends.local_port) + " name=" + other->name +
              " db=" + std::to_string(other->database) + (other->replica ? " flags=S" : " flags=N") + "\n";
    }
    return Reply::bulk(text);
  }
  return Reply::error("ERR unknown subcommand '" + words[1] + "'. Try CLIENT HELP.");
}

Reply info(Server& server, Client&, const Words& words) {
  return Reply::bulk(server.info(words.size() > 1 ? to_lower(words[1]) : "default"));
}

Reply config(Server& server, Client&, const Words& words) {
  const std::string sub = to_upper(words[1]);
  if (sub == "GET" && words.size() >= 3) {
    std::vector<std::string> found;
    for (const auto& [name, value] : server.config()) {
      bool wanted = false;
      for (std::size_t i = 2; i < words.size(); ++i) wanted = wanted || glob_match(to_lower(words[i]), name);
      if (!wanted) continue;
      found.push_back(name);
      found.push_back(value);
    }
    return Reply::bulks(found);
  }
  if (sub == "SET" && words.size() == 4) {
    const std::string name = to_lower(words[2]);
    if (!server.config().contains(name))
      return Reply::error("ERR Unknown option or number of arguments for CONFIG SET - '" + words[2] + "'");
    server.config()[name] = words[3];
    return Reply::ok();
  }
  if (sub == "RESETSTAT" || sub == "REWRITE") return Reply::ok();
  return Reply::error("ERR unknown subcommand or wrong number of arguments for '" + words[1] + "'. Try CONFIG HELP.");
}

Reply save(Server& server, Client&, const Words& words) {
  auto saved = server.save();
  if (!saved) return Reply::error("ERR");
  return to_lower(words[0]) == "bgsave" ? Reply::simple("Background saving started") : Reply::ok();
}

Reply rewrite(Server& server, Client&, const Words&) {
  auto done = server.rewrite_append_file();
  return done ? Reply::simple("Background append only file rewriting started") : Reply::error("ERR");
}

Reply last_save(Server& server, Client&, const Words&) {
  return Reply::integer(std::chrono::duration_cast<seconds>(server.last_save().time_since_epoch()).count());
}

Reply replica_of(Server& server, Client&, const Words& words) {
  if (to_upper(words[1]) == "NO" && to_upper(words[2]) == "ONE") {
    server.set_master("", 0);
    return Reply::ok();
  }
  const auto port = parse_int(words[2]);
  if (!port || *port < 1 || *port > 65535) return Reply::error("ERR Invalid master port");
  server.set_master(words[1], static_cast<std::uint16_t>(*port));
  return Reply::ok();
}

Reply role(Server& server, Client&, const Words&) { return server.role(); }

Reply replconf(Server&, Client&, const Words& words) {
  return words.size() > 1 && to_upper(words[1]) == "ACK" ? Reply::none() : Reply::ok();
}

Reply shutdown(Server& server, Client&, const Words& words) {
  server.request_shutdown(words.size() < 2 || to_upper(words[1]) != "NOSAVE");
  return Reply::none();
}

Reply time_of(Server& server, Client&, const Words&) {
  const auto micro = std::chrono::duration_cast<microseconds>(server.now().time_since_epoch()).count();
  return Reply::bulks({std::to_string(micro / 1000000), std::to_string(micro % 1000000)});
}

Reply command_table(Server&, Client&, const Words& words) {
  std::int64_t count = 0;
  for (const auto family : {key_commands(), collection_commands(), sorted_set_commands(), server_commands()})
    count += static_cast<std::int64_t>(family.size());
  if (words.size() > 1 && to_upper(words[1]) == "COUNT") return Reply::integer(count);
  return Reply::array();
}

Reply memory(Server& server, Client& client, const Words& words) {
  if (to_upper(words[1]) != "USAGE" || words.size() < 3) return syntax_error();
  const Item* item = server.find(client, words[2]);
  if (item == nullptr) return Reply::nil();
  return Reply::integer(static_cast<std::int64_t>(48 + words[2].size() + Server::dump_key(words[2], *item).size()));
}

Reply multi(Server&, Client& client, const Words&) {
  if (client.queueing) return Reply::error("ERR MULTI calls can not be nested");
  client.queueing = true;
  client.dirty_transaction = false;
  client.queue.clear();
  return Reply::ok();
}

Reply discard(Server&, Client& client, const Words&) {
  if (!client.queueing) return Reply::error("ERR DISCARD without MULTI");
  client.queueing = false;
  client.queue.clear();
  client.watched.clear();
  return Reply::ok();
}

Reply unwatch(Server&, Client& client, const Words&) {
  client.watched.clear();
  client.watched_changed = false;
  return Reply::ok();
}

Reply watch(Server&, Client& client, const Words& words) {
  for (std::size_t i = 1; i < words.size(); ++i) client.watched[words[i]] = 1;
  return Reply::ok();
}

Reply publish(Server& server, Client&, const Words& words) {
  return Reply::integer(server.publish(words[1], words[2]));
}

Reply subscribe(Server&, Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  const bool pattern = name.starts_with("p");
  std::set<std::string>& mine = pattern ? client.patterns : client.channels;
  const bool leave = contains(name, "unsubscribe");
  Words names(words.begin() + 1, words.end());
  if (leave && names.empty()) names.assign(mine.begin(), mine.end());
  std::string all;
  for (const std::string& channel : names) {
    if (leave)
      mine.erase(channel);
    else
      mine.insert(channel);
    all += Reply::array({Reply::bulk(name), Reply::bulk(channel),
                         Reply::integer(static_cast<std::int64_t>(client.channels.size() + client.patterns.size()))})
               .encode();
  }
  if (names.empty()) all = Reply::array({Reply::bulk(name), Reply::nil(), Reply::integer(0)}).encode();
  (void)client.stream->write(all);
  return Reply::none();
}

Reply debug(Server&, Client&, const Words&) {
  return Reply::error(
      "ERR DEBUG command not allowed. If the "
      "enable-debug-command option is set to \"local\", "
      "you can run it from a local connection, otherwise "
      "you need to set this option in the configuration "
      "file, and then restart the server.");
}

constexpr Command kCommands[] = {
    {"ping", -1, "s", ping},
    {"echo", 2, "", echo},
    {"auth", -2, "a", auth},
    {"hello", -1, "a", hello},
    {"select", 2, "", select},
    {"quit", -1, "as", quit},
    {"reset", 1, "as", quit},
    {"client", -2, "", client_command},
    {"info", -1, "", info},
    {"config", -2, "", config},
    {"save", 1, "", save},
    {"bgsave", -1, "", save},
    {"bgrewriteaof", 1, "", rewrite},
    {"lastsave", 1, "", last_save},
    {"replicaof", 3, "", replica_of},
    {"slaveof", 3, "", replica_of},
    {"role", 1, "", role},
    {"replconf", -1, "", replconf},
    {"shutdown", -1, "", shutdown},
    {"time", 1, "", time_of},
    {"command", -1, "", command_table},
    {"memory", -2, "", memory},
    {"multi", 1, "", multi},
    {"discard", 1, "", discard},
    {"watch", -2, "", watch},
    {"unwatch", 1, "", unwatch},
    {"publish", 3, "", publish},
    {"subscribe", -2, "s", subscribe},
    {"unsubscribe", -1, "s", subscribe},
    {"psubscribe", -2, "s", subscribe},
    {"punsubscribe", -1, "s", subscribe},
    {"debug", -2, "", debug},
};

}  // namespace

std::span<const Command> server_commands() { return kCommands; }

const Command* find_command(std::string_view name) {
  const std::string lower = to_lower(name);
  for (const auto family : {key_commands(), collection_commands(), sorted_set_commands(), server_commands()}) {
    for (const Command& command : family) {
      if (command.name == lower) return &command;
    }
  }
  return nullptr;
}

}  // namespace drydock::redis
