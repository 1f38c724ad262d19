// Snapshots, the append file, and replication: all of them carry commands that put
// the keys back, in RESP. A snapshot has the head of an RDB file but not its
// encoding: only this server reads it.
#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/timestamp.h"
#include "core/programs/images/redis/server.h"
#include "core/programs/images/serving.h"

namespace drydock::redis {
namespace {

constexpr std::string_view kMagic = "REDIS0012\n";
constexpr Duration kReconnect = seconds(1);
constexpr std::string_view kAppendFile = "appendonlydir/appendonly.aof.1.incr.aof";

}  // namespace

std::string Server::data_path(std::string_view name) const { return join_path(config_.at("dir"), name); }

std::string Server::dump_key(const std::string& key, const Item& item) {
  Words words;
  switch (item.type) {
    case Item::Type::kString:
      words = {"SET", key, item.text};
      break;
    case Item::Type::kList:
      words = {"RPUSH", key};
      words.insert(words.end(), item.list.begin(), item.list.end());
      break;
    case Item::Type::kHash:
      words = {"HSET", key};
      for (const auto& [field, value] : item.hash) words.insert(words.end(), {field, value});
      break;
    case Item::Type::kSet:
      words = {"SADD", key};
      words.insert(words.end(), item.set.begin(), item.set.end());
      break;
    case Item::Type::kSortedSet:
      words = {"ZADD", key};
      for (const auto& [member, score] : item.scores) words.insert(words.end(), {format_score(score), member});
      break;
  }
  std::string bytes = encode_command(words);
  if (item.expires)
    bytes += encode_command(
        {"PEXPIREAT", key,
         std::to_string(std::chrono::duration_cast<milliseconds>(item.expires->time_since_epoch()).count())});
  return bytes;
}

std::string Server::dump_all() const {
  std::string bytes;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    if (databases_[i].empty()) continue;
    bytes += encode_command({"SELECT", std::to_string(i)});
    for (const auto& [key, item] : databases_[i]) bytes += dump_key(key, item);
  }
  return bytes;
}

void Server::load_commands(std::string_view bytes) {
  loading_ = true;
  Client loader;
  loader.from_master = true;
  Parser parser;
  parser.feed(bytes);
  while (auto words = parser.command()) (void)execute_now(loader, *words);
  loading_ = false;
}

Result<void> Server::save() {
  const std::string path = data_path(config_["dbfilename"]);
  auto written = process_.write_file(path, std::string(kMagic) + dump_all());
  if (!written) {
    return Status::plain("Failed opening the temp RDB file temp-" + std::to_string(process_.pid()) +
                         ".rdb (in server root dir " + config_["dir"] +
                         ") for saving: " + std::string(errno_text(written.error())));
  }
  dirty_ = 0;
  last_save_ = now();
  return {};
}

Result<void> Server::rewrite_append_file() {
  (void)process_.make_directories(data_path("appendonlydir"));
  auto written = process_.write_file(data_path(kAppendFile), dump_all());
  if (!written) return Status::plain(std::string(errno_text(written.error())));
  propagated_database_ = databases_.size();
  return {};
}

Task<void> Server::load() {
  if (config_["appendonly"] == "yes") {
    (void)process_.make_directories(data_path("appendonlydir"));
    auto text = process_.read_file(data_path(kAppendFile));
    if (text && !text->empty()) {
      load_commands(*text);
      co_await log('*', "DB loaded from incr file appendonly.aof.1.incr.aof: 0.000 seconds");
      co_await log('*', "DB loaded from append only file: 0.000 seconds");
    } else {
      // Turned on for a server that had snapshots: those are the start.
      auto snapshot = process_.read_file(data_path(config_["dbfilename"]));
      if (snapshot && snapshot->starts_with(kMagic)) load_commands(std::string_view(*snapshot).substr(kMagic.size()));
      (void)rewrite_append_file();
    }
    (void)process_.write_file(data_path("appendonlydir/appendonly.aof.manifest"),
                              "file appendonly.aof.1.incr.aof seq 1 type i\n");
    co_return;
  }
  auto text = process_.read_file(data_path(config_["dbfilename"]));
  if (!text) co_return;
  if (!text->starts_with(kMagic)) {
    co_await log('#', "Wrong signature trying to load DB from file");
    co_return;
  }
  load_commands(std::string_view(*text).substr(kMagic.size()));
  std::size_t keys = 0;
  for (const Keys& database : databases_) keys += database.size();
  co_await log('*', "Loading RDB produced by version " + version_);
  co_await log('*', "Done loading RDB, keys loaded: " + std::to_string(keys) + ", keys expired: 0.");
  co_await log('*', "DB loaded from disk: 0.000 seconds");
}

