// Goal: an update happens exactly once or its caller is told that nobody knows, whatever the network, the target and
// the caller's patience do; reads simply repeat; a stale map is never the application's business.
#include "client/core/fake_system.h"

namespace daos::core {
namespace {

using namespace std::chrono_literals;
using Mood = FakeSystem::Target::Mood;
using runtime::Task;

TEST(Operations, AnUpdateIsFetched) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  EXPECT_EQ(system.fetch(object, "d"), "");
  EXPECT_TRUE(system.update(object, "d", "value").ok());
  EXPECT_EQ(system.fetch(object, "d"), "value");
  EXPECT_EQ(system.target(system.holder(object, "d")).values["d"], "value");
}

TEST(Operations, EachDkeyGoesToTheTargetOfItsGroup) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  for (int i = 0; i < 20; i++) {
    const std::string dkey = fmt::format("key{}", i);
    EXPECT_TRUE(system.update(object, dkey, "v").ok());
    EXPECT_TRUE(system.target(system.holder(object, dkey)).values.contains(dkey));
  }
  EXPECT_GT(system.target(0).values.size(), 0u);
  EXPECT_GT(system.target(1).values.size(), 0u);
}

TEST(Operations, UpdatesHappenExactlyOnceOverABadNetwork) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  system.network().set_model({.reset_ppm = 100'000, .duplicate_ppm = 100'000});
  constexpr int kUpdates = 300;
  int ok = 0;
  const Status joined = system.run([](FakeSystem& s, ObjectRef o, int& done) -> Task<Status> {
    runtime::Scope scope(s.lane().reactor());
    for (int i = 0; i < kUpdates; i++) {
      scope.spawn([](FakeSystem& sys, ObjectRef obj, int n, int& count) -> Task<Status> {
        // One after the other, so that each has a connection to lose; many are under way together all the same.
        const Status slept = co_await runtime::sleep(sys.lane().reactor(),
                                                     sys.lane().reactor().within(n * std::chrono::milliseconds(1)));
        if (!slept.ok()) co_return slept;
        Status status = co_await update_object(
            sys.lane(), obj, FakeSystem::make_update(fmt::format("key{}", n), fmt::format("value{}", n)), {});
        if (status.ok()) count++;
        co_return status;
      }(s, o, i, done));
    }
    Status status = co_await scope.join();
    co_return status;
  }(system, object, ok));
  EXPECT_TRUE(joined.ok()) << joined.to_string();
  EXPECT_EQ(ok, kUpdates);
  system.network().set_model({});
  EXPECT_GT(system.network().counts().resets, 10u) << "the test saw no trouble";
  int executed = 0;
  for (size_t t = 0; t < 2; t++) {
    for (const auto& [value, times] : system.target(t).executions) {
      EXPECT_EQ(times, 1) << value;
      executed += times;
    }
  }
  EXPECT_EQ(executed, kUpdates);
}

TEST(Operations, AStaleMapIsFetchedUnseen) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  map::Builder builder(*system.map());
  builder.set_target_weight(map::TargetId(0), 1);
  system.set_map(*builder.build());
  system.target(0).needs = system.target(1).needs = system.map()->version();
  EXPECT_TRUE(system.update(object, "d", "value").ok());
  EXPECT_EQ(system.fetch(object, "d"), "value");
  EXPECT_EQ(system.map_fetches, 1);
  EXPECT_EQ(object->container()->pool()->view()->map->version(), system.map()->version());
}

TEST(Operations, ATargetThatMovedIsFoundByTheNewMap) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 1);
  EXPECT_TRUE(system.update(object, dkey, "one").ok());
  map::Builder builder(*system.map());
  builder.set_address(map::Rank(0), "", 2000, {FakeSystem::kTargetPort, 3333});
  system.set_map(*builder.build());
  system.move_target(1, 3333);
  EXPECT_TRUE(system.update(object, dkey, "two").ok());
  EXPECT_EQ(system.fetch(object, dkey), "two");
}

TEST(Operations, PatienceEndsAndTheUpdateNeverHappens) {
  FakeSystem system({.total = 10s});
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 0);
  system.target(0).mood = Mood::kDeaf;
  const Status given_up = system.update(object, dkey, "value");
  EXPECT_EQ(given_up.code(), Code::kTimedOut) << given_up.to_string();
  EXPECT_EQ(system.target(0).closes, 1);
  EXPECT_TRUE(system.target(0).executions.empty());
  // the slot is good again
  system.target(0).mood = Mood::kWell;
  EXPECT_TRUE(system.update(object, dkey, "next").ok());
  EXPECT_EQ(system.lane().session(object->container()->pool()->id(), map::TargetId(0)).in_use(), 0u);
}

