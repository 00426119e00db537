// How close group commit comes to the disk: records/s and commits/s of a log with 64 appends waiting, against raw
// writes of the same bytes, as the log wrote them, in the same run. Runs in the temporary directory (TMPDIR), so that
// decides the disk.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "platform/base/check.h"
#include "platform/journal/journal.h"
#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"
#include "platform/storage/counting_disk.h"
#include "platform/storage/posix/posix_disk.h"

namespace daos::journal {
namespace {

constexpr uint64_t kRecordBytes = 256;
constexpr uint64_t kSegmentBytes = 16 * kMiB;

storage::DiskCounts g_last;  // what the log benchmark that ran before has written, so that the raw half does the same

uint64_t mean_commit_bytes() {
  const uint64_t commits = g_last.writes + g_last.durable_writes;
  return commits == 0 ? 20'480 : align_up(g_last.bytes_written / commits, 4096);
}

std::string scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "journal_bench.XXXXXX").string();
  DX_CHECK(mkdtemp(pattern.data()) != nullptr, "{}: {}", pattern, errno);
  return pattern;
}

runtime::Task<void> append_for_ever(Journal& journal, const bool& stop, uint64_t& done) {
  const std::vector<std::byte> record(kRecordBytes, std::byte{42});
  while (!stop) {
    const Result<Position> position = journal.append({record});
    DX_CHECK(position.ok(), "{}", position.status());
    const Status durable = co_await journal.wait_durable(*position, {});
    DX_CHECK(durable.ok(), "{}", durable);
    if (++done % 10'000 == 0) journal.trim(journal.durable());
  }
}

void BM_Log(benchmark::State& state, Durability durability, storage::PosixBackend backend, uint32_t in_flight) {
  const std::string root = scratch();
  runtime::SystemClock clock;
  const std::unique_ptr<runtime::EpollPoller> poller = runtime::EpollPoller::create().take();
  runtime::Reactor reactor({.clock = &clock, .seed = 1});
  runtime::Driver driver(reactor, *poller);
  {
    Result<std::unique_ptr<storage::Disk>> posix =
        storage::open_posix_disk(reactor, *poller, root, {.backend = backend});
    if (!posix.ok()) {
      state.SkipWithError(posix.status().to_string().c_str());
      return;
    }
    storage::CountingDisk disk(std::move(posix).take());
    runtime::Scope scope(reactor);
    std::unique_ptr<Journal> journal;
    scope.spawn([](runtime::Reactor& r, storage::Disk& d, Options options,
                   std::unique_ptr<Journal>& into) -> runtime::Task<Status> {
      into = DX_CO_TRY(co_await Journal::open(r, d, "log", options, {}));
      co_return Status();
    }(reactor, disk, {.durability = durability, .segment_bytes = kSegmentBytes, .flushes_in_flight = in_flight},
                                                   journal));
    while (scope.running() > 0) driver.step(std::chrono::seconds(1));
    DX_CHECK(journal != nullptr);

    bool stop = false;
    uint64_t done = 0;
    for (int64_t i = 0; i < state.range(0); i++) scope.spawn(append_for_ever(*journal, stop, done));
    const storage::DiskCounts before = disk.counts;
    for (auto _ : state) {
      const uint64_t until = done + 1000;
      while (done < until) driver.step(std::chrono::seconds(1));
    }
    g_last = disk.counts - before;
    const uint64_t commits = g_last.writes + g_last.durable_writes;
    state.SetItemsProcessed(static_cast<int64_t>(done));
    state.counters["commits"] = benchmark::Counter(static_cast<double>(commits), benchmark::Counter::kIsRate);
    state.counters["bytes_per_commit"] = static_cast<double>(g_last.bytes_written) / static_cast<double>(commits);
    stop = true;
    while (scope.running() > 0) driver.step(std::chrono::seconds(1));
    scope.spawn(journal->close());
    while (scope.running() > 0) driver.step(std::chrono::seconds(1));
  }
  std::filesystem::remove_all(root);
}

enum class Raw { kFdatasync, kDsync, kNoFlush };

/// One after the other, as a plain program would: the ceiling of a log with one flush in flight.
void BM_Raw(benchmark::State& state, Raw how) {
  const std::string root = scratch();
  const std::string path = root + "/raw";
  const bool flushes = how != Raw::kNoFlush;
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | (flushes ? O_DIRECT : 0), 0600);
  DX_CHECK(fd >= 0, "{}: {}", path, errno);
  const uint64_t bytes = mean_commit_bytes();
  IoBuf buffer = IoBuf::allocate(1 * kMiB, IoBuf::kDirectAlignment).take();
  std::fill_n(buffer.data(), buffer.size(), std::byte{0});
  for (uint64_t at = 0; at < kSegmentBytes; at += buffer.size()) {
    DX_CHECK(pwrite(fd, buffer.data(), buffer.size(), static_cast<off_t>(at)) == static_cast<ssize_t>(buffer.size()));
  }
  DX_CHECK(fsync(fd) == 0);
  uint64_t at = 0;
  for (auto _ : state) {
    const iovec part{.iov_base = buffer.data(), .iov_len = bytes};
    const ssize_t n = pwritev2(fd, &part, 1, static_cast<off_t>(at), how == Raw::kDsync ? RWF_DSYNC : 0);
    DX_CHECK(n == static_cast<ssize_t>(bytes), "{} {}", n, errno);
    if (how == Raw::kFdatasync) DX_CHECK(fdatasync(fd) == 0);
    at = at + 2 * bytes > kSegmentBytes ? 0 : at + bytes;
  }
  close(fd);
  std::filesystem::remove_all(root);
  state.counters["commits"] = benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  state.counters["bytes_per_commit"] = static_cast<double>(bytes);
}

using storage::PosixBackend;
BENCHMARK_CAPTURE(BM_Log, power_ring, Durability::kPower, PosixBackend::kRing, 4)->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(BM_Log, power_threads, Durability::kPower, PosixBackend::kThreads, 4)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(BM_Log, power_ring_one_in_flight, Durability::kPower, PosixBackend::kRing, 1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(BM_Raw, write_fdatasync, Raw::kFdatasync)->UseRealTime();
BENCHMARK_CAPTURE(BM_Raw, write_dsync, Raw::kDsync)->UseRealTime();
BENCHMARK_CAPTURE(BM_Log, process_ring, Durability::kProcess, PosixBackend::kRing, 4)->Arg(1)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(BM_Log, process_threads, Durability::kProcess, PosixBackend::kThreads, 4)->Arg(64)->UseRealTime();
BENCHMARK_CAPTURE(BM_Raw, write_only, Raw::kNoFlush)->UseRealTime();

}  // namespace
}  // namespace daos::journal
