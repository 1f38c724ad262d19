// cp, mv, rm, mkdir, ln, touch, chmod, chown: expectations are what GNU coreutils
// 9.1 prints for the same lines (LC_ALL=C), but for the date.
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("cp") {
  check_rows({
      {"cp", "", "cp: missing file operand\nTry 'cp --help' for more information.\n", 1},
      {"cp a", "", "cp: missing destination file operand after 'a'\nTry 'cp --help' for more information.\n", 1},
      {"echo a>a; echo b>b; cp a b c", "", "cp: target 'c': No such file or directory\n", 1},
      {"echo a>a; cp a nodir/x", "", "cp: cannot create regular file 'nodir/x': No such file or directory\n", 1},
      {"mkdir d; cp d x", "", "cp: -r not specified; omitting directory 'd'\n", 1},
      {"mkdir d; cp -r d d/q", "", "cp: cannot copy a directory, 'd', into itself, 'd/q'\n", 1},
      {"echo a>a; cp a a", "", "cp: 'a' and 'a' are the same file\n", 1},
      {"cp nofile x", "", "cp: cannot stat 'nofile': No such file or directory\n", 1},
      {"mkdir d; echo x>f; cp -r d f", "", "cp: cannot overwrite non-directory 'f' with directory 'd'\n", 1},
      {"echo a>a; mkdir -p x/a; cp a x", "", "cp: cannot overwrite directory 'x/a' with non-directory\n", 1},
      {"echo a>a; cp -v a g; cat g", "'a' -> 'g'\na\n"},
      {"mkdir -p d/e; echo 1>d/f; cp -rv d h", "'d' -> 'h'\n'd/e' -> 'h/e'\n'd/f' -> 'h/f'\n"},
      {"mkdir d e; echo 1>d/f; cp -r d e; ls e/d", "f\n"},
      {"mkdir d e; echo 1>d/f; cp -rT d e; ls e", "f\n"},
      {"mkdir d; echo 1>d/f; cp -r d/. e; ls e", "f\n"},
      {"echo a>a; echo b>b; echo n | cp -i a b; cat b", "b\n", "cp: overwrite 'b'? "},
      {"echo a>a; echo b>b; echo y | cp -i a b; cat b", "a\n", "cp: overwrite 'b'? "},
      {"echo a>a; echo b>b; cp -n a b; echo $?; cat b", "0\nb\n"},
      {"echo a>a; mkdir d; cp -t d a; ls d", "a\n"},
      {"echo a>a; cp -t a a", "", "cp: target directory 'a': Not a directory\n", 1},
      {"echo a>a; mkdir d; cp -T a d", "", "cp: cannot overwrite directory 'd' with non-directory\n", 1},
      {"echo a>a; ln -s a l; cp -a l m; readlink m; cp l n; cat n; readlink n", "a\na\n", "", 1},
      {"echo a>a; chmod 751 a; cp a b; cp -p a c; stat -c %a b c", "751\n751\n"},
      {"umask 077; echo a>a; chmod 644 a; cp a b; cp -p a c; stat -c %a b c", "600\n644\n"},
      {"touch -d 2020-02-03 a; cp a b; cp -p a c; stat -c '%n %Y' b c", "b 1767225600\nc 1580688000\n"},
      {"mkdir -p r/s e; echo 1>r/s/t; cp -v --parents r/s/t e", "r -> e/r\nr/s -> e/r/s\n'r/s/t' -> 'e/r/s/t'\n"},
      {"echo a>a; cp -l a h; stat -c %h a; cp -s a s; readlink s", "2\na\n"},
      {"echo a>a; echo b>b; cp -b a b; cat b b~", "a\nb\n"},
      {"cp --foo", "", "cp: unrecognized option '--foo'\nTry 'cp --help' for more information.\n", 1},
  });
}

TEST_CASE("mv") {
  check_rows({
      {"mv", "", "mv: missing file operand\nTry 'mv --help' for more information.\n", 1},
      {"mv nofile x", "", "mv: cannot stat 'nofile': No such file or directory\n", 1},
      {"echo a>a; mv a a", "", "mv: 'a' and 'a' are the same file\n", 1},
      {"mkdir d; mv d d/x", "", "mv: cannot move 'd' to a subdirectory of itself, 'd/x'\n", 1},
      {"mkdir d; echo f>f; mv d f", "", "mv: cannot overwrite non-directory 'f' with directory 'd'\n", 1},
      {"echo b>b; mv -v b b2; ls", "renamed 'b' -> 'b2'\nb2\n"},
      {"echo b>b; mkdir d; mv -v b d", "renamed 'b' -> 'd/b'\n"},
      {"echo b>b; mkdir d; mv -T b d", "", "mv: cannot overwrite directory 'd' with non-directory\n", 1},
      {"mkdir -p p/q q; touch p/q/1; mv q p", "", "mv: cannot move 'q' to 'p/q': Directory not empty\n", 1},
      {"echo a>a; echo b>b; mv -n a b; cat b", "b\n"},
      {"echo a>a; echo b>b; echo n | mv -i a b", "", "mv: overwrite 'b'? "},
      {"echo a>a; echo b>b; mv a b nodir", "", "mv: target 'nodir': No such file or directory\n", 1},
  });
}

