// apt-get, apk and yum: what people add to a container before they look around in
// it. Packages are those whose programs exist here; each takes its download's time
// and needs the network, as in life.
#include <algorithm>
#include <optional>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/net/fetch.h"

namespace drydock {
namespace {

struct Package {
  std::string_view names;     // as the three systems call it
  std::string_view programs;  // "program" or "program@/path"
  int kilobytes;
};

// What a node's system came with, by the program that shows it.
struct Preinstalled {
  std::string_view name;
  std::string_view program;
  std::string_view release;  // behind the program's own version
};
constexpr Preinstalled kPreinstalled[] = {
    {"kubelet", "/usr/bin/kubelet", "-150500.1.1.x86_64"},
    {"kubeadm", "/usr/bin/kubeadm", "-150500.1.1.x86_64"},
    {"kubectl", "/usr/bin/kubectl", "-150500.1.1.x86_64"},
    {"containerd.io", "/usr/bin/containerd", "-3.1.el7.x86_64"},
    {"cri-tools", "/usr/bin/crictl", "-150500.1.1.x86_64"},
    {"iproute-tc", "/usr/bin/ip", "-4.11.0-30.el7.x86_64"},
    {"conntrack-tools", "/usr/bin/iptables", "-1.4.4-7.el7.x86_64"},
};

constexpr Package kPackages[] = {
    {"curl", "curl", 315},
    {"wget", "wget", 984},
    {"procps procps-ng", "ps top free uptime watch pgrep pkill vmstat", 709},
    {"iproute2 iproute", "ip ss", 1046},
    {"iputils-ping iputils", "ping", 47},
    {"dnsutils bind9-dnsutils bind-utils bind-tools", "dig nslookup host", 403},
    {"net-tools", "netstat ifconfig route arp", 243},
    {"netcat netcat-openbsd netcat-traditional nmap-ncat nc ncat", "nc", 41},
    {"telnet inetutils-telnet busybox-extras", "telnet", 41},
    {"tcpdump", "tcpdump", 467},
    {"traceroute", "traceroute", 55},
    {"iptables", "iptables iptables-save iptables-restore", 360},
    {"jq", "jq", 64},
    {"tree", "tree", 52},
    {"lsof", "lsof", 318},
    {"vim vim-tiny vim-enhanced", "vi vim", 1567},
    {"nano", "nano", 690},
    {"less", "less", 132},
    {"bash", "bash", 1494},
    {"coreutils findutils gawk sed grep", "", 80},
    {"ca-certificates gnupg apt-transport-https", "", 153},
    {"redis-tools redis", "redis-cli", 890},
    {"python3", "python3", 27},
    {"stress", "stress", 22},
    {"nginx", "nginx@/usr/sbin/nginx", 1100},
};

const Package* find_package(Process& process, std::string_view name) {
  for (const Package& package : kPackages) {
    const std::vector<std::string> names = split_whitespace(package.names);
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    const std::vector<std::string> programs = split_whitespace(package.programs);
    const bool there =
        programs.empty() || std::any_of(programs.begin(), programs.end(), [&](const std::string& program) {
          return process.host().programs().find(program.substr(0, program.find('@'))) != nullptr;
        });
    return there ? &package : nullptr;
  }
  return nullptr;
}

void install_package(Process& process, const Package& package) {
  for (const std::string& word : split_whitespace(package.programs)) {
    const std::size_t at = word.find('@');
    const std::string program = word.substr(0, at);
    if (process.host().programs().find(program) == nullptr) continue;
    const std::string path = at == std::string::npos ? "/usr/bin/" + program : word.substr(at + 1);
    if (process.exists(path)) (void)process.unlink(path);  // a busybox link gives way
    (void)process.write_file(path, program_file(program), 0755);
  }
  (void)process.make_directories("/var/lib/drydock/packages");
  (void)process.write_file("/var/lib/drydock/packages/" + std::string(split_whitespace(package.names).front()), "");
}

bool installed(Process& process, const Package& package) {
  return process.exists("/var/lib/drydock/packages/" + std::string(split_whitespace(package.names).front()));
}

Task<bool> reachable(Process& process, std::string host) {
  const Resolution found = co_await resolve_name(process, host);
  co_return found.kind == Resolution::Kind::kFound;
}

std::string codename(Process& process) {
  for (const std::string& line : split(process.read_file("/etc/os-release").value_or(""), '\n')) {
    if (line.starts_with("VERSION_CODENAME=")) return line.substr(17);
  }
  return "bookworm";
}

struct Request {
  std::string verb;
  std::vector<std::string> names;
  bool yes = false;
  bool quiet = false;
};

Request parse_request(const Process& process) {
  Request request;
  for (const std::string& word : process.arguments()) {
    if (word == "-y" || word == "--yes" || word == "--assume-yes" || word == "-qy")
      request.yes = true;
    else if (word == "-q" || word == "-qq" || word == "--quiet")
      request.quiet = true;
    else if (word.starts_with("-"))
      continue;
    else if (request.verb.empty())
      request.verb = word;
    else
      request.names.push_back(word.substr(0, word.find('=')));
  }
  return request;
}

Task<int> run_apt(Process& process, Request request) {
  const bool ubuntu = contains(process.read_file("/etc/os-release").value_or(""), "ID=ubuntu");
  const std::string host = ubuntu ? "archive.ubuntu.com" : "deb.debian.org";
  const std::string source = "http://" + host + (ubuntu ? "/ubuntu " : "/debian ") + codename(process);
  const std::string lists = "/var/lib/apt/lists/" + host + "_Packages";
  if (request.verb.empty() || request.verb == "help") {
    co_await process.out(
        "apt 2.6.1 (amd64)\nUsage: apt-get [options] command\n       apt-get [options] install|remove "
        "pkg1 [pkg2 ...]\n\nMost used commands:\n  update - Retrieve new lists of packages\n  install - "
        "Install new packages (pkg is libc6 not libc6.deb)\n  remove - Remove packages\n  clean - Erase "
        "downloaded archive files\n");
    co_return request.verb.empty() ? 1 : 0;
  }
  if (process.credentials().uid != 0) {
    co_await process.err(
        request.verb == "update"
            ? "E: List directory /var/lib/apt/lists/partial is missing. - Acquire (13: Permission denied)\n"
            : "E: Could not open lock file /var/lib/dpkg/lock-frontend - open (13: Permission denied)\nE: "
              "Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), are you root?\n");
    co_return 100;
  }
  if (request.verb == "update") {
    const bool there = co_await reachable(process, host);
    if (!there) {
      co_await process.out("Err:1 " + source + " InRelease\n  Temporary failure resolving '" + host +
                           "'\nReading package lists...\n");
      co_await process.err("W: Failed to fetch " + replace_all(source, " ", "/dists/") +
                           "/InRelease  Temporary failure resolving '" + host +
                           "'\nW: Some index files failed to download. They have been ignored, or old ones used "
                           "instead.\n");
      co_return 0;
    }
    (void)co_await process.sleep(milliseconds(process.prng().between(1400, 2600)));
    if (!request.quiet)
      co_await process.out("Get:1 " + source + " InRelease [151 kB]\nGet:2 " + source +
                           "-updates InRelease [55.4 kB]\nGet:3 " + source +
                           "/main amd64 Packages [8791 kB]\nFetched 8998 kB in 2s (4612 kB/s)\nReading package "
                           "lists...\n");
    (void)process.make_directories("/var/lib/apt/lists");
    (void)process.write_file(lists, "");
    co_return 0;
  }
  if (request.verb == "clean" || request.verb == "autoclean" || request.verb == "autoremove" ||
      request.verb == "upgrade" || request.verb == "dist-upgrade")
    co_return 0;
  if (request.verb != "install") {
    co_await process.err("E: Invalid operation " + request.verb + "\n");
    co_return 100;
  }
  co_await process.out("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
  std::vector<const Package*> wanted;
  int kilobytes = 0;
  for (const std::string& name : request.names) {
    const Package* package = process.exists(lists) ? find_package(process, name) : nullptr;
    if (package == nullptr) {
      co_await process.err("E: Unable to locate package " + name + "\n");
      co_return 100;
    }
    if (installed(process, *package)) {
      co_await process.out(name + " is already the newest version.\n");
      continue;
    }
    wanted.push_back(package);
    kilobytes += package->kilobytes;
  }
  if (wanted.empty()) {
    co_await process.out("0 upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n");
    co_return 0;
  }
  co_await process.out("The following NEW packages will be installed:\n  " + join(request.names, " ") +
                       "\n0 upgraded, " + std::to_string(wanted.size()) +
                       " newly installed, 0 to remove and 0 not upgraded.\nNeed to get " + std::to_string(kilobytes) +
                       " kB of archives.\nAfter this operation, " + std::to_string(kilobytes * 3) +
                       " kB of additional disk space will be used.\n");
  if (!request.yes) {
    co_await process.out("Do you want to continue? [Y/n] ");
    const auto answer = co_await process.read_line(0);
    if (!answer || (!answer->empty() && to_lower(*answer)[0] != 'y')) {
      co_await process.out("Abort.\n");
      co_return 1;
    }
  }
  const bool there = co_await reachable(process, host);
  if (!there) {
    co_await process.err("E: Failed to fetch http://" + host + "/pool/main  Temporary failure resolving '" + host +
                         "'\nE: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?\n");
    co_return 100;
  }
  (void)co_await process.sleep(milliseconds(900 + kilobytes / 3));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const std::string name = request.names[std::min(i, request.names.size() - 1)];
    install_package(process, *wanted[i]);
    co_await process.out("Get:" + std::to_string(i + 1) + " " + source + "/main amd64 " + name + " amd64 [" +
                         std::to_string(wanted[i]->kilobytes) + " kB]\n");
  }
  for (const std::string& name : request.names) co_await process.out("Setting up " + name + " ...\n");
  co_return 0;
}

Task<int> run_apk(Process& process, Request request) {
  const std::string host = "dl-cdn.alpinelinux.org";
  const std::string release = process.read_file("/etc/alpine-release").value_or("3.22.1");
  const std::string index = "fetch https://" + host + "/alpine/v" + release.substr(0, release.rfind('.')) + "/";
  if (request.verb != "add" && request.verb != "update" && request.verb != "del") {
    co_await process.out(
        "apk-tools 2.14.9, compiled for x86_64.\n\nusage: apk [<OPTIONS>...] COMMAND [<ARGUMENTS>...]\n");
    co_return 1;
  }
  if (process.credentials().uid != 0) {
    co_await process.err(
        "ERROR: Unable to lock database: Permission denied\nERROR: Failed to open apk database: "
        "Permission denied\n");
    co_return 99;
  }
  if (request.verb == "del") co_return 0;
  co_await process.out(index + "main/x86_64/APKINDEX.tar.gz\n" + index + "community/x86_64/APKINDEX.tar.gz\n");
  const bool there = co_await reachable(process, host);
  if (!there) {
    co_await process.err("WARNING: updating and opening https://" + host +
                         "/alpine: temporary error (try again later)\n");
    if (request.verb == "update") co_return 1;
  }
  (void)co_await process.sleep(milliseconds(process.prng().between(500, 900)));
  if (request.verb == "update") {
    co_await process.out("OK: 26326 distinct packages available\n");
    co_return 0;
  }
  std::string missing;
  for (const std::string& name : request.names) {
    if (!there || find_package(process, name) == nullptr)
      missing += "  " + name + " (no such package):\n    required by: world[" + name + "]\n";
  }
  if (!missing.empty()) {
    co_await process.err("ERROR: unable to select packages:\n" + missing);
    co_return 1;
  }
  for (std::size_t i = 0; i < request.names.size(); ++i) {
    install_package(process, *find_package(process, request.names[i]));
    co_await process.out("(" + std::to_string(i + 1) + "/" + std::to_string(request.names.size()) + ") Installing " +
                         request.names[i] + "\n");
  }
  co_await process.out("Executing busybox-1.37.0-r18.trigger\nOK: 12 MiB in " +
                       std::to_string(16 + request.names.size()) + " packages\n");
  co_return 0;
}

// "kubelet-1.36.0": a version may follow the name.
std::optional<std::string> preinstalled(Process& process, const std::string& name) {
  for (const Preinstalled& one : kPreinstalled) {
    if (name != one.name && !name.starts_with(std::string(one.name) + "-1.")) continue;
    const std::string file = process.read_file(one.program).value_or("");
    if (file.empty()) return std::nullopt;
    // The program's file names its version.
    const std::vector<std::string> words = split_whitespace(file.substr(0, file.find('\n')));
    const bool versioned = !words.empty() && words.back().starts_with("v");
    return std::string(one.name) + (versioned ? "-" + words.back().substr(1) : "") + std::string(one.release);
  }
  return std::nullopt;
}

Task<int> run_yum(Process& process, Request request) {
  // What is there already needs no network, and a new cache is the old one.
  std::string there_already;
  std::erase_if(request.names, [&](const std::string& name) {
    const std::optional<std::string> full = request.verb == "install" ? preinstalled(process, name) : std::nullopt;
    if (full) there_already += "Package " + *full + " already installed and latest version\n";
    return full.has_value();
  });
  if (!there_already.empty() && request.names.empty() && process.credentials().uid == 0) {
    co_await process.out("Loaded plugins: fastestmirror, ovl\nLoading mirror speeds from cached hostfile\n" +
                         there_already + "Nothing to do\n");
    co_return 0;
  }
  if (request.verb != "install") {
    co_await process.out("Loaded plugins: fastestmirror, ovl\nYou need to give some command\n");
    co_return request.verb == "update" || request.verb == "clean" || request.verb == "makecache" ? 0 : 1;
  }
  if (process.credentials().uid != 0) {
    co_await process.err("Loaded plugins: fastestmirror, ovl\nYou need to be root to perform this command.\n");
    co_return 1;
  }
  co_await process.out("Loaded plugins: fastestmirror, ovl\n" + there_already);
  const bool there = co_await reachable(process, "mirrorlist.centos.org");
  if (!there) {
    co_await process.err(
        "Could not retrieve mirrorlist http://mirrorlist.centos.org/?release=7&arch=x86_64&repo=os "
        "error was\n14: curl#6 - \"Could not resolve host: mirrorlist.centos.org; Unknown error\"\n");
    co_return 1;
  }
  std::vector<std::string> found;
  for (const std::string& name : request.names) {
    const Package* package = find_package(process, name);
    if (package == nullptr) {
      co_await process.out("No package " + name + " available.\n");
      continue;
    }
    install_package(process, *package);
    found.push_back(name);
  }
  if (found.empty()) {
    co_await process.err("Error: Nothing to do\n");
    co_return 1;
  }
  (void)co_await process.sleep(milliseconds(process.prng().between(2000, 4000)));
  co_await process.out("\nInstalled:\n");
  for (const std::string& name : found) co_await process.out("  " + name + ".x86_64\n");
  co_await process.out("\nComplete!\n");
  co_return 0;
}

}  // namespace

Task<int> package_manager_main(Process& process) {
  Request request = parse_request(process);
  if (process.name() == "apk") co_return co_await run_apk(process, std::move(request));
  if (process.name() == "yum") co_return co_await run_yum(process, std::move(request));
  co_return co_await run_apt(process, std::move(request));
}

}  // namespace drydock
