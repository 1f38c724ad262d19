// Watches, lists in chunks, Tables and the server's version.
#include <doctest/doctest.h>

#include <set>

#include "core/base/strings.h"
#include "tests/conformance/rig.h"

using namespace drydock;
using namespace drydock::conformance;

namespace {

const std::string kMaps = "/api/v1/namespaces/default/configmaps";
const std::string kTemplates = "/api/v1/namespaces/default/podtemplates";

Value map_with(const std::string& name, const std::string& label) {
  return yaml("{apiVersion: v1, kind: ConfigMap, metadata: {name: " + name +
              ", labels: {watch-this-configmap: " + label + "}}}");
}

void mutate(Rig& rig, const std::string& name, int number) {
  rig.merge(kMaps + "/" + name, "{data: {mutation: '" + std::to_string(number) + "'}}");
}

std::string version_of(const Value& object) { return object["metadata"]["resourceVersion"].str(); }

// "MODIFIED e2e 2": what an event tells.
std::string told(const Value& event) {
  if (event.is_null()) return "nothing";
  const Value& object = event["object"];
  return event["type"].str() + " " + object["metadata"]["name"].str() +
         (object["data"].has("mutation") ? " " + object["data"]["mutation"].str() : "");
}

void make_templates(Rig& rig, int count) {
  for (int i = 0; i < count; ++i) {
    rig.post(kTemplates, yaml("{apiVersion: v1, kind: PodTemplate, metadata: {name: " + format("template-%04d", i) +
                              "}, template: {metadata: {labels: {pod-template: x}}, spec: {containers: [{name: test, "
                              "image: test2}]}}}"));
  }
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Watchers should be able to restart watching from the last resource version "
                  "observed by the previous watch [Conformance]") {
  const std::string selected = kMaps + "?labelSelector=watch-this-configmap=watch-closed-and-restarted";
  Watching first = watch(selected);
  post(kMaps, map_with("e2e-watch-closed", "watch-closed-and-restarted"));
  mutate(*this, "e2e-watch-closed", 1);
  CHECK(told(first.next()) == "ADDED e2e-watch-closed");
  const Value last = first.next();
  CHECK(told(last) == "MODIFIED e2e-watch-closed 1");
  first.close();
  mutate(*this, "e2e-watch-closed", 2);
  remove(kMaps + "/e2e-watch-closed");
  Watching second = watch(selected + "&resourceVersion=" + version_of(last["object"]));
  CHECK(told(second.next()) == "MODIFIED e2e-watch-closed 2");
  CHECK(told(second.next()) == "DELETED e2e-watch-closed 2");
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Watchers should be able to start watching from a specific resource version "
                  "[Conformance]") {
  post(kMaps, map_with("e2e-watch-version", "from-resource-version"));
  mutate(*this, "e2e-watch-version", 1);
  const Value first = get(kMaps + "/e2e-watch-version");
  mutate(*this, "e2e-watch-version", 2);
  remove(kMaps + "/e2e-watch-version");
  Watching watching =
      watch(kMaps + "?labelSelector=watch-this-configmap=from-resource-version&resourceVersion=" + version_of(first));
  CHECK(told(watching.next()) == "MODIFIED e2e-watch-version 2");
  CHECK(told(watching.next()) == "DELETED e2e-watch-version 2");
  CHECK(told(watching.next(seconds(10))) == "nothing");
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on "
                  "configmaps [Conformance]") {
  const std::string by_label = kMaps + "?labelSelector=watch-this-configmap";
  Watching a = watch(by_label + "=multiple-watchers-A");
  Watching b = watch(by_label + "=multiple-watchers-B");
  Watching either = watch(by_label + "%20in%20(multiple-watchers-A,multiple-watchers-B)");
  const auto tell = [](Watching& one, Watching& other, Watching& silent, const std::string& what) {
    CHECK(told(one.next()) == what);
    CHECK(told(other.next()) == what);
    CHECK(told(silent.next(seconds(3))) == "nothing");
  };
  post(kMaps, map_with("e2e-a", "multiple-watchers-A"));
  tell(a, either, b, "ADDED e2e-a");
  mutate(*this, "e2e-a", 1);
  tell(a, either, b, "MODIFIED e2e-a 1");
  mutate(*this, "e2e-a", 2);
  tell(a, either, b, "MODIFIED e2e-a 2");
  remove(kMaps + "/e2e-a");
  tell(a, either, b, "DELETED e2e-a 2");
  post(kMaps, map_with("e2e-b", "multiple-watchers-B"));
  tell(b, either, a, "ADDED e2e-b");
  remove(kMaps + "/e2e-b");
  tell(b, either, a, "DELETED e2e-b");
  // Nobody hears of what no selector matches.
  post(kMaps, map_with("e2e-c", "nobody"));
  CHECK(told(either.next(seconds(3))) == "nothing");
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements "
                  "of the selector [Conformance]") {
  Watching watching = watch(kMaps + "?labelSelector=watch-this-configmap=label-changed-and-restored");
  post(kMaps, map_with("e2e-label", "label-changed-and-restored"));
  mutate(*this, "e2e-label", 1);
  merge(kMaps + "/e2e-label", "{metadata: {labels: {watch-this-configmap: wrong-value}}}");
  CHECK(told(watching.next()) == "ADDED e2e-label");
  CHECK(told(watching.next()) == "MODIFIED e2e-label 1");
  CHECK(told(watching.next()) == "DELETED e2e-label 1");
  mutate(*this, "e2e-label", 2);
  CHECK(told(watching.next(seconds(10))) == "nothing");
  merge(kMaps + "/e2e-label", "{metadata: {labels: {watch-this-configmap: label-changed-and-restored}}}");
  mutate(*this, "e2e-label", 3);
  remove(kMaps + "/e2e-label");
  CHECK(told(watching.next()) == "ADDED e2e-label 2");
  CHECK(told(watching.next()) == "MODIFIED e2e-label 3");
  CHECK(told(watching.next()) == "DELETED e2e-label 3");
}

namespace {

// Somebody who writes all the time: makes, changes and deletes three ConfigMaps in turns.
Task<void> write_on(Rig& rig) {
  Client& client = rig.cluster.client();
  for (int i = 0;; ++i) {
    const ObjectKey key{"default", "map-" + std::to_string(i % 3)};
    const Object map(map_with(key.name, "x"));
    Object made = map;
    made.mutable_doc().ref("metadata", "namespace") = "default";
    (void)co_await client.create(resources::kConfigMaps, made);
    Value change = Value::object({{"data", Value::object({{"mutation", std::to_string(i)}})}});
    (void)co_await client.patch(resources::kConfigMaps, key, PatchType::kMerge, change);
    if (i % 2 == 0) (void)co_await client.remove(resources::kConfigMaps, key, {});
    co_await rig.cluster.loop.sleep(milliseconds(100));
  }
}

}  // namespace

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Watchers should receive events on concurrent watches in same order "
                  "[Conformance]") {
  const std::string from = version_of(get(kMaps));
  TaskGroup writers(cluster.loop);
  writers.spawn(write_on(*this));
  Watching leader = watch(kMaps + "?resourceVersion=" + from);
  std::vector<Watching> followers;
  std::vector<std::string> versions;
  for (int i = 0; i < 100; ++i) {
    const Value event = leader.next();
    REQUIRE_FALSE(event.is_null());
    versions.push_back(version_of(event["object"]));
    for (std::size_t j = 0; j < followers.size(); ++j) {
      const Value same = followers[j].next();
      REQUIRE_FALSE(same.is_null());
      CHECK(version_of(same["object"]) == versions.back());
      CHECK(told(same) == told(event));
    }
    if (i % 5 == 0) followers.push_back(watch(kMaps + "?resourceVersion=" + versions.back()));
  }
  CHECK(std::set<std::string>(versions.begin(), versions.end()).size() == versions.size());
  writers.cancel_all();
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Servers with support for API chunking should return chunks of results for list "
                  "calls [Conformance]") {
  constexpr int kTemplateCount = 400;
  make_templates(*this, kTemplateCount);
  for (const int limit : {17, 100, 399}) {
    std::string version;
    std::string token;
    std::set<std::string> seen;
    do {
      HttpQuery query;
      query.add("limit", std::to_string(limit));
      if (!token.empty()) query.add("continue", token);
      const Value page = get(kTemplates + "?" + query.encode());
      CHECK(page["items"].size() <= static_cast<std::size_t>(limit));
      if (version.empty()) version = version_of(page);
      CHECK(version_of(page) == version);
      for (const Value& item : page["items"].items()) CHECK(seen.insert(item["metadata"]["name"].str()).second);
      token = page["metadata"]["continue"].str();
      if (token.empty())
        CHECK_FALSE(page["metadata"].has("remainingItemCount"));
      else
        CHECK(page["metadata"]["remainingItemCount"].as_int() ==
              kTemplateCount - static_cast<std::int64_t>(seen.size()));
    } while (!token.empty());
    CHECK(seen.size() == kTemplateCount);
  }
  const Value all = get(kTemplates);
  CHECK(all["items"].size() == kTemplateCount);
  CHECK(all["metadata"]["continue"].empty());
}

