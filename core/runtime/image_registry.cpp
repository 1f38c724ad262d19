#include "core/runtime/image_registry.h"

#include <algorithm>

#include "core/base/strings.h"
#include "core/host/program.h"
#include "core/machinery/json.h"
#include "core/machinery/yaml.h"

namespace drydock {
namespace {

// A base system: which shell and which tools.
enum class Base { kNone, kBusybox, kAlpine, kDebian, kUbuntu, kCentos };

constexpr std::string_view kBusyboxTools =
    "sh ash cat ls cp mv rm mkdir rmdir ln chmod chown touch head tail grep sed awk sort uniq cut tr wc tee xargs find "
    "date sleep watch seq env printenv printf echo test true false yes basename dirname "
    "realpath readlink sha256sum md5sum base64 ps top kill free df du uname hostname id whoami wget nc ping ip "
    "ifconfig netstat nslookup vi less more clear tar gzip gunzip diff stat which timeout mount expr "
    "uptime nproc od hexdump traceroute telnet dd tac rev";
constexpr std::string_view kGnuTools =
    "bash sh cat ls cp mv rm mkdir rmdir ln chmod chown touch head tail grep egrep fgrep sed awk sort uniq cut tr wc "
    "tee xargs find date sleep watch seq env printenv printf echo test true false yes basename dirname "
    "realpath readlink sha256sum md5sum base64 kill df du uname hostname id whoami less more clear tar gzip gunzip "
    "diff stat which timeout mount expr uptime nproc od tac rev ps top free curl";

std::string release_of(Base base) {
  switch (base) {
    case Base::kAlpine:
      return "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n";
    case Base::kDebian:
      return "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian "
             "GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n";
    case Base::kUbuntu:
      return "PRETTY_NAME=\"Ubuntu 24.04.2 LTS\"\nNAME=\"Ubuntu\"\nVERSION_ID=\"24.04\"\nID=ubuntu\n";
    case Base::kCentos:
      return "NAME=\"CentOS Linux\"\nVERSION=\"7 (Core)\"\nID=\"centos\"\nVERSION_ID=\"7\"\nPRETTY_NAME=\"CentOS Linux "
             "7 (Core)\"\n";
    default:
      return "";
  }
}

constexpr const char* kNginxPage =
    "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n<style>\nhtml { color-scheme: light dark; "
    "}\nbody { width: 35em; margin: 0 auto;\n"
    "font-family: Tahoma, Verdana, Arial, sans-serif; }\n</style>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n<p>If "
    "you see this page, the nginx web server is successfully installed and\n"
    "working. Further configuration is required.</p>\n\n<p>For online documentation and support please refer to\n<a "
    "href=\"http://nginx.org/\">nginx.org</a>.<br/>\n"
    "Commercial support is available at\n<a href=\"http://nginx.com/\">nginx.com</a>.</p>\n\n<p><em>Thank you for "
    "using nginx.</em></p>\n</body>\n</html>\n";

}  // namespace

// What a repository holds. Tags are those that `tags` lists, or any that look like a version.
struct ImageRegistry::Recipe {
  const char* repository;
  Base base;
  const char* programs;    // beside the base's tools
  const char* entrypoint;  // words
  const char* arguments;   // words
  int megabytes;
  const char* tags;  // "" : any version-like tag and latest
};

const ImageRegistry::Recipe* ImageRegistry::recipe_of(const std::string& repository) {
  static const Recipe kRecipes[] = {
      {"docker.io/library/nginx", Base::kDebian, "nginx", "", "nginx -g daemon\\ off;", 60, ""},
      {"docker.io/library/httpd", Base::kDebian, "httpd", "", "httpd -DFOREGROUND", 56, ""},
      {"docker.io/library/busybox", Base::kBusybox, "", "", "sh", 2, ""},
      {"docker.io/library/alpine", Base::kAlpine, "", "", "/bin/sh", 4, ""},
      {"docker.io/library/debian", Base::kDebian, "", "", "bash", 49, ""},
      {"docker.io/library/ubuntu", Base::kUbuntu, "", "", "/bin/bash", 30, ""},
      {"docker.io/library/centos", Base::kCentos, "", "", "/bin/bash", 76, ""},
      {"docker.io/library/redis", Base::kDebian, "redis-server redis-cli", "", "redis-server", 45, ""},
      {"docker.io/curlimages/curl", Base::kAlpine, "curl", "curl", "", 10, ""},
      {"docker.io/hashicorp/http-echo", Base::kNone, "http-echo", "/http-echo", "", 5, ""},
      {"docker.io/traefik/whoami", Base::kNone, "whoami-server", "/whoami-server", "", 3, ""},
      {"docker.io/nginxdemos/hello", Base::kAlpine, "nginx", "", "nginx -g daemon\\ off;", 20, ""},
      {"docker.io/nginxinc/nginx-unprivileged", Base::kDebian, "nginx", "", "nginx -g daemon\\ off;", 60, ""},
      {"quay.io/openshiftlabs/simpleservice", Base::kDebian, "simpleservice", "", "simpleservice", 300, "0.4.0 0.5.0"},
      {"docker.io/mhausenblas/simpleservice", Base::kDebian, "simpleservice", "", "simpleservice", 300, "0.4.0 0.5.0"},
      {"gcr.io/google-samples/hello-app", Base::kNone, "hello-app", "/hello-app", "", 11, "1.0 2.0"},
      {"us-docker.pkg.dev/google-samples/containers/gke/hello-app", Base::kNone, "hello-app", "/hello-app", "", 11,
       "1.0 2.0"},
      {"registry.k8s.io/echoserver", Base::kDebian, "echoserver", "", "echoserver", 43, ""},
      {"k8s.gcr.io/echoserver", Base::kDebian, "echoserver", "", "echoserver", 43, ""},
      {"registry.k8s.io/e2e-test-images/agnhost", Base::kAlpine, "agnhost", "/agnhost", "pause", 45, ""},
      {"registry.k8s.io/pause", Base::kNone, "pause", "/pause", "", 1, ""},
      {"k8s.gcr.io/pause", Base::kNone, "pause", "/pause", "", 1, ""},
      {"registry.k8s.io/etcd", Base::kNone, "etcd", "", "etcd", 60, ""},
      {"registry.k8s.io/kube-apiserver", Base::kNone, "kube-apiserver", "", "kube-apiserver", 30, ""},
      {"registry.k8s.io/kube-controller-manager", Base::kNone, "kube-controller-manager", "", "kube-controller-manager",
       27, ""},
      {"registry.k8s.io/kube-scheduler", Base::kNone, "kube-scheduler", "", "kube-scheduler", 20, ""},
      {"registry.k8s.io/kube-proxy", Base::kDebian, "kube-proxy", "", "kube-proxy", 31, ""},
      {"registry.k8s.io/coredns/coredns", Base::kNone, "coredns", "/coredns", "", 22, ""},
      {"registry.k8s.io/coredns", Base::kNone, "coredns", "/coredns", "", 15, ""},
      {"docker.io/weaveworks/weave-kube", Base::kAlpine, "weave-kube weave-init", "", "weave-kube", 30, ""},
      {"docker.io/weaveworks/weave-npc", Base::kAlpine, "weave-npc", "", "weave-npc", 12, ""},
      {"ghcr.io/weaveworks/launcher/weave-kube", Base::kAlpine, "weave-kube weave-init", "", "weave-kube", 30, ""},
      {"ghcr.io/weaveworks/launcher/weave-npc", Base::kAlpine, "weave-npc", "", "weave-npc", 12, ""},
      {"docker.io/flannel/flannel", Base::kAlpine, "flanneld", "", "flanneld", 30, ""},
      {"ghcr.io/flannel-io/flannel", Base::kAlpine, "flanneld", "", "flanneld", 30, ""},
      {"docker.io/flannel/flannel-cni-plugin", Base::kAlpine, "", "", "sh", 4, ""},
      {"ghcr.io/flannel-io/flannel-cni-plugin", Base::kAlpine, "", "", "sh", 4, ""},
      {"docker.io/calico/cni", Base::kAlpine, "calico-install", "", "calico-install", 70, ""},
      {"docker.io/calico/node", Base::kAlpine, "calico-node", "", "calico-node", 140, ""},
      {"docker.io/calico/kube-controllers", Base::kAlpine, "calico-kube-controllers", "", "calico-kube-controllers", 35,
       ""},
  };
  for (const Recipe& recipe : kRecipes) {
    if (recipe.repository == repository) return &recipe;
  }
  return nullptr;
}

namespace {

// Words separated by spaces; "\ " keeps a space inside a word.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size())
      word += text[++i];
    else if (text[i] == ' ')
      words.push_back(std::exchange(word, {}));
    else
      word += text[i];
  }
  if (!word.empty()) words.push_back(word);
  return words;
}

