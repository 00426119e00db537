// Open handles of the process. A cookie is a number that is never used twice, with the handle's kind in its low 4 bits,
// so that a handle of another kind, or a closed one, finds nothing. What a handle stands for is shared: an operation
// keeps it alive while another thread closes the handle.
//
// Thread-safety: any thread. lock_all/unlock_all keep the table whole over a fork: prepare locks, both sides unlock.
#pragma once

#include <daos_types.h>

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace daos::capi {

class HandleTable {
 public:
  template <class T>
  daos_handle_t add(std::shared_ptr<T> object) {
    return put((next_.fetch_add(1, std::memory_order_relaxed) << kKindBits) | T::kHandleKind, std::move(object));
  }
  /// Null when it is not an open handle of T's kind.
  template <class T>
  std::shared_ptr<T> find(daos_handle_t handle) {
    if ((handle.cookie & kKindMask) != T::kHandleKind) return nullptr;
    return std::static_pointer_cast<T>(get(handle.cookie));
  }
  /// As find, and the handle is closed: one of several threads that try gets it.
  template <class T>
  std::shared_ptr<T> remove(daos_handle_t handle) {
    if ((handle.cookie & kKindMask) != T::kHandleKind) return nullptr;
    return std::static_pointer_cast<T>(take(handle.cookie));
  }
  /// All open handles of T's kind, by rising cookie.
  template <class T>
  std::map<uint64_t, std::shared_ptr<T>> all() {
    std::map<uint64_t, std::shared_ptr<T>> found;
    for (Part& part : parts_) {
      std::lock_guard lock(part.mutex);
      for (const auto& [cookie, object] : part.objects) {  // lint-allow: hash-iteration `found` sorts them
        if ((cookie & kKindMask) == T::kHandleKind) found[cookie] = std::static_pointer_cast<T>(object);
      }
    }
    return found;
  }
  void clear();

  /// The same cookie in another table: handles that outlive a fork. New cookies will be above it.
  template <class T>
  void adopt(uint64_t cookie, std::shared_ptr<T> object) {
    if (next_.load() <= cookie >> kKindBits) next_.store((cookie >> kKindBits) + 1);
    put(cookie, std::move(object));
  }
  void lock_all();
  void unlock_all();

 private:
  static constexpr int kKindBits = 4;
  static constexpr uint64_t kKindMask = (1 << kKindBits) - 1;
  struct alignas(64) Part {
    std::mutex mutex;
    std::unordered_map<uint64_t, std::shared_ptr<void>> objects;  // guarded by mutex
  };
  Part& part_of(uint64_t cookie) { return parts_[(cookie >> kKindBits) % parts_.size()]; }
  daos_handle_t put(uint64_t cookie, std::shared_ptr<void> object);
  std::shared_ptr<void> get(uint64_t cookie);
  std::shared_ptr<void> take(uint64_t cookie);

  std::atomic<uint64_t> next_{1};  // relaxed: only uniqueness matters
  std::array<Part, 16> parts_;
};

}  // namespace daos::capi
