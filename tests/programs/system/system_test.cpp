// Accounts, su and sudo, kernel settings: words of shadow 4.13, sudo 1.9, procps-ng and kmod.
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("getent, useradd, usermod, userdel") {
  check_rows({
      {"getent passwd ada; getent group 10; getent passwd nosuch; echo $?",
       "ada:x:1000:1000:Ada:/home/ada:/bin/bash\nwheel:x:10:ada\n2\n"},
      {"getent hosts node1", "10.0.0.2        node1\n"},
      {"getent foo", "", "Unknown database: foo\nTry `getent --help' or `getent --usage' for more information.\n", 1},
      {"useradd -m -s /bin/sh -G wheel bob; getent passwd bob; id bob; ls -d /home/bob",
       "bob:x:1001:1001::/home/bob:/bin/sh\nuid=1001(bob) gid=1001(bob) groups=1001(bob),10(wheel)\n/home/bob\n"},
      {"useradd ada", "", "useradd: user 'ada' already exists\n", 9},
      {"useradd -G nosuch bob", "", "useradd: group 'nosuch' does not exist\n", 6},
      {"groupadd docker; usermod -aG docker ada; id -nG ada; usermod -G docker ada; id -nG ada",
       "ada wheel docker\nada docker\n"},
      {"usermod -aG nosuch ada", "", "usermod: group 'nosuch' does not exist\n", 6},
      {"userdel ada; id ada", "", "id: 'ada': no such user\n", 1},
      {"userdel bob", "", "userdel: user 'bob' does not exist\n", 6},
      {"groupadd wheel", "", "groupadd: group 'wheel' already exists\n", 9},
      {"groupdel ada", "", "groupdel: cannot remove the primary group of user 'ada'\n", 8},
  });
}

TEST_CASE("su and sudo") {
  check_rows({
      {"su ada -c 'whoami; echo $HOME'; su nosuch", "ada\n/home/ada\n",
       "su: user nosuch does not exist or the user entry does not contain all the required fields\n", 1},
      {"sudo whoami; sudo -u ada id -u; sudo X=1 sh -c 'echo $X $SUDO_USER'", "root\n1000\n1 root\n"},
      {"sudo nosuch", "", "sudo: nosuch: command not found\n", 1},
      {"su ada -c 'sudo whoami'", "root\n"},
      {"useradd bob; su bob -c 'sudo whoami'", "", "bob is not in the sudoers file.  This incident will be reported.\n",
       1},
      {"su ada -c 'useradd x'", "", "useradd: Permission denied.\nuseradd: cannot lock /etc/passwd; try again later.\n",
       1},
  });
}

TEST_CASE("sysctl, modprobe, swapoff") {
  const std::string set_up =
      "mkdir -p /proc/sys/net/ipv4 /etc/sysctl.d; echo 0 > /proc/sys/net/ipv4/ip_forward; touch /proc/modules; ";
  check_rows({
      {set_up + "sysctl net.ipv4.ip_forward; sysctl -w net.ipv4.ip_forward=1; cat /proc/sys/net/ipv4/ip_forward; "
                "sysctl -n net.ipv4.ip_forward; sysctl -a",
       "net.ipv4.ip_forward = 0\nnet.ipv4.ip_forward = 1\n1\n1\nnet.ipv4.ip_forward = 1\n"},
      {set_up + "sysctl net.foo", "", "sysctl: cannot stat /proc/sys/net/foo: No such file or directory\n", 255},
      {set_up + "echo 'net.ipv4.ip_forward = 1' > /etc/sysctl.d/k8s.conf; sysctl --system",
       "* Applying /etc/sysctl.d/k8s.conf ...\nnet.ipv4.ip_forward = 1\n"},
      {set_up + "sysctl -pnofile", "", "sysctl: cannot open \"nofile\": No such file or directory\n", 1},
      {set_up + "modprobe br_netfilter; lsmod | awk '{print $1}'; modprobe -r br_netfilter; lsmod | wc -l",
       "Module\nbr_netfilter\n1\n"},
      {set_up + "modprobe nosuch", "",
       "modprobe: FATAL: Module nosuch not found in directory /lib/modules/4.19.0-1.el7.x86_64\n", 1},
      {"swapoff -a; swapon --show; swapoff", "", "swapoff: bad usage\nTry 'swapoff --help' for more information.\n", 1},
      {"hostnamectl set-hostname web; hostname; cat /etc/hostname", "web\nweb\n"},
      {"env -i A=1 env; test -f /etc/passwd && /usr/bin/test 1 -lt 2 && [ -d / ] && echo yes; tty",
       "A=1\nyes\nnot a tty\n", "", 1},
  });
}
