// Goal: the pool's state machine keeps its rules, depends on its commands alone, and survives a snapshot.
#include "server/services/pool/pool_state.h"

#include "server/services/state_test_support.h"

namespace daos::services {
namespace {

using messages::PoolAccess;

Uuid id(uint64_t number) { return Uuid::from_random(number + 1, 0); }

class PoolStateTest : public testing::Test {
 protected:
  PoolStateTest() {
    EXPECT_TRUE(pool_(PoolInit{.pool = id(1),
                               .label = "tank",
                               .ranks = {map::Rank(0), map::Rank(3)},
                               .map = ByteVector(10, std::byte(7)),
                               .properties = {{.type = 3, .number = 4}}})
                    .ok());
  }
  ~PoolStateTest() override {
    pool_.expect_determined();
    pool_.expect_refuses_what_it_cannot_read();
  }
  Code connect(uint64_t handle, PoolAccess access, uint64_t client = 50) {
    return pool_(PoolConnect{.handle = id(handle),
                             .what = {.access = access, .client = id(client), .credential = {.user = "alice@"}}})
        .code();
  }
  Result<Containers::Opened> open(uint64_t pool_handle, uint64_t handle, std::string container = "c") {
    return pool_(ContainerOpen{.pool_handle = id(pool_handle),
                               .handle = id(handle),
                               .container = std::move(container),
                               .flags = kOpenReadWrite,
                               .now = 5});
  }
  Code create(uint64_t pool_handle, uint64_t container, std::string label) {
    return pool_(ContainerCreate{.pool_handle = id(pool_handle),
                                 .container = id(container),
                                 .properties = {{.type = kContainerLabelProperty, .text = std::move(label)}}})
        .code();
  }
  Commanded<PoolState> pool_;
};

TEST_F(PoolStateTest, HandlesAreSharedOrExclusive) {
  EXPECT_EQ(connect(10, PoolAccess::kReadOnly), Code::kOk);
  EXPECT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  EXPECT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  EXPECT_EQ(pool_.state().handle_count(), 2u);
  EXPECT_EQ(connect(12, PoolAccess::kExclusive), Code::kBusy);
  EXPECT_TRUE(pool_(PoolDisconnect{.handle = id(10)}).ok());
  EXPECT_TRUE(pool_(PoolDisconnect{.handle = id(11)}).ok());
  EXPECT_TRUE(pool_(PoolDisconnect{.handle = id(11)}).ok());
  EXPECT_EQ(connect(12, PoolAccess::kExclusive), Code::kOk);
  EXPECT_EQ(connect(13, PoolAccess::kReadOnly), Code::kBusy);
}

TEST_F(PoolStateTest, AnUnknownAccessIsRefused) {
  for (const int access : {0, 3, 7, 255})
    EXPECT_EQ(connect(10, static_cast<PoolAccess>(access)), Code::kInvalid) << access;
}

TEST_F(PoolStateTest, AReadOnlyHandleMakesAndDestroysNoContainer) {
  ASSERT_EQ(connect(10, PoolAccess::kReadOnly), Code::kOk);
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  EXPECT_EQ(create(10, 20, "c"), Code::kNoPerm);
  EXPECT_EQ(create(99, 20, "c"), Code::kNoHandle);
  EXPECT_EQ(create(11, 20, "c"), Code::kOk);
  EXPECT_EQ(pool_(ContainerDestroy{.pool_handle = id(10), .container = "c"}).code(), Code::kNoPerm);
  EXPECT_TRUE(open(10, 30).ok()) << "but it opens one for writing: the container's own rights decide";
  EXPECT_EQ(open(99, 31).code(), Code::kNoHandle);
}

TEST_F(PoolStateTest, DisconnectingWaitsForContainers) {
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  ASSERT_EQ(create(11, 20, "c"), Code::kOk);
  ASSERT_TRUE(open(11, 30).ok());
  EXPECT_EQ(pool_(PoolDisconnect{.handle = id(11)}).code(), Code::kBusy);
  EXPECT_EQ(pool_(ContainerClose{.handle = id(30), .now = 6})->handles, std::vector<Uuid>{id(30)});
  EXPECT_TRUE(pool_(ContainerClose{.handle = id(30), .now = 7})->handles.empty());
  EXPECT_TRUE(pool_(PoolDisconnect{.handle = id(11)}).ok());
}

TEST_F(PoolStateTest, ADestroyedContainerIsRememberedUntilAllEnginesWipedIt) {
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  ASSERT_EQ(create(11, 20, "c"), Code::kOk);
  ASSERT_TRUE(open(11, 30).ok());
  EXPECT_EQ(pool_(ContainerDestroy{.pool_handle = id(11), .container = "c"}).code(), Code::kBusy);
  EXPECT_TRUE(pool_.state().to_wipe().empty());
  const auto destroyed = pool_(ContainerDestroy{.pool_handle = id(11), .container = "c", .force = true});
  ASSERT_TRUE(destroyed.ok());
  EXPECT_EQ(destroyed->evicted.handles, std::vector<Uuid>{id(30)});
  EXPECT_EQ(pool_.state().to_wipe().at(id(20)), (std::vector<map::Rank>{map::Rank(0), map::Rank(3)}));
  EXPECT_TRUE(pool_(ContainerWiped{.container = id(20), .ranks = {map::Rank(0)}}).ok());
  EXPECT_EQ(pool_.state().to_wipe().at(id(20)), std::vector<map::Rank>{map::Rank(3)});
  EXPECT_TRUE(pool_(ContainerWiped{.container = id(20), .ranks = {map::Rank(0), map::Rank(7)}}).ok());
  EXPECT_TRUE(pool_(ContainerWiped{.container = id(21), .ranks = {map::Rank(3)}}).ok());
  EXPECT_TRUE(pool_(ContainerWiped{.container = id(20), .ranks = {map::Rank(3)}}).ok());
  EXPECT_TRUE(pool_.state().to_wipe().empty());
}

TEST_F(PoolStateTest, TheEndOfAClientClosesWhatItHad) {
  ASSERT_EQ(connect(10, PoolAccess::kReadWrite, 50), Code::kOk);
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite, 51), Code::kOk);
  ASSERT_EQ(create(11, 20, "c"), Code::kOk);
  ASSERT_TRUE(open(10, 30).ok());
  ASSERT_TRUE(open(11, 31).ok());
  EXPECT_EQ(pool_(EndClient{.client = id(50), .now = 9})->handles, std::vector<Uuid>{id(30)});
  EXPECT_EQ(pool_.state().handle_count(), 1u);
  EXPECT_EQ(pool_.state().containers().rights(id(30)).code(), Code::kNoHandle);
  EXPECT_TRUE(pool_.state().containers().rights(id(31)).ok());
  EXPECT_TRUE(pool_(EndClient{.client = id(50), .now = 9})->handles.empty());
}

TEST_F(PoolStateTest, EvictingAllLeavesNothingOpen) {
  ASSERT_EQ(connect(10, PoolAccess::kReadWrite, 50), Code::kOk);
  ASSERT_EQ(connect(11, PoolAccess::kReadOnly, 51), Code::kOk);
  ASSERT_EQ(create(10, 20, "c"), Code::kOk);
  ASSERT_TRUE(open(11, 31).ok());
  EXPECT_EQ(pool_(EvictAll{.now = 9})->handles, std::vector<Uuid>{id(31)});
  EXPECT_EQ(pool_.state().handle_count(), 0u);
  EXPECT_EQ(pool_.state().containers().size(), 1u);
}

TEST_F(PoolStateTest, TheMapIsReplaced) {
  EXPECT_TRUE(pool_(PoolSetMap{.map = ByteVector(4, std::byte(1))}).ok());
  EXPECT_EQ(pool_.state().map_bytes(), ByteVector(4, std::byte(1)));
}

}  // namespace
}  // namespace daos::services
