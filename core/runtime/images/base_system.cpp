#include "core/runtime/images/base_system.h"

#include "core/base/strings.h"
#include "core/host/program.h"

namespace drydock {
namespace {

// Applets and where Alpine keeps them; busybox's own image has all of them in /bin.
constexpr std::string_view kBinApplets =
    "sh ash base64 cat chgrp chmod chown cp date dd df dmesg echo egrep false fgrep grep gunzip gzip hostname "
    "kill link ln ls mkdir mktemp more mount mv netstat nice ping printenv ps pwd rev rm rmdir sed sleep "
    "stat sync tar touch true umount uname usleep watch zcat vi";
constexpr std::string_view kSbinApplets = "arp ifconfig ip route sysctl";
constexpr std::string_view kUsrApplets =
    "[ awk basename cmp comm cut diff dirname du env expand expr find fold free head hexdump id install "
    "killall less md5sum nc nl nohup nproc nslookup od paste pgrep pkill printf readlink realpath seq sha1sum "
    "sha256sum sha512sum shuf sort split tac tail tee telnet test timeout top tr traceroute tty uniq unlink "
    "uptime wc wget which who whoami xargs yes clear cal";
constexpr std::string_view kUsrSbinApplets = "httpd";

constexpr std::string_view kGnuTools =
    "bash sh cat ls cp mv rm mkdir rmdir ln chmod chown chgrp touch head tail grep egrep fgrep sed awk sort "
    "uniq cut tr wc tee xargs find date sleep seq env printenv printf echo test [ true false yes basename "
    "dirname realpath readlink sha1sum sha256sum sha512sum md5sum base64 kill df du uname hostname id whoami "
    "less more clear tar gzip gunzip zcat diff cmp comm stat which timeout mount umount expr nproc od tac rev "
    "nl paste split fold mktemp dd pwd sync tty nohup nice getent shuf install link unlink who truncate setsid "
    "chroot cal dir vdir";
constexpr std::string_view kCentosExtra = "ps top free uptime watch curl vi ip ss ping arp yum awk gawk pgrep pkill";
constexpr std::string_view kDebianExtra = "apt-get apt perl";

std::string release_of(ImageBase base, std::string_view version) {
  const std::string given(version);
  switch (base) {
    case ImageBase::kAlpine: {
      const std::string full = given.empty() ? "3.22.1" : given;
      return "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=" + full + "\nPRETTY_NAME=\"Alpine Linux v" +
             full.substr(0, full.rfind('.')) +
             "\"\nHOME_URL=\"https://alpinelinux.org/\"\nBUG_REPORT_URL=\"https://gitlab.alpinelinux.org/alpine/aports/"
             "-/issues\"\n";
    }
    case ImageBase::kDebian: {
      const std::string major = given.empty() ? "12" : given.substr(0, given.find('.'));
      const std::string name = major == "13"   ? "trixie"
                               : major == "11" ? "bullseye"
                               : major == "10" ? "buster"
                               : major == "9"  ? "stretch"
                                               : "bookworm";
      return "PRETTY_NAME=\"Debian GNU/Linux " + major + " (" + name + ")\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"" +
             major + "\"\nVERSION=\"" + major + " (" + name + ")\"\nVERSION_CODENAME=" + name +
             "\nID=debian\nHOME_URL=\"https://www.debian.org/\"\nSUPPORT_URL=\"https://www.debian.org/support\"\n"
             "BUG_REPORT_URL=\"https://bugs.debian.org/\"\n";
    }
    case ImageBase::kUbuntu: {
      const std::string full = given.empty() ? "24.04" : given;
      const std::string point = full == "24.04" ? ".3" : full == "22.04" ? ".5" : full == "20.04" ? ".6" : "";
      const std::string name = full == "22.04"   ? "jammy"
                               : full == "20.04" ? "focal"
                               : full == "18.04" ? "bionic"
                               : full == "16.04" ? "xenial"
                                                 : "noble";
      return "PRETTY_NAME=\"Ubuntu " + full + point + " LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"" + full +
             "\"\nVERSION_CODENAME=" + name + "\nID=ubuntu\nID_LIKE=debian\nHOME_URL=\"https://www.ubuntu.com/\"\n";
    }
    case ImageBase::kCentos:
      return "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"7\"\n"
             "PRETTY_NAME=\"CentOS Linux 7 (Core)\"\nANSI_COLOR=\"0;31\"\nCPE_NAME=\"cpe:/o:centos:centos:7\"\n"
             "HOME_URL=\"https://www.centos.org/\"\n";
    default:
      return "";
  }
}

void make_directories(FileSystem& files, std::string_view words, TimePoint now) {
  for (const std::string& path : split_whitespace(words)) (void)files.make_directories(path, now);
}

// Busybox has one executable; every applet is another name of it.
void fill_busybox(FileSystem& files, bool alpine, std::string_view version, TimePoint now) {
  add_program(files, "/bin/busybox", "busybox", "busybox", now);
  const auto binary = files.resolve("/bin/busybox");
  if (!binary) return;
  struct Place {
    std::string_view directory;
    std::string_view applets;
  };
  for (const Place& place : {Place{"/bin", kBinApplets}, Place{"/sbin", kSbinApplets}, Place{"/usr/bin", kUsrApplets},
                             Place{"/usr/sbin", kUsrSbinApplets}}) {
    for (const std::string& applet : split_whitespace(place.applets)) {
      if (alpine) {
        add_symlink(files, "/bin/busybox", std::string(place.directory) + "/" + applet, now);
        continue;
      }
      auto parent = files.resolve_parent("/bin/" + applet);
      if (!parent) continue;
      parent->directory->put_child(applet, *binary, now);
      ++(*binary)->links;
    }
  }
  if (alpine) {
    const std::string full = version.empty() ? "3.22.1" : std::string(version);
    (void)files.write_file("/etc/alpine-release", full + "\n", now);
    add_program(files, "/sbin/apk", "apk", "", now);
  } else {
    add_symlink(files, "/bin/env", "/usr/bin/env", now);
  }
}

void fill_gnu(FileSystem& files, ImageBase base, TimePoint now) {
  make_directories(files, "/usr/bin /usr/sbin /usr/lib /usr/lib64", now);
  add_symlink(files, "usr/bin", "/bin", now);
  add_symlink(files, "usr/sbin", "/sbin", now);
  add_symlink(files, "usr/lib", "/lib", now);
  add_symlink(files, "usr/lib64", "/lib64", now);
  std::string tools(kGnuTools);
  tools += " ";
  tools += base == ImageBase::kCentos ? kCentosExtra : kDebianExtra;
  for (const std::string& tool : split_whitespace(tools)) {
    // What stands behind sh: dash on Debian, bash on CentOS.
    const std::string program = tool != "sh" ? tool : base == ImageBase::kCentos ? "bash" : "dash";
    add_program(files, "/usr/bin/" + tool, program, "", now);
  }
  (void)files.write_file("/root/.bashrc",
                         base == ImageBase::kCentos ? "PS1='[\\u@\\h \\W]\\$ '\n" : "PS1='\\u@\\h:\\w\\$ '\n", now);
  if (base == ImageBase::kCentos)
    (void)files.write_file("/etc/redhat-release", "CentOS Linux release 7.9.2009 (Core)\n", now);
  if (base == ImageBase::kDebian) (void)files.write_file("/etc/debian_version", "12.12\n", now);
}

}  // namespace

void add_program(FileSystem& files, std::string_view path, std::string_view program, std::string_view version,
                 TimePoint now) {
  (void)files.make_directories(directory_name(path), now);
  (void)files.write_file(path, program_file(program, version), now, 0755);
}

void add_symlink(FileSystem& files, std::string_view target, std::string_view path, TimePoint now) {
  (void)files.make_directories(directory_name(path), now);
  auto parent = files.resolve_parent(path);
  if (!parent) return;
  InodePtr inode = Inode::make(FileType::kSymlink, 0777, 0, 0, now);
  inode->set_content(std::string(target), now);
  parent->directory->put_child(parent->name, std::move(inode), now);
}

void fill_base_system(FileSystem& files, ImageBase base, std::string_view version, TimePoint now) {
  make_directories(files, "/etc /dev /proc /sys /tmp /run /var/log", now);
  if (auto tmp = files.resolve("/tmp")) (*tmp)->mode = 01777;
  const bool small = base == ImageBase::kBusybox || base == ImageBase::kAlpine;
  const std::string_view shell = small ? "/bin/sh" : "/bin/bash";
  (void)files.write_file("/etc/passwd",
                         "root:x:0:0:root:/root:" + std::string(shell) +
                             "\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false"
                             "\nnobody:x:65534:65534:nobody:/:/bin/false\n",
                         now);
  (void)files.write_file("/etc/group", "root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nnobody:x:65534:\n", now);
  if (base == ImageBase::kNone) return;
  make_directories(files, "/root /home /mnt /opt /srv /usr/share /usr/local/bin /var/lib /var/tmp /var/cache", now);
  if (auto tmp = files.resolve("/var/tmp")) (*tmp)->mode = 01777;
  add_symlink(files, "/run", "/var/run", now);
  if (small) {
    make_directories(files, "/bin /sbin /usr/bin /usr/sbin /lib", now);
    fill_busybox(files, base == ImageBase::kAlpine, base == ImageBase::kAlpine ? version : "", now);
  } else {
    fill_gnu(files, base, now);
  }
  const std::string release = release_of(base, version);
  if (!release.empty()) (void)files.write_file("/etc/os-release", release, now);
}

}  // namespace drydock
