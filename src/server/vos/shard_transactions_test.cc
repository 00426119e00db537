// Goal: a shard does its side of transactions of several targets: what is prepared is in doubt for everybody and seen
// by nobody, outcomes hold, over restarts too, and what cannot be is refused by name. Crashes: shard_transactions_
// crash_test.cc.
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using storage::Loss;

class ShardTransactions : public testing::Test {
 protected:
  explicit ShardTransactions(ShardWorld::Options options = {}) : world_(5, options) { EXPECT_TRUE(world_.open().ok()); }
  Shard& shard() { return *world_.shard; }
  template <class T>
  T run(runtime::Task<T> task) {
    return world_.run(std::move(task));
  }
  void restart(std::optional<Loss> loss = Loss::kPower) {
    world_.restart(loss);
    const Status opened = world_.open();
    ASSERT_TRUE(opened.ok()) << opened.to_string();
  }
  static AkeyValue single(uint32_t akey, std::string_view value) {
    return {.akey = text(key_text(akey)), .record_bytes = value.size(), .value = text(value)};
  }
  static AkeyValue array(uint32_t akey, uint64_t start, std::string_view value) {
    return {.akey = text(key_text(akey)),
            .kind = ValueKind::kArray,
            .record_bytes = 1,
            .extents = {{.start = start, .count = value.size()}},
            .value = text(value)};
  }
  static UpdateOp update(uint32_t dkey, AkeyValue value, uint64_t conditions = 0) {
    UpdateOp op{.container = container_id(0), .object = object_id(0), .id = {}, .conditions = conditions};
    op.dkey = text(key_text(dkey));
    op.values.push_back(std::move(value));
    return op;
  }
  static PunchOp punch(uint32_t dkey) {
    return {.container = container_id(0),
            .object = object_id(0),
            .id = {},
            .level = PunchLevel::kDkey,
            .dkey = text(key_text(dkey)),
            .akeys = {}};
  }
  static OpId id(uint64_t number) { return {.endpoint = endpoint_of(0), .slot = {.slot = 1, .sequence = number}}; }
  uint64_t next_epoch() { return world_.reactor().hlc().next(); }

  template <class... Change>
  PrepareOp operation(uint64_t number, uint64_t epoch, Change... changes) {
    PrepareOp op{
        .id = id(number), .epoch = epoch, .map_version = 3, .leader = 1, .participants = {1, 2}, .changes = {}};
    uint16_t minor = 1;
    (op.changes.push_back({.minor = minor++, .what = std::move(changes)}), ...);
    return op;
  }
  /// Prepares, which must work; the epoch.
  template <class... Change>
  uint64_t prepare(uint64_t number, Change... changes) {
    const uint64_t epoch = next_epoch();
    const Result<Prepare> prepared = run(shard().prepare(operation(number, epoch, std::move(changes)...)));
    EXPECT_TRUE(prepared.ok()) << prepared.status().to_string();
    if (prepared.ok()) EXPECT_TRUE(prepared->in_doubt.empty());
    return epoch;
  }
  Status commit(uint64_t number, uint64_t epoch) { return run(shard().decide(id(number), Outcome::kCommitted, epoch)); }
  Status abort(uint64_t number) { return run(shard().decide(id(number), Outcome::kAborted, 0)); }
  std::optional<TransactionState> state(uint64_t number) {
    const auto entry = run(shard().state_of(id(number)));
    EXPECT_TRUE(entry.ok()) << entry.status().to_string();
    if (!entry.ok() || !*entry) return {};
    return (*entry)->state;
  }
  FetchResult fetch(uint32_t dkey, uint32_t akey, uint64_t epoch = kLatest) {
    FetchOp op{.container = container_id(0), .object = object_id(0), .epoch = epoch, .dkey = text(key_text(dkey))};
    op.keys.push_back({.akey = text(key_text(akey))});
    Result<FetchResult> result = run(shard().fetch(std::move(op)));
    EXPECT_TRUE(result.ok()) << result.status().to_string();
    return result.ok() ? std::move(result).take() : FetchResult();
  }
  std::string value(uint32_t dkey, uint32_t akey) {
    const FetchResult result = fetch(dkey, akey);
    EXPECT_TRUE(result.in_doubt.empty());
    return result.keys.empty() ? "?" : std::string(as_text(result.keys[0].value.bytes()));
  }
  Result<uint64_t> execute(UpdateOp op, uint64_t sequence) {
    op.id = {.endpoint = endpoint_of(1), .slot = {.slot = 0, .sequence = sequence}};
    return run(shard().update(std::move(op)));
  }

