// tr, seq, base64: expectations are coreutils 9.1's (LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

TEST_CASE("tr") {
  static constexpr TextToolRow kRows[] = {
      {"echo hello | tr a-y b-z", "ifmmp\n", "", 0},
      {"echo Hello | tr '[:upper:]' '[:lower:]'; echo Hello | tr '[:lower:]' '[:upper:]'", "hello\nHELLO\n", "", 0},
      {"echo 'a  b   c' | tr -s ' '; echo aabbcc | tr -s ab x", "a b c\nxcc\n", "", 0},
      {"echo a1b2 | tr -d '[:digit:]'; printf 'a\\nb\\n' | tr -d '\\n'; echo", "ab\nab\n", "", 0},
      {"echo 'a,b;c' | tr -c '[:alnum:]\\n' _; echo abc123 | tr -cd '[:digit:]'; echo", "a_b_c\n123\n", "", 0},
      {"echo abcdef | tr -t abcd xy; echo abcdef | tr abcd xy", "xycdef\nxyyyef\n", "", 0},
      {"echo abc | tr abc '[x*]'; echo abcde | tr a-e '[x*2][y*]'; echo 12 | tr 12 '[=a=]'", "xxx\nxxyyy\n",
       "tr: [=c=] expressions may not appear in string2 when translating\n", 1},
      {"echo a:b | tr : '\\012'; echo a-b | tr -- - _; echo 'a\\b' | tr '\\\\' /", "a\nb\na_b\na/b\n", "", 0},
      {"echo 'xay' | tr '\\141' Z; echo tab | tr b '\\t'", "xZy\nta\t\n", "", 0},
      {"echo aabb | tr -ds a b; echo $PATH | tr : '\\n' | tail -1", "b\n/bin\n", "", 0},
      {"tr", "", "tr: missing operand\nTry 'tr --help' for more information.\n", 1},
      {"tr a", "",
       "tr: missing operand after 'a'\nTwo strings must be given when translating.\nTry 'tr --help' for more "
       "information.\n",
       1},
      {"tr -d a b", "",
       "tr: extra operand 'b'\nOnly one string may be given when deleting without squeezing repeats.\nTry 'tr --help' "
       "for more information.\n",
       1},
      {"tr z-a b", "", "tr: range-endpoints of 'z-a' are in reverse collating sequence order\n", 1},
      {"tr '[:foo:]' b", "", "tr: invalid character class 'foo'\n", 1},
      {"tr a ''", "", "tr: when not truncating set1, string2 must be non-empty\n", 1},
      {"tr abc '[:digit:]'", "",
       "tr: when translating, the only character classes that may appear in\nstring2 are 'upper' and 'lower'\n", 1},
      {"tr abc '[:lower:]'", "", "tr: misaligned [:upper:] and/or [:lower:] construct\n", 1},
      {"tr '[a*]' b", "", "tr: the [c*] repeat construct may not appear in string1\n", 1},
      {"tr -x a b", "", "tr: invalid option -- 'x'\nTry 'tr --help' for more information.\n", 1},
  };
  check_rows(kRows);
}

TEST_CASE("seq") {
  static constexpr TextToolRow kRows[] = {
      {"seq 3; seq 2 4; seq 1 2 6; seq 3 -1 1; seq 5 1", "1\n2\n3\n2\n3\n4\n1\n3\n5\n3\n2\n1\n", "", 0},
      {"seq -s, 4; seq -s ' ' -2 2; seq -w 8 11", "1,2,3,4\n-2 -1 0 1 2\n08\n09\n10\n11\n", "", 0},
      {"seq 0 0.1 0.4; seq 1 .5 2; seq 0.5 3", "0.0\n0.1\n0.2\n0.3\n0.4\n1.0\n1.5\n2.0\n0.5\n1.5\n2.5\n", "", 0},
      {"seq -w 9.5 .5 10; seq -w -1 1; seq -w 1 10.00",
       "09.5\n10.0\n-1\n00\n01\n01\n02\n03\n04\n05\n06\n07\n08\n09\n10\n", "", 0},
      {"seq -f 'pod-%02g' 2; seq -f %.2f 1; seq -f '%g%%' 1", "pod-01\npod-02\n1.00\n1%\n", "", 0},
      {"seq 1000000 | tail -1; seq 1e1 | tail -1; seq 99999999999 100000000000",
       "1000000\n10\n99999999999\n100000000000\n", "", 0},
      {"seq inf | head -2; seq 1 | wc -l", "1\n2\n1\n", "", 0},
      {"seq", "", "seq: missing operand\nTry 'seq --help' for more information.\n", 1},
      {"seq a", "", "seq: invalid floating point argument: 'a'\nTry 'seq --help' for more information.\n", 1},
      {"seq 1 0 3", "", "seq: invalid Zero increment value: '0'\nTry 'seq --help' for more information.\n", 1},
      {"seq 1 2 3 4", "", "seq: extra operand '4'\nTry 'seq --help' for more information.\n", 1},
      {"seq -f x 3", "", "seq: format 'x' has no % directive\n", 1},
      {"seq -f %d 3", "", "seq: format '%d' has unknown %d directive\n", 1},
      {"seq -f %f%f 3", "", "seq: format '%f%f' has too many % directives\n", 1},
      {"seq -w -f %f 3", "",
       "seq: format string may not be specified when printing equal width strings\nTry 'seq --help' for more "
       "information.\n",
       1},
  };
  check_rows(kRows);
}

TEST_CASE("base64") {
  static constexpr TextToolRow kRows[] = {
      {"echo hello | base64; printf admin | base64; printf '' | base64", "aGVsbG8K\nYWRtaW4=\n", "", 0},
      {"printf %060d 0 | base64; printf %060d 0 | base64 -w 0; echo",
       "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw\nMDAw\n"
       "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAw\n",
       "", 0},
      {"echo aGVsbG8K | base64 -d; echo aGVs bG8K | base64 --decode -i; printf YW | base64 -d", "hello\nhello\na",
       "base64: invalid input\n", 1},
      {"printf 'YWJj!' | base64 -d", "abc", "base64: invalid input\n", 1},
      {"printf 'YQ==YWI=' | base64 -d", "aab", "", 0},
      {"base64 -w x n", "", "base64: invalid wrap size: 'x'\n", 1},
      {"base64 nofile", "", "base64: nofile: No such file or directory\n", 1},
      {"base64 a b", "", "base64: extra operand 'b'\nTry 'base64 --help' for more information.\n", 1},
      {"base64 /tmp", "", "base64: read error: Is a directory\n", 1},
      {"printf foobar | base32; printf fo | base32; echo MZXW6YTB | base32 -d", "MZXW6YTBOI======\nMZXQ====\nfooba", "",
       0},
  };
  check_rows(kRows);
}
