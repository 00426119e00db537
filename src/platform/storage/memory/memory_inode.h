// A file's bytes as the memory disk keeps them; shared by memory_medium.cc and memory_disk.cc.
#pragma once

#include "platform/base/codec.h"
#include "platform/storage/memory/memory_disk.h"

namespace daos::storage {

inline std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

/// A write or a change of size that is not yet durable.
struct MemoryMedium::Change {
  uint64_t id = 0;
  bool resizes = false;  // then `offset` is the new size
  uint64_t offset = 0;
  ByteVector bytes;
  bool ended = false;    // part of what readers see
  bool spoiled = false;  // a flush that should have covered it failed: no later one covers it
};

struct MemoryMedium::Inode {
  static constexpr uint64_t kSectorBytes = 512;  // what a device writes whole or not at all

  SparseBytes current;  // with all changes that have ended
  SparseBytes durable;
  std::vector<Change> changes;
  uint64_t change_ids = 0;
  const void* lock_owner = nullptr;    // alone
  std::set<const void*> lock_sharers;  // asked who is in it only, never walked

  static void put(SparseBytes& bytes, const Change& change);
  /// Appends to `kept` the sectors of a write that survive.
  static void tear(Change& change, std::vector<Change>& kept, runtime::Rng& rng);
  /// A change reaches the platters. One that an earlier flush has settled already is none any more.
  void settle(uint64_t id);
  void supersede(const Change& settled);
  void lose(Loss loss, runtime::Rng& rng);
};

}  // namespace daos::storage
