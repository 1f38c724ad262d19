// curl, in the words of 7.88 (Debian 12).
// https://curl.se/docs/manpage.html
#include <algorithm>
#include <cmath>

#include "core/base/strings.h"
#include "core/host/host.h"
#include "core/host/process.h"
#include "core/machinery/json.h"
#include "core/network/http_wire.h"
#include "core/programs/net/fetch.h"
#include "core/programs/net/flags.h"
#include "core/programs/net/tools.h"

namespace drydock {
namespace {

constexpr std::string_view kVersion = "7.88.1";
constexpr int kMaxRedirects = 50;

constexpr FlagSpec kFlags[] = {
    {"-s", "--silent"},
    {"-S", "--show-error"},
    {"-f", "--fail"},
    {"-v", "--verbose"},
    {"-i", "--include"},
    {"-I", "--head"},
    {"-k", "--insecure"},
    {"-L", "--location"},
    {"-o", "--output", true},
    {"-O", "--remote-name"},
    {"-w", "--write-out", true},
    {"-X", "--request", true},
    {"-d", "--data", true},
    {"", "--data-raw", true},
    {"", "--data-ascii", true},
    {"", "--data-binary", true},
    {"", "--data-urlencode", true},
    {"", "--json", true},
    {"-H", "--header", true},
    {"-u", "--user", true},
    {"-m", "--max-time", true},
    {"", "--connect-timeout", true},
    {"", "--retry", true},
    {"", "--retry-delay", true},
    {"", "--retry-max-time", true},
    {"", "--retry-connrefused"},
    {"", "--retry-all-errors"},
    {"", "--cacert", true},
    {"", "--capath", true},
    {"-E", "--cert", true},
    {"", "--key", true},
    {"-4", "--ipv4"},
    {"-6", "--ipv6"},
    {"", "--resolve", true},
    {"-x", "--proxy", true},
    {"", "--noproxy", true},
    {"-A", "--user-agent", true},
    {"-e", "--referer", true},
    {"-G", "--get"},
    {"-N", "--no-buffer"},
    {"-#", "--progress-bar"},
    {"", "--no-progress-meter"},
    {"", "--compressed"},
    {"-b", "--cookie", true},
    {"-c", "--cookie-jar", true},
    {"-T", "--upload-file", true},
    {"-D", "--dump-header", true},
    {"", "--fail-with-body"},
    {"", "--url", true},
    {"", "--http1.1"},
    {"", "--http2"},
    {"-0", "--http1.0"},
    {"", "--interface", true},
    {"", "--tlsv1.2"},
    {"", "--tlsv1.3"},
    {"-V", "--version"},
    {"-h", "--help"},
    {"", "--max-redirs", true},
    {"", "--create-dirs"},
    {"-g", "--globoff"},
    {"-q", "--disable"},
    {"-Z", "--parallel"},
    {"", "--path-as-is"},
    {"-R", "--remote-time"},
    {"-a", "--append"},
    {"-n", "--netrc"},
    {"-r", "--range", true},
    {"", "--oauth2-bearer", true},
    {"", "--ssl-no-revoke"},
};

struct CurlError {
  int code = 0;
  std::string text;  // without "curl: (N) "
};

long long milliseconds_of(Duration span) { return std::chrono::duration_cast<std::chrono::milliseconds>(span).count(); }

std::string certificate_error(const std::string& why, const Url& url) {
  if (contains(why, "unknown authority")) return "SSL certificate problem: unable to get local issuer certificate";
  if (contains(why, "expired") || contains(why, "not yet valid"))
    return "SSL certificate problem: certificate has expired";
  return "SSL: no alternative certificate subject name matches target host name '" + url.host + "'";
}

CurlError describe(const FetchFailure& failure, const Url& url, bool limited, bool connect_limited) {
  if (failure.stage == FetchFailure::Stage::kResolve) return {6, "Could not resolve host: " + url.host};
  const std::string where = url.host + " port " + std::to_string(url.port);
  const std::string after = " after " + std::to_string(milliseconds_of(failure.elapsed)) + " ms: ";
  switch (failure.http.kind) {
    case HttpFailure::Kind::kConnect:
      if (failure.http.error != Errno::kTimedOut)
        return {7, "Failed to connect to " + where + after + "Couldn't connect to server"};
      if (limited || connect_limited)
        return {28, "Connection timed out after " + std::to_string(milliseconds_of(failure.elapsed)) + " milliseconds"};
      return {28, "Failed to connect to " + where + after + "Couldn't connect to server"};
    case HttpFailure::Kind::kPlainServer:
      return {35, "error:0A00010B:SSL routines::wrong version number"};
    case HttpFailure::Kind::kCertificate:
      return {60, certificate_error(failure.http.text, url) +
                      "\nMore details here: https://curl.se/docs/sslcerts.html\n\ncurl failed to verify the legitimacy "
                      "of the server and therefore could not\n"
                      "establish a secure connection to it. To learn more about this situation and\nhow to fix it, "
                      "please visit the web page mentioned above."};
    case HttpFailure::Kind::kClientCertificate:
      if (contains(failure.http.text, "private key"))
        return {58, "unable to set private key file: key values mismatch"};
      return {56, "OpenSSL SSL_read: error:0A00045C:SSL routines::tlsv13 alert certificate required, errno 0"};
    case HttpFailure::Kind::kClosed:
      return {52, "Empty reply from server"};
    case HttpFailure::Kind::kTransfer:
      return {56, "Recv failure: " + std::string(errno_text(failure.http.error))};
    case HttpFailure::Kind::kMalformed:
      return {1, "Received HTTP/0.9 when not allowed"};
    case HttpFailure::Kind::kDeadline:
      return {28, "Operation timed out after " + std::to_string(milliseconds_of(failure.elapsed)) +
                      " milliseconds with 0 bytes received"};
  }
  return {7, ""};
}

std::string seconds_text(Duration span) { return format("%.6f", std::chrono::duration<double>(span).count()); }

std::string write_out(std::string_view pattern, const Fetched& got, const Url& url, std::size_t size, int redirects) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      const char c = pattern[++i];
      out += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      continue;
    }
    if (pattern[i] != '%' || i + 1 >= pattern.size()) {
      out += pattern[i];
      continue;
    }
    if (pattern[i + 1] == '%') {
      out += '%';
      ++i;
      continue;
    }
    const std::size_t close = pattern.find('}', i);
    if (pattern[i + 1] != '{' || close == std::string_view::npos) {
      out += '%';
      continue;
    }
    const std::string_view name = pattern.substr(i + 2, close - i - 2);
    i = close;
    if (name == "http_code" || name == "response_code")
      out += format("%03d", got.response.status);
    else if (name == "size_download")
      out += std::to_string(size);
    else if (name == "time_total")
      out += seconds_text(got.total_time);
    else if (name == "time_connect" || name == "time_appconnect")
      out += seconds_text(got.connect_time);
    else if (name == "time_namelookup")
      out += seconds_text(got.name_time);
    else if (name == "time_starttransfer" || name == "time_pretransfer")
      out += seconds_text(got.total_time);
    else if (name == "remote_ip")
      out += got.ends.peer.text();
    else if (name == "remote_port")
      out += std::to_string(got.ends.peer_port);
    else if (name == "local_ip")
      out += got.ends.local.text();
    else if (name == "local_port")
      out += std::to_string(got.ends.local_port);
    else if (name == "content_type")
      out += got.response.headers.get("Content-Type");
    else if (name == "url_effective" || name == "url")
      out += url.text();
    else if (name == "num_redirects")
      out += std::to_string(redirects);
    else if (name == "http_version")
      out += "1.1";
    else if (name == "scheme")
      out += to_upper(url.scheme);
    else if (name == "redirect_url")
      out += got.response.headers.get("Location");
    else if (name == "errormsg" || name == "exitcode")
      out += name == "exitcode" ? "0" : "";
  }
  return out;
}

