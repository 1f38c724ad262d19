// du, df, dd, umount: expectations are coreutils 9.1's and util-linux' (LC_ALL=C).
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("du, dd") {
  check_rows({
      {"mkdir -p a/b; truncate -s 5000 a/x; dd if=/dev/null of=y status=none; printf 0123456789 > y; cd a; du; du -a; "
       "du -s; du -sh x; du -d0 -b x",
       "4\t./b\n16\t.\n4\t./b\n8\t./x\n16\t.\n16\t.\n8.0K\tx\n5000\tx\n"},
      {"du nofile", "", "du: cannot access 'nofile': No such file or directory\n", 1},
      {"printf 1 > a; ln a b; du -c a b", "4\ta\n4\ttotal\n"},
      {"df nofile", "", "df: nofile: No such file or directory\n", 1},
      {"printf 0123456789 > y; dd if=y of=z bs=2 count=3 skip=1 status=none; cat z", "234567"},
      {"printf 0123456789 > y; dd if=y of=z bs=4 status=noxfer; cat z", "0123456789",
       "2+1 records in\n2+1 records out\n"},
      {"printf 0123456789 > y; printf ab | dd of=y bs=1 seek=3 conv=notrunc status=none; cat y", "012ab56789"},
      {"dd if=nofile", "", "dd: failed to open 'nofile': No such file or directory\n", 1},
      {"dd foo=1", "", "dd: unrecognized operand 'foo=1'\nTry 'dd --help' for more information.\n", 1},
      {"umount", "", "umount: bad usage\nTry 'umount --help' for more information.\n", 1},
      {"umount /nofile", "", "umount: /nofile: no mount point specified.\n", 1},
      {"umount /tmp", "", "umount: /tmp: not mounted.\n", 32},
      {"mkdir m; mount -t tmpfs none m; echo 1 > m/x; ls m; umount m; ls m", "x\n"},
  });
}
