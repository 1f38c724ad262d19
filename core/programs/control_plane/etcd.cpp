// The virtual etcd: a MemoryStore whose database file keeps it over restarts.
#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/machinery/json.h"
#include "core/programs/certificate_verifier.h"
#include "core/programs/control_plane/component.h"
#include "core/programs/control_plane/local_etcd.h"
#include "core/programs/control_plane/programs.h"

namespace drydock {
namespace {

// member/snap/db: whoever deletes the file loses the data.
struct DatabaseFile : FileBehaviour {
  static constexpr char kKind = 0;
  DatabaseFile() { kind = &kKind; }
  std::shared_ptr<MemoryStore> store;
};

std::shared_ptr<MemoryStore> open_database(Process& process, const std::string& directory) {
  const std::string path = directory + "/member/snap/db";
  if (auto inode = process.files().resolve(path)) {
    const FileBehaviour* found = (*inode)->behaviour.get();
    if (found != nullptr && found->kind == &DatabaseFile::kKind) return static_cast<const DatabaseFile*>(found)->store;
  }
  auto store = std::make_shared<MemoryStore>(process.loop());
  auto database = std::make_shared<DatabaseFile>();
  database->store = store;
  MemoryStore* raw = store.get();
  database->read = [raw] { return dump_json(raw->snapshot()) + "\n"; };
  database->hash = [raw](Hash64& hash) { raw->hash(hash); };
  (void)process.make_directories(directory + "/member/snap", 0700);
  (void)process.make_directories(directory + "/member/wal", 0700);
  if (auto parent = process.files().resolve_parent(path)) {
    InodePtr inode = Inode::make(FileType::kRegular, 0600, 0, 0, process.now());
    inode->behaviour = std::move(database);
    parent->directory->put_child(parent->name, std::move(inode), process.now());
  }
  return store;
}

class EtcdHandler final : public HttpHandler {
 public:
  Task<HttpResponse> handle(HttpRequest request) override {
    HttpResponse response;
    response.body.bytes = request.path == "/health"    ? "{\"health\":\"true\",\"reason\":\"\"}"
                          : request.path == "/version" ? "{\"etcdserver\":\"3.6.6\",\"etcdcluster\":\"3.6.0\"}"
                                                       : "ok\n";
    co_return response;
  }
};

struct Running {
  std::shared_ptr<LocalEtcd> local;
  ~Running() { local->running = false; }
};

}  // namespace

Task<int> etcd_main(Process& process) {
  process.on_signal(kSigTerm, Process::Disposition::kCatch);
  process.set_memory(32 << 20);
  const std::string directory = component_flag(process, "data-dir");
  EtcdHandler handler;
  HttpListenerOptions secure;
  secure.owner = {process.host_pid(), "etcd"};
  secure.certificate_pem = process.read_file(component_flag(process, "cert-file")).value_or("");
  secure.client_ca_pem = process.read_file(component_flag(process, "trusted-ca-file")).value_or("");
  secure.verifier = &CertificateVerifier::shared();
  if (secure.certificate_pem.empty()) {
    co_await process.err("{\"level\":\"fatal\",\"msg\":\"discovery failed\",\"error\":\"open " +
                         component_flag(process, "cert-file") + ": no such file or directory\"}\n");
    co_return 1;
  }
  auto clients = HttpListener::open(process.namespaces().network, 2379, handler, secure);
  auto metrics = listen_health(process, 2381, handler, false);
  if (!clients || !metrics) {
    co_await process.err(
        "{\"level\":\"fatal\",\"msg\":\"discovery failed\",\"error\":\"listen tcp 127.0.0.1:2379: bind: address "
        "already in use\"}\n");
    co_return 1;
  }
  auto local = std::make_shared<LocalEtcd>();
  local->store = open_database(process, directory.empty() ? "/var/lib/etcd" : directory);
  (void)co_await process.sleep(milliseconds(process.prng().between(120, 300)));
  local->running = true;
  Running running{local};
  process.host().attach(local);
  process.host().attach(local->store);
  co_await process.err("{\"level\":\"info\",\"msg\":\"ready to serve client requests\"}\n");
  (void)co_await process.wait_signal();
  co_return 0;
}

}  // namespace drydock
