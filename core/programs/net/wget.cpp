// wget: GNU's (1.21) words, and busybox' where the program is busybox.
#include <algorithm>
#include <ctime>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/machinery/timestamp.h"
#include "core/network/http_wire.h"
#include "core/programs/net/fetch.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr int kMaxRedirects = 20;

constexpr FlagSpec kFlags[] = {
    {"-q", "--quiet"},
    {"-O", "--output-document", true},
    {"-T", "--timeout", true},
    {"-S", "--server-response"},
    {"", "--spider"},
    {"", "--header", true},
    {"", "--post-data", true},
    {"", "--post-file", true},
    {"", "--method", true},
    {"", "--body-data", true},
    {"-U", "--user-agent", true},
    {"-P", "--directory-prefix", true},
    {"-c", "--continue"},
    {"", "--no-check-certificate"},
    {"-t", "--tries", true},
    {"", "--no-verbose"},
    {"-Y", "--proxy", true},
    {"", "--ca-certificate", true},
    {"", "--waitretry", true},
    {"", "--retry-connrefused"},
    {"-o", "--output-file", true},
    {"", "--connect-timeout", true},
    {"", "--max-redirect", true},
    {"-4", ""},
    {"-6", ""},
    {"", "--show-progress"},
    {"-V", "--version"},
    {"-n", ""},
    {"-v", "--verbose"},
};

class Wget {
 public:
  Wget(Process& process, NetFlags flags)
      : process_(process), flags_(std::move(flags)), busybox_(process.program_version() == "busybox") {}
  Task<int> get(std::string text);