TEST_CASE("rm, rmdir, unlink") {
  check_rows({
      {"rm", "", "rm: missing operand\nTry 'rm --help' for more information.\n", 1},
      {"mkdir d; rm d", "", "rm: cannot remove 'd': Is a directory\n", 1},
      {"rm -r .", "", "rm: refusing to remove '.' or '..' directory: skipping '.'\n", 1},
      {"mkdir d; rm -rf d/..", "", "rm: refusing to remove '.' or '..' directory: skipping 'd/..'\n", 1},
      {"rm -rf /", "",
       "rm: it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe\n", 1},
      {"rm nofile", "", "rm: cannot remove 'nofile': No such file or directory\n", 1},
      {"rm -f nofile; rm -f; echo $?", "0\n"},
      {"mkdir -p e/f; rm -rv e", "removed directory 'e/f'\nremoved directory 'e'\n"},
      {"touch e; rm -v e", "removed 'e'\n"},
      {"mkdir e; touch e/x; rm -d e", "", "rm: cannot remove 'e': Directory not empty\n", 1},
      {"touch em; echo y | rm -i em; ls", "", "rm: remove regular empty file 'em'? "},
      {"mkdir -p e/f; touch e/x; printf 'y\\ny\\ny\\nn\\n' | rm -ri e; ls", "e\n",
       "rm: descend into directory 'e'? rm: remove directory 'e/f'? rm: remove regular empty file 'e/x'? rm: remove "
       "directory 'e'? "},
      {"touch 1 2 3 4; echo n | rm -I 1 2 3 4; ls", "1\n2\n3\n4\n", "rm: remove 4 arguments? "},
      {"mkdir e; echo n | rm -I -r e; ls", "e\n", "rm: remove 1 argument recursively? "},
      {"touch -- -x; rm -- -x; ls", ""},
      {"rmdir", "", "rmdir: missing operand\nTry 'rmdir --help' for more information.\n", 1},
      {"touch 1; rmdir 1", "", "rmdir: failed to remove '1': Not a directory\n", 1},
      {"mkdir -p e/x; rmdir e", "", "rmdir: failed to remove 'e': Directory not empty\n", 1},
      {"mkdir -p e/x; rmdir --ignore-fail-on-non-empty e; ls", "e\n"},
      {"mkdir -p g/h/i; rmdir -pv g/h/i",
       "rmdir: removing directory, 'g/h/i'\nrmdir: removing directory, 'g/h'\nrmdir: removing directory, 'g'\n"},
      {"rmdir .", "", "rmdir: failed to remove '.': Invalid argument\n", 1},
      {"unlink e", "", "unlink: cannot unlink 'e': No such file or directory\n", 1},
  });
}

TEST_CASE("mkdir and ln") {
  check_rows({
      {"mkdir", "", "mkdir: missing operand\nTry 'mkdir --help' for more information.\n", 1},
      {"mkdir e; mkdir e", "", "mkdir: cannot create directory 'e': File exists\n", 1},
      {"mkdir x/y", "", "mkdir: cannot create directory 'x/y': No such file or directory\n", 1},
      {"mkdir -pv x/z/w; mkdir -p x/z/w",
       "mkdir: created directory 'x'\nmkdir: created directory 'x/z'\nmkdir: created directory 'x/z/w'\n"},
      {"mkdir -m 700 qq; stat -c %a qq", "700\n"},
      {"mkdir -m zz s", "", "mkdir: invalid mode 'zz'\n", 1},
      {"touch 2; mkdir 2/x", "", "mkdir: cannot create directory '2/x': Not a directory\n", 1},
      {"touch 2; mkdir -p 2/x", "", "mkdir: cannot create directory '2': Not a directory\n", 1},
      {"touch 2; mkdir -p 2", "", "mkdir: cannot create directory '2': File exists\n", 1},
      {"ln", "", "ln: missing file operand\nTry 'ln --help' for more information.\n", 1},
      {"touch 2; ln 2", "", "ln: failed to create hard link './2': File exists\n", 1},
      {"ln nofile x", "", "ln: failed to access 'nofile': No such file or directory\n", 1},
      {"ln -s 2 3; ln -s 2 3", "", "ln: failed to create symbolic link '3': File exists\n", 1},
      {"ln -s 2 3; ln -sfv 4 3", "'3' -> '4'\n"},
      {"touch 2; ln -v 2 lk", "'lk' => '2'\n"},
      {"mkdir e; ln e eh", "", "ln: e: hard link not allowed for directory\n", 1},
      {"ln -s a b c", "", "ln: target 'c': No such file or directory\n", 1},
      {"mkdir x; ln -s /etc x; readlink x/etc", "/etc\n"},
      {"mkdir d; ln -s d l; ln -sfn t l; readlink l", "t\n"},
      {"mkdir -p x/z; ln -sr x/z x/rl; readlink x/rl", "z\n"},
  });
}

