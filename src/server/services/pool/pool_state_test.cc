// Goal: the pool's state machine keeps its rules, depends on its commands alone, and survives a snapshot.
#include "server/services/pool/pool_state.h"

#include "model/map/builder.h"
#include "model/messages/property_numbers.h"
#include "model/rights/permissions.h"
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
                               .map = map::make_uniform_map(2, 2)->encode(),
                               .properties = {{.type = 3, .number = 4},
                                              {.type = messages::kPoolOwner, .text = "alice@"},
                                              {.type = messages::kPoolOwnerGroup, .text = "staff@"}}})
                    .ok());
  }
  ~PoolStateTest() override {
    pool_.expect_determined();
    pool_.expect_refuses_what_it_cannot_read();
  }
  Code connect(uint64_t handle, PoolAccess access, uint64_t client = 50,
               messages::Credential who = {"alice@", {}, {}, {}}) {
    return pool_(PoolConnect{.handle = id(handle),
                             .what = {.access = access, .client = id(client), .credential = std::move(who)}})
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
                                 .properties = {{.type = messages::kContainerLabel, .text = std::move(label)}}})
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

TEST_F(PoolStateTest, LostDataMakesEveryContainerUncleanUntilItIsDeclaredHealthy) {
  ASSERT_EQ(connect(10, PoolAccess::kReadWrite), Code::kOk);
  ASSERT_EQ(create(10, 30, "c"), Code::kOk);
  ASSERT_EQ(create(10, 31, "d"), Code::kOk);
  ASSERT_TRUE(open(10, 40).ok());
  ASSERT_TRUE(pool_(DataLost{.rank = map::Rank(3), .targets = {1}}).ok());
  ASSERT_EQ(create(10, 32, "later"), Code::kOk);
  const Result<Containers::Opened> refused = open(10, 41);
  EXPECT_EQ(refused.code(), Code::kRedundancy);
  EXPECT_NE(refused.status().message().find("lost its power"), std::string_view::npos) << refused.status().to_string();
  EXPECT_EQ(open(10, 42, "d").code(), Code::kRedundancy);
  EXPECT_TRUE(open(10, 43, "later").ok()) << "it was not there yet";
  const uint64_t healthy = messages::container_status(messages::kStatusHealthy, messages::kStatusClear, 0);
  ASSERT_TRUE(
      pool_(ContainerChange{
                .handle = id(40), .properties = {{.type = messages::kContainerStatus, .number = healthy}}, .now = 9})
          .ok());
  EXPECT_TRUE(open(10, 44).ok());
  EXPECT_EQ(open(10, 45, "d").code(), Code::kRedundancy) << "each is declared for itself";
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
  const ByteVector other = map::make_uniform_map(3, 1)->encode();
  EXPECT_TRUE(pool_(PoolSetMap{.map = other}).ok());
  EXPECT_EQ(pool_.state().map_bytes(), other);
  EXPECT_EQ(pool_.state().map().engines().size(), 3u);
  EXPECT_EQ(pool_(PoolSetMap{.map = ByteVector(4, std::byte(1))}).code(), Code::kCorrupt);
  EXPECT_EQ(pool_.state().map_bytes(), other) << "what is no map changes nothing";
}

TEST_F(PoolStateTest, TheListDecidesWhoConnects) {
  const messages::Credential stranger{"mallory@", {"guests@"}, {}, {}};
  const messages::Credential colleague{"bob@", {"guests@", "staff@"}, {}, {}};
  EXPECT_EQ(connect(10, PoolAccess::kReadOnly, 50, stranger), Code::kNoPerm);
  EXPECT_EQ(connect(10, PoolAccess::kReadOnly, 50, {}), Code::kNoPerm) << "nobody in particular";
  EXPECT_EQ(connect(10, PoolAccess::kReadWrite, 50, colleague), Code::kOk) << "the owner's group may read and write";
  EXPECT_FALSE(pool_.state().may_connect(stranger));
  EXPECT_TRUE(pool_.state().may_connect(colleague));
  EXPECT_EQ(connect(11, PoolAccess::kExclusive, 50, stranger), Code::kNoPerm) << "before anybody hears that it is busy";
}

TEST_F(PoolStateTest, AContainerIsItsCreators) {
  ASSERT_EQ(connect(10, PoolAccess::kReadWrite, 50, {"bob@", {"staff@", "night@"}, {}, {}}), Code::kOk);
  ASSERT_EQ(create(10, 20, "c"), Code::kOk);
  const auto opened = open(10, 30);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(messages::find_property(opened->info.properties, messages::kContainerOwner)->text, "bob@");
  EXPECT_EQ(messages::find_property(opened->info.properties, messages::kContainerOwnerGroup)->text, "staff@");
  EXPECT_EQ(messages::find_property(opened->info.properties, messages::kContainerAcl), nullptr)
      << "the list needs a right of its own";
  EXPECT_EQ(pool_(ContainerCreate{.pool_handle = id(10),
                                  .container = id(21),
                                  .properties = {{.type = messages::kContainerOwner, .text = "alice@"}}})
                .code(),
            Code::kInvalid);
}

