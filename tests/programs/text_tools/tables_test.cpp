// column, paste, join, comm, nl, fold, expand, split, cmp: what coreutils 9.1, util-linux 2.38 and
// diffutils 3.8 printed (LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

TEST_CASE("column") {
  static constexpr TextToolRow kRows[] = {
      {"column -t b", "b  3\na  10\nc  2\na  1\n", "", 0},
      {"printf 'a:b::x\\nccc:d\\n' | column -t -s: -o ' | '", "a   | b |  | x\nccc | d |  | \n", "", 0},
      {"column -t -N K,V b", "K  V\nb  3\na  10\nc  2\na  1\n", "", 0},
      {"column -t -R 2 b", "b   3\na  10\nc   2\na   1\n", "", 0},
      {"seq 30 | column -c 40",
       "1\t7\t13\t19\t25\n2\t8\t14\t20\t26\n3\t9\t15\t21\t27\n4\t10\t16\t22\t28\n5\t11\t17\t23\t29\n6\t12\t18\t24\t30"
       "\n",
       "", 0},
      {"seq 12 | column -x -c 40", "1\t2\t3\t4\t5\n6\t7\t8\t9\t10\n11\t12\n", "", 0},
      {"column -t -s, csv", "x  y  \"z\"\n1  2  3\n", "", 0},
      {"column nofile", "", "column: nofile: No such file or directory\n", 1},
      {"column -q", "", "column: invalid option -- 'q'\nTry 'column --help' for more information.\n", 1},
  };
  check_rows(kRows);
}

TEST_CASE("paste, join, comm") {
  static constexpr TextToolRow kRows[] = {
      {"paste n b", "1\tb 3\n2\ta 10\n3\tc 2\n4\ta 1\n5\t\n6\t\n7\t\n8\t\n9\t\n10\t\n", "", 0},
      {"paste -d, n b n | head -3", "1,b 3,1\n2,a 10,2\n3,c 2,3\n", "", 0},
      {"paste -s n", "1\t2\t3\t4\t5\t6\t7\t8\t9\t10\n", "", 0},
      {"paste -sd+ n", "1+2+3+4+5+6+7+8+9+10\n", "", 0},
      {"seq 6 | paste - - -", "1\t2\t3\n4\t5\t6\n", "", 0},
      {"paste -d '\\n' b b | head -4", "b 3\nb 3\na 10\na 10\n", "", 0},
      {"paste nofile", "", "paste: nofile: No such file or directory\n", 1},
      {"sort b > s; printf 'a x\\nc y\\nd z\\n' > t; join s t", "a 1 x\na 10 x\nc 2 y\n", "", 0},
      {"sort b > s; printf 'a x\\nc y\\nd z\\n' > t; join -a1 -a2 -e - -o 0,1.2,2.2 s t",
       "a 1 x\na 10 x\nb 3 -\nc 2 y\nd - z\n", "", 0},
      {"sort b > s; printf 'a x\\nc y\\nd z\\n' > t; join -v2 s t", "d z\n", "", 0},
      {"printf 'k1,1\\nk2,2\\n' > s; printf 'k1,9\\n' > t; join -t, s t", "k1,1,9\n", "", 0},
      {"join a", "", "join: missing operand after 'a'\nTry 'join --help' for more information.\n", 1},
      {"printf 'a\\nb\\nd\\n' > s; printf 'b\\nc\\nd\\n' > t; comm s t; comm -12 s t; comm -3 s t; comm --total -123 s "
       "t",
       "a\n\t\tb\n\tc\n\t\td\nb\nd\na\n\tc\n1\t1\t2\ttotal\n", "", 0},
      {"printf 'a\\nb\\nd\\n' > s; printf 'b\\nc\\nd\\n' > t; comm -23 --output-delimiter=, s t", "a\n", "", 0},
      {"comm a", "", "comm: missing operand after 'a'\nTry 'comm --help' for more information.\n", 1},
  };
  check_rows(kRows);
}

TEST_CASE("nl, fold, expand, unexpand") {
  static constexpr TextToolRow kRows[] = {
      {"nl a", "     1\tone two three\n     2\talpha beta gamma\n     3\t10 20 30\n       \n     4\tlast line here\n",
       "", 0},
      {"nl -ba -w3 -s': ' a", "  1: one two three\n  2: alpha beta gamma\n  3: 10 20 30\n  4: \n  5: last line here\n",
       "", 0},
      {"nl -nrz -v5 -i5 b", "000005\tb 3\n000010\ta 10\n000015\tc 2\n000020\ta 1\n", "", 0},
      {"nl -bp^a b", "       b 3\n     1\ta 10\n       c 2\n     2\ta 1\n", "", 0},
      {"nl -b q a", "", "nl: invalid body numbering style: 'q'\nTry 'nl --help' for more information.\n", 1},
      {"nl -w 0 a", "", "nl: invalid line number field width: '0': Numerical result out of range\n", 1},
      {"fold -w 5 a | head -4", "one t\nwo th\nree\nalpha\n", "", 0},
      {"fold -s -w 10 a | head -4", "one two \nthree\nalpha \nbeta gamma\n", "", 0},
      {"fold -w x a", "", "fold: invalid number of columns: 'x'\n", 1},
      {"printf 'a\\tb\\n\\tc\\n' | expand", "a       b\n        c\n", "", 0},
      {"printf 'a\\tb\\n' | expand -t 4", "a   b\n", "", 0},
      {"printf 'a\\tb\\n' | expand -t x", "", "expand: tab size contains invalid character(s): 'x'\n", 1},
      {"printf '        a       b\\n' | unexpand", "\ta       b\n", "", 0},
      {"printf '        a       b\\n' | unexpand -a", "\ta\tb\n", "", 0},
  };
  check_rows(kRows);
}

TEST_CASE("split, cmp") {
  static constexpr TextToolRow kRows[] = {
      {"seq 12 > m; wc < m; cat m | wc", "12 12 27\n     12      12      27\n", "", 0},
      {"split -l 4 n; wc -l x*", " 4 xaa\n 4 xab\n 2 xac\n10 total\n", "", 0},
      {"split -b 5 -d b p.; ls p.*; cat p.00", "p.00\np.01\np.02\np.03\nb 3\na", "", 0},
      {"split -n 3 n q; cat qaa; wc -c q*", "1\n2\n3\n4 7 qaa\n 7 qab\n 7 qac\n21 total\n", "", 0},
      {"split -l 3 --additional-suffix=.txt -a 3 n; ls x*", "xaaa.txt\nxaab.txt\nxaac.txt\nxaad.txt\n", "", 0},
      {"split -l x n", "", "split: invalid number of lines: 'x'\n", 1},
      {"split nofile", "", "split: cannot open 'nofile' for reading: No such file or directory\n", 1},
      {"cmp a b", "a b differ: char 1, line 1\n", "", 1},
      {"cp a c; cmp a c; echo $?", "0\n", "", 0},
      {"head -2 a > c; cmp a c", "", "cmp: EOF on c after byte 31, line 2\n", 1},
      {"cmp -s a b; echo $?", "1\n", "", 0},
      {"cmp a nofile", "", "cmp: nofile: No such file or directory\n", 2},
  };
  check_rows(kRows);
}
