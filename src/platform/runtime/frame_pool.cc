#include "platform/runtime/frame_pool.h"

#include <cstdint>
#include <new>

namespace daos::runtime {
namespace {

constexpr size_t kClassBytes = 64;
constexpr size_t kClasses = 64;      // frames up to 4 KiB are pooled, larger ones go to the heap
constexpr uint32_t kKeptMax = 1024;  // per class and thread; what is above goes back to the heap

struct Free {
  Free* next;
};
struct Class {
  Free* head = nullptr;
  uint32_t kept = 0;
};
struct Pool {
  Class classes[kClasses + 1];
  ~Pool() {
    for (Class& c : classes) {
      while (c.head != nullptr) {
        Free* frame = c.head;
        c.head = frame->next;
        ::operator delete(frame);
      }
      c.kept = kKeptMax;  // frames freed later in this thread's exit go to the heap
    }
  }
};

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DX_PLAIN_FRAMES 1
#endif
#endif
#ifndef DX_PLAIN_FRAMES
thread_local Pool pool;
#endif

}  // namespace

void* allocate_frame(size_t bytes) noexcept {
  const size_t index = (bytes + kClassBytes - 1) / kClassBytes;
#ifndef DX_PLAIN_FRAMES  // the sanitizers must see every frame's birth and death
  if (index <= kClasses) {
    Class& c = pool.classes[index];
    if (c.head != nullptr) {
      Free* frame = c.head;
      c.head = frame->next;
      c.kept--;
      return frame;
    }
  }
#endif
  return ::operator new(index * kClassBytes, std::nothrow);
}

void free_frame(void* frame, size_t bytes) noexcept {
#ifndef DX_PLAIN_FRAMES
  const size_t index = (bytes + kClassBytes - 1) / kClassBytes;
  if (index <= kClasses) {
    Class& c = pool.classes[index];
    if (c.kept < kKeptMax) {
      auto* free = static_cast<Free*>(frame);
      free->next = c.head;
      c.head = free;
      c.kept++;
      return;
    }
  }
#else
  (void)bytes;
#endif
  ::operator delete(frame);
}

}  // namespace daos::runtime
