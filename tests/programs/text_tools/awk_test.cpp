// Every expectation is what the real tool printed for the same line (Debian 12, LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

namespace {

const TextToolRow kRows[] = {
    {"awk '{print $1, NF, NR}' a", R"~(one 3 1
alpha 3 2
10 3 3
 0 4
last 3 5
)~",
     "", 0},
    {R"~(awk -F, '{print $2}' csv; awk -F: '{print $1 "-" $NF}' /etc/nofile; echo $?)~", R"~(y
2
2
)~",
     R"~(awk: fatal: cannot open file `/etc/nofile' for reading: No such file or directory
)~",
     0},
    {"awk 'BEGIN{print 1+}'", "", R"~(awk: cmd. line:1: BEGIN{print 1+}
awk: cmd. line:1:               ^ syntax error
)~",
     1},
    {"awk 'BEGIN{print 1/x}'", "", R"~(awk: cmd. line:1: fatal: division by zero attempted
)~",
     2},
    {R"~(awk 'BEGIN { getline; print "got " $0; while ((getline l < "b") > 0) print l; "echo hi" | getline d; print d; close("echo hi"); print system("exit 3") }' a)~",
     R"~(got one two three
b 3
a 10
c 2
a 1
hi
3
)~",
     "", 0},
    {R"~(awk '{$5="e"; print; print NF; NF=2; print $0; $0="x y"; print $1 NF}' b)~", R"~(b 3   e
5
b 3
x2
a 10   e
5
a 10
x2
c 2   e
5
c 2
x2
a 1   e
5
a 1
x2
)~",
     "", 0},
    {R"~(awk '{s[$1]+=$2} END{for(k in s) print k, s[k] | "sort"; close("sort"); print "end"}' b)~", R"~(a 11
b 3
c 2
end
)~",
     "", 0},
    {"awk 'function f(n){return n<=1?1:n*f(n-1)} BEGIN{print f(10); print f(20), f(25)}'", R"~(3628800
2432902008176640000 15511210043330986055303168
)~",
     "", 0},
    {R"~(awk '/beta/,/10/{print NR": "$0} !/o/{c++} END{print c}' a)~", R"~(2: alpha beta gamma
3: 10 20 30
4
)~",
     "", 0},
    {R"~(awk 'BEGIN{printf "%5.2f|%-5s|%05d|%x|%c|%c|%e|%g|%%|%i\n", 3.14159, "ab", 42, 255, 65, "hello", 12345.678, 0.0001, 3.9}')~",
     R"~( 3.14|ab   |00042|ff|A|h|1.234568e+04|0.0001|%|3
)~",
     "", 0},
    {R"~(awk 'BEGIN{s="hello world"; gsub(/o/,"[&]",s); print s; sub(/l+/,"\\&",s); print s; print gensub(/(h)(e)/,"\\2\\1","g","hehe"); print match("foobar",/o+/), RSTART, RLENGTH; n=split("a:b:c",x,":"); print n, x[3]; print substr("hello",2,3), index("foobar","bar"), toupper("abc"), length("four")}')~",
     R"~(hell[o] w[o]rld
he&[o] w[o]rld
eheh
2 2 2
3 c
ell 4 ABC 4
)~",
     "", 0},
    {R"~(awk 'BEGIN{print 1==1.0, "a"<"b", 2<10, "2"<"10", 1e6, 0.1, 100000.5, 2^53, -3%2, 1e300*1e300, log(-1)}')~",
     R"~(1 1 1 0 1000000 0.1 100000 9007199254740992 -1 +inf -nan
)~",
     R"~(awk: cmd. line:1: warning: log: received negative argument -1
)~",
     0},
    {R"~(echo "10 9" | awk '{print ($1>$2), ($1>"9"), $3==0, $3==""}')~", R"~(1 0 0 1
)~",
     "", 0},
    {R"~(awk 'BEGIN{a["x",1]=2; for(k in a){split(k,p,SUBSEP); print p[1],p[2]} if(("x",1) in a) print "in"; delete a["x",1]; print length(a)}')~",
     R"~(x 1
in
0
)~",
     "", 0},
    {R"~(awk 'NR==2{next} {print} NR==4{exit 7} END{print "e"}' n; echo $?)~", R"~(1
3
4
e
7
)~",
     "", 0},
    {R"~(awk -v x=5 -v 's=a\tb' 'BEGIN{print x*2, s}' ; awk '{print v}' v=1 b v=2 csv)~", R"~(10 a	b
1
1
1
1
2
2
)~",
     "", 0},
    {"awk 'BEGIN{while(i<5){i++; if(i==2)continue; if(i==4)break; print i} do{j++}while(j<3); print j; "
     "for(;;){if(++k>3)break}; print k}'",
     R"~(1
3
3
4
)~",
     "", 0},
    {R"~(awk 'BEGIN{print length()}' </dev/null; awk 'END{print NR, $0}' a; awk 'BEGIN{RS=""}{print NR": "$1"|"$NF}' a; awk 'BEGIN{RS="[0-9]+"}{print $0 "," RT}' b)~",
     R"~(0
5 last line here
1: one|30
2: last|here
b ,3

a ,10

c ,2

a ,1

,
)~",
     "", 0},
    {R"~(awk 'BEGIN{OFS="-"; $3="x"; print; print NF; ORS="!"; print "a","b"; printf "\n"}')~", R"~(--x
3
a-b!
)~",
     "", 0},
    {R"~(awk '{print > "/tmp/o1"; print $1 >> "/tmp/o2"} END{close("/tmp/o1"); while((getline x < "/tmp/o1")>0) n++; print n}' b; rm -f /tmp/o1 /tmp/o2)~",
     R"~(4
)~",
     "", 0},
    {R"~(awk 'BEGIN{x["a"]; if("a" in x)print "yes"; if(!("b" in x))print "no"; print x["q"]+0, length(x); a="3x"; print a+1, -a, !a, !"", +"1e2"}')~",
     R"~(yes
no
0 2
4 -3 0 1 100
)~",
     "", 0},
    {R"~(awk 'BEGIN { print substr("hello",0,2), substr("hello",-1), substr("hello",2,100), substr("hello",1.5,1) "|" }')~",
     R"~(he hello ello h|
)~",
     "", 0},
    {R"~(awk 'BEGIN{print "x}')~", "", R"~(awk: cmd. line:1: BEGIN{print "x}