  ShardWorld world_;
};

TEST_F(ShardTransactions, WhatIsPreparedIsInDoubtForReadersUntilItIsCommitted) {
  const uint64_t before = next_epoch();
  const uint64_t epoch = prepare(1, update(0, single(0, "value")), update(1, array(1, 5, "abc")));
  const std::vector<OpId> doubts{id(1)};
  EXPECT_EQ(fetch(0, 0).in_doubt, doubts);
  EXPECT_TRUE(fetch(0, 1).in_doubt.empty());
  EXPECT_TRUE(fetch(0, 0, before).in_doubt.empty());
  const auto list_keys = [&] {
    return run(shard().list_keys({.container = container_id(0),
                                  .object = object_id(0),
                                  .dkey = {},
                                  .anchor = {},
                                  .keys_max = 9,
                                  .bytes_max = 99}));
  };
  const auto list_extents = [&] {
    return run(shard().list_extents({.container = container_id(0),
                                     .object = object_id(0),
                                     .dkey = text(key_text(1)),
                                     .akey = text(key_text(1)),
                                     .extents_max = 9}));
  };
  const auto query = [&] {
    return run(
        shard().query(container_id(0), object_id(0), text(key_text(1)), text(key_text(1)), {.recx = true}, kLatest));
  };
  const auto highest = [&] { return run(shard().highest_epoch(container_id(0), object_id(0))); };
  EXPECT_EQ(list_keys()->in_doubt, doubts);
  EXPECT_EQ(list_extents()->in_doubt, doubts);
  EXPECT_EQ(query()->in_doubt, doubts);
  EXPECT_EQ(highest()->in_doubt, doubts);
  EXPECT_EQ(state(1), TransactionState::kPrepared);

  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_EQ(state(1), TransactionState::kCommitted);
  EXPECT_EQ(value(0, 0), "value");
  EXPECT_EQ(list_keys()->keys.size(), 2u);
  EXPECT_EQ(list_extents()->extents.size(), 1u);
  EXPECT_EQ(query()->recx.end(), 8u);
  EXPECT_EQ(highest()->epoch, epoch);
}

TEST_F(ShardTransactions, AFetchOfOtherRecordsOfAnArrayIsInNoDoubt) {
  prepare(1, update(0, array(0, 100, "abc")));
  const auto in_doubt = [&](uint64_t start, uint64_t conditions) {
    FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text(key_text(0))};
    op.conditions = conditions;
    op.keys.push_back(
        {.akey = text(key_text(0)), .kind = ValueKind::kArray, .extents = {{.start = start, .count = 5}}});
    return !run(shard().fetch(std::move(op)))->in_doubt.empty();
  };
  EXPECT_TRUE(in_doubt(98, 0));
  EXPECT_FALSE(in_doubt(90, 0));
  EXPECT_TRUE(in_doubt(90, kCondAkeyFetch));
  EXPECT_TRUE(in_doubt(90, kCondDkeyFetch));
}

