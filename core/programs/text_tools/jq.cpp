// jq: the command around jq's own library.
#include <drydock_jq.h>
#include <jq.h>
#include <jv.h>

#include <deque>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/text_tools/streams.h"
#include "core/programs/text_tools/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kUsage =
    "Usage:\tjq [OPTIONS] FILTER [FILES...]\n"
    "\tjq [OPTIONS] -f FILE [FILES...]\n"
    "\tjq [OPTIONS] --args FILTER [ARGUMENTS...]\n"
    "\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]\n";
constexpr std::string_view kHelp =
    "\n"
    "Applies FILTER to each JSON value of the inputs and prints the results as JSON.\n"
    "The simplest filter is '.', which prints its input, formatted.\n"
    "\n"
    "Command options:\n"
    "  -n, --null-input          use `null` as the single input value;\n"
    "  -R, --raw-input           read each line as string instead of JSON;\n"
    "  -s, --slurp               read all inputs into an array and use it as\n"
    "                            the single input value;\n"
    "  -c, --compact-output      compact instead of pretty-printed output;\n"
    "  -r, --raw-output          output strings without escapes and quotes;\n"
    "  -j, --join-output         implies -r and output without newline after\n"
    "                            each output;\n"
    "  -a, --ascii-output        output strings by only ASCII characters\n"
    "                            using escape sequences;\n"
    "  -S, --sort-keys           sort keys of each object on output;\n"
    "  -C, --color-output        colorize JSON output;\n"
    "  -M, --monochrome-output   disable colored output;\n"
    "      --tab                 use tabs for indentation;\n"
    "      --indent n            use n spaces for indentation (max 7 spaces);\n"
    "  -f, --from-file file      load filter from the file;\n"
    "      --arg name value      set $name to the string value;\n"
    "      --argjson name value  set $name to the JSON value;\n"
    "      --slurpfile name file set $name to an array of JSON values read\n"
    "                            from the file;\n"
    "      --rawfile name file   set $name to string contents of file;\n"
    "      --args                consume remaining arguments as positional\n"
    "                            string values;\n"
    "      --jsonargs            consume remaining arguments as positional\n"
    "                            JSON values;\n"
    "  -e, --exit-status         set exit status code based on the output;\n"
    "  -V, --version             show the version;\n"
    "  -h, --help                show the help;\n"
    "\n"
    "Named arguments are also available as $ARGS.named[], while\n"
    "positional arguments are available as $ARGS.positional[].\n";

// Owns a value of the library's.
struct Held {
  jv value;
  explicit Held(jv taken) : value(taken) {}
  ~Held() { jv_free(value); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
};

jv text_value(std::string_view text) { return jv_string_sized(text.data(), static_cast<int>(text.size())); }

std::string text_of(jv string) {
  std::string text(jv_string_value(string), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(string))));
  jv_free(string);
  return text;
}

std::string dump(jv value, int flags) { return text_of(jv_dump_string(value, flags)); }

// What a message says, whether it is a string or any other value.
std::string message_of(jv message) {
  return jv_get_kind(message) == JV_KIND_STRING ? text_of(message) : dump(message, 0);
}

struct Source {
  std::string name;
  std::string text;
};

// The inputs, read line by line and parsed one by one as the filter asks for them.
class Inputs {
 public:
  Inputs(std::vector<Source> sources, bool raw, bool slurp)
      : sources_(std::move(sources)), raw_(raw), slurp_(slurp), parser_(jv_parser_new(0)) {}
  ~Inputs() { jv_parser_free(parser_); }
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  // Invalid at the end, invalid with a message for what is no JSON.
  jv next() {
    if (ended_) return jv_invalid();
    if (!slurp_) return raw_ ? next_text() : next_value();
    ended_ = true;
    if (raw_) {
      std::string all;
      for (const Source& source : sources_) all += source.text;
      return text_value(all);
    }
    jv all = jv_array();
    for (;;) {
      jv value = next_value();
      if (jv_is_valid(value)) {
        all = jv_array_append(all, value);
        continue;
      }
      if (!jv_invalid_has_msg(jv_copy(value))) {
        jv_free(value);
        return all;
      }
      jv_free(all);
      return value;
    }
  }
  // Where reading has come to: "<stdin>:3".
  std::string place() const { return name_.empty() ? "<unknown>" : name_ + ":" + std::to_string(line_); }

