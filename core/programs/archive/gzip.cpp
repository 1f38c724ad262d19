// gzip, gunzip, zcat.
#include <algorithm>

#include "core/base/strings.h"
#include "core/programs/archive/gzip_format.h"
#include "core/programs/archive/tools.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/support.h"
#include "core/programs/text_tools/streams.h"

namespace drydock {
namespace {

constexpr std::string_view kGzipHelp =
    "Usage: gzip [OPTION]... [FILE]...\n"
    "Compress or uncompress FILEs (by default, compress FILES in-place).\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "\n"
    "  -c, --stdout      write on standard output, keep original files unchanged\n"
    "  -d, --decompress  decompress\n"
    "  -f, --force       force overwrite of output file and compress links\n"
    "  -h, --help        give this help\n"
    "  -k, --keep        keep (don't delete) input files\n"
    "  -l, --list        list compressed file contents\n"
    "  -L, --license     display software license\n"
    "  -n, --no-name     do not save or restore the original name and timestamp\n"
    "  -N, --name        save or restore the original name and timestamp\n"
    "  -q, --quiet       suppress all warnings\n"
    "  -r, --recursive   operate recursively on directories\n"
    "      --rsyncable   make rsync-friendly archive\n"
    "  -S, --suffix=SUF  use suffix SUF on compressed files\n"
    "      --synchronous  synchronous output (safer if system crashes, but slower)\n"
    "  -t, --test        test compressed file integrity\n"
    "  -v, --verbose     verbose mode\n"
    "  -V, --version     display version number\n"
    "  -1, --fast        compress faster\n"
    "  -9, --best        compress better\n"
    "\n"
    "With no FILE, or when FILE is -, read standard input.\n"
    "\n"
    "Report bugs to <bug-gzip@gnu.org>.\n";
// What the parser knows beside: the levels between, and other names.
constexpr std::string_view kMoreFlags =
    "  -2\n  -3\n  -4\n  -5\n  -6\n  -7\n  -8\n      --uncompress\n      --to-stdout\n      --silent\n";

std::uint32_t unix_time(TimePoint when) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<seconds>(when.time_since_epoch()).count());
}

