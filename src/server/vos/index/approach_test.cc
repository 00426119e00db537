// Goal: whatever happens to a key and its neighbours between the steps of an approach, nothing freed is read (the
// address sanitizer watches) and the look-up behind it sees what is there.
#include "server/vos/index/index_history.h"

namespace daos::vos::test {
namespace {

const Uuid kContainer = Uuid::from_random(1, 1);
const classes::ObjectId kObject{.lo = 1, .hi = 0};

std::string key_of(uint64_t number) { return "key " + std::to_string(number); }
KeyPath path_of(const std::string& dkey) {
  return {.container = kContainer, .object = kObject, .dkey = as_bytes(dkey), .akey = as_bytes("a")};
}

TEST(Approach, EndsAtTheKeyAndFindsIt) {
  Index index;
  index.apply(update_of(kContainer, kObject, "here", "a", "value", 1), journal::Position(1));
  Index::Approach at;
  const std::string here = "here";
  int steps = 1;
  while (index.approach(path_of(here), at)) steps++;
  EXPECT_EQ(steps, 4);  // leaf, node, value, done
  EXPECT_EQ(as_text(index.single(path_of(here), kLatest).data.bytes.bytes()), "value");
  at = {};
  const std::string missing = "missing";
  while (index.approach(path_of(missing), at)) {
  }
  EXPECT_FALSE(index.single(path_of(missing), kLatest).exists);
}

TEST(Approach, ChangesInBetweenDoNotMatter) {
  for (uint64_t seed = 0; seed < 30; seed++) {
    Random random(seed);
    Index index;
    std::map<std::string, std::string> model;
    struct UnderWay {
      std::string key;
      Index::Approach at;
    };
    std::vector<UnderWay> under_way(8);
    uint64_t epoch = 1;
    for (int step = 0; step < 4000; step++) {
      UnderWay& one = under_way[random.below(under_way.size())];
      if (one.key.empty()) one.key = key_of(random.below(300));
      if (!index.approach(path_of(one.key), one.at)) {
        const SingleView view = index.single(path_of(one.key), kLatest);
        const auto expected = model.find(one.key);
        ASSERT_EQ(view.exists, expected != model.end()) << one.key << " seed " << seed;
        if (view.exists) ASSERT_EQ(as_text(view.data.bytes.bytes()), expected->second) << one.key << " seed " << seed;
        one = {};
      }
      if (!random.one_in(3)) continue;
      const std::string key = key_of(random.below(300));
      epoch++;
      if (random.one_in(2)) {
        model[key] = std::to_string(epoch);
        index.apply(update_of(kContainer, kObject, key, "a", model[key], epoch), journal::Position(epoch));
      } else {
        model.erase(key);
        index.apply(dkey_punch_of(kContainer, kObject, key, epoch), journal::Position(epoch));
      }
      if (random.one_in(500)) {
        model.clear();
        index.destroy(kContainer);
      }
      Freed freed;
      index.reclaim({}, 20, freed);
    }
  }
}

}  // namespace
}  // namespace daos::vos::test
