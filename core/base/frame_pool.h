// Memory of coroutine frames: every request, watch and process makes and ends dozens,
// most of them too large for the system allocator's quick paths.
//
// Frames are kept by size, rounded up to 64 bytes, some of each, and used again last in,
// first out. Per thread, without state that a world could see.
#pragma once

#include <cstddef>

namespace drydock::frame_pool {

void* allocate(std::size_t bytes);
void release(void* frame, std::size_t bytes) noexcept;  // with the size it was allocated with

}  // namespace drydock::frame_pool
