// du, df, mount, umount, lsblk, dd, sync.
#include <algorithm>
#include <map>
#include <set>

#include "core/base/strings.h"
#include "core/host/process.h"
#include "core/programs/command_flags.h"
#include "core/programs/coreutils/programs.h"
#include "core/programs/coreutils/support.h"

namespace drydock {
namespace {

constexpr int kMaxDepth = 128;
// The machine's one disk.
constexpr std::uint64_t kDiskBytes = 10ULL << 30;
constexpr std::uint64_t kSystemBytes = 2ULL << 30;  // what an operating system takes; our files are tiny
constexpr std::uint64_t kInodes = 655360;
constexpr std::uint64_t kSystemInodes = 65536;

// --- du ---

constexpr std::string_view kUsageHelp =
    "Usage: du [OPTION]... [FILE]...\n"
    "  or:  du [OPTION]... --files0-from=F\n"
    "Summarize device usage of the set of FILEs, recursively for directories.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -0, --null            end each output line with NUL, not newline\n"
    "  -a, --all             write counts for all files, not just directories\n"
    "      --apparent-size   print apparent sizes rather than device usage\n"
    "  -B, --block-size=SIZE  scale sizes by SIZE before printing them\n"
    "  -b, --bytes           equivalent to '--apparent-size --block-size=1'\n"
    "  -c, --total           produce a grand total\n"
    "  -D, --dereference-args  dereference only symlinks that are listed on the\n"
    "                          command line\n"
    "  -d, --max-depth=N     print the total for a directory (or file, with --all)\n"
    "                          only if it is N or fewer levels below the command\n"
    "                          line argument;  --max-depth=0 is the same as\n"
    "                          --summarize\n"
    "      --exclude=PATTERN  exclude files that match PATTERN\n"
    "  -h, --human-readable  print sizes in human readable format (e.g., 1K 234M 2G)\n"
    "      --si              like -h, but use powers of 1000 not 1024\n"
    "  -k                    like --block-size=1K\n"
    "  -L, --dereference     dereference all symbolic links\n"
    "  -l, --count-links     count sizes many times if hard linked\n"
    "  -m                    like --block-size=1M\n"
    "  -P, --no-dereference  don't follow any symbolic links (this is the default)\n"
    "  -S, --separate-dirs   for directories do not include size of subdirectories\n"
    "  -s, --summarize       display only a total for each argument\n"
    "  -x, --one-file-system  skip directories on different file systems\n";

class DiskUsage {
 public:
  DiskUsage(Process& process, const CommandFlags& flags) : p_(process), flags_(flags) {}

  Task<int> run() {
    std::string unit = flags_.value("B");
    const std::string chosen = flags_.last_of("B b k m h si");
    if (chosen == "b") unit = "1";
    if (chosen == "m") unit = "1M";
    if (chosen == "k" || unit.empty()) unit = "1K";
    unit_ = static_cast<std::uint64_t>(std::max<std::int64_t>(1, parse_size(unit).value_or(1024)));
    human_ = chosen == "h" ? 1024 : chosen == "si" ? 1000 : 0;
    apparent_ = flags_.has("b") || flags_.has("apparent-size");
    if (flags_.has("d")) {
      const auto depth = parse_int(flags_.value("d"));
      if (!depth || *depth < 0) {
        co_await complain_with_hint(p_, "invalid maximum depth " + quoted(flags_.value("d")));
        co_return 1;
      }
      depth_ = static_cast<int>(std::min<std::int64_t>(*depth, kMaxDepth));
    }
    if (flags_.has("s")) {
      if (flags_.has("a")) {
        co_await complain_with_hint(p_, "cannot both summarize and show all entries");
        co_return 1;
      }
      depth_ = 0;
    }
    std::vector<std::string> operands = flags_.operands();
    if (operands.empty()) operands.emplace_back(".");
    std::uint64_t total = 0;
    for (const std::string& path : operands) {
      const auto info = p_.stat(path, flags_.has("L") || flags_.has("D"));
      if (!info) {
        co_await p_.out(std::exchange(out_, {}));
        co_await report(p_, "cannot access " + quoted(path) + ": " + std::string(errno_text(info.error())));
        code_ = 1;
        continue;
      }
      total += walk(path, *info, 0);
    }
    if (flags_.has("c")) print(total, "total");
    co_await p_.out(std::exchange(out_, {}));
    for (const std::string& problem : problems_) co_await report(p_, problem);
    co_return code_;
  }