TEST_F(ShardTransactions, OutcomesHoldOverRestarts) {
  const uint64_t first = prepare(1, update(0, single(0, "one")), update(1, single(0, "one")));
  const uint64_t second = prepare(2, update(0, single(1, "two")), punch(1));
  prepare(3, update(2, single(0, "three")));
  EXPECT_TRUE(commit(1, first).ok());
  EXPECT_TRUE(abort(4).ok());
  restart();
  ASSERT_EQ(shard().in_doubt().size(), 2u);
  const TransactionEntry open = shard().in_doubt()[0];
  EXPECT_EQ(open.id, id(2));
  EXPECT_EQ(open.epoch, second);
  EXPECT_EQ(open.leader, 1u);
  EXPECT_EQ(open.map_version, 3u);
  EXPECT_EQ(open.participants, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(value(0, 0), "one");
  EXPECT_EQ(fetch(1, 0).in_doubt, std::vector{id(2)});
  EXPECT_TRUE(run(shard().write_checkpoint()).ok());
  restart();
  EXPECT_TRUE(commit(2, second).ok());
  EXPECT_TRUE(abort(3).ok());
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(value(0, 0), "one");
    EXPECT_EQ(value(0, 1), "two");
    EXPECT_EQ(value(1, 0), "");
    EXPECT_EQ(value(2, 0), "");
    EXPECT_EQ(state(1), TransactionState::kCommitted);
    EXPECT_EQ(state(2), TransactionState::kCommitted);
    EXPECT_EQ(state(3), TransactionState::kAborted);
    EXPECT_EQ(state(4), TransactionState::kRefused);
    if (i == 0) restart();
  }
  for (uint64_t number = 1; number <= 4; number++) {
    EXPECT_TRUE(run(shard().forget(id(number))).ok());
    EXPECT_TRUE(run(shard().forget(id(number))).ok());
  }
  restart();
  EXPECT_EQ(state(1), std::nullopt);
  EXPECT_EQ(state(4), std::nullopt);
  EXPECT_EQ(value(0, 1), "two");
}

TEST_F(ShardTransactions, APrepareThatIsRepeatedIsRecognised) {
  const uint64_t epoch = prepare(1, update(0, single(0, "value")));
  const uint64_t used = shard().index().used_bytes();
  EXPECT_TRUE(run(shard().prepare(operation(1, epoch, update(0, single(0, "value"))))).ok());
  EXPECT_EQ(shard().index().used_bytes(), used);
  restart();
  EXPECT_TRUE(run(shard().prepare(operation(1, epoch, update(0, single(0, "value"))))).ok());
  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_TRUE(run(shard().prepare(operation(1, epoch, update(0, single(0, "value"))))).ok());
  EXPECT_FALSE(shard().index().has_prepared());
}

TEST_F(ShardTransactions, ALaterProposalTakesThePlaceOfTheEarlier) {
  const uint64_t first = prepare(1, update(0, single(0, "old")), update(1, single(0, "old")));
  const uint64_t second = prepare(1, update(0, single(0, "new")));
  EXPECT_EQ(run(shard().prepare(operation(1, first, update(0, single(0, "old"))))).status().code(), Code::kCancelled);
  EXPECT_EQ(commit(1, first).code(), Code::kInvalid);
  EXPECT_TRUE(fetch(1, 0).in_doubt.empty());
  restart();
  EXPECT_EQ(shard().in_doubt()[0].epoch, second);
  EXPECT_TRUE(commit(1, second).ok());
  EXPECT_EQ(value(0, 0), "new");
  EXPECT_EQ(value(1, 0), "");
}

TEST_F(ShardTransactions, WhatIsRefusedIsNeverPrepared) {
  EXPECT_EQ(commit(1, 5).code(), Code::kNonexistent);
  EXPECT_TRUE(abort(1).ok());
  EXPECT_TRUE(abort(1).ok());
  for (int i = 0; i < 2; i++) {
    const auto late = run(shard().prepare(operation(1, next_epoch(), update(0, single(0, "late")))));
    EXPECT_EQ(late.status().code(), Code::kCancelled) << late.status().to_string();
    EXPECT_EQ(commit(1, 5).code(), Code::kInvalid);
    restart();
  }
  EXPECT_EQ(value(0, 0), "");
}

TEST_F(ShardTransactions, AnOutcomeIsNotTakenBack) {
  const uint64_t epoch = prepare(1, update(0, single(0, "value")));
  EXPECT_EQ(run(shard().forget(id(1))).code(), Code::kInvalid);
  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_EQ(abort(1).code(), Code::kInvalid);
  prepare(2, update(0, single(0, "other")));
  EXPECT_TRUE(abort(2).ok());
  EXPECT_EQ(commit(2, epoch).code(), Code::kInvalid);
  EXPECT_EQ(value(0, 0), "value");
}

