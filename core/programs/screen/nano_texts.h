// What nano says about its keys.
#pragma once

#include <string_view>

namespace drydock::screen {

struct HelpItem {
  std::string_view key;
  std::string_view text;
};
inline constexpr HelpItem kMainHelp[] = {{"^G", "Get Help"},   {"^O", "Write Out"}, {"^W", "Where Is"},
                                         {"^K", "Cut Text"},   {"^J", "Justify"},   {"^C", "Cur Pos"},
                                         {"^X", "Exit"},       {"^R", "Read File"}, {"^\\", "Replace"},
                                         {"^U", "Paste Text"}, {"^T", "To Spell"},  {"^_", "Go To Line"}};

inline constexpr std::string_view kHelpText =
    "Main nano help text\n\n"
    "The editor shows the file's name on the top line, messages on the third line\nfrom the bottom, and the most used "
    "keys on the last two lines.\n\n"
    "^G  Display this help text\n^X  Close the current file\n^O  Write the file to disk\n^R  Insert another file\n"
    "^W  Search forward for a string\n^\\  Replace a string\n^K  Cut the current line into the cutbuffer\n^U  Insert "
    "the contents of the cutbuffer\n"
    "^C  Display the position of the cursor\n^_  Go to line and column number\nM-U Undo the last operation\nM-E Redo "
    "the last undone operation\n"
    "M-A Mark text from the cursor position\nM-6 Copy the current line into the cutbuffer\nM-W Search for the next "
    "match\n^A  Go to the start of the line\n"
    "^E  Go to the end of the line\n^Y  Go one screenful up\n^V  Go one screenful down\nM-\\ Go to the first line\nM-/ "
    "Go to the last line\n"
    "M-N Line numbers on or off\n";

}  // namespace drydock::screen
