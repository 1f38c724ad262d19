#include "core/programs/archive/tar_format.h"

#include <algorithm>

#include "core/base/strings.h"

namespace drydock {
namespace {

// Offsets and lengths of the header's fields.
struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kUid{108, 8}, kGid{116, 8}, kSize{124, 12}, kModified{136, 12},
    kChecksum{148, 8}, kLink{157, 100}, kMagic{257, 8}, kUser{265, 32}, kGroup{297, 32}, kPrefix{345, 155};
constexpr std::size_t kType = 156;
constexpr std::string_view kGnuMagic("ustar  \0", 8);
constexpr std::string_view kLongLinkName = "././@LongLink";

void put_text(std::string& block, Field field, std::string_view text) {
  const std::string_view cut = text.substr(0, field.size);
  block.replace(field.at, cut.size(), cut);
}

void put_number(std::string& block, Field field, std::uint64_t number) {
  std::string digits;
  for (std::size_t i = 0; i + 1 < field.size; ++i, number /= 8)
    digits.insert(digits.begin(), static_cast<char>('0' + number % 8));
  if (number == 0) {
    put_text(block, field, digits);
    return;
  }
  // Too large for octal digits: binary, marked by the top bit.
  std::uint64_t rest = number;
  for (char digit : digits) rest = rest * 8 + static_cast<std::uint64_t>(digit - '0');
  std::string bytes(field.size, '\0');
  for (std::size_t i = field.size; i-- > 1 && rest > 0; rest >>= 8) bytes[i] = static_cast<char>(rest & 0xff);
  bytes[0] = '\x80';
  put_text(block, field, bytes);
}

std::string text_of(std::string_view block, Field field) {
  const std::string_view raw = block.substr(field.at, field.size);
  return std::string(raw.substr(0, raw.find('\0')));
}

std::int64_t number_of(std::string_view block, Field field) {
  const std::string_view raw = block.substr(field.at, field.size);
  std::uint64_t value = 0;
  if ((static_cast<unsigned char>(raw[0]) & 0x80) != 0) {
    for (std::size_t i = 1; i < raw.size(); ++i) value = value << 8 | static_cast<unsigned char>(raw[i]);
  } else {
    for (char c : raw) {
      if (c >= '0' && c <= '7') value = value * 8 + static_cast<std::uint64_t>(c - '0');
      if (c == '\0') break;
    }
  }
  return static_cast<std::int64_t>(value & 0x7fffffffffffffff);
}

// The sum of the bytes, with spaces where the sum itself stands.
std::uint64_t checksum_of(std::string_view block) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool own = i >= kChecksum.at && i < kChecksum.at + kChecksum.size;
    sum += own ? static_cast<unsigned char>(' ') : static_cast<unsigned char>(block[i]);
  }
  return sum;
}

void append_padded(std::string& archive, std::string_view bytes) {
  archive += bytes;
  archive.append((kTarBlock - bytes.size() % kTarBlock) % kTarBlock, '\0');
}

void append_header(std::string& archive, const TarEntry& entry, std::size_t size) {
  std::string block(kTarBlock, '\0');
  put_text(block, kName, entry.name);
  put_number(block, kMode, entry.mode & 07777);
  put_number(block, kUid, entry.uid);
  put_number(block, kGid, entry.gid);
  put_number(block, kSize, size);
  put_number(block, kModified, static_cast<std::uint64_t>(std::max<std::int64_t>(0, entry.modified)));
  block[kType] = entry.type;
  put_text(block, kLink, entry.link);
  put_text(block, kMagic, kGnuMagic);
  put_text(block, kUser, entry.user);
  put_text(block, kGroup, entry.group);
  put_text(block, kChecksum, format("%06o", static_cast<unsigned>(checksum_of(block))) + std::string(1, '\0') + " ");
  archive += block;
}

// Names that do not fit the header stand in an entry of their own before it.
void append_long_name(std::string& archive, char type, const std::string& name) {
  TarEntry entry;
  entry.name = kLongLinkName;
  entry.type = type;
  entry.user = entry.group = "root";
  append_header(archive, entry, name.size() + 1);
  append_padded(archive, name + '\0');
}