 private:
  std::uint64_t walk(const std::string& path, const FileStat& info, int depth) {
    if (info.type != FileType::kDirectory && info.links > 1 && !flags_.has("l") && !counted_.insert(info.number).second)
      return 0;
    std::uint64_t size = apparent_ ? info.size : allocated_bytes(info);
    std::uint64_t own = size;
    const bool directory = info.type == FileType::kDirectory;
    if (directory && depth < kMaxDepth) {
      auto names = p_.list_directory(path);
      if (!names) {
        problems_.push_back("cannot read directory " + quoted(path) + ": " + std::string(errno_text(names.error())));
        code_ = 1;
      }
      for (const std::string& name : names.value_or({})) {
        const std::string below = path_in(path, name);
        const auto inner = p_.stat(below, flags_.has("L"));
        if (!inner || excluded(name, below)) continue;
        const std::uint64_t part = walk(below, *inner, depth + 1);
        size += part;
        if (inner->type != FileType::kDirectory) own += part;
      }
    }
    if (depth <= depth_ && (directory || depth == 0 || flags_.has("a"))) print(flags_.has("S") ? own : size, path);
    return size;
  }

  bool excluded(const std::string& name, const std::string& path) const {
    for (const std::string& pattern : flags_.values("exclude")) {
      if (matches_pattern(pattern, name) || matches_pattern(pattern, path)) return true;
    }
    return false;
  }

  void print(std::uint64_t bytes, const std::string& path) {
    out_ += (human_ != 0 ? human_size(bytes, human_) : std::to_string((bytes + unit_ - 1) / unit_)) + "\t" + path +
            (flags_.has("0") ? std::string(1, '\0') : "\n");
  }

  Process& p_;
  const CommandFlags& flags_;
  std::uint64_t unit_ = 1024;
  std::uint64_t human_ = 0;
  bool apparent_ = false;
  int depth_ = kMaxDepth;
  std::set<std::uint64_t> counted_;
  std::string out_;
  std::vector<std::string> problems_;
  int code_ = 0;
};

Task<int> du_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUsageHelp);
  if (flags.ended()) co_return flags.exit_code();
  DiskUsage usage(p, flags);
  co_return co_await usage.run();
}

// --- df ---

constexpr std::string_view kFreeHelp =
    "Usage: df [OPTION]... [FILE]...\n"
    "Show information about the file system on which each FILE resides,\n"
    "or all file systems by default.\n"
    "\n"
    "Mandatory arguments to long options are mandatory for short options too.\n"
    "  -a, --all             include pseudo, duplicate, inaccessible file systems\n"
    "  -B, --block-size=SIZE  scale sizes by SIZE before printing them\n"
    "  -h, --human-readable  print sizes in powers of 1024 (e.g., 1023M)\n"
    "  -H, --si              print sizes in powers of 1000 (e.g., 1.1G)\n"
    "  -i, --inodes          list inode information instead of block usage\n"
    "  -k                    like --block-size=1K\n"
    "  -l, --local           limit listing to local file systems\n"
    "  -m                    like --block-size=1M\n"
    "  -P, --portability     use the POSIX output format\n"
    "  -t, --type=TYPE       limit listing to file systems of type TYPE\n"
    "  -T, --print-type      print file system type\n"
    "  -x, --exclude-type=TYPE  limit listing to file systems not of type TYPE\n";

struct Volume {
  std::string source;
  std::string type;
  std::string path;
  std::uint64_t bytes = 0;
  std::uint64_t used = 0;
  std::uint64_t inodes = 0;
  std::uint64_t inodes_used = 0;
};

void measure(const InodePtr& inode, int depth, std::uint64_t& bytes, std::uint64_t& count) {
  ++count;
  bytes += allocated_bytes(FileSystem::stat_of(*inode));
  if (inode->type != FileType::kDirectory || inode->behaviour || depth > kMaxDepth) return;
  for (const std::string& name : inode->names()) {
    if (const InodePtr child = inode->child(name)) measure(child, depth + 1, bytes, count);
  }
}

