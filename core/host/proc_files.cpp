#include "core/host/proc_files.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process_table.h"

namespace drydock {
namespace {

constexpr Duration kTick = milliseconds(10);  // CLK_TCK is 100
constexpr std::int64_t kPage = 4096;

InodePtr generated(TimePoint now, std::function<std::string()> read, std::uint32_t mode = 0444) {
  InodePtr inode = Inode::make(FileType::kRegular, mode, 0, 0, now);
  FileBehaviour behaviour;
  behaviour.read = std::move(read);
  behaviour.write = [](std::string_view) { return SysResult<void>(Errno::kAcces); };
  inode->behaviour = std::make_shared<const FileBehaviour>(std::move(behaviour));
  return inode;
}

InodePtr link_to(TimePoint now, const std::string& target) {
  InodePtr inode = Inode::make(FileType::kSymlink, 0777, 0, 0, now);
  inode->set_content(target, now);
  return inode;
}

// --- one process ---

struct Look {
  Host& host;
  std::shared_ptr<PidNamespace> pids;
  ProcessRow row;
  Process* process;  // null: the machine's init
};

long long ticks(Duration time) { return static_cast<long long>(time / kTick); }

std::string cmdline_text(const Look& look) {
  std::string text;
  if (look.row.state == 'Z') return text;
  for (const std::string& word : look.row.argv) text += word + '\0';
  return text;
}

std::string environ_text(const Look& look) {
  std::string text;
  if (look.process == nullptr) return text;
  for (const auto& [name, value] : look.process->environment()) text += name + "=" + value + '\0';
  return text;
}

std::string status_text(const Look& look) {
  const ProcessRow& row = look.row;
  const char* state = row.state == 'R'   ? "R (running)"
                      : row.state == 'T' ? "T (stopped)"
                      : row.state == 'Z' ? "Z (zombie)"
                                         : "S (sleeping)";
  const unsigned umask = look.process != nullptr ? look.process->umask() : 0u;
  std::string text = "Name:\t" + row.name + format("\nUmask:\t%04o\nState:\t%s\n", umask, state);
  text += format("Tgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n", row.pid, row.pid, row.parent);
  text += format("Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", row.who.uid, row.who.uid, row.who.uid, row.who.uid,
                 row.who.gid, row.who.gid, row.who.gid, row.who.gid);
  text += "FDSize:\t256\nGroups:\t";
  for (const std::uint32_t gid : row.who.groups) text += std::to_string(gid) + " ";
  if (row.who.groups.empty()) text += " ";
  // Outer numbers first, as the kernel lists them.
  const bool inner = look.process != nullptr && look.process->namespaces().pids != look.pids;
  text += format("\nNStgid:\t%d", row.pid) + (inner ? format("\t%d", look.process->pid()) : std::string());
  text += format("\nNSpid:\t%d", row.pid) + (inner ? format("\t%d", look.process->pid()) : std::string());
  text += format("\nNSpgid:\t%d\nNSsid:\t%d\n", row.group, row.session);
  if (row.state != 'Z') {
    const auto size = static_cast<long long>(row.virtual_size() >> 10);
    const auto resident = static_cast<long long>(row.resident >> 10);
    text += format("VmPeak:\t%8lld kB\nVmSize:\t%8lld kB\nVmLck:\t%8d kB\nVmHWM:\t%8lld kB\nVmRSS:\t%8lld kB\n", size,
                   size, 0, resident, resident);
    text += format("VmData:\t%8lld kB\nVmStk:\t%8d kB\nVmSwap:\t%8d kB\n", resident, 132, 0);
  }
  const char* capabilities = row.who.uid == 0 ? "000001ffffffffff" : "0000000000000000";
  text += "Threads:\t1\nSigQ:\t0/14940\nSigPnd:\t0000000000000000\nSigBlk:\t0000000000000000\n";
  text += format("CapInh:\t0000000000000000\nCapPrm:\t%s\nCapEff:\t%s\nCapBnd:\t000001ffffffffff\n", capabilities,
                 capabilities);
  text += "NoNewPrivs:\t0\nSeccomp:\t0\n";
  const unsigned processors = (1u << std::min(31, look.host.options().cpus)) - 1;
  text += format("Cpus_allowed:\t%x\nCpus_allowed_list:\t", processors) +
          (look.host.options().cpus > 1 ? format("0-%d", look.host.options().cpus - 1) : std::string("0"));
  return text + "\nvoluntary_ctxt_switches:\t1\nnonvoluntary_ctxt_switches:\t0\n";
}

std::string stat_text(const Look& look) {
  const ProcessRow& row = look.row;
  return format("%d (%s) %c %d %d %d %d %d 4194304 0 0 0 0 %lld 0 0 0 20 0 1 0 %lld %lld %lld 18446744073709551615 1 1",
                row.pid, row.name.c_str(), row.state, row.parent, row.group, row.session, row.tty.empty() ? 0 : 34816,
                row.tty_group, ticks(row.cpu_time), ticks(row.started - look.host.booted()),
                static_cast<long long>(row.virtual_size()), static_cast<long long>(row.resident / kPage)) +
         " 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
}

std::string statm_text(const Look& look) {
  const auto size = static_cast<long long>(look.row.virtual_size() / kPage);
  const auto resident = static_cast<long long>(look.row.resident / kPage);
  return format("%lld %lld %lld 5 0 %lld 0\n", size, resident, resident / 2, resident);
}

std::string cgroup_text(const Look& look) {
  const Cgroup* group = look.process != nullptr ? look.process->namespaces().cgroup.get() : nullptr;
  // Inside, a container's own group is the root.
  const bool root = group == nullptr || group->path.empty() || look.pids;
  return "0::" + (root ? std::string("/") : group->path) + "\n";
}

std::string limits_text(const Look&) {
  return "Limit                     Soft Limit           Hard Limit           Units     \n"
         "Max cpu time              unlimited            unlimited            seconds   \n"
         "Max file size             unlimited            unlimited            bytes     \n"
         "Max data size             unlimited            unlimited            bytes     \n"
         "Max stack size            8388608              unlimited            bytes     \n"
         "Max core file size        0                    unlimited            bytes     \n"
         "Max resident set          unlimited            unlimited            bytes     \n"
         "Max processes             14940                14940                processes \n"
         "Max open files            1048576              1048576              files     \n"
         "Max locked memory         65536                65536                bytes     \n"
         "Max address space         unlimited            unlimited            bytes     \n"
         "Max pending signals       14940                14940                signals   \n";
}

struct Entry {
  const char* name;
  std::string (*read)(const Look&);
  std::uint32_t mode;
};
constexpr Entry kEntries[] = {
    {"cgroup", cgroup_text, 0444},
    {"cmdline", cmdline_text, 0444},
    {"comm", [](const Look& look) { return look.row.name + "\n"; }, 0644},
    {"environ", environ_text, 0400},
    {"limits", limits_text, 0444},
    {"mounts",
     [](const Look& look) {
       return mounts_text(look.process != nullptr ? look.process->files() : look.host.files(),
                          look.process != nullptr && look.process->namespaces().pids);
     },
     0444},
    {"oom_score", [](const Look&) { return std::string("0\n"); }, 0444},
    {"oom_score_adj", [](const Look&) { return std::string("0\n"); }, 0644},
    {"stat", stat_text, 0444},
    {"statm", statm_text, 0444},
    {"status", status_text, 0444},
};

// The directory of one process. Its files look again when they are read: the process may have ended.
InodePtr process_directory(Host& host, const std::shared_ptr<PidNamespace>& pids, Pid pid) {
  const TimePoint now = host.loop().now();
  const std::optional<ProcessRow> row = process_row(host, pids, pid, nullptr);
  if (!row) return nullptr;
  Process* process = host.find(row->host_pid);
  InodePtr directory = Inode::make(FileType::kDirectory, 0555, row->who.uid, row->who.gid, row->started);
  for (const Entry& entry : kEntries) {
    const std::weak_ptr<PidNamespace> weak = pids;
    const bool inner = pids != nullptr;
    InodePtr file = generated(
        now,
        [&host, weak, inner, pid, read = entry.read]() -> std::string {
          const auto space = weak.lock();
          if (inner && !space) return "";
          std::optional<ProcessRow> alive = process_row(host, space, pid, nullptr);
          if (!alive) return "";
          Process* found = host.find(alive->host_pid);
          return read(Look{host, space, *std::move(alive), found});
        },
        entry.mode);
    file->uid = row->who.uid;
    file->gid = row->who.gid;
    directory->put_child(entry.name, std::move(file), row->started);
  }
  InodePtr descriptors = Inode::make(FileType::kDirectory, 0500, row->who.uid, row->who.gid, now);
  if (process != nullptr) {
    for (const auto& [number, file] : process->open_files()) {
      if (file) descriptors->put_child(std::to_string(number), link_to(now, file->description()), now);
    }
  }
  directory->put_child("fd", std::move(descriptors), row->started);
  std::string program = row->argv.empty() ? "" : row->argv[0];
  if (process != nullptr) {
    const std::string path =
        host.find_executable(process->files(), program, process->env("PATH"), process->cwd()).value_or(program);
    program = process->files().real_path(path).value_or(path);
  }
  directory->put_child("exe", link_to(now, program), row->started);
  directory->put_child("cwd", link_to(now, process != nullptr ? process->cwd() : "/"), row->started);
  directory->put_child("root", link_to(now, "/"), row->started);
  return directory;
}

// --- the machine ---

std::string memory_text(Host& host) {
  const auto total = static_cast<long long>(host.options().memory_bytes >> 10);
  const auto used = static_cast<long long>(host.memory_used() >> 10);
  const long long left = std::max(0LL, total - used);
  std::string text;
  const auto line = [&](const char* name, long long kilobytes) {
    text += pad_right(std::string(name) + ":", 16) + format("%8lld kB\n", kilobytes);
  };
  line("MemTotal", total);
  line("MemFree", left);
  line("MemAvailable", left);
  for (const char* name : {"Buffers", "Cached", "SwapCached"}) line(name, 0);
  line("Active", used);
  line("Inactive", 0);
  line("SwapTotal", 0);
  line("SwapFree", 0);
  line("Dirty", 0);
  line("AnonPages", used);
  for (const char* name : {"Mapped", "Shmem", "Slab"}) line(name, 0);
  line("CommitLimit", total / 2);
  line("Committed_AS", used);
  return text;
}

std::string processor_text(Host& host) {
  std::string text;
  const int count = host.options().cpus;
  for (int i = 0; i < count; ++i) {
    text += format(
        "processor\t: %d\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
        "model name\t: Virtual CPU @ 2.50GHz\nstepping\t: 7\ncpu MHz\t\t: 2500.000\ncache size\t: 36608 KB\n"
        "physical id\t: 0\nsiblings\t: %d\ncore id\t\t: %d\ncpu cores\t: %d\napicid\t\t: %d\nfpu\t\t: yes\n"
        "flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse sse2 "
        "ss ht syscall nx pdpe1gb rdtscp lm constant_tsc nopl pni pclmulqdq ssse3 fma cx16 sse4_1 sse4_2 x2apic movbe "
        "popcnt aes xsave avx f16c rdrand hypervisor lahf_lm abm fsgsbase bmi1 avx2 smep bmi2 erms\n"
        "bogomips\t: 5000.00\naddress sizes\t: 46 bits physical, 48 bits virtual\npower management:\n\n",
        i, count, i, count, i);
  }
  return text;
}

std::string statistics_text(Host& host) {
  Duration used{0};
  for (const auto& [pid, process] : host.processes()) used += process->cpu_time();
  const Duration up = host.loop().now() - host.booted();
  const int cpus = host.options().cpus;
  const long long idle = std::max(0LL, ticks(up) * cpus - ticks(used));
  std::string text = format("cpu  %lld 0 0 %lld 0 0 0 0 0 0\n", ticks(used), idle);
  for (int i = 0; i < cpus; ++i)
    text += format("cpu%d %lld 0 0 %lld 0 0 0 0 0 0\n", i, ticks(used) / cpus, idle / cpus);
  const auto boot = std::chrono::duration_cast<seconds>(host.booted().time_since_epoch()).count();
  return text + format("intr 0\nctxt 0\nbtime %lld\nprocesses %zu\nprocs_running 1\nprocs_blocked 0\n",
                       static_cast<long long>(boot), host.processes().size());
}

std::string filesystems_text() {
  return "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup\nnodev\tcgroup2\nnodev\tdevtmpfs\nnodev\tdevpts\n"
         "\text4\n\txfs\nnodev\toverlay\nnodev\tmqueue\n";
}

struct MachineEntry {
  const char* name;
  std::string (*read)(Host&);
};
constexpr MachineEntry kMachineEntries[] = {
    {"cmdline",
     [](Host& host) { return "BOOT_IMAGE=/boot/vmlinuz-" + host.options().kernel_version + " root=/dev/vda1 ro\n"; }},
    {"cpuinfo", processor_text},
    {"filesystems", [](Host&) { return filesystems_text(); }},
    {"loadavg", [](Host& host) { return format("0.12 0.08 0.05 1/%zu %d\n", host.processes().size() + 80, 4000); }},
    {"meminfo", memory_text},
    {"partitions",
     [](Host&) {
       return std::string(
           "major minor  #blocks  name\n\n 253        0   10485760 vda\n 253        1   10484736 vda1\n");
     }},
    {"stat", statistics_text},
    {"swaps", [](Host&) { return std::string("Filename\t\t\t\tType\t\tSize\tUsed\tPriority\n"); }},
    {"uptime",
     [](Host& host) {
       const double up = std::chrono::duration<double>(host.loop().now() - host.booted()).count();
       return format("%.2f %.2f\n", up, up * host.options().cpus * 0.9);
     }},
    {"version",
     [](Host& host) {
       return "Linux version " + host.options().kernel_version + " (drydock) " + std::string(kKernelBuild) + "\n";
     }},
};

struct ProcTree {
  Host& host;
  std::weak_ptr<PidNamespace> pids;
  bool inner;
  std::weak_ptr<FileSystem> files;
};

std::vector<std::string> names_in(const ProcTree& tree) {
  std::vector<std::string> names{"mounts", "self"};
  for (const MachineEntry& entry : kMachineEntries) names.emplace_back(entry.name);
  const auto space = tree.pids.lock();
  if (tree.inner && !space) return names;
  if (!tree.inner) names.emplace_back("1");
  for (const auto& [pid, process] : tree.host.processes()) {
    if (!tree.inner)
      names.push_back(std::to_string(pid));
    else if (process->namespaces().pids == space)
      names.push_back(std::to_string(process->pid()));
  }
  return names;
}

InodePtr find_in(const ProcTree& tree, std::string_view name) {
  Host& host = tree.host;
  const TimePoint now = host.loop().now();
  for (const MachineEntry& entry : kMachineEntries) {
    if (name == entry.name) return generated(now, [&host, read = entry.read] { return read(host); });
  }
  if (name == "mounts") {
    return generated(now, [files = tree.files, inner = tree.inner]() -> std::string {
      const auto there = files.lock();
      return there ? mounts_text(*there, inner) : "";
    });
  }
  if (name == "self") return link_to(now, "1");
  const auto number = parse_int(name);
  if (!number || *number < 1 || *number > 1 << 22) return nullptr;
  const auto space = tree.pids.lock();
  if (tree.inner && !space) return nullptr;
  return process_directory(host, space, static_cast<Pid>(*number));
}

}  // namespace

std::string mounts_text(const FileSystem& files, bool container) {
  std::string text = container
                         ? "overlay / overlay rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
                         : "/dev/vda1 / ext4 rw,relatime 0 0\nproc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n";
  for (const Mount& mount : files.mounts())
    text += mount.source + " " + mount.path + " " + mount.type + (mount.read_only ? " ro" : " rw") + ",relatime 0 0\n";
  return text;
}

void add_proc_files(Host& host, const std::shared_ptr<FileSystem>& files, const std::shared_ptr<PidNamespace>& pids) {
  (void)files->make_directories("/proc", host.loop().now());
  const auto proc = files->resolve("/proc");
  if (!proc || (*proc)->type != FileType::kDirectory) return;
  const auto tree = std::make_shared<const ProcTree>(ProcTree{host, pids, pids != nullptr, files});
  auto behaviour = std::make_shared<FileBehaviour>();
  behaviour->list = [tree] { return names_in(*tree); };
  behaviour->lookup = [tree](std::string_view name) { return find_in(*tree, name); };
  // /proc/sys and /proc/modules hold what was set; the rest is told by other parts of the state.
  const std::weak_ptr<Inode> weak = *proc;
  behaviour->hash = [weak](Hash64& hash) {
    const InodePtr directory = weak.lock();
    if (!directory) return;
    for (const char* name : {"modules", "sys"}) {
      if (const InodePtr set = directory->child(name)) set->hash(hash);
    }
  };
  (*proc)->mode = 0555;
  (*proc)->behaviour = std::move(behaviour);
}

}  // namespace drydock
