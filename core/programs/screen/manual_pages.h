// The manual's pages, in one table: name, section, what it is, how it is called and
// what it does. `description`: paragraphs and "-x: text" options, one a line.
#pragma once

#include <span>
#include <string_view>

namespace drydock::screen {

struct ManualPage {
  std::string_view name;
  std::string_view section;
  std::string_view summary;
  std::string_view synopsis;
  std::string_view description;
};
std::span<const ManualPage> manual_pages();  // sorted by name

}  // namespace drydock::screen