 private:
  Task<void> say(std::string text) {
    if (!flags_.has("-q")) co_await process_.err(text);
  }
  Task<void> complain(std::string text) {
    if (busybox_ || !flags_.has("-q")) co_await process_.err(text);
  }
  std::string stamp() const {
    const std::tm parts = utc_parts(process_.now());
    return format("%04d-%02d-%02d %02d:%02d:%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                  parts.tm_min, parts.tm_sec);
  }
  Task<int> report(FetchFailure failure, Url url);

  Process& process_;
  NetFlags flags_;
  bool busybox_;
};

Task<int> Wget::report(FetchFailure failure, Url url) {
  if (failure.stage == FetchFailure::Stage::kResolve) {
    if (busybox_) {
      co_await process_.err("wget: bad address '" + url.host + "'\n");
      co_return 1;
    }
    const char* why = failure.resolution == Resolution::Kind::kTemporary ? "Temporary failure in name resolution"
                                                                         : "Name or service not known";
    co_await complain(std::string("failed: ") + why + ".\nwget: unable to resolve host address ‘" + url.host + "’\n");
    co_return 4;
  }
  switch (failure.http.kind) {
    case HttpFailure::Kind::kConnect: {
      if (busybox_) {
        if (failure.http.error == Errno::kTimedOut && flags_.has("-T"))
          co_await process_.err("wget: download timed out\n");
        else
          co_await process_.err("wget: can't connect to remote host (" + failure.address.text() +
                                "): " + std::string(errno_text(failure.http.error)) + "\n");
        co_return 1;
      }
      co_await complain("failed: " + std::string(errno_text(failure.http.error)) + ".\n");
      co_return 4;
    }
    case HttpFailure::Kind::kCertificate:
      if (busybox_) co_return 1;
      co_await complain(
          "connected.\nERROR: cannot verify " + url.host +
          "'s certificate, issued by ‘CN=kubernetes’:\n  Unable to locally verify the issuer's authority.\n"
          "To connect to " +
          url.host + " insecurely, use `--no-check-certificate'.\n");
      co_return 5;
    case HttpFailure::Kind::kDeadline:
      co_await complain(busybox_ ? "wget: download timed out\n" : "Read error (Connection timed out) in headers.\n");
      co_return busybox_ ? 1 : 4;
    case HttpFailure::Kind::kPlainServer:
      co_await complain(busybox_ ? "wget: note: TLS certificate validation not implemented\nwget: error getting "
                                   "response: Connection reset by peer\n"
                                 : "connected.\nOpenSSL: error:0A00010B:SSL routines::wrong version number\nUnable to "
                                   "establish SSL connection.\n");
      co_return busybox_ ? 1 : 4;
    default:
      co_await complain(busybox_ ? "wget: error getting response\n" : "No data received.\n");
      co_return busybox_ ? 1 : 4;
  }
}

Task<int> Wget::get(std::string text) {
  auto url = parse_url(text);
  if (!url || (url->scheme != "http" && url->scheme != "https")) {
    co_await process_.err(busybox_ ? "wget: not an http or ftp url: " + text + "\n" : text + ": Unsupported scheme.\n");
    co_return 1;
  }
  for (int redirects = 0;; ++redirects) {
    FetchRequest request;
    request.url = *url;
    request.headers.add("Host", url->authority());
    request.headers.add("User-Agent", flags_.has("-U") ? std::string(flags_.value("-U"))
                                      : busybox_       ? "Wget"
                                                       : "Wget/1.21.3");
    if (!busybox_) request.headers.add("Accept", "*/*");
    for (const std::string& header : flags_.values("--header")) {
      const std::size_t colon = header.find(':');
      if (colon != std::string::npos)
        request.headers.set(header.substr(0, colon), std::string(trim(std::string_view(header).substr(colon + 1))));
    }
    if (flags_.has("--method")) request.method = std::string(flags_.value("--method"));
    request.body = std::string(flags_.value("--body-data"));
    if (flags_.has("--post-data") || flags_.has("--post-file")) {
      request.method = "POST";
      request.body = flags_.has("--post-data") ? std::string(flags_.value("--post-data"))
                                               : process_.read_file(flags_.value("--post-file")).value_or("");
      request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    }
    if (flags_.has("--spider")) request.method = "HEAD";
    request.insecure = busybox_ || flags_.has("--no-check-certificate");  // busybox has no certificate checks
    if (flags_.has("--ca-certificate"))
      request.roots_pem = process_.read_file(flags_.value("--ca-certificate")).value_or("");
    if (const auto limit = flags_.number("-T"))
      request.deadline = process_.now() + Duration(static_cast<std::int64_t>(*limit * 1e9));
    const std::string port = std::to_string(url->port);
    if (!busybox_) {
      co_await say("--" + stamp() + "--  " + url->text() + "\n");
      if (!Ipv4::parse(url->host)) co_await say("Resolving " + url->host + " (" + url->host + ")... ");
    }
    Resolution found = co_await resolve_name(process_, url->host);
    if (found.kind != Resolution::Kind::kFound) {
      FetchFailure failure;
      failure.resolution = found.kind;
      co_return co_await report(failure, *url);
    }
    request.addresses = found.addresses;
    const std::string address = found.addresses.front().text();
    if (busybox_) {
      co_await say("Connecting to " + url->host + " (" + address + ":" + port + ")\n");
    } else if (address == url->host) {
      co_await say("Connecting to " + address + ":" + port + "... ");
    } else {
      co_await say(address + "\nConnecting to " + url->host + " (" + url->host + ")|" + address + "|:" + port + "... ");
    }
    const bool posting = !request.body.empty();
    auto got = co_await fetch(process_, std::move(request));
    if (!got) co_return co_await report(got.error(), *url);
    HttpResponse& response = got->response;
    const std::string status = std::to_string(response.status) + " " + std::string(http_reason(response.status));
    if (!busybox_)
      co_await say(std::string("connected.\nHTTP request sent, awaiting response... ") +
                   (flags_.has("-S") ? "\n" : status + "\n"));
    if (flags_.has("-S")) {
      const std::string head = write_response_head(response, true, true);
      std::string lines;
      for (const std::string& line : split(std::string_view(head).substr(0, head.find("\r\n\r\n")), '\n'))
        lines += "  " + std::string(trim(line)) + "\n";
      co_await process_.err(lines);
    }
    if (response.status >= 300 && response.status < 400 && response.headers.has("Location") &&
        redirects < kMaxRedirects && !posting) {
      auto next = resolve_location(*url, response.headers.get("Location"));
      if (!next) co_return 1;
      if (!busybox_) co_await say("Location: " + std::string(response.headers.get("Location")) + " [following]\n");
      url = std::move(next);
      continue;
    }
    if (response.status >= 400) {
      if (busybox_) {
        co_await process_.err("wget: server returned error: HTTP/1.1 " + status + "\n");
        co_return 1;
      }
      co_await complain(stamp() + " ERROR " + std::to_string(response.status) + ": " +
                        std::string(http_reason(response.status)) + ".\n\n");
      co_return 8;
    }
    if (flags_.has("--spider")) {
      co_await say(busybox_ ? "remote file exists\n" : "Length: unspecified\nRemote file exists.\n\n");
      co_return 0;
    }
    std::string body = fetched_body(response);
    while (response.stream) {
      auto message = co_await response.stream->receive();
      if (!message) break;
      body += message->bytes;
    }
    const std::size_t size = body.size();
    std::string name(flags_.value("-O"));
    if (name.empty()) {
      name = url->path.substr(url->path.rfind('/') + 1);
      if (name.empty()) name = "index.html";
      if (flags_.has("-P")) name = std::string(flags_.value("-P")) + "/" + name;
      if (busybox_ && process_.exists(name)) {
        co_await process_.err("wget: can't open '" + name + "': File exists\n");
        co_return 1;
      }
      for (int copy = 1; !flags_.has("-O") && process_.exists(name); ++copy)
        name = name.substr(0, name.find(".#")) + "." + std::to_string(copy);
    }
    std::string type(response.headers.get("Content-Type"));
    type = type.substr(0, type.find(';'));
    const std::string length = std::to_string(size);
    const std::string target = name == "-" ? "STDOUT" : name;
    if (!busybox_)
      co_await say("Length: " + length + " [" + (type.empty() ? "text/html" : type) + "]\nSaving to: ‘" + target +
                   "’\n\n");
    if (name == "-") {
      if (busybox_) co_await say("writing to stdout\n");
      co_await process_.out(body);
    } else {
      if (busybox_) co_await say("saving to '" + name + "'\n");
      auto written = process_.write_file(name, std::move(body));
      if (!written) {
        co_await process_.err(busybox_ ? "wget: can't open '" + name +
                                             "': " + std::string(errno_text(written.error())) + "\n"
                                       : name + ": " + std::string(errno_text(written.error())) +
                                             "\n\nCannot write to ‘" + name + "’ (Success).\n");
        co_return busybox_ ? 1 : 3;
      }
    }
    if (busybox_) {
      co_await say(pad_right(name == "-" ? "-" : name, 20) + " 100% |********************************| " +
                   pad_left(length, 5) + "  0:00:00 ETA\n" +
                   (name == "-" ? "written to stdout\n" : "'" + name + "' saved\n"));
    } else {
      const double spent = std::max(std::chrono::duration<double>(got->total_time).count(), 0.0001);
      const double rate = static_cast<double>(size) / spent / 1024;
      const std::string speed = rate >= 1024 ? format("%.1f MB/s", rate / 1024) : format("%.1f KB/s", rate);
      co_await say("     0K " + std::string(50, '.') + " 100%  " + speed + "=0s\n\n" + stamp() + " (" + speed + ") - " +
                   (name == "-" ? "written to stdout [" : "‘" + name + "’ saved [") + length + "/" + length + "]\n\n");
    }
    co_return 0;
  }
}

}  // namespace

