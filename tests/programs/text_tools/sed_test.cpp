// Every expectation is what the real tool printed for the same line (Debian 12, LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

namespace {

const TextToolRow kRows[] = {
    {R"~(sed 's/one/1/; s/\(two\) \(three\)/\2 \1/' a; sed -n '2p;$p' a; sed 2,3d a; sed '/^$/d' a)~", R"~(1 three two
alpha beta gamma
10 20 30

last line here
alpha beta gamma
last line here
one two three

last line here
one two three
alpha beta gamma
10 20 30
last line here
)~",
     "", 0},
    {R"~(sed -E 's/([a-z]+) ([a-z]+)/\U\1\E \u\2/g' a; sed 's/[aeiou]/\L&/2g' a; sed 's/e/E/3' a; sed -n 's/a/A/gp' a; sed 's/a/[&]/;s/b/\&/' a)~",
     R"~(ONE Two three
ALPHA Beta gamma
10 20 30

LAST Line here
one two three
alpha beta gamma
10 20 30

last line here
one two threE
alpha beta gamma
10 20 30

last line herE
AlphA betA gAmmA
lAst line here
one two three
[a]lpha &eta gamma
10 20 30

l[a]st line here
)~",
     "", 0},
    {"sed '0,/a/d' b; sed '1~3d' n; sed -n '2,+2p' n; sed -n '2,~4p' n; sed -n '/3/,/5/p' n; sed '5,2d' n; sed -n '$=' "
     "n; sed '2!d' n; sed '3q' n; sed '3Q' n; sed '2q7' n; echo $?",
     R"~(c 2
a 1
2
3
5
6
8
9
2
3
4
2
3
4
3
4
5
1
2
3
4
6
7
8
9
10
10
2
1
2
3
1
2
1
2
7
)~",
     "", 0},
    {R"~(sed '1i\top' b; sed '1i top' b; sed '$a\  end' b; sed '2c\changed' b; sed '2,3c range' b; sed '/a/a after' b; sed -e 'a\' -e 'multi' b)~",
     R"~(top
b 3
a 10
c 2
a 1
top
b 3
a 10
c 2
a 1
b 3
a 10
c 2
a 1
  end
b 3
changed
c 2
a 1
b 3
range
a 1
b 3
a 10
after
c 2
a 1
after
b 3
multi
a 10
multi
c 2
multi
a 1
multi
)~",
     "", 0},
    {R"~(sed 'N;s/\n/+/' n; sed -n 'H;${x;s/\n/,/g;p}' n; sed '1!G;h;$!d' n; sed '$!N;P;D' n; sed ':a;N;$!ba;s/\n/ /g' n; sed -n '$!{h;d};H;x;p' n)~",
     R"~(1+2
3+4
5+6
7+8
9+10
,1,2,3,4,5,6,7,8,9,10
10
9
8
7
6
5
4
3
2
1
1
2
3
4
5
6
7
8
9
10
1 2 3 4 5 6 7 8 9 10
9
10
)~",
     "", 0},
    {R"~(sed 'y/abc/xyz/' b; sed = b; sed -n l a; sed 's/ /\n/' b; sed 's/ /\t/;s/$/\x41/' b; sed 'n;d' n)~", R"~(y 3
x 10
z 2
x 1
1
b 3
2
a 10
3
c 2
4
a 1
one two three$
alpha beta gamma$
10 20 30$
$
last line here$
b
3
a
10
c
2
a
1
b	3A
a	10A
c	2A
a	1A
1
3
5
7
9
)~",
     "", 0},
    {"sed -i 's/a/Z/' b; cat b; sed -i.bak 's/Z/a/' b; ls b*; cat b.bak; sed -i -e '1i x' -e '$a y' n; cat n; sed -ni "
     "2p a; cat a",
     R"~(b 3
Z 10
c 2
Z 1
b
b.bak
b 3
Z 10
c 2
Z 1
x
1
2
3
4
5
6
7
8
9
10
y
alpha beta gamma
)~",
     "", 0},
    {R"~(sed 's/a/b' b; sed k b; sed pp b; sed 1 b; sed 3, b; sed y/ab/c/ b; sed 's/\(a/b/' b; sed 's/a/\1/' b; sed a b; sed 0p b; sed s/a/b/gg b; sed : b; sed '}' b; sed /a b; sed r b; sed s/a/b/0 b; sed 2,3q b; sed '{p' b; sed 'b foo' b; sed 's/a/b/k' b; echo $?)~",
     R"~(1
)~",
     R"~(sed: -e expression #1, char 5: unterminated `s' command
sed: -e expression #1, char 1: unknown command: `k'
sed: -e expression #1, char 2: extra characters after command
sed: -e expression #1, char 1: missing command
sed: -e expression #1, char 2: unexpected `,'
sed: -e expression #1, char 7: strings for `y' command are different lengths
sed: -e expression #1, char 8: Unmatched ( or \(
sed: -e expression #1, char 7: invalid reference \1 on `s' command's RHS
sed: -e expression #1, char 1: expected \ after `a', `c' or `i'
sed: -e expression #1, char 2: invalid usage of line address 0
sed: -e expression #1, char 8: multiple `g' options to `s' command
sed: -e expression #1, char 1: ":" lacks a label
sed: -e expression #1, char 1: unexpected `}'
sed: -e expression #1, char 2: unterminated address regex
sed: -e expression #1, char 1: missing filename in r/R/w/W commands
sed: -e expression #1, char 7: number option to `s' command may not be zero
sed: -e expression #1, char 4: command only uses one address
sed: -e expression #1, char 0: unmatched `{'
sed: can't find label for jump to `foo'
sed: -e expression #1, char 7: unknown option to `s'
)~",
     0},
    {"sed p nofile; echo $?; sed -n p nofile b; echo $?; sed p /tmp; echo $?; sed -i s/a/b/ nofile; sed --bad "
     "2>/dev/null; echo $?",
     R"~(2
b 3
a 10
c 2
a 1
2
4
1
)~",
     R"~(sed: can't read nofile: No such file or directory
