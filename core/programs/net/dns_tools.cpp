// nslookup (BIND's and busybox'), dig and host.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/net/fetch.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

std::string without_dot(std::string name) {
  if (name.size() > 1 && name.back() == '.') name.pop_back();
  return name;
}

// The question that a word asks: addresses are turned into reverse names.
struct Question {
  std::string name;
  DnsType type = DnsType::kA;
};

Question question_for(const std::string& word, std::optional<DnsType> type) {
  if (const auto address = Ipv4::parse(word); address && !type) return {reverse_dns_name(*address), DnsType::kPtr};
  return {word, type.value_or(DnsType::kA)};
}

struct Answered {
  std::optional<DnsMessage> message;
  std::string name;  // the candidate that answered
  DnsFailure failure;
};

// Tries the search list as nslookup and host do.
Task<Answered> ask(Process& process, ResolverConfig config, Ipv4 server, Question question) {
  Answered outcome;
  std::vector<std::string> names = question.type == DnsType::kPtr ? std::vector<std::string>{question.name}
                                                                  : search_candidates(config, question.name);
  for (const std::string& name : names) {
    auto reply =
        co_await dns_query(process.namespaces().network, server, name, question.type, config.timeout, config.attempts);
    outcome.name = name;
    if (!reply) {
      outcome.failure = reply.error();
      outcome.message.reset();
      co_return outcome;
    }
    outcome.message = std::move(*reply);
    if (outcome.message->code == DnsCode::kNoError && !outcome.message->answers.empty()) co_return outcome;
  }
  co_return outcome;
}

std::string answer_lines(const DnsMessage& message) {
  std::string out;
  for (const DnsRecord& record : message.answers) {
    const std::string name = without_dot(record.name);
    switch (record.type) {
      case DnsType::kA:
      case DnsType::kAaaa:
        out += "Name:\t" + name + "\nAddress: " + record.data + "\n";
        break;
      case DnsType::kCname:
        out += name + "\tcanonical name = " + record.data + "\n";
        break;
      case DnsType::kPtr:
        out += name + "\tname = " + record.data + "\n";
        break;
      case DnsType::kSrv:
        out += name + "\tservice = " + record.data + "\n";
        break;
      case DnsType::kMx:
        out += name + "\tmail exchanger = " + record.data + "\n";
        break;
      case DnsType::kTxt:
        out += name + "\ttext = " + record.data + "\n";
        break;
      default:
        out += name + "\t" + std::string(dns_type_name(record.type)) + "\t" + record.data + "\n";
        break;
    }
  }
  return out;
}

Task<int> busybox_nslookup(Process& process, Ipv4 server, ResolverConfig config, Question question) {
  std::string text = "Server:\t\t" + server.text() + "\nAddress:\t" + server.text() + ":53\n\n";
  Answered outcome = co_await ask(process, std::move(config), server, question);
  if (!outcome.message) {
    co_await process.out(text);
    const bool refused = outcome.failure.kind == DnsFailure::Kind::kRefused;
    co_await process.err(refused
                             ? "nslookup: read: Connection refused\nnslookup: can't resolve '" + question.name + "'\n"
                             : ";; connection timed out; no servers could be reached\n\n");
    co_return 1;
  }
  if (outcome.message->code != DnsCode::kNoError) {
    co_await process.out(text + "** server can't find " + without_dot(outcome.name) + ": " +
                         std::string(dns_code_name(outcome.message->code)) + "\n\n" + "** server can't find " +
                         without_dot(outcome.name) + ": " + std::string(dns_code_name(outcome.message->code)) + "\n\n");
    co_return 1;
  }
  co_await process.out(text + answer_lines(*outcome.message) + "\n\n");
  co_return 0;
}

struct DnsArguments {
  std::vector<std::string> words;
  std::optional<DnsType> type;
};

Task<std::optional<Ipv4>> server_address(Process& process, std::string name) {
  const Resolution found = co_await resolve_name(process, std::move(name));
  if (found.kind != Resolution::Kind::kFound) co_return std::nullopt;
  co_return found.addresses.front();
}

}  // namespace

