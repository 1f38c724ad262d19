#include "core/programs/images/nginx/config.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"

namespace drydock::nginx {
namespace {

constexpr int kDeepest = 16;

struct Token {
  std::string text;
  int line = 0;
  bool quoted = false;
  char mark = 0;  // ';', '{', '}' or 0
};

class Parser {
 public:
  Parser(Process& process, std::vector<Parsed::Source>& sources) : process_(process), sources_(sources) {}

  Result<void, ConfigError> parse_file(const std::string& path, const std::string& named_by, Directive& into,
                                       std::string_view context, int depth) {
    auto text = process_.read_file(path);
    if (!text) {
      return ConfigError{"open() \"" + path + "\" failed (" + std::to_string(static_cast<int>(text.error())) + ": " +
                         std::string(errno_text(text.error())) + ")" + named_by};
    }
    sources_.push_back({path, false, *text});
    return parse_text(*text, path, into, context, depth);
  }

  Result<void, ConfigError> parse_text(std::string_view text, const std::string& file, Directive& into,
                                       std::string_view context, int depth) {
    std::vector<Token> tokens;
    DRYDOCK_TRY_VOID(tokenize(text, file, tokens));
    std::size_t at = 0;
    DRYDOCK_TRY_VOID(parse_block(tokens, at, file, into, context, depth, false));
    return {};
  }

 private:
  static Result<void, ConfigError> tokenize(std::string_view text, const std::string& file,
                                            std::vector<Token>& tokens) {
    int line = 1;
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (c == '\n') ++line;
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++i;
      } else if (c == '#') {
        while (i < text.size() && text[i] != '\n') ++i;
      } else if (c == ';' || c == '{' || c == '}') {
        tokens.push_back({std::string(1, c), line, false, c});
        ++i;
      } else if (c == '"' || c == '\'') {
        Token token{"", line, true, 0};
        for (++i; i < text.size() && text[i] != c; ++i) {
          if (text[i] == '\n') ++line;
          if (text[i] == '\\' && i + 1 < text.size()) {
            const char next = text[++i];
            if (next == 'n')
              token.text += '\n';
            else if (next == 't')
              token.text += '\t';
            else if (next == 'r')
              token.text += '\r';
            else if (next == '"' || next == '\'' || next == '\\')
              token.text += next;
            else
              token.text += std::string("\\") + next;
            continue;
          }
          token.text += text[i];
        }
        if (i >= text.size())
          return ConfigError{"unexpected end of file, expecting \"" + std::string(1, c) + "\" in " + file + ":" +
                             std::to_string(line)};
        ++i;
        tokens.push_back(std::move(token));
      } else {
        Token token{"", line, false, 0};
        while (i < text.size() && std::string_view(" \t\n\r;").find(text[i]) == std::string_view::npos) {
          if (text[i] == '{' && !(i > 0 && text[i - 1] == '$')) {
            // Inside "${name}" and a regular expression's repetition it belongs to the word.
            const std::size_t close = text.find('}', i);
            const bool repetition =
                close != std::string_view::npos && close > i + 1 &&
                text.substr(i + 1, close - i - 1).find_first_not_of("0123456789,") == std::string_view::npos;
            if (!repetition) break;
            token.text += text.substr(i, close - i + 1);
            i = close + 1;
            continue;
          }
          if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
            const std::size_t close = text.find('}', i);
            if (close != std::string_view::npos) {
              token.text += text.substr(i, close - i + 1);
              i = close + 1;
              continue;
            }
          }
          if (text[i] == '}') break;
          if (text[i] == '\\' && i + 1 < text.size()) token.text += text[i++];
          token.text += text[i++];
        }
        tokens.push_back(std::move(token));
      }
    }
    return {};
  }

  Result<void, ConfigError> include(const Directive& directive, Directive& into, std::string_view context, int depth) {
    if (depth > kDeepest) return ConfigError{"too deep includes" + directive.where()};
    std::string path = directive.argument(0);
    if (!path.starts_with("/")) path = "/etc/nginx/" + path;
    const std::size_t star = path.find('*');
    if (star == std::string::npos) return parse_file(path, directive.where(), into, context, depth + 1);
    const std::string folder(directory_name(path));
    const std::string last(base_name(path));
    const std::string before = last.substr(0, last.find('*'));
    const std::string after = last.substr(last.find('*') + 1);
    const std::vector<std::string> names = process_.list_directory(folder).value_or({});
    sources_.push_back({folder, true, join(names, "\n")});
    for (const std::string& name : names) {
      if (name.size() < before.size() + after.size() || name.starts_with(".") || !name.starts_with(before) ||
          !name.ends_with(after)) {
        continue;
      }
      DRYDOCK_TRY_VOID(parse_file(folder + "/" + name, directive.where(), into, context, depth + 1));
    }
    return {};
  }

  Result<void, ConfigError> parse_block(const std::vector<Token>& tokens, std::size_t& at, const std::string& file,
                                        Directive& into, std::string_view context, int depth, bool nested) {
    while (at < tokens.size()) {
      if (tokens[at].mark == '}') {
        if (!nested) return ConfigError{"unexpected \"}\" in " + file + ":" + std::to_string(tokens[at].line)};
        ++at;
        return {};
      }
      if (tokens[at].mark != 0)
        return ConfigError{"unexpected \"" + tokens[at].text + "\" in " + file + ":" + std::to_string(tokens[at].line)};
      Directive directive;
      directive.name = tokens[at].text;
      directive.file = file;
      directive.line = tokens[at].line;
      ++at;
      while (at < tokens.size() && tokens[at].mark == 0) directive.arguments.push_back(tokens[at++].text);
      if (at >= tokens.size()) {
        return ConfigError{"unexpected end of file, expecting \";\" or \"}\" in " + file + ":" +
                           std::to_string(tokens.back().line + 1)};
      }
      const Token& end = tokens[at++];
      directive.line = end.line;
      if (end.mark == '}') return ConfigError{"unexpected \"}\" in " + file + ":" + std::to_string(end.line)};
      directive.has_block = end.mark == '{';
      const std::string problem = check_directive(directive, context);
      if (!problem.empty()) return ConfigError{problem};
      if (directive.name == "include") {
        DRYDOCK_TRY_VOID(include(directive, into, context, depth));
        continue;
      }
      if (directive.has_block) {
        DRYDOCK_TRY_VOID(
            parse_block(tokens, at, file, directive, context_inside(directive.name, context), depth, true));
      }
      into.block.push_back(std::move(directive));
    }
    if (nested) {
      return ConfigError{"unexpected end of file, expecting \"}\" in " + file + ":" +
                         std::to_string(tokens.empty() ? 1 : tokens.back().line + 1)};
    }
    return {};
  }

  Process& process_;
  std::vector<Parsed::Source>& sources_;
};

