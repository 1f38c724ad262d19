// Vi: keys typed into a terminal, the file that comes of them, and what the screen says.
#include "tests/programs/screen/terminal_fixture.h"

using namespace drydock;

namespace {

struct ViRow {
  const char* before;
  const char* keys;  // ":wq" follows
  const char* after;
};

}  // namespace

TEST_CASE("vi: commands change the text as vim's do") {
  for (const ViRow& row : std::initializer_list<ViRow>{
           {"one two three\n", "dw", "two three\n"},
           {"one two three\n", "wcwTWO\x1b", "one TWO three\n"},
           {"one two three\n", "A!\x1b", "one two three!\n"},
           {"one\ntwo\nthree\n", "jdd", "one\nthree\n"},
           {"one\ntwo\nthree\n", "ddp", "two\none\nthree\n"},
           {"one\ntwo\n", "yyp", "one\none\ntwo\n"},
           {"one\ntwo\n", "ofresh\x1b", "one\nfresh\ntwo\n"},
           {"one\ntwo\n", "Ofresh\x1b", "fresh\none\ntwo\n"},
           {"  a\n", "oin\x1b", "  a\n  in\n"},
           {"abc\n", "xu", "abc\n"},
           {"abc\n", "xxu\x12", "c\n"},
           {"abc\n", "x.", "c\n"},
           {"a b c d\n", "2dw", "c d\n"},
           {"a b c d\n", "d2w.", "\n"},
           {"one two\n", "$x", "one tw\n"},
           {"f(a, b)\n", "fadi(", "f()\n"},
           {"say \"hi there\"\n", "ci\"bye\x1b", "say \"bye\"\n"},
           {"a word here\n", "wdaw", "a here\n"},
           {"one\ntwo\nthree\n", "dG", "\n"},
           {"one\ntwo\nthree\n", "jVjd", "one\n"},
           {"one two\n", "veU", "ONE two\n"},
           {"one\ntwo\n", "J", "one two\n"},
           {"one\n", "~", "One\n"},
           {"one\n", "rO", "One\n"},
           {"a\nb\n", ">>", "\ta\nb\n"},
           {"spec:\n  x: 1\n", ":set et sw=2\rj>>", "spec:\n    x: 1\n"},
           {"a a\na a\n", ":s/a/b/\r", "b a\na a\n"},
           {"a a\na a\n", ":%s/a/b/g\r", "b b\nb b\n"},
           {"replicas: 1\n", ":%s/\\(replicas\\): 1/\\1: 3/\r", "replicas: 3\n"},
           {"1\n2\n3\n4\n", ":2,3d\r", "1\n4\n"},
           {"1\n2\n3\n", ":g/2/d\r", "1\n3\n"},
           {"x\ny\n", "/y\rdd", "x\n"},
           {"a b\na b\n", "qaxjq@a", " b\n b\n"},
           {"foo bar foo\n", "*x", "foo bar oo\n"},
           {"one\ntwo\n", "majd'a", "\n"},
           {"port: 80\n", "8\x01", "port: 88\n"},
           {"abc\n", "\"ayw\"ap", "aabcbc\n"},
           {"a\nb\nc\n", "\x16jjI# \x1b", "# a\n# b\n# c\n"},
           {"你好 世界\n", "x", "好 世界\n"},
           {"你好 世界\n", "wi新\x1b", "你好 新世界\n"},
       }) {
    CAPTURE(row.keys);
    TerminalFixture t;
    t.put("f", row.before);
    t.start({"vi", "f"});
    t.type(row.keys);
    t.type(":wq\r");
    CHECK(t.code == 0);
    CHECK(t.read("f") == row.after);
  }
}

TEST_CASE("vi: what it says") {
  TerminalFixture t;
  t.put("f", "one\ntwo\nthree\n");
  t.start({"vi", "f"});
  CHECK(t.screen.row(0) == "one");
  CHECK(t.screen.row(3) == "~");
  CHECK(t.screen.row(23).starts_with("\"f\" 3L, 14B"));
  CHECK(t.screen.row(23).ends_with("1,1           All"));
  t.type("i");
  CHECK(t.screen.row(23).starts_with("-- INSERT --"));
  t.type("x\x1b:q\r");
  CHECK(t.screen.row(23).starts_with("E37: No write since last change (add ! to override)"));
  t.type(":foo\r");
  CHECK(t.screen.row(23).starts_with("E492: Not an editor command: foo"));
  t.type("/nothing\r");
  CHECK(t.screen.row(23).starts_with("E486: Pattern not found: nothing"));
  t.type(":w\r");
  CHECK(t.screen.row(23).starts_with("\"f\" 3L, 15B written"));
  t.type(":set number\r");
  CHECK(t.screen.row(1) == "  2 two");
  t.type("V");
  CHECK(t.screen.row(23).starts_with("-- VISUAL LINE --"));
  t.type("\x1b:q\r");
  CHECK(t.code == 0);
}

TEST_CASE("vi: a new file, a long line, another size") {
  TerminalFixture t;
  t.start({"vi", "new.yaml"});
  CHECK(t.screen.row(23).starts_with("\"new.yaml\" [New]"));
  t.type("i" + std::string(100, 'a') + "\x1b");
  CHECK(t.screen.row(0) == std::string(80, 'a'));
  CHECK(t.screen.row(1) == std::string(20, 'a'));
  t.type(":q!\r");
  CHECK(t.code == 0);
  CHECK(t.read("new.yaml") == "<missing>");
}
