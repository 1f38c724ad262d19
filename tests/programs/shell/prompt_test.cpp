// The shell at a terminal: editing, history, completion, job control.
#include "tests/programs/screen/terminal_fixture.h"

using namespace drydock;

namespace {

struct PromptFixture : TerminalFixture {
  PromptFixture() {
    put("/root/.bashrc", "PS1='$ '\n");
    start({"bash"});
  }
  // The rows that hold something.
  std::vector<std::string> shown() const {
    std::vector<std::string> rows;
    for (std::size_t i = 0; i < kRows; ++i) {
      if (!screen.row(i).empty()) rows.push_back(screen.row(i));
    }
    return rows;
  }
};

using Rows = std::vector<std::string>;

}  // namespace

TEST_CASE("prompt: emacs keys") {
  for (const auto& [keys, line] : std::vector<std::pair<std::string, std::string>>{
           {"cho hi\x01"
            "e",
            "echo hi"},
           {"echo one two\x17three", "echo one three"},
           {"echo xhi\x1b[D\x1b[D\x1b[3~", "echo xi"},
           {"hi\x15"
            "echo ho",
            "echo ho"},
           {"echo one\x15\x19", "echo one"},
           {"echo a b\x1b"
            "b\x0b",
            "echo a"},
           {"echo ab\x14", "echo ba"},
           {"echo one\x1b"
            "b\x1b"
            "u",
            "echo ONE"},
           {"echo 你好\x7f", "echo 你"},
           {"echo xy\x7f\x1f", "echo xy"},
       }) {
    CAPTURE(keys);
    PromptFixture t;
    t.type(keys);
    CHECK(t.screen.row(0) == "$ " + line);
  }
}

TEST_CASE("prompt: history") {
  PromptFixture t;
  t.type("echo one\recho two\r");
  t.type("\x1b[A\x1b[A\r");
  CHECK(t.shown() == Rows{"$ echo one", "one", "$ echo two", "two", "$ echo one", "one", "$"});
  t.type("!e\r");
  CHECK(t.screen.row(6) == "$ !e");
  CHECK(t.screen.row(7) == "echo one");
  t.type("echo \x1b.\r");
  CHECK(t.screen.row(9) == "$ echo one");
  t.type("\x12two\r");
  CHECK(t.screen.row(12) == "two");
  t.type("!nosuch\r");
  CHECK(t.screen.row(14) == "bash: !nosuch: event not found");
}

TEST_CASE("prompt: completion") {
  PromptFixture t;
  t.put("alpha one", "");
  t.put("beta/file", "");
  t.type("cat al\t");
  CHECK(t.screen.row(0) == "$ cat alpha\\ one");
  t.type(
      "\x15"
      "cat b\t");
  CHECK(t.screen.row(0) == "$ cat beta/");
  t.type("\t");
  CHECK(t.screen.row(0) == "$ cat beta/file");
  t.type(
      "\x15"
      "complete -W 'get getall delete' k8\rk8 g\t");
  CHECK(t.screen.row(1) == "$ k8 get");
  t.type("\t\t");
  CHECK(t.screen.row(2) == "get     getall");
  CHECK(t.screen.row(3) == "$ k8 get");
}

TEST_CASE("prompt: a command of several lines") {
  PromptFixture t;
  t.type("for i in 1 2; do\recho $i\rdone\r");
  CHECK(t.shown() == Rows{"$ for i in 1 2; do", "> echo $i", "> done", "1", "2", "$"});
}

TEST_CASE("prompt: what is pasted stands as it is until Enter") {
  PromptFixture t;
  CHECK(t.tty->output_tail().find("\x1b[?2004h") != std::string::npos);
  t.type("\x1b[200~cat > copy <<'E'\r\tone\rtwo\rE\x1b[201~");
  CHECK(t.screen.row(0) == "$ cat > copy <<'E'");
  CHECK(t.screen.row(2) == "two");
  CHECK(t.screen.cursor_row() == 3);
  t.type("\r");
  CHECK(t.read("copy") == "\tone\ntwo\n");
  CHECK(t.screen.row(4) == "$");
  // More than one command: all of it runs, and not before Enter.
  t.type("\x1b[200~cat > more <<'E'\rone\rE\rwc -l more\x1b[201~");
  CHECK(t.screen.row(7) == "wc -l more");
  CHECK(t.screen.row(8).empty());
  t.type("\r");
  CHECK(t.screen.row(8) == "1 more");
  CHECK(t.screen.row(9) == "$");
  // A program that reads for itself gets the plain text.
  t.type("cat\r");
  const std::string& tail = t.tty->output_tail();
  CHECK(tail.rfind("\x1b[?2004l") > tail.rfind("\x1b[?2004h"));
}

TEST_CASE("prompt: job control") {
  PromptFixture t;
  t.type("sleep 100\r");
  t.type("\x1a");
  CHECK(t.screen.row(2) == "[1]+  Stopped                 sleep 100");
  t.type("bg\r");
  CHECK(t.screen.row(4) == "[1]+ sleep 100 &");
  t.type("jobs\r");
  CHECK(t.screen.row(6) == "[1]+  Running                 sleep 100 &");
  t.type("fg\r");
  t.type("\x03");
  t.type("echo $?\r");
  CHECK(t.shown().at(t.shown().size() - 2) == "130");
  t.type("exit 3\r");
  CHECK(t.code == 3);
}
