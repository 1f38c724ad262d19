#include "server/machine/real_programs.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <thread>
#include <vector>

#include "core/base/sync.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "server/machine/real_streams.h"

namespace drydock::server {
namespace {

// What the child's end brings from the thread that waited for it.
struct Ended {
  explicit Ended(EventLoop& loop) : done(loop) {}
  drydock::Event done;
  bool over = false;
  int status = 0;
  std::string output[2];
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string read_to_end(int descriptor) {
  std::string all;
  char piece[8192];
  for (;;) {
    const ssize_t count = ::read(descriptor, piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    all.append(piece, static_cast<std::size_t>(count));
  }
  ::close(descriptor);
  return all;
}

// While a child has the terminal, its interrupts are the child's.
class SignalsAside {
 public:
  SignalsAside() : interrupt_(std::signal(SIGINT, SIG_IGN)), quit_(std::signal(SIGQUIT, SIG_IGN)) {}
  ~SignalsAside() {
    std::signal(SIGINT, interrupt_);
    std::signal(SIGQUIT, quit_);
  }
  SignalsAside(const SignalsAside&) = delete;

 private:
  void (*interrupt_)(int);
  void (*quit_)(int);
};

Task<int> run_real_program(Process& process) {
  const RealPrograms* machine = process.host().attached<RealPrograms>();
  auto path = process.find_executable(process.argv().front());
  if (machine == nullptr || !path) co_return 127;
  std::vector<std::string> arguments = process.argv();
  std::vector<std::string> variables;
  for (const auto& [name, value] : process.environment()) variables.push_back(name + "=" + value);

  int descriptors[3];
  int collected[2] = {-1, -1};
  std::vector<int> to_close;
  for (int fd = 0; fd < 3; ++fd) {
    const OpenFilePtr file = process.file(fd);
    descriptors[fd] = real_descriptor(file);
    if (descriptors[fd] >= 0) continue;
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) co_return 126;
    if (fd > 0) {
      descriptors[fd] = ends[1];
      collected[fd - 1] = ends[0];
    } else {
      descriptors[fd] = ends[0];
      const std::string input = file ? co_await process.read_all(0) : std::string();
      std::thread([input, end = ends[1]] {
        std::string_view left = input;
        while (!left.empty()) {
          const ssize_t count = ::write(end, left.data(), left.size());
          if (count <= 0) break;
          left.remove_prefix(static_cast<std::size_t>(count));
        }
        ::close(end);
      }).detach();
    }
    to_close.push_back(descriptors[fd]);
  }

  SignalsAside aside;
  std::vector<char*> argv = pointers_to(arguments);
  std::vector<char*> envp = pointers_to(variables);
  const std::string folder = process.cwd();
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGQUIT, SIG_DFL);
    // Copies above 2 first: one descriptor may stand where another has to go.
    int copies[3];
    for (int fd = 0; fd < 3; ++fd) copies[fd] = ::fcntl(descriptors[fd], F_DUPFD_CLOEXEC, 3);
    for (int fd = 0; fd < 3; ++fd) ::dup2(copies[fd], fd);
    if (::chdir(folder.c_str()) == 0) ::execve(path->c_str(), argv.data(), envp.data());
    ::_exit(errno == ENOENT ? 127 : 126);
  }
  for (const int descriptor : to_close) ::close(descriptor);
  if (child < 0) co_return 126;

  RealTime& driver = *machine->driver;
  auto ended = std::make_shared<Ended>(driver.loop());
  std::thread([ended, &driver, child, out = collected[0], err = collected[1]] {
    std::string errors;
    std::thread other([&errors, err] {
      if (err >= 0) errors = read_to_end(err);
    });
    std::string output = out >= 0 ? read_to_end(out) : std::string();
    other.join();
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    driver.post([ended, status, output = std::move(output), errors = std::move(errors)]() mutable {
      ended->over = true;
      ended->status = status;
      ended->output[0] = std::move(output);
      ended->output[1] = std::move(errors);
      ended->done.notify_all();
    });
  }).detach();
  while (!ended->over) (void)co_await process.wait_event(ended->done);
  if (!ended->output[0].empty()) co_await process.out(ended->output[0]);
  if (!ended->output[1].empty()) co_await process.err(ended->output[1]);
  co_return WIFSIGNALED(ended->status) ? 128 + WTERMSIG(ended->status) : WEXITSTATUS(ended->status);
}

}  // namespace

void register_real_programs(ProgramRegistry& programs) { programs.add("", run_real_program); }

}  // namespace drydock::server
