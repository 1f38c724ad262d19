// Netfilter rules as text: iptables' arguments, iptables-save, iptables-restore.
#include <algorithm>
#include <utility>

#include "core/base/strings.h"
#include "core/network/netfilter.h"

namespace drydock {
namespace {

std::optional<std::uint32_t> parse_number(std::string_view text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) {
    const auto number = parse_int(text);
    if (!number || *number < 0 || *number > 0xffffffffLL) return std::nullopt;
    return static_cast<std::uint32_t>(*number);
  }
  std::uint64_t value = 0;
  for (char c : text.substr(2)) {
    int digit = 0;
    if (c >= '0' && c <= '9')
      digit = c - '0';
    else if (c >= 'a' && c <= 'f')
      digit = c - 'a' + 10;
    else if (c >= 'A' && c <= 'F')
      digit = c - 'A' + 10;
    else
      return std::nullopt;
    value = value * 16 + static_cast<std::uint64_t>(digit);
    if (value > 0xffffffffULL) return std::nullopt;
  }
  return static_cast<std::uint32_t>(value);
}

// "0x4000/0x4000"
bool parse_mark(std::string_view text, std::uint32_t& value, std::uint32_t& mask) {
  const std::size_t slash = text.find('/');
  const auto number = parse_number(text.substr(0, slash));
  if (!number) return false;
  value = *number;
  if (slash != std::string_view::npos) {
    const auto wide = parse_number(text.substr(slash + 1));
    if (!wide) return false;
    mask = *wide;
  }
  return true;
}

std::optional<Protocol> protocol_of(std::string_view name) {
  if (name == "tcp" || name == "6") return Protocol::kTcp;
  if (name == "udp" || name == "17") return Protocol::kUdp;
  if (name == "icmp" || name == "1") return Protocol::kIcmp;
  return std::nullopt;
}

std::string quoted(std::string_view text) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '"' || c == '\'' || c == '\\';
  });
  if (plain) return std::string(text);
  return "\"" + replace_all(replace_all(text, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

std::string mark_text(std::uint32_t value, std::uint32_t mask) {
  return mask == 0xffffffff ? format("0x%x", value) : format("0x%x/0x%x", value, mask);
}

Status bad(std::string text) { return Status::plain(std::move(text)); }

}  // namespace

std::string NetfilterRule::text() const {
  std::string out;
  auto word = [&](std::string_view piece) {
    if (!out.empty()) out += ' ';
    out += piece;
  };
  if (source) word((source_negated ? "! -s " : "-s ") + source->text());
  if (destination) word((destination_negated ? "! -d " : "-d ") + destination->text());
  if (!in_interface.empty()) word((in_negated ? "! -i " : "-i ") + in_interface);
  if (!out_interface.empty()) word((out_negated ? "! -o " : "-o ") + out_interface);
  if (protocol) word(std::string("-p ") + protocol_name(*protocol));
  if (!comment.empty()) word("-m comment --comment " + quoted(comment));
  if (!states.empty()) word("-m conntrack --ctstate " + join(states, ","));
  if (!source_type.empty() || !destination_type.empty()) {
    word("-m addrtype");
    if (!source_type.empty()) word((source_type_negated ? "! --src-type " : "--src-type ") + source_type);
    if (!destination_type.empty())
      word((destination_type_negated ? "! --dst-type " : "--dst-type ") + destination_type);
  }
  if (mark) word(std::string("-m mark ") + (mark_negated ? "! " : "") + "--mark " + mark_text(*mark, mark_mask));
  if (!recent.empty()) {
    word("-m recent");
    if (recent_set)
      word("--set --name " + recent + " --mask 255.255.255.255 --rsource");
    else
      word("--rcheck --seconds " + std::to_string(recent_seconds) + " --reap --name " + recent +
           " --mask 255.255.255.255 --rsource");
  }
  if (protocol && (source_port || destination_port)) {
    word(std::string("-m ") + protocol_name(*protocol));
    if (source_port) word("--sport " + std::to_string(*source_port));
    if (destination_port) word("--dport " + std::to_string(*destination_port));
  }
  if (probability) word(format("-m statistic --mode random --probability %.11f", *probability));
  if (!target.empty()) word("-j " + target);
  if (target == "MARK") {
    word("--set-xmark " + format("0x%x/0x%x", set_mark, set_mark_mask));
  }
  if (target == "DNAT")
    word("--to-destination " + (to_port != 0 ? endpoint_text(to_address, to_port) : to_address.text()));
  if (target == "SNAT") word("--to-source " + to_address.text());
  if (target == "MASQUERADE" && random_fully) word("--random-fully");
  if (target == "REJECT")
    word("--reject-with " + (reject_with.empty() ? std::string("icmp-port-unreachable") : reject_with));
  return out;
}

Result<NetfilterRule> NetfilterRule::parse(const std::vector<std::string>& words) {
  NetfilterRule rule;
  bool negated = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "!") {
      negated = true;
      continue;
    }
    auto flag = [&](std::initializer_list<std::string_view> names) {
      return std::find(names.begin(), names.end(), word) != names.end();
    };
    auto argument = [&]() -> std::string {
      if (i + 1 < words.size() && words[i + 1] == "!") {  // the old place of the negation
        negated = true;
        ++i;
      }
      return i + 1 < words.size() ? words[++i] : std::string();
    };
    if (flag({"--rsource", "--reap", "--update", "--rdest"})) continue;
    if (flag({"--rcheck"})) continue;
    if (flag({"--set"})) {
      rule.recent_set = true;
      continue;
    }
    if (flag({"--random-fully"})) {
      rule.random_fully = true;
      continue;
    }
    if (!flag({"-s",
               "--source",
               "--src",
               "-d",
               "--destination",
               "--dst",
               "-i",
               "--in-interface",
               "-o",
               "--out-interface",
               "-p",
               "--protocol",
               "-m",
               "--match",
               "--dport",
               "--destination-port",
               "--sport",
               "--source-port",
               "--comment",
               "--ctstate",
               "--state",
               "--src-type",
               "--dst-type",
               "--mark",
               "--mode",
               "--probability",
               "--name",
               "--seconds",
               "--mask",
               "--set-xmark",
               "--set-mark",
               "--or-mark",
               "--xor-mark",
               "--and-mark",
               "--to-destination",
               "--to-source",
               "--reject-with",
               "-j",
               "--jump",
               "-g",
               "--goto",
               "--log-prefix",
               "--log-level",
               "--limit",
               "--limit-burst"})) {
      return bad(word.starts_with("-") ? "unknown option \"" + word + "\"" : "Bad argument `" + word + "'");
    }
    const std::string name = word;
    const std::string value = argument();
    if (value.empty()) return bad("option \"" + name + "\" requires an argument");
    auto is = [&](std::initializer_list<std::string_view> names) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (is({"-s", "--source", "--src"}) || is({"-d", "--destination", "--dst"})) {
      const auto network = Cidr::parse(value);
      if (!network) return bad("host/network `" + value + "' not found");
      const Cidr masked{network->network(), network->length};
      if (name.starts_with("-s") || name.starts_with("--s")) {
        rule.source = masked;
        rule.source_negated = negated;
      } else {
        rule.destination = masked;
        rule.destination_negated = negated;
      }
      // 0.0.0.0/0 matches all and is not printed.
      if (rule.source && rule.source->length == 0 && !rule.source_negated) rule.source.reset();
      if (rule.destination && rule.destination->length == 0 && !rule.destination_negated) rule.destination.reset();
    } else if (is({"-i", "--in-interface"})) {
      rule.in_interface = value;
      rule.in_negated = negated;
    } else if (is({"-o", "--out-interface"})) {
      rule.out_interface = value;
      rule.out_negated = negated;
    } else if (is({"-p", "--protocol"})) {
      rule.protocol = protocol_of(value);
      if (!rule.protocol && value != "all") return bad("unknown protocol \"" + value + "\" specified");
    } else if (is({"--dport", "--destination-port", "--sport", "--source-port"})) {
      const auto port = parse_int(value);
      if (!port || *port < 0 || *port > 65535) return bad("invalid port/service `" + value + "' specified");
      if (!rule.protocol) return bad("unknown option \"" + name + "\"");
      (name.starts_with("--d") ? rule.destination_port : rule.source_port) = static_cast<std::uint16_t>(*port);
    } else if (name == "--comment") {
      rule.comment = value;
    } else if (is({"--ctstate", "--state"})) {
      rule.states = split(value, ',');
    } else if (name == "--src-type") {
      rule.source_type = value;
      rule.source_type_negated = negated;
    } else if (name == "--dst-type") {
      rule.destination_type = value;
      rule.destination_type_negated = negated;
    } else if (name == "--mark") {
      std::uint32_t mark_value = 0;
      if (!parse_mark(value, mark_value, rule.mark_mask))
        return bad("mark: bad mark value for option \"--mark\", or out of range");
      rule.mark = mark_value;
      rule.mark_negated = negated;
    } else if (name == "--probability") {
      rule.probability = parse_double(value);
      if (!rule.probability || *rule.probability < 0 || *rule.probability > 1)
        return bad("statistic: bad value for option \"--probability\", or out of range (0-1)");
    } else if (name == "--name") {
      rule.recent = value;
    } else if (name == "--seconds") {
      rule.recent_seconds = parse_int(value).value_or(0);
    } else if (is({"--set-xmark", "--set-mark", "--or-mark", "--xor-mark", "--and-mark"})) {
      if (!parse_mark(value, rule.set_mark, rule.set_mark_mask))
        return bad("MARK: bad value for option \"" + name + "\", or out of range");
      // All of them are cases of mark = (mark & ~mask) ^ value.
      if (name == "--set-mark") rule.set_mark_mask |= rule.set_mark;
      if (name == "--or-mark") rule.set_mark_mask = rule.set_mark;
      if (name == "--xor-mark") rule.set_mark_mask = 0;
      if (name == "--and-mark") rule.set_mark_mask = ~std::exchange(rule.set_mark, 0);
    } else if (is({"--to-destination", "--to-source"})) {
      const std::size_t colon = value.find(':');
      const auto address = Ipv4::parse(value.substr(0, colon));
      const auto port =
          colon == std::string::npos ? std::optional<std::int64_t>(0) : parse_int(value.substr(colon + 1));
      if (!address || !port) return bad("Bad IP address \"" + value + "\"");
      rule.to_address = *address;
      rule.to_port = static_cast<std::uint16_t>(*port);
    } else if (name == "--reject-with") {
      rule.reject_with = value;
    } else if (is({"-j", "--jump", "-g", "--goto"})) {
      rule.target = value;
    }
    negated = false;
  }
  return rule;
}