awk: cmd. line:1:             ^ unterminated string
)~",
     1},
    {"awk 'BEGIN{f(1)}'; echo $?", R"~(2
)~",
     R"~(awk: cmd. line:1: fatal: function `f' not defined
)~",
     0},
    {"awk 'BEGIN{a[1]=1; print a}'; echo $?", R"~(2
)~",
     R"~(awk: cmd. line:1: fatal: attempt to use array `a' in a scalar context
)~",
     0},
    {"awk 'BEGIN{next}'; awk '{return 1}'; awk '/[/' b; awk -f nofile; echo $?", R"~(2
)~",
     R"~(awk: cmd. line:1: error: `next' used in BEGIN action
awk: cmd. line:1: {return 1}
awk: cmd. line:1:  ^ `return' used outside function context
awk: cmd. line:1: /[/
awk: cmd. line:1:  ^ unterminated regexp
awk: fatal: cannot open source file `nofile' for reading: No such file or directory
)~",
     0},
    {R"~(awk 'BEGIN { "date" | getline; print (NF>3); print ENVIRON["HOME"]; print ARGC, ARGV[1] }' q)~", R"~(1
/root
2 q
)~",
     "", 0},
    {R"~(awk '$2>2 && $1!="c"' b; awk '$1=="a"{n++}END{print n+0}' b; awk 'length>10' a; awk '{$1="";print}' b; awk '!seen[$1]++' b)~",
     R"~(b 3
a 10
2
one two three
alpha beta gamma
last line here
 3
 10
 2
 1
b 3
a 10
c 2
)~",
     "", 0},
    {R"~(awk '{ print $NF; print $(NF-1) }' b; awk 'NF' a; awk '{ sum += $1 } END { print sum/NR }' n; awk 'BEGIN{printf "%s %s\n", "a"}')~",
     R"~(3
b
10
a
2
c
1
a
one two three
alpha beta gamma
10 20 30
last line here
5.5
)~",
     R"~(awk: cmd. line:1: fatal: not enough arguments to satisfy format string
	`%s %s
'
	    ^ ran out for this one
)~",
     2},
    {R"~(awk 'BEGIN { x = "A"; y = x++ ; print x, y; print 2**3**2, -2^2, 5 " " -1; print 1,2 > "/dev/stderr"; print length "x" }' </dev/null)~",
     R"~(1 0
512 -4 5-1
0x
)~",
     R"~(1 2
)~",
     0},
    {R"~(awk 'BEGIN { if (!(3 in a)) print "n"; for (i=0;i<3;i++) a[i]=i; delete a; print length(a); print index("abc","c") substr("x",1) ; print "a" > "/nonexistent/x" }'; echo $?)~",
     R"~(n
0
3x
2
)~",
     R"~(awk: cmd. line:1: fatal: cannot redirect to `/nonexistent/x': No such file or directory
)~",
     0},
    {R"~(awk --help >/dev/null; echo $?; printf 'a b\n' | awk '{ $2 = ""; print NF; print }'; printf '  lead  sp \n' | awk '{print $1"|"NF; $1=$1; print}')~",
     R"~(0
2
a 
lead|2
lead sp
)~",
     "", 0},
    {R"~(kubectl() { printf 'NAME READY STATUS\npod-a 1/1 Running\npod-b 0/1 Pending\n'; }; kubectl | awk 'NR>1 && $3=="Running" {print $1}'; kubectl | awk 'NR>1{split($2,r,"/"); if(r[1]<r[2]) print $1" not ready"}')~",
     R"~(pod-a
pod-b not ready
)~",
     "", 0},
    {R"~(awk 'BEGIN{s=sprintf("%-10s|%3d|%.3s", "ab", 7, "abcdef"); print s; print tolower("ABC") toupper("x"); print int(3.9), int(-3.9), sqrt(16), exp(0), atan2(0,-1), sin(0), cos(0)}')~",
     R"~(ab        |  7|abc
abcX
3 -3 4 1 3.14159 0 1
)~",
     "", 0},
    {R"~(awk 'BEGIN{CONVFMT="%.2g"; a=3.14159; b=a ""; print b; OFMT="%.3f"; print a, 17, 1e20}')~", R"~(3.1
3.142 17 100000000000000000000
)~",
     "", 0},
    {R"~(awk '
# comment
function max(a, b,   t) {
  t = a > b ? a : b
  return t
}
{ m = max(m, $2) }
END {
  if (m > 5)
    print "big", m
  else
    print "small"
}' b)~",
     R"~(big 10
)~",
     "", 0},
    {R"~(awk 'BEGIN{print "a" "b" > "/dev/stdout"; print("p","q"); print (1,2) in a; print 1>2 ? "x" : "y"}' ; cat 2 2>/dev/null)~",
     "",
     R"~(awk: cmd. line:1: BEGIN{print "a" "b" > "/dev/stdout"; print("p","q"); print (1,2) in a; print 1>2 ? "x" : "y"}
awk: cmd. line:1:                                                                                  ^ syntax error
)~",
     1},
    {R"~(awk 'function g(arr){arr["k"]=5} BEGIN{g(z); print z["k"]; switch(3){case 1: print "one"; break; case 3: print "three"; default: print "fall"}}')~",
     R"~(5
three
fall
)~",
     "", 0},
    {R"~(awk '{gsub(/[ \t]+/,"_")}1' b; awk '{gsub("a.","X")}1' b; awk 'BEGIN{s="aaa";print gsub(/x*/,"-",s), s}'; echo 'a.b.c' | awk -F. '{print $2}'; echo 'a|b' | awk -F'|' '{print $2}'; echo 'aTbtc' | awk -Ft '{print $1}')~",
     R"~(b_3
a_10
c_2
a_1
b 3
X10
c 2
X1
4 -a-a-a-
b
b
aTb
)~",
     "", 0},
};

}  // namespace

TEST_CASE("awk: what gawk prints") { check_rows(kRows); }
