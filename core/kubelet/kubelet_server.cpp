// The kubelet's own server on port 10250.
#include <algorithm>

#include "core/base/strings.h"
#include "core/client/client.h"
#include "core/kubelet/kubelet.h"
#include "core/machinery/timestamp.h"

namespace drydock {
namespace {

constexpr Duration kLogPoll = milliseconds(150);

HttpResponse text_response(int status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain");
  response.body.bytes = std::move(text);
  return response;
}

// CRI log lines ("TIME stdout F text") to what the container wrote.
std::string plain_lines(std::string_view text, bool timestamps) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::size_t first = line.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    const std::size_t third = second == std::string_view::npos ? second : line.find(' ', second + 1);
    if (third == std::string_view::npos) continue;
    if (timestamps) {
      out += line.substr(0, first);
      out += ' ';
    }
    out += line.substr(third + 1);
    if (line.substr(second + 1, 1) == "F") out += '\n';
  }
  return out;
}

}  // namespace

const Kubelet::Worker* Kubelet::find_worker(const std::string& ns, const std::string& name) const {
  for (const auto& [uid, worker] : workers_) {
    if (worker->pod.ns() == ns && worker->pod.name() == name) return worker.get();
  }
  return nullptr;
}

Task<HttpResponse> Kubelet::handle(HttpRequest request) {
  std::vector<std::string> parts;
  for (std::string& part : split(request.path, '/')) {
    if (!part.empty()) parts.push_back(std::move(part));
  }
  const std::string what = parts.empty() ? "" : parts[0];
  if (what == "healthz") co_return text_response(200, "ok");
  if (what == "containerLogs" && parts.size() >= 4) co_return co_await serve_logs(request, std::move(parts));
  if ((what == "exec" || what == "attach") && parts.size() >= 4)
    co_return co_await serve_exec(request, std::move(parts));
  if (what == "portForward" && parts.size() >= 3) co_return serve_port_forward(request, parts);
  if (what == "pods" || what == "runningpods") {
    Value items = Value::array();
    for (const auto& [uid, worker] : workers_) items.push_back(worker->pod.doc());
    HttpResponse response;
    response.body.document =
        Value::object({{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", Value::object()}, {"items", items}});
    co_return response;
  }
  co_return text_response(404, "404 page not found\n");
}

Task<HttpResponse> Kubelet::serve_logs(const HttpRequest& request, std::vector<std::string> parts) {
  const Worker* worker = find_worker(parts[1], parts[2]);
  const std::string container = parts[3];
  if (worker == nullptr) co_return text_response(404, "pod \"" + parts[2] + "\" not found\n");
  const auto record = worker->containers.find(container);
  const bool previous = request.query.get("previous") == "true";
  if (record == worker->containers.end() || (record->second.id.empty() && record->second.restarts == 0)) {
    const std::string reason = record == worker->containers.end() || record->second.waiting_reason.empty()
                                   ? "ContainerCreating"
                                   : record->second.waiting_reason;
    const std::string why = contains(reason, "Image") ? "trying and failing to pull image" : reason;
    co_return text_response(400,
                            "container \"" + container + "\" in pod \"" + parts[2] + "\" is waiting to start: " + why);
  }
  const int attempt = record->second.restarts - (previous || record->second.id.empty() ? 1 : 0);
  if (attempt < 0)
    co_return text_response(
        400, "previous terminated container \"" + container + "\" in pod \"" + parts[2] + "\" not found");
  const std::string path = "/var/log/pods/" + parts[1] + "_" + parts[2] + "_" + std::string(worker->pod.uid()) + "/" +
                           container + "/" + std::to_string(attempt) + ".log";
  const Result<std::string> raw = runtime_.read_log(path);
  if (!raw) co_return text_response(500, raw.error().message);
  std::string_view text = *raw;
  // sinceSeconds and sinceTime compare the lines' own stamps.
  std::optional<TimePoint> since = parse_timestamp(request.query.get("sinceTime"));
  if (const auto seconds_ago = parse_int(request.query.get("sinceSeconds")))
    since = loop_.now() - seconds(*seconds_ago);
  while (since && !text.empty()) {
    const auto stamp = parse_timestamp(text.substr(0, text.find(' ')));
    if (!stamp || *stamp >= *since) break;
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  if (const auto tail = parse_int(request.query.get("tailLines"))) {
    std::int64_t lines = 0;
    std::size_t at = text.size();
    while (at > 0 && lines <= *tail) {
      if (text[at - 1] == '\n' && ++lines > *tail) break;
      --at;
    }
    text.remove_prefix(at);
  }
  const bool timestamps = request.query.get("timestamps") == "true";
  std::string shown = plain_lines(text, timestamps);
  if (const auto limit = parse_int(request.query.get("limitBytes")))
    shown = shown.substr(0, static_cast<std::size_t>(std::max<std::int64_t>(0, *limit)));
  HttpResponse response = text_response(200, std::move(shown));
  if (request.query.get("follow") == "true") {
    auto [ours, theirs] = StreamEnd::make_pair(loop_);
    response.stream = theirs;
    tasks_.spawn(follow_log(path, ours, raw->size(), timestamps, record->second.id));
  }
  co_return response;
}

Task<void> Kubelet::follow_log(std::string path, std::shared_ptr<StreamEnd> stream, std::size_t from, bool timestamps,
                               std::string container_id) {
  for (;;) {
    const auto status = runtime_.container(container_id);
    const bool running = status && status->state == RuntimeContainerState::kRunning;
    const Result<std::string> text = runtime_.read_log(path);
    if (text && text->size() > from) {
      const std::string fresh = plain_lines(std::string_view(*text).substr(from), timestamps);
      from = text->size();
      if (!stream->send({1, fresh, Value()})) co_return;
    }
    if (!running || stream->peer_closed()) co_return;
    co_await loop_.sleep(kLogPoll);
  }
}

Task<HttpResponse> Kubelet::serve_exec(const HttpRequest& request, std::vector<std::string> parts) {
  const Worker* worker = find_worker(parts[1], parts[2]);
  if (worker == nullptr) co_return text_response(404, "pod does not exist");
  const auto record = worker->containers.find(parts[3]);
  const auto running = record == worker->containers.end() || record->second.id.empty()
                           ? std::nullopt
                           : runtime_.container(record->second.id);
  if (!running || running->state != RuntimeContainerState::kRunning)
    co_return text_response(404, "container not found (\"" + parts[3] + "\")");
  if (!request.upgrade) co_return text_response(400, "unable to upgrade: missing upgrade headers in request");
  std::shared_ptr<StreamEnd> stream = request.upgrade;
  const bool tty = request.query.get("tty") == "1";
  const bool input = request.query.get("input") == "1";
  const bool attach = parts[0] == "attach";
  std::vector<std::string> command = request.query.all("command");
  tasks_.spawn([](ContainerRuntime& runtime, std::string id, std::vector<std::string> words, bool with_tty,
                  bool with_input, bool attaching, std::shared_ptr<StreamEnd> end) -> Task<void> {
    Value status = Value::object({{"metadata", Value::object()}, {"status", "Success"}});
    if (attaching) {
      (void)co_await runtime.attach(id, with_input, end);
    } else {
      const Result<int> code = co_await runtime.exec(id, std::move(words), with_tty, with_input, end);
      if (!code) {
        status = Value::object(
            {{"metadata", Value::object()},
             {"status", "Failure"},
             {"reason", "InternalError"},
             {"code", 500},
             {"message", "Internal error occurred: error executing command in container: " + code.error().message}});
      } else if (*code != 0) {
        status = Value::object(
            {{"metadata", Value::object()},
             {"status", "Failure"},
             {"reason", "NonZeroExitCode"},
             {"message", "command terminated with non-zero exit code: exit status " + std::to_string(*code)},
             {"details",
              Value::object({{"causes", Value::array({Value::object(
                                            {{"reason", "ExitCode"}, {"message", std::to_string(*code)}})})}})}});
      }
    }
    end->send({3, "", std::move(status)});
    end->close();
  }(runtime_, record->second.id, std::move(command), tty, input, attach, stream));
  HttpResponse response;
  response.status = 101;
  co_return response;
}

// Each forwarded connection is a request of its own; one without a port only asks
// whether the pod could be reached.
HttpResponse Kubelet::serve_port_forward(const HttpRequest& request, const std::vector<std::string>& parts) {
  const Worker* worker = find_worker(parts[1], parts[2]);
  if (worker == nullptr) return text_response(404, "pod does not exist");
  if (!request.upgrade) return text_response(400, "unable to upgrade: missing upgrade headers in request");
  if (request.query.has("ports")) {
    const auto port = parse_int(request.query.get("ports"));
    if (!port || *port < 1 || *port > 65535)
      return text_response(400,
                           "port " + go_quote(request.query.get("ports")) + " must be greater than 0 and below 65536");
    const PodIdentity pod{parts[1], parts[2], std::string(worker->pod.uid())};
    tasks_.spawn(runtime_.port_forward(pod, static_cast<std::uint16_t>(*port), request.upgrade));
  }
  HttpResponse response;
  response.status = 101;
  return response;
}

}  // namespace drydock
