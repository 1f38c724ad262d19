// gzip and tar: what gzip 1.12 and GNU tar 1.34 printed (LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

TEST_CASE("gzip") {
  static constexpr TextToolRow kRows[] = {
      {"gzip -c a | gunzip -c", "one two three\nalpha beta gamma\n10 20 30\n\nlast line here\n", "", 0},
      {"cp a x; gzip x; ls x*; gunzip x.gz; cmp a x", "x.gz\n", "", 0},
      {"cp a x; gzip -k x; ls x*; zcat x.gz | head -1", "x\nx.gz\none two three\n", "", 0},
      {"cp a x; gzip x; gzip -t x.gz; echo $?; gunzip -k x.gz; ls x*", "0\nx\nx.gz\n", "", 0},
      {"gzip nofile", "", "gzip: nofile: No such file or directory\n", 1},
      {"mkdir d; gzip d", "", "gzip: d is a directory -- ignored\n", 2},
      {"gunzip a", "", "gzip: a: unknown suffix -- ignored\n", 2},
      {"cp a x.gz; gunzip x.gz", "", "\ngzip: x.gz: not in gzip format\n", 1},
      {"cp a x.gz; gzip x.gz", "", "gzip: x.gz already has .gz suffix -- unchanged\n", 0},
      {"gzip -c a | head -c 20 | gunzip -c > out", "", "\ngzip: stdin: unexpected end of file\n", 1},
      {"gzip -dc < a", "", "\ngzip: stdin: not in gzip format\n", 1},
      {"cp a x; gzip -k x; gzip -k x", "", "gzip: x.gz already exists;\tnot overwritten\n", 2},
      {"gzip -c < /dev/null | gunzip | wc -c", "0\n", "", 0},
      {"seq 5000 | gzip -9 | gunzip | tail -1", "5000\n", "", 0},
      {"(gzip -c a; gzip -c b) | zcat | wc -l", "9\n", "", 0},
      {"touch -d 2026-01-01 a; gzip -n a; gunzip a.gz; date -r a +%F", "2026-01-01\n", "", 0},
      {"cp a x; chmod 600 x; gzip x; stat -c %a x.gz", "600\n", "", 0},
      {"gzip -nc a > x.gz; (head -c -8 x.gz; printf '\\0\\0\\0\\0'; tail -c 4 x.gz) | gzip -dc > out", "",
       "\ngzip: stdin: invalid compressed data--crc error\n", 1},
      {"gzip -nc a > x.gz; printf zz >> x.gz; gunzip -c x.gz > out; e=$?; cmp a out; exit $e", "",
       "\ngzip: x.gz: decompression OK, trailing garbage ignored\n", 2},
      {"touch -d 2026-01-01T00:00:00Z a; gzip -c a | head -c 12 | od -An -tx1; gzip -9nc a | head -c 10 | od -An -tx1",
       " 1f 8b 08 08 00 b9 55 69 00 03 61 00\n 1f 8b 08 00 00 00 00 00 02 03\n", "", 0},
      {"gzip --foo", "", "gzip: unrecognized option '--foo'\nTry `gzip --help' for more information.\n", 1},
  };
  check_rows(kRows);
}

