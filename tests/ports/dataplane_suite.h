// The contract of the Dataplane port, run on every implementation.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "core/base/strings.h"
#include "core/proxy/dataplane.h"

namespace drydock {

struct DataplaneUnderTest {
  Dataplane& plane;
  std::function<Result<void>(Task<Result<void>>)> run;
  std::function<std::string(const std::string& table)> saved;  // as iptables-save prints the table
};

inline std::size_t occurrences(const std::string& text, const std::string& piece) {
  std::size_t count = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++count;
  return count;
}

inline void check_dataplane_contract(const DataplaneUnderTest& test) {
  const JumpRule jump{"nat", "OUTPUT", "-m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES"};
  auto apply = [&](std::vector<JumpRule> jumps, std::string restore) {
    const ServiceRules rules{std::move(jumps), std::move(restore)};
    return test.run(test.plane.apply(rules));
  };
  const std::string rule =
      "-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j DNAT --to-destination 10.0.0.3:6443\n";
  const std::string portals = "*nat\n:KUBE-SERVICES - [0:0]\n" + rule + "COMMIT\n";

  // Applying twice is applying once: chains are emptied, jumps are there once.
  REQUIRE(apply({jump}, portals).ok());
  REQUIRE(apply({jump}, portals).ok());
  CHECK(occurrences(test.saved("nat"), "-j KUBE-SERVICES\n") == 1);
  CHECK(occurrences(test.saved("nat"), rule) == 1);

  // All or nothing.
  const std::string before = test.saved("nat");
  CHECK(!apply({jump}, "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES -j MISSING\nCOMMIT\n").ok());
  CHECK(!apply({{"nat", "NOWHERE", "-j KUBE-SERVICES"}}, portals).ok());
  CHECK(!apply({jump}, "*nat\n:KUBE-SERVICES - [0:0]\n-A KUBE-SERVICES --frob\nCOMMIT\n").ok());
  CHECK(test.saved("nat") == before);

  // Chains that are not named stay.
  REQUIRE(apply({}, "*nat\n:KUBE-SVC-A - [0:0]\n-A KUBE-SVC-A -j RETURN\nCOMMIT\n").ok());
  CHECK(occurrences(test.saved("nat"), rule) == 1);
  CHECK(contains(test.saved("nat"), "-A KUBE-SVC-A -j RETURN\n"));

  // A jump goes to the head of its chain.
  const JumpRule second{"nat", "OUTPUT", "-j KUBE-SVC-A"};
  REQUIRE(apply({second, jump}, portals).ok());
  const std::string after = test.saved("nat");
  CHECK(after.find("-A OUTPUT -j KUBE-SVC-A\n") < after.find("-A OUTPUT -m comment"));

  // Chains are deleted when told so.
  REQUIRE(apply({}, "*nat\n:KUBE-SVC-B - [0:0]\n-X KUBE-SVC-B\nCOMMIT\n").ok());
  CHECK(!contains(test.saved("nat"), "KUBE-SVC-B"));
}

}  // namespace drydock
