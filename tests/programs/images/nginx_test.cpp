#include "tests/programs/images/image_fixture.h"

using namespace drydock;

namespace {

// A server block around `body`, in the place of the image's default.conf.
Container with_site(ImageFixture& world, const std::string& body, const std::string& outside = "") {
  Container web = world.make("nginx");
  world.put(
      web, "/etc/nginx/conf.d/default.conf",
      outside + "server {\n  listen 80;\n  server_name localhost;\n  root /usr/share/nginx/html;\n" + body + "\n}\n");
  world.start(web);
  return web;
}

}  // namespace

TEST_CASE("nginx: the image's own site") {
  ImageFixture world;
  Container web = world.running("nginx:1.25.3");
  CHECK(contains(*web.out, "/docker-entrypoint.sh: Configuration complete; ready for start up\n"));
  CHECK(contains(*web.out, "10-listen-on-ipv6-by-default.sh: info: Enabled listen on IPv6"));
  CHECK(contains(*web.err, "[notice] 1#1: nginx/1.25.3\n"));
  CHECK(contains(*web.err, "start worker process"));
  CHECK(contains(world.get(web, "/"), "<title>Welcome to nginx!</title>"));
  const Ran missing = world.curl(web, {"-i", "http://{}/nothing"});
  CHECK(missing.out.starts_with("HTTP/1.1 404 Not Found\r\nServer: nginx/1.25.3\r\nDate: "));
  CHECK(contains(missing.out,
                 "<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not "
                 "Found</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n"));
  CHECK(contains(*web.err,
                 "open() \"/usr/share/nginx/html/nothing\" failed (2: No such file or directory), client: 10.0.0.2, "
                 "server: localhost, request: \"GET /nothing HTTP/1.1\""));
  CHECK(contains(*web.out, "10.0.0.2 - - [01/Jan/2026:00:00:"));
  CHECK(contains(*web.out, "\"GET /nothing HTTP/1.1\" 404 153 \"-\" \"curl/"));
  CHECK(contains(world.curl(web, {"-X", "POST", "http://{}/"}).out, "405 Not Allowed"));
  world.stop(web, kSigQuit);
  CHECK(*web.code == 0);
  CHECK(contains(*web.err, "signal 3 (SIGQUIT) received, shutting down"));
}

TEST_CASE("nginx: versions before 1.19 have no entrypoint script") {
  ImageFixture world;
  Container web = world.running("nginx:1.14.2");
  CHECK(!contains(*web.out, "docker-entrypoint"));
  CHECK(contains(world.curl(web, {"-I", "http://{}/"}).out, "Server: nginx/1.14.2"));
}

TEST_CASE("nginx: conditions and ranges") {
  ImageFixture world;
  Container web = world.make("nginx");
  world.put(web, "/usr/share/nginx/html/a.txt", "0123456789");
  world.start(web);
  const std::string head = world.curl(web, {"-I", "http://{}/a.txt"}).out;
  CHECK(contains(head,
                 "Content-Type: text/plain\r\nContent-Length: 10\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 "
                 "GMT\r\nConnection: keep-alive\r\nETag: \"6955b900-a\"\r\nAccept-Ranges: bytes\r\n"));
  CHECK(world.curl(web, {"-H", "Range: bytes=2-4", "http://{}/a.txt"}).out == "234");
  CHECK(
      contains(world.curl(web, {"-i", "-H", "Range: bytes=-3", "http://{}/a.txt"}).out, "Content-Range: bytes 7-9/10"));
  CHECK(contains(world.curl(web, {"-i", "-H", "Range: bytes=20-", "http://{}/a.txt"}).out,
                 "HTTP/1.1 416 Requested Range Not Satisfiable"));
  CHECK(world
            .curl(web, {"-o", "/dev/null", "-w", "%{http_code}", "-H",
                        "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT", "http://{}/a.txt"})
            .out == "304");
  CHECK(world
            .curl(web,
                  {"-o", "/dev/null", "-w", "%{http_code}", "-H", "If-None-Match: \"6955b900-a\"", "http://{}/a.txt"})
            .out == "304");
}

