// Pipelines, background commands and job control.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/tty.h"
#include "core/programs/shell/interpreter.h"

namespace drydock::shell {
namespace {

constexpr std::size_t kStateWidth = 24;

// What bash calls a death by signal.
std::string_view death(int signal) {
  switch (signal) {
    case kSigHup:
      return "Hangup";
    case kSigInt:
      return "Interrupt";
    case kSigQuit:
      return "Quit";
    case 6:
      return "Aborted";
    case kSigKill:
      return "Killed";
    case kSigUsr1:
      return "User defined signal 1";
    case 11:
      return "Segmentation fault";
    case kSigUsr2:
      return "User defined signal 2";
    case kSigAlrm:
      return "Alarm clock";
    case kSigTerm:
      return "Terminated";
    default:
      return "Unknown signal";
  }
}

std::string clock_text(Duration time, bool posix) {
  const auto total = std::chrono::duration_cast<milliseconds>(time).count();
  if (posix)
    return format("%lld.%02lld", static_cast<long long>(total / 1000), static_cast<long long>(total % 1000 / 10));
  return format("%lldm%lld.%03llds", static_cast<long long>(total / 60000), static_cast<long long>(total / 1000 % 60),
                static_cast<long long>(total % 1000));
}

}  // namespace

int Interpreter::next_job_number() const {
  int number = 1;
  for (const Job& job : jobs_) number = std::max(number, job.number + 1);
  return number;
}

std::string Interpreter::job_line(const Job& job, bool with_pid) const {
  std::string state = job.stopped ? "Stopped" : "Running";
  if (job.codes.size() == job.pids.size() && !job.stopped) {
    const int code = job.codes.empty() ? 0 : job.codes.at(job.pids.back());
    state = job.signal != 0 ? std::string(death(job.signal)) : code == 0 ? "Done" : "Exit " + std::to_string(code);
  }
  const char mark = job.number == current_job_ ? '+' : job.number == previous_job_ ? '-' : ' ';
  const bool running = state == "Running";
  return "[" + std::to_string(job.number) + "]" + mark + (with_pid ? " " : "  ") +
         (with_pid ? std::to_string(job.pids.back()) + " " : "") + pad_right(state, kStateWidth) + job.text +
         (running ? " &" : "") + "\n";
}

// %1, %+, %-, %name, %?text, or a pid.
Job* Interpreter::find_job(const std::string& spec, std::string* problem) {
  auto numbered = [&](int number) -> Job* {
    for (Job& job : jobs_) {
      if (job.number == number) return &job;
    }
    return nullptr;
  };
  if (spec.empty() || spec == "%" || spec == "%%" || spec == "%+") return numbered(current_job_);
  if (spec == "%-") return numbered(previous_job_ != 0 ? previous_job_ : current_job_);
  if (!spec.starts_with("%")) return nullptr;
  const std::string rest = spec.substr(1);
  if (const auto number = parse_int(rest)) return numbered(static_cast<int>(*number));
  Job* found = nullptr;
  for (Job& job : jobs_) {
    const bool matches = rest.starts_with("?") ? contains(job.text, rest.substr(1)) : job.text.starts_with(rest);
    if (!matches) continue;
    if (found != nullptr) {
      if (problem != nullptr) *problem = rest + ": ambiguous job spec";
      return nullptr;
    }
    found = &job;
  }
  return found;
}

// Waits for a foreground job: it owns the terminal meanwhile; a stopped one stays as a job.
Task<int> Interpreter::wait_job(Job job) {
  const std::shared_ptr<Tty> tty = has_job_control() ? process_.controlling_tty() : nullptr;
  if (tty && job.group != 0) tty->set_foreground_group(job.group);
  bool interrupted = false;
  int signal = 0;
  bool dumped = false;
  for (std::size_t i = 0; i < job.pids.size();) {
    const Pid pid = job.pids[i];
    if (job.codes.contains(pid)) {
      ++i;
      continue;
    }
    const auto waited = co_await process_.wait(pid, false, has_job_control());
    if (!waited) {
      if (waited.error() == Errno::kIntr) {
        collect_signals();
        continue;
      }
      job.codes[pid] = 127;
      continue;
    }
    if (waited->stopped) {
      job.stopped = true;
      if (job.number == 0) job.number = next_job_number();
      previous_job_ = current_job_ != job.number ? current_job_ : previous_job_;
      current_job_ = job.number;
      if (tty) {
        tty->set_foreground_group(process_.group());
        tty->set_following(false);
        tty->set_modes(Tty::Modes{});  // whatever it had made of them
      }
      co_await process_.err("\n" + job_line(job));
      jobs_.push_back(std::move(job));
      co_return 128 + kSigTstp;
    }
    job.codes[pid] = waited->status.shell_code();
    signal = waited->status.signal;
    interrupted = interrupted || signal == kSigInt;
    dumped = signal == kSigQuit;
  }
  if (tty) {
    tty->set_foreground_group(process_.group());
    tty->set_following(false);
    if (signal != 0) tty->set_modes(Tty::Modes{});
  }
  last_codes_.clear();
  for (Pid pid : job.pids) last_codes_.push_back(job.codes[pid]);
  int code = last_codes_.empty() ? 0 : last_codes_.back();
  if (option("pipefail")) {
    for (int each : last_codes_) {
      if (each != 0) code = each;
    }
  }
  if (interrupted && interactive && !in_subshell_) {
    // The person wants the whole line to end.
    co_await process_.out("\n");
    discard(130);
  } else if (signal != 0 && signal != kSigPipe && signal != kSigInt) {
    std::string text(death(signal));
    if (dumped) text += " (core dumped)";
    if (interactive && !in_subshell_)
      co_await process_.err(text + "\n");
    else if (is_bash())
      co_await process_.err(error_prefix() + pad_left(std::to_string(job.pids.back()), 5) + " " +
                            pad_right(text, kStateWidth - 1) + " " + job.text + "\n");
    else
      co_await process_.err(text + "\n");
  }
  co_return code;
}

Pid Interpreter::fork(CommandPtr command, std::map<int, OpenFilePtr> files, std::optional<Pid> group) {
  SpawnOptions options;
  options.files = std::move(files);
  options.group = group;
  // The state as it is now: the child starts later.
  auto snapshot = std::make_shared<const Interpreter>(*this, process_);
  return process_.fork(
      [snapshot, command](Process& child) -> Task<int> {
        Interpreter shell(*snapshot, child);
        const int code = co_await shell.run(command);
        co_await shell.run_exit_trap();
        co_return shell.exiting() || shell.flow_ == Flow::kDiscard ? shell.exit_code_ : code;
      },
      std::move(options));
}

Task<int> Interpreter::run_pipeline(CommandPtr command) {
  int code = 0;
  if (command->children.size() == 1) {
    if (command->negated) ++condition_depth_;
    code = co_await run(command->children[0]);
    if (command->negated) --condition_depth_;
  } else {
    Job job;
    OpenFilePtr previous;
    const bool control = has_job_control();
    for (std::size_t i = 0; i < command->children.size(); ++i) {
      std::map<int, OpenFilePtr> files;
      if (previous) files[0] = previous;
      previous = nullptr;
      if (i + 1 < command->children.size()) {
        auto [reader, writer] = make_pipe(process_.loop());
        if (command->operators[i] == "|&") files[2] = writer;
        files[1] = std::move(writer);
        previous = std::move(reader);
      }
      const Pid child =
          fork(command->children[i], std::move(files), control ? std::optional<Pid>(job.group) : std::nullopt);
      if (control && job.group == 0) job.group = child;
      job.pids.push_back(child);
      job.text += (i == 0 ? "" : " | ") + unparse(*command->children[i]);
    }
    previous = nullptr;
    code = co_await wait_job(std::move(job));
  }
  co_return command->negated ? (code == 0 ? 1 : 0) : code;
}

// The `time` keyword.
Task<int> Interpreter::run_timed(CommandPtr command) {
  const TimePoint begun = process_.now();
  const Duration used = process_.cpu_time();
  const int code = co_await run_pipeline(command);
  const bool posix = command->timed == Command::Timed::kPosix;
  const std::string real = clock_text(process_.now() - begun, posix);
  const std::string user = clock_text(process_.cpu_time() - used, posix);
  const std::string sys = clock_text(Duration{0}, posix);
  if (posix)
    co_await process_.err("real " + real + "\nuser " + user + "\nsys " + sys + "\n");
  else
    co_await process_.err("\nreal\t" + real + "\nuser\t" + user + "\nsys\t" + sys + "\n");
  co_return code;
}

Task<int> Interpreter::background(CommandPtr command) {
  std::map<int, OpenFilePtr> files;
  const bool control = has_job_control();
  if (!control) files[0] = make_null_file();
  const Pid child = fork(command, std::move(files), control ? std::optional<Pid>(0) : std::nullopt);
  Job job;
  job.number = next_job_number();
  job.group = control ? child : 0;
  job.pids = {child};
  job.text = unparse(*command);
  job.background = true;
  last_background_ = child;
  previous_job_ = current_job_;
  current_job_ = job.number;
  if (control) co_await process_.err("[" + std::to_string(job.number) + "] " + std::to_string(child) + "\n");
  jobs_.push_back(std::move(job));
  co_return 0;
}

// Looks which jobs have ended; `report` tells of them.
Task<void> Interpreter::reap_jobs(bool report) {
  for (std::size_t i = 0; i < beside_.size();) {
    const Pid pid = beside_[i];
    const auto waited = co_await process_.wait(pid, true);
    if (waited && waited->pid == 0) {
      ++i;
      continue;
    }
    if (waited) ended_[pid] = waited->status.shell_code();
    beside_.erase(beside_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < jobs_.size();) {
    Job& job = jobs_[i];
    for (Pid pid : job.pids) {
      if (job.codes.contains(pid)) continue;
      const auto waited = co_await process_.wait(pid, true, true);
      if (!waited && waited.error() == Errno::kChild) job.codes[pid] = 127;
      if (!waited || waited->pid == 0) continue;
      if (waited->stopped) {
        job.stopped = true;
        if (report) co_await process_.err(job_line(job));
        continue;
      }
      job.codes[pid] = waited->status.shell_code();
      job.signal = waited->status.signal;
      ended_[pid] = job.codes[pid];
      job.stopped = false;
    }
    if (job.codes.size() < job.pids.size()) {
      ++i;
      continue;
    }
    if (report) co_await process_.err(job_line(job));
    const int number = job.number;
    jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(i));
    if (number == current_job_) {
      current_job_ = previous_job_;
      previous_job_ = 0;
    }
    if (number == previous_job_) previous_job_ = 0;
    if (current_job_ == 0 && !jobs_.empty()) current_job_ = jobs_.back().number;
    if (previous_job_ == 0) {
      for (const Job& other : jobs_) {
        if (other.number != current_job_) previous_job_ = other.number;
      }
    }
  }
}

}  // namespace drydock::shell
