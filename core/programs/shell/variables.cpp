#include "core/programs/shell/variables.h"

namespace drydock::shell {
namespace {

constexpr std::uint32_t kBuckets = 1024;  // of bash's associative arrays
constexpr int kMaxReferences = 8;

std::uint32_t bucket(std::string_view key) {
  std::uint32_t hash = 2166136261u;  // FNV-1, as bash hashes
  for (char c : key) {
    hash *= 16777619u;
    hash ^= static_cast<unsigned char>(c);
  }
  return hash & (kBuckets - 1);
}

}  // namespace

bool AssociativeOrder::operator()(const std::string& a, const std::string& b) const {
  const std::uint32_t left = bucket(a);
  const std::uint32_t right = bucket(b);
  return left != right ? left < right : a < b;
}

Variable Variable::scalar(std::string value, bool exported) {
  Variable made;
  made.has_value = true;
  made.exported = exported;
  made.value = std::move(value);
  return made;
}

Variable Variable::list(const std::vector<std::string>& values) {
  Variable made;
  made.kind = Kind::kIndexed;
  made.has_value = true;
  std::int64_t index = 0;
  for (const std::string& value : values) made.items[index++] = value;
  return made;
}

std::optional<std::string> Variable::plain() const {
  if (kind == Kind::kIndexed) {
    const auto first = items.find(0);
    return first == items.end() ? std::nullopt : std::optional(first->second);
  }
  if (kind == Kind::kAssociative) {
    const auto first = table.find("0");
    return first == table.end() ? std::nullopt : std::optional(first->second);
  }
  return has_value ? std::optional(value) : std::nullopt;
}

std::vector<std::string> Variable::values() const {
  std::vector<std::string> all;
  if (kind == Kind::kScalar && has_value) all.push_back(value);
  for (const auto& [index, item] : items) all.push_back(item);
  for (const auto& [key, item] : table) all.push_back(item);
  return all;
}

std::vector<std::string> Variable::keys() const {
  std::vector<std::string> all;
  if (kind == Kind::kScalar && has_value) all.emplace_back("0");
  for (const auto& [index, item] : items) all.push_back(std::to_string(index));
  for (const auto& [key, item] : table) all.push_back(key);
  return all;
}

std::size_t Variable::size() const { return kind == Kind::kScalar ? (has_value ? 1 : 0) : items.size() + table.size(); }

std::string Variable::attributes() const {
  std::string flags;
  if (kind == Kind::kIndexed) flags += 'a';
  if (kind == Kind::kAssociative) flags += 'A';
  if (integer) flags += 'i';
  if (reference) flags += 'n';
  if (read_only) flags += 'r';
  if (lower) flags += 'l';
  if (upper) flags += 'u';
  if (exported) flags += 'x';
  return flags.empty() ? "--" : "-" + flags;
}

std::string Variables::resolve(std::string_view name) const {
  std::string at(name);
  for (int i = 0; i < kMaxReferences; ++i) {
    const auto found = all_.find(at);
    if (found == all_.end() || !found->second.reference || found->second.value.empty()) return at;
    at = found->second.value;
  }
  return at;
}

Variable* Variables::find(std::string_view name) {
  const auto at = all_.find(name);
  if (at == all_.end()) return nullptr;
  return at->second.reference ? find_itself(resolve(name)) : &at->second;
}

const Variable* Variables::find(std::string_view name) const {
  const auto at = all_.find(name);
  if (at == all_.end()) return nullptr;
  if (!at->second.reference) return &at->second;
  const auto meant = all_.find(resolve(name));
  return meant == all_.end() ? nullptr : &meant->second;
}

Variable* Variables::find_itself(std::string_view name) {
  const auto at = all_.find(name);
  return at == all_.end() ? nullptr : &at->second;
}

Variable& Variables::make(const std::string& name) { return all_[resolve(name)]; }

void Variables::erase(const std::string& name) { all_.erase(name); }

std::vector<std::string> Variables::close_scope() {
  std::vector<std::string> changed;
  for (auto& [name, variable] : scopes_.back()) {
    changed.push_back(name);
    if (variable)
      all_[name] = std::move(*variable);
    else
      all_.erase(name);
  }
  scopes_.pop_back();
  return changed;
}

void Variables::make_local(const std::string& name) {
  if (scopes_.empty() || scopes_.back().contains(name)) return;
  const auto at = all_.find(name);
  scopes_.back().emplace(name, at == all_.end() ? std::nullopt : std::optional(at->second));
  const bool exported = at != all_.end() && at->second.exported;
  all_.erase(name);
  if (exported) all_[name].exported = true;
}

bool Variables::is_local(const std::string& name) const { return !scopes_.empty() && scopes_.back().contains(name); }

Variable& Variables::make_global(const std::string& name) {
  for (auto& scope : scopes_) {
    const auto hidden = scope.find(name);
    if (hidden == scope.end()) continue;
    if (!hidden->second) hidden->second.emplace();
    return *hidden->second;
  }
  return all_[name];
}

}  // namespace drydock::shell
