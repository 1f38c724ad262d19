// Checksums, dumps and shuf: what coreutils 9.1, bsdextrautils 2.38 and xxd printed (LC_ALL=C).
#include "tests/programs/text_tools/rows.h"

using namespace drydock;

TEST_CASE("md5sum and its kin") {
  static constexpr TextToolRow kRows[] = {
      {"md5sum a b; sha1sum a; sha256sum a",
       "ccff2a58a312a82b885d96bca91e445c  a\n581f75e3a574f82985506f61830802f3  "
       "b\n54672880461392ff15e58e0d702e253113bf30eb  "
       "a\n40dd0b854445e6c6dfc7076504a0a73f2447164d6e33faa12cdd6ddae1a8184f  a\n",
       "", 0},
      {"sha512sum < a",
       "6146b794ddc0b306640fa90c2b56f9112ad27e60e12db701a997f83887cb347f88901a083580edf063949ec6f13bd41f92e6267f1819e9c"
       "d9d2798194b416571  -\n",
       "", 0},
      {"sha224sum a; sha384sum b",
       "a8369c02f940bb2ab46cb9a9f638ad0d68edfb9f882f09434c268ee7  "
       "a\n929fc4d08677eb530ceb1af238457e6384fb110a91f4840f2d3c3e79846705316155593beba55eded4575038621d1b35  b\n",
       "", 0},
      {"md5sum a b > s; md5sum -c s; echo x >> a; md5sum -c s", "a: OK\nb: OK\na: FAILED\nb: OK\n",
       "md5sum: WARNING: 1 computed checksum did NOT match\n", 1},
      {"md5sum --tag a; sha256sum --tag a > s; sha256sum -c --quiet s; echo $?",
       "MD5 (a) = ccff2a58a312a82b885d96bca91e445c\n0\n", "", 0},
      {"md5sum nofile", "", "md5sum: nofile: No such file or directory\n", 1},
      {"md5sum a > s; echo bad >> s; md5sum -c -w s", "a: OK\n",
       "md5sum: s: 2: improperly formatted MD5 checksum line\nmd5sum: WARNING: 1 line is improperly formatted\n", 0},
      {"md5sum -c n", "", "md5sum: n: no properly formatted checksum lines found\n", 1},
      {"echo d41d8cd98f00b204e9800998ecf8427e nofile > s; md5sum -c s; md5sum -c --ignore-missing s",
       "nofile: FAILED open or read\n",
       "md5sum: nofile: No such file or directory\nmd5sum: WARNING: 1 listed file could not be read\nmd5sum: s: no "
       "file was verified\n",
       1},
      {"md5sum --quiet a", "",
       "md5sum: the --quiet option is meaningful only when verifying checksums\nTry 'md5sum --help' for more "
       "information.\n",
       1},
      {"sha256sum -z a | od -c | tail -2", "0000100           a  \\0\n0000104\n", "", 0},
      {"cksum a; cksum < b", "3171272527 56 a\n279129715 17\n", "", 0},
  };
  check_rows(kRows);
}

