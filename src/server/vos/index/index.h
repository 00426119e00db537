// The index of a shard, in memory: container -> object -> dkey -> akey -> versions, in the order that enumeration has.
// Knows nothing of logs, replies and disks: a record is checked, then applied; what it made obsolete is reported as
// freed. Single-threaded; nothing here waits.
//
// Visibility. A version is visible at epoch e when it was written at or before e and neither overwritten nor punched,
// at its own or a higher level, at or before e. (epoch, minor) orders versions; a record's own minor counts within its
// epoch. A key exists at e when it was written (even with an empty value) since its last punch at or before e; a dkey
// exists when an akey of it does, an object when a dkey does.
#pragma once

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/journal/journal.h"
#include "server/vos/records/log_records.h"
#include "server/vos/records/transaction_records.h"

namespace daos::vos {

struct ObjectNode;
struct DkeyNode;

inline constexpr uint64_t kLatest = ~0ull;

/// Where a value lies on tier 1: one run nearly always, several when its free space was scattered. All but the last are
/// full. Empty: it is not there.
using StoredRuns = absl::InlinedVector<TierAddress, 1>;

/// Bytes of a value: in memory (tier 0), or on tier 1.
struct Data {
  IoBuf bytes;        // tier 0
  StoredRuns stored;  // tier 1
};

/// What a reader of a single value gets.
struct SingleView {
  bool exists = false;  // the akey exists (it may hold no value)
  uint64_t bytes = 0;   // 0: no value
  uint64_t epoch = 0;
  Data data;
  Checksums checksums;
  journal::Position position;  // of the newest record that the answer depends on
};

/// A run of visible records of one version.
struct ExtentView {
  Extent extent;  // clipped to what was asked
  uint64_t record_bytes = 0;
  uint64_t epoch = 0;
  Data data;  // of the records `held`; `extent` begins at byte `skip`
  uint64_t skip = 0;
  Extent held;     // of `written`: at least the extent, and with checksums all chunks that it touches
  Extent written;  // the whole extent as it was written: checksums cover that
  Checksums checksums;
};
struct ArrayView {
  bool exists = false;
  std::vector<ExtentView> extents;  // in order of their start; holes and removed extents are left out
  journal::Position position;
};

/// What applying or reclaiming gave back.
struct Freed {
  uint64_t tier0_bytes = 0;
  std::vector<TierAddress> tier1;  // runs that no version refers to any more
};

/// Which moments readers may still ask for, besides the latest.
struct Retention {
  /// Every epoch from here on.
  uint64_t horizon = kLatest;
  /// Older ones, by container: its snapshots.
  std::map<Uuid, std::set<uint64_t>> moments;
};

/// Where an enumeration stands: plain data that survives inserts and removals (design: the anchor holds position and
/// digest).
struct KeyAnchor {
  enum class State : uint8_t { kStart = 0, kAt = 1, kEnd = 2 };
  State state = State::kStart;
  uint64_t rank = 0;                 // the key's hash or integer; of a lexical key how many bytes of `prefix` it has
  std::array<uint8_t, 80> prefix{};  // lexical keys: their first bytes
  uint64_t digest = 0;               // of the whole key: tells keys of equal rank apart
  static void visit(auto&& visitor, auto& self) {
    visitor(self.state, self.rank);
    visitor.fixed(self.prefix.data(), self.prefix.size());
    visitor(self.digest);
  }
};

/// An anchor from which enumeration starts with this key, or where it would be.
KeyAnchor anchor_before(classes::KeyKind kind, ByteSpan key);

/// The API's DAOS_COND_*, on one update, fetch or punch.
enum Conditions : uint64_t {
  kCondPunch = 1u << 0,
  kCondDkeyInsert = 1u << 1,
  kCondDkeyUpdate = 1u << 2,
  kCondDkeyFetch = 1u << 3,
  kCondAkeyInsert = 1u << 4,
  kCondAkeyUpdate = 1u << 5,
  kCondAkeyFetch = 1u << 6,
  kCondPerAkey = 1u << 7,
};

/// Names an akey, or with empty keys something above it.
struct KeyPath {
  Uuid container;
  classes::ObjectId object;
  ByteSpan dkey;
  ByteSpan akey;
};

struct EnumeratedKey {
  ByteSpan bytes;  // valid until the index changes
};

class Index {
 public:
  Index();
  ~Index();

