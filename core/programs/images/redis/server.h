// redis-server: databases, commands, replication, persistence.
// https://redis.io/docs/latest/commands/
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/sync.h"
#include "core/host/process.h"
#include "core/network/tcp.h"
#include "core/programs/images/redis/resp.h"

namespace drydock::redis {

using Words = std::vector<std::string>;

struct Item {
  enum class Type { kString, kList, kHash, kSet, kSortedSet };
  Type type = Type::kString;
  std::string text;
  std::deque<std::string> list;
  std::map<std::string, std::string> hash;
  std::set<std::string> set;
  std::map<std::string, double> scores;
  std::optional<TimePoint> expires;
  bool empty_collection() const;
};
std::string_view type_name(Item::Type type);  // "zset"

using Keys = std::map<std::string, Item, std::less<>>;

struct Client {
  std::int64_t id = 0;
  TcpStreamPtr stream;
  std::size_t database = 0;
  bool authenticated = false;
  bool replica = false;
  bool from_master = false;
  bool closing = false;
  std::string name;
  bool queueing = false;
  bool dirty_transaction = false;  // a watched key changed, or a bad command was queued
  bool watched_changed = false;
  std::vector<Words> queue;
  std::map<std::string, std::uint64_t> watched;
  std::set<std::string> channels;
  std::set<std::string> patterns;
};

class Server;
struct Command {
  std::string_view name;
  int arity;  // as COMMAND says: negative is a least
  std::string_view
      flags;  // "w": writes; "b": may block (handled apart); "a": allowed before AUTH; "s": when subscribed
  Reply (*run)(Server& server, Client& client, const Words& words);
};
std::span<const Command> key_commands();
std::span<const Command> collection_commands();
std::span<const Command> sorted_set_commands();
std::span<const Command> server_commands();
const Command* find_command(std::string_view name);

class Server {
 public:
  explicit Server(Process& process);
  // "" or what is wrong with the command line or configuration file.
  std::string configure(const Words& arguments);
  Task<int> run();

  // Runs one command of a client, with its checks; blocking ones wait.
  Task<Reply> execute(Client& client, Words words);
  Reply execute_now(Client& client, const Words& words);

  // --- for commands ---
  Keys& keys(const Client& client) { return databases_[client.database]; }
  std::vector<Keys>& databases() { return databases_; }
  // The living item; null when absent or expired.
  Item* find(const Client& client, std::string_view key);
  // The item of that type, made when absent; null when it is of another type.
  Item* make(const Client& client, const std::string& key, Item::Type type);
  bool remove(const Client& client, const std::string& key);
  void remove_if_empty(const Client& client, const std::string& key);
  void touched(const std::string& key);  // WATCH and blocked clients
  TimePoint now() const { return process_.now(); }
  Process& process() { return process_; }
  std::map<std::string, std::string>& config() { return config_; }
  std::map<std::int64_t, Client*>& clients() { return clients_; }
  std::string info(std::string_view section);
  std::int64_t used_memory() const;
  bool over_memory_limit() const;
  Result<void> save();
  Result<void> rewrite_append_file();
  void set_master(std::string host, std::uint16_t port);  // "" ends replication
  bool is_replica() const { return !master_host_.empty(); }
  std::size_t replica_count() const;
  std::int64_t offset() const { return offset_; }
  std::int64_t changes() const { return dirty_; }
  TimePoint last_save() const { return last_save_; }
  std::int64_t publish(const std::string& channel, const std::string& message);
  Reply role();
  void request_shutdown(bool with_save);
  Task<void> log(char mark, std::string text);
  const std::string& version() const { return version_; }
  // Commands that put a key back: the append file, snapshots and full resynchronization.
  static std::string dump_key(const std::string& key, const Item& item);
  std::string dump_all() const;

 private:
  Task<void> serve(TcpStreamPtr stream);
  Task<void> accept_clients(TcpListener& listener);
  Task<Reply> execute_blocking(Client& client, Words words);
  Reply run_transaction(Client& client);
  Task<void> replicate(std::uint64_t generation);
  Task<bool> synchronize(std::uint64_t generation);
  Task<void> save_points();
  void propagate(const Client& client, const Words& words);
  void load_commands(std::string_view bytes);
  Task<void> load();
  std::string data_path(std::string_view name) const;
  char role_letter() const { return is_replica() ? 'S' : 'M'; }

  Process& process_;
  std::string version_;
  std::map<std::string, std::string> config_;
  std::string config_file_;
  std::vector<Keys> databases_;
  std::map<std::int64_t, Client*> clients_;
  Event changed_;
  Event dirtied_;
  std::int64_t next_client_ = 1;
  std::int64_t dirty_ = 0;
  std::int64_t commands_ = 0;
  std::int64_t connections_ = 0;
  std::int64_t hits_ = 0;
  std::int64_t misses_ = 0;
  std::int64_t expired_ = 0;
  TimePoint started_{};
  TimePoint last_save_{};
  std::string run_id_;
  std::string replication_id_;
  std::int64_t offset_ = 0;
  std::size_t propagated_database_ = 0;
  std::string master_host_;
  std::uint16_t master_port_ = 6379;
  bool master_up_ = false;
  std::uint64_t replication_generation_ = 0;
  bool loading_ = false;
  bool shutdown_ = false;
  bool shutdown_save_ = true;
};

// Errors that many commands share.
Reply wrong_type();
Reply not_an_integer();
Reply syntax_error();
std::string format_score(double score);
bool glob_match(std::string_view pattern, std::string_view text);

}  // namespace drydock::redis
