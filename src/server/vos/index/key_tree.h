// The keys of one object or dkey in order: a B+ tree of (rank, node). Millions of entries are looked up one by one, so
// a lookup must touch few cache lines: ranks lie side by side, apart from the nodes, and a node's own bytes are read
// only where ranks are equal. Leaves of a large tree are asked for before they are searched. A tree of one key takes
// one small leaf, because most dkeys have one akey and many objects one dkey.
//
// The account of memory is passed in, as Markers do, so that an empty tree is two words. Places and iterators are valid
// until the tree changes.
#pragma once

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"
#include "server/vos/index/keys.h"
#include "server/vos/index/memory.h"

namespace daos::vos {

/// One place in a tree of keys.
template <class Node>
struct KeyEntry {
  uint64_t rank = 0;
  Node* node = nullptr;
};

template <class Node>
class KeyTree {
  struct Inner;

 public:
  /// Ranks side by side, then their nodes.
  struct Leaf {
    uint32_t count = 0, capacity = 0;
    Leaf* previous = nullptr;
    Leaf* next = nullptr;
    uint64_t* ranks() const { return reinterpret_cast<uint64_t*>(const_cast<Leaf*>(this) + 1); }
    Node** nodes() const { return reinterpret_cast<Node**>(ranks() + capacity); }
    static constexpr size_t bytes(uint32_t capacity) { return sizeof(Leaf) + capacity * 2 * sizeof(uint64_t); }
  };
  KeyTree() = default;
  KeyTree(const KeyTree&) = delete;
  KeyTree& operator=(const KeyTree&) = delete;
  ~KeyTree() { DX_CHECK(root_ == nullptr, "a tree of keys goes with {} keys in it", size()); }

  bool empty() const { return size_ == 0; }
  uint64_t size() const { return size_; }

  /// Null without.
  Node* find(const KeyProbe& key) const {
    if (root_ == nullptr) return nullptr;
    const Leaf* leaf = leaf_of(key);
    const uint64_t* ranks = leaf->ranks();
    uint32_t index = count_ranks_before(ranks, leaf->count, key.rank);
    if (index == leaf->count || ranks[index] != key.rank) return nullptr;
    if (index + 1 < leaf->count && ranks[index + 1] == key.rank) {
      index = count_until<false>(ranks, leaf->nodes(), leaf->count, key);
      if (index == leaf->count || ranks[index] != key.rank) return nullptr;
    }
    Node* node = leaf->nodes()[index];
    fetch_node(node);
    return same_bytes(node->key(), key.bytes) ? node : nullptr;
  }
  /// Asks for the leaf that a look-up will search, and for the node that it will find there: null when there is none
  /// of that rank. In between somebody else may work while memory answers, as long as no tree changes.
  const Leaf* expect(const KeyProbe& key) const { return root_ == nullptr ? nullptr : leaf_of(key); }
  static Node* expect(const Leaf& leaf, uint64_t rank) {
    const uint32_t index = count_ranks_before(leaf.ranks(), leaf.count, rank);
    if (index == leaf.count || leaf.ranks()[index] != rank) return nullptr;
    fetch_node(leaf.nodes()[index]);
    return leaf.nodes()[index];
  }
  /// Null without. Asks for the node of one that will be the last soon, if they are taken out one by one.
  Node* last() const {
    const Leaf* leaf = edge<true>();
    if (leaf == nullptr) return nullptr;
    if (leaf->count > kAhead) fetch_node(leaf->nodes()[leaf->count - 1 - kAhead]);
    return leaf->nodes()[leaf->count - 1];
  }

  class Iterator {
   public:
    Iterator() = default;
    KeyEntry<Node> operator*() const { return {leaf_->ranks()[index_], leaf_->nodes()[index_]}; }
    Node* node() const { return leaf_->nodes()[index_]; }
    uint64_t rank() const { return leaf_->ranks()[index_]; }
    /// The node some places further on, if that is near: null otherwise.
    const Node* ahead(uint32_t places) const {
      return index_ + places < leaf_->count ? leaf_->nodes()[index_ + places] : nullptr;
    }
    Iterator& operator++() {
      if (++index_ == leaf_->count) {
        leaf_ = leaf_->next;
        index_ = 0;
        if (leaf_ != nullptr && leaf_->next != nullptr) __builtin_prefetch(leaf_->next);
      }
      return *this;
    }
    bool operator==(const Iterator& other) const = default;