Task<int> nslookup_main(Process& process) {
  DnsArguments arguments;
  for (const std::string& word : process.arguments()) {
    if (word.starts_with("-type=") || word.starts_with("-query=") || word.starts_with("-q=")) {
      arguments.type = dns_type_of(word.substr(word.find('=') + 1));
      if (!arguments.type) {
        co_await process.out("unknown query type: " + word.substr(word.find('=') + 1) + "\n");
        co_return 1;
      }
    } else if (!word.starts_with("-")) {
      arguments.words.push_back(word);
    }
  }
  ResolverConfig config = process_resolver(process);
  Ipv4 server = config.nameservers.empty() ? kLoopbackAddress : config.nameservers.front();
  if (arguments.words.empty()) {
    co_await process.err("Usage: nslookup [-type=QUERY_TYPE] HOST [DNS_SERVER]\n");
    co_return 1;
  }
  if (arguments.words.size() > 1) {
    const auto chosen = co_await server_address(process, arguments.words[1]);
    if (!chosen) {
      co_await process.err("nslookup: couldn't get address for '" + arguments.words[1] + "': not found\n");
      co_return 1;
    }
    server = *chosen;
  }
  const Question question = question_for(arguments.words[0], arguments.type);
  if (process.program_version() == "busybox")
    co_return co_await busybox_nslookup(process, server, std::move(config), question);
  Answered outcome = co_await ask(process, std::move(config), server, question);
  if (!outcome.message) {
    if (outcome.failure.kind == DnsFailure::Kind::kRefused) {
      const std::string line = ";; communications error to " + server.text() + "#53: connection refused\n";
      co_await process.out(line + line + line);
    }
    co_await process.out(";; connection timed out; no servers could be reached\n\n");
    co_return 1;
  }
  std::string text = "Server:\t\t" + server.text() + "\nAddress:\t" + server.text() + "#53\n\n";
  if (outcome.message->code != DnsCode::kNoError) {
    co_await process.out(text + "** server can't find " +
                         without_dot(question.type == DnsType::kPtr ? outcome.name : question.name) + ": " +
                         std::string(dns_code_name(outcome.message->code)) + "\n\n");
    co_return 1;
  }
  if (outcome.message->answers.empty()) {
    co_await process.out(text + "*** Can't find " + question.name + ": No answer\n\n");
    co_return 1;
  }
  if (!outcome.message->authoritative && question.type != DnsType::kPtr) text += "Non-authoritative answer:\n";
  co_await process.out(text + answer_lines(*outcome.message) + "\n");
  co_return 0;
}

Task<int> dig_main(Process& process) {
  ResolverConfig config = process_resolver(process);
  Ipv4 server = config.nameservers.empty() ? kLoopbackAddress : config.nameservers.front();
  std::optional<DnsType> type;
  std::string name = ".";
  bool brief = false, reverse = false, search = false;
  std::uint16_t port = 53;
  std::string given;
  for (std::size_t i = 0; i < process.arguments().size(); ++i) {
    const std::string& word = process.arguments()[i];
    given += " " + word;
    if (word == "+short")
      brief = true;
    else if (word == "+search")
      search = true;
    else if (word == "-x")
      reverse = true;
    else if (word == "-p" && i + 1 < process.arguments().size())
      port = static_cast<std::uint16_t>(parse_int(process.arguments()[++i]).value_or(53));
    else if (word == "-t" && i + 1 < process.arguments().size())
      type = dns_type_of(process.arguments()[++i]);
    else if (word.starts_with("@")) {
      const auto chosen = co_await server_address(process, word.substr(1));
      if (!chosen) {
        co_await process.err("dig: couldn't get address for '" + word.substr(1) + "': not found\n");
        co_return 10;
      }
      server = *chosen;
    } else if (word.starts_with("+") || word.starts_with("-")) {
      continue;
    } else if (const auto known = dns_type_of(word); known && word.find('.') == std::string::npos && name != ".") {
      type = known;
    } else {
      name = word;
    }
  }
  if (reverse) {
    const auto address = Ipv4::parse(name);
    if (!address) {
      co_await process.err("dig: Invalid IP address " + name + "\n");
      co_return 1;
    }
    name = reverse_dns_name(*address);
    type = DnsType::kPtr;
  }
  const TimePoint start = process.now();
  std::optional<DnsMessage> message;
  DnsFailure failure;
  const std::vector<std::string> names =
      search ? search_candidates(config, name) : std::vector<std::string>{absolute_dns_name(name)};
  for (const std::string& candidate : names) {
    auto reply = co_await dns_query(process.namespaces().network, server, candidate, type.value_or(DnsType::kA),
                                    config.timeout, 3, port);
    if (!reply) {
      failure = reply.error();
      break;
    }
    message = std::move(*reply);
    if (message->code == DnsCode::kNoError) break;
  }
  const std::string head = "\n; <<>> DiG 9.18.33-1~deb12u2-Debian <<>>" + given + "\n";
  if (!message) {
    std::string text = brief ? "" : head;
    const char* why = failure.kind == DnsFailure::Kind::kRefused ? "connection refused" : "timed out";
    for (int i = 0; i < 3; ++i)
      text += ";; communications error to " + server.text() + "#" + std::to_string(port) + ": " + why + "\n";
    co_await process.out(text + (brief ? "" : "\n") + ";; no servers could be reached\n" + (brief ? "" : "\n"));
    co_return 9;
  }
  if (brief) {
    std::string text;
    for (const DnsRecord& record : message->answers) text += record.data + "\n";
    co_await process.out(text);
    co_return 0;
  }
  auto section = [](const char* title, const std::vector<DnsRecord>& records) {
    if (records.empty()) return std::string();
    std::string out = std::string(";; ") + title + " SECTION:\n";
    for (const DnsRecord& record : records) {
      out += pad_right(record.name, 23) + "\t" + std::to_string(record.ttl) + "\tIN\t" +
             std::string(dns_type_name(record.type)) + "\t" + record.data + "\n";
    }
    return out + "\n";
  };
  std::string text =
      head + ";; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: " +
      std::string(dns_code_name(message->code)) + ", id: " + std::to_string(message->id) + "\n;; flags: qr" +
      (message->authoritative ? " aa" : "") + " rd" + (message->authoritative ? "" : " ra") +
      "; QUERY: 1, ANSWER: " + std::to_string(message->answers.size()) +
      ", AUTHORITY: " + std::to_string(message->authority.size()) +
      ", ADDITIONAL: 1\n\n;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 1232\n;; QUESTION SECTION:\n;" +
      pad_right(message->name, 22) + "\tIN\t" + std::string(dns_type_name(message->type)) + "\n\n";
  text += section("ANSWER", message->answers) + section("AUTHORITY", message->authority) +
          section("ADDITIONAL", message->additional);
  text += ";; Query time: " +
          std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(process.now() - start).count()) +
          " msec\n;; SERVER: " + server.text() + "#" + std::to_string(port) + "(" + server.text() +
          ") (UDP)\n;; MSG SIZE  rcvd: " + std::to_string(40 + 2 * message->name.size()) + "\n\n";
  co_await process.out(text);
  co_return 0;
}

