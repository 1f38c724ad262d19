// The documents of the virtual internet.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace drydock {

// One document under one URL without its scheme: "kubernetes.io/examples/pods/simple-pod.yaml".
struct WebPage {
  std::string_view url;
  std::string_view text;
  int status = 200;
  std::string_view location = {};  // of a redirect
};

std::span<const WebPage> network_addon_pages();
std::span<const WebPage> workload_example_pages();
std::span<const WebPage> pod_example_pages();
std::span<const WebPage> service_example_pages();
std::span<const WebPage> configuration_example_pages();
std::span<const WebPage> resource_example_pages();
std::span<const WebPage> scheduling_example_pages();
std::span<const WebPage> cluster_addon_pages();
std::span<const WebPage> public_pages();

// Every page there is, in families.
std::vector<std::span<const WebPage>> all_web_pages();
// What lies below https://k8s.io/examples/, one URL a line.
std::string examples_index();

// Document for host and path; nullptr for 404.
const WebPage* find_page(std::string_view host, std::string_view path);

}  // namespace drydock
