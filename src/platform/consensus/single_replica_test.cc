// Goal: a command is applied once and in order, its answer leaves when it is durable and stays the same for ever,
// whatever stops the machine when. Method: a machine whose state is the list of its commands; the same seeded life is
// ended at the k-th write, flush or change of names for k = 0, 1, 2 ..., with snapshots so frequent that most of them
// are in the middle of one.
#include <gtest/gtest.h>

#include <deque>

#include "platform/base/hash.h"
#include "platform/base/units.h"
#include "platform/consensus/replica.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"

namespace daos::consensus {
namespace {

using namespace std::chrono_literals;
using storage::DiskOperation;
using storage::Loss;

/// Its state is all commands so far; the answer to each is their number. "refused" changes nothing and is answered so;
/// "broken" is no command.
class Ledger : public StateMachine {
 public:
  Result<ByteVector> apply(ByteSpan command) override {
    const std::string text(as_text(command));
    if (text == "broken") return error(Code::kFormatVersion, "no command of this build");
    if (text != "refused") commands.push_back(text);
    return encode(static_cast<uint64_t>(commands.size()));
  }
  ByteVector snapshot() const override { return encode(commands); }
  Status restore(ByteSpan snapshot) override {
    commands = DX_TRY(decode<std::vector<std::string>>(snapshot, "ledger"));
    return {};
  }
  std::vector<std::string> commands;
};

struct Proposal {
  Uuid operation;
  std::string command;
  bool ended = false;
  Status status;
  uint64_t answer = 0;
};

class World {
 public:
  explicit World(uint64_t seed, uint64_t snapshot_log_bytes = 64 * kKiB, uint64_t segment_bytes = 16 * kKiB)
      : seed_(seed),
        options_{.journal = {.segment_bytes = segment_bytes, .segments_max = 8},
                 .snapshot_log_bytes = snapshot_log_bytes} {
    boot();
  }
  ~World() {
    if (replica) close().ignore("the world ends");
  }

  runtime::Timeline timeline;
  runtime::VirtualClock clock{timeline};
  std::shared_ptr<storage::MemoryMedium> medium = std::make_shared<storage::MemoryMedium>();
  std::unique_ptr<runtime::VirtualReactor> node;
  std::unique_ptr<storage::MemoryDisk> disk;
  std::unique_ptr<Ledger> ledger;
  std::unique_ptr<Replica> replica;

  runtime::Reactor& reactor() { return node->reactor(); }
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run(timeline, reactor(), std::move(task));
  }
  Status open() {
    ledger = std::make_unique<Ledger>();
    auto opened = run(open_single_replica(reactor(), *disk, "service", *ledger, options_));
    if (!opened.ok()) return opened.status();
    replica = std::move(opened).take();
    return {};
  }
  Status close() {
    Status status = run(replica->close());
    replica.reset();
    return status;
  }
  void restart(std::optional<Loss> loss) {
    if (loss) disk->die();
    if (replica) close().ignore("the machine has stopped");
    if (loss) disk->crash(*loss);
    disk.reset();
    node.reset();
    boot();
  }
  void propose(std::deque<Proposal*> proposals) {
    runtime::Scope scope(reactor());
    reactor().post([&] {
      for (Proposal* each : proposals) scope.spawn(propose_one(*replica, *each));
    });
    const auto has_ended = [](const Proposal* each) { return each->ended; };
    while (!std::all_of(proposals.begin(), proposals.end(), has_ended) || scope.running() > 0) {
      DX_CHECK(timeline.step(), "a proposal waits for something that never happens");
    }
  }
  Proposal propose(Proposal proposal) {
    proposal.ended = false;
    propose(std::deque<Proposal*>{&proposal});
    return proposal;
  }

 private:
  void boot() {
    node = std::make_unique<runtime::VirtualReactor>(timeline,
                                                     runtime::Reactor::Options{.clock = &clock, .seed = ++seed_});
    disk = std::make_unique<storage::MemoryDisk>(node->reactor(), medium,
                                                 storage::MemoryOptions{.timeline = &timeline, .seed = ++seed_});
  }
  static runtime::Task<void> propose_one(Replica& replica, Proposal& proposal) {
    const ByteSpan bytes = as_bytes(proposal.command);
    const Result<ByteVector> answer =
        co_await replica.propose(proposal.operation, ByteVector(bytes.begin(), bytes.end()));
    proposal.status = answer.status();
    if (answer.ok()) proposal.answer = *decode<uint64_t>(*answer, "answer");
    proposal.ended = true;
  }

