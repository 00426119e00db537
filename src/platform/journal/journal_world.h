// A journal on a memory disk under virtual time, with the list of what was appended beside it. For the tests of this
// folder.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "platform/journal/format.h"
#include "platform/journal/journal.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"

namespace daos::journal {

struct JournalWorld {
  struct Record {
    uint64_t position = 0;
    ByteVector bytes;
    bool operator==(const Record&) const = default;
  };

  explicit JournalWorld(uint64_t seed_) : seed(seed_) { boot(); }
  ~JournalWorld() {
    if (!journal) return;
    disk->die();
    close().ignore("the machine has stopped");
  }

  uint64_t seed;
  runtime::Timeline timeline;
  runtime::VirtualClock clock{timeline};
  std::shared_ptr<storage::MemoryMedium> medium = std::make_shared<storage::MemoryMedium>();
  std::unique_ptr<runtime::VirtualReactor> node;
  std::unique_ptr<storage::MemoryDisk> disk;
  std::unique_ptr<Journal> journal;

  std::vector<Record> appended;  // the model: what may come back
  std::vector<Record> replayed;
  uint64_t trimmed = 0;
  uint64_t unsettled = 0;             // of those replayed
  uint64_t reject_from = UINT64_MAX;  // replay says kChecksum from this record on
  std::vector<Record> prepared;       // those that were not settled, as recovery announced them
  uint64_t replayed_when_prepared = 0;
  bool prepare_fails = false;

  void boot() {
    node =
        std::make_unique<runtime::VirtualReactor>(timeline, runtime::Reactor::Options{.clock = &clock, .seed = ++seed});
    disk = std::make_unique<storage::MemoryDisk>(node->reactor(), medium,
                                                 storage::MemoryOptions{.timeline = &timeline, .seed = ++seed});
  }
  runtime::Reactor& reactor() { return node->reactor(); }

  /// The journal is abandoned, the medium loses what it may lose, the next incarnation boots.
  void restart(storage::Loss loss) {
    disk->die();
    if (journal) close().ignore("the machine has stopped");
    disk->crash(loss);
    disk.reset();
    node.reset();
    boot();
  }

  static ByteVector record(uint64_t value, uint64_t bytes) {
    ByteVector content(bytes);
    runtime::Rng rng(value);
    for (std::byte& byte : content) byte = static_cast<std::byte>(rng.next());
    return content;
  }

  Status open(Options options) {
    replayed.clear();
    prepared.clear();
    unsettled = 0;
    Result<std::unique_ptr<Journal>> opened =
        runtime::run(timeline, reactor(),
                     Journal::open(
                         reactor(), *disk, "log", options,
                         [this](Position position, ByteSpan bytes, Settled settled) -> Status {
                           if (replayed.size() >= reject_from) return Status(Code::kChecksum);
                           unsettled += settled == Settled::kNo;
                           replayed.push_back({position.value(), ByteVector(bytes.begin(), bytes.end())});
                           return {};
                         },
                         [this](std::vector<UnsettledRecord> records) { return prepare(std::move(records)); }));
    if (!opened.ok()) return opened.status();
    journal = std::move(opened).take();
    return {};
  }
  runtime::Task<Status> prepare(std::vector<UnsettledRecord> records) {
    for (const UnsettledRecord& each : records) {
      prepared.push_back({each.position.value(), ByteVector(each.bytes.begin(), each.bytes.end())});
    }
    replayed_when_prepared = replayed.size();
    co_await runtime::yield(reactor());
    co_return prepare_fails ? Status(Code::kIo) : Status();
  }
  Result<Position> append(ByteVector bytes, Use use = Use::kNormal) {
    // In two parts, to see that they are joined.
    const ByteSpan whole(bytes);
    const size_t half = bytes.size() / 3;
    Result<Position> position = journal->append({whole.first(half), whole.subspan(half)}, use);
    if (position.ok()) appended.push_back({(*position).value(), std::move(bytes)});
    return position;
  }
  Status wait(Position position, Duration limit = std::chrono::seconds(60)) {
    return runtime::run(timeline, reactor(), journal->wait_durable(position, reactor().within(limit)));
  }
  Status close() {
    Status status = runtime::run(timeline, reactor(), journal->close());
    journal.reset();
    return status;
  }
  void let_time_pass(Duration duration) {
    node->wake();
    timeline.run_until(timeline.now() + duration);
  }
  void trim(Position position) {
    journal->trim(position);
    trimmed = std::max(trimmed, std::min(position, journal->durable()).value());
    node->wake();
  }
  Position some_position(runtime::Rng& rng) const {
    return appended.empty() ? Position() : Position(appended[rng.below(appended.size())].position);
  }
  /// The model's records behind `position`.
  std::vector<Record> behind(uint64_t position) const {
    std::vector<Record> rest;
    for (const Record& each : appended) {
      if (each.position > position) rest.push_back(each);
    }
    return rest;
  }
  /// Everything that is not trimmed is there, in order; trimmed records may be.
  bool replayed_is_appended() const {
    const uint64_t from = replayed.empty() ? trimmed : std::min(trimmed, replayed.front().position - 1);
    return replayed == behind(from);
  }
};

}  // namespace daos::journal