 private:
  // The next line with its newline; nothing when all is read.
  std::optional<std::string_view> take_line() {
    while (source_ < sources_.size()) {
      const Source& source = sources_[source_];
      if (at_ < source.text.size()) {
        const std::size_t newline = source.text.find('\n', at_);
        const std::size_t end = newline == std::string::npos ? source.text.size() : newline + 1;
        const std::string_view line = std::string_view(source.text).substr(at_, end - at_);
        at_ = end;
        if (name_ != source.name) line_ = 0;
        name_ = source.name;
        line_ += line.ends_with('\n');
        return line;
      }
      ++source_;
      at_ = 0;
    }
    return std::nullopt;
  }
  jv next_value() {
    for (;;) {
      jv value = jv_parser_next(parser_);
      if (jv_is_valid(value) || jv_invalid_has_msg(jv_copy(value)) || all_read_) return value;
      jv_free(value);
      const auto line = take_line();
      all_read_ = !line;
      jv_parser_set_buf(parser_, line ? line->data() : "", line ? static_cast<int>(line->size()) : 0, line ? 1 : 0);
    }
  }
  jv next_text() {
    auto line = take_line();
    if (!line) return jv_invalid();
    if (line->ends_with('\n')) line->remove_suffix(1);
    return text_value(*line);
  }

  std::vector<Source> sources_;
  bool raw_;
  bool slurp_;
  bool ended_ = false;
  bool all_read_ = false;
  std::size_t source_ = 0;
  std::size_t at_ = 0;
  std::string name_;
  std::int64_t line_ = 0;
  jv_parser* parser_;
};

struct Request {
  std::optional<std::string> filter;
  std::string filter_file;
  std::vector<std::string> files;
  bool null_input = false, raw_input = false, slurp = false, raw_output = false, join = false, exit_status = false;
  int format = JV_PRINT_INDENT_FLAGS(2);
  bool color = false;
  jv named = jv_object();
  jv positional = jv_array();

  Request() = default;
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() {
    jv_free(named);
    jv_free(positional);
  }
  void set(const std::string& name, jv value) { named = jv_object_set(named, text_value(name), value); }
};

// All JSON values of a text as an array; invalid with a message when it is no JSON.
jv values_of(const std::string& text) { return Inputs({{"", text}}, false, true).next(); }

// "" or what is wrong with the command line. `words` may name files, read through `p`.
std::string read_arguments(Process& p, Request& request) {
  enum class Rest { kFiles, kTexts, kValues } rest = Rest::kFiles;
  bool flags_over = false;
  const std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::size_t left = words.size() - i - 1;
    if (flags_over || word.size() < 2 || word[0] != '-') {
      if (!request.filter && request.filter_file.empty()) {
        request.filter = word;
      } else if (rest == Rest::kFiles) {
        request.files.push_back(word);
      } else if (rest == Rest::kTexts) {
        request.positional = jv_array_append(request.positional, text_value(word));
      } else {
        jv value = jv_parse(word.c_str());
        if (!jv_is_valid(value)) {
          jv_free(value);
          return "Invalid JSON text passed to --jsonargs";
        }
        request.positional = jv_array_append(request.positional, value);
      }
      continue;
    }
    if (word == "--") {
      flags_over = true;
      continue;
    }
    std::vector<std::string> names;
    if (word[1] == '-') {
      names.push_back(word.substr(2));
    } else {
      static constexpr std::pair<char, std::string_view> kShort[] = {
          {'n', "null-input"},        {'R', "raw-input"},  {'s', "slurp"},
          {'c', "compact-output"},    {'r', "raw-output"}, {'j', "join-output"},
          {'a', "ascii-output"},      {'S', "sort-keys"},  {'C', "color-output"},
          {'M', "monochrome-output"}, {'f', "from-file"},  {'e', "exit-status"},
          {'V', "version"},           {'h', "help"}};
      for (const char c : word.substr(1)) {
        std::string name;
        for (const auto& [letter, meaning] : kShort) {
          if (letter == c) name = meaning;
        }
        if (name.empty()) return "Unknown option: " + word;
        names.push_back(std::move(name));
      }
    }
    for (const std::string& name : names) {
      if (name == "null-input")
        request.null_input = true;
      else if (name == "raw-input")
        request.raw_input = true;
      else if (name == "slurp")
        request.slurp = true;
      else if (name == "raw-output")
        request.raw_output = true;
      else if (name == "join-output")
        request.raw_output = request.join = true;
      else if (name == "exit-status")
        request.exit_status = true;
      else if (name == "compact-output")
        request.format &= ~(JV_PRINT_TAB | JV_PRINT_INDENT_FLAGS(7));
      else if (name == "ascii-output")
        request.format |= JV_PRINT_ASCII;
      else if (name == "sort-keys")
        request.format |= JV_PRINT_SORTED;
      else if (name == "color-output")
        request.color = true;
      else if (name == "monochrome-output")
        request.color = false;
      else if (name == "tab")
        request.format = (request.format & ~JV_PRINT_INDENT_FLAGS(7)) | JV_PRINT_TAB | JV_PRINT_PRETTY;
      else if (name == "args")
        rest = Rest::kTexts;
      else if (name == "jsonargs")
        rest = Rest::kValues;
      else if (name == "unbuffered" || name == "seq")
        continue;
      else if (name == "indent") {
        if (left < 1) return "--indent takes one parameter";
        const auto width = parse_int(words[++i]);
        if (!width) return "--indent takes a number";
        if (*width < -1) return "Cannot indent less than zero";
        if (*width > 7) return "Cannot indent more than 7 characters";
        request.format &= ~(JV_PRINT_TAB | JV_PRINT_INDENT_FLAGS(7));
        request.format |= JV_PRINT_INDENT_FLAGS(static_cast<int>(*width));
      } else if (name == "from-file") {
        if (left < 1) return "-f takes a parameter";
        request.filter_file = words[++i];
        if (request.filter) request.files.insert(request.files.begin(), *std::exchange(request.filter, {}));
      } else if (name == "arg" || name == "argjson") {
        if (left < 2)
          return "--" + name + " takes two parameters (e.g. --" + name + " varname " +
                 (name == "arg" ? "value)" : "text)");
        const std::string variable = words[++i];
        const std::string& text = words[++i];
        jv value = name == "arg" ? text_value(text) : jv_parse(text.c_str());
        if (!jv_is_valid(value)) {
          jv_free(value);
          return "Invalid JSON text passed to --argjson";
        }
        request.set(variable, value);
      } else if (name == "slurpfile" || name == "rawfile") {
        if (left < 2) return "--" + name + " takes two parameters (e.g. --" + name + " varname filename)";
        const std::string variable = words[++i];
        const std::string& path = words[++i];
        const auto content = p.read_file(path);
        const std::string bad = "Bad JSON in --" + name + " " + variable + " " + path + ": ";
        if (!content) return bad + "Could not open " + path + ": " + std::string(errno_text(content.error()));
        jv value = name == "rawfile" ? text_value(*content) : values_of(*content);
        if (!jv_is_valid(value)) return bad + message_of(jv_invalid_get_msg(value));
        request.set(variable, value);
      } else {
        return "Unknown option: " + word;
      }
    }
  }
  return "";
}

