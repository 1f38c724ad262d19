// kubectl cp. The real one pipes a tar archive through exec; here each file is
// passed through cat, which every image with a shell has.
#include "core/base/strings.h"
#include "core/programs/kubectl/command.h"
#include "core/programs/kubectl/connection/streaming.h"
#include "core/programs/kubectl/errors.h"

namespace drydock::kubectl {
namespace {

struct FileSpec {
  std::string ns, pod, path;
  bool remote() const { return !pod.empty(); }
};

// "pod:/path", "ns/pod:/path" or a local path.
Result<FileSpec> parse_spec(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == 0) return Status::plain("filespec must match the canonical format: [[namespace/]pod:]file/path");
  if (colon == std::string::npos) return FileSpec{"", "", text};
  const std::vector<std::string> parts = split(text.substr(0, colon), '/');
  if (parts.size() == 1) return FileSpec{"", parts[0], text.substr(colon + 1)};
  if (parts.size() == 2) return FileSpec{parts[0], parts[1], text.substr(colon + 1)};
  return Status::plain("filespec must match the canonical format: [[namespace/]pod:]file/path");
}

class Copier {
 public:
  Copier(Session& session, Target pod, std::string container)
      : session_(session), pod_(std::move(pod)), container_(std::move(container)) {}

  Task<Result<void>> upload(std::string local, std::string remote) {
    const auto stat = session_.process().stat(local);
    if (!stat) co_return Status::plain(local + " doesn't exist in local filesystem");
    // An existing directory takes the file under its own name.
    const bool into = co_await is_directory(remote);
    if (into) remote += (remote.ends_with('/') ? "" : "/") + std::string(base_name(local));
    co_return co_await upload_tree(local, remote);
  }

  Task<Result<void>> download(std::string remote, std::string local) {
    const auto stat = session_.process().stat(local);
    if (stat && stat->type == FileType::kDirectory)
      local += (local.ends_with('/') ? "" : "/") + std::string(base_name(remote));
    if (!co_await is_directory(remote)) co_return co_await download_file(remote, local);
    Result<std::string> list = co_await run({"find", remote, "-type", "f"});
    if (!list) co_return list.error();
    for (const std::string& file : split(*list, '\n')) {
      if (file.empty()) continue;
      const std::string goal = local + file.substr(std::min(file.size(), remote.size()));
      (void)session_.process().make_directories(directory_name(goal));
      DRYDOCK_CO_TRY_VOID(co_await download_file(file, goal));
    }
    co_return Result<void>();
  }

 private:
  Task<Result<std::string>> run(std::vector<std::string> command, std::string input = "", bool has_input = false) {
    std::string output;
    StreamOptions options;
    options.capture = [&output](std::string_view bytes) { output += bytes; };
    options.stdin_open = has_input;
    options.input = std::move(input);
    options.has_input = has_input;
    HttpQuery query;
    for (const std::string& word : command) query.add("command", word);
    query.add("container", container_);
    DRYDOCK_CO_TRY_VOID(co_await stream_container(session_, pod_.path("exec"), query, options));
    co_return output;
  }

  Task<bool> is_directory(std::string path) {
    const std::vector<std::string> command = {"test", "-d", path};
    Result<std::string> answer = co_await run(command);
    co_return answer.ok();
  }

  Task<Result<void>> upload_tree(std::string local, std::string remote) {
    Process& process = session_.process();
    const auto stat = process.stat(local);
    if (stat && stat->type == FileType::kDirectory) {
      const std::vector<std::string> make = {"mkdir", "-p", remote};
      Result<std::string> made = co_await run(make);
      if (!made) co_return made.error();
      const auto names = process.list_directory(local);
      if (!names) co_return Status::plain("open " + local + ": " + to_lower(errno_text(names.error())));
      for (const std::string& name : *names)
        DRYDOCK_CO_TRY_VOID(co_await upload_tree(local + "/" + name, remote + "/" + name));
      co_return Result<void>();
    }
    auto content = process.read_file(local);
    if (!content) co_return Status::plain("open " + local + ": " + to_lower(errno_text(content.error())));
    const std::vector<std::string> write = {"sh", "-c", "cat > \"$0\"", remote};
    Result<std::string> written = co_await run(write, *std::move(content), true);
    if (!written) co_return written.error();
    co_return Result<void>();
  }

  Task<Result<void>> download_file(std::string remote, std::string local) {
    const std::vector<std::string> read = {"cat", remote};
    Result<std::string> content = co_await run(read);
    if (!content) co_return content.error();
    auto written = session_.process().write_file(local, *std::move(content));
    if (!written) co_return Status::plain("open " + local + ": " + to_lower(errno_text(written.error())));
    co_return Result<void>();
  }

  Session& session_;
  Target pod_;
  std::string container_;
};

}  // namespace

Task<Result<int>> run_cp(Session& session, Arguments arguments) {
  if (arguments.size() != 2) co_return Status::plain("source and destination are required");
  DRYDOCK_CO_TRY(const FileSpec from, parse_spec(arguments[0]));
  DRYDOCK_CO_TRY(const FileSpec to, parse_spec(arguments[1]));
  if (from.remote() && to.remote()) co_return Status::plain("one of src or dest must be a local file specification");
  if (!from.remote() && !to.remote()) co_return Status::plain("one of src or dest must be a remote file specification");
  if (from.path.empty() || to.path.empty()) co_return Status::plain("filepath can not be empty");
  if (!from.remote() && !session.process().exists(from.path))
    co_return Status::plain(from.path + " doesn't exist in local filesystem");
  const FileSpec& remote = from.remote() ? from : to;
  DRYDOCK_CO_TRY(std::string ns, session.ns());
  if (!remote.ns.empty()) ns = remote.ns;
  DRYDOCK_CO_TRY(const ApiResource resource, co_await session.resource("pods"));
  DRYDOCK_CO_TRY(const Value pod, co_await session.get(resource.ref().path(ns, remote.pod)));
  DRYDOCK_CO_TRY(const std::string container,
                 co_await choose_container(session, pod, session.flags().text("container")));
  Copier copier(session, {resource, ns, remote.pod, "", pod}, container);
  if (from.remote()) {
    DRYDOCK_CO_TRY_VOID(co_await copier.download(from.path, to.path));
  } else {
    DRYDOCK_CO_TRY_VOID(co_await copier.upload(from.path, to.path));
  }
  co_return 0;
}

}  // namespace drydock::kubectl
