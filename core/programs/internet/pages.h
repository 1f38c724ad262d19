// The documents of the virtual internet.
#pragma once

#include <span>
#include <string_view>

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
std::span<const WebPage> cluster_addon_pages();
std::span<const WebPage> public_pages();

// Document for host and path; nullptr for 404.
const WebPage* find_page(std::string_view host, std::string_view path);

}  // namespace drydock
