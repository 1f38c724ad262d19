// The tar file format: blocks of 512 bytes; written as GNU tar does, read as GNU,
// ustar and pax archives are found. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock {

struct TarEntry {
  enum Type : char {
    kRegular = '0',
    kHardLink = '1',
    kSymlink = '2',
    kCharDevice = '3',
    kDirectory = '5',
    kFifo = '6',
  };
  std::string name;
  char type = kRegular;
  std::uint32_t mode = 0644;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::string user;
  std::string group;
  std::int64_t modified = 0;  // seconds since the epoch
  std::string link;           // of links
  std::string_view content;   // of regular files
};

constexpr std::size_t kTarBlock = 512;
constexpr std::size_t kTarRecord = 20 * kTarBlock;  // archives are filled up to a multiple

void append_tar_entry(std::string& archive, const TarEntry& entry);
// Two empty blocks, and zeros up to a whole record.
void finish_tar(std::string& archive);

class TarReader {
 public:
  explicit TarReader(std::string_view archive) : archive_(archive) {}
  // The next entry; its content points into the archive. Nothing at the end, or after an error.
  std::optional<TarEntry> next();
  enum class Error { kNone, kNotTar, kTruncated };
  Error error() const { return error_; }
  // Where the entries end and the closing blocks begin.
  std::size_t end_of_entries() const { return entries_end_; }

 private:
  std::string_view block(std::size_t at) const { return archive_.substr(at, kTarBlock); }
  std::string_view archive_;
  std::size_t at_ = 0;
  std::size_t entries_end_ = 0;
  bool any_ = false;
  Error error_ = Error::kNone;
};

}  // namespace drydock
