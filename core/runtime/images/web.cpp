// Web servers: nginx, Apache and images made from them.
#include "core/runtime/images/recipe.h"

namespace drydock {
namespace {

// Every release of nginx since 1.7.
constexpr std::string_view kNginxTags =
    "1.7.[1-12]+ 1.8.[0-1]+ 1.9.[0-15]+ 1.10.[0-3]+ 1.11.[0-13]+ 1.12.[0-2]+ 1.13.[0-12]+ 1.14.[0-2]+ 1.15.[0-12]+ "
    "1.16.[0-1]+ 1.17.[0-10]+ 1.18.0+ 1.19.[0-10]+ 1.20.[0-2]+ 1.21.[0-6]+ 1.22.[0-1]+ 1.23.[0-4]+ 1.24.0+ "
    "1.25.[0-5]+ 1.26.[0-3]+ 1.27.[0-5]+ 1.28.0+ 1.29.[0-1]+ stable=1.28.0 mainline=1.29.1 latest";
constexpr std::string_view kNginxVariants =
    "alpine alpine-slim alpine-perl perl bookworm bookworm-perl bullseye otel trixie alpine3.22 alpine3.21 alpine3.20";

constexpr std::string_view kWelcome =
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; "
    "}\nbody { width: 35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; "
    "}\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If you see this page, the nginx web server is "
    "successfully installed and\nworking. Further configuration is required.</p>\n\n<p>For online documentation and "
    "support please refer to\n<a href=\"http://nginx.org/\">nginx.org</a>.<br/>\nCommercial support is available "
    "at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for using "
    "nginx.</em></p>\n</body>\n</html>\n";
constexpr std::string_view kErrorPage =
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Error</title>\n<style>\nhtml { color-scheme: light dark; }\nbody { width: "
    "35em; margin: 0 auto;\nfont-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>An "
    "error occurred.</h1>\n<p>Sorry, the page you are looking for is currently unavailable.<br/>\nPlease try again "
    "later.</p>\n<p>If you are the system administrator of this resource then you should check\nthe error log for "
    "details.</p>\n<p><em>Faithfully yours, nginx.</em></p>\n</body>\n</html>\n";
constexpr std::string_view kNginxConf =
    "\nuser  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        "
    "/run/nginx.pid;\n\n\nevents {\n    worker_connections  1024;\n}\n\n\nhttp {\n    include       "
    "/etc/nginx/mime.types;\n    default_type  application/octet-stream;\n\n    log_format  main  '$remote_addr - "
    "$remote_user [$time_local] \"$request\" '\n                      '$status $body_bytes_sent \"$http_referer\" "
    "'\n                      '\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n    access_log  "
    "/var/log/nginx/access.log  main;\n\n    sendfile        on;\n    #tcp_nopush     on;\n\n    keepalive_timeout  "
    "65;\n\n    #gzip  on;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n";
constexpr std::string_view kUnprivilegedConf =
    "worker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /tmp/nginx.pid;\n\n\nevents "
    "{\n    worker_connections  1024;\n}\n\n\nhttp {\n    include       /etc/nginx/mime.types;\n    default_type  "
    "application/octet-stream;\n\n    log_format  main  '$remote_addr - $remote_user [$time_local] \"$request\" "
    "'\n                      '$status $body_bytes_sent \"$http_referer\" '\n                      "
    "'\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n    access_log  /var/log/nginx/access.log  main;\n\n    "
    "sendfile        on;\n    keepalive_timeout  65;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n";
constexpr std::string_view kDefaultConf =
    "server {\n    listen       80;\n    server_name  localhost;\n\n    #access_log  /var/log/nginx/host.access.log  "
    "main;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    "
    "}\n\n    #error_page  404              /404.html;\n\n    # redirect server error pages to the static page "
    "/50x.html\n    #\n    error_page   500 502 503 504  /50x.html;\n    location = /50x.html {\n        root   "
    "/usr/share/nginx/html;\n    }\n}\n";
constexpr std::string_view kUnprivilegedDefault =
    "server {\n    listen       8080;\n    server_name  localhost;\n\n    location / {\n        root   "
    "/usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n\n    error_page   500 502 503 504  "
    "/50x.html;\n    location = /50x.html {\n        root   /usr/share/nginx/html;\n    }\n}\n";
constexpr std::string_view kHelloDefault =
    "server {\n    listen 80;\n\n    location / {\n        default_type text/plain;\n        expires -1;\n        "
    "return 200 'Server address: $server_addr:$server_port\\nServer name: $hostname\\nDate: $time_local\\nURI: "
    "$request_uri\\nRequest ID: $request_id\\n';\n    }\n}\n";
constexpr std::string_view kMimeTypes =
    "\ntypes {\n    text/html                                        html htm shtml;\n    text/css                     "
    "                    css;\n    text/xml                                         xml;\n    image/gif               "
    "                         gif;\n    image/jpeg                                       jpeg jpg;\n    "
    "application/javascript                           js;\n    application/atom+xml                             "
    "atom;\n    application/rss+xml                              rss;\n\n    text/plain                                "
    "       txt;\n\n    image/avif                                       avif;\n    image/png                          "
    "              png;\n    image/svg+xml                                    svg svgz;\n    image/webp               "
    "                        webp;\n    image/x-icon                                     ico;\n\n    font/woff         "
    "                               woff;\n    font/woff2                                       woff2;\n\n    "
    "application/json                                 json;\n    application/pdf                                  "
    "pdf;\n    application/wasm                                 wasm;\n    application/zip                             "
    "     zip;\n    application/octet-stream                         bin exe dll deb dmg iso img;\n\n    audio/mpeg    "
    "                                   mp3;\n    video/mp4                                        mp4;\n    "
    "video/webm                                       webm;\n}\n";

constexpr ImageFile kNginxFiles[] = {
    {"/etc/nginx/nginx.conf", kNginxConf},
    {"/etc/nginx/mime.types", kMimeTypes},
    {"/etc/nginx/conf.d/default.conf", kDefaultConf},
    {"/usr/share/nginx/html/index.html", kWelcome},
    {"/usr/share/nginx/html/50x.html", kErrorPage},
};
constexpr ImageFile kUnprivilegedFiles[] = {
    {"/etc/nginx/nginx.conf", kUnprivilegedConf},
    {"/etc/nginx/mime.types", kMimeTypes},
    {"/etc/nginx/conf.d/default.conf", kUnprivilegedDefault},
    {"/usr/share/nginx/html/index.html", kWelcome},
    {"/usr/share/nginx/html/50x.html", kErrorPage},
};
constexpr ImageFile kHelloFiles[] = {
    {"/etc/nginx/nginx.conf", kNginxConf},
    {"/etc/nginx/mime.types", kMimeTypes},
    {"/etc/nginx/conf.d/default.conf", kHelloDefault},
};

constexpr std::string_view kHttpdConf =
    "#\n# This is the main Apache HTTP server configuration file.\n#\nServerRoot \"/usr/local/apache2\"\nListen "
    "80\n\nUser www-data\nGroup www-data\nServerAdmin you@example.com\n\n<Directory />\n    AllowOverride none\n    "
    "Require all denied\n</Directory>\n\nDocumentRoot \"/usr/local/apache2/htdocs\"\n<Directory "
    "\"/usr/local/apache2/htdocs\">\n    Options Indexes FollowSymLinks\n    AllowOverride None\n    Require all "
    "granted\n</Directory>\n\nDirectoryIndex index.html\n\nErrorLog /proc/self/fd/2\nLogLevel warn\nCustomLog "
    "/proc/self/fd/1 common\n";
constexpr ImageFile kHttpdFiles[] = {
    {"/usr/local/apache2/htdocs/index.html", "<html><body><h1>It works!</h1></body></html>\n"},
    {"/usr/local/apache2/conf/httpd.conf", kHttpdConf},
};

constexpr std::string_view kNginxPrograms =
    "/usr/sbin/nginx=nginx /docker-entrypoint.sh=nginx-entrypoint /usr/bin/curl=curl";
constexpr std::string_view kNginxEnvironment = "NGINX_VERSION=%V\nNJS_VERSION=0.9.1\nPKG_RELEASE=1~bookworm";
constexpr std::string_view kNginxDirectories =
    "/docker-entrypoint.d /var/log/nginx /var/cache/nginx /etc/nginx/conf.d /usr/share/nginx/html";

constexpr std::string_view kNginxLinks = "/var/log/nginx/access.log=/dev/stdout /var/log/nginx/error.log=/dev/stderr";

constexpr ImageRecipe kImages[] = {
    {.repositories = "docker.io/library/nginx public.ecr.aws/nginx/nginx k8s.gcr.io/nginx registry.k8s.io/nginx "
                     "public.ecr.aws/docker/library/nginx mirror.gcr.io/library/nginx",
     .base = ImageBase::kDebian,
     .tags = kNginxTags,
     .variants = kNginxVariants,
     .version = "1.29.1",
     .bytes = 59'774'010,
     .programs = kNginxPrograms,
     .entrypoint = "/docker-entrypoint.sh",
     .command = "nginx -g daemon\\ off;",
     .environment = kNginxEnvironment,
     .ports = "80/tcp",
     .stop_signal = "SIGQUIT",
     .files = kNginxFiles,
     .directories = kNginxDirectories,
     .links = kNginxLinks,
     .entrypoint_since = "1.19"},
    {.repositories = "docker.io/nginxinc/nginx-unprivileged",
     .base = ImageBase::kDebian,
     .tags = kNginxTags,
     .variants = kNginxVariants,
     .version = "1.29.1",
     .bytes = 59'802'188,
     .programs = kNginxPrograms,
     .entrypoint = "/docker-entrypoint.sh",
     .command = "nginx -g daemon\\ off;",
     .environment = kNginxEnvironment,
     .user = 101,
     .ports = "8080/tcp",
     .stop_signal = "SIGQUIT",
     .files = kUnprivilegedFiles,
     .directories = "/docker-entrypoint.d /var/log/nginx:101 /var/cache/nginx:101 /etc/nginx/conf.d:101",
     .links = kNginxLinks},
    {.repositories = "registry.k8s.io/nginx-slim k8s.gcr.io/nginx-slim gcr.io/google_containers/nginx-slim",
     .base = ImageBase::kDebian,
     .tags = "0.[1-27]",
     .version = "1.25.1",
     .bytes = 43'208'112,
     .programs = kNginxPrograms,
     .command = "nginx -g daemon\\ off;",
     .ports = "80/tcp 443/tcp",
     .files = kNginxFiles,
     .directories = kNginxDirectories,
     .links = kNginxLinks},
    {.repositories = "docker.io/nginxdemos/hello docker.io/nginxdemos/nginx-hello",
     .base = ImageBase::kAlpine,
     .tags = "latest plain-text=1.29.1 0.2 0.3 0.4",
     .version = "1.29.1",
     .bytes = 20'112'730,
     .programs = kNginxPrograms,
     .entrypoint = "/docker-entrypoint.sh",
     .command = "nginx -g daemon\\ off;",
     .environment = "NGINX_VERSION=%V",
     .ports = "80/tcp",
     .files = kHelloFiles,
     .directories = kNginxDirectories,
     .links = kNginxLinks},
    {.repositories = "docker.io/library/httpd",
     .base = ImageBase::kDebian,
     .tags = "2.2.[29-34]+ 2.4.[10-65]+ latest",
     .variants = "alpine alpine3.22 alpine3.21 bookworm trixie",
     .version = "2.4.65",
     .bytes = 45'105'913,
     .programs = "/usr/local/apache2/bin/httpd=httpd /usr/local/bin/httpd-foreground=httpd",
     .command = "httpd-foreground",
     .environment = "HTTPD_PREFIX=/usr/local/apache2\nHTTPD_VERSION=%V",
     .working_directory = "/usr/local/apache2",
     .ports = "80/tcp",
     .stop_signal = "SIGWINCH",
     .files = kHttpdFiles,
     .directories = "/usr/local/apache2/logs"},
};

}  // namespace

std::span<const ImageRecipe> web_images() { return kImages; }

}  // namespace drydock
