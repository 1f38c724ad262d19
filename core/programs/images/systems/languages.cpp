// One-liners of python and perl that manifests use: a file server and the digits of pi.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/images/entry_points.h"
#include "core/programs/images/serving.h"

namespace drydock {
namespace {

constexpr std::int64_t kMostDigits = 20000;

std::string python_type(std::string_view path) {
  const std::string_view name = base_name(path);
  const std::size_t dot = name.rfind('.');
  const std::string_view end = dot == std::string_view::npos ? "" : name.substr(dot);
  if (end == ".html" || end == ".htm") return "text/html";
  if (end == ".txt" || end == ".py" || end == ".md") return "text/plain";
  if (end == ".json") return "application/json";
  if (end == ".css") return "text/css";
  if (end == ".js") return "text/javascript";
  if (end == ".png") return "image/png";
  if (end == ".svg") return "image/svg+xml";
  return "application/octet-stream";
}

std::string python_error(int code, const std::string& message, const std::string& explain) {
  return "<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        <style "
         "type=\"text/css\">\n            :root {\n                color-scheme: light dark;\n            }\n        "
         "</style>\n        <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error "
         "response</h1>\n        <p>Error code: " +
         std::to_string(code) + "</p>\n        <p>Message: " + message +
         ".</p>\n        <p>Error code explanation: " + std::to_string(code) + " - " + explain +
         ".</p>\n    </body>\n</html>\n";
}

HttpResponse python_answer(Process& process, const std::string& root, const HttpRequest& request, std::string& note) {
  if (request.method != "GET" && request.method != "HEAD") {
    note = "code 501, message Unsupported method ('" + request.method + "')";
    return text_page(
        501, "text/html;charset=utf-8",
        python_error(501, "Unsupported method ('" + request.method + "')", "Server does not support this operation"));
  }
  std::string path = normalize_path(root + "/" + request.path);
  auto info = process.stat(path);
  if (info && info->type == FileType::kDirectory) {
    if (!request.path.ends_with("/")) {
      HttpResponse moved = text_page(301, "text/html", "");
      moved.headers.set("Location", request.path + "/");
      return moved;
    }
    if (process.exists(path + "/index.html")) {
      path += "/index.html";
      info = process.stat(path);
    } else {
      std::string page =
          "<!DOCTYPE HTML>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<style "
          "type=\"text/css\">\n:root {\ncolor-scheme: light dark;\n}\n</style>\n<title>Directory "
          "listing for " +
          request.path + "</title>\n</head>\n<body>\n<h1>Directory listing for " + request.path + "</h1>\n<hr>\n<ul>\n";
      for (std::string name : process.list_directory(path).value_or({})) {
        const auto entry = process.stat(path + "/" + name);
        if (entry && entry->type == FileType::kDirectory) name += "/";
        page += "<li><a href=\"" + name + "\">" + name + "</a></li>\n";
      }
      return text_page(200, "text/html; charset=utf-8", page + "</ul>\n<hr>\n</body>\n</html>\n");
    }
  }
  auto bytes = process.read_file(path);
  if (!bytes) {
    note = "code 404, message File not found";
    return text_page(404, "text/html;charset=utf-8",
                     python_error(404, "File not found", "Nothing matches the given URI"));
  }
  HttpResponse response = text_page(200, python_type(path), *std::move(bytes));
  response.headers.set("Last-Modified", http_time(info->modified));
  return response;
}

// Digits of pi by Machin's formula in integers of base 10^9.
class BigFraction {
 public:
  BigFraction(std::size_t words, std::uint64_t value) : words_(words, 0) { words_[0] = value; }
  void divide(std::uint64_t by) {
    std::uint64_t rest = 0;
    for (std::uint64_t& word : words_) {
      const std::uint64_t now = rest * kBase + word;
      word = now / by;
      rest = now % by;
    }
  }
  void add(const BigFraction& other, bool minus) {
    std::int64_t carry = 0;
    for (std::size_t i = words_.size(); i-- > 0;) {
      std::int64_t sum =
          static_cast<std::int64_t>(words_[i]) + carry +
          (minus ? -static_cast<std::int64_t>(other.words_[i]) : static_cast<std::int64_t>(other.words_[i]));
      carry = 0;
      if (i > 0 && sum < 0) {
        sum += static_cast<std::int64_t>(kBase);
        carry = -1;
      } else if (i > 0 && sum >= static_cast<std::int64_t>(kBase)) {
        sum -= static_cast<std::int64_t>(kBase);
        carry = 1;
      }
      words_[i] = static_cast<std::uint64_t>(sum);
    }
  }
  bool zero() const {
    return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
  }
  std::string digits() const {
    std::string text;
    for (std::size_t i = 1; i < words_.size(); ++i)
      text += format("%09llu", static_cast<unsigned long long>(words_[i]));
    return text;
  }

