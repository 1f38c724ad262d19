// Recognizes prompts: at the end of a terminal's output ("[root@web /]# ", "/ # ",
// "mysql> ") and at the start of a console line ("node1$ ls").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drydock {

// True when the text ends in what looks like a prompt that waits for a line.
bool ends_with_prompt(std::string_view output_tail);

// Where the prompt at the end of plain text begins, which may follow output that has no
// newline at its end: "42[root@web /]# " -> 2. npos when none is there.
std::size_t prompt_start(std::string_view text);

// "node1$ kubectl get pods" -> {"node1", "kubectl get pods"}; also "[node1 ~]$ …",
// "[root@web /]# …", "/ # …", "root@web:/# …". Nothing when the line has no prompt.
struct PromptedLine {
  std::string who;  // "node1", "root@web", "" for a bare "/ #"
  std::string command;
};
std::optional<PromptedLine> split_prompt(std::string_view line);

// Terminal output without escape sequences and carriage returns.
std::string strip_escapes(std::string_view bytes);

}  // namespace drydock