sed: can't read nofile: No such file or directory
sed: read error on /tmp: Is a directory
sed: can't read nofile: No such file or directory
)~",
     0},
    {"sed -s -n '1p;$p' b n; sed -n '1p;$p' b n; sed 'r b' csv; sed '1w /tmp/w1' b >/dev/null; cat /tmp/w1; sed -n "
     "'s/a/Q/w /dev/stdout' b",
     R"~(b 3
a 1
1
10
b 3
10
x,y,"z"
b 3
a 10
c 2
a 1
1,2,3
b 3
a 10
c 2
a 1
b 3
Q 10
Q 1
)~",
     "", 0},
    {R"~(sed ':a; s/^\([^ ]*\) /\1_/; ta' a; sed -e '/two/{s/one/X/;s/three/Y/}' -e 's/$/!/' a; sed -n '/alpha/{p;q}' a; sed 's,/,|,g;s|x|/|' csv; sed 's/\./-/g;s/"//g' csv)~",
     R"~(one_two_three
alpha_beta_gamma
10_20_30

last_line_here
X two Y!
alpha beta gamma!
10 20 30!
!
last line here!
alpha beta gamma
/,y,"z"
1,2,3
x,y,z
1,2,3
)~",
     "", 0},
    {R"~(sed 's/a*/x/g' b; echo hello | sed 's/l*/X/g'; echo abc | sed 's/x*/-/g'; echo baaac | sed 's/a*/x/2'; echo 'aXb' | sed 's/x/-/I'; echo "one.two" | sed 's/[.]/ /'; echo 'a+b' | sed 's/a+b/ok/'; echo 'aab' | sed 's/a\+b/ok/'; echo 'a{2}' | sed 's/a{2}/x/'; echo aa | sed -E 's/a{2}/x/')~",
     R"~(xbx x3x
x x1x0x
xcx x2x
x x1x
XhXeXoX
-a-b-c-
bxc
a-b
one two
ok
ok
x
x
)~",
     "", 0},
    {R"~(echo abcd | sed -E 's/(a|ab)(c|bcd)/[\1][\2]/'; echo 'foo bar' | sed 's/\bbar\b/X/;s/\<foo\>/Y/'; echo 'a b' | sed 's/\s/_/;s/\w/W/'; printf 'k: v\n' | sed -n 's/^k:[[:space:]]*//p'; echo 'path=/usr/bin' | sed 's#=/usr#=/opt#')~",
     R"~([a][bcd]
Y X
W_b
v
path=/opt/bin
)~",
     "", 0},
    {R"~(printf '%s\n' 's/a/1/' '/c/d' > sc; sed -f sc b; sed -n -f sc b; printf '#n\np\n' > s2; sed -f s2 b; sed '#comment
p # other
d' b; sed --expression='s/a/b/' b; sed 's/a/x/;# c' b)~",
     R"~(b 3
1 10
1 1
b 3
a 10
c 2
a 1
b 3
a 10
c 2
a 1
b 3
b 10
c 2
b 1
b 3
x 10
c 2
x 1
)~",
     "", 0},
    {R"~(sed -n '/start/,/end/{//!p}' <<X
start
in
end
X
sed '/a/!s/^/# /' b; sed '/^#/!{s/x/y/}' csv; sed '1d;$d' n; sed -n '3,${p;5q}' n; sed '/1/,/2/s/$/ #/' n; sed 'x;p;x' b; sed G b)~",
     R"~(in
# b 3
a 10
# c 2
a 1
y,y,"z"
1,2,3
2
3
4
5
6
7
8
9
3
4
5
1 #
2 #
3
4
5
6
7
8
9
10 #

b 3

a 10

c 2

a 1
b 3

a 10

c 2

a 1

)~",
     "", 0},
    {R"~(sed "s/port: .*/port: 8080/" <<X
kind: Service
port: 80
X
sed -E 's/^( *)image: .*/\1image: nginx:1.25/' <<X
  image: nginx
X
sed '/kind/a\  foo: bar' <<X
kind: Pod
X
sed 'T;s/a/b/' b; sed -n '/a/=' b; sed 's/a/b/e' csv | head -1; echo 'echo hi' | sed e; sed '1e echo pre' b)~",
     R"~(kind: Service
port: 8080
  image: nginx:1.25
kind: Pod
  foo: bar
b 3
a 10
c 2
a 1
2
4
x,y,"z"
hi
pre
b 3
a 10
c 2
a 1
)~",
     "", 0},
};

}  // namespace

TEST_CASE("sed: what GNU sed prints") { check_rows(kRows); }