std::string human_size(double bytes) {
  if (bytes < 100000) return format("%5.0f", bytes);
  if (bytes < 10000.0 * 1024) return format("%4.0fk", bytes / 1024);
  return format("%4.1fM", bytes / 1024 / 1024);
}

std::string progress_head() {
  return "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
         "                                 Dload  Upload   Total   Spent    Left  Speed\n";
}

std::string progress_line(std::size_t size, Duration took) {
  const double spent = std::max(std::chrono::duration<double>(took).count(), 0.001);
  const std::string total = human_size(static_cast<double>(size));
  const std::string speed = human_size(static_cast<double>(size) / spent);
  return "\r" + std::string(size > 0 ? "100 " : "  0 ") + total + (size > 0 ? "  100 " : "    0 ") + total +
         "    0     0  " + speed + "      0 --:--:-- --:--:-- --:--:-- " + speed + "\n";
}

class Curl {
 public:
  Curl(Process& process, NetFlags flags) : process_(process), flags_(std::move(flags)) {}
  Task<int> run();

 private:
  Task<int> transfer(std::string text, std::string output_name);
  Task<int> fail(CurlError error);
  Task<void> verbose(std::string text);
  std::optional<CurlError> build(FetchRequest& request);
  std::optional<CurlError> read_data(FetchRequest& request);
  Task<bool> deliver(std::string bytes, const std::string& output_name, bool append);

