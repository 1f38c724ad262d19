// iptables, iptables-save, iptables-restore over a stack's netfilter.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/network/net_namespace.h"
#include "core/network/netfilter.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

const std::string kProgram = "iptables v1.8.9 (nf_tables): ";

std::string interface_text(const std::string& name, bool negated) {
  return name.empty() ? "*" : (negated ? "!" : "") + name;
}

std::string network_text(const std::optional<Cidr>& network, bool negated) {
  if (!network) return "0.0.0.0/0";
  return (negated ? "!" : "") + (network->length == 32 ? network->address.text() : network->text());
}

// What follows the columns of a listed rule.
std::string extras(const NetfilterRule& rule) {
  std::string out;
  auto word = [&](const std::string& text) { out += (out.empty() ? "" : " ") + text; };
  if (!rule.comment.empty()) word("/* " + rule.comment + " */");
  if (!rule.states.empty()) word("ctstate " + join(rule.states, ","));
  if (!rule.source_type.empty())
    word(std::string("ADDRTYPE match src-type ") + (rule.source_type_negated ? "!" : "") + rule.source_type);
  if (!rule.destination_type.empty())
    word(std::string("ADDRTYPE match dst-type ") + (rule.destination_type_negated ? "!" : "") + rule.destination_type);
  if (rule.mark)
    word("mark match " + std::string(rule.mark_negated ? "! " : "") + format("0x%x/0x%x", *rule.mark, rule.mark_mask));
  if (!rule.recent.empty())
    word(rule.recent_set ? "recent: SET name: " + rule.recent + " side: source mask: 255.255.255.255"
                         : "recent: CHECK seconds: " + std::to_string(rule.recent_seconds) +
                               " reap name: " + rule.recent + " side: source mask: 255.255.255.255");
  if (rule.source_port) word(std::string(protocol_name(*rule.protocol)) + " spt:" + std::to_string(*rule.source_port));
  if (rule.destination_port)
    word(std::string(protocol_name(*rule.protocol)) + " dpt:" + std::to_string(*rule.destination_port));
  if (rule.probability) word(format("statistic mode random probability %.11f", *rule.probability));
  if (rule.target == "MARK")
    word(rule.set_mark_mask == rule.set_mark ? format("MARK or 0x%x", rule.set_mark)
         : rule.set_mark_mask == 0           ? format("MARK xor 0x%x", rule.set_mark)
                                             : format("MARK xset 0x%x/0x%x", rule.set_mark, rule.set_mark_mask));
  if (rule.target == "DNAT")
    word("to:" + (rule.to_port != 0 ? endpoint_text(rule.to_address, rule.to_port) : rule.to_address.text()));
  if (rule.target == "SNAT") word("to:" + rule.to_address.text());
  if (rule.random_fully) word("random-fully");
  if (rule.target == "REJECT")
    word("reject-with " + (rule.reject_with.empty() ? std::string("icmp-port-unreachable") : rule.reject_with));
  return out;
}

std::string protocol_column(const NetfilterRule& rule) { return rule.protocol ? protocol_name(*rule.protocol) : "all"; }

std::string list_chain(const NetfilterTable& table, const std::string& name, const NetfilterChain& chain, bool verbose,
                       bool numbers) {
  int references = 0;
  for (const auto& [other_name, other] : table) {
    references += static_cast<int>(std::count_if(other.rules.begin(), other.rules.end(),
                                                 [&](const NetfilterRule& rule) { return rule.target == name; }));
  }
  std::string out = "Chain " + name + " (" +
                    (chain.policy == "-" ? std::to_string(references) + " references"
                                         : "policy " + chain.policy + (verbose ? " 0 packets, 0 bytes" : "")) +
                    ")\n";
  const std::string number_head = numbers ? "num  " : "";
  out += number_head +
         (verbose ? " pkts bytes target     prot opt in     out     source               destination         \n"
                  : "target     prot opt source               destination         \n");
  int number = 0;
  for (const NetfilterRule& rule : chain.rules) {
    if (numbers) out += pad_right(std::to_string(++number), 5);
    if (verbose) {
      out += pad_left(std::to_string(rule.packets), 5) + " " + pad_left(std::to_string(rule.bytes), 5) + " " +
             pad_right(rule.target, 10) + " " + pad_right(protocol_column(rule), 4) + " --  " +
             pad_right(interface_text(rule.in_interface, rule.in_negated), 6) + " " +
             pad_right(interface_text(rule.out_interface, rule.out_negated), 7) + " ";
    } else {
      out += pad_right(rule.target, 10) + " " + pad_right(protocol_column(rule), 4) + " --  ";
    }
    out += pad_right(network_text(rule.source, rule.source_negated), 20) + " " +
           pad_right(network_text(rule.destination, rule.destination_negated), 20) + " " + extras(rule) + "\n";
  }
  return out;
}

