#include "platform/base/bytes.h"

#include <new>

#include "platform/base/check.h"
#include "platform/base/units.h"

namespace daos {
namespace {

// Buffers of some KiB come and go with every operation, and what malloc keeps no fast lists for it splits and joins,
// in memory that is in no cache. Each thread keeps those that it freed, up to a limit, for the next of their size.
constexpr size_t kStep = 64;
constexpr size_t kSteps = (68u << 10) / kStep;  // a value of 64 KiB and what is before it
constexpr size_t kLeast = 1024 / kStep;         // below, malloc is fast
constexpr size_t kKeptBytesMax = 16u << 20;

struct Kept {
  struct Free {
    Free* next;
  };
  Free* free[kSteps + 1] = {};
  size_t bytes = 0;
  ~Kept() {
    for (Free*& first : free) {
      while (first != nullptr) ::operator delete(std::exchange(first, first->next));
    }
    bytes = kKeptBytesMax;  // what this thread frees later goes to the heap
  }
};

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define DX_PLAIN_BUFFERS 1  // they must see every buffer's birth and death
#endif
#endif
#ifndef DX_PLAIN_BUFFERS
thread_local Kept kept;
#endif

bool is_kept(size_t steps) { return steps >= kLeast && steps <= kSteps; }

void* allocate_steps(size_t steps) {
#ifndef DX_PLAIN_BUFFERS
  if (is_kept(steps) && kept.free[steps] != nullptr) {
    kept.bytes -= steps * kStep;
    return std::exchange(kept.free[steps], kept.free[steps]->next);
  }
#endif
  return ::operator new(steps * kStep, std::nothrow);
}
void free_steps(void* memory, size_t steps) {
#ifndef DX_PLAIN_BUFFERS
  if (is_kept(steps) && kept.bytes + steps * kStep <= kKeptBytesMax) {
    kept.bytes += steps * kStep;
    kept.free[steps] = new (memory) Kept::Free{kept.free[steps]};
    return;
  }
#endif
  ::operator delete(memory);
}

}  // namespace

Result<IoBuf> IoBuf::allocate(size_t bytes, size_t alignment) {
  if (bytes > kMaxBytes)
    return error(Code::kOverflow, "a buffer of {} bytes is above the limit of {}", bytes, kMaxBytes);
  DX_CHECK(alignment <= kDirectAlignment, "a buffer aligned to {}", alignment);
  const size_t header = align_up(sizeof(Block), alignment);
  // What new aligns anyway it hands out from its fast lists; an aligned allocation costs some hundred instructions
  // more.
  const bool plain = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  const size_t steps = (header + bytes + kStep - 1) / kStep;
  void* memory = plain && is_kept(steps) ? allocate_steps(steps)
                 : plain                 ? ::operator new(header + bytes, std::nothrow)
                                         : ::operator new(header + bytes, std::align_val_t(alignment), std::nothrow);
  if (memory == nullptr) return error(Code::kNoMemory, "no memory for a buffer of {} bytes", bytes);
  IoBuf buffer;
  buffer.block_ = new (memory) Block{.steps = static_cast<uint16_t>(plain && is_kept(steps) ? steps : 0),
                                     .alignment = static_cast<uint16_t>(alignment),
                                     .bytes = bytes};
  buffer.data_ = static_cast<std::byte*>(memory) + header;
  buffer.size_ = bytes;
  return buffer;
}

size_t IoBuf::footprint(size_t bytes) {
  const size_t steps = (sizeof(Block) + bytes + kStep - 1) / kStep;
  return is_kept(steps) ? steps * kStep : sizeof(Block) + bytes;
}

IoBuf IoBuf::copy_of(ByteSpan bytes) {
  if (bytes.empty()) return {};
  Result<IoBuf> buffer = allocate(bytes.size());
  DX_CHECK(buffer.ok(), "{}", buffer.status());
  std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return std::move(buffer).take();
}

void IoBuf::release() {
  if (block_ == nullptr || block_->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const size_t alignment = block_->alignment;
  const uint32_t steps = block_->steps;
  block_->~Block();
  if (steps != 0) {
    free_steps(block_, steps);
  } else if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    ::operator delete(static_cast<void*>(block_));
  } else {
    ::operator delete(static_cast<void*>(block_), std::align_val_t(alignment));
  }
}

}  // namespace daos
