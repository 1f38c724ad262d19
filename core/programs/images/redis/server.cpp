#include "core/programs/images/redis/server.h"

#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/serving.h"

namespace drydock::redis {
namespace {

constexpr std::int64_t kBaseMemory = 1'100'000;
constexpr Duration kCommandWork = microseconds(8);

bool blocks(std::string_view name) {
  return name == "blpop" || name == "brpop" || name == "brpoplpush" || name == "blmove";
}

// Writes are sent on with absolute expiry times, as a replica's clock may differ.
Words for_replicas(const Words& words, TimePoint now) {
  const std::string name = to_lower(words[0]);
  const auto epoch = [&](Duration span) {
    return std::to_string(std::chrono::duration_cast<milliseconds>((now + span).time_since_epoch()).count());
  };
  if (name == "expire" || name == "pexpire") {
    const std::int64_t number = parse_int(words[2]).value_or(0);
    return {"PEXPIREAT", words[1],
            epoch(name == "expire" ? Duration(seconds(number)) : Duration(milliseconds(number)))};
  }
  if (name == "setex" || name == "psetex") {
    const std::int64_t number = parse_int(words[2]).value_or(0);
    return {"SET", words[1], words[3], "PXAT",
            epoch(name == "setex" ? Duration(seconds(number)) : Duration(milliseconds(number)))};
  }
  Words out = words;
  if (name == "set") {
    for (std::size_t i = 3; i + 1 < out.size(); ++i) {
      const std::string option = to_upper(out[i]);
      if (option != "EX" && option != "PX") continue;
      const std::int64_t number = parse_int(out[i + 1]).value_or(0);
      out[i] = "PXAT";
      out[i + 1] = epoch(option == "EX" ? Duration(seconds(number)) : Duration(milliseconds(number)));
    }
  }
  return out;
}

}  // namespace

bool Item::empty_collection() const {
  return type != Type::kString && list.empty() && hash.empty() && set.empty() && scores.empty();
}

std::string_view type_name(Item::Type type) {
  switch (type) {
    case Item::Type::kString:
      return "string";
    case Item::Type::kList:
      return "list";
    case Item::Type::kHash:
      return "hash";
    case Item::Type::kSet:
      return "set";
    default:
      return "zset";
  }
}

Reply wrong_type() { return Reply::error("WRONGTYPE Operation against a key holding the wrong kind of value"); }
Reply not_an_integer() { return Reply::error("ERR value is not an integer or out of range"); }
Reply syntax_error() { return Reply::error("ERR syntax error"); }

std::string format_score(double score) {
  if (std::isinf(score)) return score > 0 ? "inf" : "-inf";
  if (score == std::floor(score) && std::fabs(score) < 1e15) return std::to_string(static_cast<std::int64_t>(score));
  return format_double(score);
}

bool glob_match(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    for (std::size_t skip = 0; skip <= text.size(); ++skip) {
      if (glob_match(pattern.substr(1), text.substr(skip))) return true;
    }
    return false;
  }
  if (text.empty()) return false;
  if (pattern[0] == '[') {
    const std::size_t close = pattern.find(']', 1);
    if (close == std::string_view::npos) return false;
    std::string_view set = pattern.substr(1, close - 1);
    const bool negated = set.starts_with("^");
    if (negated) set.remove_prefix(1);
    bool fits = false;
    for (std::size_t i = 0; i < set.size(); ++i) {
      if (i + 2 < set.size() && set[i + 1] == '-') {
        fits = fits || (text[0] >= set[i] && text[0] <= set[i + 2]);
        i += 2;
      } else {
        fits = fits || set[i] == text[0];
      }
    }
    return fits != negated && glob_match(pattern.substr(close + 1), text.substr(1));
  }
  if (pattern[0] == '\\' && pattern.size() > 1)
    pattern.remove_prefix(1);
  else if (pattern[0] == '?')
    return glob_match(pattern.substr(1), text.substr(1));
  return pattern[0] == text[0] && glob_match(pattern.substr(1), text.substr(1));
}