   private:
    friend class KeyTree;
    Iterator(const Leaf* leaf, uint32_t index) : leaf_(leaf), index_(index) {
      if (leaf_ != nullptr && index_ == leaf_->count) {
        leaf_ = leaf_->next;
        index_ = 0;
      }
    }
    const Leaf* leaf_ = nullptr;  // null: the end
    uint32_t index_ = 0;
  };
  Iterator begin() const { return {edge<false>(), 0}; }
  Iterator end() const { return {}; }
  Iterator lower_bound(const KeyProbe& key) const {
    if (root_ == nullptr) return {};
    const Leaf* leaf = leaf_of(key);
    return {leaf, count_until<false>(leaf->ranks(), leaf->nodes(), leaf->count, key)};
  }
  /// The first one behind the anchor.
  Iterator upper_bound(const KeyAnchor& anchor) const {
    if (root_ == nullptr) return {};
    const Leaf* leaf = leaf_of(anchor);
    return {leaf, count_until<true>(leaf->ranks(), leaf->nodes(), leaf->count, anchor)};
  }
  /// Calls `visit` for every entry from the end (or the beginning) until it returns true; whether it did.
  template <class Visit>
  bool any(bool from_end, Visit&& visit) const {
    if (!from_end) {
      for (Iterator at = begin(); at != end(); ++at) {
        if (visit(*at)) return true;
      }
      return false;
    }
    for (const Leaf* leaf = edge<true>(); leaf != nullptr; leaf = leaf->previous) {
      for (uint32_t i = leaf->count; i-- > 0;) {
        if (visit(KeyEntry<Node>{leaf->ranks()[i], leaf->nodes()[i]})) return true;
      }
    }
    return false;
  }

  /// Where a key is, or would be.
  class Place {
   public:
    Node* node() const { return found ? leaf->nodes()[index] : nullptr; }

   private:
    friend class KeyTree;
    struct Step {
      Inner* inner;
      uint32_t index;
    };
    static constexpr uint32_t kDepthMax = 24;
    Step path[kDepthMax];
    uint32_t depth = 0;
    Leaf* leaf = nullptr;
    uint32_t index = 0;
    bool found = false;
  };
  void seek(const KeyProbe& key, Place& place) const {
    place.depth = 0;
    place.found = false;
    place.leaf = nullptr;
    place.index = 0;
    if (root_ == nullptr) return;
    void* at = root_;
    for (uint32_t level = height_; level > 0; level--) {
      auto* inner = static_cast<Inner*>(at);
      const uint32_t index = count_until<true>(inner->ranks(), inner->firsts(), inner->count - 1, key);
      place.path[place.depth++] = {inner, index};
      at = inner->children()[index];
      prefetch(at, level - 1);
    }
    place.leaf = static_cast<Leaf*>(at);
    const Leaf& leaf = *place.leaf;
    place.index = count_until<false>(leaf.ranks(), leaf.nodes(), leaf.count, key);
    place.found = place.index < leaf.count && compare(leaf.ranks()[place.index], leaf.nodes()[place.index], key) == 0;
  }
  /// At the place where it would be. The place is no longer valid.
  void insert(Memory& memory, Place& place, uint64_t rank, Node* node);
  /// What is at the place, which was found.
  void erase(Memory& memory, Place& place);
  void erase(Memory& memory, const KeyProbe& key) {
    Place place;
    seek(key, place);
    DX_CHECK(place.found, "a key that is not in its tree is erased");
    erase(memory, place);
  }
  /// Takes the last one out; null when there is none.
  Node* take_last(Memory& memory);
  /// Of the tree's own memory: what one more key may take.
  uint64_t insert_cost() const {
    return chunk_bytes(Leaf::bytes(kLeaf)) + (height_ == 0 ? 0 : (height_ + 1) * chunk_bytes(Inner::bytes(kInner))) +
           chunk_bytes(Inner::bytes(kInnerFirst));
  }
  static constexpr uint64_t first_cost() { return chunk_bytes(Leaf::bytes(1)); }