TEST_F(ShardTransactions, ADecisionFindsItsPlaceAmongLaterUpdates) {
  const uint64_t epoch = prepare(1, punch(0), update(0, single(1, "transaction")));
  ASSERT_TRUE(execute(update(0, single(1, "later")), 1).ok());
  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_EQ(value(0, 1), "later");
  EXPECT_EQ(as_text(fetch(0, 1, epoch).keys[0].value.bytes()), "transaction");
}

TEST_F(ShardTransactions, ConditionsAndKindsAreAskedWhenItIsPrepared) {
  ASSERT_TRUE(execute(update(0, single(0, "there")), 1).ok());
  const auto refused = [&](uint64_t number, auto... changes) {
    return run(shard().prepare(operation(number, next_epoch(), std::move(changes)...))).status().code();
  };
  EXPECT_EQ(refused(1, update(0, single(0, "x"), kCondAkeyInsert)), Code::kExists);
  EXPECT_EQ(refused(2, update(0, single(1, "x"), kCondAkeyUpdate)), Code::kNonexistent);
  EXPECT_EQ(refused(3, update(0, array(0, 0, "x"))), Code::kNoPerm);
  EXPECT_EQ(refused(4, punch(0), update(0, array(0, 0, "x"))), Code::kOk);
  EXPECT_EQ(state(1), std::nullopt);
}

TEST_F(ShardTransactions, WhatDependsOnAnOpenOutcomeWaitsForIt) {
  const uint64_t epoch = prepare(1, update(0, single(0, "value")));
  EXPECT_EQ(execute(update(0, single(0, "x"), kCondAkeyInsert), 1).status().code(), Code::kAgain);
  EXPECT_EQ(execute(update(0, array(0, 0, "x")), 1).status().code(), Code::kAgain);
  const auto second = run(shard().prepare(operation(2, next_epoch(), update(0, single(0, "x"), kCondAkeyInsert))));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->in_doubt, std::vector{id(1)});
  EXPECT_EQ(state(2), std::nullopt);
  EXPECT_TRUE(commit(1, epoch).ok());
  // The same operation again, under its slot.
  EXPECT_EQ(execute(update(0, single(0, "x"), kCondAkeyInsert), 1).status().code(), Code::kExists);
}

TEST_F(ShardTransactions, AnEpochBelowTheFloorIsRefused) {
  const uint64_t epoch = next_epoch();
  ASSERT_TRUE(execute(update(0, single(0, "value")), 1).ok());
  restart(std::nullopt);
  EXPECT_LT(epoch, shard().floor());
  const auto late = run(shard().prepare(operation(1, epoch, update(0, single(0, "late")))));
  EXPECT_EQ(late.status().code(), Code::kTxRestart);
  const auto at_floor = run(shard().prepare(operation(1, shard().floor(), update(0, single(0, "late")))));
  EXPECT_TRUE(at_floor.ok()) << at_floor.status().to_string();
}

TEST_F(ShardTransactions, ADestroyedContainerTakesItsPartOfATransactionWithIt) {
  UpdateOp other = update(0, single(0, "stays"));
  other.container = container_id(1);
  const uint64_t epoch = prepare(1, update(0, single(0, "goes")), punch(1), std::move(other));
  EXPECT_TRUE(run(shard().write_checkpoint()).ok());
  EXPECT_TRUE(run(shard().destroy_container(container_id(0))).ok());
  EXPECT_TRUE(fetch(0, 0).in_doubt.empty());
  restart();
  EXPECT_EQ(shard().in_doubt().size(), 1u);
  EXPECT_TRUE(commit(1, epoch).ok());
  for (int i = 0; i < 2; i++) {
    EXPECT_EQ(value(0, 0), "");
    EXPECT_EQ(shard().index().containers(), std::vector{container_id(1)});
    if (i == 0) restart();
  }
}

