// Goal: who may open what beside whom, which times change when, and what a destruction takes with it: the rules of the
// API.
#include "server/services/container/container_state.h"

#include <gtest/gtest.h>

#include "model/map/builder.h"
#include "server/services/container/container_properties.h"

namespace daos::services {
namespace {

Uuid id(uint64_t number) { return Uuid::from_random(number + 1, 0); }
const messages::ContainerId kTank = id(1);
const messages::HandleId kPoolHandle = id(2);

class ContainersTest : public testing::Test {
 protected:
  ContainersTest() { EXPECT_TRUE(create(kTank, "tank", 100).ok()); }

  /// Alice's, open to everybody.
  Status create(messages::ContainerId container, std::string label, uint64_t now = 1) {
    messages::Properties properties{
        {.type = messages::kContainerAcl,
         .text = rights::Acl::of({{.type = rights::Principal::kEveryone, .allow = rights::kContainerAll}}).bytes()}};
    if (!label.empty()) properties.push_back({.type = messages::kContainerLabel, .text = std::move(label)});
    return create_with(container, std::move(properties), now);
  }
  Status create_with(messages::ContainerId container, messages::Properties properties, uint64_t now = 1) {
    return containers_.create(
        container, DX_TRY(complete_properties(std::move(properties), {.user = "alice@", .groups = {"staff@"}})), *map_,
        now);
  }
  Result<Containers::Opened> open(uint64_t handle, uint32_t flags, std::string user = "alice@", uint64_t now = 200,
                                  std::string name = "tank", messages::HandleId pool_handle = kPoolHandle) {
    return containers_.open({.handle = id(handle), .pool_handle = pool_handle, .flags = flags, .name = std::move(name)},
                            {.user = std::move(user)}, *map_, now);
  }
  Result<Containers::Destroyed> destroy(bool force) {
    return containers_.destroy("tank", force, {.user = "alice@"}, false);
  }
  messages::ContainerInfo info() {
    for (messages::ContainerInfo& info : containers_.list()) {
      if (info.container == kTank) return info;
    }
    return {};
  }
  Code change(uint64_t handle, messages::Property property, uint64_t now = 1000) {
    return containers_.change(id(handle), {std::move(property)}, *map_, now).code();
  }
  uint64_t number(uint64_t handle, uint32_t type) {
    const auto found = containers_.query({.handle = id(handle), .with_properties = true}, *map_);
    EXPECT_TRUE(found.ok()) << found.status().to_string();
    return found.ok() ? number_of(found->properties, type, 0xbad) : 0xbad;
  }
  map::PoolMapRef map_ = map::make_uniform_map(3, 2);
  Containers containers_;
};

TEST_F(ContainersTest, AreFoundByLabelAndByUuid) {
  EXPECT_TRUE(open(10, kOpenReadOnly, "alice@", 1, "tank").ok());
  EXPECT_TRUE(open(11, kOpenReadOnly, "alice@", 1, kTank.to_string()).ok());
  EXPECT_EQ(open(12, kOpenReadOnly, "alice@", 1, "pond").code(), Code::kNonexistent);
  EXPECT_EQ(open(12, kOpenReadOnly, "alice@", 1, id(99).to_string()).code(), Code::kNonexistent);
}

TEST_F(ContainersTest, ALabelIsTakenOnceAndARepetitionIsNone) {
  EXPECT_EQ(create(id(5), "tank").code(), Code::kExists);
  EXPECT_TRUE(create(kTank, "tank", 999).ok());
  EXPECT_EQ(info().open_time, 100u) << "a repetition changes nothing";
  EXPECT_TRUE(create(id(6), "").ok());
  EXPECT_TRUE(create(id(7), "").ok()) << "no label is no label twice";
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

TEST_F(ContainersTest, RightsSayWhetherTargetsVerifyWhatIsWritten) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  EXPECT_FALSE(containers_.rights(id(10))->verify_checksums);
  ASSERT_TRUE(create_with(id(5), {{.type = messages::kContainerLabel, .text = "careful"},
                                  {.type = messages::kContainerServerVerify, .number = 1}})
                  .ok());
  ASSERT_TRUE(open(11, kOpenReadWrite, "alice@", 200, "careful").ok());
  EXPECT_TRUE(containers_.rights(id(11))->verify_checksums);
}

TEST_F(ContainersTest, DestroyingWaitsForHandlesOrTakesThem) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  EXPECT_EQ(destroy(false).code(), Code::kBusy);
  const auto destroyed = destroy(true);
  ASSERT_TRUE(destroyed.ok());
  EXPECT_EQ(destroyed->container, kTank);
  EXPECT_EQ(destroyed->evicted.handles, std::vector<Uuid>{id(10)});
  EXPECT_EQ(containers_.query({.handle = id(10)}, *map_).code(), Code::kNoHandle);
  EXPECT_EQ(destroy(true).code(), Code::kNonexistent);
  EXPECT_TRUE(create(id(5), "tank").ok()) << "the label is free";
}

TEST_F(ContainersTest, APoolHandleTakesItsContainerHandlesAlong) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  ASSERT_TRUE(open(11, kOpenReadOnly, "alice@", 1, "tank", id(3)).ok());
  EXPECT_TRUE(containers_.has_open(kPoolHandle));
  EXPECT_EQ(containers_.close_all_of(kPoolHandle, 900).handles, std::vector<Uuid>{id(10)});
  EXPECT_FALSE(containers_.has_open(kPoolHandle));
  EXPECT_TRUE(containers_.has_open(id(3)));
  EXPECT_EQ(info().modify_time, 900u);
}