  // --- changes
  /// Whether the record can be applied: kNoPerm when an akey already holds the other kind.
  Status check(const UpdateRecord& record) const;
  /// kExists, kNonexistent: `conditions` (and with kCondPerAkey those of each akey) do not hold now.
  Status check_conditions(const UpdateRecord& record, uint64_t conditions, const std::vector<uint64_t>& per_akey,
                          uint64_t epoch = kLatest) const;
  Status check_conditions(const PunchRecord& record, uint64_t conditions, uint64_t epoch = kLatest) const;
  /// What the record would add to used_bytes(), at most.
  uint64_t cost_of(const UpdateRecord& record) const;
  uint64_t cost_of(const PunchRecord& record) const;
  /// Applies a record, at any epoch order (replay is in log order; epochs may arrive out of order from other targets
  /// later). Buffers are copied.
  void apply(const UpdateRecord& record, journal::Position position);
  void apply(const PunchRecord& record, journal::Position position);
  /// Nothing of the container is there any more. Its memory, and its runs, come back by reclaim().
  void destroy(const Uuid& container);

  /// A look-up of this key is near: each step asks for the memory that the next one reads, until it returns false. Who
  /// lets others work between the steps does not wait for that memory. Whatever changes in between is fine.
  struct Approach {
    uint32_t step = 0;
    uint64_t changes = 0;  // of the trees: what is below is there until they change
    uint64_t rank = 0;
    const ObjectNode* object = nullptr;
    const void* leaf = nullptr;
    DkeyNode* dkey = nullptr;
  };
  bool approach(const KeyPath& path, Approach& at) const;

  // --- what transactions of several targets have prepared: seen by nobody until they are committed (prepared.h)
  bool has_prepared() const;
  uint64_t cost_of(const PreparedRecord& record) const;
  /// Once for each epoch that a transaction is proposed at, growing; the last one counts.
  void prepare(const PreparedRecord& record, journal::Position position);
  /// Committed: everything of it happens now, at the versions that it was prepared at. Aborted: nothing of it ever did.
  void decide(const DecisionRecord& record, journal::Position position);
  /// What a reader looks at. Empty keys: everything below; no object: the container.
  struct Reading {
    Uuid container;
    std::optional<classes::ObjectId> object;
    ByteSpan dkey;
    ByteSpan akey;
    std::optional<Extent> records;  // only these of an array; whether the akey exists is not asked
    uint64_t epoch = kLatest;
  };
  /// The transactions by whose outcome the answer may differ: they have prepared something at or before the epoch in
  /// what is read, or a punch above it. While there are any, who answers must ask their leaders first.
  std::vector<OpId> doubts(const Reading& reading) const;
  /// The transactions by whose outcome check() and check_conditions() may answer differently, `but` left out.
  std::vector<OpId> doubts(const UpdateRecord& record, uint64_t conditions, const std::vector<uint64_t>& per_akey,
                           uint64_t epoch, const OpId* but = nullptr) const;
  std::vector<OpId> doubts(const PunchRecord& record, uint64_t conditions, uint64_t epoch,
                           const OpId* but = nullptr) const;

  // --- reads, at an epoch
  Status check_fetch(const KeyPath& path, const std::vector<ByteSpan>& akeys, uint64_t conditions,
                     const std::vector<uint64_t>& per_akey, uint64_t epoch) const;
  SingleView single(const KeyPath& path, uint64_t epoch) const;
  /// Reading with the other kind is as if the akey had no value.
  ArrayView array(const KeyPath& path, Extent range, uint64_t epoch) const;
  bool exists(const KeyPath& path, uint64_t epoch) const;  // of the object, dkey or akey that the path names

