// What administrators ask of the kernel: sysctl, modprobe, lsmod, rmmod, swapon, swapoff, dmesg.
#include <algorithm>
#include <functional>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/proc_files.h"
#include "core/host/program.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/system/programs.h"
#include "core/programs/text_tools/streams.h"

namespace drydock {
namespace {

// --- sysctl ---

constexpr std::string_view kSysctlHelp =
    "\n"
    "Usage:\n"
    " sysctl [options] [variable[=value] ...]\n"
    "\n"
    "Options:\n"
    "  -a, --all            display all variables\n"
    "  -A                   alias of -a\n"
    "  -X                   alias of -a\n"
    "      --deprecated     include deprecated parameters to listing\n"
    "  -b, --binary         print value without new line\n"
    "  -e, --ignore         ignore unknown variables errors\n"
    "  -N, --names          print variable names without values\n"
    "  -n, --values         print only values of the given variable(s)\n"
    "  -p, --load[=<file>]  read values from file\n"
    "  -f                   alias of -p\n"
    "      --system         read values from all system directories\n"
    "  -r, --pattern=<expression>  select setting that match expression\n"
    "  -q, --quiet          do not echo variable set\n"
    "  -w, --write          enable writing a value to variable\n"
    "  -h, --help     display this help and exit\n"
    "  -V, --version  output version information and exit\n"
    "\n"
    "For more details see sysctl(8).\n";

constexpr std::string_view kSettings = "/proc/sys";

// "net.ipv4.ip_forward" and "net/ipv4/ip_forward" are the same file.
std::string setting_path(std::string name) {
  if (name.find('/') == std::string::npos) std::replace(name.begin(), name.end(), '.', '/');
  return std::string(kSettings) + "/" + name;
}

std::string setting_name(std::string_view path) {
  std::string name(path.substr(kSettings.size() + 1));
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

void collect_settings(Process& p, const std::string& directory, std::vector<std::string>& paths) {
  for (const std::string& name : p.list_directory(directory).value_or({})) {
    const std::string path = directory + "/" + name;
    const auto info = p.stat(path);
    if (info && info->type == FileType::kDirectory)
      collect_settings(p, path, paths);
    else
      paths.push_back(path);
  }
}

class Sysctl {
 public:
  Sysctl(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {}
  int code() const { return code_; }

  Task<void> show(std::string name) {
    const std::string path = setting_path(name);
    std::vector<std::string> paths;
    const auto info = p_.stat(path);
    if (info && info->type == FileType::kDirectory)
      collect_settings(p_, path, paths);
    else
      paths.push_back(path);
    for (const std::string& one : paths) {
      const auto text = p_.read_file(one);
      if (!text) {
        co_await unknown(one, text.error());
        continue;
      }
      const std::string shown = setting_name(one);
      for (const std::string& line : split_lines(*text))
        co_await p_.out(flags_.has("N")   ? shown + "\n"
                        : flags_.has("b") ? line
                        : flags_.has("n") ? line + "\n"
                                          : shown + " = " + line + "\n");
    }
  }

  Task<void> set(std::string name, std::string value) {
    name = std::string(trim(name));
    value = std::string(trim(value));
    bool quiet_failure = flags_.has("e");
    if (name.starts_with("-")) {
      name.erase(0, 1);
      quiet_failure = true;
    }
    const std::string path = setting_path(name);
    const auto info = p_.stat(path);
    if (!info) {
      if (!quiet_failure) co_await unknown(path, info.error());
      co_return;
    }
    const auto written = p_.credentials().uid == 0 ? p_.write_file(path, value + "\n") : SysResult<void>(Errno::kAcces);
    if (!written) {
      co_await p_.err("sysctl: permission denied on key '" + setting_name(path) + "'\n");
      code_ = 255;
      co_return;
    }
    if (path == "/proc/sys/kernel/hostname") p_.set_hostname(value);
    if (!flags_.has("q")) co_await p_.out(flags_.has("n") ? value + "\n" : setting_name(path) + " = " + value + "\n");
  }

  // A file of "name = value" lines.
  Task<bool> load(std::string path) {
    auto text = co_await read_input(p_, path);
    if (!text) {
      co_await p_.err("sysctl: cannot open \"" + path + "\": " + std::string(errno_text(text.error())) + "\n");
      code_ = 1;
      co_return false;
    }
    int number = 0;
    for (const std::string& raw : split_lines(*text)) {
      ++number;
      const std::string_view line = trim(raw);
      if (line.empty() || line[0] == '#' || line[0] == ';') continue;
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) {
        co_await p_.err("sysctl: " + path + "(" + std::to_string(number) + "): invalid syntax, continuing...\n");
        continue;
      }
      co_await set(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
    }
    co_return true;
  }

  Task<void> load_system() {
    std::vector<std::string> files;
    for (const char* directory : {"/usr/lib/sysctl.d", "/run/sysctl.d", "/etc/sysctl.d"}) {
      for (const std::string& name : p_.list_directory(directory).value_or({})) {
        if (!name.ends_with(".conf")) continue;
        // A file of the same name further on replaces the earlier one.
        std::erase_if(files, [&](const std::string& path) { return base_name(path) == name; });
        files.push_back(std::string(directory) + "/" + name);
      }
    }
    std::sort(files.begin(), files.end(),
              [](const std::string& a, const std::string& b) { return base_name(a) < base_name(b); });
    if (p_.exists("/etc/sysctl.conf")) files.emplace_back("/etc/sysctl.conf");
    for (const std::string& path : files) {
      if (!flags_.has("q")) co_await p_.out("* Applying " + path + " ...\n");
      (void)co_await load(path);
    }
  }

 private:
  Task<void> unknown(std::string path, Errno why) {
    if (flags_.has("e")) co_return;
    if (why == Errno::kNoEnt)
      co_await p_.err("sysctl: cannot stat " + path + ": No such file or directory\n");
    else
      co_await p_.err("sysctl: permission denied on key '" + setting_name(path) + "'\n");
    code_ = 255;
  }

  Process& p_;
  const CommandFlags& flags_;
  int code_ = 0;
};

Task<int> sysctl_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSysctlHelp);
  if (flags.ended()) co_return flags.exit_code();
  Sysctl sysctl(p, flags);
  if (flags.has("system")) {
    co_await sysctl.load_system();
    co_return sysctl.code();
  }
  if (flags.has("p") || flags.has("f")) {
    std::vector<std::string> files = flags.operands();
    if (!flags.value("p").empty()) files.insert(files.begin(), flags.value("p"));
    if (files.empty()) files.emplace_back("/etc/sysctl.conf");
    for (const std::string& path : files) (void)co_await sysctl.load(path);
    co_return sysctl.code();
  }
  if (flags.has("a") || flags.has("A") || flags.has("X")) {
    std::vector<std::string> paths;
    collect_settings(p, std::string(kSettings), paths);
    std::vector<std::string> names;
    for (const std::string& path : paths) names.push_back(setting_name(path));
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (!flags.has("r") || contains(name, flags.value("r"))) co_await sysctl.show(name);
    }
    co_return sysctl.code();
  }
  if (flags.operands().empty()) {
    co_await p.err("sysctl: no variables specified\nTry `sysctl --help' for more information.\n");
    co_return 1;
  }
  for (const std::string& word : flags.operands()) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      co_await sysctl.set(word.substr(0, equals), word.substr(equals + 1));
    } else if (flags.has("w")) {
      co_await p.err("sysctl: \"" + word + "\" must be of the form name=value\n");
      co_return 1;
    } else {
      co_await sysctl.show(word);
    }
  }
  co_return sysctl.code();
}

