// The memory that an endpoint has lent to its peers, by key. Thread-safety: the endpoint's thread.
#pragma once

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <memory>
#include <vector>

#include "platform/fabric/fabric.h"
#include "platform/runtime/rng.h"

namespace daos::fabric::tcp {

/// The pieces are one range of bytes to the peer. Anything that keeps a pointer into them registers in `users`, so that
/// revoke() finds it.
struct Lent {
  Access access;
  std::vector<MutableByteSpan> pieces;     // none empty
  std::vector<uint64_t> ends;              // of each piece, in bytes from the start of the range
  absl::InlinedVector<uint64_t, 2> users;  // serial numbers of connections, perhaps closed meanwhile

  uint64_t bytes() const { return ends.empty() ? 0 : ends.back(); }
  bool holds(uint64_t offset, uint64_t count) const { return offset <= bytes() && count <= bytes() - offset; }
  /// Appends the pieces of [offset, offset + count), which must lie within.
  void cut(uint64_t offset, uint64_t count, std::vector<MutableByteSpan>& out) const;
  void add_user(uint64_t serial);
};

class LentMemory {
 public:
  MemoryKey lend(runtime::Rng& rng, Access access, std::vector<MutableByteSpan> memory);
  /// Null for a key that never was, or is no more.
  Lent* find(MemoryKey key);
  std::unique_ptr<Lent> take(MemoryKey key);
  size_t size() const { return by_key_.size(); }

 private:
  absl::flat_hash_map<uint64_t, std::unique_ptr<Lent>> by_key_;  // never iterated
};

}  // namespace daos::fabric::tcp