// "save 3600 1 300 100 60 10000": looks once a minute while there are changes.
Task<void> Server::save_points() {
  for (;;) {
    if (dirty_ == 0) co_await dirtied_.wait();
    co_await process_.loop().sleep(seconds(60));
    const std::vector<std::string> points = split_whitespace(config_["save"]);
    for (std::size_t i = 0; i + 1 < points.size(); i += 2) {
      const std::int64_t within = parse_int(points[i]).value_or(0);
      const std::int64_t changes = parse_int(points[i + 1]).value_or(0);
      if (dirty_ < changes || dirty_ == 0 || now() - last_save_ < seconds(within)) continue;
      co_await log('*', std::to_string(changes) + " changes in " + std::to_string(within) + " seconds. Saving...");
      auto saved = save();
      if (saved)
        co_await log('*', "Background saving terminated with success");
      else
        co_await log('#', saved.error().message);
      break;
    }
  }
}

// --- replication ---

void Server::set_master(std::string host, std::uint16_t port) {
  if (host == master_host_ && port == master_port_) return;
  master_host_ = std::move(host);
  master_port_ = port;
  master_up_ = false;
  const std::uint64_t generation = ++replication_generation_;
  if (!master_host_.empty()) process_.tasks().spawn(replicate(generation));
}

Task<void> Server::replicate(std::uint64_t generation) {
  while (generation == replication_generation_) {
    (void)co_await synchronize(generation);
    if (generation != replication_generation_) co_return;
    if (std::exchange(master_up_, false)) co_await log('*', "Connection with master lost.");
    co_await process_.loop().sleep(kReconnect);
  }
}

Task<bool> Server::synchronize(std::uint64_t generation) {
  co_await log('*', "Connecting to MASTER " + master_host_ + ":" + std::to_string(master_port_));
  const std::optional<TimePoint> deadline = now() + seconds(60);
  auto connection = co_await Connection::open(process_, master_host_, master_port_, deadline);
  if (!connection) {
    const std::string why = connection.error().message;
    if (contains(why, "Name or service") || contains(why, "Temporary failure"))
      co_await log('#', "Unable to connect to MASTER: Success");
    else
      co_await log('#', "Error condition on socket for SYNC: " + why);
    co_return false;
  }
  co_await log('*', "MASTER <-> REPLICA sync started");
  co_await log('*', "Non blocking connect for SYNC fired the event.");
  Connection& master = **connection;
  Words ping{"PING"};
  auto pong = co_await master.call(std::move(ping));
  if (!pong || (pong->is_error() && !pong->text.starts_with("NOAUTH"))) {
    co_await log('#', "Error reply to PING from master: '" + (pong ? "-" + pong->text : pong.error().message) + "'");
    co_return false;
  }
  co_await log('*', "Master replied to PING, replication can continue...");
  if (!config_["masterauth"].empty()) {
    Words auth{"AUTH", config_["masterauth"]};
    auto answer = co_await master.call(std::move(auth));
    if (!answer || answer->is_error()) {
      co_await log('#', "Unable to AUTH to MASTER: -" + (answer ? answer->text : answer.error().message));
      co_return false;
    }
  }
  Words port{"REPLCONF", "listening-port", config_["port"]};
  (void)co_await master.call(std::move(port));
  co_await log('*', "Partial resynchronization not possible (no cached master)");
  Words sync{"PSYNC", "?", "-1"};
  auto header = co_await master.call(std::move(sync));
  if (!header || header->kind != Reply::Kind::kSimple || !header->text.starts_with("FULLRESYNC ")) {
    co_await log('*', "Master does not support PSYNC or is in error state (reply: -" +
                          (header ? header->text : header.error().message) + ")");
    co_return false;
  }
  const std::vector<std::string> words = split_whitespace(header->text);
  co_await log('*', "Full resync from master: " + words[1] + ":" + (words.size() > 2 ? words[2] : "0"));
  auto raw = co_await master.next_raw();
  if (!raw) co_return false;
  for (Keys& keys : databases_) keys.clear();
  load_commands(*raw);
  master_up_ = true;
  co_await log('*', "MASTER <-> REPLICA sync: receiving " + std::to_string(raw->size()) + " bytes from master to disk");
  co_await log('*', "MASTER <-> REPLICA sync: Flushing old data");
  co_await log('*', "MASTER <-> REPLICA sync: Loading DB in memory");
  co_await log('*', "MASTER <-> REPLICA sync: Finished with success");
  Client link;
  link.from_master = true;
  link.stream = master.stream();
  while (generation == replication_generation_) {
    auto command = co_await master.next();
    if (!command) break;
    Words next;
    for (const Reply& item : command->items) next.push_back(item.text);
    if (!next.empty()) (void)execute_now(link, next);
  }
  co_return true;
}