// The library's state with what it says while it works.
struct Engine {
  jq_state* state = jq_init();
  std::vector<std::string> complaints;
  Inputs* inputs = nullptr;
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  ~Engine() { jq_teardown(&state); }
};

}  // namespace

Task<int> jq_main(Process& p) {
  for (const std::string& word : p.arguments()) {
    if (word == "-h" || word == "--help") {
      co_await p.out(std::string(kUsage) + std::string(kHelp));
      co_return 0;
    }
    if (word == "-V" || word == "--version") {
      co_await p.out("jq-1.7.1\n");
      co_return 0;
    }
    if (word == "--") break;
  }
  Request request;
  request.color = p.is_tty(1) && p.env("NO_COLOR").empty();
  std::string problem = read_arguments(p, request);
  if (problem.empty() && !request.filter && request.filter_file.empty()) {
    if (p.is_tty(0) || p.is_tty(1)) {
      co_await p.err(std::string(kUsage));
      co_return 2;
    }
    request.filter = ".";
  }
  if (!problem.empty()) {
    co_await p.err((problem.starts_with("Unknown option") ? "jq: " : "jq: error: ") + problem +
                   "\nUse jq --help for help with command-line options,\nor see the jq manpage, or online docs  at "
                   "https://jqlang.github.io/jq\n");
    co_return 2;
  }
  if (!request.filter_file.empty()) {
    auto content = p.read_file(request.filter_file);
    if (!content) {
      co_await p.err("jq: error: Could not open " + request.filter_file + ": " +
                     std::string(errno_text(content.error())) + "\n");
      co_return 2;
    }
    request.filter = *std::move(content);
  }
  if (request.color) request.format |= JV_PRINT_COLOR;

  // Its globals are ours only until the next wait, so they are set whenever it runs.
  std::vector<std::string> environment;
  for (const auto& [name, value] : p.environment()) environment.push_back(name + "=" + value);
  std::vector<char*> entries;
  for (std::string& entry : environment) entries.push_back(entry.data());
  entries.push_back(nullptr);
  const auto enter = [&] {
    drydock_jq_environment = entries.data();
    drydock_jq_now = std::chrono::duration<double>(p.now().time_since_epoch()).count();
  };

  Engine engine;
  const auto complain = [](void* data, jv message) {
    static_cast<Engine*>(data)->complaints.push_back(message_of(jq_format_error(message)));
  };
  jq_set_error_cb(engine.state, complain, &engine);
  jv arguments = jv_copy(request.named);
  jv both = jv_object_set(jv_object(), jv_string("positional"), jv_copy(request.positional));
  both = jv_object_set(both, jv_string("named"), jv_copy(request.named));
  arguments = jv_object_set(arguments, jv_string("ARGS"), both);
  enter();
  const bool compiled = jq_compile_args(engine.state, request.filter->c_str(), arguments) != 0;
  if (!compiled) {
    co_await p.err(join(engine.complaints, "\n") + "\n");
    co_return 3;
  }
  engine.complaints.clear();
  jq_set_debug_cb(
      engine.state,
      [](void* data, jv message) {
        jv both_of_them = JV_ARRAY(jv_string("DEBUG:"), message);
        static_cast<Engine*>(data)->complaints.push_back(dump(both_of_them, 0) + "\n");
      },
      &engine);
  jq_set_stderr_cb(
      engine.state,
      [](void* data, jv message) { static_cast<Engine*>(data)->complaints.push_back(message_of(message)); }, &engine);

  std::vector<Source> sources;
  int code = 0;
  if (request.files.empty() && !(request.null_input && p.is_tty(0))) {
    std::string text = co_await p.read_all(0);
    sources.push_back({"<stdin>", std::move(text)});
  }
  for (const std::string& path : request.files) {
    auto content = p.read_file(path);
    if (content) {
      sources.push_back({path, *std::move(content)});
      continue;
    }
    co_await p.err("jq: error: Could not open " + path + ": " + std::string(errno_text(content.error())) + "\n");
    code = 2;
  }
  Inputs inputs(std::move(sources), request.raw_input, request.slurp);
  engine.inputs = &inputs;
  jq_set_input_cb(
      engine.state, [](jq_state*, void* data) { return static_cast<Engine*>(data)->inputs->next(); }, &engine);

  Output out(p);
  Breath breath(p, 2000);
  int last = -1;  // of the outputs: -1 none, 0 false or null, 1 another
  for (bool first = true;; first = false) {
    if (request.null_input && !first) break;
    jv value = request.null_input ? jv_null() : inputs.next();
    if (!jv_is_valid(value)) {
      if (!jv_invalid_has_msg(jv_copy(value))) {
        jv_free(value);
        break;
      }
      std::string message = message_of(jv_invalid_get_msg(value));
      (void)co_await out.flush();
      co_await p.err("jq: parse error: " + message + "\n");
      co_return 2;
    }
    enter();
    jq_start(engine.state, value, 0);
    for (;;) {
      enter();
      jv result = jq_next(engine.state);
      for (const std::string& said : std::exchange(engine.complaints, {})) co_await p.err(said);
      if (!jv_is_valid(result)) {
        std::string message;
        const bool failed = jv_invalid_has_msg(jv_copy(result)) != 0;
        if (failed) {
          jv said = jv_invalid_get_msg(result);
          const bool plain = jv_get_kind(said) == JV_KIND_STRING;
          message = plain ? text_of(said) : "(not a string): " + dump(said, 0);
        } else {
          jv_free(result);
        }
        if (failed) {
          (void)co_await out.flush();
          co_await p.err("jq: error (at " + inputs.place() + "): " + message + "\n");
          code = 5;
        }
        break;
      }
      const jv_kind kind = jv_get_kind(result);
      last = kind == JV_KIND_FALSE || kind == JV_KIND_NULL ? 0 : 1;
      if (request.raw_output && kind == JV_KIND_STRING)
        out.add(text_of(result));
      else
        out.add(dump(result, request.format));
      if (!request.join) out.add('\n');
      if (out.wants_flush() && !co_await out.flush()) co_return code;
      if (breath.due()) co_await breath.take();
    }
    if (jq_halted(engine.state)) {
      (void)co_await out.flush();
      Held status(jq_get_exit_code(engine.state));
      code = jv_get_kind(status.value) == JV_KIND_NUMBER ? static_cast<int>(jv_number_value(status.value)) : 0;
      jv said = jq_get_error_message(engine.state);
      std::string message;
      if (jv_get_kind(said) == JV_KIND_STRING)
        message = text_of(said);
      else if (jv_is_valid(said) && jv_get_kind(said) != JV_KIND_NULL)
        message = dump(said, 0) + "\n";
      else
        jv_free(said);
      if (!message.empty()) co_await p.err(message);
      co_return code;
    }
  }
  (void)co_await out.flush();
  if (request.exit_status && code == 0) code = last < 0 ? 4 : last == 0 ? 1 : 0;
  co_return code;
}

}  // namespace drydock
