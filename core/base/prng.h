// Prng: the core's only source of chance. Same seed, same draws, on every build.
// xoshiro256** seeded by splitmix64 (https://prng.di.unimi.it/).
//
// Components take a stream of their own with split(), so that one more draw in
// one place changes nothing elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock {

class Prng {
 public:
  explicit Prng(std::uint64_t seed);
  std::uint64_t next();
  // Uniform in [0, bound); bound must not be 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high);
  // Uniform in [0, 1).
  double unit();
  bool chance(double probability) { return unit() < probability; }
  // A stream that depends on this one's seed and the label, not on its draws.
  Prng split(std::string_view label) const;

  // `length` characters of `alphabet`.
  std::string text(std::size_t length, std::string_view alphabet);
  // As k8s.io/apimachinery/pkg/util/rand: the suffixes of generated names.
  std::string name_suffix(std::size_t length = 5) { return text(length, "bcdfghjklmnpqrstvwxz2456789"); }
  // RFC 4122 version 4, e.g. "0b1c…-…": object uids.
  std::string uuid();

 private:
  std::uint64_t seed_;
  std::uint64_t state_[4];
};

}  // namespace drydock