// What is mounted, the root first.
std::vector<Volume> volumes_of(Process& p) {
  const bool container = p.namespaces().pids != nullptr;
  std::vector<Volume> all;
  Volume root{container ? "overlay" : "/dev/vda1",
              container ? "overlay" : "ext4",
              "/",
              kDiskBytes,
              kSystemBytes,
              kInodes,
              kSystemInodes};
  measure(p.files().root(), 0, root.used, root.inodes_used);
  all.push_back(root);
  for (const Mount& mount : p.files().mounts()) {
    if (mount.type == "proc" || mount.type == "sysfs") continue;
    Volume volume{mount.source, mount.type, mount.path, kDiskBytes, 0, kInodes, 0};
    if (mount.type == "tmpfs") volume.bytes = static_cast<std::uint64_t>(1) << 30;
    measure(mount.root, 0, volume.used, volume.inodes_used);
    if (mount.type != "tmpfs") {
      volume.used += root.used;
      volume.inodes_used += root.inodes_used;
    }
    all.push_back(std::move(volume));
  }
  return all;
}

Task<int> df_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kFreeHelp);
  if (flags.ended()) co_return flags.exit_code();
  int code = 0;
  std::vector<Volume> shown;
  const std::vector<Volume> all = volumes_of(p);
  for (const std::string& path : flags.operands()) {
    const auto real = p.real_path(path);
    if (!real) {
      co_await report(p, path + ": " + std::string(errno_text(real.error())));
      code = 1;
      continue;
    }
    const Volume* best = &all[0];
    for (const Volume& volume : all) {
      if ((*real == volume.path || real->starts_with(path_in(volume.path, ""))) &&
          volume.path.size() >= best->path.size())
        best = &volume;
    }
    shown.push_back(*best);
  }
  if (flags.operands().empty()) shown = all;
  const std::vector<std::string> types = flags.values("t");
  const std::vector<std::string> excluded = flags.values("x");
  std::erase_if(shown, [&](const Volume& volume) {
    return (!types.empty() && std::find(types.begin(), types.end(), volume.type) == types.end()) ||
           std::find(excluded.begin(), excluded.end(), volume.type) != excluded.end();
  });
  if (shown.empty()) {
    if (code == 0) co_await report(p, "no file systems processed");
    co_return 1;
  }
  const std::string chosen = flags.last_of("B h H k m");
  const std::uint64_t human = chosen == "h" ? 1024 : chosen == "H" ? 1000 : 0;
  std::int64_t unit = 1024;
  if (chosen == "m") unit = 1 << 20;
  if (chosen == "B") unit = std::max<std::int64_t>(1, parse_size(flags.value("B")).value_or(1024));
  const bool inodes = flags.has("i");
  auto amount = [&](std::uint64_t value) {
    if (human != 0) return human_size(value, human);
    return std::to_string(inodes ? value
                                 : (value + static_cast<std::uint64_t>(unit) - 1) / static_cast<std::uint64_t>(unit));
  };
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> head = {"Filesystem"};
  if (flags.has("T")) head.emplace_back("Type");
  if (inodes)
    head.insert(head.end(), {"Inodes", "IUsed", "IFree", "IUse%"});
  else
    head.insert(head.end(), {human != 0          ? "Size"
                             : unit == 1024      ? (flags.has("P") ? "1024-blocks" : "1K-blocks")
                             : unit == (1 << 20) ? "1M-blocks"
                                                 : flags.value("B") + "-blocks",
                             "Used", human != 0 ? "Avail" : "Available", flags.has("P") ? "Capacity" : "Use%"});
  head.emplace_back("Mounted on");
  rows.push_back(head);
  for (const Volume& volume : shown) {
    const std::uint64_t size = inodes ? volume.inodes : volume.bytes;
    const std::uint64_t used = inodes ? volume.inodes_used : volume.used;
    const std::uint64_t left = size > used ? size - used : 0;
    std::vector<std::string> row = {volume.source};
    if (flags.has("T")) row.push_back(volume.type);
    row.insert(row.end(), {amount(size), amount(used), amount(left),
                           std::to_string(size == 0 ? 0 : (used * 100 + size - 1) / size) + "%", volume.path});
    rows.push_back(std::move(row));
  }
  const std::size_t texts = flags.has("T") ? 2 : 1;
  std::vector<std::size_t> widths(head.size(), 0);
  widths[0] = 14;
  for (std::size_t i = texts; i < texts + 3; ++i) widths[i] = human != 0 ? 5 : 5;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      out += (i > 0 ? " " : "") + (last        ? row[i]
                                   : i < texts ? pad_right(row[i], widths[i])
                                               : pad_left(row[i], widths[i]));
    }
    out += "\n";
  }
  co_await p.out(out);
  co_return code;
}

