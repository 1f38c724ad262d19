// What hostile bytes are thrown at: every reader of text and wire formats that strangers
// can reach. Each target takes any bytes; a crash, a hang, or a CHECK that fails is a
// defect, and so is a broken promise that the target itself checks (what was printed
// reads back as the same).
//
//   ./drydock test fuzz            a minute of libFuzzer for each
//   build/fuzz/tests/fuzz corpus   with DRYDOCK_FUZZ_TARGET=json: one of them, for longer
//
// tests/fuzz/corpus/<target>/ holds what each begins from, and every input that once
// found something; the ordinary tests run all of it.
#pragma once

#include <span>
#include <string_view>

namespace drydock::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

std::span<const Target> text_targets();  // json, yaml, patches, selectors, jsonpath, quantities, cel
std::span<const Target> wire_targets();  // http, http2, websocket, spdy, protobuf
// nullptr: there is none of that name.
const Target* find_target(std::string_view name);

}  // namespace drydock::fuzz
