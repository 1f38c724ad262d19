// Base systems: what a shell is opened in.
#include "core/runtime/images/recipe.h"

namespace drydock {
namespace {

constexpr ImageRecipe kImages[] = {
    {.repositories = "docker.io/library/busybox registry.k8s.io/busybox k8s.gcr.io/busybox gcr.io/google-containers/"
                     "busybox registry.k8s.io/e2e-test-images/busybox quay.io/prometheus/busybox",
     .base = ImageBase::kBusybox,
     .tags = "latest 1.24 1.25 1.26.[0-2]+ 1.27.[0-2]+ 1.28.[0-4]+ 1.29.[1-3]+ 1.29.[0-4]+ 1.30.[0-1]+ 1.31.[0-1]+ "
             "1.32.[0-1]+ 1.33.[0-1]+ 1.34.[0-1]+ 1.35.0+ 1.36.[0-1]+ 1.37.0+ stable=1.37.0 unstable=1.37.0",
     .variants = "musl glibc uclibc 1 2 4",
     .version = "1.37.0",
     .bytes = 2'223'686,
     .command = "sh"},
    {.repositories = "docker.io/library/alpine",
     .base = ImageBase::kAlpine,
     .tags = "latest 3.[5-21].[0-9]+ 3.22.[0-1]+ edge=3.22.1",
     .version = "3.22.1",
     .bytes = 3'802'452,
     .command = "/bin/sh"},
    {.repositories = "docker.io/library/bash",
     .base = ImageBase::kAlpine,
     .tags = "4.4 5.[0-3]+ 5.[0-3].[0-37]+ latest",
     .version = "5.3.3",
     .bytes = 6'340'118,
     .programs = "/usr/local/bin/bash=bash /usr/local/bin/docker-entrypoint.sh=exec-entrypoint",
     .command = "bash"},
    {.repositories = "docker.io/library/debian",
     .base = ImageBase::kDebian,
     .tags = "9.13+ stretch=9.13 10.13+ buster=10.13 11.11+ bullseye=11.11 13.[0-1]+ trixie=13.1 12.[0-12]+ "
             "bookworm=12.12 stable=12.12 latest",
     .variants = "slim backports",
     .version = "12.12",
     .bytes = 48'494'272,
     .command = "bash"},
    {.repositories = "docker.io/library/ubuntu",
     .base = ImageBase::kUbuntu,
     .tags = "14.04 trusty=14.04 16.04 xenial=16.04 18.04 bionic=18.04 20.04 focal=20.04 22.04 jammy=22.04 24.04 "
             "noble=24.04 rolling=24.04 latest",
     .version = "24.04",
     .bytes = 29'723'204,
     .command = "/bin/bash"},
    {.repositories = "docker.io/library/centos quay.io/centos/centos",
     .base = ImageBase::kCentos,
     .tags = "latest 6 centos6=6 8 centos8=8 stream8=8 stream9=9 7.[0-9].2009 7 centos7=7 7.9.2009 centos7.9.2009=7",
     .version = "7",
     .bytes = 76'097'157,
     .command = "/bin/bash"},
    {.repositories = "docker.io/library/fedora docker.io/library/rockylinux docker.io/library/almalinux "
                     "docker.io/library/amazonlinux registry.access.redhat.com/ubi8/ubi "
                     "registry.access.redhat.com/ubi9/ubi",
     .base = ImageBase::kCentos,
     .tags = "latest # #.#",
     .version = "9",
     .bytes = 68'221'404,
     .command = "/bin/bash"},
};

}  // namespace

std::span<const ImageRecipe> system_images() { return kImages; }

}  // namespace drydock