std::vector<std::string> chain_order(const NetfilterTable& table) {
  std::vector<std::string> names;
  for (const char* hook : {"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}) {
    if (table.contains(hook)) names.emplace_back(hook);
  }
  for (const auto& [name, chain] : table) {
    if (chain.policy == "-") names.push_back(name);
  }
  return names;
}

struct Command {
  char verb = 0;  // 'A', 'I', 'D', 'L', …
  std::string chain;
  std::vector<std::string> rest;
};

}  // namespace

Task<int> iptables_main(Process& process) {
  std::string table_name = "filter";
  bool verbose = false, numbers = false;
  Command command;
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  auto problem = [&](std::string text, int code = 2) -> Task<int> {
    co_await process.err(kProgram + text + "\nTry `iptables -h' or 'iptables --help' for more information.\n");
    co_return code;
  };
  auto kernel = [&](std::string text) -> Task<int> {
    co_await process.err("iptables: " + text + "\n");
    co_return 1;
  };
  static const std::map<std::string, char, std::less<>> kVerbs = {
      {"-A", 'A'}, {"--append", 'A'}, {"-I", 'I'}, {"--insert", 'I'},    {"-D", 'D'}, {"--delete", 'D'},
      {"-C", 'C'}, {"--check", 'C'},  {"-L", 'L'}, {"--list", 'L'},      {"-S", 'S'}, {"--list-rules", 'S'},
      {"-F", 'F'}, {"--flush", 'F'},  {"-N", 'N'}, {"--new-chain", 'N'}, {"-X", 'X'}, {"--delete-chain", 'X'},
      {"-P", 'P'}, {"--policy", 'P'}, {"-Z", 'Z'}, {"--zero", 'Z'}};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if ((word == "-t" || word == "--table") && i + 1 < words.size()) {
      table_name = words[++i];
    } else if (const auto verb = kVerbs.find(word); verb != kVerbs.end() && command.verb == 0) {
      command.verb = verb->second;
      if (i + 1 < words.size() && !words[i + 1].starts_with("-")) command.chain = words[++i];
    } else if (word == "-n" || word == "--numeric") {
      continue;  // names are never looked up
    } else if (word == "-v" || word == "--verbose") {
      verbose = true;
    } else if (word == "--line-numbers") {
      numbers = true;
    } else if (word == "-w" || word == "--wait" || word == "-4") {
      continue;
    } else if (word.size() > 2 && word[0] == '-' && word[1] != '-' &&
               std::all_of(word.begin() + 1, word.end(),
                           [](char c) { return std::string_view("nvLS").find(c) != std::string_view::npos; })) {
      for (char c : word.substr(1)) {
        if (c == 'v') verbose = true;
        if (c == 'L' || c == 'S') command.verb = c;
      }
    } else if (word == "-V" || word == "--version") {
      co_await process.out("iptables v1.8.9 (nf_tables)\n");
      co_return 0;
    } else {
      command.rest.push_back(word);
    }
  }
  if (process.credentials().uid != 0) {
    co_await process.err(kProgram + "Could not fetch rule set generation id: Permission denied (you must be root)\n");
    co_return 4;
  }
  if (command.verb == 0) co_return co_await problem("no command specified");
  Netfilter& netfilter = process.network().netfilter();
  NetfilterTable* table = netfilter.table(table_name);
  if (table == nullptr) {
    co_await process.err(
        kProgram + "can't initialize iptables table `" + table_name +
        "': Table does not exist (do you need to insmod?)\nPerhaps iptables or your kernel needs to be upgraded.\n");
    co_return 3;
  }
  if ((command.verb == 'L' || command.verb == 'S') && command.chain.empty() && !command.rest.empty())
    command.chain = command.rest.front();
  const auto chain = table->find(command.chain);
  if (!command.chain.empty() && chain == table->end() && command.verb != 'N')
    co_return co_await kernel("No chain/target/match by that name.");
  std::string out;
  switch (command.verb) {
    case 'L': {
      for (const std::string& name : chain_order(*table)) {
        if (!command.chain.empty() && command.chain != name) continue;
        out += (out.empty() ? "" : "\n") + list_chain(*table, name, table->find(name)->second, verbose, numbers);
      }
      break;
    }
    case 'S': {
      const std::vector<std::string> names = chain_order(*table);
      for (const std::string& name : names) {
        if (!command.chain.empty() && command.chain != name) continue;
        const std::string& policy = table->find(name)->second.policy;
        out += policy == "-" ? "-N " + name + "\n" : "-P " + name + " " + policy + "\n";
      }
      for (const std::string& name : names) {
        if (!command.chain.empty() && command.chain != name) continue;
        for (const NetfilterRule& rule : table->find(name)->second.rules)
          out += "-A " + name + " " + rule.text() + "\n";
      }
      break;
    }
    case 'F':
      for (auto& [name, one] : *table) {
        if (command.chain.empty() || command.chain == name) one.rules.clear();
      }
      break;
    case 'N':
      if (chain != table->end()) co_return co_await kernel("Chain already exists.");
      (*table)[command.chain].policy = "-";
      break;
    case 'X': {
      if (command.chain.empty()) {
        std::erase_if(*table,
                      [](const auto& entry) { return entry.second.policy == "-" && entry.second.rules.empty(); });
        break;
      }
      if (!chain->second.rules.empty()) co_return co_await kernel("Directory not empty.");
      table->erase(chain);
      break;
    }
    case 'P':
      if (command.rest.empty() || (command.rest[0] != "ACCEPT" && command.rest[0] != "DROP"))
        co_return co_await kernel("Bad policy name. Run `dmesg' for more information.");
      chain->second.policy = command.rest[0];
      break;
    case 'Z':
      break;
    default: {
      if (command.chain.empty())
        co_return co_await problem("option \"-" + std::string(1, command.verb) + "\" requires an argument");
      std::vector<NetfilterRule>& rules = chain->second.rules;
      std::size_t position = 0;
      const bool numbered = !command.rest.empty() && parse_int(command.rest[0]).has_value();
      if (numbered && (command.verb == 'I' || command.verb == 'D')) {
        position = static_cast<std::size_t>(std::max<std::int64_t>(1, *parse_int(command.rest[0]))) - 1;
        command.rest.erase(command.rest.begin());
        if (command.verb == 'D') {
          if (position >= rules.size()) co_return co_await kernel("Index of deletion too big.");
          rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(position));
          break;
        }
      }
      auto rule = NetfilterRule::parse(command.rest);
      if (!rule) co_return co_await problem(rule.error().message);
      static const std::vector<std::string> kTargets = {"",     "ACCEPT", "DROP", "REJECT",     "RETURN",
                                                        "MARK", "DNAT",   "SNAT", "MASQUERADE", "LOG"};
      if (std::find(kTargets.begin(), kTargets.end(), rule->target) == kTargets.end() &&
          !table->contains(rule->target)) {
        co_return co_await problem("Chain '" + rule->target + "' does not exist");
      }
      const auto same =
          std::find_if(rules.begin(), rules.end(), [&](const NetfilterRule& old) { return old.same_rule(*rule); });
      if (command.verb == 'C' || command.verb == 'D') {
        if (same == rules.end()) co_return co_await kernel("Bad rule (does a matching rule exist in that chain?).");
        if (command.verb == 'D') rules.erase(same);
      } else if (command.verb == 'A') {
        rules.push_back(std::move(*rule));
      } else {
        rules.insert(rules.begin() + static_cast<std::ptrdiff_t>(std::min(position, rules.size())), std::move(*rule));
      }
      break;
    }
  }
  co_await process.out(out);
  co_return 0;
}

