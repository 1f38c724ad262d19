// Image names, tags, digests, what registries say of unknown ones, and images that
// a person defines.
#include "core/runtime/image_registry.h"

#include <doctest/doctest.h>

#include "core/base/strings.h"
#include "core/runtime/images/recipe.h"
#include "core/runtime/images/tags.h"

using namespace drydock;

namespace {

struct RegistryFixture {
  VirtualClock clock{TimePoint(seconds(1767225600))};
  EventLoop loop{clock};
  ImageRegistry registry{loop, Prng(1)};
  std::string error(const std::string& name) {
    auto found = registry.find(full_image_name(name));
    return found ? "" : found.error().message;
  }
  ImagePtr get(const std::string& name) {
    auto found = registry.find(full_image_name(name));
    REQUIRE_MESSAGE(found.ok(), name);
    return *found;
  }
  std::string define_error(const std::string& yaml) {
    auto name = registry.define(yaml);
    return name ? "" : name.error().message;
  }
};

}  // namespace

TEST_CASE("image names are completed as Docker completes them") {
  struct Row {
    const char* given;
    const char* wanted;
  };
  const Row rows[] = {
      {"nginx", "docker.io/library/nginx:latest"},
      {"nginx:1.25", "docker.io/library/nginx:1.25"},
      {"docker.io/nginx", "docker.io/library/nginx:latest"},
      {"index.docker.io/library/nginx:1", "docker.io/library/nginx:1"},
      {"traefik/whoami", "docker.io/traefik/whoami:latest"},
      {"quay.io/a/b:1", "quay.io/a/b:1"},
      {"localhost:5000/app", "localhost:5000/app:latest"},
      {"nginx:1.25@sha256:abc", "docker.io/library/nginx@sha256:abc"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.given);
    CHECK(full_image_name(row.given) == row.wanted);
  }
  CHECK(image_reference_error("nginx:1.25") == "");
  CHECK(image_reference_error("Nginx") == "invalid reference format: repository name (Nginx) must be lowercase");
  CHECK(image_reference_error("nginx:") == "invalid reference format");
  CHECK(image_reference_error("a b") == "invalid reference format");
  CHECK(image_reference_error("nginx@sha256:12") == "invalid checksum digest length");
}

TEST_CASE("tags that exist, and the version behind each") {
  struct Row {
    const char* image;
    const char* version;  // "" when there is no such tag
  };
  const Row rows[] = {
      {"nginx", "1.29.1"},
      {"nginx:1.14.2", "1.14.2"},
      {"nginx:1.14", "1.14.2"},
      {"nginx:1.7.9", "1.7.9"},
      {"nginx:1.161", ""},
      {"nginx:1.25-alpine", "1.25.5"},
      {"nginx:alpine", "1.29.1"},
      {"nginx:1.25.9", ""},
      {"nginx:stable", "1.28.0"},
      {"nginx:banana", ""},
      {"busybox:1.28", "1.28.4"},
      {"busybox:1.99", ""},
      {"redis:6.0.5", "6.0.5"},
      {"redis:7", "7.4.6"},
      {"centos:7", "7"},
      {"ubuntu:24.04", "24.04"},
      {"ubuntu:24.05", ""},
      {"perl:5.34.0", "5.34.0"},
      {"registry.k8s.io/kube-apiserver:v1.36.3", "v1.36.3"},
      {"registry.k8s.io/kube-apiserver:v1.14.0", "v1.14.0"},
      {"registry.k8s.io/kube-apiserver:v1.36", ""},
      {"registry.k8s.io/etcd:3.6.6-0", "3.6.6-0"},
      {"registry.k8s.io/pause:3.10.2", "3.10.2"},
      {"registry.k8s.io/coredns/coredns:v1.14.1", "v1.14.1"},
      {"ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1", "v1.8.0-flannel1"},
      {"weaveworks/weave-kube:2.8.1", "2.8.1"},
      {"registry.k8s.io/e2e-test-images/agnhost:2.40", "2.40"},
      {"quay.io/openshiftlabs/simpleservice:0.5.0", "0.5.0"},
      {"quay.io/openshiftlabs/simpleservice:9", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.image);
    const std::string full = full_image_name(row.image);
    const std::size_t colon = full.rfind(':');
    const ImageRecipe* recipe = find_image_recipe(full.substr(0, colon));
    REQUIRE(recipe != nullptr);
    const auto tag = resolve_image_tag(*recipe, full.substr(colon + 1));
    CHECK((tag ? tag->version : "") == row.version);
    RegistryFixture world;
    CHECK(world.error(row.image) ==
          (tag ? "" : "failed to resolve reference \"" + full + "\": " + full + ": not found"));
  }
  CHECK(compare_versions("1.9.1", "1.14") < 0);
  CHECK(compare_versions("v1.36.0", "1.36") == 0);
}