// --- mount, umount, lsblk ---

constexpr std::string_view kMountHelp =
    "Usage:\n"
    " mount [-lhV]\n"
    " mount -a [options]\n"
    " mount [options] [--source] <source> | [--target] <directory>\n"
    " mount [options] <source> <directory>\n"
    "\n"
    "Mount a filesystem.\n"
    "\n"
    "  -a, --all               mount all filesystems mentioned in fstab\n"
    "  -B, --bind              mount a subtree somewhere else\n"
    "  -l, --show-labels       show also filesystem labels\n"
    "  -o, --options=LIST      comma-separated list of mount options\n"
    "  -r, --read-only         mount the filesystem read-only\n"
    "  -t, --types=LIST        limit the set of filesystem types\n"
    "  -v, --verbose           say what is being done\n";

Task<int> mount_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kMountHelp);
  if (flags.ended()) co_return flags.exit_code();
  const std::vector<std::string>& operands = flags.operands();
  const std::string type = flags.value("t");
  if (operands.empty()) {
    if (flags.has("a")) co_return 0;  // there is nothing in fstab that is not mounted
    const bool container = p.namespaces().pids != nullptr;
    std::string out;
    const std::string root = container ? "overlay" : "ext4";
    if (type.empty() || type == root)
      out += std::string(container ? "overlay" : "/dev/vda1") + " on / type " + root + " (rw,relatime)\n";
    for (const Mount& mount : p.files().mounts()) {
      if (!type.empty() && mount.type != type) continue;
      out += mount.source + " on " + mount.path + " type " + mount.type +
             (mount.read_only ? " (ro,relatime)\n" : " (rw,relatime)\n");
    }
    co_await p.out(out);
    co_return 0;
  }
  if (p.credentials().uid != 0) {
    co_await p.err("mount: " + operands.back() + ": must be superuser to use mount.\n");
    co_return 1;
  }
  if (operands.size() < 2) {
    co_await p.err("mount: " + operands[0] + ": can't find in /etc/fstab.\n");
    co_return 1;
  }
  const std::string& source = operands[0];
  const std::string& target = operands[1];
  const auto there = p.real_path(target);
  if (!there) {
    co_await p.err("mount: " + target + ": mount point does not exist.\n");
    co_return 32;
  }
  const std::string options = flags.value("o");
  Mount mount;
  mount.path = *there;
  mount.source = source;
  mount.read_only = flags.has("r") || options == "ro" || contains(options, "ro,") || options.ends_with(",ro");
  if (flags.has("B") || contains(options, "bind")) {
    auto inode = p.files().resolve(p.absolute(source));
    if (!inode) {
      co_await p.err("mount: " + target + ": special device " + source + " does not exist.\n");
      co_return 32;
    }
    mount.root = *inode;
    mount.source = "/dev/vda1";
    mount.type = "ext4";
  } else if (type == "tmpfs") {
    mount.root = Inode::make(FileType::kDirectory, 01777, 0, 0, p.now());
    mount.type = "tmpfs";
  } else {
    const bool exists = p.exists(source);
    co_await p.err("mount: " + target + ": " +
                   (!type.empty() && type != "ext4" && type != "xfs" ? "unknown filesystem type '" + type + "'."
                    : exists                                         ? source + " is not a block device."
                             : "special device " + source + " does not exist.") +
                   "\n");
    co_return 32;
  }
  (void)p.files().mount(std::move(mount), p.now());
  co_return 0;
}

