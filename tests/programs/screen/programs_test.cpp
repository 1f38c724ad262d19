// nano, less, more, man, watch, top, tput at a terminal.
#include "tests/programs/screen/terminal_fixture.h"

using namespace drydock;

TEST_CASE("nano: types, cuts, pastes, searches, writes") {
  TerminalFixture t;
  t.put("f", "one\ntwo\nthree\n");
  t.start({"nano", "f"});
  CHECK(contains(t.screen.row(0), "GNU nano"));
  CHECK(contains(t.screen.row(0), "f"));
  CHECK(contains(t.screen.row(21), "[ Read 3 lines ]"));
  CHECK(contains(t.screen.row(22), "^G Get Help"));
  CHECK(contains(t.screen.row(23), "^X Exit"));
  t.type("zero\r");
  CHECK(contains(t.screen.row(0), "Modified"));
  t.type("\x0b");         // ^K: "one" is cut
  t.type("\x1b[B\x15");   // down, ^U
  t.type("\x17three\r");  // ^W
  t.type("X");
  t.type("\x0f");  // ^O
  CHECK(contains(t.screen.row(21), "File Name to Write: f"));
  t.type("\r");
  CHECK(contains(t.screen.row(21), "[ Wrote 4 lines ]"));
  CHECK(t.read("f") == "zero\ntwo\none\nXthree\n");
  t.type("y\x1bu");  // typed and undone
  t.type("\x18");
  if (t.code < 0) t.type("n");
  CHECK(t.code == 0);
}

TEST_CASE("nano: asks before it forgets changes") {
  TerminalFixture t;
  t.start({"nano", "f"});
  CHECK(contains(t.screen.row(21), "[ New File ]"));
  t.type("text\x18");
  CHECK(contains(t.screen.row(21), "Save modified buffer?"));
  t.type("y");
  t.type("\r");
  CHECK(t.code == 0);
  CHECK(t.read("f") == "text\n");
}

TEST_CASE("less: pages, searches, ends") {
  TerminalFixture t;
  std::string text;
  for (int i = 1; i <= 100; ++i) text += "line " + std::to_string(i) + "\n";
  t.put("f", text);
  t.start({"less", "f"});
  CHECK(t.screen.row(0) == "line 1");
  CHECK(t.screen.row(23) == "f");
  t.type(" ");
  CHECK(t.screen.row(0) == "line 24");
  CHECK(t.screen.row(23) == ":");
  t.type("/line 7\r");
  CHECK(t.screen.row(0) == "line 70");
  t.type("n");
  CHECK(t.screen.row(0) == "line 71");
  t.type("G");
  CHECK(t.screen.row(22) == "line 100");
  CHECK(t.screen.row(23) == "(END)");
  t.type("-N\r");
  CHECK(t.screen.row(22) == "    100 line 100");
  t.type("/nothing\r");
  CHECK(t.screen.row(23) == "Pattern not found  (press RETURN)");
  t.type("\rg");
  CHECK(t.screen.row(0) == "      1 line 1");
  t.type("q");
  CHECK(t.code == 0);
}

TEST_CASE("man: a page, and none") {
  TerminalFixture t;
  t.start({"man", "kubectl"});
  CHECK(t.screen.row(0).starts_with("KUBECTL(1)"));
  CHECK(t.screen.row(2) == "NAME");
  CHECK(contains(t.screen.row(3), "kubectl - control a Kubernetes cluster"));
  t.type("q");
  CHECK(t.code == 0);
  const CommandRun none = t.run("man nosuch");
  CHECK(none.err == "No manual entry for nosuch\n");
  CHECK(none.code == 16);
  CHECK(contains(t.run("man ls").out, "ls - list directories"));
}

TEST_CASE("watch: runs a command again on the virtual clock") {
  TerminalFixture t;
  t.put("n", "1\n");
  t.start({"watch", "-n", "5", "cat", "n"});
  CHECK(t.screen.row(0).starts_with("Every 5.0s: cat n"));
  CHECK(contains(t.screen.row(0), "node1: Thu Jan  1 00:00:0"));
  CHECK(t.screen.row(2) == "1");
  t.put("n", "2\n");
  t.settle(seconds(5));
  CHECK(t.screen.row(2) == "2");
  t.type("\x03");
  CHECK(t.code == 130);
}

TEST_CASE("top: a picture, sorting, q") {
  TerminalFixture t;
  t.start({"top"});
  CHECK(t.screen.row(0).starts_with("top - 00:00:0"));
  CHECK(t.screen.row(1).starts_with("Tasks:   1 total,   1 running"));
  CHECK(contains(t.screen.row(6), "PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND"));
  CHECK(contains(t.screen.row(7), "top"));
  t.type("M");
  t.type("q");
  CHECK(t.code == 0);
  CHECK(contains(t.run("top -b -n 1").out, "COMMAND\n"));
}

TEST_CASE("tput and clear without a terminal's help") {
  TerminalFixture t;
  CHECK(t.run("tput setaf 1").out == "\x1b[31m");
  CHECK(t.run("tput nosuch").err == "tput: unknown terminfo capability 'nosuch'\n");
  CHECK(t.run("clear").out == "\x1b[H\x1b[2J\x1b[3J");
  CHECK(t.run("printf 'a\\nb\\n' | less").out == "a\nb\n");
}
