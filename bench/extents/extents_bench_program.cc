// One shard in this process, on a disk of this machine: what a target's store does by itself, without a network. One
// question for each run, so that `run` can put fio between them; the answer is one line of JSON.
//
//   extents_bench_program write|read|small|amplify|overwrite DIR SECONDS DEPTH [BYTES]
//
//   write      durable updates of values of BYTES, DEPTH at a time, into a tier 1 that is half full of them
//   read       fetches of them
//   small      durable updates of 4 KiB, DEPTH at a time, tier 0 alone, checkpoints of its log included
//   amplify    the same, overwriting at random what half fills tier 0, until checkpoints have gone round: bytes to disk
//   overwrite  a pool half full overwritten twenty times, values of BYTES: the rate of the first and the last tenth
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "platform/base/heap.h"
#include "platform/base/units.h"
#include "platform/runtime/driver.h"
#include "platform/storage/counting_disk.h"
#include "platform/storage/posix/posix_disk.h"
#include "server/vos/shard.h"

namespace daos {
namespace {

using Clock = std::chrono::steady_clock;
using vos::Shard;

void must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.to_string().c_str());
  std::exit(1);
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

/// The shard and what it stands on.
class Bench {
 public:
  Bench(std::string root, uint64_t tier0, uint64_t tier1) : root_(std::move(root)) {
    poller_ = runtime::EpollPoller::create().take();
    reactor_ = std::make_unique<runtime::Reactor>(runtime::Reactor::Options{.clock = &clock_, .seed = 1});
    driver_ = std::make_unique<runtime::Driver>(*reactor_, *poller_);
    auto posix = storage::open_posix_disk(*reactor_, *poller_, root_, {});
    must(posix.status());
    disk_ = std::make_unique<storage::CountingDisk>(std::move(posix).take());
    run(open({.pool = Uuid::from_random(1, 1), .tier_bytes = {tier0, tier1}, .inline_max = 4096}));
  }
  ~Bench() {
    run(shard_->close());
    shard_.reset();
    disk_.reset();
    driver_.reset();
    std::filesystem::remove_all(root_ + "/pool");
  }
  void run(runtime::Task<Status> task) {
    Status status;
    runtime::Scope scope(*reactor_);
    scope.spawn([](runtime::Task<Status> wanted, Status& into) -> runtime::Task<void> {
      into = co_await std::move(wanted);
    }(std::move(task), status));
    while (scope.running() > 0) driver_->step(std::chrono::seconds(1));
    must(status);
  }
  Shard& shard() { return *shard_; }
  runtime::Reactor& reactor() { return *reactor_; }
  storage::DiskCounts counts() const { return disk_->counts; }

 private:
  runtime::Task<Status> open(vos::ShardSuperblock superblock) {
    DX_CO_TRY(co_await disk_->remove_tree("pool"));
    shard_ = DX_CO_TRY(co_await Shard::create(*reactor_, *disk_, "pool", superblock, {.build = "bench"}));
    co_return Status();
  }

  runtime::SystemClock clock_;
  std::string root_;
  std::unique_ptr<runtime::EpollPoller> poller_;
  std::unique_ptr<runtime::Reactor> reactor_;
  std::unique_ptr<runtime::Driver> driver_;
  std::unique_ptr<storage::CountingDisk> disk_;
  std::unique_ptr<Shard> shard_;
};

/// What DEPTH workers share.
struct Work {
  Shard& shard;
  uint64_t keys;          // from 0 on
  uint64_t bytes;         // of a value
  bool in_order = false;  // key after key, else at random
  uint64_t limit = UINT64_MAX;
  Clock::time_point until = Clock::time_point::max();
  uint64_t done = 0;
  uint64_t next = 0;
  runtime::Rng rng{7};
  std::vector<double> at = {};  // when each tenth of the limit was done
  Clock::time_point begin = Clock::now();
  IoBuf value = {};

