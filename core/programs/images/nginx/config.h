// nginx' configuration: the directives as written, checked as `nginx -t` checks them.
// https://nginx.org/en/docs/dirindex.html
//
// A request reads its settings from the tree itself: a Scope finds a directive in
// its own block or, as nginx inherits, in the nearest one around it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/host/process.h"
#include "core/network/ip_address.h"
#include "core/programs/text/regex.h"

namespace drydock::nginx {

struct Directive {
  std::string name;
  std::vector<std::string> arguments;
  std::vector<Directive> block;
  bool has_block = false;
  std::string file;
  int line = 0;
  // "… in /etc/nginx/nginx.conf:12"
  std::string where() const { return " in " + file + ":" + std::to_string(line); }
  const std::string& argument(std::size_t index) const;  // "" when there is none
  const Directive* child(std::string_view wanted) const;
};

struct Scope {
  const Directive* block = nullptr;
  const Scope* parent = nullptr;
  // The nearest; null when it is set nowhere.
  const Directive* find(std::string_view name) const;
  // All of the nearest level that has any: add_header, proxy_set_header, …
  std::vector<const Directive*> all(std::string_view name) const;
  // In this very block only.
  const Directive* own(std::string_view name) const { return block->child(name); }
};

struct Location {
  enum class Kind { kPrefix, kNoRegex, kExact, kRegex, kNamed };
  Scope scope;
  Kind kind = Kind::kPrefix;
  std::string pattern;
  std::optional<Regex> regex;
  std::vector<std::unique_ptr<Location>> children;
};

struct Listen {
  Ipv4 address;
  std::uint16_t port = 80;
  bool default_server = false;
  bool secure = false;
};

struct Server {
  Scope scope;
  std::vector<Listen> listens;
  std::vector<std::string> names;
  std::vector<std::pair<std::string, Regex>> name_patterns;
  std::vector<std::unique_ptr<Location>> locations;
};

struct Peer {
  std::string host;
  std::uint16_t port = 80;
  int weight = 1;
  bool backup = false;
  bool down = false;
  std::vector<Ipv4> addresses;
};

struct Upstream {
  std::vector<Peer> peers;
  std::size_t next = 0;  // round robin
};

// What the files say, shared by the processes of a machine that read the same.
struct Parsed {
  struct Source {
    std::string path;
    bool folder = false;
    std::string text;  // a folder's names, one per line
  };
  std::vector<Source> sources;
  Directive main;
  std::map<std::string, std::string, std::less<>> types;  // by extension
};

struct Config {
  std::shared_ptr<const Parsed> parsed;
  const Directive& main() const { return parsed->main; }
  Scope main_scope;
  Scope http;
  std::vector<std::unique_ptr<Server>> servers;
  std::map<std::string, Upstream, std::less<>> upstreams;
  std::map<std::string, const Directive*, std::less<>> maps;    // by variable, with '$'
  std::map<std::string, std::vector<Ipv4>, std::less<>> hosts;  // of proxy_pass, resolved at the start
  const Scope& any_http() const { return http.block != nullptr ? http : main_scope; }
};

struct ConfigError {
  std::string text;  // "unknown directive \"foo\" in /etc/nginx/nginx.conf:3"
};

// Reads the file, what it includes, and the text of -g. `process` gives the files.
Result<std::shared_ptr<Config>, ConfigError> load_config(Process& process, const std::string& path,
                                                         const std::string& extra);

// directives.cpp: "" when the directive may stand there with that many arguments.
std::string check_directive(const Directive& directive, std::string_view context);
// The context inside a block directive.
std::string_view context_inside(std::string_view directive, std::string_view outer);

}  // namespace drydock::nginx