 private:
  static constexpr uint32_t kAhead = 8;
  static void fetch_node(const Node* node) {
    const auto* bytes = reinterpret_cast<const char*>(node);
    __builtin_prefetch(bytes);
    __builtin_prefetch(bytes + 64);  // most nodes lie in two lines
  }

  static constexpr uint32_t kLeaf = 32;
  static constexpr uint32_t kInner = 64;  // children
  static constexpr uint32_t kInnerFirst = 4;

  struct Inner {
    uint32_t count = 0, capacity = 0;  // children
    // behind: ranks and nodes of the first entry below each child but the first; children
    uint64_t* ranks() const { return reinterpret_cast<uint64_t*>(const_cast<Inner*>(this) + 1); }
    Node** firsts() const { return reinterpret_cast<Node**>(ranks() + capacity - 1); }
    void** children() const { return reinterpret_cast<void**>(firsts() + capacity - 1); }
    static constexpr size_t bytes(uint32_t capacity) { return sizeof(Inner) + (3 * capacity - 2) * sizeof(uint64_t); }
  };

  static int compare(uint64_t rank, const Node* node, const KeyProbe& key) {
    if (rank != key.rank) return rank < key.rank ? -1 : 1;
    return compare_equal_ranks(node->key(), key.bytes, key.lexical);
  }
  static int compare(uint64_t rank, const Node* node, const KeyAnchor& anchor) {
    return compare_with_anchor(rank, node->key(), node->lexical(), anchor);
  }
  static bool same_bytes(ByteSpan a, ByteSpan b) { return as_text(a) == as_text(b); }
  static uint32_t count_ranks_before(const uint64_t* ranks, uint32_t count, uint64_t rank) {
    uint32_t low = 0;
    for (uint32_t length = count; length > 0;) {  // without branches: which half is chance
      const uint32_t half = (length + 1) / 2;
      low += ranks[low + half - 1] < rank ? half : 0;
      length -= half;
    }
    return low;
  }
  /// How many of the entries stand before the key, or (kInclusive) before or at it.
  template <bool kInclusive>
  static uint32_t count_until(const uint64_t* ranks, Node* const* nodes, uint32_t count, const KeyProbe& key) {
    uint32_t low = count_ranks_before(ranks, count, key.rank);
    if (low == count || ranks[low] != key.rank) return low;
    uint32_t high = static_cast<uint32_t>(std::upper_bound(ranks + low, ranks + count, key.rank) - ranks);
    while (low < high) {
      const uint32_t middle = low + (high - low) / 2;
      const int order = compare_equal_ranks(nodes[middle]->key(), key.bytes, key.lexical);
      if (order < 0 || (kInclusive && order == 0)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  template <bool kInclusive>
  static uint32_t count_until(const uint64_t* ranks, Node* const* nodes, uint32_t count, const KeyAnchor& anchor) {
    uint32_t low = 0;
    for (uint32_t high = count; low < high;) {
      const uint32_t middle = low + (high - low) / 2;
      const int order = compare(ranks[middle], nodes[middle], anchor);
      if (order < 0 || (kInclusive && order == 0)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
  /// The lines that a search will look at, all at once instead of one after the other.
  static void prefetch(const void* at, uint32_t level) {
    if (level > 1) return;  // what is higher is used often enough
    constexpr size_t kRanks = sizeof(Inner) + kInner * sizeof(uint64_t);
    const auto* bytes = static_cast<const char*>(at);
    for (size_t line = 0; line < (level == 0 ? Leaf::bytes(kLeaf) : kRanks); line += 64)
      __builtin_prefetch(bytes + line);
  }
  template <class Key>
  const Leaf* leaf_of(const Key& key) const {
    const void* at = root_;
    for (uint32_t level = height_; level > 0; level--) {
      const auto* inner = static_cast<const Inner*>(at);
      at = inner->children()[count_until<true>(inner->ranks(), inner->firsts(), inner->count - 1, key)];
      prefetch(at, level - 1);
    }
    return static_cast<const Leaf*>(at);
  }
  /// The first leaf, or the last.
  template <bool kLast>
  const Leaf* edge() const {
    const void* at = root_;
    for (uint32_t level = height_; level > 0; level--) {
      const auto* inner = static_cast<const Inner*>(at);
      at = inner->children()[kLast ? inner->count - 1 : 0];
    }
    return static_cast<const Leaf*>(at);
  }

  static Leaf* make_leaf(Memory& memory, uint32_t capacity) {
    auto* leaf = new (memory.allocate(Leaf::bytes(capacity))) Leaf;
    leaf->capacity = capacity;
    return leaf;
  }
  static Inner* make_inner(Memory& memory, uint32_t capacity) {
    auto* inner = new (memory.allocate(Inner::bytes(capacity))) Inner;
    inner->capacity = capacity;
    return inner;
  }
  static void release(Memory& memory, Leaf* leaf) { memory.release(leaf, Leaf::bytes(leaf->capacity)); }
  static void release(Memory& memory, Inner* inner) { memory.release(inner, Inner::bytes(inner->capacity)); }

  /// Where the tree points at what is at this depth of the path.
  void*& slot(Place& place, uint32_t depth) {
    return depth == 0 ? root_ : place.path[depth - 1].inner->children()[place.path[depth - 1].index];
  }
  void put(Leaf& leaf, uint32_t index, uint64_t rank, Node* node) {
    const uint32_t behind = leaf.count - index;
    std::memmove(leaf.ranks() + index + 1, leaf.ranks() + index, behind * sizeof(uint64_t));
    std::memmove(leaf.nodes() + index + 1, leaf.nodes() + index, behind * sizeof(Node*));
    leaf.ranks()[index] = rank;
    leaf.nodes()[index] = node;
    leaf.count++;
  }
  void append(Leaf& to, const Leaf& from, uint32_t first) {
    std::memcpy(to.ranks() + to.count, from.ranks() + first, (from.count - first) * sizeof(uint64_t));
    std::memcpy(to.nodes() + to.count, from.nodes() + first, (from.count - first) * sizeof(Node*));
    to.count += from.count - first;
  }
  Leaf* grow(Memory& memory, Place& place) {
    Leaf* old = place.leaf;
    Leaf* leaf = make_leaf(memory, std::min(old->capacity * 2, kLeaf));
    append(*leaf, *old, 0);
    leaf->previous = old->previous;
    leaf->next = old->next;
    if (leaf->previous != nullptr) leaf->previous->next = leaf;
    if (leaf->next != nullptr) leaf->next->previous = leaf;
    slot(place, place.depth) = leaf;
    release(memory, old);
    return leaf;
  }
  void insert_child(Memory& memory, Place& place, uint32_t depth, uint64_t rank, Node* first, void* child);
  static void put_child(Inner& inner, uint32_t index, uint64_t rank, Node* first, void* child) {
    const uint32_t behind = inner.count - index;  // children behind it
    std::memmove(inner.ranks() + index, inner.ranks() + index - 1, behind * sizeof(uint64_t));
    std::memmove(inner.firsts() + index, inner.firsts() + index - 1, behind * sizeof(Node*));
    std::memmove(inner.children() + index + 1, inner.children() + index, behind * sizeof(void*));
    inner.ranks()[index - 1] = rank;
    inner.firsts()[index - 1] = first;
    inner.children()[index] = child;
    inner.count++;
  }
  /// The first entry below the path's subtree at `depth` has changed.
  static void set_first(Place& place, uint32_t depth, uint64_t rank, Node* first) {
    while (depth > 0) {
      depth--;
      const auto& step = place.path[depth];
      if (step.index == 0) continue;
      step.inner->ranks()[step.index - 1] = rank;
      step.inner->firsts()[step.index - 1] = first;
      return;
    }
  }
  void remove_child(Memory& memory, Place& place, uint32_t depth, uint32_t index);
  void merge(Memory& memory, Place& place);

  void* root_ = nullptr;
  uint64_t height_ : 8 = 0;  // levels above the leaves
  uint64_t size_ : 56 = 0;
};

template <class Node>
void KeyTree<Node>::insert(Memory& memory, Place& place, uint64_t rank, Node* node) {
  size_++;
  memory.tree_changes++;
  if (root_ == nullptr) {
    Leaf* leaf = make_leaf(memory, 1);
    put(*leaf, 0, rank, node);
    root_ = leaf;
    return;
  }
  Leaf* leaf = place.leaf;
  if (leaf->count < leaf->capacity || leaf->capacity < kLeaf) {
    if (leaf->count == leaf->capacity) leaf = grow(memory, place);
    put(*leaf, place.index, rank, node);
    return;
  }
  Leaf* right = make_leaf(memory, kLeaf);
  right->previous = leaf;
  right->next = leaf->next;
  if (right->next != nullptr) right->next->previous = right;
  leaf->next = right;
  // Keys that come in order leave full leaves behind.
  const bool at_end = right->next == nullptr && place.index == leaf->count;
  const uint32_t kept = at_end ? leaf->count : kLeaf / 2;
  append(*right, *leaf, kept);
  leaf->count = kept;
  if (place.index > kept || at_end) {
    put(*right, place.index - kept, rank, node);
  } else {
    put(*leaf, place.index, rank, node);
  }
  insert_child(memory, place, place.depth, right->ranks()[0], right->nodes()[0], right);
}

/// Puts `child` behind the one that the path goes through at `depth` - 1.
template <class Node>
void KeyTree<Node>::insert_child(Memory& memory, Place& place, uint32_t depth, uint64_t rank, Node* first,
                                 void* child) {
  if (depth == 0) {
    Inner* root = make_inner(memory, height_ == 0 ? kInnerFirst : kInner);
    root->children()[0] = root_;
    root->count = 1;
    put_child(*root, 1, rank, first, child);
    root_ = root;
    height_++;
    DX_CHECK(height_ < Place::kDepthMax, "a tree of {} keys is {} high", size(), static_cast<uint32_t>(height_));
    return;
  }
  Inner* inner = place.path[depth - 1].inner;
  const uint32_t index = place.path[depth - 1].index + 1;
  if (inner->count == inner->capacity && inner->capacity < kInner) {
    Inner* larger = make_inner(memory, std::min(inner->capacity * 4, kInner));
    larger->count = inner->count;
    std::memcpy(larger->ranks(), inner->ranks(), (inner->count - 1) * sizeof(uint64_t));
    std::memcpy(larger->firsts(), inner->firsts(), (inner->count - 1) * sizeof(Node*));
    std::memcpy(larger->children(), inner->children(), inner->count * sizeof(void*));
    slot(place, depth - 1) = larger;
    release(memory, inner);
    inner = larger;
  }
  if (inner->count < inner->capacity) {
    put_child(*inner, index, rank, first, child);
    return;
  }
  Inner* right = make_inner(memory, kInner);
  if (index == inner->count) {  // in order: the full one stays full
    right->children()[0] = child;
    right->count = 1;
    insert_child(memory, place, depth - 1, rank, first, right);
    return;
  }
  const uint32_t kept = inner->count / 2;
  const uint64_t up_rank = inner->ranks()[kept - 1];
  Node* up_first = inner->firsts()[kept - 1];
  right->count = inner->count - kept;
  std::memcpy(right->ranks(), inner->ranks() + kept, (right->count - 1) * sizeof(uint64_t));
  std::memcpy(right->firsts(), inner->firsts() + kept, (right->count - 1) * sizeof(Node*));
  std::memcpy(right->children(), inner->children() + kept, right->count * sizeof(void*));
  inner->count = kept;
  if (index <= kept) {
    put_child(*inner, index, rank, first, child);
  } else {
    put_child(*right, index - kept, rank, first, child);
  }
  insert_child(memory, place, depth - 1, up_rank, up_first, right);
}

template <class Node>
void KeyTree<Node>::erase(Memory& memory, Place& place) {
  Leaf* leaf = place.leaf;
  const uint32_t behind = leaf->count - place.index - 1;
  std::memmove(leaf->ranks() + place.index, leaf->ranks() + place.index + 1, behind * sizeof(uint64_t));
  std::memmove(leaf->nodes() + place.index, leaf->nodes() + place.index + 1, behind * sizeof(Node*));
  leaf->count--;
  size_--;
  memory.tree_changes++;
  if (leaf->count > 0) {
    if (place.index == 0) set_first(place, place.depth, leaf->ranks()[0], leaf->nodes()[0]);
    if (leaf->count <= kLeaf / 4 && place.depth > 0) merge(memory, place);
    return;
  }
  if (leaf->previous != nullptr) leaf->previous->next = leaf->next;
  if (leaf->next != nullptr) leaf->next->previous = leaf->previous;
  release(memory, leaf);
  if (place.depth == 0) {
    root_ = nullptr;
  } else {
    remove_child(memory, place, place.depth - 1, place.path[place.depth - 1].index);
  }
}

/// Of a leaf that has become small, with a neighbour below the same node.
template <class Node>
void KeyTree<Node>::merge(Memory& memory, Place& place) {
  const auto& step = place.path[place.depth - 1];
  const Inner& inner = *step.inner;
  if (inner.count < 2) return;
  const uint32_t left_index = step.index + 1 < inner.count ? step.index : step.index - 1;
  auto* left = static_cast<Leaf*>(inner.children()[left_index]);
  auto* right = static_cast<Leaf*>(inner.children()[left_index + 1]);
  if (left->count + right->count > kLeaf * 3 / 4) return;
  append(*left, *right, 0);
  left->next = right->next;
  if (left->next != nullptr) left->next->previous = left;
  release(memory, right);
  remove_child(memory, place, place.depth - 1, left_index + 1);
}

template <class Node>
void KeyTree<Node>::remove_child(Memory& memory, Place& place, uint32_t depth, uint32_t index) {
  Inner* inner = place.path[depth].inner;
  if (inner->count == 1) {
    release(memory, inner);
    if (depth > 0) {
      remove_child(memory, place, depth - 1, place.path[depth - 1].index);
    } else {
      root_ = nullptr;
      height_ = 0;
    }
    return;
  }
  if (index == 0) set_first(place, depth, inner->ranks()[0], inner->firsts()[0]);
  const uint32_t separator = index == 0 ? 0 : index - 1;
  const uint32_t behind = inner->count - 1 - index;
  std::memmove(inner->ranks() + separator, inner->ranks() + separator + 1,
               (inner->count - 2 - separator) * sizeof(uint64_t));
  std::memmove(inner->firsts() + separator, inner->firsts() + separator + 1,
               (inner->count - 2 - separator) * sizeof(Node*));
  std::memmove(inner->children() + index, inner->children() + index + 1, behind * sizeof(void*));
  inner->count--;
  while (height_ > 0) {
    auto* root = static_cast<Inner*>(root_);
    if (root->count > 1) break;
    root_ = root->children()[0];
    height_--;
    release(memory, root);
  }
}

template <class Node>
Node* KeyTree<Node>::take_last(Memory& memory) {
  if (root_ == nullptr) return nullptr;
  Place place;
  void* at = root_;
  for (uint32_t level = height_; level > 0; level--) {
    auto* inner = static_cast<Inner*>(at);
    place.path[place.depth++] = {inner, inner->count - 1};
    at = inner->children()[inner->count - 1];
  }
  place.leaf = static_cast<Leaf*>(at);
  place.index = place.leaf->count - 1;
  place.found = true;
  Node* node = place.leaf->nodes()[place.index];
  erase(memory, place);
  return node;
}

}  // namespace daos::vos