bool version_like(const std::string& tag) {
  return tag == "latest" || tag == "stable" || tag == "alpine" || tag == "edge" ||
         (!tag.empty() && (tag[0] == 'v' || (tag[0] >= '0' && tag[0] <= '9')));
}

void fill_base(FileSystem& files, Base base, TimePoint now) {
  for (const char* directory : {"/etc", "/dev", "/proc", "/sys", "/tmp", "/run", "/var/run", "/var/log"})
    (void)files.make_directories(directory, now);
  if (auto tmp = files.resolve("/tmp")) (*tmp)->mode = 01777;
  (void)files.write_file("/etc/passwd",
                         "root:x:0:0:root:/root:" +
                             std::string(base == Base::kBusybox || base == Base::kAlpine ? "/bin/sh" : "/bin/bash") +
                             "\nnobody:x:65534:65534:nobody:/:/bin/false\n",
                         now);
  (void)files.write_file("/etc/group", "root:x:0:\nnobody:x:65534:\n", now);
  if (base == Base::kNone) return;
  const bool small = base == Base::kBusybox || base == Base::kAlpine;
  for (const char* directory : {"/bin", "/usr/bin", "/usr/sbin", "/sbin", "/root", "/home", "/lib", "/mnt", "/opt",
                                "/srv", "/usr/share", "/usr/local/bin", "/var/lib", "/var/tmp"}) {
    (void)files.make_directories(directory, now);
  }
  for (const std::string& tool : split_whitespace(small ? kBusyboxTools : kGnuTools)) {
    const bool is_shell = tool == "sh" || tool == "bash" || tool == "ash";
    // What stands behind sh: busybox' own, dash on Debian, bash on CentOS.
    const std::string program = tool != "sh" || small ? tool : base == Base::kCentos ? "bash" : "dash";
    (void)files.write_file("/bin/" + tool, program_file(program, small && !is_shell ? "busybox" : ""), now, 0755);
  }
  if (!release_of(base).empty()) (void)files.write_file("/etc/os-release", release_of(base), now);
  if (base == Base::kCentos) (void)files.write_file("/root/.bashrc", "PS1='[\\u@\\h \\W]\\$ '\n", now);
  if (base == Base::kDebian || base == Base::kUbuntu)
    (void)files.write_file("/root/.bashrc", "PS1='\\u@\\h:\\w\\$ '\n", now);
}

}  // namespace