  Process& process_;
  NetFlags flags_;
};

Task<void> Curl::verbose(std::string text) {
  if (flags_.has("-v")) co_await process_.err(text);
}

Task<int> Curl::fail(CurlError error) {
  if (!flags_.has("-s") || flags_.has("-S"))
    co_await process_.err("curl: (" + std::to_string(error.code) + ") " + error.text + "\n");
  co_return error.code;
}

std::optional<CurlError> Curl::read_data(FetchRequest& request) {
  bool any = false;
  auto add = [&](const std::string& piece) {
    if (any) request.body += "&";
    request.body += piece;
    any = true;
  };
  for (std::string_view name :
       {"--data", "--data-ascii", "--data-binary", "--data-raw", "--json", "--data-urlencode"}) {
    for (const std::string& value : flags_.values(name)) {
      if (name == "--data-urlencode") {
        const std::size_t equals = value.find('=');
        HttpQuery query;
        query.add(equals == std::string::npos ? "" : value.substr(0, equals),
                  equals == std::string::npos ? value : value.substr(equals + 1));
        std::string encoded = query.encode();
        if (encoded.starts_with("=")) encoded.erase(0, 1);
        add(encoded);
      } else if (value.starts_with("@") && name != "--data-raw") {
        auto content = process_.read_file(value == "@-" ? "/dev/stdin" : value.substr(1));
        if (!content) return CurlError{26, "Failed to open " + value.substr(1)};
        add(name == "--data" || name == "--data-ascii" ? replace_all(replace_all(*content, "\r", ""), "\n", "")
                                                       : *content);
      } else {
        add(value);
      }
    }
  }
  if (!any) return std::nullopt;
  if (flags_.has("-G")) {
    request.url.query += (request.url.query.empty() ? "" : "&") + request.body;
    request.body.clear();
    return std::nullopt;
  }
  request.method = "POST";
  if (flags_.has("--json")) {
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Accept", "application/json");
  } else {
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  }
  return std::nullopt;
}

