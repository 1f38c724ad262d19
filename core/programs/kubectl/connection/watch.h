// Watching: a stream of changes of a list, and the terminal's "this goes on" mark.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/programs/kubectl/connection/session.h"

namespace drydock {
class Tty;
}

namespace drydock::kubectl {

struct Change {
  std::string type;  // ADDED, MODIFIED, DELETED, BOOKMARK, ERROR
  Value object;
};

class ChangeStream {
 public:
  // `query` gets watch=true; the path is that of a list.
  static Task<Result<ChangeStream>> open(Session& session, std::string path, HttpQuery query,
                                         std::string accept = "application/json");
  // nullopt: the server ended it, or the deadline has passed.
  Task<std::optional<Change>> next(std::optional<TimePoint> deadline = std::nullopt);

 private:
  explicit ChangeStream(std::shared_ptr<StreamEnd> stream) : stream_(std::move(stream)) {}
  std::shared_ptr<StreamEnd> stream_;
  std::string pending_;  // bytes of an event that is not complete
};

// While it lives, the terminal on standard output knows that this program runs
// until it is interrupted.
class Following {
 public:
  explicit Following(Process& process);
  ~Following();
  Following(const Following&) = delete;

 private:
  std::shared_ptr<Tty> tty_;
};

}  // namespace drydock::kubectl
