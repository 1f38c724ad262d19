#include "core/programs/archive/deflate.h"

#include <algorithm>
#include <array>
#include <vector>

namespace drydock {
namespace {

constexpr std::size_t kWindow = 32768;
constexpr std::size_t kLongestMatch = 258;
constexpr std::size_t kShortestMatch = 3;
constexpr std::size_t kLargestOutput = 512u << 20;  // what is unpacked lies in memory
constexpr std::size_t kMaxBits = 15;

// Lengths 3 to 258 and distances 1 to 32768: base values and extra bits of their codes.
constexpr std::array<std::uint16_t, 29> kLengthBase = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                                       31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<std::uint8_t, 29> kLengthExtra = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                       2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr std::array<std::uint16_t, 30> kDistanceBase = {1,    2,    3,    4,    5,    7,    9,    13,    17,    25,
                                                         33,   49,   65,   97,   129,  193,  257,  385,   513,   769,
                                                         1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
constexpr std::array<std::uint8_t, 30> kDistanceExtra = {0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                                         6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};
// The order in which the lengths of the code length codes are written.
constexpr std::array<std::uint8_t, 19> kCodeOrder = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
constexpr std::size_t kEndOfBlock = 256;
constexpr std::size_t kLiterals = 286;
constexpr std::size_t kDistances = 30;

// --- writing ---

class BitWriter {
 public:
  void bits(std::uint32_t value, unsigned count) {
    pending_ |= static_cast<std::uint64_t>(value) << filled_;
    filled_ += count;
    while (filled_ >= 8) {
      out_ += static_cast<char>(pending_ & 0xff);
      pending_ >>= 8;
      filled_ -= 8;
    }
  }
  void align() {
    if (filled_ > 0) bits(0, 8 - filled_);
  }
  std::string take() {
    align();
    return std::move(out_);
  }

 private:
  std::string out_;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
};

struct Code {
  std::uint16_t value = 0;  // reversed: the first bit lowest
  std::uint8_t length = 0;
};

// Canonical codes of given lengths.
std::vector<Code> codes_of(const std::vector<std::uint8_t>& lengths) {
  std::array<std::uint16_t, kMaxBits + 2> next{};
  std::array<std::uint16_t, kMaxBits + 1> count{};
  for (const std::uint8_t length : lengths) ++count[length];
  count[0] = 0;
  for (std::size_t bits = 1; bits <= kMaxBits; ++bits)
    next[bits + 1] = static_cast<std::uint16_t>((next[bits] + count[bits]) << 1);
  std::vector<Code> codes(lengths.size());
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] == 0) continue;
    std::uint16_t value = next[lengths[i]]++;
    std::uint16_t reversed = 0;
    for (unsigned k = 0; k < lengths[i]; ++k, value = static_cast<std::uint16_t>(value >> 1))
      reversed = static_cast<std::uint16_t>(reversed << 1 | (value & 1));
    codes[i] = {reversed, lengths[i]};
  }
  return codes;
}

// Huffman code lengths of at most `limit` bits. Deep trees are flattened by
// halving the frequencies, which costs next to nothing and keeps the code small.
std::vector<std::uint8_t> huffman_lengths(std::vector<std::uint32_t> frequency, unsigned limit) {
  const std::size_t symbols = frequency.size();
  for (;;) {
    struct Node {
      std::uint64_t weight;
      std::size_t left, right;
    };
    std::vector<Node> nodes;
    std::vector<std::size_t> queue;  // a heap, lightest first; equal weights by age
    for (std::size_t i = 0; i < symbols; ++i) {
      nodes.push_back({frequency[i], 0, 0});
      if (frequency[i] > 0) queue.push_back(i);
    }
    std::vector<std::uint8_t> lengths(symbols, 0);
    if (queue.size() < 2) {
      // A code needs two symbols to be complete.
      if (!queue.empty()) lengths[queue[0]] = 1;
      return lengths;
    }
    const auto heavier = [&](std::size_t a, std::size_t b) {
      return nodes[a].weight != nodes[b].weight ? nodes[a].weight > nodes[b].weight : a > b;
    };
    std::make_heap(queue.begin(), queue.end(), heavier);
    const auto take = [&] {
      std::pop_heap(queue.begin(), queue.end(), heavier);
      const std::size_t node = queue.back();
      queue.pop_back();
      return node;
    };
    while (queue.size() > 1) {
      const std::size_t a = take();
      const std::size_t b = take();
      nodes.push_back({nodes[a].weight + nodes[b].weight, a, b});
      queue.push_back(nodes.size() - 1);
      std::push_heap(queue.begin(), queue.end(), heavier);
    }
    std::vector<unsigned> depth(nodes.size(), 0);
    unsigned deepest = 0;
    for (std::size_t i = nodes.size(); i-- > symbols;) {
      depth[nodes[i].left] = depth[nodes[i].right] = depth[i] + 1;
      deepest = std::max(deepest, depth[i] + 1);
    }
    if (deepest <= limit) {
      for (std::size_t i = 0; i < symbols; ++i) lengths[i] = static_cast<std::uint8_t>(frequency[i] > 0 ? depth[i] : 0);
      return lengths;
    }
    for (std::uint32_t& one : frequency) {
      if (one > 0) one = one / 2 + 1;
    }
  }
}