std::vector<std::string> Netfilter::words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false, any = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && i + 1 < line.size() && inside) {
      word += line[++i];
    } else if (c == '"') {
      inside = !inside;
      any = true;
    } else if (!inside && (c == ' ' || c == '\t')) {
      if (any || !word.empty()) words.push_back(std::exchange(word, {}));
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) words.push_back(std::move(word));
  return words;
}

std::string Netfilter::save(std::string_view name, bool counters) const {
  const NetfilterTable* rules = table(name);
  if (rules == nullptr) return "";
  std::string out = "*" + std::string(name) + "\n";
  // Built-in chains first, in the order a packet meets them.
  std::vector<const std::pair<const std::string, NetfilterChain>*> order;
  for (const char* hook : {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}) {
    const auto at = rules->find(hook);
    if (at != rules->end()) order.push_back(&*at);
  }
  for (const auto& entry : *rules) {
    if (entry.second.policy == "-") order.push_back(&entry);
  }
  for (const auto* entry : order) out += ":" + entry->first + " " + entry->second.policy + " [0:0]\n";
  for (const auto* entry : order) {
    for (const NetfilterRule& rule : entry->second.rules) {
      if (counters)
        out += format("[%llu:%llu] ", static_cast<unsigned long long>(rule.packets),
                      static_cast<unsigned long long>(rule.bytes));
      const std::string text = rule.text();
      out += "-A " + entry->first + (text.empty() ? "" : " " + text) + "\n";
    }
  }
  return out + "COMMIT\n";
}