TEST_CASE("what registries say of images they do not have") {
  RegistryFixture world;
  CHECK(
      world.error("nosuch/image:1") ==
      "failed to resolve reference \"docker.io/nosuch/image:1\": pull access denied, repository does not exist or may "
      "require authorization: server message: insufficient_scope: authorization failed");
  CHECK(world.error("registry.k8s.io/nosuch:1") ==
        "failed to resolve reference \"registry.k8s.io/nosuch:1\": registry.k8s.io/nosuch:1: not found");
  CHECK(world.error("quay.io/no/such:1") ==
        "failed to resolve reference \"quay.io/no/such:1\": unexpected status from HEAD request to "
        "https://quay.io/v2/no/such/manifests/1: 401 UNAUTHORIZED");
  CHECK(world.error("registry.example.com/app:1") ==
        "failed to resolve reference \"registry.example.com/app:1\": failed to do request: Head "
        "\"https://registry.example.com/v2/app/manifests/1\": dial tcp: lookup registry.example.com: no such host");
  CHECK(contains(world.error("localhost:5000/app"), "dial tcp 127.0.0.1:5000: connect: connection refused"));
}

TEST_CASE("digests: tags of one version share it, and it can be pulled by") {
  RegistryFixture world;
  const ImagePtr tagged = world.get("nginx:1.25");
  CHECK(tagged->digest == world.get("nginx:1.25.5")->digest);
  CHECK(tagged->digest != world.get("nginx:1.25.4")->digest);
  CHECK(tagged->digest != world.get("nginx:1.25-alpine")->digest);
  RegistryFixture fresh;
  const ImagePtr pinned = fresh.get("nginx@" + tagged->digest);
  CHECK(pinned->digest == tagged->digest);
  CHECK(pinned->ref() == "docker.io/library/nginx@" + tagged->digest);
  const std::string none = "docker.io/library/nginx@sha256:" + std::string(64, '0');
  CHECK(fresh.error(none) == "failed to resolve reference \"" + none + "\": " + none + ": not found");
}

TEST_CASE("what images hold") {
  RegistryFixture world;
  const ImagePtr nginx = world.get("nginx");
  CHECK(nginx->size_bytes == 59774010);
  CHECK(nginx->entrypoint == std::vector<std::string>{"/docker-entrypoint.sh"});
  CHECK(nginx->arguments == std::vector<std::string>{"nginx", "-g", "daemon off;"});
  CHECK(nginx->ports == std::vector<std::string>{"80/tcp"});
  CHECK(nginx->stop_signal == "SIGQUIT");
  CHECK(world.get("nginx:1.14.2")->entrypoint.empty());
  FileSystem busybox(world.get("busybox")->root);
  CHECK((*busybox.resolve("/bin/ls")).get() == (*busybox.resolve("/bin/busybox")).get());
  FileSystem alpine(world.get("alpine:3.20")->root);
  CHECK((*alpine.resolve("/bin/ls", false))->content() == "/bin/busybox");
  CHECK(contains(alpine.read_file("/etc/os-release").value_or(""), "VERSION_ID=3.20.9"));
  FileSystem debian(world.get("debian:bookworm-slim")->root);
  CHECK(debian.exists("/bin/bash"));
  CHECK(!debian.exists("/usr/bin/curl"));
  CHECK(world.get("curlimages/curl")->user == 100);
}

TEST_CASE("an image that a person defines") {
  RegistryFixture world;
  auto name = world.registry.define(
      "name: shop/frontend:1.0\n"
      "base: alpine:3.20\n"
      "files:\n"
      "  /srv/index.html: \"hello\\n\"\n"
      "  /srv/run.sh: {content: \"#!/bin/sh\\necho hi\\n\"}\n"
      "  /etc/secret: {content: x, mode: \"0600\", user: 1000}\n"
      "directories: [/data]\n"
      "env: {COLOR: blue, DEBUG: true}\n"
      "entrypoint: [/srv/run.sh]\n"
      "args: [--fast]\n"
      "user: nobody\n"
      "workdir: /srv\n"
      "expose: [8080, 53/udp]\n");
  REQUIRE(name.ok());
  CHECK(*name == "docker.io/shop/frontend:1.0");
  const ImagePtr image = world.get("shop/frontend:1.0");
  FileSystem files(image->root);
  CHECK((*files.resolve("/srv/run.sh"))->mode == 0755);
  CHECK((*files.resolve("/etc/secret"))->mode == 0600);
  CHECK((*files.resolve("/etc/secret"))->uid == 1000);
  CHECK(files.exists("/data"));
  CHECK(files.exists("/bin/sh"));
  CHECK(image->entrypoint == std::vector<std::string>{"/srv/run.sh"});
  CHECK(image->arguments == std::vector<std::string>{"--fast"});
  CHECK(image->user == 65534);
  CHECK(image->working_directory == "/srv");
  CHECK(image->ports == std::vector<std::string>{"8080/tcp", "53/udp"});
  CHECK(image->environment.back() == std::pair<std::string, std::string>{"DEBUG", "true"});
  // The base is not changed by it.
  CHECK(!FileSystem(world.get("alpine:3.20")->root).exists("/data"));
  REQUIRE(world.registry.define("name: bare\nbase: scratch\nentrypoint: [/x]\n").ok());
  CHECK(!FileSystem(world.get("bare")->root).exists("/bin/sh"));
}

