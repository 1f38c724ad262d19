#include "core/programs/text_tools/awk/channels.h"

#include <algorithm>
#include <utility>

#include "core/host/host.h"

namespace drydock::awk {

Task<bool> read_record(InputStream& input, const RecordEnd& end, std::string& record, std::string& ended_by) {
  ended_by.clear();
  if (end.kind == RecordEnd::Kind::kCharacter) {
    if (!input.take_line(record, end.character) && !co_await input.next_line(record, end.character)) co_return false;
    if (input.terminated()) ended_by = std::string(1, end.character);
    co_return true;
  }
  if (end.kind == RecordEnd::Kind::kParagraph) {
    for (;;) {  // newlines before a paragraph belong to nothing
      while (!input.available().empty() && input.available()[0] == '\n') input.consume(1);
      if (!input.available().empty()) break;
      if (!co_await input.fill()) co_return false;
    }
    for (;;) {
      const std::string_view text = input.available();
      const std::size_t at = text.find("\n\n");
      const std::size_t more = at == std::string_view::npos ? at : text.find_first_not_of('\n', at);
      if (more != std::string_view::npos || (at != std::string_view::npos && input.ended())) {
        const std::size_t next = std::min(more, text.size());
        record = text.substr(0, at);
        ended_by = text.substr(at, next - at);
        input.consume(next);
        co_return true;
      }
      if (input.ended()) {
        record = text;
        if (record.ends_with("\n")) {
          record.pop_back();
          ended_by = "\n";
        }
        input.consume(text.size());
        co_return true;
      }
      (void)co_await input.fill();
    }
  }
  for (;;) {
    const std::string_view text = input.available();
    const auto match = end.regex.search(text, 0);
    // A match at the very end might go on with what comes next.
    if (match && (*match)[0].end > (*match)[0].begin && ((*match)[0].end < text.size() || input.ended())) {
      const Regex::Group whole = (*match)[0];
      record = text.substr(0, whole.begin);
      ended_by = text.substr(whole.begin, whole.end - whole.begin);
      input.consume(whole.end);
      co_return true;
    }
    if (input.ended()) {
      if (text.empty()) co_return false;
      record = text;
      input.consume(text.size());
      co_return true;
    }
    (void)co_await input.fill();
  }
}

SpawnOptions Channels::shell(const std::string& command) const {
  SpawnOptions options;
  options.argv = {"/bin/sh", "-c", command};
  options.inherit_files = false;
  for (int fd : {0, 1, 2}) {
    if (OpenFilePtr file = process_.file(fd)) options.files[fd] = std::move(file);
  }
  return options;
}

Task<Output*> Channels::writer(char how, std::string name, std::string& problem) {
  const auto at = writers_.find(name);
  if (at != writers_.end()) co_return at->second.output.get();
  Writer made;
  if (how == '|') {
    (void)co_await out_.flush();
    auto [read_end, write_end] = make_pipe(process_.loop());
    SpawnOptions options = shell(name);
    options.files[0] = std::move(read_end);
    auto child = process_.spawn(std::move(options));
    if (!child) {
      problem = std::string(errno_text(child.error()));
      co_return nullptr;
    }
    made.child = *child;
    made.output = std::make_unique<Output>(process_, std::move(write_end));
  } else if (name == "/dev/stdout" || name == "-") {
    co_return &out_;
  } else {
    auto file = open_output(process_, name, how == 'a');
    if (!file) {
      problem = std::string(errno_text(file.error()));
      co_return nullptr;
    }
    made.output = std::make_unique<Output>(process_, *file);
  }
  co_return writers_.emplace(std::move(name), std::move(made)).first->second.output.get();
}

Task<InputStream*> Channels::reader(char how, std::string name) {
  const auto at = readers_.find(name);
  if (at != readers_.end()) co_return at->second.input.get();
  Reader made;
  if (how == '|') {
    co_await flush_all();
    auto [read_end, write_end] = make_pipe(process_.loop());
    SpawnOptions options = shell(name);
    options.files[1] = std::move(write_end);
    auto child = process_.spawn(std::move(options));
    if (!child) co_return nullptr;
    made.child = *child;
    made.input = std::make_unique<InputStream>(process_, std::move(read_end), &out_);
  } else {
    auto file = open_input(process_, name);
    if (!file) co_return nullptr;
    made.input = std::make_unique<InputStream>(process_, *file, &out_);
  }
  co_return readers_.emplace(std::move(name), std::move(made)).first->second.input.get();
}

Task<int> Channels::finish(Pid child) {
  if (child == 0) co_return 0;
  auto waited = co_await process_.wait(child);
  if (!waited) co_return -1;
  const ExitStatus status = waited->status;
  co_return status.signal != 0 ? 256 + status.signal : status.code;
}

Task<int> Channels::close(std::string name) {
  int result = -1;
  if (const auto at = writers_.find(name); at != writers_.end()) {
    (void)co_await at->second.output->flush();
    const Pid child = at->second.child;
    writers_.erase(name);
    result = co_await finish(child);
  }
  if (const auto at = readers_.find(name); at != readers_.end()) {
    const Pid child = at->second.child;
    readers_.erase(at);
    result = co_await finish(child);
  }
  co_return result;
}

Task<void> Channels::close_all() {
  (void)co_await out_.flush();
  while (!writers_.empty()) (void)co_await close(writers_.begin()->first);
  while (!readers_.empty()) (void)co_await close(readers_.begin()->first);
}

Task<void> Channels::flush_all() {
  (void)co_await out_.flush();
  for (auto& [name, writer] : writers_) (void)co_await writer.output->flush();
}

Task<bool> Channels::flush(std::string name) {
  const auto at = writers_.find(name);
  if (at == writers_.end()) co_return false;
  co_return co_await at->second.output->flush();
}

Task<int> Channels::system(std::string command) {
  co_await flush_all();
  SpawnOptions options = shell(command);
  const ExitStatus status = co_await process_.run(std::move(options));
  co_return status.signal != 0 ? 256 + status.signal : status.code;
}

}  // namespace drydock::awk
