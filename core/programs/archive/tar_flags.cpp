#include "core/programs/archive/tar_flags.h"

namespace drydock {
namespace {

constexpr std::string_view kValueLetters = "bCfTX";

}  // namespace

const std::string_view kTarHelp =
    "Usage: tar [OPTION...] [FILE]...\n"
    "GNU 'tar' saves many files together into a single tape or disk archive, and can\n"
    "restore individual files from the archive.\n"
    "\n"
    "Examples:\n"
    "  tar -cf archive.tar foo bar  # Create archive.tar from files foo and bar.\n"
    "  tar -tvf archive.tar         # List all files in archive.tar verbosely.\n"
    "  tar -xf archive.tar          # Extract all files from archive.tar.\n"
    "\n"
    " Main operation mode:\n"
    "\n"
    "  -c, --create               create a new archive\n"
    "  -r, --append               append files to the end of an archive\n"
    "  -t, --list                 list the contents of an archive\n"
    "  -u, --update               only append files newer than copy in archive\n"
    "  -x, --extract, --get       extract files from an archive\n"
    "\n"
    " Options:\n"
    "\n"
    "  -a, --auto-compress        use archive suffix to determine the compression program\n"
    "  -b, --blocking-factor=BLOCKS   BLOCKS x 512 bytes per record\n"
    "  -B, --read-full-records    reblock as we read (for 4.2BSD pipes)\n"
    "  -C, --directory=DIR        change to directory DIR\n"
    "      --exclude=PATTERN      exclude files, given as a PATTERN\n"
    "  -f, --file=ARCHIVE         use archive file or device ARCHIVE\n"
    "      --force-local          archive file is local even if it has a colon\n"
    "      --full-time            print file time to its full resolution\n"
    "      --group=NAME           force NAME as group for added files\n"
    "  -h, --dereference          follow symlinks; archive and dump the files they point to\n"
    "  -i, --ignore-zeros         ignore zeroed blocks in archive (means EOF)\n"
    "  -j, --bzip2                filter the archive through bzip2\n"
    "  -J, --xz                   filter the archive through xz\n"
    "  -k, --keep-old-files       don't replace existing files when extracting, treat them as errors\n"
    "      --skip-old-files       don't replace existing files when extracting, silently skip over them\n"
    "  -m, --touch                don't extract file modified time\n"
    "      --mode=CHANGES         force (symbolic) mode CHANGES for added files\n"
    "      --no-recursion         avoid descending automatically in directories\n"
    "      --no-same-owner        extract files as yourself (default for ordinary users)\n"
    "      --no-same-permissions  apply the user's umask when extracting\n"
    "      --no-wildcards         verbatim string matching\n"
    "      --null                 -T reads null-terminated names\n"
    "      --numeric-owner        always use numbers for user/group names\n"
    "  -o                         when creating, same as --old-archive; when extracting, same as --no-same-owner\n"
    "  -O, --to-stdout            extract files to standard output\n"
    "      --owner=NAME           force NAME as owner for added files\n"
    "      --overwrite            overwrite existing files when extracting\n"
    "  -p, --preserve-permissions, --same-permissions  extract information about file permissions\n"
    "  -P, --absolute-names       don't strip leading '/'s from file names\n"
    "      --remove-files         remove files after adding them to the archive\n"
    "      --same-owner           try extracting files with the same ownership as exists in the archive\n"
    "      --sort=ORDER           directory sorting order: none (default), name or inode\n"
    "  -S, --sparse               handle sparse files efficiently\n"
    "      --strip-components=NUMBER  strip NUMBER leading components from file names on extraction\n"
    "  -T, --files-from=FILE      get names to extract or create from FILE\n"
    "      --totals               print total bytes after processing the archive\n"
    "  -v, --verbose              verbosely list files processed\n"
    "      --wildcards            use wildcards\n"
    "  -w, --interactive          ask for confirmation for every action\n"
    "  -X, --exclude-from=FILE    exclude patterns listed in FILE\n"
    "  -z, --gzip, --gunzip, --ungzip  filter the archive through gzip\n"
    "\n";

std::vector<std::string> plain_tar_words(const std::vector<std::string>& words, std::string& problem) {
  std::vector<std::string> plain;
  std::size_t next = 0;
  if (!words.empty() && !words[0].empty() && words[0][0] != '-') {
    next = 1;
    for (char letter : words[0]) {
      std::string flag = std::string("-") + letter;
      if (kValueLetters.find(letter) == std::string_view::npos) {
        plain.push_back(std::move(flag));
        continue;
      }
      if (next >= words.size()) {
        problem = std::string("Old option '") + letter + "' requires an argument.";
        return plain;
      }
      if (letter == 'C')
        plain.push_back(kDirectoryMark + words[next++]);
      else
        plain.insert(plain.end(), {std::move(flag), words[next++]});
    }
  }
  for (std::size_t i = next; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      plain.insert(plain.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (word.starts_with("--directory") || word == "--cd") {
      const std::size_t equals = word.find('=');
      const std::string directory = equals != std::string::npos ? word.substr(equals + 1)
                                    : i + 1 < words.size()      ? words[++i]
                                                                : std::string();
      plain.push_back(kDirectoryMark + directory);
      continue;
    }
    if (word.size() < 2 || word[0] != '-' || word[1] == '-') {
      plain.push_back(word);
      continue;
    }
    for (std::size_t k = 1; k < word.size(); ++k) {
      const std::string flag = std::string("-") + word[k];
      if (kValueLetters.find(word[k]) == std::string_view::npos) {
        plain.push_back(flag);
        continue;
      }
      if (k + 1 >= word.size() && i + 1 >= words.size()) {
        plain.push_back(flag);  // the parser complains
        break;
      }
      const std::string value = k + 1 < word.size() ? word.substr(k + 1) : words[++i];
      if (word[k] == 'C')
        plain.push_back(kDirectoryMark + value);
      else
        plain.insert(plain.end(), {flag, value});
      break;
    }
  }
  return plain;
}

}  // namespace drydock
