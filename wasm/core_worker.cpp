// The core's C functions for a Web Worker (and Node): a Session behind pointers and
// lengths. Text goes in and comes out as UTF-8 JSON; the feed as bytes.
#include <emscripten.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/base/strings.h"
#include "core/machinery/json.h"
#include "core/world/session.h"

using namespace drydock;

namespace {

std::unique_ptr<Session> session;
std::string result;  // of the last call, until the next

Duration real_now() { return Duration(static_cast<Duration::rep>(emscripten_get_now() * 1e6)); }

std::string_view text_of(const char* bytes, int length) { return {bytes, static_cast<std::size_t>(length)}; }

}  // namespace

extern "C" {

EMSCRIPTEN_KEEPALIVE const char* core_data() { return result.data(); }
EMSCRIPTEN_KEEPALIVE int core_size() { return static_cast<int>(result.size()); }

// {"seed","start","version"} -> 1 and {"versions":[…]}, or 0 and a reason.
EMSCRIPTEN_KEEPALIVE int core_start(const char* options_json, int length) {
  auto options = parse_json(text_of(options_json, length));
  if (!options) {
    result = options.error().message;
    return 0;
  }
  WorldOptions chosen;
  chosen.seed = static_cast<std::uint64_t>((*options)["seed"].as_int(1));
  if (options->has("start")) chosen.start = TimePoint(seconds((*options)["start"].as_int()));
  chosen.version = (*options)["version"].str();
  session = std::make_unique<Session>(std::move(chosen), real_now);
  Value versions = Value::array();
  for (const std::string& version : offered_versions()) versions.push_back(version);
  result = dump_json(Value::object({{"versions", versions}}));
  return 1;
}

EMSCRIPTEN_KEEPALIVE int core_replay(const char* recording, int length) {
  auto replayed = session->replay(text_of(recording, length));
  result = replayed ? dump_json(*replayed) : replayed.error().message;
  return replayed ? 1 : 0;
}

EMSCRIPTEN_KEEPALIVE int core_command(const char* command_json, int length) {
  auto command = parse_json(text_of(command_json, length));
  const Value answer = command ? session->command(*command) : Value::object({{"error", command.error().message}});
  result = dump_json(answer);
  return 1;
}

// Real milliseconds gone by -> real milliseconds until there is more to do.
EMSCRIPTEN_KEEPALIVE double core_advance(double elapsed_ms) {
  return static_cast<double>(session->advance(Duration(static_cast<Duration::rep>(elapsed_ms * 1e6))).count()) / 1e6;
}

EMSCRIPTEN_KEEPALIVE int core_drain() {
  const Value outputs = session->drain();
  if (outputs.is_null()) return 0;
  result = dump_json(outputs);
  return 1;
}

EMSCRIPTEN_KEEPALIVE int core_feed() {
  result = session->take_feed();
  return result.empty() ? 0 : 1;
}

}  // extern "C"