std::optional<CurlError> Curl::build(FetchRequest& request) {
  request.headers.add("Host", request.url.authority());
  if (std::string user = request.url.user.empty() ? std::string(flags_.value("-u")) : url_decode(request.url.user);
      !user.empty()) {
    request.headers.add("Authorization", "Basic " + base64_encode(user));
  }
  if (flags_.has("--oauth2-bearer"))
    request.headers.add("Authorization", "Bearer " + std::string(flags_.value("--oauth2-bearer")));
  request.headers.add("User-Agent",
                      flags_.has("-A") ? std::string(flags_.value("-A")) : "curl/" + std::string(kVersion));
  request.headers.add("Accept", "*/*");
  if (flags_.has("-e")) request.headers.add("Referer", std::string(flags_.value("-e")));
  if (flags_.has("-b")) request.headers.add("Cookie", std::string(flags_.value("-b")));
  if (flags_.has("-r")) request.headers.add("Range", "bytes=" + std::string(flags_.value("-r")));
  if (flags_.has("-I")) request.method = "HEAD";
  if (auto error = read_data(request)) return error;
  if (flags_.has("-T")) {
    auto content = process_.read_file(flags_.value("-T"));
    if (!content) return CurlError{26, "Failed to open/read local data from file/application"};
    request.body = *std::move(content);
    request.method = "PUT";
  }
  if (flags_.has("-X")) request.method = std::string(flags_.value("-X"));
  for (const std::string& header : flags_.values("-H")) {
    const std::size_t colon = header.find(':');
    if (colon == std::string::npos) continue;
    request.headers.set(header.substr(0, colon), std::string(trim(std::string_view(header).substr(colon + 1))));
  }
  request.insecure = flags_.has("-k");
  if (flags_.has("--cacert")) {
    auto roots = process_.read_file(flags_.value("--cacert"));
    if (!roots) return CurlError{77, "error setting certificate file: " + std::string(flags_.value("--cacert"))};
    request.roots_pem = *std::move(roots);
  }
  if (flags_.has("--cert")) {
    auto certificate = process_.read_file(flags_.value("--cert"));
    if (!certificate)
      return CurlError{58, "could not load PEM client certificate from " + std::string(flags_.value("--cert")) +
                               ", OpenSSL error error:80000002:system library::No such file or directory, (no key "
                               "found, wrong pass phrase, or wrong file format?)"};
    request.client_certificate_pem = *certificate;
    request.client_key_pem = *certificate;
  }
  if (flags_.has("--key")) {
    auto key = process_.read_file(flags_.value("--key"));
    if (!key)
      return CurlError{58, "unable to set private key file: '" + std::string(flags_.value("--key")) + "' type PEM"};
    request.client_key_pem = *std::move(key);
  }
  for (const std::string& entry : flags_.values("--resolve")) {
    const std::vector<std::string> parts = split(entry, ':');
    if (parts.size() < 3 || parts[0] != request.url.host || parts[1] != std::to_string(request.url.port)) continue;
    if (const auto address = Ipv4::parse(parts[2])) request.addresses = {*address};
  }
  return std::nullopt;
}

Task<bool> Curl::deliver(std::string bytes, const std::string& output_name, bool append) {
  if (output_name.empty() || output_name == "-") {
    auto written = co_await process_.write(1, bytes);
    co_return written.ok();
  }
  if (flags_.has("--create-dirs")) (void)process_.make_directories(directory_name(process_.absolute(output_name)));
  co_return append ? process_.append_file(output_name, bytes).ok()
                   : process_.write_file(output_name, std::move(bytes)).ok();
}

