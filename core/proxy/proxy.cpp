#include "core/proxy/proxy.h"

namespace drydock::proxy {
namespace {

constexpr const char* kByService = "service";
constexpr Duration kRetryDelay = seconds(30);

std::string service_of(const Object& slice) {
  return std::string(slice.ns()) + "/" + std::string(slice.label("kubernetes.io/service-name"));
}

// Headless Services and those of another proxy are none of kube-proxy's business.
ListOptions proxied_only() {
  return {.label_selector = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"};
}

}  // namespace

Proxy::Proxy(EventLoop& loop, Client& client, Dataplane& dataplane, ProxyOptions options)
    : loop_(loop),
      dataplane_(dataplane),
      options_(std::move(options)),
      services_(loop, client, resources::kServices, "", proxied_only()),
      slices_(loop, client, resources::kEndpointSlices, "", proxied_only()),
      rules_(options_.cluster_cidr),
      changed_(loop),
      tasks_(loop) {
  slices_.add_index(kByService, [](const Object& slice) { return std::vector<std::string>{service_of(slice)}; });
  services_.add_handler(
      [this](const Object& old, const Object& current) { service_changed((current ? current : old).key().str()); });
  slices_.add_handler(
      [this](const Object& old, const Object& current) { service_changed(service_of(current ? current : old)); });
}

void Proxy::service_changed(const std::string& key) {
  dirty_.insert(key);
  changed_.notify_all();
}

void Proxy::refresh(const std::string& key) {
  const std::size_t slash = key.find('/');
  const Object& service = services_.get({key.substr(0, slash), key.substr(slash + 1)});
  rules_.put(key, service ? read_service_ports(service, slices_.by_index(kByService, key), options_.node_name)
                          : std::vector<ServicePort>());
}

Task<void> Proxy::run() {
  tasks_.spawn(services_.run());
  tasks_.spawn(slices_.run());
  co_await services_.wait_synced();
  co_await slices_.wait_synced();
  while (true) {
    for (const std::string& key : std::exchange(dirty_, {})) refresh(key);
    IptablesRules attempt = rules_;
    const ServiceRules rules = attempt.take_changes();
    Result<void> applied = co_await dataplane_.apply(rules);
    if (applied) rules_ = std::move(attempt);
    co_await loop_.sleep(applied ? options_.min_sync_period : kRetryDelay);
    while (dirty_.empty() && applied) co_await changed_.wait();
  }
}

}  // namespace drydock::proxy
