#include "core/programs/internet/internet.h"

#include <algorithm>
#include <iterator>

#include "core/base/strings.h"
#include "core/network/http_wire.h"
#include "core/network/network.h"
#include "core/programs/internet/pages.h"

namespace drydock {
namespace {

constexpr Ipv4 kFirstAddress{0xc6336401};  // 198.51.100.1
// Every name that exists out there; each has an address of its own.
constexpr std::string_view kNames[] = {
    "example.com",
    "www.example.com",
    "google.com",
    "www.google.com",
    "kubernetes.io",
    "k8s.io",
    "dl.k8s.io",
    "cloud.weave.works",
    "github.com",
    "www.github.com",
    "raw.githubusercontent.com",
    "docs.projectcalico.org",
    "docs.tigera.io",
    "registry.k8s.io",
    "docker.io",
    "registry-1.docker.io",
    "auth.docker.io",
    "quay.io",
    "ghcr.io",
    "gcr.io",
    "us-docker.pkg.dev",
    "pkgs.k8s.io",
    "httpbin.org",
    "info.cern.ch",
    "one.one.one.one",
    "dns.google",
    "debian.org",
    "deb.debian.org",
    "archive.ubuntu.com",
    "security.ubuntu.com",
    "dl-cdn.alpinelinux.org",
    "mirrorlist.centos.org",
};

HttpResponse text_response(int status, std::string body, std::string type) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", std::move(type));
  response.body.bytes = std::move(body);
  return response;
}

HttpResponse redirect(int status, std::string location) {
  const std::string reason = std::to_string(status) + " " + std::string(http_reason(status));
  HttpResponse response =
      text_response(status,
                    "<html>\r\n<head><title>" + reason + "</title></head>\r\n<body>\r\n<center><h1>" + reason +
                        "</h1></center>\r\n</body>\r\n</html>\r\n",
                    "text/html");
  response.headers.add("Location", std::move(location));
  return response;
}

// Each host has its own words for what it does not have.
HttpResponse not_found(std::string_view host, std::string_view path) {
  if (host == "raw.githubusercontent.com") return text_response(404, "404: Not Found", "text/plain; charset=utf-8");
  if (host == "github.com" || host == "www.github.com")
    return text_response(404, "Not Found", "text/plain; charset=utf-8");
  if (host == "kubernetes.io" || host == "k8s.io" || host == "www.kubernetes.io")
    return text_response(404,
                         "<!doctype html>\n<html lang=\"en\"><head><title>404 Page not found | "
                         "Kubernetes</title></head>\n<body><h1>Not found</h1>\n<p>Oops! This page doesn't exist. Try "
                         "going back to the <a href=\"https://kubernetes.io/\">home page</a>.</p></body></html>\n",
                         "text/html; charset=UTF-8");
  if (host == "docs.projectcalico.org" || host == "docs.tigera.io")
    return text_response(404, "<!doctype html>\n<html><head><title>Page Not Found</title></head></html>\n",
                         "text/html");
  if (host.ends_with("google.com"))
    return text_response(404,
                         "<!DOCTYPE html>\n<html lang=en>\n  <title>Error 404 (Not Found)!!1</title>\n  "
                         "<p><b>404.</b> <ins>That\u2019s an error.</ins>\n  <p>The requested URL <code>" +
                             std::string(path) +
                             "</code> was not found on this server.  <ins>That\u2019s all we "
                             "know.</ins>\n",
                         "text/html; charset=UTF-8");
  return text_response(404, "404 page not found\n", "text/plain; charset=utf-8");
}

std::string content_type(std::string_view url, std::string_view text) {
  if (text.starts_with("<")) return "text/html; charset=utf-8";
  if (url.ends_with(".json")) return "application/json";
  return "text/plain; charset=utf-8";
}

}  // namespace

std::vector<std::span<const WebPage>> all_web_pages() {
  return {network_addon_pages(),      workload_example_pages(),      pod_example_pages(),
          service_example_pages(),    configuration_example_pages(), resource_example_pages(),
          scheduling_example_pages(), cluster_addon_pages(),         public_pages()};
}

std::string examples_index() {
  std::vector<std::string> urls;
  for (const auto pages : all_web_pages()) {
    for (const WebPage& page : pages) {
      if (page.url.starts_with("kubernetes.io/examples/"))
        urls.push_back("https://k8s.io" + std::string(page.url.substr(std::string_view("kubernetes.io").size())));
    }
  }
  std::sort(urls.begin(), urls.end());
  return join(urls, "\n") + "\n";
}

