// The index of a shard: container -> object -> dkey -> akey -> newest value, in the order that enumeration will have.
// Knows nothing of logs and replies; single-threaded.
#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>
#include <string>

#include "model/classes/object_id.h"
#include "platform/base/bytes.h"
#include "platform/journal/journal.h"
#include "server/vos/records/log_records.h"

namespace daos::vos {

/// A key in index order: hashed keys by (hash, bytes), lexical by bytes, integers by value. `rank` decides most comparisons:
/// the hash, the first eight bytes as a big-endian number, or the integer.
struct Key {
  uint64_t rank = 0;
  std::string bytes;
  auto operator<=>(const Key&) const = default;
};
Key make_key(classes::KeyKind kind, ByteSpan bytes);

struct Value {
  uint64_t epoch = 0;
  uint16_t minor = 0;
  journal::Position position;  // of the record that wrote it: a reader's reply waits for it
  IoBuf bytes;                 // empty: the key is there, without a value
};
struct Akey {
  ValueKind kind = ValueKind::kSingle;
  Value value;
};
struct Dkey {
  absl::btree_map<Key, Akey> akeys;
};
struct Object {
  uint64_t highest_epoch = 0;
  absl::btree_map<Key, Dkey> dkeys;
};
struct Container {
  absl::btree_map<classes::ObjectId, Object> objects;
};

/// What entries cost in DRAM besides their keys and values: nodes, headers, allocator rounding (measured: index_bench).
inline constexpr uint64_t kAkeyBytes = 144;
inline constexpr uint64_t kDkeyBytes = 112;
inline constexpr uint64_t kObjectBytes = 96;

class Index {
 public:
  /// The akey, or null where any level is absent.
  const Akey* find(const Uuid& container, const classes::ObjectId& object, ByteSpan dkey, ByteSpan akey) const;
  /// What `record` would add to used_bytes(), at most (overwritten values are not counted off).
  uint64_t cost_of(const UpdateRecord& record) const;
  /// Makes the record's values the newest. kNoPerm when an akey already holds the other kind; then nothing changes.
  Status check_kinds(const UpdateRecord& record) const;
  void apply(const UpdateRecord& record, journal::Position position);
  void destroy(const Uuid& container);

  uint64_t used_bytes() const { return used_bytes_; }
  uint64_t akeys() const { return akeys_; }
  const absl::btree_map<Uuid, Container>& containers() const { return containers_; }

 private:
  absl::btree_map<Uuid, Container> containers_;
  uint64_t used_bytes_ = 0;
  uint64_t akeys_ = 0;
};

}  // namespace daos::vos