Server::Server(Process& process)
    : process_(process),
      version_(process.program_version().empty() ? "8.2.2" : process.program_version()),
      databases_(16),
      changed_(process.loop()),
      dirtied_(process.loop()) {
  config_ = {{"appendonly", "no"},
             {"bind", "* -::*"},
             {"databases", "16"},
             {"dbfilename", "dump.rdb"},
             {"dir", std::string(process.cwd())},
             {"loglevel", "notice"},
             {"masterauth", ""},
             {"maxclients", "10000"},
             {"maxmemory", "0"},
             {"maxmemory-policy", "noeviction"},
             {"port", "6379"},
             {"protected-mode", "yes"},
             {"replica-read-only", "yes"},
             {"requirepass", ""},
             {"save", "3600 1 300 100 60 10000"},
             {"timeout", "0"}};
  // The image's entrypoint turns it off when no configuration is given.
  config_["protected-mode"] = "no";
  started_ = last_save_ = process.now();
  run_id_ = process.prng().text(40, "0123456789abcdef");
  replication_id_ = process.prng().text(40, "0123456789abcdef");
}

// --- keys ---

Item* Server::find(const Client& client, std::string_view key) {
  Keys& keys = databases_[client.database];
  const auto at = keys.find(key);
  if (at == keys.end()) {
    ++misses_;
    return nullptr;
  }
  if (at->second.expires && *at->second.expires <= now()) {
    ++expired_;
    ++misses_;
    keys.erase(at);
    return nullptr;
  }
  ++hits_;
  return &at->second;
}

Item* Server::make(const Client& client, const std::string& key, Item::Type type) {
  if (Item* item = find(client, key)) return item->type == type ? item : nullptr;
  Item item;
  item.type = type;
  return &(databases_[client.database][key] = std::move(item));
}

bool Server::remove(const Client& client, const std::string& key) {
  if (find(client, key) == nullptr) return false;
  databases_[client.database].erase(key);
  touched(key);
  return true;
}

void Server::remove_if_empty(const Client& client, const std::string& key) {
  Keys& keys = databases_[client.database];
  const auto at = keys.find(key);
  if (at != keys.end() && at->second.empty_collection()) keys.erase(at);
}

void Server::touched(const std::string& key) {
  for (auto& [id, client] : clients_) {
    if (client->watched.contains(key)) client->watched_changed = true;
  }
  changed_.notify_all();
}

std::int64_t Server::used_memory() const {
  std::int64_t used = kBaseMemory;
  for (const Keys& keys : databases_) {
    for (const auto& [key, item] : keys) {
      used += 64 + static_cast<std::int64_t>(key.size() + item.text.size());
      for (const std::string& text : item.list) used += 16 + static_cast<std::int64_t>(text.size());
      for (const auto& [field, value] : item.hash) used += 32 + static_cast<std::int64_t>(field.size() + value.size());
      for (const std::string& text : item.set) used += 24 + static_cast<std::int64_t>(text.size());
      for (const auto& [member, score] : item.scores) used += 40 + static_cast<std::int64_t>(member.size());
    }
  }
  return used;
}

bool Server::over_memory_limit() const {
  std::string text = to_lower(config_.at("maxmemory"));
  std::int64_t unit = 1;
  for (const auto& [suffix, factor] :
       {std::pair<std::string_view, std::int64_t>{"kb", 1 << 10}, {"mb", 1 << 20}, {"gb", 1 << 30}}) {
    if (!text.ends_with(suffix)) continue;
    unit = factor;
    text.resize(text.size() - 2);
  }
  const std::int64_t limit = parse_int(text).value_or(0) * unit;
  return limit > 0 && used_memory() > limit;
}

// --- commands ---

