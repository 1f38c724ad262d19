// Quoting, expansions, here-documents: what bash prints for each script, word for word.
#include "tests/programs/shell/shell_rows.h"

using namespace drydock;

TEST_CASE("shell: quoting, expansions, here-documents") {
  check_rows({
      {R"sh(echo "a b" 'c d' e\ f "x$((1+2))y")sh", "a b c d e f x3y\n", "", 0},
      {R"sh(cat <<-'E'
	a $HOME
	b
	E
cat <<A; cat <<"B"
x $((2*3)) `echo hi` \$x
A
$y
B)sh",
       R"sh(a $HOME
b
x 6 hi $x
$y
)sh",
       "", 0},
      {R"sh(echo {a,b}{1..3} {01..10..3} {a..e..2} x{,y}z {5..1} a{b c} {a} \{a,b\})sh",
       "a1 a2 a3 b1 b2 b3 01 04 07 10 a c e xz xyz 5 4 3 2 1 a{b c} {a} {a,b}\n", "", 0},
      {"x=hello.tar.gz; echo ${x%.*} ${x%%.*} ${x#*.} ${x##*.} ${x/l/L} ${x//l/L} ${x/#he/HE} ${x/%gz/GZ} ${x^} ${x^^} "
       "${#x} ${x:1:3} ${x: -2} ${x:2}",
       "hello.tar hello tar.gz gz heLlo.tar.gz heLLo.tar.gz HEllo.tar.gz hello.tar.GZ Hello.tar.gz HELLO.TAR.GZ 12 ell "
       "gz llo.tar.gz\n",
       "", 0},
      {R"sh(unset u; echo ${u:-d} ${u-e} ${u:+f}. ${u:=g} $u; e=; echo "${e:-x}${e-y}." ${e:+z}. ${e+w})sh",
       R"sh(d e . g g
x. . w
)sh",
       "", 0},
      {"unset u; echo ${u:?missing}; echo after", "", "bash: line 1: u: missing\n", 127},
      {R"sh(n=x; x=5; echo ${!n}; a=(1 2 "3 4"); echo ${a[@]} ${#a[@]} ${!a[@]} "${a[2]}" ${a[-1]}; a+=(5); echo ${#a[@]}; unset 'a[1]'; echo "${!a[@]}"; for i in "${a[@]}"; do echo "[$i]"; done)sh",
       R"sh(5
1 2 3 4 3 0 1 2 3 4 3 4
4
0 2 3
[1]
[3 4]
[5]
)sh",
       "", 0},
      {"echo $((1+2*3)) $((10/3)) $((10%3)) $((2**10)) $((1<<4)) $((5>3&&2>1)) $((5&3)) $((5|3)) $((5^3)) $((~5)) "
       "$((!5)) $((1?2:3)) $((x=5,x+1)) $((x++)) $x $((--x)) $((0x1f)) $((010)) $((2#101)) $((-7/2))",
       "7 3 1 1024 16 1 1 7 6 -6 0 2 6 5 6 5 31 8 5 -3\n", "", 0},
      {R"sh(((x=5)); echo $?; ((0)); echo $?; let y=3+4; echo $y; for ((i=0;i<3;i++)); do echo -n "$i "; done; echo)sh",
       R"sh(0
1
7
0 1 2 
)sh",
       "", 0},
      {"echo $((1/0)); echo after", "", R"sh(bash: line 1: 1/0: division by 0 (error token is "0")
)sh",
       1},
      {"echo $((1 +)); echo after", "", R"sh(bash: line 1: 1 +: syntax error: operand expected (error token is "+")
)sh",
       1},
      {R"sh(false | true; echo $?; set -o pipefail; false | true; echo $?; echo ${PIPESTATUS[@]}; ! true; echo $?; true | false | true; echo "${PIPESTATUS[*]}")sh",
       R"sh(0
1
0
1
0 1 0
)sh",
       "", 0},
      {R"sh(set -x; echo hi "a b" $((1+1)); x=5; [ $x = 5 ])sh", "hi a b 2\n", R"sh(+ echo hi 'a b' 2
+ x=5
+ '[' 5 = 5 ']'
)sh",
       0},
      {R"sh([[ hello == h* ]] && echo glob; [[ "a1b22" =~ ([0-9]+)b([0-9]+) ]] && echo ${BASH_REMATCH[0]} ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}; [[ 10 -gt 9 && ! -e /nope ]] && echo yes; [[ a < b ]] && echo less; x="a b"; [[ $x == "a b" ]] && echo eq; [[ -z $y || -n $x ]] && echo ok; [[ h == "h*" ]]; echo $?)sh",
       R"sh(glob
1b22 1 22
yes
less
eq
ok
1
)sh",
       "", 0},
      {R"sh(set -- a "b c" d; echo $# "$@" $*; for x; do echo "[$x]"; done; shift; echo $1; shift 5; echo $?; IFS=,; echo "$*"; echo $*; set --; echo $#)sh",
       R"sh(3 a b c d a b c d
[a]
[b c]
[d]
b c
1
b c,d
b c d
0
)sh",
       "", 0},
      {R"sh(x='a   b'; echo $x; echo "$x"; y=$x; echo "$y"; IFS=:; p=a:b::c; set -- $p; echo $#; for i in $p; do echo "<$i>"; done)sh",
       R"sh(a b
a   b
a   b
4
<a>
<b>
<>
<c>
)sh",
       "", 0},
      {R"sh(echo ${x@Q} ; x="it's"; echo ${x@Q} ${x@U}; a=(1 2 3 4 5); echo ${a[@]:1:2} "${a[@]: -2}"; set -- p q r; echo ${@:2} ${@:1:1} "${*:2}"; echo "${a[*]/3/X}" "${a[@]#1}")sh",
       R"sh(
'it'\''s' IT'S
2 3 4 5
q r p q r
1 2 X 4 5  2 3 4 5
)sh",
       "", 0},
      {R"sh(select x in a b; do echo "got $x"; break; done <<< 2)sh", "got b\n", R"sh(1) a
2) b
#? )sh",
       0},
      {"i=0; while true; do i=$((i+1)); [ $i -eq 2 ] && continue; [ $i -gt 4 ] && break; echo $i; done; until [ $i -le "
       "0 ]; do i=$((i-2)); done; echo $i; for a in 1 2; do for b in 1 2; do [ $b = 2 ] && continue 2; echo $a$b; "
       "done; done",
       R"sh(1
3
4
-1
11
21
)sh",
       "", 0},
      {R"sh(x=5; echo "${x}y" "$x"y '$x' "\$x" "`echo $x`" "$(echo "$x")" "${x:-"q r"}"; echo "a'b" 'a"b' a\'b)sh",
       R"sh(5y 5y $x $x 5 5 5
a'b a"b a'b
)sh",
       "", 0},
      {"echo ${a b}; echo after", "", "bash: line 1: ${a b}: bad substitution\n", 1},
      {": ${X:=default}; echo $X; echo ${X:0:3}${X:(-3)}; echo ${#}; echo $-; echo $0",
       R"sh(default
defult
0
hBc
bash
)sh",
       "", 0},
      {R"sh(let 'x = 3 > 2'; echo $x; a[3]=x; echo ${#a[@]} ${a[3]}; a=([2]=c [0]=a); echo ${a[@]}; echo "${a[@]:0:1}"; unset a; echo ${#a[@]}; a[0]+=x; a[0]+=y; echo $a)sh",
       R"sh(1
1 x
a c
a
0
xy
)sh",
       "", 0},
      {"x=10; while ((x > 7)); do ((x--)); done; echo $x; ((x+=5, y=x*2)); echo $x $y; echo $(( (1+2) * 3 )) $((x>5 ? "
       "1 : 0)); echo $((08));",
       R"sh(7
12 24
9 1
)sh",
       R"sh(bash: line 1: 08: value too great for base (error token is "08")
)sh",
       1},
      {R"sh(f() { return; echo no; }; f; echo $?; g() { false; return; }; g; echo $?; h() { echo $#; }; h "$@" a "" 'b c')sh",
       R"sh(0
1
3
)sh",
       "", 0},
      {R"sh(cat <<EOF
a\$b \\ \`x\` "q" 'q' $(echo "in") ${HOME:-x}
EOF)sh",
       R"sh(a$b \ `x` "q" 'q' in /root
)sh",
       "", 0},
      {R"sh(if [ "$1" = x ]; then echo x; elif [ -z "$1" ]; then echo empty; else echo other; fi; [ -n "" ] || echo neg)sh",
       R"sh(empty
neg
)sh",
       "", 0},
      {R"sh(echo "x: ${x:-$(echo sub "q")}" "${y:+no}" ${z-"a  b"}; echo ${PWD##*/} >/dev/null; v="a*b"; echo "$v" '*' \*)sh",
       R"sh(x: sub q  a  b
a*b * *
)sh",
       "", 0},
      {R"sh(a=1; b=2; echo $a$b ${a}${b} "$a$b" $a"$b" $((a+b)) $((a + b)) $(($a+$b)); ((a==1)) && echo eq; (( a != 1 )) || echo ne; echo $((a<<3|b)))sh",
       R"sh(12 12 12 12 3 3 3
eq
ne
10
)sh",
       "", 0},
      {R"sh(unset x; echo "${x-unset}" "${x:-null}"; x=; echo "${x-unset}" "${x:-null}"; echo ${x:?oops})sh",
       R"sh(unset null
 null
)sh",
       "bash: line 1: x: oops\n", 127},
      {R"sh(set -- -a foo -b; while [ $# -gt 0 ]; do case "$1" in -a) shift; echo "a=$1";; -b) echo b;; *) echo "?";; esac; shift; done)sh",
       R"sh(a=foo
b
)sh",
       "", 0},
      {R"sh(echo 'single'"double"$'ansi\n'mix; echo a\
b; echo "line1
line2"; echo $(( 1 +
2 )))sh",
       R"sh(singledoubleansi
mix
ab
line1
line2
3
)sh",
       "", 0},
      {R"sh([[ -f /etc/passwd && ( 1 -eq 1 || 2 -eq 3 ) ]] && echo grp; [[ ! ( a == b ) ]] && echo notgrp; [[ abc =~ b ]] && echo "${BASH_REMATCH}"; [[ $'a\nb' == *$'\n'* ]] && echo nl)sh",
       R"sh(grp
notgrp
b
nl
)sh",
       "", 0},
      {"x=abc; echo ${x:1} ${x:0:1} ${x:(-1)} ${x::2} ${x:1:-1}; y=日本語; echo ${#y} ${y:1:1}; p=/a/b/c.txt; echo "
       "${p##*/} ${p%/*} ${p%.txt}.md",
       R"sh(bc a c ab b
3 本
c.txt /a/b /a/b/c.md
)sh",
       "", 0},
      {"echo $(( 5 > 3 ? 10 : 20 )); echo $(( ++n )) $((n--)) $n; echo $(( 7 & ~2 )); echo $((-5 % 3)); echo $((2 ** 3 "
       "** 2)); echo $((1,2)); a=(1 2 3); echo $((a[1]+a[2])) $((${a[0]}+1)) $((${#a[@]}))",
       R"sh(10
1 1 0
5
-2
512
2
5 2 3
)sh",
       "", 0},
      {R"sh(echo a{1,2}b{c,d} {1..10..2} {z..w} {-2..2} "{a,b}" {a,} pre{,fix} {{a,b},c} ${HOME}{x,y} {1,}{a,b})sh",
       "a1bc a1bd a2bc a2bd 1 3 5 7 9 z y x w -2 -1 0 1 2 {a,b} a pre prefix a b c /rootx /rooty 1a 1b a b\n", "", 0},
      {"let; let 0; echo $?; (( )); echo $?; ((1)); echo $?; : $((z=9)); echo $z; [[ 5 -gt 3 ]]; echo $?; [[ abc -eq 0 "
       "]] && echo zero",
       R"sh(1
1
0
9
0
zero
)sh",
       "bash: line 1: let: expression expected\n", 0},
  });
}