Task<int> host_main(Process& process) {
  std::optional<DnsType> type;
  std::vector<std::string> words;
  for (std::size_t i = 0; i < process.arguments().size(); ++i) {
    const std::string& word = process.arguments()[i];
    if (word == "-t" && i + 1 < process.arguments().size())
      type = dns_type_of(process.arguments()[++i]);
    else if (!word.starts_with("-"))
      words.push_back(word);
  }
  if (words.empty()) {
    co_await process.err(
        "Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]\n            [-R number] [-m flag] [-p "
        "port] hostname [server]\n");
    co_return 1;
  }
  ResolverConfig config = process_resolver(process);
  Ipv4 server = config.nameservers.empty() ? kLoopbackAddress : config.nameservers.front();
  if (words.size() > 1) {
    if (const auto chosen = co_await server_address(process, words[1])) server = *chosen;
  }
  const Question question = question_for(words[0], type);
  Answered outcome = co_await ask(process, std::move(config), server, question);
  if (!outcome.message) {
    co_await process.out(";; connection timed out; no servers could be reached\n");
    co_return 1;
  }
  if (outcome.message->code != DnsCode::kNoError) {
    co_await process.out("Host " + without_dot(question.name) +
                         " not found: " + std::to_string(static_cast<int>(outcome.message->code)) + "(" +
                         std::string(dns_code_name(outcome.message->code)) + ")\n");
    co_return 1;
  }
  std::string text;
  for (const DnsRecord& record : outcome.message->answers) {
    const std::string name = without_dot(record.name);
    switch (record.type) {
      case DnsType::kA:
        text += name + " has address " + record.data + "\n";
        break;
      case DnsType::kCname:
        text += name + " is an alias for " + record.data + "\n";
        break;
      case DnsType::kPtr:
        text += name + " domain name pointer " + record.data + "\n";
        break;
      case DnsType::kSrv:
        text += name + " has SRV record " + record.data + "\n";
        break;
      default:
        text += name + " has " + std::string(dns_type_name(record.type)) + " record " + record.data + "\n";
        break;
    }
  }
  if (text.empty()) text = question.name + " has no " + std::string(dns_type_name(question.type)) + " record\n";
  co_await process.out(text);
  co_return 0;
}

}  // namespace drydock
