#include <deque>
#include <map>

#include "platform/base/check.h"
#include "platform/consensus/format.h"
#include "platform/consensus/replica.h"
#include "platform/runtime/sync.h"

namespace daos::consensus {
namespace {

/// Answers remembered; a repetition that comes later than this many other commands is executed again. Clients repeat
/// within seconds, and a service sees some thousands of commands in that time at the most.
constexpr size_t kAnswersKept = 8192;

class SingleReplica : public Replica {
 public:
  SingleReplica(runtime::Reactor& reactor, storage::Disk& disk, std::string directory, StateMachine& machine,
                ReplicaOptions options)
      : reactor_(reactor),
        disk_(disk),
        directory_(std::move(directory)),
        machine_(machine),
        options_(options),
        snapshot_turn_(reactor, 1) {}

  runtime::Task<Status> open() {
    DX_CO_TRY(co_await disk_.make_directory(directory_ + "/log"));
    DX_CO_TRY(co_await restore());
    Result<std::unique_ptr<journal::Journal>> opened = co_await journal::Journal::open(
        reactor_, disk_, directory_ + "/log", options_.journal,
        [this](journal::Position position, ByteSpan record, journal::Settled) { return replay(position, record); });
    if (!opened.ok()) co_return std::move(opened).status().within(directory_);
    journal_ = std::move(opened).take();
    if (journal_->recovery().trimmed > snapshot_at_) {
      const journal::Position trimmed = journal_->recovery().trimmed;
      Status closed = co_await journal_->close();
      closed.ignore("the replica cannot be opened");
      co_return error(Code::kCorrupt, "{} {}: the log was given up to position {}", snapshot_path(),
                      snapshot_at_.value() == 0 ? "is missing" : "is an old one", trimmed);
    }
    snapshot_at_ = std::max(snapshot_at_, journal::Position(0));
    co_return Status();
  }

  runtime::Task<Result<ByteVector>> propose(Uuid operation, ByteVector command) override {
    DX_CO_TRY(health());
    if (const ByteVector* known = answer_of(operation)) {
      ByteVector answer = *known;
      DX_CO_TRY(co_await journal_->wait_durable(journal_->appended(), {}));
      co_return answer;
    }
    const journal::Position position =
        DX_CO_TRY(journal_->append({encode(Entry{.operation = operation, .command = command})}));
    Result<ByteVector> applied = machine_.apply(command);
    if (!applied.ok()) {  // it is in the log: nothing that comes behind it could be replayed
      broken_ = applied.status();
      co_return broken_;
    }
    ByteVector answer = std::move(applied).take();
    remember(operation, answer);
    DX_CO_TRY(co_await journal_->wait_durable(position, {}));
    if (journal_->appended().value() - snapshot_at_.value() > options_.snapshot_log_bytes) {
      // The command is done whatever becomes of the snapshot; the next command tries again.
      const Status written = co_await write_snapshot();
      if (!written.ok()) reactor_.log().warn("{}: no snapshot could be written: {}", directory_, written);
    }
    co_return answer;
  }

  bool has_answered(const Uuid& operation) const override { return answer_of(operation) != nullptr; }

  runtime::Task<Status> read_barrier() override {
    DX_CO_TRY(health());
    Status durable = co_await journal_->wait_durable(journal_->appended(), {});
    co_return durable;
  }

  runtime::Task<Status> close() override {
    Status closed = co_await journal_->close();
    co_return closed;
  }

 private:
  std::string snapshot_path() const { return directory_ + "/snapshot"; }
  Status health() const { return broken_.ok() ? journal_->health() : broken_; }

  runtime::Task<Status> restore() {
    if (!disk_.exists(snapshot_path())) co_return Status();
    const IoBuf bytes = DX_CO_TRY(co_await storage::read_file(disk_, snapshot_path(), kSnapshotBytesMax));
    Snapshot snapshot = DX_CO_TRY(decode_snapshot(bytes.bytes(), snapshot_path()));
    snapshot_at_ = snapshot.position;
    options_.journal.position_floor = snapshot.position;
    options_.journal.must_exist = true;
    for (Answer& answer : snapshot.answers) remember(answer.operation, std::move(answer.bytes));
    co_return machine_.restore(snapshot.state).within(snapshot_path());
  }

  Status replay(journal::Position position, ByteSpan record) {
    if (position <= snapshot_at_) return {};  // the snapshot has it
    const Entry entry = DX_TRY(decode_entry(record));
    remember(entry.operation, DX_TRY(machine_.apply(entry.command)));
    return {};
  }

  runtime::Task<Status> write_snapshot() {
    // One at a time; whoever waited for another's snapshot finds that none is due any more.
    DX_CO_TRY(co_await snapshot_turn_.acquire({}));
    Status written;
    if (journal_->appended().value() - snapshot_at_.value() > options_.snapshot_log_bytes) {
      written = co_await write_snapshot_now();
    }
    snapshot_turn_.release();
    co_return written;
  }
  runtime::Task<Status> write_snapshot_now() {
    // State and position are taken at one moment; the file is written only when the log is durable up to it.
    Snapshot snapshot{.position = journal_->appended(), .state = machine_.snapshot()};
    for (const Uuid& operation : order_) snapshot.answers.push_back({operation, answers_.at(operation)});
    const ByteVector file = encode_snapshot(snapshot);
    DX_CO_TRY(co_await journal_->wait_durable(snapshot.position, {}));
    DX_CO_TRY(co_await storage::replace_file(disk_, snapshot_path(), IoBuf::copy_of(file)));
    snapshot_at_ = snapshot.position;
    journal_->trim(snapshot.position);
    co_return Status();
  }

  const ByteVector* answer_of(const Uuid& operation) const {
    const auto found = answers_.find(operation);
    return found == answers_.end() ? nullptr : &found->second;
  }
  void remember(const Uuid& operation, ByteVector answer) {
    answers_[operation] = std::move(answer);
    order_.push_back(operation);
    if (order_.size() > kAnswersKept) {
      answers_.erase(order_.front());
      order_.pop_front();
    }
  }

  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  std::string directory_;
  StateMachine& machine_;
  ReplicaOptions options_;
  std::unique_ptr<journal::Journal> journal_;
  Status broken_;  // why no more commands are taken
  journal::Position snapshot_at_;
  runtime::Semaphore snapshot_turn_;
  std::map<Uuid, ByteVector> answers_;
  std::deque<Uuid> order_;  // oldest first
};

}  // namespace

runtime::Task<Result<std::unique_ptr<Replica>>> open_single_replica(runtime::Reactor& reactor, storage::Disk& disk,
                                                                    std::string directory, StateMachine& machine,
                                                                    ReplicaOptions options) {
  auto replica = std::make_unique<SingleReplica>(reactor, disk, std::move(directory), machine, options);
  DX_CO_TRY(co_await replica->open());
  co_return std::unique_ptr<Replica>(std::move(replica));
}

}  // namespace daos::consensus
