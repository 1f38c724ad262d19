// The syntax of names, labels, keys and addresses: each function tells what is wrong
// with a text, in the words of k8s.io/apimachinery/pkg/util/validation; an empty list
// means that it is fine.
// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace drydock {

using Problems = std::vector<std::string>;

Problems dns_label_problems(std::string_view text);      // RFC 1123 label, 63 bytes
Problems dns_subdomain_problems(std::string_view text);  // RFC 1123 subdomain, 253 bytes
Problems dns_1035_problems(std::string_view text);
Problems wildcard_subdomain_problems(std::string_view text);  // "*.example.com"
Problems label_key_problems(std::string_view text);           // "example.com/name"
Problems label_value_problems(std::string_view text);
Problems qualified_name_problems(std::string_view text);  // as label keys, of resources and taints
Problems path_segment_problems(std::string_view text);    // names of roles and bindings
Problems port_name_problems(std::string_view text);
Problems environment_name_problems(std::string_view text);
Problems config_key_problems(std::string_view text);
Problems ip_problems(std::string_view text);
Problems cidr_problems(std::string_view text);

}  // namespace drydock
