// ps, /proc, pgrep, pkill, pidof, killall, kill: layouts and words are procps-ng's and psmisc's.
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("ps selects and lays out") {
  check_rows({
      {"ps -o comm= -p 1", "systemd\n"},
      {"sleep 100 & sleep .1; ps -o comm,args -p $(pidof sleep)",
       "COMMAND         COMMAND\nsleep           sleep 100\n"},
      {"sleep 100 & ps -o pid=,ppid= -p $! | grep -c \" $! *$$\" ", "1\n"},
      {"sleep 100 & ps -o user,uid,group,tty,stat -p $!",
       "USER       UID GROUP    TT       STAT\nroot         0 root     ?        S\n"},
      {"sleep 100 & sleep 200 & ps -C sleep -o args=; ps -C sleep --no-headers -o comm",
       "sleep 100\nsleep 200\nsleep\nsleep\n"},
      {"sleep 100 & ps -C sleep -o args= --sort=-pid; ps -eo comm | head -2", "sleep 100\nCOMMAND\nsystemd\n"},
      {"ps -ef | head -2",
       "UID        PID  PPID  C STIME TTY          TIME CMD\n"
       "root         1     0  0 00:00 ?        00:00:00 /usr/lib/systemd/systemd --switched-root --system "
       "--deserialize "
       "22\n"},
      {"ps aux | head -2",
       "USER       PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n"
       "root         1  0.0  0.2  46080  9216 ?        Ss   00:00   0:00 /usr/lib/systemd/systemd --switched-root "
       "--system --deserialize 22\n"},
      {"ps -l | head -1; ps j | head -1; ps l | head -1; ps v | head -1; ps -eF | head -1; ps -ejf | head -1",
       "F S   UID   PID  PPID  C PRI  NI ADDR SZ WCHAN  TTY          TIME CMD\n"
       " PPID   PID  PGID   SID TTY      TPGID STAT   UID   TIME COMMAND\n"
       "F   UID   PID  PPID PRI  NI    VSZ   RSS WCHAN  STAT TTY        TIME COMMAND\n"
       "  PID TTY      STAT   TIME  MAJFL  TRS   DRS   RSS %MEM COMMAND\n"
       "UID        PID  PPID  C    SZ   RSS PSR STIME TTY          TIME CMD\n"
       "UID        PID  PPID  PGID   SID  C STIME TTY          TIME CMD\n"},
      {"ps -p 999999; echo $?", "  PID TTY          TIME CMD\n1\n"},
      {"sleep 3661 & sleep 3661; ps -o etime,etimes,time -p $!",
       "    ELAPSED ELAPSED     TIME\n"
       "   01:01:01    3661 00:00:00\n"},
      {"ps -o pid=X,comm=NAME -p 1", "    X NAME\n    1 systemd\n"},
      // Closed files make no zombie.
      {"sleep 100 <&- >&- 2>&- & sleep .1; ps -o stat=,args= -p $(pidof sleep)", "S    sleep 100\n"},
  });
}

TEST_CASE("ps complains") {
  const std::string usage =
      "\n\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help "
      "<s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n";
  check_rows({
      {"ps -o pid,foo", "", "error: unknown user-defined format specifier \"foo\"" + usage, 1},
      {"ps --foo", "", "error: unknown gnu long option" + usage, 1},
      {"ps -p abc", "", "error: process ID list syntax error" + usage, 1},
      {"ps -Q", "", "error: unsupported SysV option" + usage, 1},
  });
}

