// env, timeout, sleep, date: expectations are coreutils 9.1's (LC_ALL=C).
#include "tests/programs/coreutils/rows.h"

using namespace drydock;

TEST_CASE("env, timeout, sleep") {
  check_rows({
      {"env -i A=1 B=2 /usr/bin/env", "A=1\nB=2\n"},
      {"export X=1; env -u X printenv X", "", "", 1},
      {"env X=y sh -c 'echo $X'; X=z printenv X", "y\nz\n"},
      {"env nosuch", "", "env: 'nosuch': No such file or directory\n", 127},
      {"env -C / pwd", "/\n"},
      {"timeout 1 sleep 5", "", "", 124},
      {"timeout 5 sh -c 'exit 3'", "", "", 3},
      {"timeout -s KILL 1 sleep 5", "", "", 137},
      {"timeout --preserve-status 1 sleep 5", "", "", 143},
      {"timeout -k 1 1 sh -c 'trap \"\" TERM; sleep 1; sleep 1; sleep 1; sleep 1'", "", "", 137},
      {"timeout", "", "Try 'timeout --help' for more information.\n", 125},
      {"timeout x true", "", "timeout: invalid time interval 'x'\nTry 'timeout --help' for more information.\n", 125},
      {"timeout 1 nosuch", "", "timeout: failed to run command 'nosuch': No such file or directory\n", 127},
      {"sleep", "", "sleep: missing operand\nTry 'sleep --help' for more information.\n", 1},
      {"sleep x 1y", "",
       "sleep: invalid time interval 'x'\nsleep: invalid time interval '1y'\nTry 'sleep --help' for more "
       "information.\n",
       1},
      {"nohup echo hi </dev/null", "hi\n"},
      {"nice -n 5 echo hi; nice", "hi\n0\n"},
  });
}

TEST_CASE("sleep takes its time") {
  CommandFixture machine;
  const TimePoint before = machine.loop.now();
  CHECK(machine.run("sleep 0.5 1m").code == 0);
  const double took = std::chrono::duration<double>(machine.loop.now() - before).count();
  CHECK(took >= 60.5);
  CHECK(took < 60.6);
}

TEST_CASE("date -d") {
  check_rows({
      {"date -u -d @0; date -R -d @0; date -Iseconds -d @0; date -d @0 --rfc-3339=seconds",
       "Thu Jan  1 00:00:00 UTC 1970\nThu, 01 Jan 1970 00:00:00 +0000\n1970-01-01T00:00:00+00:00\n1970-01-01 "
       "00:00:00+00:00\n"},
      {"date -I -d '2024-02-29 +1 year'; date -I -d '2024-01-31 +1 month'", "2025-03-01\n2024-03-02\n"},
      {"date -d '2026-01-02 03:04:05' '+%Y %m %d %H %M %S %j %u %w %U %V %G %y %e %l %k %p %s'",
       "2026 01 02 03 04 05 002 5 5 00 01 2026 26  2  3  3 AM 1767323045\n"},
      {"date -d '2026-01-02' +%a-%A-%b-%B-%D-%F-%T-%R-%r-%%-%n-%-d-%_d-%^a-%3N",
       "Fri-Friday-Jan-January-01/02/26-2026-01-02-00:00:00-00:00-12:00:00 AM-%-\n-2- 2-FRI-000\n"},
      {"date -I -d '2026-01-02 yesterday'; date -I -d '2026-03-01 -1 day'; date -I -d '2026-01-10 3 days ago'; date -I "
       "-d '2026-01-10 + 2 weeks'",
       "2026-01-01\n2026-02-28\n2026-01-07\n2026-01-24\n"},
      {"date -u -d '2026-01-02T03:04:05Z' +%s; date -u -d '2026-01-02T03:04:05+02:00' +%T; date -u -d 'Thu, 01 Jan "
       "2026 "
       "10:00:00 GMT' +%FT%T; date -u -d 'Jan 5 2026 1:30 PM' +%FT%T; date -d 20260203 +%F; date -d '1 Jan 2026' +%F; "
       "date -d '1/2/2026' +%F",
       "1767323045\n01:04:05\n2026-01-01T10:00:00\n2026-01-05T13:30:00\n2026-02-03\n2026-01-01\n2026-01-02\n"},
      {"date -d xx", "", "date: invalid date 'xx'\n", 1},
      {"date -d 2026-02-30", "", "date: invalid date '2026-02-30'\n", 1},
      {"date a", "", "date: invalid date 'a'\n", 1},
      {"date +a b", "", "date: extra operand 'b'\nTry 'date --help' for more information.\n", 1},
      {"date -d '2026-01-04' +%G-W%V; date -d 2027-01-01 +%G-W%V; date -d 2024-12-30 +%G-W%V",
       "2026-W01\n2026-W53\n2025-W01\n"},
  });
}

// The clock belongs to the world.
TEST_CASE("date and cal by the machine's clock") {
  check_rows({
      {"date", "Thu Jan  1 00:00:00 UTC 2026\n"},
      {"date -I -d tomorrow; date -I -d 'next friday'; date -I -d 'last monday'; date -I -d friday",
       "2026-01-02\n2026-01-02\n2025-12-29\n2026-01-02\n"},
      {"date -s '2020-01-01'", "Wed Jan  1 00:00:00 UTC 2020\n", "date: cannot set date: Operation not permitted\n", 1},
      {"cal",
       "    January 2026    \nSu Mo Tu We Th Fr Sa\n             1  2  3\n 4  5  6  7  8  9 10\n11 12 13 14 15 16 "
       "17\n18 19 20 21 22 23 24\n25 26 27 28 29 30 31\n                    \n"},
  });
}