TEST_CASE("touch, mktemp, truncate") {
  check_rows({
      {"touch", "", "touch: missing file operand\nTry 'touch --help' for more information.\n", 1},
      {"touch -c nope; ls"},
      {"touch x/nn/zz", "", "touch: cannot touch 'x/nn/zz': No such file or directory\n", 1},
      {"touch -d '2020-01-02 03:04:05' a; touch -t 202001020304.05 b; touch -r a c; ls -l --full-time a b c",
       "-rw-r--r-- 1 root root 0 2020-01-02 03:04:05.000000000 +0000 a\n-rw-r--r-- 1 root root 0 2020-01-02 "
       "03:04:05.000000000 +0000 b\n-rw-r--r-- 1 root root 0 2020-01-02 03:04:05.000000000 +0000 c\n"},
      {"touch -d garbage a", "", "touch: invalid date format 'garbage'\n", 1},
      {"touch -t 99 a", "", "touch: invalid date format '99'\n", 1},
      {"touch -d @0 a; ls -l a", "-rw-r--r-- 1 root root 0 Jan  1  1970 a\n"},
      {"touch -d @0 a; touch -a -d 2021-01-01 a; ls -lu a; ls -l a",
       "-rw-r--r-- 1 root root 0 Jan  1  2021 a\n-rw-r--r-- 1 root root 0 Jan  1  1970 a\n"},
      {"mktemp aXX", "", "mktemp: too few X's in template 'aXX'\n", 1},
      {"mktemp nodir/XXXX", "", "mktemp: failed to create file via template 'nodir/XXXX': No such file or directory\n",
       1},
      {"d=$(mktemp -d); [ -d $d ] && stat -c %a $d; f=$(mktemp ./abXXXX.txt); stat -c '%a %s' $f", "700\n600 0\n"},
      {"truncate u", "",
       "truncate: you must specify either '--size' or '--reference'\nTry 'truncate --help' for more information.\n", 1},
      {"truncate -s 10 u; truncate -s +5 u; stat -c %s u; truncate -s %10 u; stat -c %s u; truncate -s 1K u; stat -c "
       "%s u",
       "15\n20\n1024\n"},
      {"truncate -s abc u", "", "truncate: Invalid number: 'abc'\n", 1},
  });
}

TEST_CASE("chmod and chown") {
  check_rows({
      {"chmod", "", "chmod: missing operand\nTry 'chmod --help' for more information.\n", 1},
      {"chmod 644", "", "chmod: missing operand after '644'\nTry 'chmod --help' for more information.\n", 1},
      {"chmod 644 nofile", "", "chmod: cannot access 'nofile': No such file or directory\n", 1},
      {"touch u; chmod zzz u", "", "chmod: invalid mode: 'zzz'\nTry 'chmod --help' for more information.\n", 1},
      {"touch u; chmod -v 600 u; chmod -v 600 u; chmod -c u+x u; chmod -c u+x u",
       "mode of 'u' changed from 0644 (rw-r--r--) to 0600 (rw-------)\nmode of 'u' retained as 0600 "
       "(rw-------)\nmode of 'u' changed from 0600 (rw-------) to 0700 (rwx------)\n"},
      {"touch u; chmod a=rw,u+s u; ls -l u", "-rwSrw-rw- 1 root root 0 Jan  1 00:00 u\n"},
      {"touch u; chmod +x u; stat -c %a u; chmod -x u; stat -c %a u; chmod g=u,o= u; stat -c %a u", "755\n644\n660\n"},
      {"mkdir -p d/e; touch d/f; chmod -R u=rwX,go= d; stat -c '%a %n' d d/e d/f", "700 d\n700 d/e\n600 d/f\n"},
      {"mkdir t; chmod 1777 t; ls -ld t", "drwxrwxrwt 2 root root 4096 Jan  1 00:00 t\n"},
      {"chown root", "", "chown: missing operand after 'root'\nTry 'chown --help' for more information.\n", 1},
      {"touch u; chown nouser u", "", "chown: invalid user: 'nouser'\n", 1},
      {"touch u; chown root:nogrp u", "", "chown: invalid group: 'root:nogrp'\n", 1},
      {"touch u; chown -v root u; chown -v ada:ada u; chown -v :root u; chown -v 123:456 u; chgrp -v root u",
       "ownership of 'u' retained as root\nchanged ownership of 'u' from root:root to ada:ada\nchanged ownership of "
       "'u' "
       "from ada:ada to :root\nchanged ownership of 'u' from ada:root to 123:456\nchanged group of 'u' from 456 to "
       "root\n"},
      {"mkdir -p x/y; touch x/y/z; chown -R -v ada: x; ls -ln x",
       "changed ownership of 'x/y/z' from root:root to ada:ada\nchanged ownership of 'x/y' from root:root to "
       "ada:ada\nchanged ownership of 'x' from root:root to ada:ada\ntotal 4\ndrwxr-xr-x 2 1000 1000 4096 Jan  1 00:00 "
       "y\n"},
      {"chown root nofile", "", "chown: cannot access 'nofile': No such file or directory\n", 1},
      {"chgrp nogrp /work", "", "chgrp: invalid group: 'nogrp'\n", 1},
  });
}