TEST_CASE("nginx: locations, return, try_files, alias, error pages, headers") {
  struct Row {
    const char* site;
    const char* target;
    const char* wanted;
  };
  const Row rows[] = {
      {"location / { return 200 'prefix'; } location = /x { return 200 'exact'; }", "/x", "exact"},
      {"location / { return 200 'prefix'; } location = /x { return 200 'exact'; }", "/xy", "prefix"},
      {"location /a { return 200 a; } location /a/b { return 200 ab; }", "/a/b/c", "ab"},
      {"location / { return 200 p; } location ~ \\.php$ { return 200 'php $uri'; }", "/i.php", "php /i.php"},
      {"location ^~ /s { return 200 s; } location ~ \\.php$ { return 200 php; }", "/s/i.php", "s"},
      {"location ~* ^/user/(\\d+)$ { return 200 \"user $1\"; }", "/USER/42", "user 42"},
      {"location / { return 200 \"$request_method $host $args $arg_b\"; }", "/?a=1&b=2", "GET "},
      {"location / { try_files $uri /50x.html; }", "/none", "An error occurred."},
      {"location / { try_files $uri $uri/ =418; } error_page 418 = @tea; location @tea { return 200 tea; }", "/none",
       "tea"},
      {"location /i/ { alias /usr/share/nginx/html/; }", "/i/50x.html", "An error occurred."},
      {"error_page 404 /50x.html;", "/none", "An error occurred."},
      {"location /d { deny all; }", "/d", "403 Forbidden"},
      {"location / { rewrite ^/old/(.*)$ /new/$1 last; } location /new { return 200 \"new $uri\"; }", "/old/p",
       "new /new/p"},
      {"set $color blue; location / { if ($color = blue) { return 200 yes; } return 200 no; }", "/", "yes"},
      {"location /status { stub_status; }", "/status", "Active connections: 1 \nserver accepts handled requests\n"},
      {"location / { autoindex on; index none; }", "/", "<a href=\"50x.html\">50x.html</a>   "},
      {"location / { index none; }", "/", "403 Forbidden"},
      {"location / { return 404; }", "/", "<center><h1>404 Not Found</h1></center>"},
      {"location / { internal; }", "/", "404 Not Found"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.site);
    CAPTURE(row.target);
    ImageFixture world;
    Container web = with_site(world, row.site);
    CHECK(contains(world.get(web, row.target), row.wanted));
  }
  ImageFixture world;
  Container web = with_site(world,
                            "server_tokens off; add_header X-Pod $hostname always; location /go { return 301 "
                            "https://example.com$request_uri; } location /api { expires 1h; return 200 ok; }");
  const std::string moved = world.curl(web, {"-i", "http://{}/go?x=1"}).out;
  CHECK(moved.starts_with("HTTP/1.1 301 Moved Permanently\r\nServer: nginx\r\n"));
  CHECK(contains(moved, "Location: https://example.com/go?x=1\r\n"));
  CHECK(contains(moved, "X-Pod: web-1\r\n"));
  CHECK(contains(world.curl(web, {"-i", "http://{}/api"}).out, "Cache-Control: max-age=3600"));
}

TEST_CASE("nginx: servers are chosen by name") {
  ImageFixture world;
  Container web = world.make("nginx");
  world.put(web, "/etc/nginx/conf.d/default.conf",
            "server { listen 80 default_server; return 200 default; }\n"
            "server { listen 80; server_name shop.example.com; return 200 shop; }\n"
            "server { listen 80; server_name *.wild.org; return 200 wild; }\n"
            "server { listen 8080; return 200 other; }\n");
  world.start(web);
  CHECK(world.get(web, "/") == "default");
  CHECK(world.curl(web, {"-H", "Host: shop.example.com", "http://{}/"}).out == "shop");
  CHECK(world.curl(web, {"-H", "Host: a.wild.org", "http://{}/"}).out == "wild");
  CHECK(world.get(web, ":8080/") == "other");
}

