// How a console line names keys, and how prompts are told from text.
#include "core/world/keys.h"

#include <doctest/doctest.h>

#include "core/world/prompt.h"

using namespace drydock;

TEST_CASE("keys by name") {
  const struct {
    const char* text;
    const char* bytes;
  } rows[] = {
      {"ihello<Esc>:wq<Enter>", "ihello\x1b:wq\r"},
      {"<esc><ESC>", "\x1b\x1b"},
      {"<Up><Down><Left><Right>", "\x1b[A\x1b[B\x1b[D\x1b[C"},
      {"<C-c><c-x><C-[>", "\x03\x18\x1b"},
      {"<A-f>",
       "\x1b"
       "f"},
      {"a < b", "a < b"},
      {"<lt>Esc>", "<Esc>"},
      {"x<", "x<"},
      {"<F1><PageUp><Delete>", "\x1bOP\x1b[5~\x1b[3~"},
      {"<a b>", "<a b>"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto bytes = parse_keys(row.text);
    REQUIRE(bytes.ok());
    CHECK(*bytes == row.bytes);
  }
  CHECK(parse_keys("<Nokey>").error().message == "no key is called <Nokey>; write <lt> for a plain <");
}

TEST_CASE("lines of keys") {
  const auto line = split_keys("node1> :q!<Enter>");
  REQUIRE(line.has_value());
  CHECK(line->node == "node1");
  CHECK(line->keys == ":q!<Enter>");
  for (const char* other : {"node1$ ls", "> more", "echo a > b", "cat > file", "a>b"}) {
    CAPTURE(other);
    // "echo a" and "cat" would be nodes' names only if they had no space and existed.
    const auto keys = split_keys(other);
    CHECK((!keys || keys->node == "cat"));
  }
}

TEST_CASE("prompts") {
  for (const char* prompt : {"[root@web /]# ", "/ # ", "node1$ ", "mysql> ", "\x1b[1m[node1 ~]$ \x1b[0m"}) {
    CAPTURE(prompt);
    CHECK(ends_with_prompt(prompt));
  }
  for (const char* text : {"", "done\n", "50% #\n", "waiting..."}) {
    CAPTURE(text);
    CHECK_FALSE(ends_with_prompt(text));
  }
  struct Row {
    const char* text;
    std::size_t start;
  };
  for (const Row& row : {Row{"[node1 ~]$ ", 0}, Row{"42[root@web /]# ", 2}, Row{"a\nb/ # ", 3}, Row{"x~ # ", 1},
                         Row{"greenroot@web:/etc# ", 5}, Row{"one\nmysql> ", 4}, Row{"no# ", 0}, Row{"done # ", 5},
                         Row{"# ", 0}, Row{"plain\n", std::string::npos}}) {
    CAPTURE(row.text);
    CHECK(prompt_start(row.text) == row.start);
  }
  CHECK(split_prompt("[root@web /]# ls -l")->command == "ls -l");
  CHECK(split_prompt("node1$ kubectl get pods")->who == "node1");
  CHECK_FALSE(split_prompt("plain text").has_value());
}
