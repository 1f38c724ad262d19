// Raw figures of the stores, side by side: ours and a real etcd, on the same disk in the
// same run, and what one fdatasync costs there. Prints one line of JSON.
//
//   store_bench FOLDER [ETCD-ENDPOINT CAFILE CERTFILE KEYFILE]
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/strings.h"
#include "core/base/sync.h"
#include "core/machinery/json.h"
#include "core/store/memory_store.h"
#include "server/cluster/authority.h"
#include "server/io/real_time.h"
#include "server/store/etcd/etcd_store.h"
#include "server/store/sqlite_store.h"

namespace drydock::server {
namespace {

constexpr int kItems = 1000;
constexpr int kReads = 2000;
constexpr int kLists = 30;
constexpr int kWriters = 64;
constexpr int kSyncs = 300;

double milliseconds_now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double middle(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

// Writing 8 KB behind one another, each made safe: growing the file, and over blocks it has.
double sync_cost(const std::string& folder, bool growing) {
  const std::string path = folder + "/sync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const std::string piece(8192, 'x');
  const auto place = [&](int i) { return static_cast<off_t>(i) * static_cast<off_t>(piece.size()); };
  if (!growing) {
    for (int i = 0; i < kSyncs; ++i) (void)!::pwrite(file, piece.data(), piece.size(), place(i));
    ::fdatasync(file);
  }
  std::vector<double> times;
  for (int i = 0; i < kSyncs; ++i) {
    const double start = milliseconds_now();
    (void)!::pwrite(file, piece.data(), piece.size(), place(i));
    ::fdatasync(file);
    times.push_back(milliseconds_now() - start);
  }
  ::close(file);
  ::unlink(path.c_str());
  return middle(std::move(times));
}

// As large as a pod's document.
Value document_of(int number) {
  Value document = Value::object({{"kind", "Pod"}, {"apiVersion", "v1"}, {"number", number}});
  for (int i = 0; i < 40; ++i)
    document.ref("spec", "field" + std::to_string(i)) =
        "what one of a pod's fields may hold, more or less " + std::to_string(number);
  return document;
}

TxnRequest create_of(const std::string& key, int number) {
  TxnRequest request;
  request.compares.push_back({key, 0});
  StoreOp put;
  put.key = key;
  put.value = document_of(number);
  request.success.push_back(std::move(put));
  return request;
}

struct Figures {
  double put_ms = 0;
  double get_ms = 0;
  double list_ms = 0;
  double puts_per_second = 0;
  double heard_ms = 0;
  bool failed = false;
};

Task<void> write_lane(Store& store, std::vector<TxnRequest>& requests, int& done, bool& failed, Event& ended) {
  while (!requests.empty()) {
    TxnRequest request = std::move(requests.back());
    requests.pop_back();
    const Result<TxnResult> written = co_await store.txn(std::move(request));
    failed = failed || !written.ok();
    if (++done == kItems) ended.notify_all();
  }
}

Task<void> measure(EventLoop& loop, Store& store, Figures& out, bool& ended) {
  const std::string prefix = "/registry/bench/one/";
  std::vector<double> times;
  for (int i = 0; i < kItems; ++i) {
    TxnRequest request = create_of(prefix + std::to_string(i), i);
    const double start = milliseconds_now();
    const Result<TxnResult> written = co_await store.txn(std::move(request));
    times.push_back(milliseconds_now() - start);
    out.failed = out.failed || !written.ok();
  }
  out.put_ms = middle(std::exchange(times, {}));
  for (int i = 0; i < kReads; ++i) {
    RangeRequest one;
    one.key = prefix + std::to_string(i % kItems);
    const double start = milliseconds_now();
    const Result<RangeResult> read = co_await store.range(std::move(one));
    times.push_back(milliseconds_now() - start);
    out.failed = out.failed || !read.ok();
  }
  out.get_ms = middle(std::exchange(times, {}));
  for (int i = 0; i < kLists; ++i) {
    RangeRequest all;
    all.key = prefix;
    all.range_end = prefix_end(prefix);
    const double start = milliseconds_now();
    const Result<RangeResult> read = co_await store.range(std::move(all));
    times.push_back(milliseconds_now() - start);
    out.failed = out.failed || !read.ok() || read->items.size() != kItems;
  }
  out.list_ms = middle(std::exchange(times, {}));
  // From a write to the moment at which its watch has heard of it.
  std::string end = prefix_end(prefix);
  Result<std::unique_ptr<StoreWatch>> watch = co_await store.watch(prefix, end, 0);
  for (int i = 0; watch.ok() && i < 200; ++i) {
    TxnRequest request = create_of(prefix + "heard-" + std::to_string(i), i);
    const double start = milliseconds_now();
    (void)co_await store.txn(std::move(request));
    const Result<std::vector<StoreEvent>> heard = co_await (*watch)->next();
    times.push_back(milliseconds_now() - start);
    out.failed = out.failed || !heard.ok();
  }
  if (watch.ok()) out.heard_ms = middle(std::exchange(times, {}));
  std::vector<TxnRequest> requests;
  for (int i = 0; i < kItems; ++i) requests.push_back(create_of("/registry/bench/many/" + std::to_string(i), i));
  int done = 0;
  Event all_done(loop);
  const double start = milliseconds_now();
  TaskGroup lanes(loop);
  for (int lane = 0; lane < kWriters; ++lane) lanes.spawn(write_lane(store, requests, done, out.failed, all_done));
  while (done < kItems) (void)co_await all_done.wait();
  out.puts_per_second = kItems / (milliseconds_now() - start) * 1000;
  ended = true;
}

struct Bench {
  VirtualClock clock{real_now()};
  EventLoop loop{clock};
  RealTime driver{loop, [this](TimePoint now) { clock.wait_until(now); }};
};

Value take(Bench& bench, Store& store) {
  Figures figures;
  bool ended = false;
  TaskGroup group(bench.loop);
  group.spawn(measure(bench.loop, store, figures, ended));
  bench.driver.run_until([&] { return ended; }, seconds(120));
  if (!ended || figures.failed) return Value();
  return Value::object({{"putMs", figures.put_ms},
                        {"getMs", figures.get_ms},
                        {"listMs", figures.list_ms},
                        {"heardMs", figures.heard_ms},
                        {"putsPerSecond", figures.puts_per_second}});
}

int run(const std::vector<std::string>& arguments) {
  const std::string& folder = arguments[0];
  Value out = Value::object();
  {
    Bench bench;
    MemoryStore store(bench.loop);
    out.set("memory", take(bench, store));
  }
  {
    Bench bench;
    auto store = SqliteStore::open(bench.driver, folder + "/bench.db");
    if (store) out.set("sqlite", take(bench, **store));
  }
  // Between the two that write to this disk.
  out.set("syncMs", sync_cost(folder, false));
  out.set("syncGrowingMs", sync_cost(folder, true));
  if (arguments.size() == 5) {
    Bench bench;
    etcd::EtcdOptions options;
    options.endpoints = {arguments[1]};
    options.ca_pem = read_text_file(arguments[2]).value_or("");
    options.certificate_pem = read_text_file(arguments[3]).value_or("");
    options.key_pem = read_text_file(arguments[4]).value_or("");
    auto store = EtcdStore::open(bench.driver, options);
    if (store) out.set("etcd", take(bench, **store));
  }
  std::printf("%s\n", dump_json(out).c_str());
  return 0;
}

}  // namespace
}  // namespace drydock::server

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.empty()) {
    std::fprintf(stderr, "usage: store_bench FOLDER [ETCD-ENDPOINT CAFILE CERTFILE KEYFILE]\n");
    return 2;
  }
  return drydock::server::run(arguments);
}
