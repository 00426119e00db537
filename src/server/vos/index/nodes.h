// The levels of the index as they lie in memory: few and small allocations, because most keys are small and many.
//
//   container -> tree of objects -> tree of dkeys (rank, pointer) -> DkeyNode with its first akey inside, the key bytes
//   behind
//   -> AkeyNode: the newest single value and one older one; where there is more, a Rest instead: punches, older values,
//   an array.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "server/vos/index/blob.h"
#include "server/vos/index/jobs.h"
#include "server/vos/index/key_tree.h"
#include "server/vos/index/version.h"

namespace daos::vos {

class Array;

struct OlderFirst {
  using is_transparent = void;
  bool operator()(const Blob* a, const Blob* b) const { return a->version() < b->version(); }
  bool operator()(const Blob* a, Version b) const { return a->version() < b; }
  bool operator()(Version a, const Blob* b) const { return a < b->version(); }
};
using History = absl::btree_set<Blob*, OlderFirst, Counted<Blob*>>;

/// What most akeys do not have.
struct AkeyRest {
  explicit AkeyRest(Memory& memory) : history(Counted<Blob*>(memory)) {}
  Markers markers;
  History history;  // single values before the newest
  Array* array = nullptr;
};

struct AkeyNode {
  Blob* single = nullptr;  // the newest
  union {
    AkeyRest* rest_pointer = nullptr;
    Blob* older_pointer;  // when has_older: the only value before the newest, and no Rest
  };
  uint32_t key_offset = 0;  // from this node's own address
  uint32_t key_bytes : 28 = 0;
  uint32_t is_lexical : 1 = 0;
  uint32_t embedded : 1 = 0;  // in its DkeyNode
  uint32_t queued : 1 = 0;    // waits for reclaim
  uint32_t has_older : 1 = 0;

  ByteSpan key() const { return {reinterpret_cast<const std::byte*>(this) + key_offset, key_bytes}; }
  bool lexical() const { return is_lexical; }
  AkeyRest* rest() const { return has_older != 0 ? nullptr : rest_pointer; }
  Blob* older() const { return has_older != 0 ? older_pointer : nullptr; }
  void set_older(Blob* blob) {
    older_pointer = blob;
    has_older = 1;
  }
  void forget_older() {
    rest_pointer = nullptr;
    has_older = 0;
  }
  void set_rest(AkeyRest* rest) {
    rest_pointer = rest;
    has_older = 0;
  }
  const Markers* markers() const { return rest() == nullptr ? nullptr : &rest()->markers; }
  Array* array() const { return rest() == nullptr ? nullptr : rest()->array; }
};
static_assert(sizeof(AkeyNode) == 24);
using AkeyTree = KeyTree<AkeyNode>;

struct DkeyNode {
  Markers markers;
  uint64_t newest_epoch = 0;  // of any write below, or above it
  AkeyTree* akeys = nullptr;  // once there is more than the first
  AkeyNode first;             // inside, so that the common dkey is one allocation
  uint32_t key_bytes : 29 = 0;
  uint32_t is_lexical : 1 = 0;
  uint32_t has_first : 1 = 0;
  uint32_t queued : 1 = 0;
  uint32_t first_key_room = 0;  // bytes behind the dkey that belong to the first akey's key

  ByteSpan key() const { return {reinterpret_cast<const std::byte*>(this + 1), key_bytes}; }
  bool lexical() const { return is_lexical; }
};
static_assert(sizeof(DkeyNode) == 56);
using DkeyTree = KeyTree<DkeyNode>;

/// Who goes through dkeys one by one asks for the next ones, and then for their values, before it gets there.
inline void fetch_ahead(const DkeyTree::Iterator& dkey) {
  if (const DkeyNode* node = dkey.ahead(8)) {
    __builtin_prefetch(node);
    __builtin_prefetch(reinterpret_cast<const char*>(node) + 64);
  }
  if (const DkeyNode* node = dkey.ahead(4)) __builtin_prefetch(node->first.single);
}

struct ContainerNode;

struct ObjectNode {
  ObjectNode(ContainerNode& parent, const classes::ObjectId& object) : container(&parent), id(object) {}
  ContainerNode* container;
  classes::ObjectId id;
  Markers markers;
  uint64_t highest_epoch = 0;  // of updates and punches; for ever
  uint64_t newest_epoch = 0;   // of updates
  DkeyTree dkeys;
  bool queued = false;

  classes::KeyKind dkey_kind() const { return classes::dkey_kind(id.type()); }
  classes::KeyKind akey_kind() const { return classes::akey_kind(id.type()); }
};
static_assert(chunk_bytes(sizeof(ObjectNode)) == 80);

/// An object's place in its container. Once nothing is left of it but its highest epoch, that alone stays, for ever.
struct ObjectSlot {
  ObjectNode* node = nullptr;
  uint64_t highest_epoch = 0;  // without a node
};

struct ContainerNode {
  using Objects = absl::btree_map<classes::ObjectId, ObjectSlot, std::less<>,
                                  Counted<std::pair<const classes::ObjectId, ObjectSlot>>>;
  ContainerNode(Memory& memory, const Uuid& uuid)
      : id(uuid), objects(Counted<std::pair<const classes::ObjectId, ObjectSlot>>(memory)) {}
  Uuid id;
  Objects objects;
  // What reclaim has to look at. A container's own, so that it goes with it.
  JobQueue jobs;         // of this round
  JobQueue kept;         // for the next one
  JobProgress progress;  // of the first one
};

/// The akeys of a dkey in order, from the first one for which `first(akey)` does not hold; until `visit` returns false.
template <class Visit>
bool each_akey(const DkeyNode& dkey, Visit&& visit) {
  if (dkey.akeys == nullptr) return !dkey.has_first || visit(const_cast<AkeyNode&>(dkey.first));
  return !dkey.akeys->any(false, [&](const KeyEntry<AkeyNode>& entry) { return !visit(*entry.node); });
}
/// The values before the newest in order, from the first at or behind `from`; until `visit` returns false.
template <class Visit>
bool each_older(const AkeyNode& akey, Version from, Visit&& visit) {
  if (Blob* older = akey.older()) return older->version() < from || visit(older);
  if (akey.rest() == nullptr) return true;
  const History& history = akey.rest()->history;
  return std::all_of(history.lower_bound(from), history.end(), visit);
}

}  // namespace daos::vos