// --- modules ---

// Those that a distribution's kernel brings and Kubernetes' guides load.
constexpr std::string_view kModules =
    " br_netfilter overlay bridge stp llc ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack nf_conntrack_ipv4 nf_nat "
    "ip_tables iptable_nat iptable_filter iptable_mangle iptable_raw ip6_tables ip6table_filter ip6table_nat ip_set "
    "xt_conntrack xt_set xt_comment xt_mark xt_nat xt_addrtype xt_statistic vxlan ipip ip_tunnel tun veth dummy loop "
    "nfs nfsd rbd ceph iscsi_tcp dm_thin_pool dm_crypt dm_snapshot wireguard nbd fuse xfs ext4 nf_tables bonding "
    "8021q ";

struct Module {
  std::string name;
  std::string size;
  std::string used_by;
};

std::vector<Module> loaded_modules(Process& p) {
  std::vector<Module> modules;
  for (const std::string& line : split_lines(p.read_file("/proc/modules").value_or(""))) {
    const std::vector<std::string> words = split_whitespace(line);
    if (words.size() > 3) modules.push_back({words[0], words[1], words[3] == "-" ? "" : words[3]});
  }
  return modules;
}

bool store_modules(Process& p, const std::vector<Module>& modules) {
  std::string text;
  for (const Module& one : modules)
    text += one.name + " " + one.size + " " + (one.used_by.empty() ? "0 -" : "1 " + one.used_by) +
            " Live 0x0000000000000000\n";
  return p.files().write_file("/proc/modules", std::move(text), p.now(), 0444).ok();
}