constexpr std::string_view kUnmountHelp =
    "Usage:\n"
    " umount [-hV]\n"
    " umount -a [options]\n"
    " umount [options] <source> | <directory>\n"
    "\n"
    "Unmount filesystems.\n"
    "\n"
    "  -a, --all               unmount all filesystems\n"
    "  -f, --force             force unmount\n"
    "  -l, --lazy              detach the filesystem now, clean up things later\n"
    "  -q, --quiet             suppress 'not mounted' error messages\n"
    "  -R, --recursive         recursively unmount a target with all its children\n"
    "  -v, --verbose           say what is being done\n";

Task<int> umount_main(Process& p) {
  const CommandFlags flags = co_await read_flags(p, kUnmountHelp);
  if (flags.ended()) co_return flags.exit_code();
  if (flags.operands().empty()) {
    if (flags.has("a")) co_return 0;
    co_await p.err("umount: bad usage\nTry 'umount --help' for more information.\n");
    co_return 1;
  }
  int code = 0;
  for (const std::string& path : flags.operands()) {
    const auto real = p.real_path(path);
    std::string problem;
    if (!real)
      problem = "no mount point specified.";
    else if (p.credentials().uid != 0)
      problem = "must be superuser to unmount.";
    else if (!p.files().unmount(*real))
      problem = "not mounted.";
    if (problem.empty()) continue;
    if (!flags.has("q")) co_await p.err("umount: " + path + ": " + problem + "\n");
    code = real && p.credentials().uid == 0 ? 32 : 1;
  }
  co_return code;
}

Task<int> lsblk_main(Process& p) {
  co_await p.out(
      "NAME   MAJ:MIN RM SIZE RO TYPE MOUNTPOINT\nvda    253:0    0  10G  0 disk \n`-vda1 253:1    0  10G  0 part /\n");
  co_return 0;
}

// --- dd, sync ---

constexpr std::int64_t kLargestCopy = 256 << 20;  // of one dd: it would all lie in memory

