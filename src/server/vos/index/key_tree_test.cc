// The tree of keys against an ordered map: keys in order, at random and with equal ranks, put in, taken out and sought.
#include "server/vos/index/key_tree.h"

#include <gtest/gtest.h>

#include <map>

#include "platform/base/hash.h"
#include "server/vos/index/index_model.h"

namespace daos::vos::test {
namespace {

struct Key {
  std::string text;
  bool is_lexical = false;
  ByteSpan key() const { return as_bytes(text); }
  bool lexical() const { return is_lexical; }
};

/// Where the model has a key: as docs in keys.h say, by the order string.
std::string order_of(classes::KeyKind kind, const std::string& text) {
  std::string order;
  append_order(order, kind, as_bytes(text));
  return order;
}

class Pair {
 public:
  explicit Pair(classes::KeyKind kind) : kind_(kind) {}
  ~Pair() {
    while (Key* key = tree.take_last(memory)) delete key;
    EXPECT_EQ(memory.used, 0u);
  }
  void insert(const std::string& text) {
    KeyTree<Key>::Place place;
    const KeyProbe probe = probe_of(kind_, as_bytes(text));
    tree.seek(probe, place);
    ASSERT_EQ(place.node() != nullptr, model.contains(order_of(kind_, text)));
    if (place.node() != nullptr) return;
    const uint64_t before = memory.used;
    const uint64_t cost = tree.empty() ? KeyTree<Key>::first_cost() : tree.insert_cost();
    Key* key = new Key{.text = text, .is_lexical = probe.lexical};
    tree.insert(memory, place, probe.rank, key);
    ASSERT_LE(memory.used, before + cost);
    model[order_of(kind_, text)] = key;
  }
  void erase(const std::string& text) {
    const auto found = model.find(order_of(kind_, text));
    if (found == model.end()) return;
    tree.erase(memory, probe_of(kind_, as_bytes(text)));
    delete found->second;
    model.erase(found);
  }
  void compare() const {
    ASSERT_EQ(tree.size(), model.size());
    auto expected = model.begin();
    for (auto at = tree.begin(); at != tree.end(); ++at, ++expected) ASSERT_EQ(at.node(), expected->second);
    ASSERT_EQ(expected, model.end());
    auto backwards = model.rbegin();
    tree.any(true, [&](const KeyEntry<Key>& entry) { return entry.node != (backwards++)->second; });
    ASSERT_EQ(backwards, model.rend());
    ASSERT_EQ(tree.last(), model.empty() ? nullptr : model.rbegin()->second);
  }
  void seek(const std::string& text) const {
    const auto found = model.lower_bound(order_of(kind_, text));
    const bool there = found != model.end() && found->first == order_of(kind_, text);
    const KeyProbe probe = probe_of(kind_, as_bytes(text));
    ASSERT_EQ(tree.find(probe), there ? found->second : nullptr) << text;
    const auto at = tree.lower_bound(probe);
    ASSERT_EQ(at == tree.end() ? nullptr : at.node(), found == model.end() ? nullptr : found->second);
    const auto behind = there ? std::next(found) : found;
    const auto after = tree.upper_bound(anchor_at(kind_, as_bytes(text)));
    ASSERT_EQ(after == tree.end() ? nullptr : after.node(), behind == model.end() ? nullptr : behind->second);
  }

  KeyTree<Key> tree;
  Memory memory;
  std::map<std::string, Key*> model;

 private:
  classes::KeyKind kind_;
};

/// Many lexical keys share their first eight bytes, and some the first eighty.
std::string key_text(classes::KeyKind kind, uint64_t number) {
  if (kind == classes::KeyKind::kUint64) return {reinterpret_cast<const char*>(&number), sizeof number};
  if (number % 7 == 0) return std::string(85, 'p') + std::to_string(number);
  return fmt::format("file-{:08}", number);
}

TEST(KeyTree, HoldsWhatAnOrderedMapHolds) {
  for (const classes::KeyKind kind :
       {classes::KeyKind::kHashed, classes::KeyKind::kLexical, classes::KeyKind::kUint64}) {
    for (uint64_t seed = 0; seed < 4; seed++) {
      Random random(seed);
      Pair pair(kind);
      const uint64_t keys = seed == 0 ? 40 : 6000;
      for (uint64_t round = 0; round < 4; round++) {
        const bool in_order = random.one_in(2);
        for (uint64_t i = 0; i < keys; i++) {
          ASSERT_NO_FATAL_FAILURE(pair.insert(key_text(kind, in_order ? i : random.below(keys * 2))));
        }
        ASSERT_NO_FATAL_FAILURE(pair.compare());
        for (uint64_t i = 0; i < 500; i++) ASSERT_NO_FATAL_FAILURE(pair.seek(key_text(kind, random.below(keys * 2))));
        const uint64_t from = random.below(keys);
        for (uint64_t i = 0; i < keys * 2; i++) {
          if (random.below(16) < 4 * (round + 1)) pair.erase(key_text(kind, in_order ? (from + i) % (2 * keys) : i));
        }
        ASSERT_NO_FATAL_FAILURE(pair.compare());
        for (uint64_t i = 0; i < 500; i++) ASSERT_NO_FATAL_FAILURE(pair.seek(key_text(kind, random.below(keys * 2))));
      }
    }
  }
}

TEST(KeyTree, KeysOfEqualRankHavePlacesOfTheirOwn) {
  Pair pair(classes::KeyKind::kLexical);
  for (uint64_t i = 0; i < 3000; i++) ASSERT_NO_FATAL_FAILURE(pair.insert("same rank" + std::to_string(i * 17 % 3000)));
  ASSERT_NO_FATAL_FAILURE(pair.compare());
  for (uint64_t i = 0; i < 3001; i++) ASSERT_NO_FATAL_FAILURE(pair.seek("same rank" + std::to_string(i)));
}

TEST(KeyTree, KeysInOrderFillTheirLeaves) {
  Pair pair(classes::KeyKind::kUint64);
  constexpr uint64_t kKeys = 20'000;
  for (uint64_t i = 0; i < kKeys; i++) ASSERT_NO_FATAL_FAILURE(pair.insert(key_text(classes::KeyKind::kUint64, i)));
  EXPECT_LT(pair.memory.used / kKeys, 19u);  // 16 bytes of them are the entry
}

}  // namespace
}  // namespace daos::vos::test
