// redis-server, redis-cli and the guestbook's follower image.
#include "core/base/strings.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/redis/resp.h"
#include "core/programs/images/redis/server.h"

namespace drydock {
namespace redis {
namespace {

struct CliOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string password;
  std::string user;
  std::int64_t database = 0;
  std::int64_t repeat = 1;
  double interval = 0;
  bool raw = false;
  bool pretty = false;  // --no-raw
  bool scan = false;
  std::string pattern = "*";
  Words command;
};

// As redis-cli shows values on a terminal.
std::string pretty(const Reply& reply, const std::string& indent) {
  switch (reply.kind) {
    case Reply::Kind::kSimple:
      return reply.text + "\n";
    case Reply::Kind::kError:
      return "(error) " + reply.text + "\n";
    case Reply::Kind::kInteger:
      return "(integer) " + std::to_string(reply.number) + "\n";
    case Reply::Kind::kBulk:
      return quoted(reply.text) + "\n";
    case Reply::Kind::kNil:
    case Reply::Kind::kNilArray:
      return "(nil)\n";
    case Reply::Kind::kNone:
      return "";
    case Reply::Kind::kArray:
      break;
  }
  if (reply.items.empty()) return "(empty array)\n";
  const std::size_t width = std::to_string(reply.items.size()).size();
  std::string text;
  for (std::size_t i = 0; i < reply.items.size(); ++i) {
    const std::string number = pad_left(std::to_string(i + 1), width) + ") ";
    text += (i == 0 ? "" : indent) + number + pretty(reply.items[i], indent + std::string(number.size(), ' '));
  }
  return text;
}

std::string plain(const Reply& reply) {
  switch (reply.kind) {
    case Reply::Kind::kInteger:
      return std::to_string(reply.number) + "\n";
    case Reply::Kind::kArray: {
      std::string text;
      for (const Reply& item : reply.items) text += plain(item);
      return text.empty() ? "\n" : text;
    }
    case Reply::Kind::kNil:
    case Reply::Kind::kNilArray:
      return "\n";
    default:
      return reply.text + "\n";
  }
}

std::string parse_options(const Process& process, CliOptions& options) {
  options.password = std::string(process.env("REDISCLI_AUTH"));
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const bool more = i + 1 < words.size();
    if (!word.starts_with("-")) {
      options.command.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      return "";
    }
    if (word == "-h" && more)
      options.host = words[++i];
    else if (word == "-p" && more)
      options.port = static_cast<std::uint16_t>(parse_int(words[++i]).value_or(0));
    else if ((word == "-a" || word == "--pass") && more)
      options.password = words[++i];
    else if (word == "--user" && more)
      options.user = words[++i];
    else if (word == "-n" && more)
      options.database = parse_int(words[++i]).value_or(0);
    else if (word == "-r" && more)
      options.repeat = parse_int(words[++i]).value_or(1);
    else if (word == "-i" && more)
      options.interval = parse_double(words[++i]).value_or(0);
    else if (word == "--pattern" && more)
      options.pattern = words[++i];
    else if (word == "--raw")
      options.raw = true;
    else if (word == "--scan")
      options.scan = true;
    else if (word == "--no-raw")
      options.pretty = true;
    else if (word != "--no-auth-warning" && word != "-x" && word != "-e")
      return "Unrecognized option or bad number of args for: '" + word + "'";
  }
  return "";
}

Task<Result<std::shared_ptr<Connection>>> connect(Process& process, const CliOptions& options) {
  const std::optional<TimePoint> no_deadline;
  auto opened = co_await Connection::open(process, options.host, options.port, no_deadline);
  if (!opened) co_return opened.error();
  Connection& connection = **opened;
  if (!options.password.empty()) {
    Words auth{"AUTH"};
    if (!options.user.empty()) auth.push_back(options.user);
    auth.push_back(options.password);
    auto answer = co_await connection.call(std::move(auth));
    if (answer && answer->is_error()) co_await process.err("AUTH failed: " + answer->text + "\n");
  }
  if (options.database != 0) {
    Words select{"SELECT", std::to_string(options.database)};
    (void)co_await connection.call(std::move(select));
  }
  co_return *opened;
}

bool listens_on(const Words& command) {
  const std::string name = command.empty() ? "" : to_lower(command[0]);
  return name == "subscribe" || name == "psubscribe" || name == "monitor";
}

// Runs one command; false when the connection is gone.
Task<bool> run_command(Process& process, Connection& connection, Words command, bool raw) {
  const bool listening = listens_on(command);
  auto reply = co_await connection.call(std::move(command));
  if (listening && !raw) co_await process.out("Reading messages... (press Ctrl-C to quit)\n");
  for (;;) {
    if (!reply) {
      co_await process.err("Error: " + reply.error().message + "\n");
      co_return false;
    }
    co_await process.out(raw ? plain(*reply) : pretty(*reply, ""));
    if (!listening) co_return true;
    reply = co_await connection.next();
  }
}

Task<int> interactive(Process& process, CliOptions options, bool tty) {
  std::shared_ptr<Connection> connection;
  std::string address = options.host + ":" + std::to_string(options.port);
  for (;;) {
    if (!connection) {
      auto opened = co_await connect(process, options);
      if (opened) {
        connection = *opened;
      } else {
        co_await process.err("Could not connect to Redis at " + address + ": " + opened.error().message + "\n");
        if (!tty) co_return 1;
      }
    }
    const std::string database = options.database == 0 ? "" : "[" + std::to_string(options.database) + "]";
    if (tty) co_await process.out(connection ? address + database + "> " : "not connected> ");
    const auto line = co_await process.read_line(0);
    if (!line) co_return 0;
    auto words = split_line(*line);
    if (!words) {
      co_await process.out("Invalid argument(s)\n");
      continue;
    }
    if (words->empty()) continue;
    const std::string name = to_lower(words->front());
    if (name == "quit" || name == "exit") co_return 0;
    if (name == "clear") {
      co_await process.out("\x1b[H\x1b[2J");
      continue;
    }
    if (!connection) continue;
    if (name == "select" && words->size() == 2) options.database = parse_int((*words)[1]).value_or(options.database);
    Words command = *std::move(words);
    const bool alive = co_await run_command(process, *connection, std::move(command), options.raw || !tty);
    if (!alive) connection = nullptr;
  }
}

}  // namespace
}  // namespace redis