TEST_CASE("/proc") {
  const std::string start = "(cd /tmp; X=1 exec sleep 100 < /dev/null) & sleep .1; p=$(pidof sleep); ";
  check_rows({
      {start + "tr '\\0' , < /proc/$p/cmdline; cat /proc/$p/comm", "sleep,100,sleep\n"},
      {start + "grep -E '^(Name|State|Uid|Threads)' /proc/$p/status",
       "Name:\tsleep\nState:\tS (sleeping)\nUid:\t0\t0\t0\t0\nThreads:\t1\n"},
      {start + "readlink /proc/$p/cwd /proc/$p/exe /proc/$p/root", "/tmp\n/usr/bin/sleep\n/\n"},
      {start + "tr '\\0' '\\n' < /proc/$p/environ | grep X=", "X=1\n"},
      {start + "readlink /proc/$p/fd/0; ls /proc/$p/fd", "/dev/null\n0\n1\n2\n"},
      {"cat /proc/self/comm; readlink /proc/self | grep -c '^[0-9]*$'; cat /proc/1/comm", "cat\n1\nsystemd\n"},
      {"awk '{print $3}' /proc/self/stat; cat /proc/self/cgroup", "S\n0::/\n"},
      {"ls -d /proc/self/fd /proc/meminfo /proc/cpuinfo /proc/mounts",
       "/proc/cpuinfo\n/proc/meminfo\n/proc/mounts\n/proc/self/fd\n"},
      {"grep -c ^processor /proc/cpuinfo; grep MemTotal /proc/meminfo; grep -c ext4 /proc/filesystems",
       "2\nMemTotal:        4194304 kB\n1\n"},
      {"cat /proc/mounts | head -1; cat /proc/swaps",
       "/dev/vda1 / ext4 rw,relatime 0 0\nFilename\t\t\t\tType\t\tSize\tUsed\tPriority\n"},
      {"cat /proc/999999/status", "", "cat: /proc/999999/status: No such file or directory\n", 1},
      {"sleep 1 & p=$!; sleep 2; grep State /proc/$p/status; wait; [ -d /proc/$p ] || echo gone",
       "State:\tZ (zombie)\ngone\n"},
  });
}

TEST_CASE("pgrep, pkill, pidof, killall, kill") {
  const std::string start = "(exec sleep 100) 2>/dev/null & sleep .1; ";
  const std::string after = "; sleep .1; pidof sleep; echo $?";
  check_rows({
      {start + "[ $(pgrep sleep) = $(pidof sleep) ] && echo same; pgrep -c sleep; pgrep -l sleep | sed 's/^[0-9]* //'",
       "same\n1\nsleep\n"},
      {start + "pgrep -a sl | sed 's/^[0-9]* //'; pgrep -x slee; echo $?; pgrep nosuch; echo $?", "sleep 100\n1\n1\n"},
      {"(exec sleep 50) & sleep .1; " + start +
           "[ $(pgrep -n sleep) -gt $(pgrep -o sleep) ] && echo newest; "
           "pgrep -d, sleep | tr -cd ,",
       "newest\n,"},
      {"pgrep", "", "pgrep: no matching criteria specified\nTry `pgrep --help' for more information.\n", 2},
      {start + "pkill sleep; echo $?; pkill sleep" + after, "0\n1\n"},
      {start + "pkill -9 -x sleep" + after, "1\n"},
      {start + "pkill -HUP -e sleep | sed 's/[0-9]*)/N)/'" + after, "sleep killed (pid N)\n1\n"},
      {"pidof nosuch; echo $?", "1\n"},
      {start + "killall sleep" + after + "; killall nosuch", "1\n", "nosuch: no process found\n", 1},
      {start + "killall -s KILL -v sleep 2>&1 | sed 's/([0-9]*)/(N)/'" + after, "Killed sleep(N) with signal 9\n1\n"},
      {start + "/bin/kill -s INT $(pidof sleep)" + after, "1\n"},
      {"/bin/kill -l 9; /bin/kill -l HUP; /bin/kill -l 143", "KILL\n1\nTERM\n"},
      {"/bin/kill 999999", "", "kill: (999999): No such process\n", 1},
      {"/bin/kill abc", "", "kill: failed to parse argument: 'abc'\n", 1},
      {"/bin/kill -0 $$ && echo alive; /bin/kill -L | head -1",
       "alive\n 1 HUP      2 INT      3 QUIT     4 ILL      5 TRAP     6 ABRT     7 BUS\n"},
  });
}
