// What the parts of the index share: the tree's root, how nodes are found, made and removed, and what reclaim has to
// look at. The parts: single.cc, punch.cc, enumerate.cc, query.cc, conditions.cc, reclaim.cc, serialise.cc, load.cc,
// replay.cc, prepare.cc, doubts.cc.
#pragma once

#include <deque>

#include "server/vos/index/array.h"
#include "server/vos/index/index.h"
#include "server/vos/index/nodes.h"
#include "server/vos/index/prepared.h"

namespace daos::vos {

struct Place;
class ItemWriter;

/// What an answer depends on grows with every record that was looked at.
inline void depend(journal::Position& newest, journal::Position position) { newest = std::max(newest, position); }

/// Which old moments of one container somebody may still ask for.
struct Needed {
  uint64_t horizon = 0;
  const std::set<uint64_t>* moments = nullptr;  // older ones
  bool operator()(uint64_t born, uint64_t died) const {
    if (died > horizon) return true;
    if (moments == nullptr) return false;
    const auto first = moments->lower_bound(born);
    return first != moments->end() && *first < died;
  }
};

struct Index::Impl {
  using Containers = absl::btree_map<Uuid, ContainerNode*, std::less<>, Counted<std::pair<const Uuid, ContainerNode*>>>;

  Impl();
  ~Impl();

  // --- nodes.cc: null where there is none; the others make what is missing
  ObjectNode* find_object(const Uuid& container, const classes::ObjectId& object) const;
  ObjectNode& object(const Uuid& container, const classes::ObjectId& object);
  ObjectSlot& object_slot(const Uuid& container, const classes::ObjectId& object);
  /// The object was written or punched at `epoch`; no node is made for that.
  void note_highest(const Uuid& container, const classes::ObjectId& object, uint64_t epoch);
  DkeyNode* find_dkey(const ObjectNode& object, ByteSpan key) const;
  void remember(const ObjectNode& object, DkeyNode& found) const {
    last_dkey_object = &object;
    last_dkey = &found;
  }
  /// A new one has room inside for `akey`.
  DkeyNode& dkey(ObjectNode& object, ByteSpan key, ByteSpan akey);
  static AkeyNode* find_akey(const ObjectNode& object, const DkeyNode& dkey, ByteSpan key);
  AkeyNode& akey(ObjectNode& object, DkeyNode& dkey, ByteSpan key);
  AkeyRest& rest(AkeyNode& akey);
  Array& array(AkeyNode& akey);
  void remove_array(AkeyNode& akey);
  void remove_rest_if_empty(AkeyNode& akey);
  void remove_akey(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey);
  void remove_dkey(ObjectNode& object, DkeyNode& dkey);
  void remove_object(ObjectNode& object);  // nothing of it stays but its highest epoch
  void release_akey(AkeyNode& akey);       // itself unless embedded, and what it holds
  void release_dkey(DkeyNode& dkey);       // it holds no akeys
  bool is_dead(const ObjectNode& object) const {
    return object.dkeys.empty() && object.markers.empty() && !object.queued;
  }

  // --- destroy.cc: what is detached goes in steps; true when nothing of it is left
  bool free_some(ContainerNode& container, size_t& budget);
  bool free_some(DkeyNode& dkey, size_t& budget);
  bool free_some(AkeyNode& akey, size_t& budget);
  static Punches punches(const ObjectNode& object, const DkeyNode& dkey, const AkeyNode& akey) {
    return {{&object.markers, &dkey.markers, akey.markers()}};
  }
  struct Found {
    ObjectNode* object = nullptr;
    DkeyNode* dkey = nullptr;
    AkeyNode* akey = nullptr;
    Punches punches() const { return Impl::punches(*object, *dkey, *akey); }
  };
  Found find(const KeyPath& path) const;

  // --- single.cc, index.cc, punch.cc
  void put_single(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Blob* blob);
  /// The value that a reader at `epoch` sees (it may be the removal of one); null without.
  static Blob* single_at(const AkeyNode& akey, const Punches& punches, uint64_t epoch, journal::Position& newest);
  void put_extent(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Blob* blob, uint64_t start, uint64_t end);
  /// Goes through the extents of a value, or stands at a single value: where their bytes and checksums are.
  struct ValueCursor {
    const AkeyValue& value;
    size_t index = 0;
    uint64_t bytes = 0, checksums = 0, runs = 0;
    uint64_t checksum_bytes() const;  // of where it stands; one for each chunk that an extent touches
    Checksums own_checksums() const;  // the same
    std::span<const TierAddress> own_runs() const;
    void advance();
  };
  Blob* make_blob(const ValueCursor& at, Version version, journal::Position position);
  void note_write(ObjectNode& object, DkeyNode& dkey, Version version);
  void punch(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, Marker marker);
  void punch(ObjectNode& object, DkeyNode& dkey, Marker marker);
  void punch(ObjectNode& object, Marker marker);

