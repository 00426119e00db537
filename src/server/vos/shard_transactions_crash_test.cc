// Goal: whatever the moment at which the machine stops: what was said to be prepared is there, undecided, or decided if
// somebody had asked for that; an outcome that was told holds, at all keys of the transaction; what was forgotten is
// either; and single updates are not disturbed. Method: as in shard_crash_test.cc, seeded lives of several steps at
// once end at the k-th write, flush or change of names, while checkpoints run all the time. What every transaction may
// have become is known from what was asked and answered, what the keys must hold from what it has become.
#include "server/vos/index/version.h"
#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;
using State = TransactionState;

constexpr uint32_t kKeysOfDkey = 3;

/// A key or, without an akey, everything of a dkey.
struct Target {
  uint32_t dkey = 0;
  std::optional<uint32_t> akey;
};
struct Change {
  Target target;
  std::string value;  // of a key; a dkey is punched
};
/// Something that was asked of the shard, and whether it was answered.
struct Asked {
  bool asked = false, answered = false;
};
struct Transaction {
  OpId id;
  uint64_t epoch = 0;
  std::vector<Change> changes;
  Asked prepare, decision, forget;
  Outcome outcome = Outcome::kAborted;
  Status wrong;  // what may not be
};
struct Single {
  rpc::SlotRef slot;
  Change change;
  uint64_t epoch = 0;  // 0: no answer
  Status wrong;
};

struct Case {
  journal::Durability durability = journal::Durability::kPower;
  Loss loss = Loss::kPower;
  DiskOperation kind = DiskOperation::kWrite;
  PlantedBugs planted;
  bool extents = false;
  uint64_t seed = 0;
};

ShardWorld::Options world_options(const Case& c) {
  ShardWorld::Options options{.durability = c.durability, .log_bytes_wanted = 20 * kKiB, .planted = c.planted};
  options.tier0_bytes = 4 * kMiB;
  options.bucket_bytes_max = 1 * kKiB;
  if (c.extents) {
    options.inline_max = 600;
    options.tier1_bytes = 2 * kMiB;
    options.retention = Duration(0);
  }
  return options;
}

class Lives {
 public:
  explicit Lives(const Case& c) : case_(c), world_(c.seed, world_options(c)), rng_(c.seed * 91 + 5) {}

  /// Three lives, the first two of which end at or after the k-th operation. What is wrong, or nothing.
  std::string run(uint64_t k) {
    for (int life = 0; life < 4; life++) {
      for (const DiskOperation kind : {DiskOperation::kWrite, DiskOperation::kFlush})
        world_.disk->set_delay(kind, {.least = 10us, .most = 2ms});
      if (life < 2) world_.disk->crash_at(case_.kind, life == 0 ? k : rng_.below(40));
      const Status opened = world_.open();
      if (!opened.ok() && !world_.disk->dead()) return fmt::format("life {}: open: {}", life, opened);
      std::string wrong;
      if (opened.ok()) wrong = judge();
      if (opened.ok() && wrong.empty() && life < 3) wrong = live();
      if (!wrong.empty()) return fmt::format("life {}: {}", life, wrong);
      if (life == 0) met_ = world_.disk->dead();
      world_.restart(life < 2 ? std::optional(case_.loss) : std::nullopt);
    }
    return "";
  }
  bool met() const { return met_; }

 private:
  static std::string prefix_of(uint64_t number) { return fmt::format("{}/", number); }

  Change some_change(uint64_t number, bool may_punch) {
    Change change{.target = {.dkey = pick(kDkeys), .akey = {}}, .value = {}};
    if (may_punch && rng_.below(5) == 0) return change;
    change.target.akey = pick(kKeysOfDkey);
    const bool large = case_.extents && rng_.below(3) == 0;
    change.value = prefix_of(number) + std::string(rng_.below(large ? 9000 : 300), 'x');
    return change;
  }
  uint32_t pick(uint32_t below) { return static_cast<uint32_t>(rng_.below(below)); }
  static UpdateOp update_of(const Change& change) {
    UpdateOp op{
        .container = container_id(0), .object = object_id(0), .id = {}, .dkey = text(key_text(change.target.dkey))};
    op.values.push_back({.akey = text(key_text(*change.target.akey)),
                         .record_bytes = change.value.size(),
                         .value = text(change.value)});
    return op;
  }
  static PunchOp punch_of(const Change& change) {
    return {.container = container_id(0),
            .object = object_id(0),
            .id = {},
            .level = PunchLevel::kDkey,
            .dkey = text(key_text(change.target.dkey)),
            .akeys = {}};
  }

