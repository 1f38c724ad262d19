// What patches leave in memory. What they make of documents: tests/apiserver and tests/parity.
#include <doctest/doctest.h>

#include "core/machinery/patch.h"
#include "core/machinery/yaml.h"

using namespace drydock;

TEST_CASE("equal parts are shared") {
  const Value old = *parse_yaml("{a: {deep: [1, 2]}, b: [{name: x, on: true}, {name: y}], c: text}");
  Value fresh = *parse_yaml("{a: {deep: [1, 2]}, b: [{name: x, on: true}, {name: z}], d: 1}");
  const Value before = fresh;
  share_equal_parts(fresh, old);
  CHECK(fresh == before);
  CHECK(fresh["a"].same_as(old["a"]));
  CHECK(fresh["b"][0].same_as(old["b"][0]));
  CHECK_FALSE(fresh["b"][1].same_as(old["b"][1]));
  // The old document is not changed by what is done to the new one.
  fresh.ref("a", "deep").push_back(3);
  CHECK(old["a"]["deep"].size() == 2);
  Value same = *parse_yaml("{a: {deep: [1, 2]}, b: [{name: x, on: true}, {name: y}], c: text}");
  share_equal_parts(same, old);
  CHECK(same.same_as(old));
}
