// DRAM of one index: small objects by size class, and the account of it, which tier 0 is charged by.
//
// A store makes and frees a few kinds of small objects by the million. The general allocator puts a header before each,
// joins and splits neighbours that are in no cache, and does it all at once when its lists are long. Here objects of a
// size lie in pages of their own, and the one freed last is the next. A page without objects serves any size again. The
// account counts objects; pages that are part empty are memory beyond it, until objects of their size come, and charged
// when they are many.
//
// The account is computed, not asked for, so that a run is the same on every machine; memory_test compares it with what
// the allocator really took.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>

namespace daos::vos {

inline constexpr size_t kSmallBytes = 1024;  // larger ones are malloc's business
inline constexpr size_t kSmallStep = 16;

/// What malloc (glibc: 8 bytes of header, multiples of 16, at least 32) takes for `bytes`.
constexpr uint64_t malloc_bytes(uint64_t bytes) { return std::max<uint64_t>(32, (bytes + 8 + 15) & ~uint64_t{15}); }
/// What an object takes.
constexpr uint64_t chunk_bytes(uint64_t bytes) {
  if (bytes > kSmallBytes) return malloc_bytes(bytes);
  return std::max<uint64_t>(kSmallStep, (bytes + kSmallStep - 1) / kSmallStep * kSmallStep);
}

class Memory {
 public:
  Memory() = default;
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  ~Memory();

  uint64_t used = 0;
  uint64_t tree_changes = 0;  // of its trees of keys: who remembers a place in one compares

  void* allocate(size_t bytes) {
    used += chunk_bytes(bytes);
    return bytes <= kSmallBytes ? allocate_small(class_of(bytes)) : ::operator new(bytes);
  }
  void release(void* memory, size_t bytes) {
    used -= chunk_bytes(bytes);
    if (bytes <= kSmallBytes) return release_small(memory);
    ::operator delete(memory, bytes);
  }
  /// Of pages, whatever is in them.
  uint64_t page_bytes() const { return pages_ * kPageBytes; }
  /// What tier 0 is charged: `used`, and what all pages together lack to being three quarters full, so that no history
  /// of sizes that come and go takes more than a third beyond the charge. One page of each size is not counted.
  uint64_t charged() const {
    constexpr uint64_t kAtTheEdge = kClasses * kPageBytes;
    const uint64_t least = page_bytes() > kAtTheEdge ? (page_bytes() - kAtTheEdge) / 4 * 3 : 0;
    return used + (least > small_bytes_ ? least - small_bytes_ : 0);
  }

 private:
  static constexpr size_t kPageBytes = 16u << 10;      // and its alignment: how an object finds its page
  static constexpr size_t kPageEnd = kPageBytes - 64;  // malloc's header of the next one has room there
  static constexpr size_t kClasses = kSmallBytes / kSmallStep;
  struct Free {
    Free* next;
  };
  /// At the start of its bytes. Pages with room are in the list of their class.
  struct Page {
    Free* free = nullptr;
    uint32_t unused = 0;  // from here on nothing was ever handed out
    uint32_t live = 0;
    uint32_t size_class = 0;
    bool listed = false;
    Page* previous = nullptr;
    Page* next = nullptr;
  };
  static constexpr size_t kFirst = 64;  // where objects begin
  static_assert(sizeof(Page) <= kFirst);

  static constexpr uint32_t class_of(size_t bytes) {
    return static_cast<uint32_t>(bytes == 0 ? 0 : (bytes - 1) / kSmallStep);
  }
  static constexpr uint32_t class_bytes(uint32_t size_class) { return (size_class + 1) * kSmallStep; }
  static bool is_full(const Page& page) {
    return page.free == nullptr && page.unused + class_bytes(page.size_class) > kPageEnd;
  }
  static Page* page_of(void* memory) {
    return reinterpret_cast<Page*>(reinterpret_cast<uintptr_t>(memory) & ~uintptr_t{kPageBytes - 1});
  }
  void* allocate_small(uint32_t size_class);
  void release_small(void* memory);
  Page* new_page(uint32_t size_class);
  void list(Page* page);
  void unlist(Page* page);

  Page* with_room_[kClasses] = {};
  Page* spare_ = nullptr;  // one without objects, so that a page at the edge does not come and go
  uint64_t pages_ = 0;
  uint64_t small_bytes_ = 0;  // of the objects in pages
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