  // --- steps; each knows what it asked before it asks
  runtime::Task<void> prepare(Transaction& transaction) {
    PrepareOp op{
        .id = transaction.id, .epoch = transaction.epoch, .map_version = 1, .leader = 0, .participants = {0, 1}};
    uint16_t minor = 1;
    for (const Change& change : transaction.changes) {
      op.changes.push_back({.minor = minor++, .what = UpdateOp()});
      if (change.target.akey) {
        op.changes.back().what = update_of(change);
      } else {
        op.changes.back().what = punch_of(change);
      }
    }
    transaction.prepare.asked = true;
    const Result<Prepare> prepared = co_await world_.shard->prepare(std::move(op));
    // Below the floor: nothing was done, and its leader would propose it again.
    if (!prepared.ok() && prepared.status().code() != Code::kTxRestart) transaction.wrong = prepared.status();
    transaction.prepare.answered |= prepared.ok();
  }
  runtime::Task<void> decide(Transaction& transaction) {
    transaction.decision.asked = true;
    const Status decided = co_await world_.shard->decide(transaction.id, transaction.outcome, transaction.epoch);
    if (!decided.ok()) transaction.wrong = decided;
    transaction.decision.answered |= decided.ok();
  }
  runtime::Task<void> forget(Transaction& transaction) {
    transaction.forget.asked = true;
    const Status forgotten = co_await world_.shard->forget(transaction.id);
    if (!forgotten.ok()) transaction.wrong = forgotten;
    transaction.forget.answered |= forgotten.ok();
  }
  runtime::Task<void> update(Single& single) {
    UpdateOp op = update_of(single.change);
    op.id = {.endpoint = endpoint_of(1), .slot = single.slot};
    const Result<uint64_t> epoch = co_await world_.shard->update(std::move(op));
    if (!epoch.ok()) single.wrong = epoch.status();
    if (epoch.ok()) single.epoch = *epoch;
  }
  runtime::Task<void> checkpoint() {
    const Status written = co_await world_.shard->write_checkpoint();
    written.ignore("the disk has died, which others notice");
  }

  Transaction* any_of(const std::function<bool(const Transaction&)>& wanted, const std::set<const void*>& busy) {
    std::vector<Transaction*> found;
    for (Transaction& transaction : transactions_) {
      if (!busy.contains(&transaction) && wanted(transaction)) found.push_back(&transaction);
    }
    return found.empty() ? nullptr : found[rng_.below(found.size())];
  }
  void spawn_one(runtime::Scope& scope, std::set<const void*>& busy) {
    const auto is_open = [](const Transaction& t) { return t.prepare.answered && !t.decision.asked; };
    const auto is_decided = [](const Transaction& t) { return t.decision.answered && !t.forget.asked; };
    Transaction* transaction = nullptr;
    const uint64_t dice = rng_.below(12);
    if (dice < 4) {
      transaction = &transactions_.emplace_back();
      transaction->id = {.endpoint = endpoint_of(0), .slot = {.slot = 0, .sequence = transactions_.size()}};
      transaction->epoch = world_.reactor().hlc().next();
      for (uint64_t more = rng_.between(1, 4); more > 0; more--)
        transaction->changes.push_back(some_change(++number_, true));
      if (dice == 0) {
        scope.spawn(decide(*transaction));  // a refusal of what never came
      } else {
        scope.spawn(prepare(*transaction));
      }
    } else if (dice < 7 && (transaction = any_of(is_open, busy)) != nullptr) {
      transaction->outcome = rng_.below(3) == 0 ? Outcome::kAborted : Outcome::kCommitted;
      scope.spawn(decide(*transaction));
    } else if (dice == 7 && (transaction = any_of(is_decided, busy)) != nullptr) {
      scope.spawn(forget(*transaction));
    } else if (dice == 8) {
      scope.spawn(checkpoint());
    } else {
      Single& single = singles_.emplace_back();
      single.slot = {.slot = static_cast<uint16_t>(singles_.size() % kSlots), .sequence = singles_.size() / kSlots + 1};
      single.change = some_change(++number_, false);
      scope.spawn(update(single));
    }
    if (transaction != nullptr) busy.insert(transaction);
  }
  std::string live() {
    for (int turn = 0; turn < 14 && !world_.disk->dead(); turn++) {
      runtime::Scope scope(world_.reactor());
      bool spawned = false;
      world_.reactor().post([&] {
        std::set<const void*> busy;
        for (uint64_t more = rng_.between(1, 4); more > 0; more--) spawn_one(scope, busy);
        spawned = true;
      });
      while (!spawned || scope.running() > 0) {
        DX_CHECK(world_.timeline.step(), "a step waits for something that never happens");
      }
      if (world_.disk->dead()) break;
      std::string wrong = refused();
      if (wrong.empty() && rng_.below(4) == 0) wrong = judge();
      if (!wrong.empty()) return wrong;
    }
    for (Transaction& transaction : transactions_) transaction.wrong = {};
    for (Single& single : singles_) single.wrong = {};
    return "";
  }
  /// On a machine that lives everything must work.
  std::string refused() const {
    for (const Transaction& transaction : transactions_) {
      if (!transaction.wrong.ok()) return fmt::format("{}: {}", transaction.id, transaction.wrong);
    }
    for (const Single& single : singles_) {
      if (!single.wrong.ok()) return fmt::format("update {}: {}", single.change.value.substr(0, 9), single.wrong);
    }
    return "";
  }