Task<int> dd_main(Process& p) {
  std::map<std::string, std::string> values;
  for (const std::string& word : p.arguments()) {
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    static constexpr std::string_view kKnown = " if of bs ibs obs count skip seek conv status iflag oflag cbs ";
    if (equals == std::string::npos || !contains(kKnown, " " + name + " ")) {
      co_await complain_with_hint(p, "unrecognized operand " + quoted(word));
      co_return 1;
    }
    values[name] = word.substr(equals + 1);
  }
  auto number = [&](const char* name, std::int64_t fallback) -> std::optional<std::int64_t> {
    const auto at = values.find(name);
    return at == values.end() ? std::optional(fallback) : parse_size(at->second);
  };
  for (const char* name : {"bs", "ibs", "obs", "count", "skip", "seek"}) {
    if (!number(name, 1)) {
      co_await report(p, "invalid number: " + quoted(values[name]));
      co_return 1;
    }
  }
  const std::int64_t block = *number("bs", *number("ibs", 512));
  const std::int64_t out_block = *number("bs", *number("obs", 512));
  const std::int64_t limit = *number("count", -1);
  if (block <= 0 || out_block <= 0) {
    co_await report(p, "invalid number: '0'");
    co_return 1;
  }
  const TimePoint started = p.now();
  int in = 0;
  if (values.contains("if")) {
    const auto opened = p.open(values["if"], kOpenRead);
    if (!opened) {
      co_await report(p, "failed to open " + quoted(values["if"]) + ": " + std::string(errno_text(opened.error())));
      co_return 1;
    }
    in = *opened;
  }
  int out = 1;
  const bool keeps = contains(values["conv"], "notrunc");
  if (values.contains("of")) {
    const std::int64_t seek = *number("seek", 0);
    const unsigned truncate = keeps || seek > 0 ? 0u : static_cast<unsigned>(kOpenTruncate);
    const auto opened = p.open(values["of"], kOpenWrite | kOpenCreate | truncate, 0666);
    if (!opened) {
      co_await report(p, "failed to open " + quoted(values["of"]) + ": " + std::string(errno_text(opened.error())));
      co_return 1;
    }
    out = *opened;
    if (seek > 0) {
      if (seek * out_block > kLargestCopy) {
        co_await report(p, "failed to truncate to " + std::to_string(seek * out_block) + " bytes in output file " +
                               quoted(values["of"]) + ": File too large");
        co_return 1;
      }
      std::string content = p.read_file(values["of"]).value_or("");
      if (!keeps || content.size() < static_cast<std::size_t>(seek * out_block)) {
        content.resize(static_cast<std::size_t>(seek * out_block), '\0');
        (void)p.write_file(values["of"], std::move(content));
      }
      (void)p.file(out)->seek(seek * out_block, 0);
    }
  }
  for (std::int64_t left = *number("skip", 0) * block; left > 0;) {
    const auto piece = co_await p.read(in, static_cast<std::size_t>(std::min<std::int64_t>(left, 65536)));
    if (!piece || piece->empty()) break;
    left -= static_cast<std::int64_t>(piece->size());
  }
  std::int64_t full = 0;
  std::int64_t partial = 0;
  std::int64_t bytes = 0;
  std::string problem;
  while (limit < 0 || full + partial < limit) {
    std::string piece;
    // Devices give what they have; a block is filled up from several reads.
    while (piece.size() < static_cast<std::size_t>(block)) {
      const auto more = co_await p.read(in, static_cast<std::size_t>(block) - piece.size());
      if (!more)
        problem = "error reading " + quoted(values.contains("if") ? values["if"] : "standard input") + ": " +
                  std::string(errno_text(more.error()));
      if (!more || more->empty()) break;
      piece += *more;
    }
    if (piece.empty()) break;
    if (contains(values["conv"], "ucase")) piece = to_upper(piece);
    if (contains(values["conv"], "lcase")) piece = to_lower(piece);
    piece.size() == static_cast<std::size_t>(block) ? ++full : ++partial;
    bytes += static_cast<std::int64_t>(piece.size());
    const bool fits = bytes <= kLargestCopy || !values.contains("of") || values["of"].starts_with("/dev/");
    const auto written = fits ? co_await p.write(out, piece) : SysResult<void>(Errno::kNoSpc);
    if (!written) {
      problem = "error writing " + quoted(values.contains("of") ? values["of"] : "standard output") + ": " +
                std::string(errno_text(written.error()));
      break;
    }
    // A disk writes some 500 MB a second.
    (void)co_await p.sleep(nanoseconds(static_cast<std::int64_t>(piece.size()) * 2 + 20000));
  }
  if (!problem.empty()) co_await report(p, problem);
  if (values["status"] != "none") {
    const std::string records = std::to_string(full) + "+" + std::to_string(partial) + " records ";
    std::string text = records + "in\n" + records + "out\n";
    if (values["status"] != "noxfer") {
      const double seconds_taken = std::max(1e-6, std::chrono::duration<double>(p.now() - started).count());
      auto scaled = [](double value, double unit, const char* const* names) {
        int at = 0;
        while (value >= unit && at < 4) {
          value /= unit;
          ++at;
        }
        return (at == 0 || value >= 10 ? format("%.0f", value) : format("%.1f", value)) + " " + names[at];
      };
      static constexpr const char* kDecimal[] = {"B", "kB", "MB", "GB", "TB"};
      static constexpr const char* kBinary[] = {"B", "KiB", "MiB", "GiB", "TiB"};
      text += std::to_string(bytes) + (bytes == 1 ? " byte" : " bytes");
      const auto amount = static_cast<double>(bytes);
      if (bytes >= 1024)
        text += " (" + scaled(amount, 1000, kDecimal) + ", " + scaled(amount, 1024, kBinary) + ")";
      else if (bytes >= 1000)
        text += " (" + scaled(amount, 1000, kDecimal) + ")";
      text += format(" copied, %g s, ", seconds_taken) + scaled(amount / seconds_taken, 1000, kDecimal) + "/s\n";
    }
    co_await p.err(text);
  }
  co_return problem.empty() ? 0 : 1;
}

Task<int> sync_main(Process& p) {
  int code = 0;
  for (const std::string& path : p.arguments()) {
    if (path.starts_with("-") || p.exists(path)) continue;
    co_await report(p, "error opening " + quoted(path) + ": No such file or directory");
    code = 1;
  }
  co_return code;
}

}  // namespace

void register_disk(ProgramRegistry& programs) {
  programs.add("du", du_main);
  programs.add("df", df_main);
  programs.add("mount", mount_main);
  programs.add("umount", umount_main);
  programs.add("lsblk", lsblk_main);
  programs.add("dd", dd_main);
  programs.add("sync", sync_main);
}

}  // namespace drydock