  bool more() const { return next < limit && Clock::now() < until; }
  uint64_t key() {
    next++;
    return in_order ? (next - 1) % keys : rng.below(keys);
  }
  void finished() {
    done++;
    if (limit != UINT64_MAX && done % (limit / 10) == 0) at.push_back(seconds_since(begin));
  }
};

classes::ObjectId object() { return {.lo = 1, .hi = 1ull << 48}; }
IoBuf key_of(uint64_t number) { return IoBuf::copy_of(as_bytes(fmt::format("key-{:012}", number))); }

runtime::Task<Status> update(Work& work, uint16_t slot) {
  for (uint64_t sequence = 1; work.more(); sequence++) {
    vos::UpdateOp op{.container = Uuid::from_random(2, 2),
                     .object = object(),
                     .id = {.endpoint = {.client = Uuid::from_random(work.begin.time_since_epoch().count(), 3)},
                            .slot = {slot, sequence}},
                     .dkey = key_of(work.key())};
    op.values.push_back({.akey = key_of(0), .record_bytes = work.bytes, .value = work.value});
    DX_CO_TRY(co_await work.shard.update(std::move(op)));
    work.finished();
  }
  co_return Status();
}

runtime::Task<Status> fetch(Work& work, uint16_t) {
  while (work.more()) {
    vos::FetchOp op{.container = Uuid::from_random(2, 2), .object = object(), .dkey = key_of(work.key())};
    op.keys.push_back({.akey = key_of(0)});
    const vos::FetchResult found = DX_CO_TRY(co_await work.shard.fetch(std::move(op)));
    if (found.keys[0].value.size() != work.bytes) co_return error(Code::kMisc, "a value is missing");
    work.finished();
  }
  co_return Status();
}

using Worker = runtime::Task<Status> (*)(Work&, uint16_t);

runtime::Task<Status> all_of(runtime::Reactor& reactor, Work& work, Worker worker, uint16_t depth) {
  runtime::Scope scope(reactor);
  for (uint16_t slot = 0; slot < depth; slot++) scope.spawn(worker(work, slot));
  Status status = co_await scope.join();
  co_return status;
}

double run(Bench& bench, Work& work, Worker worker, uint16_t depth) {
  work.value = IoBuf::allocate(work.bytes, IoBuf::kDirectAlignment).take();
  for (size_t i = 0; i < work.bytes; i++) work.value.data()[i] = static_cast<std::byte>(i * 131);
  work.begin = Clock::now();
  bench.run(all_of(bench.reactor(), work, worker, depth));
  return seconds_since(work.begin);
}

void say(std::string_view body) { std::printf("{%.*s}\n", static_cast<int>(body.size()), body.data()); }

int main_of(const std::string& mode, const std::string& root, double seconds, uint16_t depth, uint64_t bytes) {
  const auto span = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  constexpr uint64_t kTier0 = 256 * kMiB;
  constexpr uint64_t kTier1 = 1 * kGiB;
  if (mode == "write" || mode == "read") {
    Bench bench(root, kTier0, kTier1);
    const uint64_t keys = kTier1 / 2 / bytes;
    // Three times over, so that every block of the file has been written before.
    Work fill{.shard = bench.shard(), .keys = keys, .bytes = bytes, .in_order = true, .limit = 3 * keys};
    run(bench, fill, update, depth);
    Work work{.shard = bench.shard(), .keys = keys, .bytes = bytes, .until = Clock::now() + span};
    const storage::DiskCounts before = bench.counts();
    const double took = run(bench, work, mode == "write" ? update : fetch, depth);
    const storage::DiskCounts counts = bench.counts() - before;
    say(fmt::format(R"("bytes_per_second": {:.0f}, "operations": {}, "flushes": {}, "commits": {})",
                    static_cast<double>(work.done * bytes) / took, work.done, counts.flushes, counts.durable_writes));
  } else if (mode == "small") {
    // Until log and checkpoint have gone round once: memory and segments are in use again and again from then on.
    Bench bench(root, 2 * kTier0, 0);
    Work warm{.shard = bench.shard(), .keys = 16'384, .bytes = bytes, .limit = 5 * kTier0 / bytes};
    run(bench, warm, update, depth);
    Work work{.shard = bench.shard(), .keys = 16'384, .bytes = bytes, .until = Clock::now() + span};
    const storage::DiskCounts before = bench.counts();
    const uint64_t log_before = bench.shard().log_bytes();
    const double took = run(bench, work, update, depth);
    const storage::DiskCounts counts = bench.counts() - before;
    say(fmt::format(R"("per_second": {:.0f}, "commits": {}, "bytes_written": {}, "log_bytes": {})",
                    static_cast<double>(work.done) / took, counts.durable_writes, counts.bytes_written,
                    bench.shard().log_bytes() - log_before));
  } else if (mode == "amplify") {
    constexpr uint64_t kSmall = 64 * kMiB;
    Bench bench(root, kSmall, 0);
    const uint64_t keys = kSmall / 2 / bytes;
    Work fill{.shard = bench.shard(), .keys = keys, .bytes = bytes, .in_order = true, .limit = keys};
    run(bench, fill, update, depth);
    // The log is as long as tier 0 is large: after eight times that, several rounds of the checkpoint are within.
    Work work{.shard = bench.shard(), .keys = keys, .bytes = bytes, .limit = 8 * kSmall / bytes};
    const storage::DiskCounts before = bench.counts();
    const double took = run(bench, work, update, depth);
    const storage::DiskCounts counts = bench.counts() - before;
    say(fmt::format(R"("ratio": {:.3f}, "per_second": {:.0f})",
                    static_cast<double>(counts.bytes_written) / static_cast<double>(work.done * bytes),
                    static_cast<double>(work.done) / took));
  } else if (mode == "overwrite") {
    constexpr uint64_t kPool = 256 * kMiB;
    Bench bench(root, 64 * kMiB, kPool);
    const uint64_t keys = kPool / 2 / bytes;
    Work work{.shard = bench.shard(), .keys = keys, .bytes = bytes, .limit = 20 * kPool / bytes / 10 * 10};
    const double took = run(bench, work, update, depth);
    const double first = work.at.at(0);
    const double last = work.at.at(9) - work.at.at(8);
    say(fmt::format(R"("bytes_per_second": {:.0f}, "last_tenth_of_first": {:.3f})",
                    static_cast<double>(work.done * bytes) / took, first / last));
  } else {
    std::fprintf(stderr, "unknown question \"%s\"\n", mode.c_str());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace daos

int main(int count, char** words) {
  daos::keep_freed_memory();  // as daos_engine does
  if (count < 5) {
    std::fprintf(stderr, "usage: extents_bench_program write|read|small|amplify|overwrite DIR SECONDS DEPTH [BYTES]\n");
    return 2;
  }
  const std::string mode = words[1];
  const uint64_t bytes = count > 5 ? std::strtoull(words[5], nullptr, 10) : mode == "small" ? 4096 : 1u << 20;
  return daos::main_of(mode, words[2], std::atof(words[3]), static_cast<uint16_t>(std::atoi(words[4])), bytes);
}