std::string full_image_name(std::string_view name) {
  std::string text(name);
  const std::size_t at = text.find('@');
  if (at != std::string::npos) text.resize(at);
  const std::size_t slash = text.find('/');
  const std::string first = slash == std::string::npos ? "" : text.substr(0, slash);
  const bool registry = !first.empty() && (contains(first, ".") || contains(first, ":") || first == "localhost");
  if (!registry) text = (slash == std::string::npos ? "docker.io/library/" : "docker.io/") + text;
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || text.find('/', colon) != std::string::npos) text += ":latest";
  return text;
}

ImageRegistry::ImageRegistry(EventLoop& loop, Prng prng) : loop_(loop), prng_(prng) {}

ImagePtr ImageRegistry::build(const std::string& full_name, const Recipe& recipe, const std::string& tag) {
  auto image = std::make_shared<Image>();
  image->name = full_name;
  image->digest = "sha256:" + hex_encode(sha256(full_name));
  image->size_bytes =
      static_cast<std::int64_t>(recipe.megabytes) * 1000000 + static_cast<std::int64_t>(image->digest[10]) * 1013;
  image->entrypoint = words_of(recipe.entrypoint);
  image->arguments = words_of(recipe.arguments);
  image->environment = {{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/"}};
  const TimePoint now = loop_.now();
  image->root = Inode::make(FileType::kDirectory, 0755, 0, 0, now);
  FileSystem files(image->root);
  const bool alpine = contains(tag, "alpine") && recipe.base == Base::kDebian;
  fill_base(files, alpine ? Base::kAlpine : recipe.base, now);
  std::string version = tag.substr(0, tag.find('-'));
  if (version == "latest" || version == "alpine" || version == "stable")
    version = contains(full_name, "nginx") ? "1.29.1" : version;
  for (const std::string& program : split_whitespace(recipe.programs)) {
    const bool top = recipe.base == Base::kNone && image->entrypoint.size() == 1;
    const std::string path = program == "weave-kube"   ? "/home/weave/launch.sh"
                             : program == "weave-init" ? "/home/weave/init.sh"
                             : top                     ? "/" + program
                                                       : "/usr/local/bin/" + program;
    (void)files.make_directories(directory_name(path), now);
    (void)files.write_file(path, program_file(program, version), now, 0755);
    if (!top) {
      (void)files.make_directories("/usr/local/bin", now);
      (void)files.write_file("/usr/local/bin/" + program, program_file(program, version), now, 0755);
    }
  }
  if (contains(recipe.programs, "flanneld")) {
    (void)files.make_directories("/opt/bin", now);
    (void)files.write_file("/opt/bin/flanneld", program_file("flanneld", version), now, 0755);
  }
  // What its init container copies to the node.
  if (contains(full_name, "flannel-cni-plugin"))
    (void)files.write_file("/flannel", program_file("cni-flannel", version), now, 0755);
  if (contains(recipe.programs, "nginx")) {
    (void)files.make_directories("/usr/share/nginx/html", now);
    (void)files.make_directories("/etc/nginx/conf.d", now);
    (void)files.write_file("/usr/share/nginx/html/index.html", kNginxPage, now);
    (void)files.write_file(
        "/usr/share/nginx/html/50x.html",
        "<!DOCTYPE html>\n<html><head><title>Error</title></head><body><h1>An error occurred.</h1></body></html>\n",
        now);
    (void)files.write_file("/etc/nginx/conf.d/default.conf",
                           "server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        "
                           "root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n",
                           now);
    image->environment.emplace_back("NGINX_VERSION", version);
  }
  return image;
}

Result<ImagePtr> ImageRegistry::find(const std::string& full_name) {
  const auto known = images_.find(full_name);
  if (known != images_.end()) return known->second;
  const std::size_t colon = full_name.rfind(':');
  const std::string repository = full_name.substr(0, colon);
  const std::string tag = full_name.substr(colon + 1);
  const std::string prefix = "failed to resolve reference \"" + full_name + "\": ";
  const Recipe* recipe = recipe_of(repository);
  if (recipe == nullptr) {
    if (repository.starts_with("docker.io/")) {
      return Status::plain(prefix +
                           "pull access denied, repository does not exist or may require authorization: server "
                           "message: insufficient_scope: authorization failed");
    }
    return Status::plain(prefix + full_name + ": not found");
  }
  const std::vector<std::string> tags = split_whitespace(recipe->tags);
  const bool there = tags.empty() ? version_like(tag) : std::find(tags.begin(), tags.end(), tag) != tags.end();
  if (!there) return Status::plain(prefix + full_name + ": not found");
  return images_[full_name] = build(full_name, *recipe, tag);
}

Duration ImageRegistry::pull_time(const Image& image) {
  const std::int64_t milliseconds_needed = 350 + image.size_bytes / 1000000 * prng_.between(14, 24);
  return milliseconds(milliseconds_needed + prng_.between(0, 400));
}

Result<std::string> ImageRegistry::define(std::string_view yaml) {
  DRYDOCK_TRY(Value document, parse_yaml(yaml));
  if (document["name"].empty()) return Status::plain("name: Required value");
  const std::string name = full_image_name(document["name"].as_string());
  const std::string base_name_text = document["base"].empty() ? "busybox" : document["base"].str();
  DRYDOCK_TRY(ImagePtr base, find(full_image_name(base_name_text)));
  auto image = std::make_shared<Image>(*base);
  image->name = name;
  image->digest = "sha256:" + hex_encode(sha256(yaml));
  image->root = Inode::over(base->root);
  FileSystem files(image->root);
  const TimePoint now = loop_.now();
  for (const Value::Member& file : document["files"].members()) {
    if (!file.key.view().starts_with("/"))
      return Status::plain("files: Invalid value: " + go_quote(file.key.view()) + ": must be an absolute path");
    (void)files.make_directories(directory_name(file.key.view()), now);
    (void)files.write_file(file.key.view(), file.value.str(), now,
                           file.value.as_string().starts_with("#!") ? 0755 : 0644);
  }
  for (const Value::Member& variable : document["env"].members())
    image->environment.emplace_back(variable.key.str(), variable.value.str());
  if (document["http"].is_object()) {
    (void)files.make_directories("/etc", now);
    (void)files.write_file("/etc/http-responder.json", dump_json(document["http"]), now);
    (void)files.make_directories("/usr/local/bin", now);
    (void)files.write_file("/usr/local/bin/http-responder", program_file("http-responder"), now, 0755);
    image->entrypoint = {"/usr/local/bin/http-responder"};
    image->arguments.clear();
  }
  const Value& command = document["command"];
  if (!command.is_null()) {
    image->entrypoint.clear();
    image->arguments.clear();
    if (command.is_string()) image->entrypoint = {"/bin/sh", "-c", command.str()};
    for (const Value& word : command.items()) image->entrypoint.push_back(word.str());
  }
  image->size_bytes = base->size_bytes + static_cast<std::int64_t>(yaml.size());
  images_[name] = image;
  return name;
}

}  // namespace drydock