TEST_F(ContainersTest, AreListedByLabel) {
  ASSERT_TRUE(create(id(5), "aqua").ok());
  ASSERT_TRUE(create(id(4), "").ok());
  std::vector<std::string> labels;
  for (const auto& entry : containers_.list()) labels.push_back(entry.label);
  EXPECT_EQ(labels, (std::vector<std::string>{"", "aqua", "tank"}));
}

TEST_F(ContainersTest, TheListDecidesWhoOpensAndWhatTheHandleMay) {
  const auto open_with = [&](uint64_t allow, uint32_t flags) {
    const messages::ContainerId container = id(1000 + allow);
    const rights::Acl acl = rights::Acl::of({{.type = rights::Principal::kUser, .allow = allow, .name = "bob@"}});
    EXPECT_TRUE(create_with(container, {{.type = messages::kContainerAcl, .text = acl.bytes()}}).ok());
    containers_.close(id(10), 1);
    return open(10, flags, "bob@", 200, container.to_string()).code();
  };
  for (const uint64_t enough : {rights::kRead, rights::kGetProperties, rights::kGetAcl}) {
    EXPECT_EQ(open_with(enough, kOpenReadOnly), Code::kOk) << enough;
    EXPECT_EQ(open_with(enough, kOpenReadWrite), Code::kNoPerm) << enough;
    EXPECT_EQ(open_with(enough | rights::kSetOwner, kOpenReadWrite), Code::kOk) << enough;
    EXPECT_EQ(containers_.rights(id(10))->may_read, enough == rights::kRead);
    EXPECT_FALSE(containers_.rights(id(10))->may_write);
  }
  for (const uint64_t too_little : {uint64_t{0}, uint64_t{rights::kWrite}, uint64_t{rights::kSetAcl}}) {
    EXPECT_EQ(open_with(too_little, kOpenReadOnly), Code::kNoPerm) << too_little;
    EXPECT_EQ(open_with(too_little, kOpenReadWrite), Code::kNoPerm) << too_little;
  }
  EXPECT_EQ(open_with(rights::kRead | rights::kWrite, kOpenReadWrite), Code::kOk);
  EXPECT_TRUE(containers_.rights(id(10))->may_write);
  EXPECT_EQ(open_with(rights::kContainerAll, kOpenExclusive), Code::kNoPerm) << "alone is the owner's";
}