Task<int> iptables_save_main(Process& process) {
  std::string wanted;
  bool counters = false;
  for (std::size_t i = 0; i < process.arguments().size(); ++i) {
    const std::string& word = process.arguments()[i];
    if (word == "-c" || word == "--counters") counters = true;
    if ((word == "-t" || word == "--table") && i + 1 < process.arguments().size()) wanted = process.arguments()[++i];
  }
  const Netfilter& netfilter = process.network().netfilter();
  if (!wanted.empty() && netfilter.table(wanted) == nullptr) {
    co_await process.err("iptables-save v1.8.9 (nf_tables): table '" + wanted + "' does not exist\n");
    co_return 1;
  }
  std::string out;
  for (const std::string& name : Netfilter::table_names()) {
    if (!wanted.empty() && name != wanted) continue;
    out += "# Generated by iptables-save v1.8.9 (nf_tables)\n" + netfilter.save(name, counters) + "# Completed\n";
  }
  co_await process.out(out);
  co_return 0;
}

Task<int> iptables_restore_main(Process& process) {
  bool no_flush = false;
  for (const std::string& word : process.arguments()) no_flush = no_flush || word == "-n" || word == "--noflush";
  const std::string text = co_await process.read_all(0);
  auto restored = process.network().netfilter().restore(text, no_flush);
  if (!restored) {
    co_await process.err(restored.error().message + "\n");
    co_return 2;
  }
  co_return 0;
}

}  // namespace drydock