  // --- exist.cc
  static bool exists(const ObjectNode& object, const DkeyNode& dkey, const AkeyNode& akey, uint64_t epoch,
                     journal::Position& newest);
  static bool exists(const ObjectNode& object, const DkeyNode& dkey, uint64_t epoch, journal::Position& newest);
  static bool exists(const ObjectNode& object, uint64_t epoch, journal::Position& newest);
  bool exists(const KeyPath& path, uint64_t epoch) const;

  // --- query.cc
  static bool query_akey(const Found& at, const Query& query, uint64_t epoch, QueryResult& result);
  static bool query_dkey(const Found& at, const KeyPath& path, const Query& query, uint64_t epoch, QueryResult& result);

  // --- reclaim.cc. `due`: the epoch at which what may go one day has died
  void enqueue(ObjectNode& object, uint64_t due);
  void enqueue(ObjectNode& object, DkeyNode& dkey, uint64_t due);
  void enqueue(ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, uint64_t due);
  enum class Verdict : uint8_t { kBudget, kKeep, kDone };
  /// Looks at jobs of one container until its round is complete (true) or the budget is spent.
  bool reclaim_container(ContainerNode& container, const Needed& needed, size_t& budget);
  Verdict reclaim_akey(const Job& job, const Needed& needed, size_t& budget);
  bool reclaim_singles(const Job& job, const Needed& needed, size_t& budget);
  bool reclaim_past(const Job& job, const Needed& needed, size_t& budget);
  bool reclaim_current(const Job& job, const Needed& needed, size_t& budget);
  Verdict finish_akey(const Job& job, const Needed& needed);
  bool walk_dkey(ObjectNode& object, DkeyNode& dkey, Version last, size_t& budget);
  Verdict reclaim_dkey(const Job& job, const Needed& needed, size_t& budget);
  Verdict reclaim_object(const Job& job, const Needed& needed, size_t& budget);
  static Version oldest_of(const AkeyNode& akey);

  // --- prepare.cc. Without buckets: all of it; with them: the parts whose bucket is older
  void prepare(const PreparedRecord& record, journal::Position position, const Buckets* buckets);
  void commit_values(const OpId& id, journal::Position position);
  /// What reclaim must not pass where the job looks: marks and removals that what is prepared there may have to meet.
  Needed needed_by_prepared(const Job& job, Needed needed) const;

  // --- serialise.cc: false when the writer is full or the end is reached
  Boundary serialise_nodes(const Boundary& from, const Boundary& to, size_t bytes_max, ByteVector& out);
  bool serialise_object(ItemWriter& writer, ObjectNode& object, const Place* from, const Place* to);
  bool serialise_gone(ItemWriter& writer, const Uuid& container, const ContainerNode::Objects::value_type& object,
                      const Place* from, const Place* to);
  bool serialise_dkey(ItemWriter& writer, ObjectNode& object, DkeyNode& dkey, const Place* from, const Place* to);
  bool serialise_akey(ItemWriter& writer, ObjectNode& object, DkeyNode& dkey, AkeyNode& akey, const Place* from,
                      const Place* to);
  bool serialise_array(ItemWriter& writer, const Found& at, const Place* from, const Place* to);

  Store store;
  Prepared prepared{store};
  Containers containers;
  std::deque<ContainerNode*> destroyed;  // invisible, and not freed yet
  uint64_t akeys = 0;
  uint64_t newest_epoch = 0;                  // of any record
  std::optional<Uuid> round_at;               // the container that reclaim's round stands at
  mutable ObjectNode* last_object = nullptr;  // found; most callers stay with one for a while
  // The same of dkeys: an update is checked, measured and applied, one after the other.
  mutable const ObjectNode* last_dkey_object = nullptr;
  mutable DkeyNode* last_dkey = nullptr;
  // And of one that is not there: a new key is looked for three times before it is made.
  struct Absent {
    static constexpr size_t kKeyMax = 256;
    const ObjectNode* object = nullptr;
    uint64_t changes = 0;  // of the trees: any of them ends it
    std::string key;
  };
  mutable Absent absent;
};

}  // namespace daos::vos