Task<int> lsmod_main(Process& p) {
  std::string out = "Module                  Size  Used by\n";
  for (const Module& one : loaded_modules(p)) {
    const std::size_t users =
        one.used_by.empty() ? 0 : split(one.used_by, ',').size() - (one.used_by.ends_with(",") ? 1 : 0);
    std::string names = one.used_by;
    if (names.ends_with(",")) names.pop_back();
    out += pad_right(one.name, 19) + " " + pad_left(one.size, 8) + "  " + std::to_string(users) +
           (names.empty() ? "" : " " + names) + "\n";
  }
  co_await p.out(std::move(out));
  co_return 0;
}

constexpr std::string_view kModprobeHelp =
    "Usage:\n"
    "\tmodprobe [options] [-i] [-b] modulename\n"
    "\tmodprobe [options] -a [-i] [-b] modulename [modulename...]\n"
    "\tmodprobe [options] -r [-i] modulename\n"
    "Management Options:\n"
    "  -a, --all                   Consider every non-argument to be a module name to be inserted or removed\n"
    "  -r, --remove                Remove modules instead of inserting\n"
    "      --first-time            Fail if module already inserted or removed\n"
    "  -i, --ignore-install        Ignore install commands\n"
    "  -b, --use-blacklist         Apply blacklist to resolved alias\n"
    "  -f, --force                 Force module insertion or removal\n"
    "  -n, --dry-run               Do not execute operations, just print out\n"
    "  -q, --quiet                 disable messages\n"
    "  -v, --verbose               enables more messages\n";

Task<int> modprobe_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kModprobeHelp);
  if (flags.ended()) co_return flags.exit_code();
  std::vector<std::string> names = flags.operands();
  if (names.empty()) {
    co_await p.err("modprobe: ERROR: missing parameters. See -h.\n");
    co_return 1;
  }
  if (!flags.has("a") && !flags.has("r")) names.resize(1);  // the others would be its parameters
  int code = 0;
  for (std::string name : names) {
    std::replace(name.begin(), name.end(), '-', '_');
    if (!contains(kModules, " " + name + " ")) {
      if (!flags.has("q"))
        co_await p.err("modprobe: FATAL: Module " + name + " not found" +
                       (flags.has("r") ? "." : " in directory /lib/modules/" + p.host().options().kernel_version) +
                       "\n");
      code = 1;
      continue;
    }
    std::vector<Module> modules = loaded_modules(p);
    const auto there =
        std::find_if(modules.begin(), modules.end(), [&](const Module& one) { return one.name == name; });
    if (p.credentials().uid != 0 && (there == modules.end()) != flags.has("r")) {
      co_await p.err("modprobe: ERROR: could not " + std::string(flags.has("r") ? "remove" : "insert") + " '" + name +
                     "': Operation not permitted\n");
      code = 1;
      continue;
    }
    if (flags.has("n")) continue;
    if (flags.has("r") && there != modules.end()) {
      if (!there->used_by.empty()) {
        co_await p.err("modprobe: FATAL: Module " + name + " is in use.\n");
        code = 1;
        continue;
      }
      modules.erase(there);
    } else if (!flags.has("r") && there == modules.end()) {
      modules.insert(modules.begin(), {name, std::to_string(16384 + name.size() * 4096 % 49152), ""});
    }
    if (!store_modules(p, modules)) {
      co_await p.err("modprobe: ERROR: could not insert '" + name + "': Operation not permitted\n");
      code = 1;
    }
  }
  co_return code;
}