Reply Server::execute_now(Client& client, const Words& words) {
  const std::string name = to_lower(words[0]);
  const Command* command = find_command(name);
  const auto count = static_cast<int>(words.size());
  auto refuse = [&](std::string text) {
    if (client.queueing) client.dirty_transaction = true;
    return Reply::error(std::move(text));
  };
  const bool known = command != nullptr || blocks(name) || name == "exec" || name == "psync";
  if (!known) {
    std::string arguments;
    for (std::size_t i = 1; i < words.size() && arguments.size() < 128; ++i) arguments += "'" + words[i] + "' ";
    return refuse("ERR unknown command '" + words[0] + "', with args beginning with: " + arguments);
  }
  if (command != nullptr && ((command->arity > 0 && count != command->arity) || count < -command->arity))
    return refuse("ERR wrong number of arguments for '" + name + "' command");
  const std::string_view flags = command != nullptr ? command->flags : "";
  if (!client.from_master && !config_["requirepass"].empty() && !client.authenticated && !contains(flags, "a"))
    return refuse("NOAUTH Authentication required.");
  if ((!client.channels.empty() || !client.patterns.empty()) && !contains(flags, "s"))
    return Reply::error("ERR Can't execute '" + name +
                        "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
  const bool writes = contains(flags, "w");
  if (writes && is_replica() && !client.from_master && !loading_ && config_["replica-read-only"] == "yes")
    return refuse("READONLY You can't write against a read only replica.");
  if (writes && !client.from_master && !loading_ && name != "del" && name != "unlink" && name != "flushall" &&
      name != "flushdb" && over_memory_limit())
    return refuse("OOM command not allowed when used memory > 'maxmemory'.");
  if (client.queueing && name != "exec" && name != "multi" && name != "discard" && name != "watch" && name != "quit") {
    client.queue.push_back(words);
    return Reply::simple("QUEUED");
  }
  if (client.queueing && name == "watch") return Reply::error("ERR WATCH inside MULTI is not allowed");
  if (name == "exec") return run_transaction(client);
  if (command == nullptr) return Reply::nil();
  ++commands_;
  process_.add_cpu_time(kCommandWork);
  Reply reply = command->run(*this, client, words);
  if (writes && !reply.is_error() && !loading_) {
    // What chance decided is sent on as it was decided.
    const bool drawn = name == "spop" && reply.kind == Reply::Kind::kBulk;
    propagate(client, drawn ? Words{"SREM", words[1], reply.text} : words);
  }
  return reply;
}

Reply Server::run_transaction(Client& client) {
  if (!client.queueing) return Reply::error("ERR EXEC without MULTI");
  client.queueing = false;
  const std::vector<Words> queue = std::exchange(client.queue, {});
  client.watched.clear();
  if (client.dirty_transaction) return Reply::error("EXECABORT Transaction discarded because of previous errors.");
  if (std::exchange(client.watched_changed, false)) return Reply::nil_array();
  std::vector<Reply> replies;
  for (const Words& words : queue) replies.push_back(execute_now(client, words));
  return Reply::array(std::move(replies));
}

Task<Reply> Server::execute_blocking(Client& client, Words words) {
  const std::string name = to_lower(words[0]);
  const bool moves = name == "brpoplpush" || name == "blmove";
  if (words.size() < 3 || (name == "brpoplpush" && words.size() != 4) || (name == "blmove" && words.size() != 6))
    co_return Reply::error("ERR wrong number of arguments for '" + name + "' command");
  const auto timeout = parse_double(words.back());
  if (!timeout) co_return Reply::error("ERR timeout is not a float or out of range");
  if (*timeout < 0) co_return Reply::error("ERR timeout is negative");
  const TimePoint deadline = now() + Duration(static_cast<std::int64_t>(*timeout * 1e9));
  for (;;) {
    if (moves) {
      Words move{name == "blmove" ? "LMOVE" : "RPOPLPUSH", words[1], words[2]};
      if (name == "blmove") move.insert(move.end(), {words[3], words[4]});
      Reply moved = execute_now(client, move);
      if (moved.kind != Reply::Kind::kNil) co_return moved;
    } else {
      for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const Words pop{name == "blpop" ? "LPOP" : "RPOP", words[i]};
        Reply taken = execute_now(client, pop);
        if (taken.is_error()) co_return taken;
        if (taken.kind == Reply::Kind::kNil) continue;
        std::vector<Reply> pair;
        pair.push_back(Reply::bulk(words[i]));
        pair.push_back(std::move(taken));
        co_return Reply::array(std::move(pair));
      }
    }
    if (*timeout == 0) {
      (void)co_await changed_.wait();
    } else if (!co_await changed_.wait_until(deadline)) {
      co_return Reply::nil_array();
    }
  }
}