Result<void> Netfilter::restore(std::string_view text, bool no_flush) {
  auto tables = tables_;
  NetfilterTable* current = nullptr;
  int number = 0;
  for (const std::string& raw : split(text, '\n')) {
    ++number;
    const auto failed = [&](const std::string& why) {
      return bad((why.empty() ? std::string() : why + "\n") + "Error occurred at line: " + std::to_string(number));
    };
    std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '*') {
      const auto at = tables.find(line.substr(1));
      if (at == tables.end())
        return failed("iptables-restore: unable to initialize table '" + std::string(line.substr(1)) + "'");
      current = &at->second;
      if (!no_flush) {
        std::erase_if(*current, [](const auto& entry) { return entry.second.policy == "-"; });
        for (auto& [name, chain] : *current) chain.rules.clear();
      }
      continue;
    }
    if (line == "COMMIT") {
      current = nullptr;
      continue;
    }
    if (current == nullptr) return failed("");
    if (line.front() == ':') {
      const std::vector<std::string> parts = split_whitespace(line.substr(1));
      if (parts.size() < 2) return failed("");
      NetfilterChain& chain = (*current)[parts[0]];
      if (chain.policy.empty()) chain.policy = "-";
      if (chain.policy != "-" && parts[1] != "-") chain.policy = parts[1];
      chain.rules.clear();
      continue;
    }
    if (line.front() == '[')
      line = trim(line.substr(line.find(']') == std::string_view::npos ? 0 : line.find(']') + 1));
    std::vector<std::string> parts = words(line);
    if (parts.size() < 2) return failed("");
    const std::string verb = parts[0], chain_name = parts[1];
    if (verb == "-X" || verb == "--delete-chain") {
      current->erase(chain_name);
      continue;
    }
    const auto chain = current->find(chain_name);
    if (verb == "-N" || verb == "--new-chain") {
      (*current)[chain_name].policy = "-";
      continue;
    }
    if (chain == current->end())
      return failed("iptables-restore: Couldn't load target `" + chain_name + "':No such file or directory");
    if (verb == "-F" || verb == "--flush") {
      chain->second.rules.clear();
      continue;
    }
    parts.erase(parts.begin(), parts.begin() + 2);
    std::size_t position = 0;
    if (verb == "-I" && !parts.empty() && parse_int(parts[0])) {
      position = static_cast<std::size_t>(*parse_int(parts[0])) - 1;
      parts.erase(parts.begin());
    }
    auto rule = NetfilterRule::parse(parts);
    if (!rule) return failed("iptables-restore: " + rule.error().message);
    std::vector<NetfilterRule>& rules = chain->second.rules;
    if (verb == "-A" || verb == "--append") {
      rules.push_back(std::move(*rule));
    } else if (verb == "-I" || verb == "--insert") {
      rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(std::min(position, rules.size())), std::move(*rule));
    } else if (verb == "-D" || verb == "--delete") {
      const auto same =
          std::find_if(rules.begin(), rules.end(), [&](const NetfilterRule& old) { return old.same_rule(*rule); });
      if (same == rules.end()) return failed("iptables-restore: Bad rule (does a matching rule exist in that chain?).");
      rules.erase(same);
    } else {
      return failed("");
    }
  }
  for (const auto& [name, table] : tables) {
    for (const auto& [chain_name, chain] : table) {
      for (const NetfilterRule& rule : chain.rules) {
        static const std::vector<std::string> kTargets = {"",     "ACCEPT", "DROP",       "REJECT", "RETURN", "MARK",
                                                          "DNAT", "SNAT",   "MASQUERADE", "LOG",    "NOTRACK"};
        if (std::find(kTargets.begin(), kTargets.end(), rule.target) == kTargets.end() &&
            !table.contains(rule.target)) {
          return bad("iptables-restore: Couldn't load target `" + rule.target + "':No such file or directory");
        }
      }
    }
  }
  tables_ = std::move(tables);
  return {};
}

}  // namespace drydock