TEST_F(PoolStateTest, ThePoolsRightsOrTheContainersDecideWhoDestroys) {
  // Alice may make containers, and destroy her own; Bob's she may not touch.
  const rights::Acl acl =
      rights::Acl::of({{.type = rights::Principal::kOwner, .allow = rights::kRead | rights::kCreateContainer},
                       {.type = rights::Principal::kUser, .allow = rights::kRead | rights::kWrite, .name = "bob@"}});
  Commanded<PoolState> pool;
  ASSERT_TRUE(pool(PoolInit{.pool = id(1),
                            .label = "tank",
                            .map = map::make_uniform_map(1, 1)->encode(),
                            .properties = {{.type = messages::kPoolOwner, .text = "alice@"},
                                           {.type = messages::kPoolAcl, .text = acl.bytes()}}})
                  .ok());
  for (const auto& [handle, user] : {std::pair{10, "alice@"}, std::pair{11, "bob@"}}) {
    ASSERT_TRUE(pool(PoolConnect{.handle = id(static_cast<uint64_t>(handle)),
                                 .what = {.access = PoolAccess::kReadWrite, .credential = {.user = user}}})
                    .ok());
    ASSERT_TRUE(
        pool(ContainerCreate{.pool_handle = id(static_cast<uint64_t>(handle)),
                             .container = id(static_cast<uint64_t>(handle + 10)),
                             .properties = {{.type = messages::kContainerLabel, .text = fmt::format("c{}", handle)}}})
            .ok());
  }
  EXPECT_EQ(pool(ContainerDestroy{.pool_handle = id(10), .container = "c11"}).code(), Code::kNoPerm);
  EXPECT_EQ(pool(ContainerDestroy{.pool_handle = id(10), .container = "c99"}).code(), Code::kNonexistent);
  EXPECT_TRUE(pool(ContainerDestroy{.pool_handle = id(10), .container = "c10"}).ok()) << "her own";
  EXPECT_TRUE(pool(ContainerDestroy{.pool_handle = id(11), .container = "c11"}).ok());
  pool.expect_determined();
}

TEST_F(PoolStateTest, AttributesOfAPoolNeedAHandleThatWrites) {
  using messages::AttributesOf;
  ASSERT_EQ(connect(10, PoolAccess::kReadOnly), Code::kOk);
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  const std::map<std::string, std::string> values{{"a", "1"}, {"b", std::string("\0\1", 2)}};
  EXPECT_EQ(pool_(AttributesSet{.of = AttributesOf::kPool, .handle = id(10), .values = values}).code(), Code::kNoPerm);
  EXPECT_EQ(pool_(AttributesSet{.of = AttributesOf::kPool, .handle = id(99), .values = values}).code(),
            Code::kNoHandle);
  EXPECT_TRUE(pool_(AttributesSet{.of = AttributesOf::kPool, .handle = id(11), .values = values}).ok());
  const auto read = pool_.state().attributes(AttributesOf::kPool, id(10));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)->names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*(*read)->find("b"), std::string("\0\1", 2));
  EXPECT_EQ(pool_(AttributesDelete{.of = AttributesOf::kPool, .handle = id(10), .names = {"a"}}).code(), Code::kNoPerm);
  EXPECT_TRUE(pool_(AttributesDelete{.of = AttributesOf::kPool, .handle = id(11), .names = {"a", "nothing"}}).ok());
  EXPECT_EQ((*read)->names(), std::vector<std::string>{"b"});
}

TEST_F(PoolStateTest, AttributesOfAContainerGoThroughItsHandle) {
  using messages::AttributesOf;
  ASSERT_EQ(connect(11, PoolAccess::kReadWrite), Code::kOk);
  ASSERT_EQ(create(11, 20, "c"), Code::kOk);
  ASSERT_TRUE(open(11, 30).ok());
  EXPECT_TRUE(pool_(AttributesSet{.of = AttributesOf::kContainer, .handle = id(30), .values = {{"a", "1"}}}).ok());
  EXPECT_EQ(pool_.state().attributes(AttributesOf::kContainer, id(11)).code(), Code::kNoHandle) << "a pool's handle";
  EXPECT_EQ(*(*pool_.state().attributes(AttributesOf::kContainer, id(30)))->find("a"), "1");
  EXPECT_EQ((*pool_.state().attributes(AttributesOf::kPool, id(11)))->find("a"), nullptr);
  EXPECT_TRUE(pool_(ObjectIds{.handle = id(30), .count = 5}).ok());
  EXPECT_EQ(pool_(ObjectIds{.handle = id(30), .count = 5})->first, 5u);
  EXPECT_TRUE(pool_(ContainerAclChange{.handle = id(30), .change = {.remove = true, .principal = 2}}).ok());
  EXPECT_TRUE(
      pool_(ContainerChange{.handle = id(30), .properties = {{.type = messages::kContainerSnapshotsMax, .number = 3}}})
          .ok());
}