TEST_F(ContainersTest, AHandleKeepsTheRightsWithWhichItWasOpened) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  const rights::Acl nothing = rights::Acl::of({{.type = rights::Principal::kOwner, .allow = 0}});
  EXPECT_EQ(change(10, {.type = messages::kContainerAcl, .text = nothing.bytes()}), Code::kOk);
  EXPECT_TRUE(containers_.rights(id(10))->may_write);
  ASSERT_TRUE(open(11, kOpenReadWrite).ok()) << "the owner can always reach the list";
  EXPECT_FALSE(containers_.rights(id(11))->may_read);
  EXPECT_TRUE(containers_.query({.handle = id(11), .with_acl = true}, *map_).ok());
  EXPECT_EQ(containers_.query({.handle = id(11), .with_properties = true}, *map_).code(), Code::kNoPerm);
  EXPECT_EQ(containers_.attributes(id(11)).code(), Code::kNoPerm);
  EXPECT_EQ(open(12, kOpenReadOnly, "bob@").code(), Code::kNoPerm);
}

TEST_F(ContainersTest, AReaderChangesNothing) {
  ASSERT_TRUE(open(10, kOpenReadOnly).ok());
  EXPECT_EQ(change(10, {.type = messages::kContainerSnapshotsMax, .number = 1}), Code::kNoPerm);
  EXPECT_EQ(change(10, {.type = messages::kContainerOwner, .text = "bob@"}), Code::kNoPerm);
  EXPECT_EQ(containers_.change_acl(id(10), {.remove = true, .principal = 4}, 1).code(), Code::kNoPerm);
  EXPECT_EQ(containers_.allocate(id(10), 1).code(), Code::kNoPerm);
  EXPECT_EQ(containers_.set_attributes(id(10), {{"a", "b"}}, 0, 1).code(), Code::kNoPerm);
  EXPECT_EQ(containers_.delete_attributes(id(10), {"a"}, 1).code(), Code::kNoPerm);
  EXPECT_TRUE(containers_.attributes(id(10)).ok());
  EXPECT_EQ(info().modify_time, 100u);
}

TEST_F(ContainersTest, SomePropertiesChangeSomeNeverAndSomeAreNobodysToSet) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  for (const uint32_t type : {messages::kContainerSnapshotsMax, messages::kContainerLayoutVersion,
                              messages::kContainerServerVerify, messages::kContainerScrubberDisabled}) {
    EXPECT_EQ(change(10, {.type = type, .number = 1}), Code::kOk) << type;
    EXPECT_EQ(number(10, type), 1u);
  }
  for (const uint32_t type :
       {messages::kContainerLayoutType, messages::kContainerChecksum, messages::kContainerRedundancyFactor,
        messages::kContainerAllocatedIds, messages::kContainerCellBytes, messages::kContainerEcAffinity,
        messages::kContainerCopyAffinity, messages::kContainerPerformanceDomain}) {
    EXPECT_EQ(change(10, {.type = type, .number = 1}), Code::kNoPerm) << type;
  }
  for (const uint32_t type : {messages::kContainerGlobalVersion, messages::kContainerObjectVersion}) {
    EXPECT_EQ(change(10, {.type = type, .number = 1}), Code::kInvalid) << type;
  }
  EXPECT_EQ(change(10, {.type = 4, .number = 1}), Code::kInvalid) << "a pool's";
  EXPECT_EQ(change(10, {.type = messages::kContainerStatus,
                        .number = messages::container_status(messages::kStatusUnclean, 0, 0)}),
            Code::kInvalid);
  EXPECT_EQ(change(10, {.type = messages::kContainerAcl, .text = "no list"}), Code::kInvalid);
  EXPECT_EQ(change(99, {.type = messages::kContainerSnapshotsMax}), Code::kNoHandle);
}

TEST_F(ContainersTest, AChangeIsWholeOrNothing) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  ASSERT_TRUE(create(id(5), "taken").ok());
  const Status refused = containers_.change(
      id(10),
      {{.type = messages::kContainerSnapshotsMax, .number = 9}, {.type = messages::kContainerLabel, .text = "taken"}},
      *map_, 700);
  EXPECT_EQ(refused.code(), Code::kExists);
  EXPECT_EQ(number(10, messages::kContainerSnapshotsMax), 0xbadu) << "never set";
  EXPECT_EQ(info().modify_time, 100u);
}