// A literal byte (distance 0), or a copy of what stands `distance` back.
struct Symbol {
  std::uint16_t length;  // or the byte
  std::uint16_t distance;
};

std::size_t code_for(std::uint16_t value, const std::uint16_t* bases, std::size_t count) {
  return static_cast<std::size_t>(std::upper_bound(bases, bases + count, value) - bases) - 1;
}

std::vector<Symbol> find_matches(std::string_view bytes, std::size_t begin, std::size_t end, int level,
                                 std::vector<std::int32_t>& heads, std::vector<std::int32_t>& previous) {
  const int patience = 4 << std::clamp(level, 1, 9);  // places looked at for one match
  std::vector<Symbol> symbols;
  const auto hash_at = [&](std::size_t i) {
    const auto byte = [&](std::size_t k) {
      return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + k]));
    };
    return (byte(0) << 10 ^ byte(1) << 5 ^ byte(2)) & (kWindow - 1);
  };
  const auto remember = [&](std::size_t i) {
    if (i + kShortestMatch > bytes.size()) return;
    const std::uint32_t hash = hash_at(i);
    previous[i & (kWindow - 1)] = heads[hash];
    heads[hash] = static_cast<std::int32_t>(i);
  };
  for (std::size_t i = begin; i < end;) {
    std::size_t best = 0;
    std::size_t distance = 0;
    if (i + kShortestMatch <= end) {
      const std::size_t most = std::min(kLongestMatch, end - i);
      int looked = 0;
      for (std::int32_t at = heads[hash_at(i)]; at >= 0 && looked < patience; ++looked) {
        const auto from = static_cast<std::size_t>(at);
        if (i - from > kWindow - 1) break;
        std::size_t length = 0;
        while (length < most && bytes[from + length] == bytes[i + length]) ++length;
        if (length > best) {
          best = length;
          distance = i - from;
          if (best == most) break;
        }
        const std::int32_t next = previous[from & (kWindow - 1)];
        if (next >= at) break;  // overwritten meanwhile
        at = next;
      }
    }
    if (best >= kShortestMatch) {
      symbols.push_back({static_cast<std::uint16_t>(best), static_cast<std::uint16_t>(distance)});
      for (std::size_t k = 0; k < best; ++k) remember(i + k);
      i += best;
    } else {
      symbols.push_back({static_cast<unsigned char>(bytes[i]), 0});
      remember(i++);
    }
  }
  return symbols;
}

// Lengths of codes, themselves packed: 16 repeats the last one, 17 and 18 are runs of zeros.
struct Packed {
  std::uint8_t code;
  std::uint8_t extra;
};
std::vector<Packed> pack_lengths(const std::vector<std::uint8_t>& lengths) {
  std::vector<Packed> packed;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t run = 1;
    while (i + run < lengths.size() && lengths[i + run] == lengths[i]) ++run;
    if (lengths[i] == 0 && run >= 3) {
      run = std::min<std::size_t>(run, 138);
      packed.push_back(run < 11 ? Packed{17, static_cast<std::uint8_t>(run - 3)}
                                : Packed{18, static_cast<std::uint8_t>(run - 11)});
    } else if (lengths[i] != 0 && run >= 4) {
      run = std::min<std::size_t>(run, 7);
      packed.push_back({lengths[i], 0});
      packed.push_back({16, static_cast<std::uint8_t>(run - 4)});
    } else {
      run = 1;
      packed.push_back({lengths[i], 0});
    }
    i += run;
  }
  return packed;
}

