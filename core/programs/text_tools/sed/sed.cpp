#include "core/programs/text_tools/sed/sed.h"

#include "core/base/strings.h"
#include "core/programs/command_flags.h"
#include "core/programs/text_tools/sed/executor.h"

namespace drydock {
namespace {

constexpr std::string_view kHelp =
    "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n"
    "\n"
    "  -n, --quiet, --silent\n"
    "                 suppress automatic printing of pattern space\n"
    "      --debug\n"
    "                 annotate program execution\n"
    "  -e script, --expression=script\n"
    "                 add the script to the commands to be executed\n"
    "  -f script-file, --file=script-file\n"
    "                 add the contents of script-file to the commands to be executed\n"
    "  --follow-symlinks\n"
    "                 follow symlinks when processing in place\n"
    "  -i[SUFFIX], --in-place[=SUFFIX]\n"
    "                 edit files in place (makes backup if SUFFIX supplied)\n"
    "  -l N, --line-length=N\n"
    "                 specify the desired line-wrap length for the `l' command\n"
    "  --posix\n"
    "                 disable all GNU extensions.\n"
    "  -E, -r, --regexp-extended\n"
    "                 use extended regular expressions in the script\n"
    "                 (for portability use POSIX -E).\n"
    "  -s, --separate\n"
    "                 consider files as separate rather than as a single,\n"
    "                 continuous long stream.\n"
    "      --sandbox\n"
    "                 operate in sandbox mode (disable e/r/w commands).\n"
    "  -u, --unbuffered\n"
    "                 load minimal amounts of data from the input files and flush\n"
    "                 the output buffers more often\n"
    "  -z, --null-data\n"
    "                 separate lines by NUL characters\n"
    "      --help     display this help and exit\n"
    "      --version  output version information and exit\n"
    "\n"
    "If no -e, --expression, -f, or --file option is given, then the first\n"
    "non-option argument is taken as the sed script to interpret.  All\n"
    "remaining arguments are names of input files; if no input files are\n"
    "specified, then the standard input is read.\n"
    "\n";

}  // namespace

Task<int> sed_main(Process& p) {
  const CommandFlags flags = CommandFlags::parse(p.arguments(), kHelp);
  if (flags.has("version")) {
    co_await p.out("sed (GNU sed) 4.9\n");
    co_return 0;
  }
  if (flags.has("help")) {
    co_await p.out(std::string(kHelp));
    co_return 0;
  }
  if (!flags.problem().empty()) {
    co_await p.err("sed: " + flags.problem() + "\n");
    co_await p.err(std::string(kHelp));
    co_return 1;
  }
  std::vector<sed::ScriptPart> parts;
  int expressions = 0;
  for (const CommandFlags::Given& given : flags.given()) {
    if (given.name == "e") {
      parts.push_back({"-e expression #" + std::to_string(++expressions), given.value, false});
    } else if (given.name == "f") {
      auto text = co_await read_input(p, given.value);
      if (!text) {
        co_await p.err("sed: couldn't open file " + given.value + ": " + std::string(errno_text(text.error())) + "\n");
        co_return 1;
      }
      if (text->starts_with("#!")) *text = "#" + text->substr(std::min(text->find('\n'), text->size()));
      parts.push_back({given.value, *text, true});
    }
  }
  std::vector<std::string> files = flags.operands();
  if (parts.empty()) {
    if (files.empty()) {
      co_await p.err(std::string(kHelp));
      co_return 1;
    }
    parts.push_back({"-e expression #1", files[0], false});
    files.erase(files.begin());
  }
  sed::Options options;
  options.quiet = flags.has("n");
  options.separate = flags.has("s");
  options.in_place = flags.has("i");
  options.suffix = flags.value("i");
  options.delimiter = flags.has("z") ? '\0' : '\n';
  options.posix = flags.has("posix");
  options.unbuffered = flags.has("u");
  options.line_width = static_cast<std::size_t>(parse_int(flags.value("l", "70")).value_or(70));
  std::string complaint;
  std::optional<sed::Executor> executor;
  try {
    sed::Script script = sed::parse_script(parts, flags.has("E"));
    executor.emplace(p, std::move(script), std::move(options), std::move(files));
  } catch (const std::string& error) {
    complaint = error;
  }
  if (executor) co_return co_await executor->run();
  co_await p.err("sed: " + complaint + "\n");
  co_return 1;
}

}  // namespace drydock
