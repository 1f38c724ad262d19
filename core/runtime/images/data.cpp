// Stores and languages.
#include "core/runtime/images/recipe.h"

namespace drydock {
namespace {

constexpr std::string_view kRedisTags =
    "2.8.[6-23]+ 3.0.[0-7]+ 3.2.[0-12]+ 4.0.[0-14]+ 5.0.[0-14]+ 6.0.[0-20]+ 6.2.[0-20]+ 7.0.[0-15]+ 7.2.[0-11]+ "
    "7.4.[0-6]+ 8.0.[0-4]+ 8.2.[0-2]+ latest";
constexpr std::string_view kRedisPrograms =
    "/usr/local/bin/redis-server=redis-server /usr/local/bin/redis-cli=redis-cli "
    "/usr/local/bin/docker-entrypoint.sh=exec-entrypoint";

constexpr ImageRecipe kImages[] = {
    {.repositories = "docker.io/library/redis docker.io/redis k8s.gcr.io/redis registry.k8s.io/redis "
                     "gcr.io/google_containers/redis public.ecr.aws/docker/library/redis",
     .base = ImageBase::kDebian,
     .tags = kRedisTags,
     .variants = "alpine alpine3.22 alpine3.21 alpine3.20 bookworm bullseye buster stretch",
     .version = "8.2.2",
     .bytes = 52'461'881,
     .programs = kRedisPrograms,
     .entrypoint = "docker-entrypoint.sh",
     .command = "redis-server",
     .environment = "REDIS_VERSION=%V",
     .working_directory = "/data",
     .ports = "6379/tcp",
     .directories = "/data:999"},
    {.repositories = "us-docker.pkg.dev/google-samples/containers/gke/gb-redis-follower "
                     "gcr.io/google_samples/gb-redis-follower gcr.io/google-samples/gb-redis-follower "
                     "gcr.io/google_samples/gb-redisslave gcr.io/google-samples/gb-redisslave",
     .base = ImageBase::kDebian,
     .tags = "v[1-3]",
     .version = "6.0.5",
     .bytes = 36'521'339,
     .programs = "/usr/local/bin/redis-server=redis-server /usr/local/bin/redis-cli=redis-cli "
                 "/run.sh=gb-redis-follower",
     .command = "/run.sh",
     .environment = "REDIS_VERSION=6.0.5",
     .working_directory = "/data",
     .ports = "6379/tcp",
     .directories = "/data:999"},
    {.repositories = "docker.io/library/python",
     .base = ImageBase::kDebian,
     .tags = "2.7.18+ 3.6.15+ 3.7.[0-17]+ 3.8.[0-20]+ 3.9.[0-23]+ 3.10.[0-18]+ 3.11.[0-13]+ 3.12.[0-11]+ 3.13.[0-7]+ "
             "latest",
     .variants = "slim alpine slim-bookworm bookworm slim-buster buster bullseye slim-bullseye alpine3.22 alpine3.21",
     .version = "3.13.7",
     .bytes = 389'120'443,
     .programs = "/usr/local/bin/python3=python3 /usr/local/bin/python=python3 /usr/bin/curl=curl /usr/bin/ps=ps",
     .command = "python3",
     .environment = "LANG=C.UTF-8\nPYTHON_VERSION=%V"},
    {.repositories = "docker.io/library/perl",
     .base = ImageBase::kDebian,
     .tags = "5.[28-42].[0-3]+ latest",
     .variants = "slim bookworm bullseye buster threaded slim-bookworm slim-threaded",
     .version = "5.42.0",
     .bytes = 355'208'221,
     .programs = "/usr/local/bin/perl=perl",
     .command = "perl5 -de0",
     .environment = "PERL_VERSION=%V",
     .working_directory = "/usr/src/app"},
};

}  // namespace

std::span<const ImageRecipe> data_images() { return kImages; }

}  // namespace drydock
