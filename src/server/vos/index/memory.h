// DRAM as the index is charged for it: every allocation at what the allocator really takes for it. The size classes are
// computed, not asked for, so that a run is the same on every machine; index_memory_test compares them with the
// allocator's own account.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

namespace daos::vos {

/// What malloc (glibc: 8 bytes of header, multiples of 16, at least 32) takes for `bytes`.
constexpr uint64_t chunk_bytes(uint64_t bytes) { return std::max<uint64_t>(32, (bytes + 8 + 15) & ~uint64_t{15}); }

/// The account of one index.
struct Memory {
  uint64_t used = 0;
  uint64_t tree_changes = 0;  // of its trees of keys: who remembers a place in one compares

  void* allocate(size_t bytes) {
    used += chunk_bytes(bytes);
    return ::operator new(bytes);
  }
  void release(void* memory, size_t bytes) {
    used -= chunk_bytes(bytes);
    ::operator delete(memory, bytes);
  }
};

/// For containers: charges to an account.
template <class T>
struct Counted {
  using value_type = T;
  Memory* memory;

  explicit Counted(Memory& account) : memory(&account) {}
  template <class U>
  Counted(const Counted<U>& other) : memory(other.memory) {}  // NOLINT: allocators convert into each other
  T* allocate(size_t count) { return static_cast<T*>(memory->allocate(count * sizeof(T))); }
  void deallocate(T* values, size_t count) { memory->release(values, count * sizeof(T)); }
  template <class U>
  bool operator==(const Counted<U>& other) const {
    return memory == other.memory;
  }
};

template <class T, class... Arguments>
T* make_counted(Memory& memory, Arguments&&... arguments) {
  return new (memory.allocate(sizeof(T))) T(std::forward<Arguments>(arguments)...);
}
template <class T>
void release_counted(Memory& memory, T* value) {
  if (value == nullptr) return;
  value->~T();
  memory.release(value, sizeof(T));
}

}  // namespace daos::vos
