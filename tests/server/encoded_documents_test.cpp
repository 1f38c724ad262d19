// Documents as JSON, with and without the memory of earlier ones.
#include <doctest/doctest.h>

#include "core/machinery/json.h"
#include "server/http/encoded_documents.h"

using namespace drydock;
using namespace drydock::server;

namespace {

Value pod(int number) {
  return Value::object({{"kind", "Pod"},
                        {"metadata", Value::object({{"name", "p-" + std::to_string(number)}})},
                        {"text", std::string(200, 'x') + "<\"\n\u00e9"}});
}

Value list_of(const std::vector<Value>& pods) {
  Value items = Value::array();
  for (const Value& each : pods) items.push_back(each);
  return Value::object({{"kind", "PodList"}, {"apiVersion", "v1"}, {"metadata", Value::object()}, {"items", items}});
}

}  // namespace

TEST_CASE("documents read the same from memory, and after they changed") {
  EncodedDocuments encoded;
  std::vector<Value> pods;
  for (int i = 0; i < 20; ++i) pods.push_back(pod(i));
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    CHECK(encoded.text(list_of(pods)) == dump_json(list_of(pods)));
    const std::size_t once = encoded.bytes();
    CHECK(encoded.text(list_of(pods)) == dump_json(list_of(pods)));
    CHECK(encoded.bytes() == once);
    for (const char* type : {"ADDED", "MODIFIED"}) {
      const Value event = Value::object({{"type", type}, {"object", pods[3]}});
      CHECK(encoded.text(event) == dump_json(event));
    }
    CHECK(encoded.bytes() == once);  // the event's object is the list's
    pods[3].ref("metadata", "name") = "changed-" + std::to_string(round);
    pods[5] = pod(100 + round);
  }
  for (const Value& other :
       {Value(), Value("text"), Value::object(), Value::array({1, 2}), list_of({}), Value::object({{"items", "none"}}),
        Value::object({{"type", 1}, {"object", Value::object()}}),
        Value::object({{"items", Value::array({1, Value(), "x", Value::object()})}})}) {
    CHECK(encoded.text(other) == dump_json(other));
  }
}

TEST_CASE("what is remembered has a limit") {
  EncodedDocuments encoded(8 * 1024);
  std::vector<Value> pods;
  for (int i = 0; i < 200; ++i) {
    pods.push_back(pod(i));
    CHECK(encoded.text(list_of({pods.back()})) == dump_json(list_of({pods.back()})));
    CHECK(encoded.bytes() <= 8 * 1024);
  }
  CHECK(encoded.text(list_of(pods)) == dump_json(list_of(pods)));
  CHECK(encoded.bytes() > 6 * 1024);
}