Task<int> Curl::transfer(std::string text, std::string output_name) {
  auto url = parse_url(text);
  if (!url) co_return co_await fail({3, "URL using bad/illegal format or missing URL"});
  if (url->scheme != "http" && url->scheme != "https")
    co_return co_await fail({1, "Protocol \"" + url->scheme + "\" not supported or disabled in libcurl"});
  if (flags_.has("-O")) {
    output_name = url->path.substr(url->path.rfind('/') + 1);
    if (output_name.empty()) co_return co_await fail({23, "Remote file name has no length!"});
  }
  const TimePoint start = process_.now();
  const auto limit = flags_.number("-m");
  const auto connect_limit = flags_.number("--connect-timeout");
  auto span = [](double seconds_count) { return Duration(static_cast<std::int64_t>(seconds_count * 1e9)); };
  const bool to_terminal = output_name.empty() && process_.is_tty(1);
  const bool meter = !flags_.has("-s") && !flags_.has("--no-progress-meter") && !to_terminal && !flags_.has("-v");
  int redirects = 0;
  while (true) {
    FetchRequest request;
    request.url = *url;
    if (auto error = build(request)) co_return co_await fail(*error);
    if (limit) request.deadline = start + span(*limit);
    if (connect_limit) request.connect_deadline = process_.now() + span(*connect_limit);
    const FetchRequest sent = request;
    auto got = co_await fetch(process_, std::move(request));
    if (!got) {
      if (meter)
        co_await process_.err(progress_head() +
                              "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0\n");
      const FetchFailure& failure = got.error();
      if (failure.stage == FetchFailure::Stage::kExchange && failure.http.kind == HttpFailure::Kind::kConnect) {
        co_await verbose("*   Trying " + endpoint_text(failure.address, url->port) + "...\n* connect to " +
                         failure.address.text() + " port " + std::to_string(url->port) +
                         " failed: " + std::string(errno_text(failure.http.error)) + "\n* Failed to connect to " +
                         url->host + " port " + std::to_string(url->port) + " after " +
                         std::to_string(milliseconds_of(failure.elapsed)) +
                         " ms: Couldn't connect to server\n* Closing connection 0\n");
      } else if (failure.stage == FetchFailure::Stage::kResolve) {
        co_await verbose("* Could not resolve host: " + url->host + "\n* Closing connection 0\n");
      }
      co_return co_await fail(describe(failure, *url, limit.has_value(), connect_limit.has_value()));
    }
    HttpResponse& response = got->response;
    if (flags_.has("-v")) {
      std::string talk = "*   Trying " + endpoint_text(got->ends.peer, got->ends.peer_port) + "...\n* Connected to " +
                         url->host + " (" + got->ends.peer.text() + ") port " + std::to_string(url->port) + " (#0)\n";
      HttpRequest shown;
      shown.method = sent.method;
      shown.path = url_decode(sent.url.path);
      shown.query = HttpQuery::parse(sent.url.query);
      shown.headers = sent.headers;
      shown.body.bytes = sent.body;
      const std::string head = write_request(shown, "");
      for (const std::string& line : split(std::string_view(head).substr(0, head.find("\r\n\r\n")), '\n'))
        talk += "> " + std::string(trim(line)) + "\n";
      talk += "> \n";
      const std::string answer = write_response_head(response, false, true);
      for (const std::string& line : split(std::string_view(answer).substr(0, answer.find("\r\n\r\n")), '\n'))
        talk += "< " + std::string(trim(line)) + "\n";
      co_await process_.err(talk + "< \n");
    }
    const bool redirected = response.status >= 300 && response.status < 400 && response.headers.has("Location");
    std::string shown;
    if (flags_.has("-i") || flags_.has("-I")) shown = write_response_head(response, flags_.has("-I"), true);
    if (redirected && flags_.has("-L")) {
      const int most = flags_.has("--max-redirs")
                           ? static_cast<int>(flags_.number("--max-redirs").value_or(kMaxRedirects))
                           : kMaxRedirects;
      if (++redirects > most)
        co_return co_await fail({47, "Maximum (" + std::to_string(most) + ") redirects followed"});
      if (!shown.empty()) (void)co_await deliver(shown, output_name, false);
      auto next = resolve_location(*url, response.headers.get("Location"));
      if (!next) co_return co_await fail({3, "URL using bad/illegal format or missing URL"});
      url = std::move(next);
      continue;
    }
    if (flags_.has("-D")) {
      (void)co_await deliver(write_response_head(response, false, true), std::string(flags_.value("-D")), false);
    }
    if (response.status >= 400 && flags_.has("-f"))
      co_return co_await fail({22, "The requested URL returned error: " + std::to_string(response.status)});
    std::string body = flags_.has("-I") ? "" : fetched_body(response);
    std::size_t size = body.size();
    if (!co_await deliver(shown + body, output_name, false))
      co_return co_await fail({23, "Failure writing output to destination"});
    while (response.stream && !flags_.has("-I")) {
      auto message =
          sent.deadline ? co_await response.stream->receive_until(*sent.deadline) : co_await response.stream->receive();
      if (!message) {
        if (sent.deadline && process_.now() >= *sent.deadline) {
          co_return co_await fail({28, "Operation timed out after " +
                                           std::to_string(milliseconds_of(process_.now() - start)) +
                                           " milliseconds with " + std::to_string(size) + " bytes received"});
        }
        break;
      }
      std::string piece = message->document.is_null() ? message->bytes : dump_json(message->document) + "\n";
      size += piece.size();
      if (!co_await deliver(std::move(piece), output_name, true))
        co_return co_await fail({23, "Failure writing output to destination"});
    }
    got->total_time = process_.now() - start;
    if (meter) co_await process_.err(progress_head() + progress_line(size, got->total_time));
    co_await verbose("* Connection #0 to host " + url->host + " left intact\n");
    if (flags_.has("-w")) co_await process_.out(write_out(flags_.value("-w"), *got, *url, size, redirects));
    if (response.status >= 400 && flags_.has("--fail-with-body"))
      co_return co_await fail({22, "The requested URL returned error: " + std::to_string(response.status)});
    co_return 0;
  }
}

