#include "core/kubelet/container_environment.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/machinery/quantity.h"

namespace drydock {

std::string expand_variables(std::string_view text, const EnvironmentList& known) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '(') {
      const std::size_t close = text.find(')', i);
      if (close != std::string_view::npos) {
        const std::string name(text.substr(i + 2, close - i - 2));
        const auto at =
            std::find_if(known.rbegin(), known.rend(), [&](const auto& entry) { return entry.first == name; });
        out += at == known.rend() ? std::string(text.substr(i, close - i + 1)) : at->second;
        i = close;
        continue;
      }
    }
    out += text[i];
  }
  return out;
}

void add_service_links(EnvironmentList& environment, const Object& service) {
  const std::string address = service.spec()["clusterIP"].str();
  if (address.empty() || address == "None") return;
  const std::string prefix = replace_all(to_upper(service.name()), "-", "_");
  const Value& ports = service.spec()["ports"];
  const std::string port = std::to_string(ports[0]["port"].as_int());
  environment.emplace_back(prefix + "_SERVICE_HOST", address);
  environment.emplace_back(prefix + "_SERVICE_PORT", port);
  for (const Value& each : ports.items()) {
    if (each["name"].empty()) continue;
    environment.emplace_back(prefix + "_SERVICE_PORT_" + replace_all(to_upper(each["name"].as_string()), "-", "_"),
                             std::to_string(each["port"].as_int()));
  }
  auto url = [&](const Value& each) {
    return to_lower(each["protocol"].as_string()) + "://" + address + ":" + std::to_string(each["port"].as_int());
  };
  environment.emplace_back(prefix + "_PORT", url(ports[0]));
  for (const Value& each : ports.items()) {
    const std::string number = std::to_string(each["port"].as_int());
    const std::string long_prefix = prefix + "_PORT_" + number + "_" + each["protocol"].str();
    environment.emplace_back(long_prefix, url(each));
    environment.emplace_back(long_prefix + "_PROTO", to_lower(each["protocol"].as_string()));
    environment.emplace_back(long_prefix + "_PORT", number);
    environment.emplace_back(long_prefix + "_ADDR", address);
  }
}

std::string divided_amount(const Value& amount, const Value& divisor) {
  const std::int64_t by = std::max<std::int64_t>(0, quantity_milli_value(divisor));
  const std::int64_t unit = by == 0 ? 1000 : by;
  // Whole units need no thousandths, which would overflow for large amounts.
  if (unit % 1000 == 0) {
    const std::int64_t whole = unit / 1000;
    return std::to_string((quantity_value(amount) + whole - 1) / whole);
  }
  return std::to_string((quantity_milli_value(amount) + unit - 1) / unit);
}

}  // namespace drydock