Task<int> rmmod_main(Process& p) {
  int code = 0;
  for (const std::string& name : p.arguments()) {
    if (name.starts_with("-")) continue;
    std::vector<Module> modules = loaded_modules(p);
    const auto there =
        std::find_if(modules.begin(), modules.end(), [&](const Module& one) { return one.name == name; });
    if (there == modules.end()) {
      co_await p.err("rmmod: ERROR: Module " + name + " is not currently loaded\n");
      code = 1;
    } else if (!there->used_by.empty()) {
      co_await p.err("rmmod: ERROR: Module " + name + " is in use by: " + there->used_by + "\n");
      code = 1;
    } else if (p.credentials().uid != 0) {
      co_await p.err("rmmod: ERROR: could not remove '" + name + "': Operation not permitted\n");
      code = 1;
    } else {
      modules.erase(there);
      (void)store_modules(p, modules);
    }
  }
  co_return code;
}

// --- swap: these machines have none ---

constexpr std::string_view kSwapHelp =
    "\n"
    "Usage:\n"
    " swapon [options] [<spec>]\n"
    " swapoff [options] [<spec>]\n"
    "\n"
    "Options:\n"
    " -a, --all            all swaps from /etc/fstab, or from /proc/swaps\n"
    " -d, --discard=<policy>  enable swap discards, if supported by device\n"
    " -e, --ifexists       silently skip devices that do not exist\n"
    " -f, --fixpgsz        reinitialize the swap space if necessary\n"
    " -o, --options=<list>  comma-separated list of swap options\n"
    " -p, --priority=<prio>  specify the priority of the swap device\n"
    " -s, --summary        display summary about used swap devices (DEPRECATED)\n"
    "     --show           display summary in definable table\n"
    "     --noheadings     don't print table heading (with --show)\n"
    "     --raw            use the raw output format (with --show)\n"
    "     --bytes          display swap size in bytes in --show output\n"
    " -v, --verbose        verbose mode\n";

Task<int> swap_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kSwapHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::string name(p.name());
  if (flags.has("show") || flags.has("s")) co_return 0;
  if (flags.operands().empty() && !flags.has("a")) {
    if (name == "swapon") co_return 0;
    co_await p.err("swapoff: bad usage\nTry 'swapoff --help' for more information.\n");
    co_return 1;
  }
  if (p.credentials().uid != 0) {
    co_await p.err(name + ": Not superuser.\n");
    co_return 32;
  }
  int code = 0;
  for (const std::string& path : flags.operands()) {
    const bool exists = p.exists(path);
    if (!exists && flags.has("e")) continue;
    if (name == "swapoff")
      co_await p.err("swapoff: " + path +
                     ": swapoff failed: " + (exists ? "Invalid argument" : "No such file or directory") + "\n");
    else
      co_await p.err(exists ? "swapon: " + path + ": read swap header failed\n"
                            : "swapon: cannot open " + path + ": No such file or directory\n");
    code = name == "swapoff" ? 32 : 255;
  }
  co_return code;
}

// --- dmesg ---

