#include "core/world/node_setup.h"

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/proc_files.h"
#include "core/host/services.h"
#include "core/programs/archive/archive.h"
#include "core/programs/cni/addons.h"
#include "core/programs/control_plane/control_plane.h"
#include "core/programs/coreutils/coreutils.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/image_programs.h"
#include "core/programs/kubeadm/kubeadm.h"
#include "core/programs/kubectl/kubectl.h"
#include "core/programs/net/net_programs.h"
#include "core/programs/node/node_programs.h"
#include "core/programs/process_tools/process_tools.h"
#include "core/programs/screen/programs.h"
#include "core/programs/shell/shell.h"
#include "core/programs/system/system.h"
#include "core/programs/text_tools/text_tools.h"

namespace drydock {
namespace {

constexpr std::string_view kDirectories[] = {
    "/boot",
    "/dev/pts",
    "/etc/cni/net.d",
    "/etc/kubernetes/manifests",
    "/etc/ssl/certs",
    "/etc/pki",
    "/etc/sysconfig",
    "/etc/sysctl.d",
    "/etc/modules-load.d",
    "/etc/yum.repos.d",
    "/etc/systemd/system",
    "/home",
    "/lib/modules",
    "/mnt",
    "/opt/cni/bin",
    "/proc",
    "/root",
    "/run",
    "/srv",
    "/sys/fs/cgroup",
    "/tmp",
    "/usr/bin",
    "/usr/lib/systemd/system/kubelet.service.d",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/share",
    "/var/lib/containerd",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/var/log/pods",
    "/var/run",
    "/var/tmp",
};

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\ndaemon:x:2:2:daemon:/sbin:/sbin/nologin\n"
    "nobody:x:65534:65534:Kernel Overflow User:/:/sbin/nologin\nsshd:x:74:74:Privilege-separated "
    "SSH:/var/empty/sshd:/sbin/nologin\n";
constexpr std::string_view kGroup = "root:x:0:\nbin:x:1:\ndaemon:x:2:\nwheel:x:10:\ndocker:x:999:\nnobody:x:65534:\n";
constexpr std::string_view kOsRelease =
    "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel "
    "fedora\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux 7 (Core)\"\n"
    "ANSI_COLOR=\"0;31\"\nCPE_NAME=\"cpe:/o:centos:centos:7\"\n";
constexpr std::string_view kProfile =
    "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
    "if [ -n \"$BASH_VERSION\" ] && [ -f ~/.bashrc ]; then . ~/.bashrc; fi\n";
// The prompt of Play with Kubernetes: "$" although it is root.
constexpr std::string_view kBashrc =
    "PS1='[\\h \\W]$ '\n"
    "alias ll='ls -l'\n"
    "source <(kubectl completion bash)\n";
constexpr std::string_view kMotd =
    "\n"
    "  This is a whole Kubernetes in your browser tab: nothing leaves it.\n"
    "\n"
    "  You can bootstrap a cluster as follows:\n"
    "\n"
    "  1. Initializes cluster master node:\n"
    "\n"
    "     kubeadm init --apiserver-advertise-address $(hostname -i)\n"
    "\n"
    "  2. Initialize cluster networking:\n"
    "\n"
    "     mkdir -p $HOME/.kube && cp -i /etc/kubernetes/admin.conf $HOME/.kube/config\n"
    "     kubectl apply -n kube-system -f \\\n"
    "       \"https://cloud.weave.works/k8s/net?k8s-version=$(kubectl version | base64 | tr -d '\\n')\"\n"
    "\n"
    "  3. (Optional) Create an nginx deployment:\n"
    "\n"
    "     kubectl apply -f https://k8s.io/examples/application/deployment.yaml\n"
    "\n";
constexpr std::string_view kKubeletUnit =
    "[Unit]\nDescription=kubelet: The Kubernetes Node "
    "Agent\nDocumentation=https://kubernetes.io/docs/\nWants=network-online.target\nAfter=network-online.target\n\n"
    "[Service]\nExecStart=/usr/bin/"
    "kubelet\nRestart=always\nStartLimitInterval=0\nRestartSec=10\n\n[Install]\nWantedBy=multi-user.target\n";
constexpr std::string_view kKubeletDropIn =
    "# Note: This dropin only works with kubeadm and kubelet v1.11+\n[Service]\n"
    "Environment=\"KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf "
    "--kubeconfig=/etc/kubernetes/kubelet.conf\"\n"
    "Environment=\"KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml\"\n"
    "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-/etc/sysconfig/kubelet\nExecStart=\n"
    "ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS "
    "$KUBELET_EXTRA_ARGS\n";
constexpr std::string_view kContainerdUnit =
    "[Unit]\nDescription=containerd container runtime\nDocumentation=https://containerd.io\nAfter=network.target "
    "local-fs.target\n\n"
    "[Service]\nExecStart=/usr/bin/containerd\nRestart=always\nRestartSec=5\n\n[Install]\nWantedBy=multi-user.target\n";

// Files of /proc/sys that guides read or set.
struct Setting {
  std::string_view path;
  std::string_view value;  // "": the machine's name
};
constexpr Setting kSettings[] = {
    {"fs/file-max", "379462"},
    {"fs/inotify/max_user_instances", "128"},
    {"fs/inotify/max_user_watches", "8192"},
    {"fs/nr_open", "1048576"},
    {"kernel/hostname", ""},
    {"kernel/keys/root_maxbytes", "25000000"},
    {"kernel/panic", "10"},
    {"kernel/panic_on_oops", "1"},
    {"kernel/pid_max", "32768"},
    {"kernel/threads-max", "29880"},
    {"net/bridge/bridge-nf-call-arptables", "0"},
    {"net/bridge/bridge-nf-call-ip6tables", "1"},
    {"net/bridge/bridge-nf-call-iptables", "1"},
    {"net/core/rmem_max", "212992"},
    {"net/core/somaxconn", "4096"},
    {"net/core/wmem_max", "212992"},
    {"net/ipv4/conf/all/forwarding", "1"},
    {"net/ipv4/conf/all/route_localnet", "0"},
    {"net/ipv4/conf/all/rp_filter", "0"},
    {"net/ipv4/conf/default/rp_filter", "0"},
    {"net/ipv4/ip_forward", "1"},
    {"net/ipv4/ip_local_port_range", "32768\t60999"},
    {"net/ipv4/tcp_keepalive_time", "7200"},
    {"net/ipv4/tcp_syncookies", "1"},
    {"net/ipv6/conf/all/disable_ipv6", "0"},
    {"net/ipv6/conf/all/forwarding", "0"},
    {"net/ipv6/conf/default/forwarding", "0"},
    {"net/netfilter/nf_conntrack_max", "131072"},
    {"vm/max_map_count", "65530"},
    {"vm/overcommit_memory", "1"},
    {"vm/panic_on_oom", "0"},
    {"vm/swappiness", "60"},
};
constexpr std::string_view kLoadedModules =
    "overlay 118784 0 - Live 0x0000000000000000\n"
    "br_netfilter 28672 0 - Live 0x0000000000000000\n"
    "bridge 192512 1 br_netfilter, Live 0x0000000000000000\n"
    "stp 16384 1 bridge, Live 0x0000000000000000\n"
    "llc 16384 1 bridge,stp, Live 0x0000000000000000\n"
    "ip_tables 28672 0 - Live 0x0000000000000000\n"
    "nf_conntrack 147456 0 - Live 0x0000000000000000\n"
    "ext4 745472 1 - Live 0x0000000000000000\n";

void add_device(Host& host, const std::string& path, FileBehaviour behaviour) {
  auto parent = host.files().resolve_parent(path);
  if (!parent) return;
  InodePtr inode = Inode::make(FileType::kCharDevice, 0666, 0, 0, host.loop().now());
  inode->behaviour = std::make_shared<const FileBehaviour>(std::move(behaviour));
  parent->directory->put_child(parent->name, std::move(inode), host.loop().now());
}

void add_devices(Host& host) {
  add_device(host, "/dev/null", {});
  FileBehaviour zero;
  zero.read = [] { return std::string(4096, '\0'); };
  add_device(host, "/dev/zero", zero);
  for (const char* name : {"/dev/random", "/dev/urandom"}) {
    FileBehaviour random;
    random.read = [&host] {
      std::string bytes(64, '\0');
      for (char& byte : bytes) byte = static_cast<char>(host.prng().next() & 0xff);
      return bytes;
    };
    add_device(host, name, random);
  }
}

void add_proc(Host& host) {
  add_proc_files(host, host.namespaces().files, nullptr);
  const TimePoint now = host.loop().now();
  for (const Setting& setting : kSettings) {
    const std::string path = "/proc/sys/" + std::string(setting.path);
    (void)host.files().make_directories(directory_name(path), now);
    const std::string value = setting.value.empty() ? host.name() : std::string(setting.value);
    (void)host.files().write_file(path, value + "\n", now);
  }
  (void)host.files().write_file("/proc/modules", std::string(kLoadedModules), now, 0444);
}

void link(Host& host, const char* target, const std::string& path) {
  auto parent = host.files().resolve_parent(path);
  if (!parent) return;
  InodePtr inode = Inode::make(FileType::kSymlink, 0777, 0, 0, host.loop().now());
  inode->set_content(target, host.loop().now());
  parent->directory->put_child(parent->name, std::move(inode), host.loop().now());
}

// The bit patterns of a fresh system: world-writable /tmp, private /root.
void set_mode(Host& host, std::string_view path, std::uint32_t mode) {
  if (auto inode = host.files().resolve(path)) (*inode)->mode = mode;
}

void add_services(Host& host) {
  ServiceUnit containerd;
  containerd.name = "containerd.service";
  containerd.description = "containerd container runtime";
  containerd.documentation = "https://containerd.io";
  containerd.fragment_path = "/usr/lib/systemd/system/containerd.service";
  containerd.command = {"/usr/bin/containerd"};
  containerd.restart_delay = seconds(5);
  host.services().add(std::move(containerd), true);
  ServiceUnit kubelet;
  kubelet.name = "kubelet.service";
  kubelet.description = "kubelet: The Kubernetes Node Agent";
  kubelet.documentation = "https://kubernetes.io/docs/";
  kubelet.fragment_path = "/usr/lib/systemd/system/kubelet.service";
  kubelet.drop_ins = {"/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"};
  kubelet.command = {"/usr/bin/kubelet",
                     "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
                     "--kubeconfig=/etc/kubernetes/kubelet.conf",
                     "--config=/var/lib/kubelet/config.yaml",
                     "$KUBELET_KUBEADM_ARGS",
                     "$KUBELET_EXTRA_ARGS"};
  kubelet.environment_files = {"/var/lib/kubelet/kubeadm-flags.env", "/etc/sysconfig/kubelet"};
  host.services().add(std::move(kubelet), true);
}

}  // namespace

void register_all_programs(ProgramRegistry& all, ProgramRegistry& on_nodes) {
  register_shell_programs(on_nodes);
  register_coreutils(on_nodes);
  register_screen_programs(on_nodes);
  register_text_tools(on_nodes);
  register_process_tools(on_nodes);
  register_archive(on_nodes);
  register_net_programs(on_nodes);
  register_system_programs(on_nodes);
  on_nodes.add("yum", package_manager_main);
  register_node_programs(on_nodes);
  register_kubectl(on_nodes);
  register_kubeadm(on_nodes);
  for (const auto& [name, main] : on_nodes.all()) all.add(name, main);
  register_image_programs(all);
  register_network_addons(all);
  register_control_plane_programs(all);
}

void set_up_node(Host& host, const ProgramRegistry& on_nodes, std::string_view version) {
  FileSystem& files = host.files();
  const TimePoint now = host.loop().now();
  for (std::string_view directory : kDirectories) (void)files.make_directories(directory, now);
  link(host, "usr/bin", "/bin");
  link(host, "usr/sbin", "/sbin");
  link(host, "usr/lib", "/lib64");
  set_mode(host, "/tmp", 01777);
  set_mode(host, "/var/tmp", 01777);
  set_mode(host, "/root", 0550);
  for (const auto& [name, main] : on_nodes.all()) {
    const bool kubernetes = name == "kubectl" || name == "kubeadm" || name == "kubelet";
    // This system's sh is bash.
    const std::string program = name == "sh" ? "bash" : name;
    (void)files.write_file("/usr/bin/" + name, program_file(program, kubernetes ? version : std::string_view()), now,
                           0755);
  }
  auto put = [&](std::string_view path, std::string_view text) {
    (void)files.write_file(path, std::string(text), now);
  };
  put("/etc/passwd", kPasswd);
  put("/etc/group", kGroup);
  put("/etc/os-release", kOsRelease);
  put("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n");
  put("/etc/hostname", host.name() + "\n");
  put("/etc/hosts",
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n" + host.address() + "\t" + host.name() + "\n");
  put("/etc/resolv.conf", "nameserver 10.0.0.1\n");
  put("/etc/profile", kProfile);
  put("/root/.bashrc", kBashrc);
  put("/etc/motd", kMotd);
  put("/etc/sysconfig/kubelet", "KUBELET_EXTRA_ARGS=\n");
  put("/usr/lib/systemd/system/kubelet.service", kKubeletUnit);
  put("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", kKubeletDropIn);
  put("/usr/lib/systemd/system/containerd.service", kContainerdUnit);
  add_devices(host);
  add_proc(host);
  add_services(host);
}

}  // namespace drydock