  /// Whether the transaction may have become this; nothing: it is not known.
  static bool may_be(const Transaction& t, std::optional<State> state) {
    if (!state) return t.forget.asked || (!t.prepare.answered && !t.decision.answered);
    if (t.forget.answered) return false;
    if (*state == State::kPrepared) return t.prepare.asked && !t.decision.answered;
    if (!t.decision.asked) return false;
    if (*state == State::kRefused) return t.outcome == Outcome::kAborted && !t.prepare.answered;
    return t.prepare.asked && (*state == State::kCommitted) == (t.outcome == Outcome::kCommitted);
  }
  std::string judge() {
    std::set<OpId> open;
    std::map<std::pair<uint32_t, uint32_t>, std::pair<Version, std::string>> expected;
    std::map<uint32_t, Version> punched;
    const auto apply = [&](const Change& change, Version version) {
      if (!change.target.akey) {
        punched[change.target.dkey] = std::max(punched[change.target.dkey], version);
        return;
      }
      auto& [newest, value] = expected[{change.target.dkey, *change.target.akey}];
      if (version < newest) return;
      newest = version;
      value = change.value;
    };
    for (Transaction& transaction : transactions_) {
      const auto found = world_.run(world_.shard->state_of(transaction.id));
      if (world_.disk->dead()) return "";
      if (!found.ok()) return found.status().to_string();
      std::optional<State> state;
      if (*found) state = (*found)->state;
      if (!may_be(transaction, state)) {
        return fmt::format("{} is {}; prepare {} {}, decision {} {} {}, forget {} {}", transaction.id,
                           state ? to_words(*state) : "unknown", transaction.prepare.asked,
                           transaction.prepare.answered, static_cast<int>(transaction.outcome),
                           transaction.decision.asked, transaction.decision.answered, transaction.forget.asked,
                           transaction.forget.answered);
      }
      // What it has become counts from now on, as if it had been answered.
      transaction.prepare.answered |= state == State::kPrepared || state == State::kCommitted;
      if (!state && !transaction.forget.asked) transaction.prepare.asked = transaction.decision.asked = false;
      if (state == State::kPrepared) transaction.decision.asked = false;
      if (state && *state != State::kPrepared) transaction.decision.answered = true;
      if (state && !transaction.forget.answered) transaction.forget.asked = false;
      if (!state && transaction.forget.asked) transaction.forget.answered = true;
      if (state == State::kPrepared) open.insert(transaction.id);
      if (!transaction.decision.answered || transaction.outcome != Outcome::kCommitted) continue;
      uint16_t minor = 1;
      for (const Change& change : transaction.changes) apply(change, {transaction.epoch, minor++});
    }
    for (Single& single : singles_) {
      const auto last = world_.shard->slots().last(endpoint_of(1), single.slot.slot);
      const bool there = last && last->sequence >= single.slot.sequence;
      if (single.epoch != 0 && !there) return "an acknowledged update is gone: " + single.change.value.substr(0, 9);
      if (last && last->sequence == single.slot.sequence) single.epoch = last->epoch;
      if (single.epoch != 0) apply(single.change, {single.epoch, 0});
    }
    const std::vector<OpId> prepared = world_.shard->index().prepared_transactions();
    for (const OpId& id : prepared) {
      if (!open.contains(id)) return fmt::format("{} has something prepared and is not open", id);
    }
    if (prepared.size() != open.size())
      return fmt::format("{} open, {} have something prepared", open.size(), prepared.size());
    for (uint32_t dkey = 0; dkey < kDkeys; dkey++) {
      for (uint32_t akey = 0; akey < kKeysOfDkey; akey++) {
        const auto& [version, value] = expected[{dkey, akey}];
        const std::string wanted = version > punched[dkey] ? value : "";
        const Result<std::string> found = read(dkey, akey);
        if (world_.disk->dead()) return "";
        if (!found.ok()) return found.status().to_string();
        if (*found == wanted) continue;
        return fmt::format("dkey {} akey {}: \"{:.20}\" ({}), expected \"{:.20}\" ({})", dkey, akey, *found,
                           found->size(), wanted, wanted.size());
      }
    }
    return "";
  }
  /// What is committed, whoever is in doubt beside it.
  Result<std::string> read(uint32_t dkey, uint32_t akey) {
    const std::string dkey_text = key_text(dkey), akey_text = key_text(akey);
    const SingleView view = world_.shard->index().single({.container = container_id(0),
                                                          .object = object_id(0),
                                                          .dkey = as_bytes(dkey_text),
                                                          .akey = as_bytes(akey_text)},
                                                         kLatest);
    if (view.data.stored.empty()) return std::string(as_text(view.data.bytes.bytes()));
    FetchOp op{.container = container_id(0), .object = object_id(0), .dkey = text(dkey_text)};
    op.keys.push_back({.akey = text(akey_text)});
    // From the disk only while nobody is in doubt; else it is the length that says which one it is.
    const FetchResult fetched = DX_TRY(world_.run(world_.shard->fetch(std::move(op))));
    if (fetched.in_doubt.empty()) return std::string(as_text(fetched.keys[0].value.bytes()));
    for (const Transaction& transaction : transactions_) {
      for (const Change& change : transaction.changes) {
        if (change.value.size() == view.bytes && transaction.epoch == view.epoch) return change.value;
      }
    }
    for (const Single& single : singles_) {
      if (single.change.value.size() == view.bytes && single.epoch == view.epoch) return single.change.value;
    }
    return std::string("a value of nobody");
  }