Reply Server::role() {
  if (is_replica()) {
    return Reply::array({Reply::bulk("slave"), Reply::bulk(master_host_), Reply::integer(master_port_),
                         Reply::bulk(master_up_ ? "connected" : "connect"), Reply::integer(offset_)});
  }
  std::vector<Reply> replicas;
  for (const auto& [id, client] : clients_) {
    if (client->replica)
      replicas.push_back(Reply::bulks({client->stream->ends().peer.text(), "6379", std::to_string(offset_)}));
  }
  return Reply::array({Reply::bulk("master"), Reply::integer(offset_), Reply::array(std::move(replicas))});
}

std::string Server::info(std::string_view section) {
  const bool all = section == "default" || section == "all" || section == "everything";
  std::string text;
  auto part = [&](std::string_view name, std::string_view title, const std::string& lines) {
    if (!all && section != name) return;
    text += (text.empty() ? "# " : "\r\n# ") + std::string(title) + "\r\n" + replace_all(lines, "\n", "\r\n");
  };
  const auto up = std::chrono::duration_cast<seconds>(now() - started_).count();
  part("server", "Server",
       "redis_version:" + version_ + "\nredis_mode:standalone\nos:Linux x86_64\narch_bits:64\nprocess_id:" +
           std::to_string(process_.pid()) + "\nrun_id:" + run_id_ + "\ntcp_port:" + config_["port"] +
           "\nuptime_in_seconds:" + std::to_string(up) + "\nuptime_in_days:" + std::to_string(up / 86400) +
           "\nexecutable:/data/redis-server\nconfig_file:" + config_file_ + "\n");
  part("clients", "Clients",
       "connected_clients:" + std::to_string(clients_.size() - replica_count()) +
           "\nmaxclients:" + config_["maxclients"] + "\nblocked_clients:0\n");
  const std::int64_t memory = used_memory();
  part("memory", "Memory",
       "used_memory:" + std::to_string(memory) +
           "\nused_memory_human:" + format("%.2fM", static_cast<double>(memory) / (1 << 20)) +
           "\nmaxmemory:" + config_["maxmemory"] + "\nmaxmemory_policy:" + config_["maxmemory-policy"] + "\n");
  part("persistence", "Persistence",
       "loading:0\nrdb_changes_since_last_save:" + std::to_string(dirty_) +
           "\nrdb_bgsave_in_progress:0\n"
           "rdb_last_save_time:" +
           std::to_string(std::chrono::duration_cast<seconds>(last_save_.time_since_epoch()).count()) +
           "\nrdb_last_bgsave_status:ok\naof_enabled:" + (config_["appendonly"] == "yes" ? "1" : "0") + "\n");
  part("stats", "Stats",
       "total_connections_received:" + std::to_string(connections_) +
           "\ntotal_commands_processed:" + std::to_string(commands_) + "\nexpired_keys:" + std::to_string(expired_) +
           "\nkeyspace_hits:" + std::to_string(hits_) + "\nkeyspace_misses:" + std::to_string(misses_) + "\n");
  std::string replication = "role:" + std::string(is_replica() ? "slave" : "master") + "\n";
  if (is_replica())
    replication += "master_host:" + master_host_ + "\nmaster_port:" + std::to_string(master_port_) +
                   "\nmaster_link_status:" + (master_up_ ? "up" : "down") + "\nslave_read_only:1\n";
  replication += "connected_slaves:" + std::to_string(replica_count()) + "\n";
  int number = 0;
  for (const auto& [id, client] : clients_) {
    if (client->replica)
      replication += "slave" + std::to_string(number++) + ":ip=" + client->stream->ends().peer.text() +
                     ",port=6379,state=online,offset=" + std::to_string(offset_) + ",lag=0\n";
  }
  replication += "master_replid:" + replication_id_ + "\nmaster_repl_offset:" + std::to_string(offset_) + "\n";
  part("replication", "Replication", replication);
  std::string keyspace;
  for (std::size_t i = 0; i < databases_.size(); ++i) {
    if (databases_[i].empty()) continue;
    const auto expiring = std::count_if(databases_[i].begin(), databases_[i].end(),
                                        [](const auto& entry) { return entry.second.expires.has_value(); });
    keyspace += "db" + std::to_string(i) + ":keys=" + std::to_string(databases_[i].size()) +
                ",expires=" + std::to_string(expiring) + ",avg_ttl=0\n";
  }
  part("keyspace", "Keyspace", keyspace);
  return text;
}

}  // namespace drydock::redis
