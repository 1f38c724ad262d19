// What tests of durable stores share: a loop on real time, a folder that goes away.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <string>

#include "core/base/sync.h"
#include "core/store/store.h"
#include "doctest/doctest.h"
#include "server/io/real_time.h"

namespace drydock::server::testing {

class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "drydock-store-XXXXXX";
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct RealBench {
  template <class T>
  T run(Task<T> task) {
    std::optional<T> result;
    auto body = [](Task<T> inner, std::optional<T>& out) -> Task<void> { out.emplace(co_await inner); };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), result));
    driver.run_until([&] { return result.has_value(); }, seconds(30));
    REQUIRE(result.has_value());
    return std::move(*result);
  }
  void run_plain(Task<void> task) {
    bool done = false;
    auto body = [](Task<void> inner, bool& flag) -> Task<void> {
      co_await inner;
      flag = true;
    };
    TaskGroup group(loop);
    group.spawn(body(std::move(task), done));
    driver.run_until([&] { return done; }, seconds(60));
  }
  VirtualClock clock{real_now()};
  EventLoop loop{clock};
  RealTime driver{loop, [this](TimePoint now) { clock.wait_until(now); }};
};

inline TxnRequest put_request(const std::string& key, Value value, LeaseId lease = 0) {
  TxnRequest request;
  StoreOp op;
  op.key = key;
  op.value = std::move(value);
  op.lease = lease;
  request.success.push_back(std::move(op));
  return request;
}

inline RangeRequest prefix_request(const std::string& prefix) {
  RangeRequest request;
  request.key = prefix;
  request.range_end = prefix_end(prefix);
  return request;
}

}  // namespace drydock::server::testing