 private:
  static constexpr std::uint64_t kBase = 1000000000;
  std::vector<std::uint64_t> words_;
};

void add_arctangent(BigFraction& sum, std::size_t words, std::uint64_t factor, std::uint64_t inverse, bool minus) {
  BigFraction power(words, factor);
  power.divide(inverse);
  for (std::uint64_t k = 1; !power.zero(); k += 2) {
    BigFraction term = power;
    term.divide(k);
    sum.add(term, minus != (k % 4 == 3));
    power.divide(inverse * inverse);
  }
}

// `digits` significant ones, the last one rounded as bignum does.
std::string digits_of_pi(std::int64_t digits) {
  const std::size_t words = static_cast<std::size_t>(digits) / 9 + 4;
  BigFraction sum(words, 0);
  add_arctangent(sum, words, 16, 5, false);
  add_arctangent(sum, words, 4, 239, true);
  std::string text = "3" + sum.digits();
  const bool up = text[static_cast<std::size_t>(digits)] >= '5';
  text.resize(static_cast<std::size_t>(digits));
  for (std::size_t i = text.size(); up && i-- > 0;) {
    if (text[i] != '9') {
      ++text[i];
      break;
    }
    text[i] = '0';
  }
  return digits == 1 ? text : text.substr(0, 1) + "." + text.substr(1);
}

}  // namespace

// python3 -m http.server [PORT] [-d DIRECTORY] [-b ADDRESS]; nothing else.
Task<int> python_main(Process& process) {
  const std::vector<std::string> words(process.arguments().begin(), process.arguments().end());
  const std::string version = process.program_version().empty() ? "3.13.7" : process.program_version();
  if (words.size() == 1 && (words[0] == "--version" || words[0] == "-V")) {
    co_await process.out("Python " + version + "\n");
    co_return 0;
  }
  std::size_t at = !words.empty() && words[0] == "-u" ? 1 : 0;
  if (at + 1 >= words.size() || words[at] != "-m" || words[at + 1] != "http.server") {
    co_await process.err("python3: of the Python language the playground has 'python3 -m http.server' alone\n");
    co_return 1;
  }
  std::string root(process.cwd());
  std::int64_t port = 8000;
  for (at += 2; at < words.size(); ++at) {
    if ((words[at] == "-d" || words[at] == "--directory") && at + 1 < words.size()) {
      root = process.absolute(words[++at]);
    } else if ((words[at] == "-b" || words[at] == "--bind") && at + 1 < words.size()) {
      ++at;
    } else if (const auto number = parse_int(words[at]); number && *number > 0 && *number <= 65535) {
      port = *number;
    } else {
      co_await process.err(
          "usage: server.py [-h] [--cgi] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [port]\nserver.py: "
          "error: argument port: invalid int value: '" +
          words[at] + "'\n");
      co_return 2;
    }
  }
  process.set_memory(19 << 20);
  FunctionHandler handler([&process, root](HttpRequest request) -> Task<HttpResponse> {
    std::string note;
    HttpResponse response = python_answer(process, root, request, note);
    response.headers.set("Server", "SimpleHTTP/0.6 Python/" + process.program_version());
    response.headers.set("Date", http_time(process.now()));
    const std::string who = request.peer_address + " - - [" + format_time(process.now(), "%d/%b/%Y %H:%M:%S") + "] ";
    if (!note.empty()) co_await process.err(who + note + "\n");
    co_await process.err(who + "\"" + request.method + " " + request_target(request) + " HTTP/1.1\" " +
                         std::to_string(response.status) + " -\n");
    co_return response;
  });
  auto listener = open_http(process, static_cast<std::uint16_t>(port), handler);
  if (!listener) {
    co_await process.err("OSError: [Errno " + std::to_string(static_cast<int>(listener.error())) + "] " +
                         std::string(errno_text(listener.error())) + "\n");
    co_return 1;
  }
  process.on_signal(kSigInt, Process::Disposition::kCatch);
  // Unlike the interpreter, nobody buffers this line here.
  co_await process.out("Serving HTTP on 0.0.0.0 port " + std::to_string(port) +
                       " (http://0.0.0.0:" + std::to_string(port) + "/) ...\n");
  (void)co_await process.wait_signal();
  co_await process.out("\nKeyboard interrupt received, exiting.\n");
  co_return 0;
}

// perl -Mbignum=bpi -wle 'print bpi(2000)'; perl -e 'print "text\n"'; perl -v.
Task<int> perl_main(Process& process) {
  std::string code;
  bool newline = false;
  const auto words = process.arguments();
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "-v") {
      const std::string version = process.program_version().empty() ? "5.36.0" : process.program_version();
      co_await process.out("\nThis is perl 5, version " + split(version, '.')[1] + ", subversion 0 (v" + version +
                           ") built for x86_64-linux-gnu\n");
      co_return 0;
    }
    if (!word.starts_with("-") || word.starts_with("-M")) continue;
    newline = newline || contains(word, "l");
    if (word.ends_with("e") && i + 1 < words.size()) code = words[++i];
  }
  const std::string statement(trim(code.ends_with(";") ? code.substr(0, code.size() - 1) : code));
  if (statement.starts_with("print bpi(") && statement.ends_with(")")) {
    const auto digits = parse_int(trim(std::string_view(statement).substr(10, statement.size() - 11)));
    if (digits && *digits >= 1 && *digits <= kMostDigits) {
      process.set_memory(6 << 20);
      // The real module is slow: about 4 s for 2000 digits.
      const Duration work = microseconds(*digits * *digits);
      process.add_cpu_time(work);
      (void)co_await process.sleep(work);
      co_await process.out(digits_of_pi(*digits) + (newline ? "\n" : ""));
      co_return 0;
    }
  }
  if (statement.starts_with("print \"") && statement.ends_with("\"") && statement.size() > 7) {
    const std::string text = replace_all(statement.substr(7, statement.size() - 8), "\\n", "\n");
    if (!contains(text, "\"") && !contains(text, "$") && !contains(text, "@")) {
      co_await process.out(text + (newline ? "\n" : ""));
      co_return 0;
    }
  }
  co_await process.err("perl: of the Perl language the playground has 'print bpi(N)' and 'print \"TEXT\"' alone\n");
  co_return 1;
}

}  // namespace drydock