void write_block(BitWriter& out, const std::vector<Symbol>& symbols, bool last) {
  std::vector<std::uint32_t> literals(kLiterals, 0);
  std::vector<std::uint32_t> distances(kDistances, 0);
  literals[kEndOfBlock] = 1;
  for (const Symbol& symbol : symbols) {
    if (symbol.distance == 0) {
      ++literals[symbol.length];
    } else {
      ++literals[257 + code_for(symbol.length, kLengthBase.data(), kLengthBase.size())];
      ++distances[code_for(symbol.distance, kDistanceBase.data(), kDistanceBase.size())];
    }
  }
  const std::vector<std::uint8_t> literal_lengths = huffman_lengths(literals, kMaxBits);
  std::vector<std::uint8_t> distance_lengths = huffman_lengths(distances, kMaxBits);
  std::size_t literal_count = kLiterals;
  while (literal_count > 257 && literal_lengths[literal_count - 1] == 0) --literal_count;
  std::size_t distance_count = kDistances;
  while (distance_count > 1 && distance_lengths[distance_count - 1] == 0) --distance_count;
  std::vector<std::uint8_t> all(literal_lengths.begin(),
                                literal_lengths.begin() + static_cast<std::ptrdiff_t>(literal_count));
  all.insert(all.end(), distance_lengths.begin(),
             distance_lengths.begin() + static_cast<std::ptrdiff_t>(distance_count));
  const std::vector<Packed> packed = pack_lengths(all);
  std::vector<std::uint32_t> used(19, 0);
  for (const Packed& one : packed) ++used[one.code];
  const std::vector<std::uint8_t> meta_lengths = huffman_lengths(used, 7);
  std::size_t meta_count = 19;
  while (meta_count > 4 && meta_lengths[kCodeOrder[meta_count - 1]] == 0) --meta_count;
  out.bits(last ? 1 : 0, 1);
  out.bits(2, 2);
  out.bits(static_cast<std::uint32_t>(literal_count - 257), 5);
  out.bits(static_cast<std::uint32_t>(distance_count - 1), 5);
  out.bits(static_cast<std::uint32_t>(meta_count - 4), 4);
  for (std::size_t i = 0; i < meta_count; ++i) out.bits(meta_lengths[kCodeOrder[i]], 3);
  const std::vector<Code> meta = codes_of(meta_lengths);
  for (const Packed& one : packed) {
    out.bits(meta[one.code].value, meta[one.code].length);
    if (one.code >= 16) out.bits(one.extra, one.code == 16 ? 2 : one.code == 17 ? 3 : 7);
  }
  const std::vector<Code> literal_codes = codes_of(literal_lengths);
  const std::vector<Code> distance_codes = codes_of(distance_lengths);
  for (const Symbol& symbol : symbols) {
    if (symbol.distance == 0) {
      out.bits(literal_codes[symbol.length].value, literal_codes[symbol.length].length);
      continue;
    }
    const std::size_t length = code_for(symbol.length, kLengthBase.data(), kLengthBase.size());
    out.bits(literal_codes[257 + length].value, literal_codes[257 + length].length);
    out.bits(static_cast<std::uint32_t>(symbol.length - kLengthBase[length]), kLengthExtra[length]);
    const std::size_t distance = code_for(symbol.distance, kDistanceBase.data(), kDistanceBase.size());
    out.bits(distance_codes[distance].value, distance_codes[distance].length);
    out.bits(static_cast<std::uint32_t>(symbol.distance - kDistanceBase[distance]), kDistanceExtra[distance]);
  }
  out.bits(literal_codes[kEndOfBlock].value, literal_codes[kEndOfBlock].length);
}

// The fixed code of RFC 1951, 3.2.6, for inputs too short for a table of their own.
std::vector<std::uint8_t> fixed_lengths() {
  std::vector<std::uint8_t> lengths(288, 8);
  std::fill(lengths.begin() + 144, lengths.begin() + 256, std::uint8_t{9});
  std::fill(lengths.begin() + 256, lengths.begin() + 280, std::uint8_t{7});
  return lengths;
}