constexpr std::string_view kDmesgHelp =
    "\n"
    "Usage:\n"
    " dmesg [options]\n"
    "\n"
    "Options:\n"
    " -C, --clear           clear the kernel ring buffer\n"
    " -c, --read-clear      read and clear all messages\n"
    " -d, --show-delta      show time delta between printed messages\n"
    " -e, --reltime         show local time and time delta in readable format\n"
    " -f, --facility=<list>  restrict output to defined facilities\n"
    " -H, --human           human readable output\n"
    " -k, --kernel          display kernel messages\n"
    " -L, --color[=<when>]  colorize messages\n"
    " -l, --level=<list>    restrict output to defined levels\n"
    " -P, --nopager         do not pipe output into a pager\n"
    " -r, --raw             print the raw message buffer\n"
    " -T, --ctime           show human-readable timestamp\n"
    " -t, --notime          don't show any timestamp with messages\n"
    " -w, --follow          wait for new messages\n"
    " -x, --decode          decode facility and level to readable string\n";

Task<int> dmesg_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kDmesgHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (p.credentials().uid != 0) {
    co_await p.err("dmesg: read kernel buffer failed: Operation not permitted\n");
    co_return 1;
  }
  if (flags.has("C")) co_return 0;
  Host& host = p.host();
  const auto megabytes = static_cast<long long>(host.options().memory_bytes >> 20);
  struct Line {
    int microseconds;
    std::string text;
    bool warning = false;
  };
  const std::vector<Line> lines = {
      {0, "Linux version " + host.options().kernel_version + " (drydock) " + std::string(kKernelBuild)},
      {0, "Command line: BOOT_IMAGE=/boot/vmlinuz-" + host.options().kernel_version + " root=/dev/vda1 ro"},
      {0, "DMI: Drydock virtual machine"},
      {0, "Hypervisor detected: KVM"},
      {4118, format("Memory: %lldK/%lldK available", (megabytes - 64) << 10, megabytes << 10)},
      {21903, format("smp: Brought up 1 node, %d CPUs", host.options().cpus)},
      {310244, "virtio_blk virtio1: [vda] 20971520 512-byte logical blocks (10.7 GB/10.0 GiB)"},
      {318871, " vda: vda1"},
      {640127, "EXT4-fs (vda1): mounted filesystem with ordered data mode. Opts: (null)"},
      {802340, "systemd[1]: Detected virtualization kvm."},
      {802361, "systemd[1]: Set hostname to <" + host.name() + ">."},
      {1104511,
       "bridge: filtering via arp/ip/ip6tables is no longer available by default. Update your scripts to load "
       "br_netfilter if you need this.",
       true},
      {1109873, "Bridge firewalling registered"},
  };
  std::string out;
  for (const Line& line : lines) {
    if (flags.has("l") && contains(flags.value("l"), "warn") != line.warning && !contains(flags.value("l"), "info"))
      continue;
    if (flags.has("l") && !contains(flags.value("l"), "warn") && !contains(flags.value("l"), "info")) continue;
    const std::string stamp =
        flags.has("T")   ? "[" + format_time(host.booted() + microseconds(line.microseconds), "%c") + "] "
        : flags.has("t") ? ""
                         : format("[%5d.%06d] ", line.microseconds / 1000000, line.microseconds % 1000000);
    out += stamp + line.text + "\n";
  }
  co_await p.out(std::move(out));
  if (!flags.has("w")) co_return 0;
  Event never(p.loop());
  for (;;) {
    if (co_await p.wait_event(never) == Process::WaitResult::kInterrupted) co_return 0;
  }
}

}  // namespace

void register_kernel(ProgramRegistry& programs) {
  programs.add("sysctl", sysctl_main);
  programs.add("modprobe", modprobe_main);
  programs.add("lsmod", lsmod_main);
  programs.add("rmmod", rmmod_main);
  programs.add("swapon", swap_main);
  programs.add("swapoff", swap_main);
  programs.add("dmesg", dmesg_main);
}

}  // namespace drydock