Task<int> wget_main(Process& process) {
  std::vector<std::string> arguments(process.arguments().begin(), process.arguments().end());
  for (std::string& word : arguments) {
    if (word == "-nv") word = "--no-verbose";
  }
  NetFlags flags = NetFlags::parse(arguments, kFlags);
  const bool busybox = process.program_version() == "busybox";
  if (flags.problem() != NetFlags::Problem::kNone) {
    const std::string bare = flags.culprit().substr(flags.culprit().starts_with("--") ? 2 : 1);
    const bool unknown = flags.problem() == NetFlags::Problem::kUnknown;
    co_await process.err("wget: " +
                         std::string(unknown ? "unrecognized option '" + flags.culprit() + "'"
                                             : "option requires an argument -- '" + bare + "'") +
                         (busybox ? "\nBusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] "
                                    "[--header STR] [--post-data STR] URL...\n"
                                  : "\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n"));
    co_return busybox ? 1 : 2;
  }
  if (flags.rest().empty()) {
    co_await process.err(
        busybox ? "BusyBox v1.36.1 multi-call binary.\n\nUsage: wget [-cqS] [--spider] [-O FILE] [--header STR] "
                  "[--post-data STR] URL...\n"
                : "wget: missing URL\nUsage: wget [OPTION]... [URL]...\n\nTry `wget --help' for more options.\n");
    co_return 1;
  }
  const std::vector<std::string> urls = flags.rest();
  Wget wget(process, std::move(flags));
  int code = 0;
  for (const std::string& url : urls) {
    const int one = co_await wget.get(url);
    if (one != 0) code = one;
  }
  co_return code;
}

}  // namespace drydock
