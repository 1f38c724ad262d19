#include "core/apiserver/admission/pod_security.h"

#include <algorithm>
#include <set>

#include "core/base/strings.h"

namespace drydock {
namespace {

constexpr std::string_view kLabel = "pod-security.kubernetes.io/";
constexpr std::string_view kLevels[] = {"privileged", "baseline", "restricted"};
constexpr int kUserNamespacesRelax = 35;  // the version from which pods in a user namespace may do more

std::string quoted(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + go_quote(name);
  return text;
}
std::string quoted(const std::set<std::string>& names) {
  return quoted(std::vector<std::string>(names.begin(), names.end()));
}

bool one_of(std::string_view text, std::string_view words) {
  for (const std::string& word : split_whitespace(words)) {
    if (word == text) return true;
  }
  return false;
}

// One pod under examination, and what is found.
struct Examination {
  const PodSecurityLevel& level;
  const Value& metadata;
  const Value& spec;
  std::vector<std::pair<std::string, const Value*>> containers;  // with their names
  PodSecurityVerdict verdict;

  void refuse(const std::string& reason, const std::string& detail) {
    verdict.reasons.push_back(reason);
    verdict.details.push_back(detail.empty() ? reason : reason + " (" + detail + ")");
  }
  bool at_least(int minor) const { return level.minor >= minor; }
  bool windows() const { return at_least(25) && spec["os"]["name"].as_string() == "windows"; }
  bool user_namespace() const {
    return at_least(kUserNamespacesRelax) && spec["hostUsers"].is_bool() && !spec["hostUsers"].as_bool();
  }
};

std::string plural(std::size_t count, const char* one, const char* many) { return count == 1 ? one : many; }

std::string containers_text(const std::vector<std::string>& names) {
  return plural(names.size(), "container ", "containers ") + quoted(names);
}

// The containers whose security context a test finds bad.
template <class Test>
std::vector<std::string> bad_containers(const Examination& pod, Test test) {
  std::vector<std::string> bad;
  for (const auto& [name, container] : pod.containers) {
    if (test((*container)["securityContext"])) bad.push_back(name);
  }
  return bad;
}

// "pod and containers "a", "b"": who sets something that it must not.
std::string setters_text(bool pod, const std::vector<std::string>& containers) {
  std::string text = pod ? "pod" : "";
  if (!containers.empty()) text += (pod ? " and " : "") + containers_text(containers);
  return text;
}

// --- baseline ---

void app_armor(Examination& pod) {
  const auto bad_type = [](const Value& type) {
    return type.is_string() && !one_of(type.as_string(), "RuntimeDefault Localhost");
  };
  std::set<std::string> values;
  std::vector<std::string> setters;
  const Value& own = pod.spec["securityContext"]["appArmorProfile"]["type"];
  if (bad_type(own)) {
    setters.emplace_back("pod");
    values.insert(own.str());
  }
  const std::vector<std::string> bad = bad_containers(pod, [&](const Value& context) {
    const Value& type = context["appArmorProfile"]["type"];
    if (bad_type(type)) values.insert(type.str());
    return bad_type(type);
  });
  if (!bad.empty()) setters.push_back(containers_text(bad));
  std::vector<std::string> shown(values.begin(), values.end());
  std::size_t annotations = 0;
  for (const Value::Member& annotation : pod.metadata["annotations"].members()) {
    const std::string_view value = annotation.value.as_string();
    if (!annotation.key.view().starts_with("container.apparmor.security.beta.kubernetes.io/") || value.empty() ||
        value == "runtime/default" || value.starts_with("localhost/"))
      continue;
    ++annotations;
    shown.push_back(annotation.key.str() + "=" + go_quote(value));
  }
  if (annotations > 0) setters.push_back(plural(annotations, "annotation", "annotations"));
  if (setters.empty()) return;
  pod.refuse(plural(shown.size(), "forbidden AppArmor profile", "forbidden AppArmor profiles"),
             join(setters, " and ") + " must not set AppArmor profile type to " + quoted(shown));
}

// Capabilities beyond `allowed`, in `reason`'s words; for restricted ones also what is not dropped.
void added_capabilities(Examination& pod, std::string_view allowed, bool restricted) {
  std::set<std::string> beyond;
  const std::vector<std::string> missing = bad_containers(pod, [&](const Value& context) {
    return std::ranges::none_of(context["capabilities"]["drop"].items(),
                                [](const Value& name) { return name.as_string() == "ALL"; });
  });
  const std::vector<std::string> adding = bad_containers(pod, [&](const Value& context) {
    bool bad = false;
    for (const Value& name : context["capabilities"]["add"].items()) {
      if (one_of(name.as_string(), allowed)) continue;
      beyond.insert(name.str());
      bad = true;
    }
    return bad;
  });
  std::vector<std::string> details;
  if (restricted && !missing.empty())
    details.push_back(containers_text(missing) + " must set securityContext.capabilities.drop=[\"ALL\"]");
  if (!adding.empty())
    details.push_back(containers_text(adding) + " must not include " + quoted(beyond) +
                      " in securityContext.capabilities.add");
  if (!details.empty())
    pod.refuse(restricted ? "unrestricted capabilities" : "non-default capabilities", join(details, "; "));
}

void capabilities_baseline(Examination& pod) {
  added_capabilities(pod,
                     "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP "
                     "SETUID SYS_CHROOT",
                     false);
}

void host_namespaces(Examination& pod) {
  std::vector<std::string> used;
  for (const char* field : {"hostNetwork", "hostPID", "hostIPC"}) {
    if (pod.spec[field].as_bool()) used.push_back(std::string(field) + "=true");
  }
  if (!used.empty()) pod.refuse("host namespaces", join(used, ", "));
}

void host_path(Examination& pod) {
  std::vector<std::string> volumes;
  for (const Value& volume : pod.spec["volumes"].items()) {
    if (volume.has("hostPath")) volumes.push_back(volume["name"].str());
  }
  if (!volumes.empty()) pod.refuse("hostPath volumes", plural(volumes.size(), "volume ", "volumes ") + quoted(volumes));
}

void host_ports(Examination& pod) {
  std::set<std::string> ports;
  std::vector<std::string> bad;
  for (const auto& [name, container] : pod.containers) {
    bool uses = false;
    for (const Value& port : (*container)["ports"].items()) {
      if (port["hostPort"].as_int() == 0) continue;
      uses = true;
      ports.insert(std::to_string(port["hostPort"].as_int()));
    }
    if (uses) bad.push_back(name);
  }
  if (bad.empty()) return;
  const std::vector<std::string> shown(ports.begin(), ports.end());
  pod.refuse("hostPort", containers_text(bad) + plural(bad.size(), " uses ", " use ") +
                             plural(shown.size(), "hostPort ", "hostPorts ") + join(shown, ", "));
}

void host_probes(Examination& pod) {
  if (!pod.at_least(34)) return;
  std::set<std::string> bad, hosts;
  for (const auto& [name, container] : pod.containers) {
    const Value& lifecycle = (*container)["lifecycle"];
    for (const Value* handler : {&(*container)["livenessProbe"], &(*container)["readinessProbe"],
                                 &(*container)["startupProbe"], &lifecycle["postStart"], &lifecycle["preStop"]}) {
      for (const char* kind : {"httpGet", "tcpSocket"}) {
        const std::string host = (*handler)[kind]["host"].str();
        if (host.empty()) continue;
        bad.insert(name);
        hosts.insert(host);
      }
    }
  }
  if (bad.empty()) return;
  pod.refuse("probe or lifecycle host",
             containers_text({bad.begin(), bad.end()}) + plural(bad.size(), " uses ", " use ") +
                 plural(hosts.size(), "probe or lifecycle host ", "probe or lifecycle hosts ") + quoted(hosts));
}

void privileged(Examination& pod) {
  const std::vector<std::string> bad =
      bad_containers(pod, [](const Value& context) { return context["privileged"].as_bool(); });
  if (!bad.empty()) pod.refuse("privileged", containers_text(bad) + " must not set securityContext.privileged=true");
}

void proc_mount(Examination& pod) {
  if (pod.user_namespace()) return;
  std::set<std::string> kinds;
  const std::vector<std::string> bad = bad_containers(pod, [&](const Value& context) {
    const Value& kind = context["procMount"];
    if (!kind.is_string() || kind.as_string() == "Default") return false;
    kinds.insert(kind.str());
    return true;
  });
  if (!bad.empty())
    pod.refuse("procMount", containers_text(bad) + " must not set securityContext.procMount to " + quoted(kinds));
}

void selinux(Examination& pod) {
  std::set<std::string> types;
  bool user = false;
  bool role = false;
  const auto bad_options = [&](const Value& context) {
    const Value& options = context["seLinuxOptions"];
    const std::string type = options["type"].str();
    const bool known = type.empty() || one_of(type, "container_t container_init_t container_kvm_t") ||
                       (type == "container_engine_t" && pod.at_least(31));
    if (!known) types.insert(type);
    user = user || !options["user"].empty();
    role = role || !options["role"].empty();
    return !known || !options["user"].empty() || !options["role"].empty();
  };
  const bool own = bad_options(pod.spec["securityContext"]);
  const std::vector<std::string> bad = bad_containers(pod, bad_options);
  if (!own && bad.empty()) return;
  std::vector<std::string> data;
  if (!types.empty()) data.push_back(plural(types.size(), "type ", "types ") + quoted(types));
  if (user) data.emplace_back("user may not be set");
  if (role) data.emplace_back("role may not be set");
  pod.refuse("seLinuxOptions",
             setters_text(own, bad) + " set forbidden securityContext.seLinuxOptions: " + join(data, "; "));
}

// What sets a seccomp profile other than the allowed ones; true when somebody does.
bool seccomp_set_wrong(Examination& pod) {
  std::set<std::string> values;
  const auto wrong = [&](const Value& context) {
    const Value& type = context["seccompProfile"]["type"];
    if (!context.has("seccompProfile") || one_of(type.as_string(), "RuntimeDefault Localhost")) return false;
    values.insert(type.str());
    return true;
  };
  const bool own = wrong(pod.spec["securityContext"]);
  const std::vector<std::string> bad = bad_containers(pod, wrong);
  if (!own && bad.empty()) return false;
  pod.refuse("seccompProfile",
             setters_text(own, bad) + " must not set securityContext.seccompProfile.type to " + quoted(values));
  return true;
}

void seccomp_baseline(Examination& pod) {
  if (pod.at_least(19)) {
    seccomp_set_wrong(pod);
    return;
  }
  std::set<std::string> annotations;
  for (const Value::Member& annotation : pod.metadata["annotations"].members()) {
    const std::string_view key = annotation.key.view();
    const std::string_view value = annotation.value.as_string();
    const bool of_container = std::ranges::any_of(pod.containers, [&](const auto& container) {
      return key == "container.seccomp.security.alpha.kubernetes.io/" + container.first;
    });
    if (key != "seccomp.security.alpha.kubernetes.io/pod" && !of_container) continue;
    if (one_of(value, "runtime/default docker/default") || value.starts_with("localhost/")) continue;
    annotations.insert(std::string(key) + "=" + go_quote(value));
  }
  if (annotations.empty()) return;
  const std::vector<std::string> shown(annotations.begin(), annotations.end());
  pod.refuse("seccompProfile", "forbidden " + plural(shown.size(), "annotation ", "annotations ") + join(shown, ", "));
}

void sysctls(Examination& pod) {
  std::vector<std::string> bad;
  for (const Value& sysctl : pod.spec["securityContext"]["sysctls"].items()) {
    const std::string_view name = sysctl["name"].as_string();
    const bool safe = one_of(name,
                             "kernel.shm_rmid_forced net.ipv4.ip_local_port_range net.ipv4.tcp_syncookies "
                             "net.ipv4.ping_group_range net.ipv4.ip_unprivileged_port_start") ||
                      (pod.at_least(27) && name == "net.ipv4.ip_local_reserved_ports") ||
                      (pod.at_least(29) && one_of(name,
                                                  "net.ipv4.tcp_keepalive_time net.ipv4.tcp_fin_timeout "
                                                  "net.ipv4.tcp_keepalive_intvl net.ipv4.tcp_keepalive_probes")) ||
                      (pod.at_least(32) && one_of(name, "net.ipv4.tcp_rmem net.ipv4.tcp_wmem"));
    if (!safe) bad.emplace_back(name);
  }
  if (!bad.empty()) pod.refuse("forbidden sysctls", join(bad, ", "));
}

void windows_host_process(Examination& pod) {
  const auto sets = [](const Value& context) { return context["windowsOptions"]["hostProcess"].as_bool(); };
  const bool own = sets(pod.spec["securityContext"]);
  const std::vector<std::string> bad = bad_containers(pod, sets);
  if (own || !bad.empty())
    pod.refuse("hostProcess", setters_text(own, bad) + " must not set securityContext.windowsOptions.hostProcess=true");
}

// --- restricted ---

void privilege_escalation(Examination& pod) {
  if (!pod.at_least(8) || pod.windows()) return;
  const std::vector<std::string> bad =
      bad_containers(pod, [](const Value& context) { return context["allowPrivilegeEscalation"].as_bool(true); });
  if (!bad.empty())
    pod.refuse("allowPrivilegeEscalation != false",
               containers_text(bad) + " must set securityContext.allowPrivilegeEscalation=false");
}

void capabilities_restricted(Examination& pod) {
  if (pod.at_least(22) && !pod.windows()) added_capabilities(pod, "NET_BIND_SERVICE", true);
}

void restricted_volumes(Examination& pod) {
  std::set<std::string> types;
  std::vector<std::string> bad;
  for (const Value& volume : pod.spec["volumes"].items()) {
    std::string type = "unknown";
    bool fine = false;
    for (const Value::Member& member : volume.members()) {
      if (member.key.view() == "name") continue;
      type = member.key.str();
      fine = fine ||
             one_of(type, "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret");
    }
    if (fine) continue;
    bad.push_back(volume["name"].str());
    types.insert(type);
  }
  if (bad.empty()) return;
  pod.refuse("restricted volume types",
             plural(bad.size(), "volume ", "volumes ") + quoted(bad) + plural(bad.size(), " uses ", " use ") +
                 plural(types.size(), "restricted volume type ", "restricted volume types ") + quoted(types));
}

void run_as_non_root(Examination& pod) {
  if (pod.user_namespace()) return;
  const Value& own = pod.spec["securityContext"]["runAsNonRoot"];
  const bool pod_wrong = own.is_bool() && !own.as_bool();
  const std::vector<std::string> wrong = bad_containers(pod, [](const Value& context) {
    return context["runAsNonRoot"].is_bool() && !context["runAsNonRoot"].as_bool();
  });
  const std::vector<std::string> open =
      bad_containers(pod, [&](const Value& context) { return !context["runAsNonRoot"].is_bool() && !own.as_bool(); });
  if (pod_wrong || !wrong.empty())
    pod.refuse("runAsNonRoot != true",
               setters_text(pod_wrong, wrong) + " must not set securityContext.runAsNonRoot=false");
  else if (!open.empty())
    pod.refuse("runAsNonRoot != true",
               "pod or " + containers_text(open) + " must set securityContext.runAsNonRoot=true");
}

void run_as_user(Examination& pod) {
  if (!pod.at_least(23) || pod.user_namespace()) return;
  const auto root = [](const Value& context) {
    return context["runAsUser"].is_int() && context["runAsUser"].as_int() == 0;
  };
  const bool own = root(pod.spec["securityContext"]);
  const std::vector<std::string> bad = bad_containers(pod, root);
  if (own || !bad.empty()) pod.refuse("runAsUser=0", setters_text(own, bad) + " must not set runAsUser=0");
}

void seccomp_restricted(Examination& pod) {
  if (!pod.at_least(19) || pod.windows() || seccomp_set_wrong(pod)) return;
  const bool own = pod.spec["securityContext"].has("seccompProfile");
  const std::vector<std::string> open =
      bad_containers(pod, [&](const Value& context) { return !context.has("seccompProfile") && !own; });
  if (!open.empty())
    pod.refuse("seccompProfile",
               "pod or " + containers_text(open) +
                   " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\"");
}

// In upstream's order: what baseline forbids, by name, then what only restricted does.
struct Check {
  void (*run)(Examination& pod);
  bool restricted;  // only of the restricted level
  bool replaced;    // at the restricted level another check stands for it
};
constexpr Check kChecks[] = {
    {app_armor, false, false},
    {capabilities_baseline, false, true},
    {host_namespaces, false, false},
    {host_path, false, true},
    {host_ports, false, false},
    {host_probes, false, false},
    {privileged, false, false},
    {proc_mount, false, false},
    {selinux, false, false},
    {seccomp_baseline, false, true},
    {sysctls, false, false},
    {windows_host_process, false, false},
    {privilege_escalation, true, false},
    {capabilities_restricted, true, false},
    {restricted_volumes, true, false},
    {run_as_non_root, true, false},
    {run_as_user, true, false},
    {seccomp_restricted, true, false},
};

// Checks that another one replaces only from the version on that knows the other.
bool replaced_at(const Check& check, int minor) {
  if (check.run == capabilities_baseline) return minor >= 22;
  if (check.run == seccomp_baseline) return minor >= 19;
  return true;
}

}  // namespace

std::string PodSecurityLevel::str() const {
  return std::string(kLevels[level]) + ":" + (minor == kLatest ? "latest" : "v1." + std::to_string(minor));
}

PodSecurityPolicy pod_security_policy(const Value& labels) {
  PodSecurityPolicy policy;
  const auto cause = [&](const std::string& label, const Value& value, const char* why) {
    policy.causes.push_back({"FieldValueInvalid", "Invalid value: " + go_quote(value.as_string()) + ": " + why,
                             "metadata.labels[" + label + "]"});
  };
  bool has_level[3] = {};
  bool has_version[3] = {};
  PodSecurityLevel* const modes[] = {&policy.enforce, &policy.audit, &policy.warn};
  const char* const names[] = {"enforce", "audit", "warn"};
  for (int mode = 0; mode < 3; ++mode) {
    const std::string label = std::string(kLabel) + names[mode];
    if (const Value* level = labels.find(label)) {
      const auto* const found = std::find(std::begin(kLevels), std::end(kLevels), level->as_string());
      const bool known = found != std::end(kLevels);
      // Who cannot be understood enforces the most, and warns of nothing.
      modes[mode]->level = known       ? static_cast<PodSecurityLevel::Level>(found - std::begin(kLevels))
                           : mode == 0 ? PodSecurityLevel::kRestricted
                                       : PodSecurityLevel::kPrivileged;
      has_level[mode] = mode == 0 ? known : true;
      if (!known) cause(label, *level, "must be one of privileged, baseline, restricted");
    }
    const std::string version_label = label + "-version";
    if (const Value* version = labels.find(version_label)) {
      const std::string_view text = version->as_string();
      const auto minor = text.starts_with("v1.") ? parse_int(text.substr(3)) : std::nullopt;
      const bool canonical = minor && *minor >= 0 && std::to_string(*minor) == text.substr(3);
      if (canonical)
        modes[mode]->minor = static_cast<int>(std::min<std::int64_t>(*minor, PodSecurityLevel::kLatest - 1));
      has_version[mode] = true;
      if (!canonical && text != "latest") cause(version_label, *version, "must be \"latest\" or \"v1.x\"");
    }
  }
  // Who enforces hears about it, too.
  for (int mode = 1; mode < 3; ++mode) {
    if (has_level[mode] || !has_level[0] || policy.enforce.level <= modes[mode]->level) continue;
    modes[mode]->level = policy.enforce.level;
    if (!has_version[mode]) modes[mode]->minor = policy.enforce.minor;
  }
  return policy;
}

PodSecurityVerdict check_pod_security(const PodSecurityLevel& level, const Value& metadata, const Value& spec) {
  Examination pod{level, metadata, spec, {}, {}};
  if (level.level == PodSecurityLevel::kPrivileged) return {};
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
    for (const Value& container : spec[list].items()) pod.containers.emplace_back(container["name"].str(), &container);
  }
  const bool restricted = level.level == PodSecurityLevel::kRestricted;
  for (const Check& check : kChecks) {
    if (check.restricted ? !restricted : restricted && check.replaced && replaced_at(check, level.minor)) continue;
    check.run(pod);
  }
  return std::move(pod.verdict);
}

}  // namespace drydock