TEST_CASE_FIXTURE(Rig,
                  "[sig-api-machinery] Servers with support for API chunking should support continue listing from the "
                  "last key if the original version has been compacted away, though the list is inconsistent [Slow] "
                  "[Conformance]") {
  constexpr int kTemplateCount = 400;
  constexpr std::int64_t kPage = kTemplateCount / 10;
  make_templates(*this, kTemplateCount);
  const auto page_of = [](const std::string& token) {
    HttpQuery query;
    query.add("limit", std::to_string(kPage));
    query.add("continue", token);
    return kTemplates + "?" + query.encode();
  };
  const Value first = get(kTemplates + "?limit=" + std::to_string(kPage));
  CHECK(first["items"].size() == kPage);
  CHECK(first["metadata"]["remainingItemCount"].as_int() == kTemplateCount - kPage);
  const std::string token = first["metadata"]["continue"].str();
  // Somebody goes on writing elsewhere until the revision is compacted.
  HttpResponse late;
  for (int minutes = 0; minutes < 20; ++minutes) {
    late = send("GET", page_of(token));
    if (late.status == 410) break;
    REQUIRE(late.status == 200);
    pass(std::chrono::minutes(1));
    const std::string name = "written-" + std::to_string(minutes);
    post(kMaps, map_with(name, "elsewhere"));
  }
  REQUIRE(late.status == 410);
  CHECK(late.body.document["reason"] == Value("Expired"));
  const std::string inconsistent = late.body.document["metadata"]["continue"].str();
  REQUIRE_FALSE(inconsistent.empty());
  Value page = get(page_of(inconsistent));
  const std::string version = version_of(page);
  CHECK(version != version_of(first));
  std::set<std::string> seen;
  for (const Value& item : first["items"].items()) seen.insert(item["metadata"]["name"].str());
  for (std::int64_t pages = 2;; ++pages) {
    CHECK(page["items"].size() <= kPage);
    CHECK(version_of(page) == version);
    for (const Value& item : page["items"].items()) CHECK(seen.insert(item["metadata"]["name"].str()).second);
    const std::string next = page["metadata"]["continue"].str();
    CHECK(page["metadata"]["remainingItemCount"].as_int() == kTemplateCount - pages * kPage);
    if (next.empty()) break;
    page = get(page_of(next));
  }
  CHECK(seen.size() == kTemplateCount);
}

TEST_CASE_FIXTURE(Rig, "[sig-api-machinery] server version should find the server version [Conformance]") {
  const Value version = get("/version");
  for (const char* part : {"major", "minor"}) {
    CAPTURE(part);
    CHECK(parse_int(version[part].as_string()).has_value());
  }
  CHECK(version["gitVersion"].as_string().starts_with("v" + version["major"].str() + "." + version["minor"].str()));
}