Task<Reply> Server::execute(Client& client, Words words) {
  const bool authorized = config_["requirepass"].empty() || client.authenticated;
  if (blocks(to_lower(words[0])) && !client.queueing && authorized)
    co_return co_await execute_blocking(client, std::move(words));
  co_return execute_now(client, words);
}

void Server::propagate(const Client& client, const Words& words) {
  ++dirty_;
  process_.set_memory(std::max<std::int64_t>(8 << 20, used_memory()));
  dirtied_.notify_all();
  const Words sent = for_replicas(words, now());
  std::string bytes;
  if (client.database != propagated_database_) {
    bytes += encode_command({"SELECT", std::to_string(client.database)});
    propagated_database_ = client.database;
  }
  bytes += encode_command(sent);
  offset_ += static_cast<std::int64_t>(bytes.size());
  for (const auto& [id, other] : clients_) {
    if (other->replica) (void)other->stream->write(bytes);
  }
  if (config_["appendonly"] == "yes")
    (void)process_.append_file(data_path("appendonlydir/appendonly.aof.1.incr.aof"), bytes);
}

std::int64_t Server::publish(const std::string& channel, const std::string& message) {
  std::int64_t heard = 0;
  for (const auto& [id, client] : clients_) {
    if (client->channels.contains(channel)) {
      (void)client->stream->write(Reply::bulks({"message", channel, message}).encode());
      ++heard;
    }
    for (const std::string& pattern : client->patterns) {
      if (!glob_match(pattern, channel)) continue;
      (void)client->stream->write(Reply::bulks({"pmessage", pattern, channel, message}).encode());
      ++heard;
    }
  }
  return heard;
}

std::size_t Server::replica_count() const {
  return static_cast<std::size_t>(
      std::count_if(clients_.begin(), clients_.end(), [](const auto& entry) { return entry.second->replica; }));
}

void Server::request_shutdown(bool with_save) {
  shutdown_save_ = with_save;
  shutdown_ = true;
  (void)process_.kill(process_.pid(), kSigUsr1);
}

Task<void> Server::log(char mark, std::string text) {
  const auto micro = std::chrono::duration_cast<milliseconds>(now().time_since_epoch()).count() % 1000;
  co_await process_.out(std::to_string(process_.pid()) + ":" + role_letter() + " " +
                        format_time(now(), "%d %b %Y %H:%M:%S") + format(".%03d ", static_cast<int>(micro)) + mark +
                        " " + text + "\n");
}

// --- connections ---

Task<void> Server::serve(TcpStreamPtr stream) {
  Client client;
  client.id = next_client_++;
  client.stream = stream;
  ++connections_;
  struct Listed {
    std::map<std::int64_t, Client*>& all;
    std::int64_t id;
    ~Listed() { all.erase(id); }
  } listed{clients_, client.id};
  clients_[client.id] = &client;
  stream->set_owner({process_.host_pid(), "redis-server"});
  Parser parser;
  while (!client.closing) {
    auto words = parser.command();
    if (!parser.error().empty()) {
      (void)stream->write(Reply::error(parser.error()).encode());
      co_return;
    }
    if (!words) {
      auto piece = co_await stream->read();
      if (!piece || piece->empty()) co_return;
      parser.feed(*piece);
      continue;
    }
    if (to_lower(words->front()) == "psync" || to_lower(words->front()) == "sync") {
      const std::string dump = dump_all();
      co_await log('*', "Replica " + stream->ends().peer.text() + ":6379 asks for synchronization");
      co_await log('*', "Full resync requested by replica " + stream->ends().peer.text() + ":6379");
      client.replica = true;
      propagated_database_ = databases_.size();  // the next write says which database it means
      const std::string bytes = "+FULLRESYNC " + replication_id_ + " " + std::to_string(offset_) + "\r\n$" +
                                std::to_string(dump.size()) + "\r\n" + dump;
      auto sent = co_await stream->send(bytes);
      if (!sent) co_return;
      co_await log('*', "Synchronization with replica " + stream->ends().peer.text() + ":6379 succeeded");
      continue;
    }
    Words taken = *std::move(words);
    const Reply reply = co_await execute(client, std::move(taken));
    const std::string bytes = reply.encode();
    if (bytes.empty()) continue;
    auto sent = co_await stream->send(bytes);
    if (!sent) co_return;
  }
}

