// The log itself, for the two files that make it: opening.cc (create, recover, what is said after a cut) and journal.cc
// (append, commit, trim, close).
#pragma once

#include <deque>

#include "platform/journal/block_builder.h"
#include "platform/journal/journal.h"
#include "platform/journal/recovery.h"
#include "platform/journal/segments.h"
#include "platform/runtime/scope.h"

namespace daos::journal {

class Log final : public Journal {
 public:
  Log(runtime::Reactor& reactor, storage::Disk& disk, std::string folder, Options options)
      : reactor_(reactor),
        disk_(disk),
        folder_(std::move(folder)),
        options_(options),
        segments_(reactor, disk, folder_),
        builder_(options.segment_bytes, block_bytes()),
        housekeeping_(reactor),
        quiet_(reactor),
        work_(reactor) {}
  ~Log() override { reactor_.remove_source(this); }

  runtime::Task<Status> start(Replay replay, Prepare prepare);

  // --- Journal
  using Journal::append;
  Result<Position> append(std::span<const ByteSpan> parts, Use use) override;
  void flush_with_commit(storage::File& file) override;
  runtime::Task<Status> wait_durable(Position position, runtime::CallContext context) override;
  Position appended() const override { return Position(appended_); }
  Position durable() const override { return Position(durable_); }
  Position flushed() const override { return Position(flushed_); }
  void say_flushed() override;
  void trim(Position position) override;
  uint64_t room() const override;
  Status health() const override { return health_; }
  const Recovery& recovery() const override { return recovery_; }
  runtime::Task<Status> close() override;

  // --- PollSource
  bool poll() override { return false; }
  void flush() override;

 private:
  /// One commit on its way: some blocks, written and flushed together.
  struct Flight {
    std::vector<Block> blocks;
    uint64_t last_record = 0;  // 0: there is none
    uint64_t flushed = 0;      // what its blocks say
    uint64_t trimmed = 0;
    uint32_t pending = 1;  // its write, and the flushes of other files
  };
  struct DurableWaiter : runtime::Waiter {
    DurableWaiter(runtime::Reactor& reactor, runtime::CallContext context, uint64_t p)
        : Waiter(reactor, context), position(p) {}
    uint64_t position;
  };

  uint32_t block_bytes() const {
    return options_.durability == Durability::kPower ? kBlockBytesPower : kBlockBytesProcess;
  }
  uint64_t sequence_of_position(uint64_t position) const { return position / options_.segment_bytes; }
  Status check_options() const;
  runtime::Task<Status> create();
  runtime::Task<Status> recover(Replay replay, Prepare prepare);
  runtime::Task<Status> flush_recovered(const Tail& tail);
  runtime::Task<Status> say_what_was_cut();

  uint64_t capacity_end() const;
  uint64_t raw_room() const;
  bool is_quiet() const { return builder_.empty() && flights_.empty() && !wants_block_; }
  bool has_unsaid() const { return flushed_ < durable_ || trimmed_on_disk_ < trimmed_; }

  runtime::Task<void> commit(Flight& flight);
  runtime::Task<void> flush_other(Flight& flight, storage::File& file);
  void ended(Flight& flight);
  runtime::Task<Status> write(storage::File& file, uint64_t offset, std::vector<IoBuf> parts);
  void landed();
  void advance(const Flight& flight);
  void wake_waiters();
  void free_trimmed();
  void say_what_is_trimmed();
  uint64_t own_blocks_left() const;
  void arm_idle_timer();
  void on_idle();
  void fail(Status why);

  runtime::Task<Status> keep_house();
  runtime::Task<Status> retire();
  runtime::Task<Status> grow();
  uint64_t wanted_sequence() const;

  // constant once started
  runtime::Reactor& reactor_;
  storage::Disk& disk_;
  const std::string folder_;
  Options options_;
  Uuid log_;
  uint32_t generation_ = 0;
  Recovery recovery_;

  Segments segments_;
  BlockBuilder builder_;
  std::deque<std::unique_ptr<Flight>> flights_;
  std::vector<storage::File*> others_;  // what the next commit flushes too, in order of asking
  uint64_t appended_ = 0;
  uint64_t durable_ = 0;
  uint64_t flushed_ = 0;
  uint64_t trimmed_ = 0;
  uint64_t trimmed_on_disk_ = 0;
  uint64_t trim_said_ = 0;    // in the newest flight
  bool wants_block_ = false;  // even if there is no record: it says what was trimmed or flushed
  bool closing_ = false;
  bool stopped_ = false;
  Status health_;

  Status cannot_grow_;  // the disk was full when a segment was wanted
  Time grow_again_;
  Time last_commit_;
  runtime::Timer idle_timer_;
  runtime::WaiterList waiters_;  // by position
  runtime::Event housekeeping_;
  runtime::Event quiet_;
  runtime::Scope work_;
};

}  // namespace daos::journal
