// Which directives exist, where they may stand, how many arguments they take.
#include <algorithm>
#include <iterator>
#include <map>

#include "core/base/strings.h"
#include "core/programs/images/nginx/config.h"

namespace drydock::nginx {
namespace {

// Contexts: m main, e events, h http, s server, l location, i if, u upstream, n limit_except.
struct Rule {
  std::string_view names;
  std::string_view contexts;
  int least;
  int most;
  bool block = false;
};

constexpr int kMany = 64;
constexpr Rule kRules[] = {
    {"user", "m", 1, 2},
    {"worker_processes daemon master_process pid worker_rlimit_nofile worker_shutdown_timeout pcre_jit "
     "timer_resolution worker_priority lock_file load_module working_directory",
     "m", 1, 1},
    {"worker_cpu_affinity env", "m", 1, kMany},
    {"events http stream", "m", 0, 0, true},
    {"worker_connections multi_accept use accept_mutex accept_mutex_delay", "e", 1, 1},
    {"error_log", "mhsl", 1, 2},
    {"server", "h", 0, 0, true},
    {"server", "u", 1, kMany},
    {"upstream", "h", 1, 1, true},
    {"location", "sl", 1, 2, true},
    {"if", "sl", 1, kMany, true},
    {"limit_except", "l", 1, kMany, true},
    {"types", "hsl", 0, 0, true},
    {"map geo", "h", 1, 2, true},
    {"split_clients", "h", 2, 2, true},
    {"listen", "s", 1, kMany},
    {"server_name", "s", 1, kMany},
    {"root alias", "hsli", 1, 1},
    {"index", "hsl", 1, kMany},
    {"return", "sli", 1, 2},
    {"rewrite", "sli", 2, 3},
    {"set", "sli", 2, 2},
    {"break", "sli", 0, 0},
    {"try_files", "sl", 2, kMany},
    {"error_page", "hsli", 2, kMany},
    {"add_header add_trailer", "hsli", 2, 3},
    {"expires", "hsli", 1, 2},
    {"default_type autoindex autoindex_exact_size autoindex_localtime autoindex_format", "hsl", 1, 1},
    {"log_format", "h", 2, kMany},
    {"access_log", "hslin", 1, kMany},
    {"log_not_found log_subrequest rewrite_log", "hsli", 1, 1},
    {"allow deny", "hsln", 1, 1},
    {"satisfy", "hsl", 1, 1},
    {"auth_basic auth_basic_user_file auth_request", "hsln", 1, 1},
    {"stub_status", "sl", 0, 1},
    {"internal", "l", 0, 0},
    {"proxy_pass", "lin", 1, 1},
    {"proxy_set_header", "hsl", 2, 2},
    {"proxy_http_version proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_buffering "
     "proxy_request_buffering proxy_intercept_errors proxy_pass_header proxy_hide_header proxy_ssl_verify "
     "proxy_ssl_server_name proxy_buffer_size proxy_busy_buffers_size proxy_max_temp_file_size proxy_ignore_headers "
     "proxy_method proxy_set_body proxy_pass_request_body proxy_pass_request_headers proxy_cache proxy_cache_key "
     "proxy_cache_bypass proxy_no_cache proxy_next_upstream_tries proxy_next_upstream_timeout",
     "hsl", 1, 4},
    {"proxy_redirect proxy_buffers proxy_next_upstream proxy_cache_valid proxy_cache_use_stale proxy_cookie_path",
     "hsl", 1, kMany},
    {"proxy_cache_path", "h", 2, kMany},
    {"fastcgi_pass uwsgi_pass grpc_pass scgi_pass memcached_pass", "li", 1, 1},
    {"fastcgi_param", "hsl", 2, 3},
    {"fastcgi_index fastcgi_split_path_info fastcgi_read_timeout", "hsl", 1, 1},
    {"fastcgi_buffers", "hsl", 2, 2},
    {"resolver", "hsl", 1, kMany},
    {"resolver_timeout", "hsl", 1, 1},
    {"client_max_body_size client_body_buffer_size client_body_timeout client_header_timeout "
     "client_header_buffer_size client_body_temp_path sendfile sendfile_max_chunk aio tcp_nopush tcp_nodelay "
     "send_timeout server_tokens charset gzip gzip_comp_level gzip_min_length gzip_vary gzip_disable gzip_http_version "
     "gzip_static etag if_modified_since types_hash_max_size types_hash_bucket_size server_names_hash_bucket_size "
     "server_names_hash_max_size variables_hash_max_size variables_hash_bucket_size map_hash_max_size "
     "map_hash_bucket_size keepalive_requests keepalive_disable reset_timedout_connection absolute_redirect "
     "port_in_redirect server_name_in_redirect merge_slashes underscores_in_headers ignore_invalid_headers "
     "recursive_error_pages directio output_buffers msie_padding http2 proxy_temp_path fastcgi_temp_path "
     "uwsgi_temp_path scgi_temp_path chunked_transfer_encoding max_ranges real_ip_header real_ip_recursive "
     "set_real_ip_from limit_rate limit_rate_after open_file_cache_errors open_file_cache_valid "
     "open_file_cache_min_uses ssl_certificate ssl_certificate_key ssl_session_timeout ssl_prefer_server_ciphers "
     "ssl_ciphers ssl_session_tickets ssl_dhparam ssl_stapling ssl_stapling_verify ssl_verify_client "
     "ssl_client_certificate ssl_trusted_certificate limit_req_status limit_conn_status",
     "hsli", 1, 3},
    {"large_client_header_buffers gzip_buffers keepalive_timeout", "hsl", 1, 2},
    {"gzip_types gzip_proxied ssl_protocols ssl_session_cache open_file_cache", "hsl", 1, kMany},
    {"limit_req_zone limit_conn_zone", "h", 1, kMany},
    {"limit_req limit_conn", "hsl", 1, kMany},
    {"sub_filter", "hsl", 2, 2},
    {"sub_filter_once sub_filter_types mirror ssi dav_methods", "hsl", 1, kMany},
    {"least_conn ip_hash", "u", 0, 0},
    {"hash random", "u", 0, 3},
    {"keepalive", "u", 1, 1},
    {"zone", "u", 1, 2},
    {"keepalive_timeout keepalive_requests keepalive_time", "u", 1, 1},
    {"include", "mehsliun", 1, 1},
};

char context_letter(std::string_view context) {
  if (context == "location-if" || context == "server-if") return 'i';
  if (context == "upstream") return 'u';
  if (context == "limit_except") return 'n';
  return context.empty() ? 'm' : context[0];
}

// The rules of each directive's name. Every nginx that starts asks for dozens.
const std::map<std::string, std::vector<const Rule*>, std::less<>>& rules_by_name() {
  static const auto kByName = [] {
    std::map<std::string, std::vector<const Rule*>, std::less<>> all;
    for (const Rule& rule : kRules) {
      for (const std::string& name : split_whitespace(rule.names)) all[name].push_back(&rule);
    }
    return all;
  }();
  return kByName;
}

}  // namespace

std::string_view context_inside(std::string_view directive, std::string_view outer) {
  if (directive == "if") return outer == "server" ? "server-if" : "location-if";
  if (directive == "types" || directive == "map" || directive == "geo" || directive == "split_clients") return "free";
  for (std::string_view known : {"events", "http", "server", "location", "upstream", "limit_except"}) {
    if (directive == known) return known;
  }
  return "free";
}

std::string check_directive(const Directive& directive, std::string_view context) {
  if (context == "free") return "";
  const char letter = context_letter(context);
  const Rule* found = nullptr;
  const auto known = rules_by_name().find(directive.name);
  if (known != rules_by_name().end()) {
    for (const Rule* rule : known->second) {
      if (contains(rule->contexts, std::string_view(&letter, 1))) found = rule;
    }
  }
  const std::string quoted = "\"" + directive.name + "\"";
  if (known == rules_by_name().end()) return "unknown directive " + quoted + directive.where();
  if (found == nullptr) return quoted + " directive is not allowed here" + directive.where();
  if (found->block && !directive.has_block) return "directive " + quoted + " has no opening \"{\"" + directive.where();
  if (!found->block && directive.has_block)
    return "directive " + quoted + " is not terminated by \";\"" + directive.where();
  const int count = static_cast<int>(directive.arguments.size());
  if (count < found->least || count > found->most)
    return "invalid number of arguments in " + quoted + " directive" + directive.where();
  if (directive.name == "set" && !directive.argument(0).starts_with("$"))
    return "invalid variable name \"" + directive.argument(0) + "\"" + directive.where();
  return "";
}

}  // namespace drydock::nginx
