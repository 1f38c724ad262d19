#include "core/base/frame_pool.h"

#include <array>
#include <new>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif

namespace drydock::frame_pool {
namespace {

constexpr std::size_t kStep = 64;
constexpr std::size_t kLargest = 16 * 1024;  // larger frames are rare

// The address sanitizer must see every frame come and go.
constexpr bool kPooled = !__has_feature(address_sanitizer);

constexpr std::size_t kKeptBytes = 64 * 1024;  // of each size

struct Free {
  Free* next;
};
struct FreeList {
  Free* first = nullptr;
  std::size_t count = 0;
};
thread_local std::array<FreeList, kLargest / kStep + 1> free_frames{};

}  // namespace

void* allocate(std::size_t bytes) {
  const std::size_t steps = (bytes + kStep - 1) / kStep;
  if (!kPooled || bytes > kLargest) return ::operator new(bytes);
  FreeList& list = free_frames[steps];
  if (list.first == nullptr) return ::operator new(steps * kStep);
  void* frame = list.first;
  list.first = list.first->next;
  --list.count;
  return frame;
}

void release(void* frame, std::size_t bytes) noexcept {
  const std::size_t steps = (bytes + kStep - 1) / kStep;
  if (!kPooled || bytes > kLargest || free_frames[steps].count * steps * kStep >= kKeptBytes) {
    ::operator delete(frame);
    return;
  }
  FreeList& list = free_frames[steps];
  list.first = new (frame) Free{list.first};
  ++list.count;
}

}  // namespace drydock::frame_pool