void write_fixed_block(BitWriter& out, const std::vector<Symbol>& symbols) {
  const std::vector<Code> literals = codes_of(fixed_lengths());
  const std::vector<Code> distances = codes_of(std::vector<std::uint8_t>(30, 5));
  out.bits(1, 1);
  out.bits(1, 2);
  for (const Symbol& symbol : symbols) {
    if (symbol.distance == 0) {
      out.bits(literals[symbol.length].value, literals[symbol.length].length);
      continue;
    }
    const std::size_t length = code_for(symbol.length, kLengthBase.data(), kLengthBase.size());
    out.bits(literals[257 + length].value, literals[257 + length].length);
    out.bits(static_cast<std::uint32_t>(symbol.length - kLengthBase[length]), kLengthExtra[length]);
    const std::size_t distance = code_for(symbol.distance, kDistanceBase.data(), kDistanceBase.size());
    out.bits(distances[distance].value, distances[distance].length);
    out.bits(static_cast<std::uint32_t>(symbol.distance - kDistanceBase[distance]), kDistanceExtra[distance]);
  }
  out.bits(literals[kEndOfBlock].value, literals[kEndOfBlock].length);
}

// --- reading ---

class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}
  // Past the end zeros come, and `truncated` is set.
  std::uint32_t bits(unsigned count) {
    while (filled_ < count) {
      if (at_ < bytes_.size())
        pending_ |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[at_])) << filled_;
      else
        truncated_ = true;
      ++at_;
      filled_ += 8;
    }
    const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << count) - 1));
    pending_ >>= count;
    filled_ -= count;
    return value;
  }
  void align() {
    pending_ >>= filled_ % 8;
    filled_ -= filled_ % 8;
  }
  bool truncated() const { return truncated_; }
  std::size_t used() const { return std::min(at_, bytes_.size()) - filled_ / 8; }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::uint64_t pending_ = 0;
  unsigned filled_ = 0;
  bool truncated_ = false;
};

// Canonical decoding by counts, one bit after the other.
class Decoder {
 public:
  explicit Decoder(const std::vector<std::uint8_t>& lengths) {
    for (const std::uint8_t length : lengths) ++count_[length];
    count_[0] = 0;
    std::array<std::size_t, kMaxBits + 2> offset{};
    for (std::size_t bits = 1; bits <= kMaxBits; ++bits) offset[bits + 1] = offset[bits] + count_[bits];
    symbols_.resize(offset[kMaxBits + 1]);
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] != 0) symbols_[offset[lengths[i]]++] = static_cast<std::uint16_t>(i);
    }
    int left = 1;
    for (std::size_t bits = 1; bits <= kMaxBits; ++bits) left = left * 2 - static_cast<int>(count_[bits]);
    oversubscribed_ = left < 0;
  }
  bool oversubscribed() const { return oversubscribed_; }
  // -1: no such code.
  int next(BitReader& in) const {
    int code = 0;
    int first = 0;
    int index = 0;
    for (std::size_t bits = 1; bits <= kMaxBits; ++bits) {
      code |= static_cast<int>(in.bits(1));
      const int count = count_[bits];
      if (code - count < first) return symbols_[static_cast<std::size_t>(index + (code - first))];
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

 private:
  std::array<std::uint16_t, kMaxBits + 1> count_{};
  std::vector<std::uint16_t> symbols_;
  bool oversubscribed_ = false;
};

bool read_tables(BitReader& in, std::vector<std::uint8_t>& literals, std::vector<std::uint8_t>& distances) {
  const std::size_t literal_count = in.bits(5) + 257;
  const std::size_t distance_count = in.bits(5) + 1;
  const std::size_t meta_count = in.bits(4) + 4;
  std::vector<std::uint8_t> meta_lengths(19, 0);
  for (std::size_t i = 0; i < meta_count; ++i) meta_lengths[kCodeOrder[i]] = static_cast<std::uint8_t>(in.bits(3));
  const Decoder meta(meta_lengths);
  if (meta.oversubscribed() || literal_count > kLiterals) return false;
  std::vector<std::uint8_t> all;
  while (all.size() < literal_count + distance_count) {
    const int code = meta.next(in);
    if (code < 0 || in.truncated()) return false;
    if (code < 16) {
      all.push_back(static_cast<std::uint8_t>(code));
      continue;
    }
    if (code == 16 && all.empty()) return false;
    const std::uint8_t value = code == 16 ? all.back() : std::uint8_t{0};
    const std::size_t run = code == 16 ? 3 + in.bits(2) : code == 17 ? 3 + in.bits(3) : 11 + in.bits(7);
    all.insert(all.end(), run, value);
  }
  if (all.size() > literal_count + distance_count) return false;
  literals.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(literal_count));
  distances.assign(all.begin() + static_cast<std::ptrdiff_t>(literal_count), all.end());
  return true;
}

