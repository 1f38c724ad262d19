// id, whoami, groups, hostname, uname: expectations are coreutils 9.1's and net-tools' (LC_ALL=C).
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("id, whoami, groups") {
  check_rows({
      {"id", "uid=0(root) gid=0(root) groups=0(root)\n"},
      {"id ada", "uid=1000(ada) gid=1000(ada) groups=1000(ada),10(wheel)\n"},
      {"id 1000", "uid=1000(ada) gid=1000(ada) groups=1000(ada),10(wheel)\n"},
      {"echo $(id -u):$(id -g) $(id -un):$(id -gn)", "0:0 root:root\n"},
      {"id -G ada; id -nG ada; id -u ada; id -ng ada", "1000 10\nada wheel\n1000\nada\n"},
      {"id -ru; id -Gz ada | tr '\\0' ,", "0\n1000,10,"},
      {"id -u root ada", "0\n1000\n"},
      {"id -u nosuch", "", "id: 'nosuch': no such user\n", 1},
      {"id -ug", "", "id: cannot print \"only\" of more than one choice\n", 1},
      {"id -n", "", "id: cannot print only names or real IDs in default format\n", 1},
      {"id -z", "", "id: option --zero not permitted in default format\n", 1},
      {"id -Z", "", "id: --context (-Z) works only on an SELinux-enabled kernel\n", 1},
      {"id --foo", "", "id: unrecognized option '--foo'\nTry 'id --help' for more information.\n", 1},
      {"whoami", "root\n"},
      {"whoami x", "", "whoami: extra operand 'x'\nTry 'whoami --help' for more information.\n", 1},
      {"groups; groups ada root", "root\nada : ada wheel\nroot : root\n"},
      {"groups nosuch", "", "groups: 'nosuch': no such user\n", 1},
  });
}

TEST_CASE("hostname") {
  check_rows({
      {"hostname; hostname -i; hostname -s; hostname -f", "node1\n10.0.0.2\nnode1\nnode1\n"},
      {"hostname -I", "10.0.0.2 \n"},
      {"hostname -d; dnsdomainname", ""},
      {"hostname web-0; echo '10.1.2.3 web-0.nginx.default.svc web-0' >> /etc/hosts; hostname; hostname -f; "
       "hostname -d; hostname -i",
       "web-0\nweb-0.nginx.default.svc\nnginx.default.svc\n10.1.2.3\n"},
      {"hostname a_b", "", "hostname: the specified hostname is invalid\n", 1},
      {"echo new > f; hostname -F f; hostname", "new\n"},
  });
}

TEST_CASE("uname") {
  check_rows({
      {"uname; uname -s; uname -n; uname -m; uname -r", "Linux\nLinux\nnode1\nx86_64\n4.19.0-1.el7.x86_64\n"},
      {"uname -sr; uname -mrs; uname -o; arch",
       "Linux 4.19.0-1.el7.x86_64\nLinux 4.19.0-1.el7.x86_64 x86_64\nGNU/Linux\nx86_64\n"},
      {"uname -a", "Linux node1 4.19.0-1.el7.x86_64 #1 SMP Mon Nov 4 10:11:12 UTC 2019 x86_64 GNU/Linux\n"},
      {"uname -p; touch /etc/redhat-release; uname -pi", "unknown\nx86_64 x86_64\n"},
      {"uname x", "", "uname: extra operand 'x'\nTry 'uname --help' for more information.\n", 1},
  });
}
