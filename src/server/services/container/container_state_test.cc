// Goal: who may open what beside whom, which times change when, and what a destruction takes with it: the rules of the
// API.
#include "server/services/container/container_state.h"

#include <gtest/gtest.h>

namespace daos::services {
namespace {

Uuid id(uint64_t number) { return Uuid::from_random(number + 1, 0); }
const messages::ContainerId kTank = id(1);
const messages::HandleId kPoolHandle = id(2);

class ContainersTest : public testing::Test {
 protected:
  ContainersTest() {
    EXPECT_TRUE(containers_.create(kTank, {{.type = kContainerLabelProperty, .text = "tank"}}, 100).ok());
  }
  Result<Containers::Opened> open(uint64_t handle, uint32_t flags, std::string user = "alice@", uint64_t now = 200) {
    return containers_.open(id(handle), {.pool_handle = kPoolHandle, .flags = flags, .user = std::move(user)}, "tank",
                            now);
  }
  messages::ContainerInfo info() { return *containers_.info(kTank); }
  Containers containers_;
};

TEST_F(ContainersTest, AreFoundByLabelAndByUuid) {
  EXPECT_TRUE(containers_.open(id(10), {.flags = kOpenReadOnly}, "tank", 1).ok());
  EXPECT_TRUE(containers_.open(id(11), {.flags = kOpenReadOnly}, kTank.to_string(), 1).ok());
  EXPECT_EQ(containers_.open(id(12), {.flags = kOpenReadOnly}, "pond", 1).code(), Code::kNonexistent);
  EXPECT_EQ(containers_.open(id(12), {.flags = kOpenReadOnly}, id(99).to_string(), 1).code(), Code::kNonexistent);
}

TEST_F(ContainersTest, ALabelIsTakenOnceAndARepetitionIsNone) {
  EXPECT_EQ(containers_.create(id(5), {{.type = kContainerLabelProperty, .text = "tank"}}, 1).code(), Code::kExists);
  EXPECT_TRUE(containers_.create(kTank, {{.type = kContainerLabelProperty, .text = "tank"}}, 999).ok());
  EXPECT_EQ(info().open_time, 100u) << "a repetition changes nothing";
  EXPECT_TRUE(containers_.create(id(6), {}, 1).ok());
  EXPECT_TRUE(containers_.create(id(7), {}, 1).ok()) << "no label is no label twice";
  EXPECT_EQ(containers_.size(), 3u);
}

TEST_F(ContainersTest, FlagsThatDoNotGoTogetherAreRefused) {
  for (const uint32_t flags :
       {0u, kOpenReadOnly | kOpenReadWrite, kOpenReadWrite | kOpenExclusive, kOpenExclusive | kOpenEvict,
        kOpenReadOnly | kOpenEvictAll, kOpenReadWrite | kOpenEvictAll, kOpenReadWrite | kOpenEvict | kOpenEvictAll,
        kOpenReadOnly | 1u << 8, uint32_t{kOpenForce}}) {
    EXPECT_EQ(open(10, flags).code(), Code::kInvalid) << flags;
  }
  for (const uint32_t flags :
       {kOpenReadOnly | kOpenForce, kOpenReadWrite | kOpenNewLayout, kOpenReadOnly | kOpenEvict}) {
    EXPECT_TRUE(open(20 + flags, flags).ok()) << flags;
  }
}

TEST_F(ContainersTest, AnExclusiveHandleIsAlone) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  EXPECT_EQ(open(11, kOpenExclusive).code(), Code::kBusy);
  EXPECT_TRUE(containers_.close(id(10), 1));
  ASSERT_TRUE(open(11, kOpenExclusive).ok());
  EXPECT_EQ(open(12, kOpenReadOnly).code(), Code::kBusy);
  EXPECT_EQ(open(12, kOpenReadWrite | kOpenEvict, "bob@").code(), Code::kBusy) << "only one's own handles are evicted";
  EXPECT_TRUE(containers_.rights(id(11))->may_write);
  EXPECT_TRUE(open(11, kOpenExclusive).ok()) << "the same handle again is a repetition";
  EXPECT_EQ(info().handles, 1u);
}

TEST_F(ContainersTest, EvictingTakesOnesOwnHandlesAndEvictingAllTakesAll) {
  ASSERT_TRUE(open(10, kOpenReadWrite, "alice@").ok());
  ASSERT_TRUE(open(11, kOpenReadWrite, "bob@").ok());
  const auto mine = open(12, kOpenReadWrite | kOpenEvict, "alice@");
  ASSERT_TRUE(mine.ok());
  EXPECT_EQ(mine->evicted.handles, std::vector<Uuid>{id(10)});
  EXPECT_EQ(mine->info.handles, 2u);
  EXPECT_EQ(containers_.rights(id(10)).code(), Code::kNoHandle);
  const auto all = open(13, kOpenExclusive | kOpenEvictAll, "alice@");
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->evicted.handles.size(), 2u);
  EXPECT_EQ(info().handles, 1u);
}