  /// Keys from the anchor on: calls `take(bytes)` for each existing one until it returns false (that key is not taken)
  /// or the end is reached; the anchor then stands behind the last one taken. Dkeys of path.object, or akeys of
  /// path.dkey. A key that is there throughout is seen exactly once, whatever is inserted and removed meanwhile. Newest
  /// record seen: the result.
  journal::Position enumerate_keys(const KeyPath& path, uint64_t epoch, KeyAnchor& anchor,
                                   const std::function<bool(ByteSpan)>& take) const;
  journal::Position enumerate_objects(const Uuid& container, uint64_t epoch, std::optional<classes::ObjectId>& after,
                                      const std::function<bool(const classes::ObjectId&)>& take) const;
  /// Visible extents from record `from` on upwards, or downwards from it (exclusive), clipped; merged only if of one
  /// version.
  journal::Position enumerate_extents(const KeyPath& path, uint64_t epoch, uint64_t from, bool upwards,
                                      const std::function<bool(const ExtentView&)>& take) const;

  struct Query {
    bool max = true;
    bool dkey = false, akey = false, recx = false;
  };
  struct QueryResult {
    std::vector<OpId> in_doubt;  // of who asks doubts() first
    bool found = false;
    uint64_t dkey = 0, akey = 0;
    Extent recx;
    journal::Position position;
  };
  /// The largest or smallest integer dkey, akey, and extent, nested: keys without matching data are skipped (object.md
  /// section 8).
  QueryResult query(const KeyPath& path, Query query, uint64_t epoch) const;
  /// The newest epoch at which the object was updated or punched; 0 when never.
  uint64_t highest_epoch(const Uuid& container, const classes::ObjectId& object) const;

  // --- reclaim
  /// Frees what is left of destroyed containers, and versions that nobody may ask for any more. Works in steps of about
  /// `budget` items from where it stopped; true when a round is complete: what is left then is needed.
  bool reclaim(const Retention& retention, size_t budget, Freed& freed);
  /// Whether anything waits for reclaim, be it only for time to pass.
  bool has_garbage() const;

  // --- checkpoint (server/vos/checkpoint): the index as items in its own order, cut into buckets
  /// A place between items, as a byte string that memcmp orders as the index does; empty: before the first item.
  using Boundary = std::string;
  /// Serialises the items in [from, to) (empty `to`: to the end), at most about `bytes_max` bytes but at least one
  /// item, and returns the boundary at which it stopped: `to` (or empty at the end) when the range is complete. Where
  /// it stops inside an array, extents that cross the boundary are split there first, so that every bucket is whole by
  /// itself.
  Boundary serialise(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out);
  /// Adds serialised items. Recovery only, before any record is replayed. kCorrupt for bytes that are no items.
  Status load(ByteSpan items);
  /// Which position the bucket that holds a boundary was written at, and where the next bucket begins (empty: nowhere).
  class Buckets {
   public:
    virtual ~Buckets() = default;
    struct Bucket {
      journal::Position position;
      Boundary next;
    };
    virtual Bucket at(const Boundary& boundary) const = 0;
    /// No bucket is newer than this.
    virtual journal::Position newest() const = 0;
  };
  /// Replay: applies those parts of a record (keys, akeys, extents cut at bucket boundaries) whose bucket is older than
  /// it.
  void replay(const UpdateRecord& record, journal::Position position, const Buckets& buckets);
  void replay(const PunchRecord& record, journal::Position position, const Buckets& buckets);
  void replay(const PreparedRecord& record, journal::Position position, const Buckets& buckets);
  void replay(const DecisionRecord& record, journal::Position position, const Buckets& buckets);
  /// The transactions that have something prepared here.
  std::vector<OpId> prepared_transactions() const;
  /// Asks for the memory that replaying the record will look at. For who knows some records ahead.
  void expect(const UpdateRecord& record) const;

  uint64_t used_bytes() const;    // of DRAM, as it is charged to tier 0
  uint64_t stored_bytes() const;  // on tier 1, referred to by versions
  /// Every run of tier 1 that a version refers to, in order of offset; after a recovery some may overlap (the older one
  /// is then of a version that nobody needs). What is free is the rest.
  void each_run(const std::function<void(uint64_t offset, uint64_t bytes)>& visit) const;
  uint64_t akeys() const;
  std::vector<Uuid> containers() const;

  struct Impl;  // impl.h: the parts of the index name it

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace daos::vos