const WebPage* find_page(std::string_view host, std::string_view path) {
  // Short names for the same documents.
  std::string url = host == "k8s.io" && path.starts_with("/examples/") ? "kubernetes.io" + std::string(path)
                                                                       : std::string(host) + std::string(path);
  // One document for every release of an add-on.
  struct Release {
    std::string_view before;
    std::string_view after;
    std::string_view same_as;
  };
  constexpr Release kReleases[] = {
      {"raw.githubusercontent.com/projectcalico/calico/", "/manifests/calico.yaml",
       "raw.githubusercontent.com/projectcalico/calico/master/manifests/calico.yaml"},
      {"docs.projectcalico.org/", "/manifests/calico.yaml", "docs.projectcalico.org/manifests/calico.yaml"},
      {"raw.githubusercontent.com/flannel-io/flannel/", "/Documentation/kube-flannel.yml",
       "raw.githubusercontent.com/flannel-io/flannel/master/Documentation/kube-flannel.yml"},
      {"raw.githubusercontent.com/coreos/flannel/", "/Documentation/kube-flannel.yml",
       "raw.githubusercontent.com/coreos/flannel/master/Documentation/kube-flannel.yml"},
      {"github.com/flannel-io/flannel/releases/download/", "/kube-flannel.yml",
       "github.com/flannel-io/flannel/releases/latest/download/kube-flannel.yml"},
      {"raw.githubusercontent.com/kubernetes/website/", "/content/en/examples/", ""},
  };
  for (const Release& release : kReleases) {
    if (!url.starts_with(release.before)) continue;
    const std::size_t at = url.find(release.after, release.before.size());
    if (at == std::string::npos) continue;
    const std::string tag = url.substr(release.before.size(), at - release.before.size());
    const bool fits = !tag.empty() && !contains(tag, "/") && (tag[0] == 'v' || tag == "main" || tag == "master");
    if (fits && release.same_as.empty())
      url = "kubernetes.io/examples/" + url.substr(at + release.after.size());
    else if (fits && at + release.after.size() == url.size())
      url = std::string(release.same_as);
  }
  for (const auto pages : all_web_pages()) {
    for (const WebPage& page : pages) {
      if (page.url == url) return &page;
    }
  }
  if (host.starts_with("www.")) return find_page(host.substr(4), path);
  return nullptr;
}

Internet::Internet(Network& network) {
  stack_ = network.attach_internet("internet", kFirstAddress);
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    const Ipv4 address = kFirstAddress.next(static_cast<std::uint32_t>(i));
    if (i > 0) (void)stack_->add_address("eth0", Cidr{address, 32});
    addresses_[std::string(kNames[i])] = address;
    names_[address] = std::string(kNames[i]);
  }
  // The nameservers everybody knows by heart answer, too.
  for (std::string_view known : {"8.8.8.8", "8.8.4.4", "1.1.1.1"})
    (void)stack_->add_address("eth0", Cidr{*Ipv4::parse(known), 32});
  auto http = HttpListener::open(stack_, 80, *this);
  if (http) http_ = std::move(*http);
  HttpListenerOptions secure;
  secure.tls_without_certificate = true;
  auto https = HttpListener::open(stack_, 443, *this, secure);
  if (https) https_ = std::move(*https);
  auto dns = DnsService::open(network.gateway(), 53, *this);
  if (dns) dns_ = std::move(*dns);
  auto public_dns = DnsService::open(stack_, 53, *this);
  if (public_dns) public_dns_ = std::move(*public_dns);
}

Internet::~Internet() = default;

std::optional<Ipv4> Internet::address_of(std::string_view name) const {
  const auto at = addresses_.find(name);
  return at == addresses_.end() ? std::nullopt : std::optional<Ipv4>(at->second);
}

Task<HttpResponse> Internet::handle(HttpRequest request) {
  const std::size_t colon = request.local_address.rfind(':');
  const auto address = Ipv4::parse(std::string_view(request.local_address).substr(0, colon));
  const auto known = address ? names_.find(*address) : names_.end();
  if (known == names_.end()) co_return text_response(404, "404 page not found\n", "text/plain");
  const std::string& host = known->second;
  if (request.method != "GET" && request.method != "HEAD")
    co_return text_response(405, "405 method not allowed\n", "text/plain");
  const bool plain = std::string_view(request.local_address).substr(colon + 1) == "80";
  if (plain && host != "example.com" && host != "www.example.com" && host != "google.com" && host != "www.google.com" &&
      host != "info.cern.ch") {
    std::string location = "https://" + host + request.path;
    if (!request.query.empty()) location += "?" + request.query.encode();
    co_return redirect(301, std::move(location));
  }
  if ((host == "k8s.io" || host == "kubernetes.io") && (request.path == "/examples/" || request.path == "/examples"))
    co_return text_response(200, examples_index(), "text/plain; charset=utf-8");
  const WebPage* page = find_page(host, request.path);
  if (page == nullptr) co_return not_found(host, request.path);
  if (!page->location.empty()) co_return redirect(page->status, std::string(page->location));
  co_return text_response(page->status, std::string(page->text), content_type(page->url, page->text));
}

Task<DnsMessage> Internet::answer(DnsMessage query, Ipv4) {
  DnsMessage reply;
  std::string name = query.name;
  if (!name.empty() && name.back() == '.') name.pop_back();
  if (const auto pointer = address_of_reverse_name(query.name)) {
    const auto known = names_.find(*pointer);
    if (known == names_.end())
      reply.code = DnsCode::kNxDomain;
    else
      reply.answers.push_back({query.name, DnsType::kPtr, 3600, known->second + "."});
    co_return reply;
  }
  const auto address = address_of(name);
  if (!address) {
    reply.code = DnsCode::kNxDomain;
    reply.authority.push_back(
        {".", DnsType::kSoa, 86400, "a.root-servers.net. nstld.verisign-grs.com. 2026010100 1800 900 604800 86400"});
    co_return reply;
  }
  if (query.type == DnsType::kA || query.type == DnsType::kAny)
    reply.answers.push_back({query.name, DnsType::kA, 300, address->text()});
  co_return reply;
}

}  // namespace drydock
