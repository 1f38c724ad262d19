// The shell's own commands and its error texts: what bash prints for each script, word for word.
#include "tests/programs/shell/shell_rows.h"

using namespace drydock;

TEST_CASE("shell: the shell's own commands and its error texts") {
  check_rows({
      {R"sh(cat <<< "hello $USER"; read a b c <<< "1 2 3 4"; echo "$a|$b|$c")sh",
       R"sh(hello root
1|2|3 4
)sh",
       "", 0},
      {R"sh(declare -A m=([one]=1 [two]=2 [three]=3); m[four]=4; echo "${!m[@]}"; echo "${m[@]}"; echo ${m[two]} ${#m[@]}; for k in "${!m[@]}"; do echo $k=${m[$k]}; done; declare -p m)sh",
       R"sh(four two three one
4 2 3 1
2 4
four=4
two=2
three=3
one=1
declare -A m=([four]="4" [two]="2" [three]="3" [one]="1" )
)sh",
       "", 0},
      {"set -e; false || echo ok; if false; then :; fi; ! true; echo here; false; echo not",
       R"sh(ok
here
)sh",
       "", 1},
      {"set -u; echo $undefined; echo not", "", "bash: line 1: undefined: unbound variable\n", 127},
      {"trap 'echo bye' EXIT; echo hi; exit 3",
       R"sh(hi
bye
)sh",
       "", 3},
      {"trap 'echo got' TERM; kill -TERM $$; echo after",
       R"sh(got
after
)sh",
       "", 0},
      {R"sh(read -r a b <<< 'x\ty z'; echo "$a|$b"; read a <<< 'x\ty'; echo $a; IFS=: read -r u p r <<< "root:x:0:0"; echo $u $p $r; read -a arr <<< "1 2 3"; echo ${#arr[@]}; read -n 3 q <<< abcdef; echo $q; read -d , z <<< "a,b"; echo $z)sh",
       R"sh(x\ty|z
xty
root x 0:0
3
abc
a
)sh",
       "", 0},
      {R"sh(printf '%s-%d-%05.2f|%x|%q|%b\n' abc 42 3.14159 255 "a b'c" 'x\ty'; printf '%s\n' a b c; printf '%-5s|%5s|\n' ab cd; printf -v v '%03d' 7; echo $v; printf '%(%Y)T\n' 0; printf '%c%c\n' hello world; printf '%%\n')sh",
       R"sh(abc-42-03.14|ff|a\ b\'c|x	y
a
b
c
ab   |   cd|
007
1970
hw
%
)sh",
       "", 0},
      {R"sh([ -f /etc/passwd ] && echo f; test -d /tmp && echo d; [ 1 -lt 2 ] && echo lt; [ a = a -a b != c ] && echo and; [ -z "" ]; echo $?; [ x ]; echo $?; [ ]; echo $?; [ 1 -eq a ]; echo $?)sh",
       R"sh(f
d
lt
and
0
0
1
2
)sh",
       "bash: line 1: [: a: integer expression expected\n", 0},
      {R"sh(while getopts "ab:c" o -a -b val -c rest; do echo "$o $OPTARG"; done; echo $OPTIND; OPTIND=1; while getopts ":x:" o -x; do echo "$o $OPTARG"; done; OPTIND=1; getopts a z -q; echo $z)sh",
       R"sh(a 
b val
c 
5
: x
?
)sh",
       "bash: illegal option -- q\n", 0},
      {R"sh(printf 'a\nb\nc\n' > f; mapfile -t lines < f; echo ${#lines[@]} ${lines[1]}; while read -r l; do echo "<$l>"; done < f; cat f | while read l; do echo $l > /dev/null; done; while read x; do echo $x > out; done < f; cat out)sh",
       R"sh(3 b
<a>
<b>
<c>
c
)sh",
       "", 0},
      {R"sh(eval 'echo a; echo "b c"'; eval "x=5"; echo $x; source /dev/null; echo 'echo sourced $1; return 4' > s; . ./s arg; echo $?; source nosuchfile; echo $?)sh",
       R"sh(a
b c
5
sourced arg
4
1
)sh",
       "bash: line 1: nosuchfile: No such file or directory\n", 0},
      {R"sh(f() { echo "$FUNCNAME $# $1"; }; f a b; declare -f f; type f)sh",
       R"sh(f 2 a
f () 
{ 
    echo "$FUNCNAME $# $1"
}
f is a function
f () 
{ 
    echo "$FUNCNAME $# $1"
}
)sh",
       "", 0},
      {"g() { if [ $1 -gt 0 ]; then echo $1; g $(($1-1)); fi; for i in a; do while false; do :; done; done; case $1 in "
       "a|b) echo x;; esac; }; g 2; declare -f g",
       R"sh(2
1
g () 
{ 
    if [ $1 -gt 0 ]; then
        echo $1;
        g $(($1-1));
    fi;
    for i in a;
    do
        while false; do
            :;
        done;
    done;
    case $1 in 
        a | b)
            echo x
        ;;
    esac
}
)sh",
       "", 0},
      {"test 1 2; [ a b ]; [ -x ; echo $?; [ 1 = 1; echo $?",
       R"sh(2
2
)sh",
       R"sh(bash: line 1: test: 1: unary operator expected