TEST_F(ContainersTest, ALabelMoves) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  EXPECT_EQ(change(10, {.type = messages::kContainerLabel, .text = "pond"}, 700), Code::kOk);
  EXPECT_EQ(change(10, {.type = messages::kContainerLabel, .text = "pond"}, 700), Code::kOk) << "its own again";
  EXPECT_EQ(info().label, "pond");
  EXPECT_EQ(info().modify_time, 700u);
  EXPECT_EQ(open(11, kOpenReadOnly).code(), Code::kNonexistent);
  EXPECT_TRUE(open(11, kOpenReadOnly, "alice@", 1, "pond").ok());
  EXPECT_TRUE(create(id(5), "tank").ok()) << "the old one is free";
  EXPECT_EQ(change(10, {.type = messages::kContainerLabel, .text = "a/b"}), Code::kInvalid);
}

TEST_F(ContainersTest, ACreatorGivesNeitherStatusNorAnothersName) {
  EXPECT_EQ(create_with(id(5), {{.type = messages::kContainerStatus}}).code(), Code::kInvalid);
  EXPECT_EQ(create_with(id(5), {{.type = messages::kContainerGlobalVersion}}).code(), Code::kInvalid);
  EXPECT_EQ(create_with(id(5), {{.type = messages::kContainerOwner, .text = "bob@"}}).code(), Code::kInvalid);
  EXPECT_EQ(create_with(id(5), {{.type = messages::kContainerSnapshotsMax}, {.type = messages::kContainerSnapshotsMax}})
                .code(),
            Code::kInvalid);
  EXPECT_EQ(create_with(id(5), {{.type = messages::kContainerRoots, .text = "short"}}).code(), Code::kInvalid);
  EXPECT_TRUE(create_with(id(5), {{.type = messages::kContainerOwnerGroup, .text = "any@"}}).ok());
}

TEST_F(ContainersTest, EntriesOfTheListAreAddedReplacedAndRemoved) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  const auto merge = [&](uint64_t allow) {
    const rights::Acl acl = rights::Acl::of({{.type = rights::Principal::kUser, .allow = allow, .name = "bob@"}});
    return containers_.change_acl(id(10), {.merge = acl.bytes()}, 800);
  };
  EXPECT_TRUE(merge(rights::kRead).ok());
  EXPECT_TRUE(merge(rights::kWrite | rights::kRead).ok());
  const auto found = containers_.query({.handle = id(10), .with_acl = true}, *map_);
  ASSERT_TRUE(found.ok());
  const auto acl = rights::Acl::parse(messages::find_property(found->properties, messages::kContainerAcl)->text);
  ASSERT_TRUE(acl.ok());
  ASSERT_EQ(acl->entries().size(), 2u);
  EXPECT_EQ(acl->entries()[0].name, "bob@") << "named users stand before everybody";
  EXPECT_EQ(acl->entries()[0].allow, rights::kWrite | rights::kRead);
  const messages::AclChange remove{.remove = true, .principal = 1, .name = "bob@"};
  EXPECT_TRUE(containers_.change_acl(id(10), remove, 801).ok());
  EXPECT_EQ(containers_.change_acl(id(10), remove, 802).code(), Code::kNonexistent);
  EXPECT_EQ(containers_.change_acl(id(10), {.remove = true, .principal = 9}, 802).code(), Code::kInvalid);
  EXPECT_EQ(containers_.change_acl(id(10), {.merge = "x"}, 802).code(), Code::kInvalid);
  EXPECT_EQ(info().modify_time, 801u);
}

TEST_F(ContainersTest, ObjectIdsAreGivenOnce) {
  ASSERT_TRUE(create_with(id(5), {{.type = messages::kContainerAllocatedIds, .number = 1000}}).ok());
  ASSERT_TRUE(open(10, kOpenReadWrite, "alice@", 1, id(5).to_string()).ok());
  EXPECT_EQ(*containers_.allocate(id(10), 10), 1000u);
  EXPECT_EQ(*containers_.allocate(id(10), 1), 1010u);
  EXPECT_EQ(number(10, messages::kContainerAllocatedIds), 1011u);
  EXPECT_EQ(containers_.allocate(id(10), 0).code(), Code::kInvalid);
  EXPECT_EQ(containers_.allocate(id(10), UINT64_MAX).code(), Code::kOverflow);
  EXPECT_EQ(*containers_.allocate(id(10), UINT64_MAX - 1011), 1011u);
  EXPECT_EQ(containers_.allocate(id(10), 1).code(), Code::kOverflow);
}