TEST_CASE("od, hexdump, xxd") {
  static constexpr TextToolRow kRows[] = {
      {"od b", "0000000 020142 005063 020141 030061 061412 031040 060412 030440\n0000020 000012\n0000021\n", "", 0},
      {"od -c b", "0000000   b       3  \\n   a       1   0  \\n   c       2  \\n   a       1\n0000020  \\n\n0000021\n",
       "", 0},
      {"od -An -tx1 b", " 62 20 33 0a 61 20 31 30 0a 63 20 32 0a 61 20 31\n 0a\n", "", 0},
      {"od -A x -t x1z -v b",
       "000000 62 20 33 0a 61 20 31 30 0a 63 20 32 0a 61 20 31  >b 3.a 10.c 2.a 1<\n000010 0a                          "
       "                     >.<\n000011\n",
       "", 0},
      {"od -t d1 b; od -t u2 b; od -x b; od -b b",
       "0000000   98   32   51   10   97   32   49   48   10   99   32   50   10   97   32   49\n0000020   "
       "10\n0000021\n0000000  8290  2611  8289 12337 25354 12832 24842 12576\n0000020    10\n0000021\n0000000 2062 "
       "0a33 2061 3031 630a 3220 610a 3120\n0000020 000a\n0000021\n0000000 142 040 063 012 141 040 061 060 012 143 040 "
       "062 012 141 040 061\n0000020 012\n0000021\n",
       "", 0},
      {"od -j 2 -N 3 -c b", "0000002   3  \\n   a\n0000005\n", "", 0},
      {"od -t a b; od -t x4 -w8 b",
       "0000000   b  sp   3  nl   a  sp   1   0  nl   c  sp   2  nl   a  sp   1\n0000020  nl\n0000021\n0000000 "
       "0a332062 30312061\n0000010 3220630a 3120610a\n0000020 0000000a\n0000021\n",
       "", 0},
      {"printf %064d 0 | od -c",
       "0000000   0   0   0   0   0   0   0   0   0   0   0   0   0   0   0   0\n*\n0000100\n", "", 0},
      {"od -t q b", "", "od: invalid character 'q' in type string 'q'\n", 1},
      {"od -A q b", "", "od: invalid output address radix 'q'; it must be one character from [doxn]\n", 1},
      {"hexdump b",
       "0000000 2062 0a33 2061 3031 630a 3220 610a 3120\n0000010 000a                                   \n0000011\n",
       "", 0},
      {"hexdump -C b; hexdump -c b; hexdump -b b; hexdump -d b",
       "00000000  62 20 33 0a 61 20 31 30  0a 63 20 32 0a 61 20 31  |b 3.a 10.c 2.a 1|\n00000010  0a                   "
       "                             |.|\n00000011\n0000000   b       3  \\n   a       1   0  \\n   c       2  \\n   a "
       "      1\n0000010  \\n                                                            \n0000011\n0000000 142 040 "
       "063 012 141 040 061 060 012 143 040 062 012 141 040 061\n0000010 012                                           "
       "                 \n0000011\n0000000   08290   02611   08289   12337   25354   12832   24842   12576\n0000010   "
       "00010                                                        \n0000011\n",
       "", 0},
      {"printf %064d 0 | hexdump -C",
       "00000000  30 30 30 30 30 30 30 30  30 30 30 30 30 30 30 30  |0000000000000000|\n*\n00000040\n", "", 0},
      {"hexdump -n 4 -C b", "00000000  62 20 33 0a                                       |b 3.|\n00000004\n", "", 0},
      {"hexdump -v -e '1/1 \"%02x\"' b", "6220330a612031300a6320320a6120310a", "", 0},
      {"xxd b; xxd -p b; xxd -b n | head -2; xxd -u -c 8 -g 1 b",
       "00000000: 6220 330a 6120 3130 0a63 2032 0a61 2031  b 3.a 10.c 2.a 1\n00000010: 0a                              "
       "         .\n6220330a612031300a6320320a6120310a\n00000000: 00110001 00001010 00110010 00001010 00110011 "
       "00001010  1.2.3.\n00000006: 00110100 00001010 00110101 00001010 00110110 00001010  4.5.6.\n00000000: 62 20 33 "
       "0A 61 20 31 30  b 3.a 10\n00000008: 0A 63 20 32 0A 61 20 31  .c 2.a 1\n00000010: 0A                       .\n",
       "", 0},
      {"echo 68656c6c6f | xxd -r -p; echo; xxd b | xxd -r", "hello\nb 3\na 10\nc 2\na 1\n", "", 0},
      {"xxd -l 4 -s 2 b; xxd -i b",
       "00000002: 330a 6120                                3.a \nunsigned char b[] = {\n  0x62, 0x20, 0x33, 0x0a, "
       "0x61, 0x20, 0x31, 0x30, 0x0a, 0x63, 0x20, 0x32,\n  0x0a, 0x61, 0x20, 0x31, 0x0a\n};\nunsigned int b_len = "
       "17;\n",
       "", 0},
  };
  check_rows(kRows);
}

TEST_CASE("shuf") {
  static constexpr TextToolRow kRows[] = {
      {"shuf -e a b c | sort", "a\nb\nc\n", "", 0},
      {"shuf -i 1-5 | sort | tr '\\n' ' '", "1 2 3 4 5 ", "", 0},
      {"shuf -n 2 n | wc -l", "2\n", "", 0},
      {"shuf -i 1-3 -r -n 20 | wc -l", "20\n", "", 0},
      {"shuf -n x n", "", "shuf: invalid line count: 'x'\n", 1},
      {"shuf -i 3 n", "", "shuf: invalid input range: '3'\n", 1},
  };
  check_rows(kRows);
}