  uint64_t seed_;
  ReplicaOptions options_;
};

Proposal command(uint64_t number, std::string text) {
  return {.operation = Uuid::from_random(mix64(number), mix64(~number)), .command = std::move(text)};
}

TEST(SingleReplica, AppliesInOrderAndAnswersARepetitionAsTheFirst) {
  World world(1);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.propose(command(1, "one")).answer, 1u);
  EXPECT_EQ(world.propose(command(2, "two")).answer, 2u);
  EXPECT_EQ(world.propose(command(1, "one")).answer, 1u);
  EXPECT_EQ(world.propose(command(3, "refused")).answer, 2u);
  EXPECT_TRUE(world.replica->has_answered(command(3, "").operation));
  EXPECT_FALSE(world.replica->has_answered(command(4, "").operation));
  EXPECT_EQ(world.propose(command(4, "three")).answer, 3u);
  EXPECT_EQ(world.propose(command(3, "refused")).answer, 2u);
  EXPECT_TRUE(world.run(world.replica->read_barrier()).ok());
  for (const std::optional<Loss> loss : {std::optional<Loss>(), std::optional(Loss::kPower)}) {
    world.restart(loss);
    ASSERT_TRUE(world.open().ok());
    EXPECT_EQ(world.ledger->commands, (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_EQ(world.propose(command(1, "one")).answer, 1u);
    EXPECT_EQ(world.propose(command(3, "refused")).answer, 2u);
  }
}

TEST(SingleReplica, AnswersOnlyWhenDurable) {
  World world(1);
  ASSERT_TRUE(world.open().ok());
  world.disk->set_delay(DiskOperation::kFlush, {.least = 10ms, .most = 10ms});
  const Time before = world.timeline.now();
  Proposal first = command(1, "one"), repetition = command(1, "one");
  world.propose({&first, &repetition});  // the repetition finds the answer there, and not yet durable
  EXPECT_GE(world.timeline.now() - before, 10ms);
  EXPECT_EQ(repetition.answer, 1u);
  world.disk->fail_at(DiskOperation::kFlush, 0, Code::kIo, 1000);
  EXPECT_FALSE(world.propose(command(2, "two")).status.ok());
  EXPECT_FALSE(world.run(world.replica->read_barrier()).ok()) << "what was read may be taken back";
  EXPECT_FALSE(world.propose(command(3, "three")).status.ok());
}

TEST(SingleReplica, SnapshotsFreeTheLogAndKeepAnswers) {
  World world(2, 16 * kKiB);
  ASSERT_TRUE(world.open().ok());
  // Many times what the log could hold.
  for (uint64_t i = 1; i <= 400; i++) {
    const Proposal done = world.propose(command(i, fmt::format("command {}", i)));
    ASSERT_EQ(done.answer, i) << done.status.to_string();
  }
  EXPECT_GT(world.medium->size("service/snapshot"), 0u);
  world.restart(Loss::kPower);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.ledger->commands.size(), 400u);
  EXPECT_EQ(world.ledger->commands.back(), "command 400");
  EXPECT_EQ(world.propose(command(1, "command 1")).answer, 1u);
  EXPECT_EQ(world.propose(command(400, "command 400")).answer, 400u);
}

TEST(SingleReplica, ASnapshotThatCannotBeWrittenTakesNoAnswerBack) {
  World world(3, 8 * kKiB, 256 * kKiB);  // all in the log's first segment
  ASSERT_TRUE(world.open().ok());
  for (uint64_t i = 1; i <= 3; i++) {
    world.disk->fail_at(DiskOperation::kNames, 0, Code::kNoSpace);  // no temporary file for the snapshot
    const Proposal done = world.propose(command(i, std::string(5000, 'x')));
    EXPECT_TRUE(done.status.ok()) << done.status.to_string();
    EXPECT_EQ(done.answer, i);
  }
  EXPECT_TRUE(world.propose(command(4, "four")).status.ok());
  world.restart(Loss::kPower);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.ledger->commands.size(), 4u);
}

TEST(SingleReplica, ACommandThatIsNoneStopsTheReplica) {
  World world(1);
  ASSERT_TRUE(world.open().ok());
  EXPECT_EQ(world.propose(command(1, "broken")).status.code(), Code::kFormatVersion);
  EXPECT_EQ(world.propose(command(2, "two")).status.code(), Code::kFormatVersion);
  EXPECT_TRUE(world.ledger->commands.empty());
  EXPECT_FALSE(world.run(world.replica->read_barrier()).ok());
}

TEST(SingleReplica, ADamagedSnapshotIsNamed) {
  World world(2, 8 * kKiB);
  ASSERT_TRUE(world.open().ok());
  for (uint64_t i = 1; i <= 10; i++) ASSERT_TRUE(world.propose(command(i, "some command")).status.ok());
  ASSERT_TRUE(world.close().ok());
  const uint64_t bytes = world.medium->size("service/snapshot");
  for (uint64_t offset = 0; offset < bytes; offset += 3) {
    world.medium->flip_bit("service/snapshot", offset, offset % 8);
    const Status opened = world.open();
    EXPECT_EQ(opened.code(), Code::kFormatInvalid) << offset;
    EXPECT_NE(opened.message().find("service/snapshot"), std::string_view::npos) << opened.to_string();
    world.medium->flip_bit("service/snapshot", offset, offset % 8);
  }
  EXPECT_TRUE(world.open().ok());
}