TEST_F(ShardTransactions, WhatIsNoTransactionIsRefused) {
  const auto code = [&](PrepareOp op) { return run(shard().prepare(std::move(op))).status().code(); };
  const uint64_t epoch = next_epoch();
  const auto sound = [&] { return operation(1, epoch, update(0, single(0, "x")), punch(1)); };
  PrepareOp op = sound();
  op.id.slot.sequence = 0;
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  op.epoch = kLatest;
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  op.participants.clear();
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  op.changes.clear();
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  op.changes[1].minor = op.changes[0].minor;
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  std::get<UpdateOp>(op.changes[0].what).dkey = {};
  EXPECT_EQ(code(op), Code::kInvalid);
  op = sound();
  op.changes.resize(65'536);
  EXPECT_EQ(code(op), Code::kOverflow);
  EXPECT_EQ(code(sound()), Code::kOk);
}

class LargeTransactions : public ShardTransactions {
 protected:
  LargeTransactions()
      : ShardTransactions({.tier0_bytes = 256 * kMiB,
                           .segment_bytes = 4 * kMiB,
                           .log_bytes_wanted = 64 * kMiB,
                           .log_bytes_beyond = 64 * kMiB,
                           .bucket_bytes_max = 256 * kKiB}) {}
};

TEST_F(LargeTransactions, AsManyChangesAsMinorsTellApart) {
  PrepareOp op = operation(1, next_epoch());
  constexpr uint32_t kChanges = 65'535;
  for (uint32_t i = 0; i < kChanges; i++) {
    UpdateOp change = update(0, single(0, "v"));
    change.dkey = text(fmt::format("key-{:08}", i));
    op.changes.push_back({.minor = static_cast<uint16_t>(i), .what = std::move(change)});
  }
  const uint64_t epoch = op.epoch;
  const uint64_t free_before = shard().tier_free(0);
  const auto prepared = run(shard().prepare(std::move(op)));
  ASSERT_TRUE(prepared.ok()) << prepared.status().to_string();
  const uint64_t charged = free_before - shard().tier_free(0);
  EXPECT_TRUE(run(shard().write_checkpoint()).ok());
  restart();
  EXPECT_EQ(shard().index().prepared_transactions(), std::vector{id(1)});
  EXPECT_TRUE(commit(1, epoch).ok());
  EXPECT_EQ(shard().index().akeys(), kChanges);
  EXPECT_LE(free_before - shard().tier_free(0), charged);  // what it may need was kept for it
  restart();
  EXPECT_EQ(shard().index().akeys(), kChanges);
}

class ExtentTransactions : public ShardTransactions {
 protected:
  ExtentTransactions()
      : ShardTransactions(
            {.tier0_bytes = 2 * kMiB, .tier1_bytes = 1 * kMiB, .inline_max = 600, .retention = Duration(0)}) {}
};

TEST_F(ExtentTransactions, RunsOfWhatIsPreparedAreItsOwnAndComeBackWhenItIsAborted) {
  const uint64_t free_before = shard().tier_free(1);
  const std::string large(50'000, 'L');
  const uint64_t first = prepare(1, update(0, single(0, large)), update(0, array(1, 7, large)));
  prepare(2, update(1, single(0, large)));
  EXPECT_LT(shard().tier_free(1), free_before - 150'000);
  // Overwriting and reclaiming everything else around it leaves it as it is.
  for (uint64_t i = 1; i < 60; i++) ASSERT_TRUE(execute(update(2, single(0, std::string(40'000, 'x'))), i).ok());
  EXPECT_TRUE(run(shard().write_checkpoint()).ok());
  restart();
  for (uint64_t i = 60; i < 90; i++) ASSERT_TRUE(execute(update(2, single(0, std::string(40'000, 'y'))), i).ok());
  EXPECT_TRUE(commit(1, first).ok());
  EXPECT_TRUE(abort(2).ok());
  EXPECT_EQ(value(0, 0), large);
  EXPECT_EQ(value(1, 0), "");
  world_.timeline.run_until(world_.timeline.now() + std::chrono::seconds(2));
  EXPECT_FALSE(shard().index().has_garbage());
  EXPECT_GT(shard().tier_free(1), free_before - 160'000);
  restart();
  EXPECT_EQ(value(0, 0), large);
}

}  // namespace
}  // namespace daos::vos