TEST(PoolState, NothingComesBeforeItsFirstCommand) {
  PoolState state;
  EXPECT_EQ(state.apply(encode_command(EvictAll{.now = 1})).code(), Code::kCorrupt);
  EXPECT_EQ(state.apply(encode_command(ContainerChange{})).code(), Code::kCorrupt);
  EXPECT_FALSE(state.initialised());
}

TEST_F(PoolStateTest, AnAdministratorChangesProperties) {
  const auto number = [this](uint32_t type) {
    return messages::find_property(pool_.state().properties(), type)->number;
  };
  ASSERT_TRUE(pool_(PoolChange{.properties = {{.type = 3, .number = 9},
                                              {.type = messages::kPoolLabel, .text = "lake"},
                                              {.type = messages::kPoolOwner, .text = "bob@"}}})
                  .ok());
  EXPECT_EQ(number(3), 9u);
  EXPECT_EQ(pool_.state().label(), "lake");
  EXPECT_EQ(connect(20, PoolAccess::kReadWrite), Code::kNoPerm) << "alice@ is not the owner any more";
  EXPECT_EQ(connect(21, PoolAccess::kReadWrite, 50, {"bob@", {}, {}, {}}), Code::kOk);
  // All or nothing.
  EXPECT_EQ(pool_(PoolChange{.properties = {{.type = 3, .number = 1}, {.type = 99}}}).code(), Code::kInvalid);
  EXPECT_EQ(number(3), 9u);
  for (const messages::Property& never : messages::Properties{{.type = messages::kPoolEcAffinity, .number = 1},
                                                              {.type = messages::kPoolGlobalVersion, .number = 1},
                                                              {.type = messages::kPoolAcl, .text = "no list"},
                                                              {.type = messages::kPoolLabel, .text = "a b"},
                                                              {.type = messages::kPoolOwner, .text = "bob"},
                                                              {.type = 0}}) {
    EXPECT_EQ(pool_(PoolChange{.properties = {never}}).code(), Code::kInvalid) << never.type;
  }
  EXPECT_EQ(pool_(PoolChange{.properties = {{.type = messages::kPoolRedundancyFactor, .number = 1}}}).code(),
            Code::kNotSupported);
  EXPECT_EQ(pool_(PoolChange{.properties = {{.type = 3}, {.type = 3}}}).code(), Code::kInvalid) << "twice";
}

TEST_F(PoolStateTest, AnAdministratorChangesWhoMayConnect) {
  const messages::Credential carol{"carol@", {}, {}, {}};
  EXPECT_EQ(connect(20, PoolAccess::kReadOnly, 50, carol), Code::kNoPerm);
  const std::string entry =
      rights::Acl::of({{.type = rights::Principal::kUser, .allow = rights::kRead, .name = "carol@"}}).bytes();
  ASSERT_TRUE(pool_(PoolAclChange{.change = {.merge = entry}}).ok());
  EXPECT_EQ(connect(21, PoolAccess::kReadOnly, 50, carol), Code::kOk);
  EXPECT_EQ(connect(22, PoolAccess::kReadWrite, 50, carol), Code::kNoPerm);
  EXPECT_EQ(connect(23, PoolAccess::kReadWrite), Code::kOk) << "the default entries are still there";
  const messages::AclChange remove{.remove = true, .principal = 1, .name = "carol@"};
  ASSERT_TRUE(pool_(PoolAclChange{.change = remove}).ok());
  EXPECT_EQ(pool_(PoolAclChange{.change = remove}).code(), Code::kNonexistent);
  EXPECT_EQ(connect(24, PoolAccess::kReadOnly, 50, carol), Code::kNoPerm);
  EXPECT_EQ(pool_(PoolAclChange{.change = {.merge = "no list"}}).code(), Code::kInvalid);
}

TEST_F(PoolStateTest, AnAdministratorGivesAContainerToOthers) {
  ASSERT_EQ(connect(10, PoolAccess::kReadWrite), Code::kOk);
  ASSERT_EQ(create(10, 30, "c"), Code::kOk);
  const auto give = [this](std::string container, std::string user, std::string group) {
    return pool_(ContainerOwner{.container = std::move(container), .user = std::move(user), .group = std::move(group)})
        .code();
  };
  EXPECT_EQ(give("c", "bob@", ""), Code::kOk);
  EXPECT_EQ(open(10, 40).code(), Code::kNoPerm) << "it was alice@'s";
  EXPECT_EQ(give("c", "alice@", "staff@"), Code::kOk);
  EXPECT_TRUE(open(10, 41).ok());
  EXPECT_EQ(give("c", "", ""), Code::kInvalid);
  EXPECT_EQ(give("c", "bob", ""), Code::kInvalid);
  EXPECT_EQ(give("d", "bob@", ""), Code::kNonexistent);
}

}  // namespace
}  // namespace daos::services