TEST(Operations, GivingUpLearnsThatItHadHappened) {
  FakeSystem system({.total = 10s});
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 0);
  system.target(0).mood = Mood::kExecutesSilently;
  const Status outcome = system.update(object, dkey, "value");
  EXPECT_TRUE(outcome.ok()) << outcome.to_string();
  EXPECT_EQ(system.target(0).executions["value"], 1);
}

TEST(Operations, NobodyKnowsWhenTheTargetCannotBeAsked) {
  FakeSystem system({.total = 10s});
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 0);
  EXPECT_TRUE(system.update(object, dkey, "before").ok());
  system.block(0);
  const Status unknown = system.update(object, dkey, "value");
  EXPECT_EQ(unknown.code(), Code::kOutcomeUnknown) << unknown.to_string();
  rpc::SlotPool& session = system.lane().session(object->container()->pool()->id(), map::TargetId(0));
  EXPECT_EQ(session.retired().size(), 1u);
  // When it can be asked again, the slot comes back, and what was given up is not executed late.
  system.network().unblock_all();
  const Status waited = system.run([](FakeSystem& s, rpc::SlotPool& slots) -> Task<Status> {
    while (!slots.retired().empty()) {
      const Status slept = co_await runtime::sleep(s.lane().reactor(), s.lane().reactor().within(100ms));
      if (!slept.ok()) co_return slept;
    }
    co_return Status();
  }(system, session));
  EXPECT_TRUE(waited.ok());
  EXPECT_TRUE(system.update(object, dkey, "after").ok());
  EXPECT_EQ(system.fetch(object, dkey), "after");
  EXPECT_LE(system.target(0).executions["value"], 1);
}

TEST(Operations, AStopEndsWhatWouldLastForEver) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 0);
  system.target(0).mood = Mood::kDeaf;
  runtime::StopSource stop;
  system.timeline().after(60s, [&] { stop.request_stop(); });
  EXPECT_EQ(system.update(object, dkey, "value", stop.token()).code(), Code::kCancelled);
  EXPECT_EQ(system.target(0).closes, 1);
  ASSERT_EQ(system.warnings().size(), 1u) << "one warning, once";
  EXPECT_TRUE(system.warnings()[0].find("for 5 s") != std::string::npos ||
              system.warnings()[0].find("for 6 s") != std::string::npos)
      << system.warnings()[0];
  EXPECT_NE(system.warnings()[0].find("rank 0 target 0"), std::string::npos) << system.warnings()[0];
}

TEST(Operations, MoreUpdatesThanSlotsWaitTheirTurn) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  const std::string dkey = system.dkey_at(object, 0);
  constexpr int kUpdates = 1000;
  const Status joined = system.run([](FakeSystem& s, ObjectRef o, std::string d) -> Task<Status> {
    runtime::Scope scope(s.lane().reactor());
    for (int i = 0; i < kUpdates; i++) {
      scope.spawn(update_object(s.lane(), o, FakeSystem::make_update(d, fmt::format("value{}", i)), {}));
    }
    Status status = co_await scope.join();
    co_return status;
  }(system, object, dkey));
  EXPECT_TRUE(joined.ok()) << joined.to_string();
  EXPECT_EQ(system.target(0).executions.size(), size_t{kUpdates});
}

TEST(Operations, WrongNamesAndClassesAreRefused) {
  FakeSystem system;
  const ObjectRef object = system.open_object();
  EXPECT_EQ(system.run(connect_pool(system.lane(), "tonk", "", messages::PoolAccess::kReadOnly, false, {})).code(),
            Code::kNonexistent);
  EXPECT_EQ(system.run(connect_pool(system.lane(), "tank", "other", messages::PoolAccess::kReadOnly, false, {})).code(),
            Code::kNonexistent);
  EXPECT_EQ(open_object(object->container(), {}, true).code(), Code::kInvalid);
  const auto replicated =
      classes::generate_oid({.lo = 1}, 0, classes::class_from_name("RP_2G1"), 0, {.domains = 2, .targets = 2});
  const Result<ObjectRef> refused = open_object(object->container(), *replicated, true);
  EXPECT_EQ(refused.code(), Code::kNotSupported);
  EXPECT_NE(refused.status().message().find("RP_2G1"), std::string_view::npos);
  object->container()->mark_closed();
  EXPECT_EQ(system.update(object, "d", "v").code(), Code::kNoHandle);
}

}  // namespace
}  // namespace daos::core