Task<int> Curl::run() {
  std::vector<std::string> urls = flags_.values("--url");
  urls.insert(urls.end(), flags_.rest().begin(), flags_.rest().end());
  const std::vector<std::string> outputs = flags_.values("-o");
  const auto retries = static_cast<int>(flags_.number("--retry").value_or(0));
  int code = 0;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    Duration pause = seconds(1);
    for (int attempt = 0;; ++attempt) {
      code = co_await transfer(urls[i], i < outputs.size() ? outputs[i] : "");
      const bool transient = code == 28 || code == 6 ||
                             (code == 7 && (flags_.has("--retry-connrefused") || flags_.has("--retry-all-errors"))) ||
                             (code != 0 && flags_.has("--retry-all-errors"));
      if (!transient || attempt >= retries) break;
      if (flags_.has("--retry-delay"))
        pause = Duration(static_cast<std::int64_t>(flags_.number("--retry-delay").value_or(1) * 1e9));
      if (!flags_.has("-s")) {
        co_await process_.err("Warning: Problem: " +
                              std::string(code == 28  ? "timeout"
                                          : code == 7 ? "connection refused"
                                                      : "(retrying all errors)") +
                              ". Will retry in " +
                              std::to_string(std::chrono::duration_cast<std::chrono::seconds>(pause).count()) +
                              " seconds. " + std::to_string(retries - attempt) +
                              (retries - attempt == 1 ? " retry left.\n" : " retries left.\n"));
      }
      (void)co_await process_.sleep(pause);
      pause *= 2;
    }
  }
  co_return code;
}

}  // namespace

Task<int> curl_main(Process& process) {
  NetFlags flags = NetFlags::parse(process.arguments(), kFlags);
  const std::string hint = "curl: try 'curl --help' or 'curl --manual' for more information\n";
  if (flags.problem() != NetFlags::Problem::kNone) {
    const char* what = flags.problem() == NetFlags::Problem::kUnknown ? ": is unknown\n" : ": requires parameter\n";
    co_await process.err("curl: option " + flags.culprit() + what + hint);
    co_return 2;
  }
  if (flags.has("-V")) {
    co_await process.out("curl " + std::string(kVersion) + " (x86_64-pc-linux-gnu) libcurl/" + std::string(kVersion) +
                         " OpenSSL/3.0.17 zlib/1.2.13\nProtocols: http https\n");
    co_return 0;
  }
  if (flags.has("-h")) {
    co_await process.out(
        "Usage: curl [options...] <url>\n -d, --data <data>          HTTP POST data\n -f, --fail                 Fail "
        "fast with no output on HTTP errors\n"
        " -h, --help <category>      Get help for commands\n -i, --include              Include protocol response "
        "headers in the output\n"
        " -o, --output <file>        Write to file instead of stdout\n -O, --remote-name          Write output to a "
        "file named as the remote file\n"
        " -s, --silent               Silent mode\n -T, --upload-file <file>   Transfer local FILE to destination\n"
        " -u, --user <user:password> Server user and password\n -A, --user-agent <name>    Send User-Agent <name> to "
        "server\n"
        " -v, --verbose              Make the operation more talkative\n -V, --version              Show version "
        "number and quit\n");
    co_return 0;
  }
  if (flags.rest().empty() && !flags.has("--url")) {
    co_await process.err("curl: no URL specified!\n" + hint);
    co_return 2;
  }
  Curl curl(process, std::move(flags));
  co_return co_await curl.run();
}

}  // namespace drydock