TEST_CASE("mistakes in an image's definition say what and where") {
  struct Row {
    const char* yaml;
    const char* wanted;
  };
  const Row rows[] = {
      {"[]", "an image must be a mapping with at least \"name\""},
      {"base: alpine", "name: Required value"},
      {"name: 3", "name: Invalid value: 3: must be of type string: \"number\""},
      {"name: Shop",
       "name: Invalid value: \"Shop\": invalid reference format: repository name (Shop) must be lowercase"},
      {"name: a\nbase: nosuch/b",
       "base: Invalid value: \"nosuch/b\": failed to resolve reference \"docker.io/nosuch/b:latest\": pull access "
       "denied, "
       "repository does not exist or may require authorization: server message: insufficient_scope: authorization "
       "failed"},
      {"name: a\nfile: {}", "unknown field \"file\""},
      {"name: a\nfiles: [x]", "files: Invalid value: \"array\": must be of type object: \"array\""},
      {"name: a\nfiles: {x: y}", "files: Invalid value: \"x\": must be an absolute path"},
      {"name: a\nfiles: {/a/../b: y}", "files: Invalid value: \"/a/../b\": must not contain '..'"},
      {"name: a\nfiles: {/a/: y}", "files: Invalid value: \"/a/\": must name a file"},
      {"name: a\nfiles: {/a: [1]}", "files[/a]: Invalid value: \"array\": must be of type string: \"array\""},
      {"name: a\nfiles: {/a: {text: x}}", "unknown field \"files[/a].text\""},
      {"name: a\nfiles: {/a: {content: x, mode: rw}}",
       "files[/a].mode: Invalid value: \"rw\": must be an octal number up to 07777"},
      {"name: a\nfiles: {/etc/passwd/x: y}", "files: Invalid value: \"/etc/passwd/x\": cannot be written in busybox"},
      {"name: a\nenv: [A]", "env[0]: Invalid value: \"A\": must be NAME=value"},
      {"name: a\nenv: [{nam: A}]", "unknown field \"env[0].nam\""},
      {"name: a\nenv: {A: [1]}", "env[A]: Invalid value: \"array\": must be of type string: \"array\""},
      {"name: a\ncommand: []", "command: Required value"},
      {"name: a\ncommand: {}", "command: Invalid value: \"object\": must be of type array: \"object\""},
      {"name: a\ncommand: [a]\nentrypoint: [b]", "command: Forbidden: may not be specified when `entrypoint` is"},
      {"name: a\nuser: ada", "user: Invalid value: \"ada\": no matching entries in passwd file"},
      {"name: a\nuser: -1", "user: Invalid value: -1: must be between 0 and 2147483647, inclusive"},
      {"name: a\nworkdir: srv", "workdir: Invalid value: \"srv\": must be an absolute path"},
      {"name: a\nexpose: [99999]",
       "expose[0]: Invalid value: 99999: must be a port from 1 to 65535, with /tcp, /udp or /sctp"},
      {"name: a\nhttp: {}", "http.routes: Required value"},
      {"name: a\nhttp: {port: x, routes: [{path: /}]}",
       "http.port: Invalid value: \"x\": must be between 1 and 65535, inclusive"},
      {"name: a\nhttp: {routes: [{body: x}]}", "http.routes[0].path: Required value"},
      {"name: a\nhttp: {routes: [{path: x}]}", "http.routes[0].path: Invalid value: \"x\": must start with '/'"},
      {"name: a\nhttp: {routes: [{path: /, status: 42}]}",
       "http.routes[0].status: Invalid value: 42: must be between 200 and 599, inclusive"},
      {"name: a\nhttp: {routes: [{path: /}, {path: /b, pth: 1}]}", "unknown field \"http.routes[1].pth\""},
      {"name: a\nhttp: {routes: [{path: /, method: get}]}",
       "http.routes[0].method: Invalid value: \"get\": must be a method in upper case, such as GET"},
      {"name: a\nhttp: {routes: [{path: /, delay: soon}]}",
       "http.routes[0].delay: Invalid value: \"soon\": must be a duration such as 200ms, up to 1h"},
      {"name: a\nhttp: {routes: [{path: /, headers: {\"a b\": x}}]}",
       "http.routes[0].headers: Invalid value: \"a b\": not a header name"},
      {"name: a\nhttp: {routes: [{path: /, body: \"{{nonsense}}\"}]}",
       "http.routes[0].body: Invalid value: \"{{nonsense}}\": supported values: hostname, path, method, client, body, "
       "env.NAME, query.NAME, header.NAME"},
      {"name: a\nargs: [x]\nhttp: {routes: [{path: /}]}",
       "http: Forbidden: may not be specified when `entrypoint` or `args` is"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    RegistryFixture world;
    CHECK(world.define_error(row.yaml) == row.wanted);
  }
}
