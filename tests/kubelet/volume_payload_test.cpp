// Files of ConfigMap, Secret and projected volumes, and which changes reach them.
#include "core/kubelet/volume_payload.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/yaml.h"

using namespace drydock;

namespace {

std::string shown(const VolumePayload& payload) {
  std::string text;
  for (const VolumeFile& file : payload) text += file.path + format(" %o ", file.mode) + file.text.str() + "\n";
  return text;
}

}  // namespace

TEST_CASE("keys become files") {
  const Object map(*parse_yaml("{data: {a: one, b: two}, binaryData: {c: aGk=}}"));
  const Object secret(*parse_yaml("{data: {user: YWRh, pass: c2VjcmV0}}"));
  const struct {
    bool secret;
    const char* wanted;
    const char* files;
  } rows[] = {
      {false, "{}", "a 644 one\nb 644 two\nc 644 hi\n"},
      {false, "{items: [{key: b, path: x/y}, {key: c, path: c, mode: 256}]}", "x/y 644 two\nc 400 hi\n"},
      {false, "{optional: true, items: [{key: nope, path: n}, {key: a, path: a}]}", "a 644 one\n"},
      {true, "{}", "pass 644 secret\nuser 644 ada\n"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.wanted);
    VolumePayload payload;
    REQUIRE(add_keys(payload, row.secret ? secret : map, *parse_yaml(row.wanted), row.secret, 0644).ok());
    std::sort(payload.begin(), payload.end(),
              [&](const VolumeFile& a, const VolumeFile& b) { return row.secret && a.path < b.path; });
    CHECK(shown(payload) == row.files);
  }
  VolumePayload payload;
  CHECK(add_keys(payload, map, *parse_yaml("{items: [{key: z, path: z}]}"), false, 0644).error().message ==
        "configmap references non-existent config key: z");
  CHECK(add_keys(payload, secret, *parse_yaml("{items: [{key: z, path: z}]}"), true, 0644).error().message ==
        "references non-existent secret key: z");
}

TEST_CASE("the layout of a volume") {
  const VolumePayload payload{{"a", "1"}, {"d/b", "2"}, {"d/e/f", "3"}};
  CHECK(visible_names(payload) == std::set<std::string>{"a", "d"});
  CHECK(data_directory_name(TimePoint(seconds(1767225600)), "123456789") == "..2026_01_01_00_00_00.123456789");
}

TEST_CASE("whose changes a pod sees") {
  const Value spec = *parse_yaml(
      "{volumes: [{name: a, configMap: {name: conf}}, {name: b, secret: {secretName: key}}, {name: c, projected: "
      "{sources: [{configMap: {name: more}}, {secret: {name: other}}, {downwardAPI: {items: []}}]}}, {name: "
      "kube-api-access-x, projected: {sources: [{configMap: {name: kube-root-ca.crt}}, {downwardAPI: {}}]}}, {name: e, "
      "emptyDir: {}}]}");
  CHECK(refreshed_sources(spec, "team") == std::set<std::string>{"configmaps/team/conf", "configmaps/team/more",
                                                                 "secrets/team/key", "secrets/team/other"});
  CHECK(has_downward_volume(spec));
  // What admission adds to every pod is no reason to follow anything.
  const Value plain = *parse_yaml(
      "{volumes: [{name: kube-api-access-x, projected: {sources: [{configMap: {name: kube-root-ca.crt}}, {downwardAPI: "
      "{}}]}}]}");
  CHECK(refreshed_sources(plain, "team").empty());
  CHECK_FALSE(has_downward_volume(plain));
}
