// jobs, fg, bg, wait, kill, disown, suspend.
#include <algorithm>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/shell/builtins/builtins.h"

namespace drydock::shell {

Task<int> Builtins::jobs() {
  const auto given = co_await options("lnprs", "jobs [-lnprs] [jobspec ...] or jobs -x command [args]");
  if (!given) co_return 2;
  std::string text;
  if (next_ < argv_.size()) {
    for (std::size_t i = next_; i < argv_.size(); ++i) {
      const Job* job = shell_.find_job(argv_[i]);
      if (job == nullptr) co_return co_await complain(argv_[i] + ": no such job");
      text += shell_.job_line(*job, has(*given, 'l'));
    }
    co_return co_await print(text);
  }
  for (Job& job : shell_.jobs_) {
    // What has ended meanwhile is told as such.
    for (Pid pid : job.pids) {
      if (job.codes.contains(pid) || job.stopped) continue;
      const auto waited = co_await process_.wait(pid, true);
      if (!waited || waited->pid == 0) continue;
      job.codes[pid] = waited->status.shell_code();
      job.signal = waited->status.signal;
      shell_.ended_[pid] = job.codes[pid];
    }
    if ((has(*given, 'r') && job.stopped) || (has(*given, 's') && !job.stopped)) continue;
    if (has(*given, 'p'))
      text += std::to_string(job.group != 0 ? job.group : job.pids[0]) + "\n";
    else
      text += shell_.job_line(job, has(*given, 'l'));
  }
  const int code = co_await print(text);
  co_await shell_.reap_jobs(false);
  co_return code;
}

Task<int> Builtins::fg() {
  if (!shell_.has_job_control()) co_return co_await complain("no job control");
  const bool foreground = argv_[0] == "fg";
  const std::vector<std::string> specs =
      argv_.size() > 1 ? std::vector<std::string>(argv_.begin() + 1, argv_.end()) : std::vector<std::string>{""};
  int code = 0;
  for (std::string spec : specs) {
    if (!spec.empty() && spec[0] != '%') spec.insert(0, "%");
    Job* found = shell_.find_job(spec);
    if (found == nullptr) {
      code = co_await complain((argv_.size() < 2 ? "current" : argv_[1]) + ": no such job");
      continue;
    }
    if (!foreground) {
      if (!found->stopped) {
        co_await shell_.complain("bg: job " + std::to_string(found->number) + " already in background");
        continue;
      }
      found->stopped = false;
      co_await process_.out("[" + std::to_string(found->number) + "]" +
                            (found->number == shell_.current_job_ ? "+ " : "- ") + found->text + " &\n");
      (void)process_.kill(-found->group, kSigCont);
      continue;
    }
    Job job = *found;
    std::erase_if(shell_.jobs_, [&](const Job& other) { return other.number == job.number; });
    job.stopped = false;
    co_await process_.out(job.text + "\n");
    if (const auto tty = process_.controlling_tty()) tty->set_foreground_group(job.group);
    (void)process_.kill(-job.group, kSigCont);
    const int number = job.number;
    code = co_await shell_.wait_job(std::move(job));
    const bool gone =
        std::none_of(shell_.jobs_.begin(), shell_.jobs_.end(), [&](const Job& each) { return each.number == number; });
    if (gone && shell_.current_job_ == number) {
      shell_.current_job_ = shell_.previous_job_ != 0 && shell_.previous_job_ != number ? shell_.previous_job_
                            : shell_.jobs_.empty()                                      ? 0
                                                                                        : shell_.jobs_.back().number;
      shell_.previous_job_ = 0;
    }
    co_return code;
  }
  co_return code;
}

Task<int> Builtins::wait_() {
  const auto given = co_await options("fnp:", "wait [-fn] [-p var] [id ...]");
  if (!given) co_return 2;
  // A signal with a trap ends the waiting.
  auto interrupted = [this] {
    shell_.collect_signals();
    return shell_.caught_.empty() ? 0 : 128 + shell_.caught_.front();
  };
  int code = 0;
  if (has(*given, 'n')) {
    bool any = false;
    for (const Job& job : shell_.jobs_) any = any || job.codes.size() < job.pids.size();
    if (!any) co_return 127;
    for (;;) {
      const auto waited = co_await process_.wait(-1);
      if (!waited && waited.error() == Errno::kIntr) {
        if (const int signal = interrupted()) co_return signal;
        continue;
      }
      if (!waited) co_return 127;
      for (auto job = shell_.jobs_.begin(); job != shell_.jobs_.end(); ++job) {
        if (std::find(job->pids.begin(), job->pids.end(), waited->pid) == job->pids.end()) continue;
        code = waited->status.shell_code();
        if (has(*given, 'p')) (void)shell_.set(value(*given, 'p'), std::to_string(waited->pid));
        shell_.jobs_.erase(job);
        co_return code;
      }
    }
  }
  std::vector<Pid> pids;
  std::vector<std::string> names;
  if (next_ < argv_.size()) {
    for (std::size_t i = next_; i < argv_.size(); ++i) {
      const Job* job = shell_.find_job(argv_[i]);
      const auto number = parse_int(argv_[i]);
      if (job != nullptr) {
        pids.push_back(job->pids.back());
      } else if (number && !argv_[i].starts_with("%")) {
        pids.push_back(static_cast<Pid>(*number));
      } else if (argv_[i].starts_with("%")) {
        co_return co_await complain(argv_[i] + ": no such job", 127);
      } else {
        co_return co_await complain("`" + argv_[i] + "': not a pid or valid job spec", 2);
      }
    }
  } else {
    for (const Job& job : shell_.jobs_) {
      if (!job.stopped) pids.insert(pids.end(), job.pids.begin(), job.pids.end());
    }
  }
  for (Pid pid : pids) {
    if (const auto known = shell_.ended_.find(pid); known != shell_.ended_.end()) {
      code = known->second;
      continue;
    }
    for (;;) {
      const auto waited = co_await process_.wait(pid);
      if (waited) {
        code = waited->status.shell_code();
        shell_.ended_[pid] = code;
        for (Job& job : shell_.jobs_) {
          if (std::find(job.pids.begin(), job.pids.end(), pid) == job.pids.end()) continue;
          job.codes[pid] = code;
          job.signal = waited->status.signal;
        }
        break;
      }
      if (waited.error() == Errno::kIntr) {
        if (const int signal = interrupted()) co_return signal;
        continue;
      }
      if (next_ < argv_.size())
        code = co_await complain("pid " + std::to_string(pid) + " is not a child of this shell", 127);
      break;
    }
  }
  if (next_ >= argv_.size()) code = 0;
  if (shell_.has_job_control())
    co_await shell_.reap_jobs(true);
  else
    std::erase_if(shell_.jobs_, [](const Job& job) { return job.codes.size() == job.pids.size(); });
  co_return code;
}

Task<int> Builtins::kill_() {
  const std::string usage = "kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]";
  int signal = kSigTerm;
  std::size_t i = 1;
  if (argument(1) == "-l" || argument(1) == "-L") {
    std::string text;
    if (argv_.size() > 2) {
      for (std::size_t k = 2; k < argv_.size(); ++k) {
        const auto number = signal_number(argv_[k]);
        if (!number) co_return co_await complain(argv_[k] + ": invalid signal specification");
        const bool was_number = parse_int(argv_[k]).has_value();
        text +=
            (was_number ? std::string(signal_name(*number > 128 ? *number - 128 : *number)) : std::to_string(*number)) +
            "\n";
      }
      co_return co_await print(text);
    }
    int column = 0;
    for (int s = 1; s < 32; ++s) {
      if (signal_name(s).empty()) continue;
      const std::string entry = pad_left(std::to_string(s), 2) + ") SIG" + std::string(signal_name(s));
      text += ++column % 5 == 0 ? entry + "\n" : entry + "\t";
    }
    if (column % 5 != 0) text += "\n";
    co_return co_await print(text);
  }
  if (argument(1) == "-s" || argument(1) == "-n") {
    if (argv_.size() < 3) co_return co_await complain(argument(1) + ": option requires an argument", 2);
    const auto number = signal_number(argument(2));
    if (!number) co_return co_await complain(argument(2) + ": invalid signal specification");
    signal = *number;
    i = 3;
  } else if (argument(1) == "--") {
    i = 2;
  } else if (argument(1).starts_with("-") && argument(1).size() > 1) {
    const auto number = signal_number(argument(1).substr(1));
    if (!number) co_return co_await complain(argument(1).substr(1) + ": invalid signal specification");
    signal = *number;
    i = argument(2) == "--" ? 3 : 2;
  }
  if (i >= argv_.size()) {
    co_await process_.err("kill: usage: " + usage + "\n");
    co_return 2;
  }
  int code = 0;
  for (; i < argv_.size(); ++i) {
    Job* job = argv_[i].starts_with("%") ? shell_.find_job(argv_[i]) : nullptr;
    if (argv_[i].starts_with("%") && job == nullptr) {
      code = co_await complain(argv_[i] + ": no such job");
      continue;
    }
    if (job != nullptr) {
      if (job->group != 0)
        (void)process_.kill(-job->group, signal);
      else
        for (Pid pid : job->pids) (void)process_.kill(pid, signal);
      // A stopped job has to go on to die.
      if (job->stopped && (signal == kSigTerm || signal == kSigHup || signal == kSigInt) && job->group != 0) {
        (void)process_.kill(-job->group, kSigCont);
        job->stopped = false;
      }
      continue;
    }
    const auto pid = parse_int(argv_[i]);
    if (!pid) {
      code = co_await complain(argv_[i] + ": arguments must be process or job IDs");
      continue;
    }
    const auto sent = process_.kill(static_cast<Pid>(*pid), signal);
    if (!sent) {
      co_await shell_.complain("kill: (" + argv_[i] + ") - " + std::string(errno_text(sent.error())));
      code = 1;
    }
  }
  co_return code;
}

Task<int> Builtins::disown() {
  const auto given = co_await options("ahr", "disown [-h] [-ar] [jobspec ... | pid ...]");
  if (!given) co_return 2;
  if (has(*given, 'a')) {
    shell_.jobs_.clear();
    co_return 0;
  }
  if (next_ >= argv_.size()) argv_.emplace_back("%+");
  int code = 0;
  for (std::size_t i = next_; i < argv_.size(); ++i) {
    Job* job = shell_.find_job(argv_[i]);
    if (const auto pid = parse_int(argv_[i]); job == nullptr && pid) {
      for (Job& each : shell_.jobs_) {
        if (std::find(each.pids.begin(), each.pids.end(), static_cast<Pid>(*pid)) != each.pids.end()) job = &each;
      }
    }
    if (job == nullptr) {
      code = co_await complain((argv_[i] == "%+" ? "current" : argv_[i]) + ": no such job");
      continue;
    }
    if (has(*given, 'h')) continue;
    const int number = job->number;
    std::erase_if(shell_.jobs_, [&](const Job& each) { return each.number == number; });
    if (shell_.current_job_ == number) shell_.current_job_ = shell_.jobs_.empty() ? 0 : shell_.jobs_.back().number;
  }
  co_return code;
}

Task<int> Builtins::suspend() {
  const auto given = co_await options("f", "suspend [-f]");
  if (!given) co_return 2;
  if (shell_.login) co_return co_await complain("cannot suspend a login shell");
  (void)process_.kill(process_.pid(), kSigStop);
  co_return 0;
}

}  // namespace drydock::shell