/// Three lives, the first two of which end at or after the k-th operation.
class Lives {
 public:
  Lives(uint64_t seed, DiskOperation kind, Loss loss)
      : kind_(kind), loss_(loss), world_(seed, 8 * kKiB), rng_(seed + 3) {}

  std::string run(uint64_t k) {
    for (int life = 0; life < 3; life++) {
      world_.disk->set_delay(DiskOperation::kWrite, {.least = 10us, .most = 1ms});
      world_.disk->set_delay(DiskOperation::kFlush, {.least = 10us, .most = 2ms});
      if (life < 2) world_.disk->crash_at(kind_, life == 0 ? k : rng_.below(40));
      const Status opened = world_.open();
      if (opened.ok()) {
        std::string wrong = judge();
        if (wrong.empty()) wrong = live();
        if (!wrong.empty()) return fmt::format("life {}: {}", life, wrong);
      } else if (!world_.disk->dead()) {
        return fmt::format("life {}: open: {}", life, opened);
      }
      if (life == 0) met_ = world_.disk->dead();
      world_.restart(life < 2 ? std::optional(loss_) : std::nullopt);
    }
    const Status opened = world_.open();
    return opened.ok() ? judge() : fmt::format("last open: {}", opened);
  }
  bool met() const { return met_; }

 private:
  /// What is there is a prefix of what was proposed, with everything that was answered.
  std::string judge() {
    const std::vector<std::string>& there = world_.ledger->commands;
    if (there.size() < answered_) return fmt::format("{} commands of {} answered ones", there.size(), answered_);
    if (there.size() > proposals_.size()) return "more commands than were proposed";
    for (size_t i = 0; i < there.size(); i++) {
      if (there[i] != proposals_[i].command) return fmt::format("command {} is \"{:.20}\"", i, there[i]);
    }
    proposals_.resize(there.size());
    answered_ = there.size();
    for (size_t i = 0; i < there.size(); i++) {
      const Proposal again = world_.propose(proposals_[i]);
      if (world_.disk->dead()) return "";
      if (!again.status.ok()) return fmt::format("repetition of command {}: {}", i, again.status);
      if (again.answer != i + 1) return fmt::format("repetition of command {} is answered {}", i, again.answer);
    }
    return there.size() == proposals_.size() ? "" : "a repetition was applied again";
  }
  std::string live() {
    for (int turn = 0; turn < 10 && !world_.disk->dead(); turn++) {
      const size_t first = proposals_.size();
      for (uint64_t more = rng_.between(1, 3); more > 0; more--) {
        const std::string padding(rng_.below(4) == 0 ? rng_.below(6000) : 20, 'x');
        proposals_.push_back(command(++number_, fmt::format("{}-{}", number_, padding)));
      }
      std::deque<Proposal*> together;
      for (size_t i = first; i < proposals_.size(); i++) together.push_back(&proposals_[i]);
      world_.propose(together);
      for (size_t i = first; i < proposals_.size(); i++) {
        if (proposals_[i].status.ok()) {
          if (proposals_[i].answer != i + 1) return fmt::format("command {} is answered {}", i, proposals_[i].answer);
          answered_ = i + 1;
        } else if (!world_.disk->dead()) {
          return fmt::format("command {}: {}", i, proposals_[i].status);
        }
      }
    }
    return "";
  }

  const DiskOperation kind_;
  const Loss loss_;
  World world_;
  runtime::Rng rng_;
  std::deque<Proposal> proposals_;  // all that count, in order
  size_t answered_ = 0;
  uint64_t number_ = 0;
  bool met_ = false;
};

TEST(SingleReplica, KeepsWhatWasAnsweredThroughACrashAtEveryOperation) {
  for (const DiskOperation kind : {DiskOperation::kWrite, DiskOperation::kFlush, DiskOperation::kNames}) {
    for (const Loss loss : {Loss::kPower, Loss::kProcess}) {
      uint64_t lives = 0;
      for (uint64_t seed = 0; seed < 3; seed++) {
        for (uint64_t k = 0;; k++, lives++) {
          Lives run(seed, kind, loss);
          ASSERT_EQ(run.run(k), "") << "seed " << seed << " k " << k << " kind " << static_cast<int>(kind);
          if (!run.met()) break;
        }
      }
      EXPECT_GT(lives, 10u);
    }
  }
}

}  // namespace
}  // namespace daos::consensus
