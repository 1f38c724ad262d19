// find, xargs, stat, basename and their kin: expectations are findutils 4.9's and
// coreutils 9.1's (LC_ALL=C).
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

namespace {

const std::map<std::string, std::string> kTree = {
    {"d/a.txt", "12345"}, {"d/b.log", ""}, {"d/e/c.txt", "x\n"}, {"d/e/f/g.TXT", "1"}};

}  // namespace

TEST_CASE("find") {
  check_rows(
      {
          {"find d | sort", "d\nd/a.txt\nd/b.log\nd/e\nd/e/c.txt\nd/e/f\nd/e/f/g.TXT\n"},
          {"find nofile", "", "find: 'nofile': No such file or directory\n", 1},
          {"find d -foo", "", "find: unknown predicate `-foo'\n", 1},
          {"find d -name", "", "find: missing argument to `-name'\n", 1},
          {"find d -name '*.txt' | sort", "d/a.txt\nd/e/c.txt\n"},
          {"find d -iname '*.txt' | sort", "d/a.txt\nd/e/c.txt\nd/e/f/g.TXT\n"},
          {"find d -type d | sort", "d\nd/e\nd/e/f\n"},
          {"find d -type f -empty", "d/b.log\n"},
          {"find d -maxdepth 1 -type f | sort", "d/a.txt\nd/b.log\n"},
          {"find d -mindepth 3 | sort", "d/e/f/g.TXT\n"},
          {"find d -path '*/e/*' -type f | sort", "d/e/c.txt\nd/e/f/g.TXT\n"},
          {"find d -size +4c -type f", "d/a.txt\n"},
          {"find d -size 0", "d/b.log\n"},
          {"find d -type f ! -name '*.txt' | sort", "d/b.log\nd/e/f/g.TXT\n"},
          {"find d \\( -name a.txt -o -name b.log \\) -print | sort", "d/a.txt\nd/b.log\n"},
          {"find d -name e -prune -o -type f -print | sort", "d/a.txt\nd/b.log\n"},
          {"touch -d '2 days ago' d/a.txt; find d -type f -mtime +1", "d/a.txt\n"},
          {"touch -d '10 minutes ago' d/a.txt; find d -type f -mmin +5", "d/a.txt\n"},
          {"touch -d '1 hour ago' d/*.* d/e/*.*; find d -type f -newer d/a.txt", "d/e/f/g.TXT\n"},
          {"chmod 600 d/a.txt; find d -perm 600; find d -type f -perm -004 | sort",
           "d/a.txt\nd/b.log\nd/e/c.txt\nd/e/f/g.TXT\n"},
          {"find d -name a.txt -exec echo got {} \\;", "got d/a.txt\n"},
          {"find d -name '*.txt' -exec echo {} + | tr ' ' '\\n' | sort", "d/a.txt\nd/e/c.txt\n"},
          {"find d -name '*.log' -delete; find d -name '*.log'"},
          {"find d/e -delete; ls d", "a.txt\nb.log\n"},
          {"find d -name a.txt -printf '%p %f %h %s %m %y %d %P\\n'", "d/a.txt a.txt d 5 644 f 1 a.txt\n"},
          {"find d -regex '.*/[ab]\\..*' | sort", "d/a.txt\nd/b.log\n"},
          {"find d -type f -name 'a*' -print0 | xargs -0 echo", "d/a.txt\n"},
          {"find d -name a.txt -quit", ""},
          {"find d x -maxdepth 0", "d\n", "find: 'x': No such file or directory\n", 1},
          {"find d -exec false \\; -name a.txt", ""},
          {"find . -name d foo", "", "find: paths must precede expression: `foo'\n", 1},
      },
      kTree);
}

