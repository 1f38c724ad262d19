// The documents of the virtual internet: they parse, and their images exist.
#include <doctest/doctest.h>

#include <set>

#include "core/base/event_loop.h"
#include "core/base/strings.h"
#include "core/machinery/yaml.h"
#include "core/programs/internet/pages.h"
#include "core/runtime/image_registry.h"

using namespace drydock;

namespace {

// Named by documents people apply, but not made yet (scenarios/IMAGES.md says so).
const std::set<std::string> kMissing = {
    "registry.k8s.io/metrics-server/metrics-server:v0.8.0",
    "kubernetesui/dashboard:v2.7.0",
    "kubernetesui/metrics-scraper:v1.0.8",
};

void collect_images(const Value& value, std::set<std::string>& images) {
  for (const Value& item : value.items()) collect_images(item, images);
  for (const Value::Member& member : value.members()) {
    if (member.key.view() == "image" && member.value.is_string()) images.insert(member.value.str());
    collect_images(member.value, images);
  }
}

}  // namespace

TEST_CASE("every manifest is valid YAML, and its images can be pulled") {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ImageRegistry registry(loop, Prng(1));
  std::set<std::string> images;
  std::set<std::string> urls;
  for (const auto pages : all_web_pages()) {
    for (const WebPage& page : pages) {
      CAPTURE(page.url);
      CHECK(urls.insert(std::string(page.url)).second);
      if (!page.url.ends_with(".yaml") && !page.url.ends_with(".yml")) continue;
      auto documents = parse_yaml_documents(page.text);
      REQUIRE_MESSAGE(documents.ok(), page.url);
      CHECK(!documents->empty());
      for (const Value& document : *documents) {
        CHECK(document["kind"].is_string());
        collect_images(document, images);
      }
    }
  }
  for (const std::string& image : images) {
    if (kMissing.contains(image)) continue;
    CAPTURE(image);
    CHECK(registry.find(full_image_name(image)).ok());
  }
}

TEST_CASE("documents have several addresses, and hosts their own words for what is not there") {
  struct Row {
    const char* host;
    const char* path;
    bool there;
  };
  const Row rows[] = {
      {"k8s.io", "/examples/application/deployment.yaml", true},
      {"kubernetes.io", "/examples/application/deployment.yaml", true},
      {"raw.githubusercontent.com", "/kubernetes/website/main/content/en/examples/controllers/job.yaml", true},
      {"raw.githubusercontent.com", "/projectcalico/calico/v3.27.0/manifests/calico.yaml", true},
      {"docs.projectcalico.org", "/v3.14/manifests/calico.yaml", true},
      {"github.com", "/flannel-io/flannel/releases/download/v0.26.1/kube-flannel.yml", true},
      {"raw.githubusercontent.com", "/projectcalico/calico/feature/x/manifests/calico.yaml", false},
      {"k8s.io", "/examples/nothing.yaml", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    CHECK((find_page(row.host, row.path) != nullptr) == row.there);
  }
  CHECK(contains(examples_index(), "https://k8s.io/examples/pods/simple-pod.yaml\n"));
}
