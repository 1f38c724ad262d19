#include "core/programs/system/system.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/host/services.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/system/programs.h"

namespace drydock {
namespace {

constexpr Duration kFollowInterval = milliseconds(200);
constexpr std::size_t kStatusLines = 10;  // journal lines that `systemctl status` shows

// systemd's "5s ago", "2min 3s ago", "1h 2min ago".
std::string ago(Duration age) {
  const auto total = std::chrono::duration_cast<std::chrono::seconds>(age).count();
  if (total < 60) return std::to_string(total) + "s ago";
  if (total < 3600)
    return std::to_string(total / 60) + "min " + (total < 600 ? std::to_string(total % 60) + "s " : "") + "ago";
  if (total < 86400) return std::to_string(total / 3600) + "h " + std::to_string(total / 60 % 60) + "min ago";
  return std::to_string(total / 86400) + " days ago";
}

std::string journal_text(const ServiceManager::JournalLine& line, const std::string& hostname) {
  return format_time(line.time, "%b %d %H:%M:%S") + " " + hostname + " " + line.identifier + "[" +
         std::to_string(line.pid) + "]: " + line.text + "\n";
}

std::string active_text(const ServiceManager::View& view, TimePoint now) {
  const std::string since = format_time(view.since, "%a %Y-%m-%d %H:%M:%S UTC") + "; " + ago(now - view.since);
  switch (view.state) {
    case ServiceState::kActive:
      return "active (running) since " + since;
    case ServiceState::kActivating:
      return "activating (auto-restart) (Result: exit-code) since " + since;
    case ServiceState::kFailed:
      return "failed (Result: exit-code) since " + since;
    case ServiceState::kInactive:
      return "inactive (dead)";
  }
  return "";
}

std::string_view state_word(ServiceState state) {
  switch (state) {
    case ServiceState::kActive:
      return "active";
    case ServiceState::kActivating:
      return "activating";
    case ServiceState::kFailed:
      return "failed";
    case ServiceState::kInactive:
      return "inactive";
  }
  return "";
}

std::string status_text(Process& process, const ServiceManager::View& view) {
  Host& host = process.host();
  const ServiceUnit& unit = view.unit;
  const bool running = view.state == ServiceState::kActive;
  std::string text = std::string(running || view.state == ServiceState::kActivating ? "●"
                                 : view.state == ServiceState::kFailed              ? "×"
                                                                                    : "○") +
                     " " + unit.name + " - " + unit.description + "\n";
  text += "     Loaded: loaded (" + unit.fragment_path + "; " + (view.enabled ? "enabled" : "disabled") +
          "; preset: disabled)\n";
  for (std::size_t i = 0; i < unit.drop_ins.size(); ++i) {
    if (i == 0) text += "    Drop-In: " + std::string(directory_name(unit.drop_ins[i])) + "\n";
    text += "             └─" + std::string(base_name(unit.drop_ins[i])) + "\n";
  }
  text += "     Active: " + active_text(view, process.now()) + "\n";
  if (!unit.documentation.empty()) text += "       Docs: " + unit.documentation + "\n";
  if (!running && view.last_exit.shell_code() != 0) {
    text += "    Process: ExecStart=" + join(unit.command, " ") +
            " (code=exited, status=" + std::to_string(view.last_exit.code) + "/FAILURE)\n";
  }
  if (Process* main = host.find(view.main_pid)) {
    text += "   Main PID: " + std::to_string(view.main_pid) + " (" + std::string(main->name()) + ")\n";
    text += "      Tasks: " + std::to_string(10 + main->tasks().running()) + "\n";
    text += format("     Memory: %.1fM\n", static_cast<double>(main->memory()) / (1 << 20));
    text += format("        CPU: %.3fs\n", std::chrono::duration<double>(main->cpu_time()).count());
    text += "     CGroup: /system.slice/" + unit.name + "\n             └─" + std::to_string(view.main_pid) + " " +
            join(main->argv(), " ") + "\n";
  }
  std::vector<const ServiceManager::JournalLine*> lines;
  for (const auto& line : host.services().journal()) {
    if (line.unit == unit.name) lines.push_back(&line);
  }
  if (!lines.empty()) text += "\n";
  for (std::size_t i = lines.size() > kStatusLines ? lines.size() - kStatusLines : 0; i < lines.size(); ++i)
    text += journal_text(*lines[i], process.hostname());
  return text;
}

std::string unit_name(std::string name) { return contains(name, ".") ? name : name + ".service"; }

Task<int> list_units(Process& process) {
  std::string text = pad_right("  UNIT", 24) + "LOAD   ACTIVE     SUB          DESCRIPTION\n";
  for (const std::string& name : process.host().services().names()) {
    const auto view = process.host().services().view(name);
    const char* sub = view->state == ServiceState::kActive       ? "running"
                      : view->state == ServiceState::kActivating ? "auto-restart"
                                                                 : "dead";
    text += pad_right("  " + name, 24) + "loaded " + pad_right(state_word(view->state), 11) + pad_right(sub, 13) +
            view->unit.description + "\n";
  }
  co_await process.out(text);
  co_return 0;
}

Task<int> systemctl_main(Process& process) {
  std::vector<std::string> words;
  bool now = false;
  for (const std::string& word : process.arguments()) {
    if (word == "--now") now = true;
    if (!word.starts_with("-")) words.push_back(word);
  }
  ServiceManager& services = process.host().services();
  if (words.empty() || words[0] == "list-units") co_return co_await list_units(process);
  const std::string verb = words[0];
  if (verb == "daemon-reload") co_return 0;
  const bool known = verb == "start" || verb == "stop" || verb == "restart" || verb == "status" || verb == "enable" ||
                     verb == "disable" || verb == "is-active" || verb == "is-enabled" || verb == "is-failed" ||
                     verb == "reload" || verb == "cat" || verb == "show" || verb == "kill";
  if (!known) {
    co_await process.err("Unknown command verb " + verb + ".\n");
    co_return 1;
  }
  if (words.size() < 2) {
    co_await process.err("Too few arguments.\n");
    co_return 1;
  }
  if (verb != "status" && !verb.starts_with("is-") && verb != "cat" && verb != "show" &&
      process.credentials().uid != 0) {
    co_await process.err("Failed to " + verb + " " + unit_name(words[1]) + ": Access denied\n");
    co_return 4;
  }
  int code = 0;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string name = unit_name(words[i]);
    const auto view = services.view(name);
    if (!view) {
      if (verb == "status") {
        co_await process.err("Unit " + name + " could not be found.\n");
        code = 4;
      } else if (verb == "is-active") {
        co_await process.out("inactive\n");
        code = 3;
      } else if (verb == "start" || verb == "restart") {
        co_await process.err("Failed to " + verb + " " + name + ": Unit " + name + " not found.\n");
        code = 5;
      } else {
        co_await process.err("Failed to " + verb + " unit: Unit file " + name + " does not exist.\n");
        code = 1;
      }
      continue;
    }
    if (verb == "start") services.start(name);
    if (verb == "stop" || verb == "kill") services.stop(name);
    if (verb == "restart" || verb == "reload") services.restart(name);
    if (verb == "enable" || verb == "disable") {
      const bool enable = verb == "enable";
      services.set_enabled(name, enable);
      const std::string link = "/etc/systemd/system/multi-user.target.wants/" + name;
      if (enable && !view->enabled)
        co_await process.err("Created symlink " + link + " → " + view->unit.fragment_path + ".\n");
      if (!enable && view->enabled) co_await process.err("Removed \"" + link + "\".\n");
      if (now && enable) services.start(name);
      if (now && !enable) services.stop(name);
    }
    if (verb == "is-active") {
      co_await process.out(std::string(state_word(view->state)) + "\n");
      if (view->state != ServiceState::kActive) code = 3;
    }
    if (verb == "is-failed") {
      co_await process.out(std::string(state_word(view->state)) + "\n");
      if (view->state != ServiceState::kFailed) code = 1;
    }
    if (verb == "is-enabled") {
      co_await process.out(view->enabled ? "enabled\n" : "disabled\n");
      if (!view->enabled) code = 1;
    }
    if (verb == "cat") {
      for (const std::string& path : {view->unit.fragment_path})
        co_await process.out("# " + path + "\n" + process.read_file(path).value_or(""));
      for (const std::string& path : view->unit.drop_ins)
        co_await process.out("\n# " + path + "\n" + process.read_file(path).value_or(""));
    }
    if (verb == "show") {
      co_await process.out("Id=" + name + "\nMainPID=" + std::to_string(view->main_pid) +
                           "\nActiveState=" + std::string(state_word(view->state)) +
                           "\nNRestarts=" + std::to_string(view->restarts) + "\n");
    }
    if (verb == "status") {
      co_await process.out(status_text(process, *view));
      if (view->state != ServiceState::kActive) code = 3;
    }
    if (verb == "start" || verb == "restart" || verb == "stop")
      (void)co_await process.sleep(milliseconds(process.prng().between(30, 120)));
  }
  co_return code;
}

struct JournalQuery {
  std::vector<std::string> units;
  std::size_t lines = SIZE_MAX;
  bool follow = false;
  bool reverse = false;
  bool cat_only = false;
};

Task<int> journalctl_main(Process& process) {
  JournalQuery query;
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    auto value = [&](std::size_t prefix) {
      return word.size() > prefix ? word.substr(prefix) : i + 1 < words.size() ? words[++i] : std::string();
    };
    if (word.starts_with("--unit="))
      query.units.push_back(unit_name(word.substr(7)));
    else if (word.starts_with("--lines="))
      query.lines = static_cast<std::size_t>(parse_int(word.substr(8)).value_or(10));
    else if (word == "--follow")
      query.follow = true;
    else if (word == "--no-pager" || word == "--since" || word == "--boot" || word == "-b" || word == "-e" ||
             word == "--no-hostname") {
      if (word == "--since") ++i;
    } else if (word == "-o" || word == "--output") {
      query.cat_only = i + 1 < words.size() && words[++i] == "cat";
    } else if (word.starts_with("-") && !word.starts_with("--") && word.size() > 1) {
      // Short flags may be joined: -xeu kubelet, -fu kubelet, -n20.
      const std::string letters = word.substr(1);
      for (std::size_t k = 0; k < letters.size(); ++k) {
        if (letters[k] == 'f')
          query.follow = true;
        else if (letters[k] == 'r')
          query.reverse = true;
        else if (letters[k] == 'u') {
          query.units.push_back(unit_name(value(k + 2)));
          break;
        } else if (letters[k] == 'n') {
          query.lines = static_cast<std::size_t>(parse_int(value(k + 2)).value_or(10));
          break;
        } else if (letters[k] != 'x' && letters[k] != 'e') {
          co_await process.err("journalctl: invalid option -- '" + letters.substr(k, 1) + "'\n");
          co_return 1;
        }
      }
    } else {
      co_await process.err("journalctl: unrecognized option '" + word + "'\n");
      co_return 1;
    }
  }
  const ServiceManager& services = process.host().services();
  auto wanted = [&](const ServiceManager::JournalLine& line) {
    return query.units.empty() || std::count(query.units.begin(), query.units.end(), line.unit) > 0;
  };
  auto shown = [&](const ServiceManager::JournalLine& line) {
    return query.cat_only ? line.text + "\n" : journal_text(line, process.hostname());
  };
  if (query.follow && query.lines == SIZE_MAX) query.lines = 10;
  std::vector<std::string> texts;
  for (const auto& line : services.journal()) {
    if (wanted(line)) texts.push_back(shown(line));
  }
  if (texts.size() > query.lines) texts.erase(texts.begin(), texts.end() - static_cast<std::ptrdiff_t>(query.lines));
  if (query.reverse) std::reverse(texts.begin(), texts.end());
  if (texts.empty() && !query.follow) texts.push_back("-- No entries --\n");
  co_await process.out(join(texts, ""));
  if (!query.follow) co_return 0;
  if (auto tty = process.tty_of(1)) tty->set_following(true);
  std::uint64_t seen = services.journal_written();
  for (;;) {
    (void)co_await process.sleep(kFollowInterval);
    const std::uint64_t written = services.journal_written();
    const auto& journal = services.journal();
    const std::size_t fresh = std::min<std::size_t>(journal.size(), static_cast<std::size_t>(written - seen));
    std::string text;
    for (std::size_t i = journal.size() - fresh; i < journal.size(); ++i) {
      if (wanted(journal[i])) text += shown(journal[i]);
    }
    seen = written;
    if (!text.empty()) co_await process.out(text);
  }
}

}  // namespace

void register_services(ProgramRegistry& programs) {
  programs.add("systemctl", systemctl_main);
  programs.add("journalctl", journalctl_main);
}

void register_system_programs(ProgramRegistry& programs) {
  register_services(programs);
  register_kernel(programs);
  register_accounts(programs);
  register_sessions(programs);
}

}  // namespace drydock