TEST_CASE("xargs") {
  check_rows({
      {"printf 'a b\\nc\\n' | xargs", "a b c\n"},
      {"printf 'a b c d e' | xargs -n 2", "a b\nc d\ne\n"},
      {"printf 'a b\\nc\\n' | xargs -I{} echo '<{}>'", "<a b>\n<c>\n"},
      {"printf 'a b\\nc d\\ne\\n' | xargs -L 2 echo", "a b c d\ne\n"},
      {"printf '' | xargs echo x", "x\n"},
      {"printf '' | xargs -r echo x"},
      {"printf 'a\\0b c\\0' | xargs -0 -n1 echo", "a\nb c\n"},
      {"printf 'a,b,c' | xargs -d, -n1 echo", "a\nb\nc\n"},
      {"printf '\"a b\" c\\n' | xargs -n1 echo", "a b\nc\n"},
      {"echo a | xargs -t echo", "a\n", "echo a\n"},
      {"echo a | xargs false", "", "", 123},
      {"echo a | xargs nosuchtool", "", "xargs: nosuchtool: No such file or directory\n", 127},
      {"printf 'it'\"'\"'s' | xargs", "",
       "xargs: unmatched single quote; by default quotes are special to xargs unless you use the -0 option\n", 1},
      {"printf '1 2 3' | xargs -P 3 -n1 | sort", "1\n2\n3\n"},
      {"echo 3 | xargs sh -c 'exit 255' x", "", "xargs: sh: exited with status 255; aborting\n", 124},
  });
}

TEST_CASE("stat, readlink, realpath, basename, dirname") {
  check_rows({
      {"printf hello > a; stat -c '%n %s %a %A %U %G %h %F' a", "a 5 644 -rw-r--r-- root root 1 regular file\n"},
      {"touch a; stat -c '%F' a .; stat --printf='%n\\t%s\\n' a", "regular empty file\ndirectory\na\t0\n"},
      {"stat nofile", "", "stat: cannot statx 'nofile': No such file or directory\n", 1},
      {"ln -s t l; stat -c '%N %F' l", "'l' -> 't' symbolic link\n"},
      {"stat", "", "stat: missing operand\nTry 'stat --help' for more information.\n", 1},
      {"ln -s t l; readlink l; readlink t; basename $(readlink -f l)", "t\nt\n"},
      {"mkdir d; ln -s d l; cd l; [ $(readlink -f ../d) = $(realpath .) ] && echo same", "same\n"},
      {"readlink -e nofile; echo $?; x=$(readlink -m x/y/z); echo ${x#$PWD/}", "1\nx/y/z\n"},
      {"realpath nodir/x", "", "realpath: nodir/x: No such file or directory\n", 1},
      {"mkdir -p a/b c; realpath --relative-to=a/b c", "../../c\n"},
      {"basename /a/b.c; basename /a/b.c .c; basename -a x/y z/; basename -s .txt q/a.txt; basename /",
       "b.c\nb\ny\nz\na\n/\n"},
      {"basename", "", "basename: missing operand\nTry 'basename --help' for more information.\n", 1},
      {"basename a b c", "", "basename: extra operand 'c'\nTry 'basename --help' for more information.\n", 1},
      {"dirname /a/b c a/b/ /a /", "/a\n.\na\n/\n/\n"},
  });
}

TEST_CASE("expr") {
  check_rows({
      {"expr 1 + 2; expr 3 '*' 4; expr 7 / 2; expr 7 % 2; expr -- -7 / 2", "3\n12\n3\n1\n-3\n"},
      {"expr a : 'b*'", "0\n", "", 1},
      {"expr abc : 'a\\(.\\)'; expr abcd : 'ab'; expr length abc; expr substr hello 2 3; expr index hello lo",
       "b\n2\n3\nell\n3\n"},
      {"expr 1 / 0", "", "expr: division by zero\n", 2},
      {"expr a + 1", "", "expr: non-integer argument\n", 2},
      {"expr 0", "0\n", "", 1},
      {"expr 5 '>' 3 '&' 0; expr '(' 1 + 2 ')' '*' 3; expr b '>' a", "0\n9\n1\n"},
      {"expr 1 2", "", "expr: syntax error: unexpected argument '2'\n", 2},
      {"expr 1 +", "", "expr: syntax error: missing argument after '+'\n", 2},
      {"expr", "", "expr: missing operand\nTry 'expr --help' for more information.\n", 2},
      {"timeout 0.001 yes >/dev/null; echo $?", "124\n"},
      {"find . -maxdepth 0 -exec printf '%s-%03d\\n' a 7 \\; -exec echo -n x \\; -print", "a-007\nx.\n"},
  });
}
