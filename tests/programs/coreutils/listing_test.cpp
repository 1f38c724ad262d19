// ls: expectations are GNU ls 9.1's (LC_ALL=C).
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("ls") {
  check_rows({
      {"ls nofile", "", "ls: cannot access 'nofile': No such file or directory\n", 2},
      {"ls -Y", "", "ls: invalid option -- 'Y'\nTry 'ls --help' for more information.\n", 2},
      {"touch b a .h; ls; ls -a; ls -A", "a\nb\n.\n..\n.h\na\nb\n.h\na\nb\n"},
      {"mkdir d; touch d/x B a; ls; ls d a", "B\na\nd\na\n\nd:\nx\n"},
      {"mkdir -p d/e; touch d/x d/e/y; ls -R", ".:\nd\n\n./d:\ne\nx\n\n./d/e:\ny\n"},
      {"mkdir -p d/e f; ls d f", "d:\ne\n\nf:\n"},
      {"printf 12345 > a; printf 1 > bb; ls -l",
       "total 8\n-rw-r--r-- 1 root root 5 Jan  1 00:00 a\n-rw-r--r-- 1 root root 1 Jan  1 00:00 bb\n"},
      {"head -c 0 /dev/null > z; truncate -s 1536 k; truncate -s 20000 m; ls -lh z k m",
       "-rw-r--r-- 1 root root 1.5K Jan  1 00:00 k\n-rw-r--r-- 1 root root  20K Jan  1 00:00 m\n-rw-r--r-- 1 root root "
       "   0 Jan  1 00:00 z\n"},
      {"ln -s /etc/hosts h; ls -l h; ls -F; mkdir d; ln -s d l; ls -d l; ls -l l; ls l/",
       "lrwxrwxrwx 1 root root 10 Jan  1 00:00 h -> /etc/hosts\nh@\nl\nlrwxrwxrwx 1 root root 1 Jan  1 00:00 l -> d\n"},
      {"touch -d 2020-05-06 o; touch -d '2025-12-31 10:11' r; touch -d 2027-01-01 f; ls -lt",
       "total 0\n-rw-r--r-- 1 root root 0 Jan  1  2027 f\n-rw-r--r-- 1 root root 0 Dec 31 10:11 r\n-rw-r--r-- 1 root "
       "root 0 May  6  2020 o\n"},
      {"touch -d @1 a; touch -d @2 b; touch -d @2 c; ls -t; ls -tr", "b\nc\na\na\nc\nb\n"},
      {"truncate -s 3 a; truncate -s 9 b; touch c; ls -S; ls -rS", "b\na\nc\nc\na\nb\n"},
      {"touch f10 f9 f1; ls -v", "f1\nf9\nf10\n"},
      {"touch a.z b.a c; ls -X", "c\nb.a\na.z\n"},
      {"touch x; chmod +x x; mkdir d; ls -F; ls -p", "d/\nx*\nd/\nx\n"},
      {"mkdir d; touch a e; ls --group-directories-first", "d\na\ne\n"},
      {"mkdir d; ls -ld d; ls -d d .", "drwxr-xr-x 2 root root 4096 Jan  1 00:00 d\n.\nd\n"},
      {"mkdir -p d/x d/y; ls -ld d", "drwxr-xr-x 4 root root 4096 Jan  1 00:00 d\n"},
      {"touch a b c; ls -m; ls -x; ls -C", "a, b, c\na  b  c\na  b  c\n"},
      {"touch aaaaaaaa b ccc ddddddd; ls -C -w 20", "aaaaaaaa  ccc\nb\t  ddddddd\n"},
      {"touch 'a b' c; ls -Q; ls -b; ls -N", "\"a b\"\n\"c\"\na\\ b\nc\na b\nc\n"},
      {"mkdir d; touch x; chmod +x x; ls --color=always", "\x1b[0m\x1b[01;34md\x1b[0m\n\x1b[01;32mx\x1b[0m\n"},
      {"touch a; chown 1000:10 a; ls -l; ls -ln a; ls -g a; ls -o a; ls -lG a",
       "total 0\n-rw-r--r-- 1 ada wheel 0 Jan  1 00:00 a\n-rw-r--r-- 1 1000 10 0 Jan  1 00:00 a\n-rw-r--r-- 1 wheel 0 "
       "Jan  1 00:00 a\n-rw-r--r-- 1 ada 0 Jan  1 00:00 a\n-rw-r--r-- 1 ada 0 Jan  1 00:00 a\n"},
      {"echo 1 > a; ls -s; ls -sh a", "total 4\n4 a\n4.0K a\n"},
      {"touch a; ls -l --time-style=long-iso a; ls -l --time-style=+%Y a",
       "-rw-r--r-- 1 root root 0 2026-01-01 00:00 a\n-rw-r--r-- 1 root root 0 2026 a\n"},
      {"touch a a~ b.o; ls -B; ls -I '*.o'", "a\nb.o\na\na~\n"},
  });
}
