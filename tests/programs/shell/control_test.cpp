// Compound commands, functions, codes: what bash prints for each script, word for word.
#include "tests/programs/shell/shell_rows.h"

using namespace drydock;

TEST_CASE("shell: compound commands, functions, codes") {
  check_rows({
      {R"sh(touch a1 a2 b1 c.txt; echo a* ?1 [ab]1 *.txt nomatch* "a*" [!a]1; shopt -s extglob; echo @(a|b)1 !(a*) +([a-z])1)sh",
       "", R"sh(bash: -c: line 1: syntax error near unexpected token `('
bash: -c: line 1: `touch a1 a2 b1 c.txt; echo a* ?1 [ab]1 *.txt nomatch* "a*" [!a]1; shopt -s extglob; echo @(a|b)1 !(a*) +([a-z])1'
)sh",
       2},
      {"case hello in h*) echo one;;& *o) echo two;& x) echo three;; *) echo four;; esac",
       R"sh(one
two
three
)sh",
       "", 0},
      {"(exit 3); e=$?; echo $e $?; x=$(exit 4); echo $?; y=$(exit 5)$?; echo $y $?; $(exit 6); echo $?",
       "3 0\n4\n5 5\n6\n", "", 0},
      {"f() { local x=1; y=2; return 3; }; x=0; f; echo $? $x $y", "3 0 2\n", "", 0},
      {"(exit 5); echo $?; x=$(echo a; exit 7); echo $? $x; echo $(echo $(echo nested))",
       R"sh(5
7 a
nested
)sh",
       "", 0},
      {"readonly r=1; r=2; echo after $r", "", "bash: line 1: r: readonly variable\n", 1},
      {R"sh(foo; echo $?; ./nosuch; echo $?; /tmp; echo $?; touch nox; ./nox; echo $?; cat < nosuch; echo $?; echo x > /nodir/x; echo $?; a="1 2"; echo x > $a)sh",
       R"sh(127
127
126
126
1
1
)sh",
       R"sh(bash: line 1: foo: command not found
bash: line 1: ./nosuch: No such file or directory
bash: line 1: /tmp: Is a directory
bash: line 1: ./nox: Permission denied
bash: line 1: nosuch: No such file or directory
bash: line 1: /nodir/x: No such file or directory
bash: line 1: $a: ambiguous redirect
)sh",
       1},
      {"if true; then echo x; fi)", "", R"sh(bash: -c: line 1: syntax error near unexpected token `)'
bash: -c: line 1: `if true; then echo x; fi)'
)sh",
       2},
      {R"sh(echo "unterminated)sh", "", R"sh(bash: -c: line 1: unexpected EOF while looking for matching `"'
)sh",
       2},
      {R"sh(echo hi
)
echo after)sh",
       "hi\n", R"sh(bash: -c: line 2: syntax error near unexpected token `)'
bash: -c: line 2: `)'
)sh",
       2},
      {R"sh(echo $'a\tb\n\x41\u4e2d'; echo "a\tb"; echo -e 'a\tb\x41'; echo -n x; echo; echo -E 'a\n')sh",
       R"sh(a	b
A中
a\tb
a	bA
x
a\n
)sh",
       "", 0},
      {"echo a; echo b >&2; (echo sub; echo suberr >&2); { echo grp; }; echo $(echo out; echo err >&2)",
       R"sh(a
sub
grp
out
)sh",
       R"sh(b
suberr
err
)sh",
       0},
      {"echo one; exit 0; echo two", "one\n", "", 0},
      {"while :; do break; done; echo $?; for i in; do :; done; echo $?; until true; do :; done; case x in y) ;; esac; "
       "echo $?",
       R"sh(0
0
0
)sh",
       "", 0},
  });
}