class Gzip {
 public:
  Gzip(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {
    const std::string_view name = process.name();
    list_ = flags.has("l");
    test_ = flags.has("t");
    unpack_ = name == "gunzip" || name == "zcat" || flags.has("d") || flags.has("uncompress") || list_ || test_;
    to_output_ = name == "zcat" || flags.has("c") || flags.has("to-stdout");
    force_ = flags.has("f");
    quiet_ = flags.has("q") || flags.has("silent");
    suffix_ = flags.value("S", ".gz");
    const std::string level = flags.last_of("1 2 3 4 5 6 7 8 9");
    level_ = level.empty() ? 6 : level[0] - '0';
  }

  int code() const { return code_; }

  Task<void> standard_input() {
    if (!unpack_ && p_.is_tty(1) && !force_) {
      co_await warn(
          "gzip: compressed data not written to a terminal. Use -f to force compression.\nFor help, type: "
          "gzip -h\n",
          1);
      co_return;
    }
    const std::string bytes = co_await p_.read_all(0);
    if (!unpack_) {
      co_await write_out(gzip_pack(bytes, level_, "", unix_time(p_.now())));
      co_return;
    }
    Gunzipped result = gzip_unpack(bytes);
    if (list_) {
      add_row(bytes.size(), result, "stdout");
      co_return;
    }
    if (!test_) co_await write_out(std::move(result.bytes));
    if (!result.error.empty()) co_await warn("\ngzip: stdin: " + result.error + "\n", 1);
  }

  Task<void> file(std::string path) {
    auto info = p_.stat(path, false);
    if (!info && unpack_ && info.error() == Errno::kNoEnt && !path.ends_with(suffix_)) {
      // "gunzip a" means a.gz when there is no a.
      info = p_.stat(path + suffix_, false);
      path += suffix_;
    }
    if (info && info->type == FileType::kSymlink && (force_ || to_output_ || list_ || test_)) info = p_.stat(path);
    if (!info) {
      co_await warn("gzip: " + path + ": " + std::string(errno_text(info.error())) + "\n", 1);
      co_return;
    }
    if (info->type == FileType::kDirectory) {
      if (!flags_.has("r")) {
        co_await warn("gzip: " + path + " is a directory -- ignored\n", 2);
        co_return;
      }
      for (const std::string& name : p_.list_directory(path).value_or({})) co_await file(path_in(path, name));
      co_return;
    }
    if (info->type == FileType::kSymlink) {
      co_await warn("gzip: " + path + ": Too many levels of symbolic links\n", 1);
      co_return;
    }
    if (info->type != FileType::kRegular && !to_output_) {
      co_await warn("gzip: " + path + " is not a directory or a regular file - ignored\n", 2);
      co_return;
    }
    const bool in_place = !to_output_ && !list_ && !test_;
    const bool suffixed = path.ends_with(suffix_) && path.size() > suffix_.size();
    const bool tarball = path.ends_with(".tgz") || path.ends_with(".taz");
    if (in_place && info->links > 1 && !force_) {
      co_await warn("gzip: " + path + format(" has %u other link", info->links - 1) + (info->links > 2 ? "s" : "") +
                        " -- file ignored\n",
                    2);
      co_return;
    }
    if (!unpack_ && suffixed && !force_) {
      co_await warn("gzip: " + path + " already has " + suffix_ + " suffix -- unchanged\n", 0);
      co_return;
    }
    if (in_place && unpack_ && !suffixed && !tarball) {
      co_await warn("gzip: " + path + ": unknown suffix -- ignored\n", 2);
      co_return;
    }
    auto bytes = p_.read_file(path);
    if (!bytes) {
      co_await warn("gzip: " + path + ": " + std::string(errno_text(bytes.error())) + "\n", 1);
      co_return;
    }
    if (unpack_)
      co_await unpack(path, *info, *bytes, suffixed);
    else
      co_await pack(path, *info, *bytes);
  }

  Task<void> finish() {
    if (!list_ || rows_.empty()) co_return;
    std::string out;
    if (!quiet_)
      out = std::string(flags_.has("v") ? "method  crc     date  time  " : "") +
            "         compressed        uncompressed  ratio uncompressed_name\n";
    for (const Row& row : rows_) {
      if (flags_.has("v")) out += format("defla %08x ", row.crc) + format_time(row.modified, "%b %e %H:%M ");
      out += format("%19zu %19zu ", row.packed, row.plain) + ratio(row.packed, row.plain) + " " + row.name + "\n";
    }
    co_await p_.out(std::move(out));
  }

 private:
  struct Row {
    std::size_t packed = 0;
    std::size_t plain = 0;
    std::uint32_t crc = 0;
    TimePoint modified{};
    std::string name;
  };

  Task<void> warn(std::string text, int code) {
    code_ = std::max(code_ == 1 ? 1 : code, code == 1 ? 1 : code_);
    if (!quiet_ || code == 1) co_await p_.err(std::move(text));
  }

  Task<void> write_out(std::string bytes) {
    if (!co_await p_.write(1, bytes)) code_ = 1;
  }

  // How much smaller it became, without the header.
  static std::string ratio(std::size_t packed, std::size_t plain) {
    constexpr double kFrame = 18;
    if (plain == 0) return "  0.0%";
    const double data = std::max(0.0, static_cast<double>(packed) - kFrame);
    return format("%5.1f%%", 100.0 * (static_cast<double>(plain) - data) / static_cast<double>(plain));
  }

  void add_row(std::size_t packed, const Gunzipped& result, std::string name) {
    const auto modified = result.modified == 0 ? p_.now() : TimePoint(seconds(result.modified));
    rows_.push_back({packed, result.bytes.size(), result.crc, modified, std::move(name)});
  }

  // The result in the original's place: its owner, mode and times.
  Task<void> replace(std::string path, std::string target, FileStat info, std::string bytes, std::string note) {
    if (p_.exists(target) && !force_) {
      bool overwrite = false;
      if (p_.is_tty(0)) {
        co_await p_.err("gzip: " + target + " already exists; do you wish to overwrite (y or n)? ");
        const auto answer = co_await p_.read_line(0);
        overwrite = answer && !answer->empty() && ((*answer)[0] == 'y' || (*answer)[0] == 'Y');
        if (!overwrite) co_await p_.err("\tnot overwritten\n");
      } else if (!quiet_) {
        co_await p_.err("gzip: " + target + " already exists;\tnot overwritten\n");
      }
      if (!overwrite) {
        code_ = std::max(code_, 2);
        co_return;
      }
    }
    const auto written = p_.write_file(target, std::move(bytes), info.mode);
    if (!written) {
      co_await warn("gzip: " + target + ": " + std::string(errno_text(written.error())) + "\n", 1);
      co_return;
    }
    (void)p_.change_mode(target, info.mode);
    (void)p_.change_owner(target, info.uid, info.gid);
    (void)p_.set_times(target, info.accessed, info.modified);
    if (!flags_.has("k")) (void)p_.unlink(path);
    if (flags_.has("v")) {
      const std::string_view verb = flags_.has("k") ? " -- created " : " -- replaced with ";
      co_await p_.err(path + ":\t" + note + std::string(verb) + target + "\n");
    }
  }

  Task<void> pack(std::string path, FileStat info, std::string bytes) {
    const bool nameless = flags_.has("n");
    std::string packed = gzip_pack(bytes, level_, nameless ? std::string_view() : base_name(path),
                                   nameless ? 0 : unix_time(info.modified));
    if (to_output_) {
      co_await write_out(std::move(packed));
      co_return;
    }
    const std::string note = ratio(packed.size(), bytes.size());
    co_await replace(path, path + suffix_, info, std::move(packed), note);
  }

  Task<void> unpack(std::string path, FileStat info, std::string bytes, bool suffixed) {
    // -f with -c passes on what is not packed.
    if (force_ && to_output_ && !is_gzip(bytes)) {
      co_await write_out(std::move(bytes));
      co_return;
    }
    Gunzipped result = gzip_unpack(bytes);
    std::string target =
        suffixed ? path.substr(0, path.size() - suffix_.size()) : path.substr(0, path.size() - 3) + "tar";
    if (list_ && result.error.empty()) {
      add_row(bytes.size(), result, path.ends_with(suffix_) ? target : path);
      co_return;
    }
    if (to_output_ && !test_) co_await write_out(result.bytes);
    if (!result.error.empty()) {
      co_await warn("\ngzip: " + path + ": " + result.error + "\n", 1);
      co_return;
    }
    if (result.trailing_garbage) co_await warn("\ngzip: " + path + ": decompression OK, trailing garbage ignored\n", 2);
    if (test_) {
      if (flags_.has("v")) co_await p_.err(path + ":\t OK\n");
      co_return;
    }
    if (to_output_) co_return;
    if (flags_.has("N") && !result.name.empty())
      target = path_in(contains(path, "/") ? directory_name(path) : std::string_view(), base_name(result.name));
    if (flags_.has("N") && result.modified != 0) info.modified = TimePoint(seconds(result.modified));
    const std::string note = ratio(bytes.size(), result.bytes.size());
    co_await replace(path, target, info, std::move(result.bytes), note);
  }

  Process& p_;
  const CommandFlags& flags_;
  bool list_, test_, unpack_, to_output_, force_, quiet_;
  std::string suffix_;
  int level_;
  int code_ = 0;
  std::vector<Row> rows_;
};

}  // namespace

Task<int> gzip_main(Process& p) {
  const std::vector<std::string> words(p.arguments().begin(), p.arguments().end());
  const CommandFlags flags = CommandFlags::parse(words, std::string(kGzipHelp) + std::string(kMoreFlags));
  if (!flags.problem().empty()) {
    co_await p.err("gzip: " + flags.problem() + "\nTry `gzip --help' for more information.\n");
    co_return 1;
  }
  if (flags.has("h") || flags.has("V") || flags.has("L")) {
    co_await p.out(flags.has("h") ? std::string(kGzipHelp) : std::string("gzip 1.12\n"));
    co_return 0;
  }
  Gzip gzip(p, flags);
  if (flags.operands().empty()) co_await gzip.standard_input();
  for (const std::string& path : flags.operands()) {
    if (path == "-")
      co_await gzip.standard_input();
    else
      co_await gzip.file(path);
  }
  co_await gzip.finish();
  co_return gzip.code();
}

}  // namespace drydock