// Of one machine, by file and -g: a Deployment's replicas all start with the same files.
struct ParsedConfigs {
  std::map<std::pair<std::string, std::string>, std::weak_ptr<const Parsed>> known;
};

bool still_reads(const Process& process, const Parsed& parsed) {
  return std::ranges::all_of(parsed.sources, [&](const Parsed::Source& source) {
    return source.folder ? join(process.list_directory(source.path).value_or({}), "\n") == source.text
                         : process.read_file(source.path).value_or("") == source.text;
  });
}

void collect_types(Parsed& parsed) {
  parsed.types = {{"html", "text/html"}, {"gif", "image/gif"}, {"jpg", "image/jpeg"}};
  const Directive* http = parsed.main.child("http");
  if (http == nullptr) return;
  for (const Directive& directive : http->block) {
    if (directive.name != "types") continue;
    parsed.types.clear();
    for (const Directive& type : directive.block) {
      for (const std::string& extension : type.arguments) parsed.types[extension] = type.name;
    }
  }
}

Result<std::shared_ptr<const Parsed>, ConfigError> parse_config(Process& process, const std::string& path,
                                                                const std::string& extra) {
  auto parsed = std::make_shared<Parsed>();
  Parser parser(process, parsed->sources);
  if (!extra.empty()) {
    DRYDOCK_TRY_VOID(parser.parse_text(extra, "command line", parsed->main, "main", 0));
  }
  DRYDOCK_TRY_VOID(parser.parse_file(path, "", parsed->main, "main", 0));
  for (std::string_view once : {"daemon", "pid", "user", "worker_processes", "events", "http"}) {
    const Directive* first = nullptr;
    for (const Directive& directive : parsed->main.block) {
      if (directive.name != once) continue;
      if (first != nullptr) return ConfigError{"\"" + directive.name + "\" directive is duplicate" + directive.where()};
      first = &directive;
    }
  }
  collect_types(*parsed);
  return std::shared_ptr<const Parsed>(std::move(parsed));
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto port = parse_int(text);
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

Result<Listen, ConfigError> parse_listen(const Directive& directive) {
  Listen listen;
  std::string text = directive.argument(0);
  if (text.starts_with("[")) {
    const std::size_t colon = text.rfind("]:");
    text = colon == std::string::npos ? "80" : text.substr(colon + 2);
  } else if (const std::size_t colon = text.rfind(':'); colon != std::string::npos) {
    const std::string host = text.substr(0, colon);
    if (host != "*") {
      const auto address = Ipv4::parse(host);
      if (!address)
        return ConfigError{"host not found in \"" + text + "\" of the \"listen\" directive" + directive.where()};
      listen.address = *address;
    }
    text = text.substr(colon + 1);
  } else if (const auto address = Ipv4::parse(text)) {
    listen.address = *address;
    text = "80";
  }
  const auto port = port_of(text);
  if (!port) {
    const bool number = !text.empty() && text[0] >= '0' && text[0] <= '9';
    return ConfigError{(number ? "invalid port in \"" : "host not found in \"") + directive.argument(0) +
                       "\" of the \"listen\" directive" + directive.where()};
  }
  listen.port = *port;
  for (const std::string& word : directive.arguments) {
    if (word == "default_server" || word == "default") listen.default_server = true;
    if (word == "ssl") listen.secure = true;
  }
  return listen;
}

Result<void, ConfigError> build_locations(const Directive& block, const Scope& scope,
                                          std::vector<std::unique_ptr<Location>>& out) {
  for (const Directive& directive : block.block) {
    if (directive.name != "location") continue;
    auto location = std::make_unique<Location>();
    location->scope = {&directive, &scope};
    std::string modifier = directive.arguments.size() == 2 ? directive.argument(0) : "";
    location->pattern = directive.arguments.back();
    if (modifier.empty()) {
      for (std::string_view glued : {"~*", "^~", "=", "~"}) {
        if (!location->pattern.starts_with(glued)) continue;
        modifier = std::string(glued);
        location->pattern = location->pattern.substr(glued.size());
        break;
      }
    }
    if (modifier == "=") {
      location->kind = Location::Kind::kExact;
    } else if (modifier == "^~") {
      location->kind = Location::Kind::kNoRegex;
    } else if (modifier == "~" || modifier == "~*") {
      location->kind = Location::Kind::kRegex;
      location->regex = Regex::compile(location->pattern, Regex::Syntax::kPerl, modifier == "~*");
      if (!location->regex->ok())
        return ConfigError{"pcre2_compile() failed: " + location->regex->error() + " in \"" + location->pattern + "\"" +
                           directive.where()};
    } else if (!modifier.empty()) {
      return ConfigError{"invalid location modifier \"" + modifier + "\"" + directive.where()};
    } else if (location->pattern.starts_with("@")) {
      location->kind = Location::Kind::kNamed;
    }
    for (const auto& other : out) {
      if (other->kind == location->kind && other->pattern == location->pattern &&
          location->kind != Location::Kind::kRegex)
        return ConfigError{"duplicate location \"" + location->pattern + "\"" + directive.where()};
    }
    Scope& inner = location->scope;
    DRYDOCK_TRY_VOID(build_locations(directive, inner, location->children));
    out.push_back(std::move(location));
  }
  return {};
}

Result<void, ConfigError> build_upstream(const Directive& directive, Config& config) {
  Upstream upstream;
  for (const Directive& server : directive.block) {
    if (server.name != "server") continue;
    Peer peer;
    std::string address = server.argument(0);
    if (const std::size_t colon = address.rfind(':'); colon != std::string::npos) {
      const auto port = port_of(address.substr(colon + 1));
      if (!port) return ConfigError{"invalid port in upstream \"" + address + "\"" + server.where()};
      peer.port = *port;
      address.resize(colon);
    }
    peer.host = address;
    for (std::size_t i = 1; i < server.arguments.size(); ++i) {
      const std::string& word = server.arguments[i];
      if (word == "backup")
        peer.backup = true;
      else if (word == "down")
        peer.down = true;
      else if (word.starts_with("weight="))
        peer.weight = static_cast<int>(std::clamp<std::int64_t>(parse_int(word.substr(7)).value_or(1), 1, 100));
      else if (!word.starts_with("max_fails=") && !word.starts_with("fail_timeout=") && word != "resolve" &&
               !word.starts_with("max_conns="))
        return ConfigError{"invalid parameter \"" + word + "\"" + server.where()};
    }
    upstream.peers.push_back(std::move(peer));
  }
  if (upstream.peers.empty()) return ConfigError{"no servers are inside upstream" + directive.where()};
  config.upstreams[directive.argument(0)] = std::move(upstream);
  return {};
}

Result<void, ConfigError> build(Config& config) {
  config.main_scope = {&config.main(), nullptr};
  const Directive* http = config.main().child("http");
  if (config.main().child("events") == nullptr) return ConfigError{"no \"events\" section in configuration"};
  if (http == nullptr) return {};
  config.http = {http, &config.main_scope};
  for (const Directive& directive : http->block) {
    if (directive.name == "upstream") {
      DRYDOCK_TRY_VOID(build_upstream(directive, config));
    } else if (directive.name == "map" && directive.arguments.size() == 2) {
      config.maps[directive.argument(1)] = &directive;
    } else if (directive.name == "server") {
      auto server = std::make_unique<Server>();
      server->scope = {&directive, &config.http};
      for (const Directive& inner : directive.block) {
        if (inner.name == "listen") {
          DRYDOCK_TRY(Listen listen, parse_listen(inner));
          server->listens.push_back(listen);
        } else if (inner.name == "server_name") {
          for (const std::string& name : inner.arguments) {
            if (name.starts_with("~"))
              server->name_patterns.emplace_back(name, Regex::compile(name.substr(1), Regex::Syntax::kPerl, true));
            else
              server->names.push_back(to_lower(name));
          }
        }
      }
      if (server->listens.empty()) server->listens.push_back({});
      if (server->names.empty()) server->names.push_back("");
      DRYDOCK_TRY_VOID(build_locations(directive, server->scope, server->locations));
      config.servers.push_back(std::move(server));
    }
  }
  return {};
}

}  // namespace

