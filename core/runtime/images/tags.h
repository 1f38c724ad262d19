// Which tags a repository has, and which version is behind each.
//
// A pattern's components are separated by '.': a literal, '#' (any number) or
// "[low-high]"; what follows the last component is literal. "+" at the end: the
// shorter forms exist too, as with Docker's official images. "name=1.2.3" names a
// version. Where several patterns match, the last one decides.
//   "1.7.[0-12]+"  1.7.0 … 1.7.12, 1.7 (1.7.12), 1 (1.7.12)
//   "v1.#.#"       v1.36.3
//   "stable=1.28.0"
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/runtime/images/recipe.h"

namespace drydock {

struct ImageTag {
  std::string version;  // "1.25.3"
  std::string variant;  // "alpine", or ""
};

// nullopt: the repository has no such tag.
std::optional<ImageTag> resolve_image_tag(const ImageRecipe& recipe, std::string_view tag);
// Every version that the patterns spell out (not those with '#'), oldest first.
std::vector<std::string> image_versions(const ImageRecipe& recipe);
// Negative, 0, positive: "1.9.1" is older than "1.14".
int compare_versions(std::string_view a, std::string_view b);

}  // namespace drydock