TEST_F(ContainersTest, ARefusedOpenEvictsNobody) {
  ASSERT_TRUE(open(10, kOpenReadWrite, "alice@").ok());
  ASSERT_TRUE(open(11, kOpenReadWrite, "bob@").ok());
  EXPECT_EQ(open(12, kOpenExclusive, "alice@").code(), Code::kBusy);
  EXPECT_EQ(info().handles, 2u);
}

TEST_F(ContainersTest, OpensAndClosesSetTimesUnlessAskedNotTo) {
  EXPECT_EQ(info().open_time, 100u);
  EXPECT_EQ(info().modify_time, 100u);
  EXPECT_EQ(open(10, kOpenReadOnly, "a", 200)->info.open_time, 200u) << "the answer has the new time";
  EXPECT_TRUE(containers_.close(id(10), 300));
  EXPECT_EQ(info().modify_time, 300u);
  EXPECT_EQ(open(11, kOpenReadOnly | kOpenKeepTimes, "a", 400)->info.open_time, 200u);
  EXPECT_TRUE(containers_.close(id(11), 500));
  EXPECT_EQ(info().modify_time, 300u);
  EXPECT_TRUE(open(12, kOpenReadWrite | kOpenKeepTimes, "a", 600).ok());  // only a reader can leave no trace
  EXPECT_EQ(info().open_time, 600u);
  EXPECT_FALSE(containers_.close(id(99), 700));
}

TEST_F(ContainersTest, RightsFollowTheMode) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  ASSERT_TRUE(open(11, kOpenReadWrite).ok());
  EXPECT_FALSE(containers_.rights(id(10))->may_write);
  EXPECT_TRUE(containers_.rights(id(10))->may_read);
  EXPECT_TRUE(containers_.rights(id(11))->may_write);
  EXPECT_EQ(containers_.rights(id(11))->container, kTank);
}

TEST_F(ContainersTest, DestroyingWaitsForHandlesOrTakesThem) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  EXPECT_EQ(containers_.destroy("tank", false).code(), Code::kBusy);
  const auto destroyed = containers_.destroy("tank", true);
  ASSERT_TRUE(destroyed.ok());
  EXPECT_EQ(destroyed->container, kTank);
  EXPECT_EQ(destroyed->evicted.handles, std::vector<Uuid>{id(10)});
  EXPECT_EQ(containers_.info_of_handle(id(10)).code(), Code::kNoHandle);
  EXPECT_EQ(containers_.destroy("tank", true).code(), Code::kNonexistent);
  EXPECT_TRUE(containers_.create(id(5), {{.type = kContainerLabelProperty, .text = "tank"}}, 1).ok())
      << "the label is free";
}

TEST_F(ContainersTest, APoolHandleTakesItsContainerHandlesAlong) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  ASSERT_TRUE(containers_.open(id(11), {.pool_handle = id(3), .flags = kOpenReadOnly}, "tank", 1).ok());
  EXPECT_TRUE(containers_.has_open(kPoolHandle));
  EXPECT_EQ(containers_.close_all_of(kPoolHandle, 900).handles, std::vector<Uuid>{id(10)});
  EXPECT_FALSE(containers_.has_open(kPoolHandle));
  EXPECT_TRUE(containers_.has_open(id(3)));
  EXPECT_EQ(info().modify_time, 900u);
}

TEST_F(ContainersTest, AreListedByLabel) {
  ASSERT_TRUE(containers_.create(id(5), {{.type = kContainerLabelProperty, .text = "aqua"}}, 1).ok());
  ASSERT_TRUE(containers_.create(id(4), {}, 1).ok());
  std::vector<std::string> labels;
  for (const auto& entry : containers_.list()) labels.push_back(entry.label);
  EXPECT_EQ(labels, (std::vector<std::string>{"", "aqua", "tank"}));
}

}  // namespace
}  // namespace daos::services