bash: line 1: [: a: unary operator expected
bash: line 1: [: missing `]'
bash: line 1: [: missing `]'
)sh",
       0},
      {"cd /tmp/nosuchdir || echo failed; kill 999999; kill -l 9; kill abc; wait 99999; echo $?",
       R"sh(failed
KILL
127
)sh",
       R"sh(bash: line 1: cd: /tmp/nosuchdir: No such file or directory
bash: line 1: kill: (999999) - No such process
bash: line 1: kill: abc: arguments must be process or job IDs
bash: line 1: wait: pid 99999 is not a child of this shell
)sh",
       0},
      {R"sh(s="one two three"; set -- $s; echo $2; arr=($s); echo ${arr[1]}; echo ${s// /_}; echo ${s/two/"2 2"}; echo "${s%% *}" "${s##* }"; IFS=' ' read -ra w <<< "$s"; echo ${#w[@]})sh",
       R"sh(two
two
one_two_three
one 2 2 three
one three
3
)sh",
       "", 0},
      {"f() { local -a l=(a b); local -n ref=$1; ref=changed; echo ${l[1]}; }; v=orig; f v; echo $v; declare -r C=1; "
       "C=2; echo $?",
       R"sh(b
changed
)sh",
       "bash: line 1: C: readonly variable\n", 1},
      {R"sh(a=abc; [[ $a = a?c ]] && echo m; case $a in [a-c]*) echo c;; esac; [[ $a =~ ^a.c$ ]]; echo $?; re='^[0-9]+$'; [[ 123 =~ $re ]] && echo num; [[ "x y" =~ x\ y ]] && echo sp)sh",
       R"sh(m
c
0
num
sp
)sh",
       "", 0},
      {R"sh(var=$(cat <<X
in heredoc
X
); echo "$var"; echo "$(printf 'a\nb\n\n')|")sh",
       R"sh(in heredoc
a
b|
)sh",
       "", 0},
      {"function foo { echo foo; }; foo; bar() ( echo sub; exit 3 ); bar; echo $?; unset -f foo; foo",
       R"sh(foo
sub
3
)sh",
       "bash: line 1: foo: command not found\n", 127},
      {"trap 'echo int' INT; trap; trap - INT; trap; trap 'echo x' BADSIG; echo $?",
       R"sh(trap -- 'echo int' SIGINT
1
)sh",
       "bash: line 1: trap: BADSIG: invalid signal specification\n", 0},
      {"shift abc; exit abc", "", R"sh(bash: line 1: shift: abc: numeric argument required
bash: line 1: exit: abc: numeric argument required
)sh",
       2},
      {R"sh(echo "a" "b" | while read x y; do echo "$y-$x"; done; echo a b c | { read x y; echo $y; }; echo abc | (read z; echo $z))sh",
       R"sh(b-a
b c
abc
)sh",
       "", 0},
      {R"sh(declare -a arr; arr[5]=five; arr+=(six); echo "${!arr[@]}" "${arr[@]}"; declare -p arr; for i in "${!arr[@]}"; do echo $i; done; echo ${arr[*]:0:1})sh",
       R"sh(5 6 five six
declare -a arr=([5]="five" [6]="six")
5
6
five
)sh",
       "", 0},
      {"f() { echo in; }; f > out; cat out; f | cat; f 2>&1 >/dev/null | cat; x=$(f); echo $x; export -f f",
       R"sh(in
in
in
)sh",
       "", 0},
      {R"sh(command echo hi; builtin echo hi; \echo hi; 'echo' hi; "ec"ho hi; e=echo; $e hi; c="echo a b"; $c)sh",
       R"sh(hi
hi
hi
hi
hi
hi
a b
)sh",
       "", 0},
      {R"sh(printf 'echo one\nfoo\necho two\ncat < nosuch\n' > t.sh; bash t.sh; printf 'echo $LINENO\n\n\necho $LINENO\nf() {\n echo $LINENO\n}\nf\n' > u.sh; bash u.sh)sh",
       R"sh(one
two
1
4
6
)sh",
       R"sh(t.sh: line 2: foo: command not found
t.sh: line 4: nosuch: No such file or directory
)sh",
       0},
      {"exec nosuchcmd; echo never", "", "bash: line 1: exec: nosuchcmd: not found\n", 127},
      {R"sh({ echo a; echo b; } > f; exec < f; read x; echo "x=$x"; read y; echo "y=$y"; read z; echo $?)sh",
       R"sh(x=a
y=b
1
)sh",
       "", 0},
      {R"sh(f() { trap 'echo ret' RETURN; echo body; }; f; trap 'echo debug' EXIT; (echo sub); bash -c 'trap "echo inner" EXIT; exit 4'; echo $?)sh",
       R"sh(body
ret
sub
inner
4
debug
)sh",
       "", 0},
      {R"sh(IFS=$'\n'; x=$'a b\nc d'; for i in $x; do echo "<$i>"; done; unset IFS; for i in $x; do echo "<$i>"; done; IFS=; for i in $x; do echo "<$i>"; done)sh",
       R"sh(<a b>
<c d>
<a>
<b>
<c>
<d>
<a b
c d>
)sh",
       "", 0},
  });
}
