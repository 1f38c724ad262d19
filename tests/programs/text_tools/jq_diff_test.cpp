// Every expectation is what the real tool printed for the same line (Debian 12, LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

namespace {

const TextToolRow kRows[] = {
    {R"~(echo '{"a":[1,2,{"b":"x"}],"c":null}' | jq .; echo '[]' | jq .; echo '{"b":1,"a":2}' | jq -S -c .)~", R"~({
  "a": [
    1,
    2,
    {
      "b": "x"
    }
  ],
  "c": null
}
[]
{"a":2,"b":1}
)~",
     "", 0},
    {R"~(echo '"hi"' | jq -r .; jq -n '[range(3)]|add'; jq -nc --arg x 1 '$x, $ARGS.named'; printf '1 2 3' | jq -sc 'map(.*2)')~",
     "hi\n3\n\"1\"\n{\"x\":\"1\"}\n[2,4,6]\n", "", 0},
    {R"~(printf 'p\nq\n' | jq -R .; echo '1 2' | jq -nc '[inputs]'; echo null | jq -e .)~",
     "\"p\"\n\"q\"\n[1,2]\nnull\n", "", 1},
    {"echo 1 | jq .a", "", "jq: error (at <stdin>:1): Cannot index number with string \"a\"\n", 5},
    {"jq -n nosuch", "", "jq: error: nosuch/0 is not defined at <top-level>, line 1:\nnosuch\njq: 1 compile error\n",
     3},
    {"printf 'a\\nb\\nc\\n' > 1; printf 'a\\nX\\nc\\nd' > 2; diff 1 2", R"~(2c2
< b
---
> X
3a4
> d
\ No newline at end of file
)~",
     "", 1},
    {"printf 'a\\nb\\nc\\n' > 1; printf 'a\\nX\\nc\\nd' > 2; diff -u 1 2 | tail -n +3; diff -q 1 2; diff 1 1",
     R"~(@@ -1,3 +1,4 @@
 a
-b
+X
 c
+d
\ No newline at end of file
Files 1 and 2 differ
)~",
     "", 0},
    {"printf 'A  b\\n' > 1; printf 'a b\\n' > 2; diff -i -b 1 2 && diff -iw 1 2 && echo same", "same\n", "", 0},
    {"mkdir d e; echo 1 > d/f; echo 2 > e/f; touch e/x; diff -r d e", R"~(diff -r d/f e/f
1c1
< 1
---
> 2
Only in e: x
)~",
     "", 1},
    {"diff a", "", "diff: missing operand after 'a'\ndiff: Try 'diff --help' for more information.\n", 2},
    {"echo x > 1; diff 1 nofile", "", "diff: nofile: No such file or directory\n", 2},
};

}  // namespace

TEST_CASE("jq and diff print what the real ones print") { check_rows(kRows); }