const std::string& Directive::argument(std::size_t index) const {
  static const std::string kNone;
  return index < arguments.size() ? arguments[index] : kNone;
}

const Directive* Directive::child(std::string_view wanted) const {
  for (const Directive& directive : block) {
    if (directive.name == wanted) return &directive;
  }
  return nullptr;
}

const Directive* Scope::find(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent) {
    if (const Directive* found = scope->block->child(name)) return found;
  }
  return nullptr;
}

std::vector<const Directive*> Scope::all(std::string_view name) const {
  for (const Scope* scope = this; scope != nullptr; scope = scope->parent) {
    std::vector<const Directive*> found;
    for (const Directive& directive : scope->block->block) {
      if (directive.name == name) found.push_back(&directive);
    }
    if (!found.empty()) return found;
  }
  return {};
}

Result<std::shared_ptr<Config>, ConfigError> load_config(Process& process, const std::string& path,
                                                         const std::string& extra) {
  Host& host = process.host();
  if (host.attached<ParsedConfigs>() == nullptr) host.attach(std::make_shared<ParsedConfigs>());
  std::weak_ptr<const Parsed>& known = host.attached<ParsedConfigs>()->known[{path, extra}];
  auto config = std::make_shared<Config>();
  config->parsed = known.lock();
  if (config->parsed == nullptr || !still_reads(process, *config->parsed)) {
    DRYDOCK_TRY(config->parsed, parse_config(process, path, extra));
    known = config->parsed;
  }
  DRYDOCK_TRY_VOID(build(*config));
  return config;
}

}  // namespace drydock::nginx