Task<void> Server::accept_clients(TcpListener& listener) {
  for (;;) {
    TcpStreamPtr stream = co_await listener.accept();
    process_.tasks().spawn(serve(std::move(stream)));
  }
}

Task<int> Server::run() {
  for (int signal : {kSigTerm, kSigInt, kSigUsr1}) process_.on_signal(signal, Process::Disposition::kCatch);
  process_.set_memory(8 << 20);
  const std::string pid = std::to_string(process_.pid());
  auto first = [&](char mark, const std::string& text) {
    return process_.out(pid + ":C " + format_time(now(), "%d %b %Y %H:%M:%S") + ".000 " + mark + " " + text + "\n");
  };
  const bool new_marks = version_ >= "7.2" || version_.starts_with("8");
  co_await first(new_marks ? '*' : '#', "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo");
  co_await first(new_marks ? '*' : '#',
                 "Redis version=" + version_ + ", bits=64, commit=00000000, modified=0, pid=" + pid + ", just started");
  if (config_file_.empty())
    co_await first('#',
                   "Warning: no config file specified, using the default config. In order to specify a config "
                   "file use redis-server /path/to/redis.conf");
  else
    co_await first(new_marks ? '*' : '#', "Configuration loaded");
  co_await log('*', "monotonic clock: POSIX clock_gettime");
  const auto port = static_cast<std::uint16_t>(parse_int(config_["port"]).value_or(6379));
  auto listener = TcpListener::open(process_.namespaces().network, {}, port, {process_.host_pid(), "redis-server"});
  if (!listener) {
    co_await log('#', "Warning: Could not create server TCP listening socket *:" + std::to_string(port) +
                          ": bind: " + std::string(errno_text(listener.error())));
    co_await log('#', "Failed listening on port " + std::to_string(port) + " (tcp), aborting.");
    co_return 1;
  }
  co_await log('*', "Running mode=standalone, port=" + std::to_string(port) + ".");
  co_await log('*', "Server initialized");
  co_await load();
  co_await log('*', "Ready to accept connections" + std::string(version_ >= "7.2" || version_[0] == '8' ? " tcp" : ""));
  process_.tasks().spawn(accept_clients(**listener));
  process_.tasks().spawn(save_points());
  if (is_replica()) {
    const std::uint64_t generation = ++replication_generation_;
    process_.tasks().spawn(replicate(generation));
  }
  for (;;) {
    const int signal = co_await process_.wait_signal();
    if (signal == kSigUsr1 && !shutdown_) continue;
    if (signal != kSigUsr1) {
      co_await process_.out(pid + ":signal-handler (" +
                            std::to_string(std::chrono::duration_cast<seconds>(now().time_since_epoch()).count()) +
                            ") Received SIG" + std::string(signal_name(signal)) + " scheduling shutdown...\n");
    }
    co_await log('*', "User requested shutdown...");
    if (!config_["save"].empty() && shutdown_save_) {
      co_await log('*', "Saving the final RDB snapshot before exiting.");
      auto saved = save();
      if (!saved) {
        co_await log('#', saved.error().message);
        co_await log('#', "Error trying to save the DB, can't exit.");
        co_await log('#', "Errors trying to shut down the server. Check the logs for more information.");
        shutdown_ = false;
        continue;
      }
      co_await log('*', "DB saved on disk");
    }
    co_await log('#', "Redis is now ready to exit, bye bye...");
    co_return 0;
  }
}

}  // namespace drydock::redis
