// The levels of the index as they lie in memory: few and small allocations, because most keys are small and many.
//
//   container -> tree of objects -> tree of dkeys (rank, pointer) -> DkeyNode with its first akey inside, the key bytes
//   behind
//   -> AkeyNode: the newest single value, and beside it only where there is more a Rest: punches, older values, an
//   array.
#pragma once

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include "server/vos/index/blob.h"
#include "server/vos/index/keys.h"
#include "server/vos/index/version.h"

namespace daos::vos {

class Array;

/// One place in a tree of keys.
template <class Node>
struct KeyEntry {
  uint64_t rank = 0;
  Node* node = nullptr;
};

/// Orders entries, probes and anchors (keys.h).
template <class Node>
struct KeyOrder {
  using is_transparent = void;
  using Entry = KeyEntry<Node>;
  bool operator()(const Entry& a, const Entry& b) const {
    if (a.rank != b.rank) return a.rank < b.rank;
    return compare_equal_ranks(a.node->key(), b.node->key(), a.node->lexical()) < 0;
  }
  bool operator()(const Entry& a, const KeyProbe& b) const {
    if (a.rank != b.rank) return a.rank < b.rank;
    return compare_equal_ranks(a.node->key(), b.bytes, b.lexical) < 0;
  }
  bool operator()(const KeyProbe& a, const Entry& b) const {
    if (a.rank != b.rank) return a.rank < b.rank;
    return compare_equal_ranks(a.bytes, b.node->key(), a.lexical) < 0;
  }
  bool operator()(const KeyAnchor& a, const Entry& b) const {
    return compare_with_anchor(b.rank, b.node->key(), b.node->lexical(), a) > 0;
  }
  bool operator()(const Entry& a, const KeyAnchor& b) const {
    return compare_with_anchor(a.rank, a.node->key(), a.node->lexical(), b) < 0;
  }
};
template <class Node>
using KeyTree = absl::btree_set<KeyEntry<Node>, KeyOrder<Node>, Counted<KeyEntry<Node>>>;

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
  AkeyRest* rest = nullptr;
  uint32_t key_offset = 0;  // from this node's own address
  uint32_t key_bytes : 29 = 0;
  uint32_t is_lexical : 1 = 0;
  uint32_t embedded : 1 = 0;  // in its DkeyNode
  uint32_t queued : 1 = 0;    // waits for reclaim

  ByteSpan key() const { return {reinterpret_cast<const std::byte*>(this) + key_offset, key_bytes}; }
  bool lexical() const { return is_lexical; }
  const Markers* markers() const { return rest == nullptr ? nullptr : &rest->markers; }
  Array* array() const { return rest == nullptr ? nullptr : rest->array; }
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

struct ContainerNode;

struct ObjectNode {
  ObjectNode(Memory& memory, ContainerNode& parent, const classes::ObjectId& object)
      : container(&parent), id(object), dkeys(Counted<KeyEntry<DkeyNode>>(memory)) {}
  ContainerNode* container;
  classes::ObjectId id;
  Markers markers;
  uint64_t highest_epoch = 0;  // of updates and punches; for ever
  uint64_t newest_epoch = 0;   // of updates
  bool queued = false;
  DkeyTree dkeys;

  classes::KeyKind dkey_kind() const { return classes::dkey_kind(id.type()); }
  classes::KeyKind akey_kind() const { return classes::akey_kind(id.type()); }
};

struct ContainerNode {
  ContainerNode(Memory& memory, const Uuid& uuid)
      : id(uuid), objects(Counted<std::pair<const classes::ObjectId, ObjectNode*>>(memory)) {}
  Uuid id;
  absl::btree_map<classes::ObjectId, ObjectNode*, std::less<>, Counted<std::pair<const classes::ObjectId, ObjectNode*>>>
      objects;
};

/// The akeys of a dkey in order, from the first one for which `first(akey)` does not hold; until `visit` returns false.
template <class Visit>
bool each_akey(const DkeyNode& dkey, Visit&& visit) {
  if (dkey.akeys == nullptr) return !dkey.has_first || visit(const_cast<AkeyNode&>(dkey.first));
  for (const auto& entry : *dkey.akeys) {
    if (!visit(*entry.node)) return false;
  }
  return true;
}

}  // namespace daos::vos