Task<int> redis_cli_main(Process& process) {
  using namespace redis;
  CliOptions options;
  for (const std::string& word : process.arguments()) {
    if (word == "--version" || word == "-v") {
      co_await process.out("redis-cli " + process.program_version() + "\n");
      co_return 0;
    }
  }
  const std::string problem = parse_options(process, options);
  if (!problem.empty()) {
    co_await process.err(problem + "\n");
    co_return 1;
  }
  const bool tty = process.is_tty(1) || options.pretty;
  bool warn = !options.password.empty() && process.env("REDISCLI_AUTH").empty();
  for (const std::string& word : process.arguments()) warn = warn && word != "--no-auth-warning";
  if (warn)
    co_await process.err(
        "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n");
  if (options.scan) options.command = {"KEYS", options.pattern};
  if (options.command.empty()) co_return co_await interactive(process, options, process.is_tty(0));
  auto connection = co_await connect(process, options);
  if (!connection) {
    co_await process.err("Could not connect to Redis at " + options.host + ":" + std::to_string(options.port) + ": " +
                         connection.error().message + "\n");
    co_return 1;
  }
  for (std::int64_t i = 0; options.repeat < 0 || i < options.repeat; ++i) {
    Words command = options.command;
    const bool alive =
        co_await run_command(process, **connection, std::move(command), options.raw || options.scan || !tty);
    if (!alive) co_return 1;
    if (options.interval > 0) {
      auto slept = co_await process.sleep(Duration(static_cast<std::int64_t>(options.interval * 1e9)));
      if (!slept) co_return 130;
    }
  }
  co_return 0;
}

Task<int> redis_server_main(Process& process) {
  const redis::Words words(process.arguments().begin(), process.arguments().end());
  if (!words.empty() && (words[0] == "--version" || words[0] == "-v")) {
    co_await process.out("Redis server v=" + process.program_version() +
                         " sha=00000000:1 malloc=jemalloc-5.3.0 bits=64 build=9b8d0ce9bfd9c9ac\n");
    co_return 0;
  }
  redis::Server server(process);
  const std::string problem = server.configure(words);
  if (!problem.empty()) {
    co_await process.err(problem + "\n");
    co_return 1;
  }
  const int code = co_await server.run();
  process.tasks().cancel_all();
  co_return code;
}