InflateError read_block(BitReader& in, const Decoder& literals, const Decoder& distances, std::string& out) {
  for (;;) {
    const int symbol = literals.next(in);
    if (in.truncated()) return InflateError::kTruncated;
    if (symbol < 0 || symbol >= static_cast<int>(kLiterals)) return InflateError::kInvalid;
    if (symbol < static_cast<int>(kEndOfBlock)) {
      out += static_cast<char>(symbol);
      continue;
    }
    if (symbol == static_cast<int>(kEndOfBlock)) return InflateError::kNone;
    const auto length_code = static_cast<std::size_t>(symbol) - 257;
    const std::size_t length = kLengthBase[length_code] + in.bits(kLengthExtra[length_code]);
    const int distance_code = distances.next(in);
    if (distance_code < 0 || distance_code >= static_cast<int>(kDistances)) return InflateError::kInvalid;
    const auto code = static_cast<std::size_t>(distance_code);
    const std::size_t distance = kDistanceBase[code] + in.bits(kDistanceExtra[code]);
    if (in.truncated()) return InflateError::kTruncated;
    if (distance > out.size()) return InflateError::kInvalid;
    if (out.size() + length > kLargestOutput) return InflateError::kTooLarge;
    // Byte by byte: a copy may overlap what it makes.
    for (std::size_t k = 0; k < length; ++k) out += out[out.size() - distance];
  }
}

}  // namespace

std::string deflate(std::string_view bytes, int level) {
  constexpr std::size_t kBlock = 1 << 16;
  constexpr std::size_t kShort = 200;  // a table of its own costs some 60 bytes
  BitWriter out;
  std::vector<std::int32_t> heads(kWindow, -1);
  std::vector<std::int32_t> previous(kWindow, -1);
  if (bytes.size() <= kShort) {
    write_fixed_block(out, find_matches(bytes, 0, bytes.size(), level, heads, previous));
    return out.take();
  }
  for (std::size_t begin = 0; begin < bytes.size(); begin += kBlock) {
    const std::size_t end = std::min(bytes.size(), begin + kBlock);
    write_block(out, find_matches(bytes, begin, end, level, heads, previous), end == bytes.size());
  }
  return out.take();
}

Inflated inflate(std::string_view packed) {
  Inflated result;
  BitReader in(packed);
  for (bool last = false; !last && result.error == InflateError::kNone;) {
    last = in.bits(1) != 0;
    const std::uint32_t kind = in.bits(2);
    if (in.truncated()) {
      result.error = InflateError::kTruncated;
    } else if (kind == 0) {
      in.align();
      const std::uint32_t length = in.bits(16);
      const std::uint32_t check = in.bits(16);
      if (!in.truncated() && (length ^ check) != 0xffff) result.error = InflateError::kInvalid;
      for (std::uint32_t i = 0; i < length && result.error == InflateError::kNone; ++i) {
        result.bytes += static_cast<char>(in.bits(8));
        if (in.truncated()) result.error = InflateError::kTruncated;
      }
      if (in.truncated()) result.error = InflateError::kTruncated;
    } else if (kind == 1) {
      static const Decoder literals(fixed_lengths());
      static const Decoder distances(std::vector<std::uint8_t>(30, 5));
      result.error = read_block(in, literals, distances, result.bytes);
    } else if (kind == 2) {
      std::vector<std::uint8_t> literal_lengths;
      std::vector<std::uint8_t> distance_lengths;
      if (!read_tables(in, literal_lengths, distance_lengths)) {
        result.error = in.truncated() ? InflateError::kTruncated : InflateError::kInvalid;
        break;
      }
      const Decoder literals(literal_lengths);
      const Decoder distances(distance_lengths);
      result.error = literals.oversubscribed() || distances.oversubscribed()
                         ? InflateError::kInvalid
                         : read_block(in, literals, distances, result.bytes);
    } else {
      result.error = InflateError::kInvalid;
    }
  }
  in.align();
  result.used = in.used();
  return result;
}

std::uint32_t crc32(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t value = i;
      for (int k = 0; k < 8; ++k) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
      made[i] = value;
    }
    return made;
  }();
  std::uint32_t crc = 0xffffffffu;
  for (char c : bytes) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ crc >> 8;
  return crc ^ 0xffffffffu;
}

}  // namespace drydock