TEST_CASE("tar") {
  static constexpr TextToolRow kRows[] = {
      {"mkdir d; cp a d/a; cp b d/b; tar cf t.tar d/a d/b; tar tf t.tar; rm -r d; tar xf t.tar; cat d/b",
       "d/a\nd/b\nb 3\na 10\nc 2\na 1\n", "", 0},
      {"mkdir d; cp a d/a; tar -czvf t.tgz d; tar -tzf t.tgz; tar tf t.tgz; file=1; head -c 2 t.tgz | od -An -tx1",
       "d/\nd/a\nd/\nd/a\nd/\nd/a\n 1f 8b\n", "", 0},
      {"mkdir d; cp a d/f; ln -s f d/l; ln d/f d/h; touch -h -d 2026-01-01T00:00:00Z d/f d/l d; chmod 640 d/f; tar cf "
       "t.tar d/f d/l; tar tvf t.tar",
       "-rw-r----- root/root        56 2026-01-01 00:00 d/f\nlrwxrwxrwx root/root         0 2026-01-01 00:00 d/l -> "
       "f\n",
       "", 0},
      {"mkdir d o; cp a d/f; tar cf - d | tar xvf - -C o; cat o/d/f | head -1", "d/\nd/f\none two three\n", "", 0},
      {"mkdir -p d/e o; cp a d/e/f; tar cf t.tar d/e/f; tar xvf t.tar --strip-components=1 -C o; ls o", "d/e/f\ne\n",
       "", 0},
      {"mkdir d; touch d/a d/b.log d/c; tar cf t.tar --exclude='*.log' d/a d/b.log d/c; tar tf t.tar", "d/a\nd/c\n", "",
       0},
      {"mkdir d; touch d/a; tar cf t.tar -C d a; tar tf t.tar", "a\n", "", 0},
      {"tar cf t.tar nofile", "",
       "tar: nofile: Cannot stat: No such file or directory\ntar: Exiting with failure status due to previous errors\n",
       2},
      {"tar xf nofile.tar", "",
       "tar: nofile.tar: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n", 2},
      {"tar cf t.tar", "",
       "tar: Cowardly refusing to create an empty archive\nTry 'tar --help' or 'tar --usage' for more information.\n",
       2},
      {"tar", "",
       "tar: You must specify one of the '-Acdtrux', '--delete' or '--test-label' options\nTry 'tar --help' or 'tar "
       "--usage' for more information.\n",
       2},
      {"tar xf a", "",
       "tar: This does not look like a tar archive\ntar: Exiting with failure status due to previous errors\n", 2},
      {"tar xzf a", "",
       "\ngzip: stdin: not in gzip format\ntar: Child returned status 1\ntar: Error is not recoverable: exiting now\n",
       2},
      {"mkdir d; touch d/a; tar cf t.tar d/a; tar xf t.tar nosuch", "",
       "tar: nosuch: Not found in archive\ntar: Exiting with failure status due to previous errors\n", 2},
      {"tar cf t.tar a b; tar xf t.tar -O b", "b 3\na 10\nc 2\na 1\n", "", 0},
      {"tar cf t.tar a; tar rf t.tar b; tar tf t.tar", "a\nb\n", "", 0},
      {"tar cf t.tar a b csv; tar tf t.tar b csv; tar tf t.tar --wildcards 'c*'", "b\ncsv\ncsv\n", "", 0},
      {"tar cf t.tar /work/a; tar tf t.tar", "work/a\n", "tar: Removing leading `/' from member names\n", 0},
      {"tar cf t.tar a; tar xf t.tar -C nodir", "",
       "tar: nodir: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n", 2},
      {"tar cf t.tar a; tar xkf t.tar", "",
       "tar: a: Cannot open: File exists\ntar: Exiting with failure status due to previous errors\n", 2},
      {"tar cf t.tar a; head -c 540 t.tar > u.tar; tar xf u.tar", "",
       "tar: Unexpected EOF in archive\ntar: Unexpected EOF in archive\ntar: Error is not recoverable: exiting now\n",
       2},
      {"tar cf - a | wc -c", "10240\n", "", 0},
      {"tar xf", "",
       "tar: Old option 'f' requires an argument.\nTry 'tar --help' or 'tar --usage' for more information.\n", 2},
      {"tar -Q", "", "tar: invalid option -- 'Q'\nTry 'tar --help' or 'tar --usage' for more information.\n", 64},
      {"tar caf t.tar.gz a; gzip -t t.tar.gz; echo $?; tar xvf t.tar.gz", "0\na\n", "", 0},
      {"n=$(printf '%0120d' 7); touch $n; tar cf t.tar $n; tar tf t.tar | wc -c", "121\n", "", 0},
      {"tar --version | head -1", "tar (GNU tar) 1.34\n", "", 0},
  };
  check_rows(kRows);
}