// /run.sh of gb-redis-follower: a replica of the host that the cluster's DNS or environment names.
Task<int> redis_follower_main(Process& process) {
  const bool env = process.env("GET_HOSTS_FROM") == "env";
  const std::string leader = env ? std::string(process.env("REDIS_LEADER_SERVICE_HOST")) : "redis-leader";
  redis::Server server(process);
  const redis::Words words{"--replicaof", leader, "6379"};
  const std::string problem = server.configure(words);
  if (!problem.empty()) {
    co_await process.err(problem + "\n");
    co_return 1;
  }
  const int code = co_await server.run();
  process.tasks().cancel_all();
  co_return code;
}

namespace redis {

std::string Server::configure(const Words& arguments) {
  std::vector<std::pair<std::string, int>> lines;  // of the file, with numbers
  std::size_t at = 0;
  if (!arguments.empty() && !arguments[0].starts_with("-")) {
    config_file_ = process_.absolute(arguments[0]);
    auto text = process_.read_file(arguments[0]);
    if (!text)
      return std::to_string(process_.pid()) + ":C # Fatal error, can't open config file '" + config_file_ +
             "': " + std::string(errno_text(text.error()));
    int number = 0;
    for (const std::string& line : split(*text, '\n')) lines.emplace_back(line, ++number);
    at = 1;
  }
  std::string option;
  for (; at < arguments.size(); ++at) {
    if (arguments[at].starts_with("--")) {
      if (!option.empty()) lines.emplace_back(option, 0);
      option = arguments[at].substr(2);
    } else {
      option += " " + (arguments[at].empty() ? "\"\"" : arguments[at]);
    }
  }
  if (!option.empty()) lines.emplace_back(option, 0);
  std::string saves;
  bool saves_set = false;
  for (const auto& [line, number] : lines) {
    const std::string_view text = trim(line);
    if (text.empty() || text[0] == '#') continue;
    auto words = split_line(text);
    auto fatal = [&, shown = std::string(text), where = number](const std::string& why) {
      return "\n*** FATAL CONFIG FILE ERROR (Redis " + version_ + ") ***\nReading the configuration file, at line " +
             std::to_string(where) + "\n>>> '" + shown + "'\n" + why;
    };
    if (!words || words->empty()) return fatal("Unbalanced quotes in configuration line");
    const std::string name = to_lower(words->front());
    const std::string value = words->size() > 1 ? (*words)[1] : "";
    if (name == "replicaof" || name == "slaveof") {
      const auto port = words->size() == 3 ? parse_int((*words)[2]) : std::nullopt;
      if (!port) return fatal("wrong number of arguments");
      master_host_ = value;
      master_port_ = static_cast<std::uint16_t>(*port);
    } else if (name == "save") {
      saves_set = true;
      if (value.empty()) saves.clear();
      for (std::size_t i = 1; i < words->size(); ++i) {
        if (!(*words)[i].empty()) saves += (saves.empty() ? "" : " ") + (*words)[i];
      }
    } else if (config_.contains(name)) {
      if (words->size() < 2) return fatal("wrong number of arguments");
      if ((name == "appendonly" || name == "protected-mode") && value != "yes" && value != "no")
        return fatal("argument must be 'yes' or 'no'");
      config_[name] = value;
    } else if (name != "logfile" && name != "daemonize" && name != "tcp-backlog" && name != "tcp-keepalive" &&
               name != "appendfsync" && name != "appendfilename" && name != "rdbcompression" && name != "rdbchecksum" &&
               name != "stop-writes-on-bgsave-error" && name != "supervised" && name != "pidfile" &&
               name != "always-show-logo" && name != "replica-serve-stale-data" && name != "repl-diskless-sync" &&
               name != "slowlog-log-slower-than" && name != "slowlog-max-len" && name != "lazyfree-lazy-eviction" &&
               name != "notify-keyspace-events" && name != "cluster-enabled" && name != "replica-priority" &&
               name != "auto-aof-rewrite-percentage" && name != "auto-aof-rewrite-min-size" &&
               name != "replica-announce-ip" && name != "user" && name != "aclfile") {
      return fatal("Bad directive or wrong number of arguments");
    }
  }
  if (saves_set) config_["save"] = saves;
  return "";
}

}  // namespace redis
}  // namespace drydock