TEST_CASE("nginx: proxy_pass and upstreams") {
  ImageFixture world;
  Container one = world.make("hashicorp/http-echo", "one");
  world.start(one, {"-text=one"});
  Container two = world.make("hashicorp/http-echo", "two");
  world.start(two, {"-text=two"});
  world.name_host("backend", one);
  world.name_host("second", two);
  Container web =
      with_site(world,
                "location / { proxy_pass http://backend:5678; } location /both { proxy_pass http://pool/; } "
                "location /dead { proxy_pass http://backend:81; }",
                "upstream pool { server backend:5678; server second:5678; }\n");
  CHECK(world.get(web, "/") == "one\n");
  CHECK(world.get(web, "/both") == "one\n");
  CHECK(world.get(web, "/both") == "two\n");
  CHECK(contains(world.get(web, "/dead"), "<h1>502 Bad Gateway</h1>"));
  CHECK(contains(*web.err, "connect() failed (111: Connection refused) while connecting to upstream"));
}

TEST_CASE("nginx -t and bad configurations") {
  struct Row {
    const char* site;
    const char* wanted;
  };
  const Row rows[] = {
      {"server { listen 80; }", "nginx: configuration file /etc/nginx/nginx.conf test is successful"},
      {"server { lisen 80; }", "nginx: [emerg] unknown directive \"lisen\" in /etc/nginx/conf.d/default.conf:1"},
      {"server { listen 80 }", "nginx: [emerg] unexpected \"}\" in /etc/nginx/conf.d/default.conf:1"},
      {"server { listen 80;\n",
       "nginx: [emerg] unexpected end of file, expecting \"}\" in /etc/nginx/conf.d/default.conf:2"},
      {"listen 80;", "nginx: [emerg] \"listen\" directive is not allowed here in /etc/nginx/conf.d/default.conf:1"},
      {"server { root; }", "nginx: [emerg] invalid number of arguments in \"root\" directive in"},
      {"server { listen 99999; }", "nginx: [emerg] invalid port in \"99999\" of the \"listen\" directive in"},
      {"server { location / { } location / { } }", "nginx: [emerg] duplicate location \"/\" in"},
      {"server { location / { proxy_pass http://nobody; } }",
       "nginx: [emerg] host not found in upstream \"nobody\" in"},
      {"server { set x 1; }", "nginx: [emerg] invalid variable name \"x\" in"},
      {"}", "nginx: [emerg] unexpected \"}\" in"},
      {"include /etc/nginx/none.conf;",
       "nginx: [emerg] open() \"/etc/nginx/none.conf\" failed (2: No such file or directory) in"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.site);
    ImageFixture world;
    Container web = world.make("nginx");
    world.put(web, "/etc/nginx/conf.d/default.conf", row.site);
    const Ran ran = world.exec(web, {"nginx", "-t"});
    CHECK(contains(ran.err, row.wanted));
    CHECK(ran.code == (contains(row.wanted, "[emerg]") ? 1 : 0));
    CHECK(contains(ran.err, ran.code == 0 ? "test is successful" : "test failed"));
  }
  ImageFixture world;
  Container web = world.make("nginx");
  world.put(web, "/etc/nginx/conf.d/default.conf", "nonsense;");
  world.start(web);
  CHECK(*web.code == 1);
  CHECK(world.exec(web, {"nginx", "-v"}).err == "nginx version: nginx/1.29.1\n");
}

TEST_CASE("nginx -s reload takes the new configuration; a bad one leaves the old") {
  ImageFixture world;
  Container web = with_site(world, "location / { return 200 old; }");
  CHECK(world.get(web, "/") == "old");
  world.put(web, "/etc/nginx/conf.d/default.conf", "server { listen 80; return 200 new; }");
  CHECK(world.exec(web, {"nginx", "-s", "reload"}).code == 0);
  world.pass(seconds(1));
  CHECK(world.get(web, "/") == "new");
  CHECK(contains(*web.err, "signal 1 (SIGHUP) received"));
  world.put(web, "/etc/nginx/conf.d/default.conf", "server {");
  CHECK(world.exec(web, {"nginx", "-s", "reload"}).code == 1);
  CHECK(world.get(web, "/") == "new");
}