TEST_F(ContainersTest, FailuresBeyondTheRedundancyMakeItUncleanUntilClearedOrForced) {
  ASSERT_TRUE(open(10, kOpenReadWrite).ok());
  map::PoolMapParts parts = map_->parts();
  parts.version = map::MapVersion(parts.version.value() + 1);
  parts.targets[0].state = map::State::kDown;
  parts.targets[0].out_version = parts.version;
  map_ = *map::PoolMap::make(std::move(parts));
  EXPECT_EQ(number(10, messages::kContainerStatus) >> 32, messages::kStatusUnclean);
  EXPECT_EQ(open(11, kOpenReadOnly).code(), Code::kRedundancy);
  EXPECT_TRUE(open(11, kOpenReadOnly | kOpenForce).ok());
  EXPECT_EQ(change(10, {.type = messages::kContainerStatus,
                        .number = messages::container_status(messages::kStatusHealthy, messages::kStatusClear, 0)}),
            Code::kOk);
  EXPECT_EQ(number(10, messages::kContainerStatus),
            messages::container_status(messages::kStatusHealthy, 0, map_->version().value()));
  EXPECT_TRUE(open(12, kOpenReadOnly).ok());
  ASSERT_TRUE(create_with(id(5), {{.type = messages::kContainerRedundancyFactor, .number = 1}}).ok());
  EXPECT_TRUE(open(13, kOpenReadOnly, "alice@", 1, id(5).to_string()).ok()) << "it was made after the failure";
}

TEST(Attributes, AreBoundedByBytesAndByName) {
  Attributes attributes;
  EXPECT_EQ(attributes.set({}, 0).code(), Code::kInvalid);
  EXPECT_EQ(attributes.set({{"", "x"}}, 0).code(), Code::kInvalid);
  EXPECT_EQ(attributes.set({{"x", ""}}, 0).code(), Code::kInvalid);
  EXPECT_EQ(attributes.set({{std::string(512, 'n'), "x"}}, 0).code(), Code::kInvalid);
  EXPECT_EQ(attributes.set({{"x", std::string(messages::kAttributeBytesPerCall, 'v')}}, 0).code(), Code::kNoSpace);
  EXPECT_TRUE(attributes.set({{std::string(511, 'n'), "x"}, {"b", "12345"}}, 0).ok());
  EXPECT_EQ(attributes.bytes(), 512u + 6u);
  EXPECT_EQ(attributes.set({{"c", "1"}}, Attributes::kBytesMax - 518).code(), Code::kNoSpace);
  EXPECT_TRUE(attributes.set({{"b", "1"}}, Attributes::kBytesMax).ok()) << "shrinking is always possible";
  attributes.remove({"b", "nothing", std::string(511, 'n')});
  EXPECT_EQ(attributes.bytes(), 0u);
}

TEST(Attributes, AreReadAsFarAsAMessageGoes) {
  Attributes attributes;
  const std::string large(messages::kAttributeBytesPerCall - 10, 'v');
  ASSERT_TRUE(attributes.set({{"a", large}}, 0).ok());
  ASSERT_TRUE(attributes.set({{"b", large}}, 0).ok());
  const auto one = look_up(attributes, {{"a", 1u << 30}, {"b", 1u << 30}});
  ASSERT_EQ(one.found.size(), 1u) << "the rest is asked for again";
  const auto cut = look_up(attributes, {{"a", 4}, {"none", 4}, {"b", 0}});
  ASSERT_EQ(cut.found.size(), 3u);
  EXPECT_EQ(cut.found[0].value, "vvvv");
  EXPECT_EQ(cut.found[0].bytes, large.size());
  EXPECT_EQ(cut.found[1].bytes, 0u);
  EXPECT_EQ(cut.found[2].bytes, large.size());
}

}  // namespace
}  // namespace daos::services
