// return, rewrite, set, if, break.
// https://nginx.org/en/docs/http/ngx_http_rewrite_module.html
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/images/nginx/request.h"
#include "core/programs/images/serving.h"

namespace drydock::nginx {
namespace {

bool condition_holds(Request& request, const Directive& directive) {
  std::string text = join(directive.arguments, " ");
  if (text.starts_with("(")) text.erase(0, 1);
  if (text.ends_with(")")) text.pop_back();
  const std::vector<std::string> words = split_whitespace(text);
  if (words.empty()) return false;
  if (words.size() >= 2 && (words[0].starts_with("-") || words[0].starts_with("!-"))) {
    const bool negated = words[0].starts_with("!");
    const auto info = request.process->stat(expand(request, words[1]));
    const char kind = words[0].back();
    const bool holds = kind == 'f'   ? info.ok() && info->type == FileType::kRegular
                       : kind == 'd' ? info.ok() && info->type == FileType::kDirectory
                                     : info.ok();
    return holds != negated;
  }
  const std::string left = expand(request, words[0]);
  if (words.size() == 1) return !left.empty() && left != "0";
  std::string right = join(std::span(words).subspan(2), " ");
  if (right.size() >= 2 && (right.front() == '"' || right.front() == '\'') && right.back() == right.front())
    right = right.substr(1, right.size() - 2);
  if (words[1] == "=") return left == expand(request, right);
  if (words[1] == "!=") return left != expand(request, right);
  const bool fold = words[1].ends_with("*");
  const Regex regex = Regex::compile(right, Regex::Syntax::kPerl, fold);
  const auto match = regex.ok() ? regex.search(left, 0) : std::nullopt;
  if (match && words[1][0] != '!') {
    request.captures.clear();
    for (const Regex::Group& group : *match)
      request.captures.push_back(
          group.begin == std::string_view::npos ? "" : left.substr(group.begin, group.end - group.begin));
  }
  return match.has_value() != (words[1][0] == '!');
}

Rewritten do_return(Request& request, const Directive& directive) {
  Rewritten result;
  result.kind = Rewritten::Kind::kReturn;
  const auto code = parse_int(directive.argument(0));
  std::string text = expand(request, directive.argument(1));
  int status = static_cast<int>(code.value_or(302));
  if (!code) text = expand(request, directive.argument(0));
  const bool redirect = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
  if (redirect && !text.empty()) {
    result.response = error_response(request, status);
    if (text.starts_with("/")) {
      const std::string port = variable(request, "server_port");
      text = "http://" + variable(request, "host") + (port == "80" ? "" : ":" + port) + text;
    }
    result.response.headers.set("Location", text);
    result.has_text = true;
  } else if (directive.arguments.size() > 1) {
    result.response = text_page(status, content_type(request, request.uri), text);
    result.has_text = true;
  } else {
    result.response.status = status;
  }
  return result;
}

Rewritten do_rewrite(Request& request, const Directive& directive, bool& matched) {
  Rewritten result;
  const Regex regex = Regex::compile(directive.argument(0), Regex::Syntax::kPerl);
  const auto match = regex.ok() ? regex.search(request.uri, 0) : std::nullopt;
  matched = match.has_value();
  if (!match) return result;
  request.captures.clear();
  for (const Regex::Group& group : *match)
    request.captures.push_back(
        group.begin == std::string_view::npos ? "" : request.uri.substr(group.begin, group.end - group.begin));
  std::string target = expand(request, directive.argument(1));
  const std::string& flag = directive.argument(2);
  const bool away = target.starts_with("http://") || target.starts_with("https://");
  bool keep_arguments = true;
  if (target.ends_with("?")) {
    target.pop_back();
    keep_arguments = false;
  }
  if (away || flag == "redirect" || flag == "permanent") {
    result.kind = Rewritten::Kind::kReturn;
    result.response = error_response(request, flag == "permanent" ? 301 : 302);
    if (keep_arguments && !request.arguments.empty()) target += (contains(target, "?") ? "&" : "?") + request.arguments;
    if (!away) {
      const std::string port = variable(request, "server_port");
      target = "http://" + variable(request, "host") + (port == "80" ? "" : ":" + port) + target;
    }
    result.response.headers.set("Location", target);
    result.has_text = true;
    return result;
  }
  const std::size_t question = target.find('?');
  if (question != std::string::npos) {
    const std::string more = target.substr(question + 1);
    target.resize(question);
    request.arguments = keep_arguments && !request.arguments.empty() ? more + "&" + request.arguments : more;
  } else if (!keep_arguments) {
    request.arguments.clear();
  }
  request.uri = target;
  if (flag == "last") result.kind = Rewritten::Kind::kSearchAgain;
  return result;
}

}  // namespace

Rewritten run_rewrites(Request& request, const Directive& block) {
  bool changed = false;
  for (const Directive& directive : block.block) {
    if (directive.name == "return") return do_return(request, directive);
    if (directive.name == "break") break;
    if (directive.name == "set") {
      std::string name = directive.argument(0);
      if (name.starts_with("$")) name.erase(0, 1);
      request.variables[name] = expand(request, directive.argument(1));
    } else if (directive.name == "rewrite") {
      bool matched = false;
      Rewritten result = do_rewrite(request, directive, matched);
      if (result.kind != Rewritten::Kind::kGoOn) return result;
      if (matched && directive.argument(2) == "break") return result;
      changed = changed || matched;
    } else if (directive.name == "if" && condition_holds(request, directive)) {
      Rewritten result = run_rewrites(request, directive);
      if (result.kind != Rewritten::Kind::kGoOn) return result;
    }
  }
  Rewritten result;
  if (changed) result.kind = Rewritten::Kind::kSearchAgain;
  return result;
}

}  // namespace drydock::nginx
