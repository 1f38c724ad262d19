// PS1 and its escapes.
// https://www.gnu.org/software/bash/manual/html_node/Controlling-the-Prompt.html
#include <ctime>

#include "core/base/strings.h"
#include "core/host/tty.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/shell/interpreter.h"

namespace drydock::shell {
namespace {

std::string user_name(const Process& process) {
  const std::string uid = std::to_string(process.credentials().uid);
  if (const auto passwd = process.read_file("/etc/passwd")) {
    for (const std::string& line : split(*passwd, '\n')) {
      const std::vector<std::string> fields = split(line, ':');
      if (fields.size() > 2 && fields[2] == uid) return fields[0];
    }
  }
  return uid == "0" ? "root" : "I have no name!";
}

}  // namespace

Task<std::string> Interpreter::prompt(std::string text) {
  std::string out;
  const std::string cwd = process_.cwd();
  const std::string home = get("HOME");
  const bool at_home = !home.empty() && home != "/" && (cwd == home || cwd.starts_with(home + "/"));
  const std::string shown = at_home ? "~" + cwd.substr(home.size()) : cwd;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'a':
        out += '\a';
        break;
      case 'd':
        out += format_time(process_.now(), "%a %b %d");
        break;
      case 'D': {
        const std::size_t end = text.find('}', i);
        if (text.compare(i + 1, 1, "{") != 0 || end == std::string::npos) break;
        const std::string pattern = text.substr(i + 2, end - i - 2);
        out += format_time(process_.now(), pattern.empty() ? "%X" : pattern);
        i = end;
        break;
      }
      case 'h':
        out += process_.hostname().substr(0, process_.hostname().find('.'));
        break;
      case 'H':
        out += process_.hostname();
        break;
      case 'j':
        out += std::to_string(jobs_.size());
        break;
      case 'l': {
        const auto tty = process_.controlling_tty();
        out += tty ? tty->name().substr(tty->name().rfind('/') + 1) : "tty";
        break;
      }
      case 't':
        out += format_time(process_.now(), "%H:%M:%S");
        break;
      case 'T':
        out += format_time(process_.now(), "%I:%M:%S");
        break;
      case '@':
        out += format_time(process_.now(), "%I:%M %p");
        break;
      case 'A':
        out += format_time(process_.now(), "%H:%M");
        break;
      case 'u':
        out += user_name(process_);
        break;
      case 'v':
        out += "5.1";
        break;
      case 'V':
        out += "5.1.8";
        break;
      case 'w':
        out += shown;
        break;
      case 'W':
        out += shown == "~" || shown == "/" ? shown : std::string(base_name(shown));
        break;
      case '$':
        out += process_.credentials().uid == 0 ? '#' : '$';
        break;
      case 'n':
        out += '\n';
        break;
      case 'r':
        out += '\r';
        break;
      case 'e':
        out += '\x1b';
        break;
      case 's':
        out += std::string(base_name(name_));
        break;
      case '!':
      case '#':
        out += std::to_string(history.size() + 1);
        break;
      case '[':
        out += '\x01';  // between these nothing takes room on the screen
        break;
      case ']':
        out += '\x02';
        break;
      case '\\':
        out += '\\';
        break;
      default:
        if (text[i] >= '0' && text[i] <= '7') {
          int value = 0;
          std::size_t digits = 0;
          while (digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7') {
            value = value * 8 + (text[i++] - '0');
            ++digits;
          }
          --i;
          out += static_cast<char>(value);
        } else {
          out += '\\';
          out += text[i];
        }
    }
  }
  if (out.find_first_of("$`") != std::string::npos) {
    const int status = status_;
    std::vector<Piece> pieces;
    co_await expand_pieces(out, kInQuotes | kHereDocument, pieces);
    out = plain_text(pieces);
    status_ = status;
    if (flow_ == Flow::kDiscard) flow_ = Flow::kNone;
  }
  co_return out;
}

}  // namespace drydock::shell