  static constexpr size_t kSlots = 8;
  const Case case_;
  ShardWorld world_;
  runtime::Rng rng_;
  std::deque<Transaction> transactions_;
  std::deque<Single> singles_;
  uint64_t number_ = 0;
  bool met_ = false;
};

uint64_t try_every_k(Case c, uint64_t seeds) { return crash_at_every_k<Lives>(c, seeds); }

TEST(ShardTransactionsCrash, LossOfPowerAtEveryWriteAndFlush) {
  EXPECT_GT(try_every_k({.kind = DiskOperation::kWrite}, 5), 60u);
  EXPECT_GT(try_every_k({.kind = DiskOperation::kFlush}, 5), 40u);
  EXPECT_GT(try_every_k({.kind = DiskOperation::kNames}, 5), 4u);
}

TEST(ShardTransactionsCrash, KillAtEveryWriteAndFlush) {
  for (const journal::Durability durability : {journal::Durability::kPower, journal::Durability::kProcess}) {
    EXPECT_GT(try_every_k({.durability = durability, .loss = Loss::kProcess, .kind = DiskOperation::kWrite}, 3), 20u);
    EXPECT_GT(try_every_k({.durability = durability, .loss = Loss::kProcess, .kind = DiskOperation::kFlush}, 3), 2u);
  }
}

TEST(ShardTransactionsCrash, WithExtentsAtEveryWriteAndFlush) {
  EXPECT_GT(try_every_k({.kind = DiskOperation::kWrite, .extents = true}, 4), 60u);
  EXPECT_GT(try_every_k({.kind = DiskOperation::kFlush, .extents = true}, 4), 40u);
}

/// The first thing that the loop above finds wrong with the bug in place, or nothing.
std::string find(Case c) {
  for (c.seed = 0; c.seed < 10; c.seed++) {
    for (uint64_t k = 0; k < 40; k++) {
      const std::string wrong = Lives(c).run(k);
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

TEST(ShardTransactionsCrash, ThePlantedBugsAreSeen) {
  EXPECT_NE(find({.planted = {.acknowledge_before_flush = true}}), "");
  EXPECT_NE(find({.planted = {.forget_extent_flush = true}, .extents = true}), "");
}

}  // namespace
}  // namespace daos::vos