// "27 path=some/name\n" records of a pax header.
void read_pax(std::string_view text, std::string& name, std::string& link, std::optional<std::int64_t>& size,
              std::optional<std::int64_t>& modified) {
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const auto length = parse_int(text.substr(0, space));
    if (space == std::string_view::npos || !length || *length <= static_cast<std::int64_t>(space) + 1 ||
        static_cast<std::size_t>(*length) > text.size())
      return;
    const std::string_view record = text.substr(space + 1, static_cast<std::size_t>(*length) - space - 2);
    const std::size_t equals = record.find('=');
    if (equals != std::string_view::npos) {
      const std::string_view key = record.substr(0, equals);
      const std::string_view value = record.substr(equals + 1);
      if (key == "path") name = value;
      if (key == "linkpath") link = value;
      if (key == "size") size = parse_int(value);
      if (key == "mtime") modified = parse_int(value.substr(0, value.find('.')));
    }
    text.remove_prefix(static_cast<std::size_t>(*length));
  }
}

}  // namespace

void append_tar_entry(std::string& archive, const TarEntry& entry) {
  if (entry.link.size() > kLink.size) append_long_name(archive, 'K', entry.link);
  if (entry.name.size() > kName.size) append_long_name(archive, 'L', entry.name);
  append_header(archive, entry, entry.content.size());
  append_padded(archive, entry.content);
}

void finish_tar(std::string& archive) {
  archive.append(2 * kTarBlock, '\0');
  archive.append((kTarRecord - archive.size() % kTarRecord) % kTarRecord, '\0');
}

std::optional<TarEntry> TarReader::next() {
  std::string long_name;
  std::string long_link;
  std::optional<std::int64_t> pax_size;
  std::optional<std::int64_t> pax_modified;
  for (;;) {
    entries_end_ = long_name.empty() && long_link.empty() ? at_ : entries_end_;
    // An incomplete block at the end counts as the end.
    if (at_ + kTarBlock > archive_.size()) {
      if (!any_) error_ = Error::kNotTar;
      return std::nullopt;
    }
    const std::string_view header = block(at_);
    if (header.find_first_not_of('\0') == std::string_view::npos) return std::nullopt;
    if (static_cast<std::uint64_t>(number_of(header, kChecksum)) != checksum_of(header)) {
      error_ = Error::kNotTar;
      return std::nullopt;
    }
    any_ = true;
    const char type = header[kType];
    const bool has_data = type != TarEntry::kSymlink && type != TarEntry::kHardLink && type != TarEntry::kDirectory &&
                          type != TarEntry::kCharDevice && type != '4' && type != TarEntry::kFifo;
    std::int64_t size = pax_size && has_data ? *pax_size : number_of(header, kSize);
    if (!has_data) size = 0;
    const std::size_t data_at = at_ + kTarBlock;
    if (size < 0 || static_cast<std::uint64_t>(size) > archive_.size() - data_at) {
      error_ = Error::kTruncated;
      size = static_cast<std::int64_t>(archive_.size() - data_at);
    }
    const std::string_view data = archive_.substr(data_at, static_cast<std::size_t>(size));
    at_ = data_at + (data.size() + kTarBlock - 1) / kTarBlock * kTarBlock;
    at_ = std::min(at_, archive_.size());
    if (type == 'L' || type == 'K') {
      (type == 'L' ? long_name : long_link) = std::string(data.substr(0, data.find('\0')));
      continue;
    }
    if (type == 'x') {
      read_pax(data, long_name, long_link, pax_size, pax_modified);
      continue;
    }
    if (type == 'g') continue;  // comments and defaults for the whole archive
    TarEntry entry;
    entry.type = type == '\0' || type == '7' ? static_cast<char>(TarEntry::kRegular) : type;
    entry.name = text_of(header, kName);
    // In ustar archives a prefix goes before the name; GNU keeps times there.
    const bool gnu = header.substr(kMagic.at, kMagic.size) == kGnuMagic;
    const std::string prefix = gnu ? "" : text_of(header, kPrefix);
    if (!prefix.empty()) entry.name = prefix + "/" + entry.name;
    if (!long_name.empty()) entry.name = long_name;
    entry.link = long_link.empty() ? text_of(header, kLink) : long_link;
    if (entry.type == TarEntry::kRegular && entry.name.ends_with("/")) entry.type = TarEntry::kDirectory;
    entry.mode = static_cast<std::uint32_t>(number_of(header, kMode)) & 07777;
    entry.uid = static_cast<std::uint32_t>(number_of(header, kUid));
    entry.gid = static_cast<std::uint32_t>(number_of(header, kGid));
    entry.user = text_of(header, kUser);
    entry.group = text_of(header, kGroup);
    entry.modified = pax_modified.value_or(number_of(header, kModified));
    entry.content = data;
    entries_end_ = at_;
    return entry;
  }
}

}  // namespace drydock
