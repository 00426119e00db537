// Goal: the log works on real files, through the ring and through threads, for both durabilities. What it does there is
// tested on the memory disk; this is about alignment, real names and real locks.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "platform/base/codec.h"
#include "platform/journal/journal.h"
#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"
#include "platform/storage/posix/posix_disk.h"

namespace daos::journal {
namespace {

runtime::Task<Status> append_all(Journal& journal, std::vector<ByteVector>& records, uint64_t count) {
  Position last;
  for (uint64_t i = 0; i < count; i++) {
    records.emplace_back(i * 997 % 5000, static_cast<std::byte>(i));
    last = DX_CO_TRY(journal.append({records.back()}));
    if (i % 7 == 0) DX_CO_TRY(co_await journal.wait_durable(last, {}));
  }
  Status durable = co_await journal.wait_durable(last, {});
  co_return durable;
}

runtime::Task<Status> live(runtime::Reactor& reactor, storage::Disk& disk, Options options) {
  std::vector<ByteVector> records;
  for (int life = 0; life < 3; life++) {
    std::vector<ByteVector> replayed;
    const std::unique_ptr<Journal> journal = DX_CO_TRY(co_await Journal::open(
        reactor, disk, "a/log", options, [&replayed](Position, ByteSpan record, Settled settled) -> Status {
          if (settled == Settled::kNo) return Status(Code::kMisc, "it was closed in order");
          replayed.emplace_back(record.begin(), record.end());
          return {};
        }));
    Status status = replayed == records ? Status() : error(Code::kMisc, "life {}: other records came back", life);
    if (status.ok()) status = co_await append_all(*journal, records, 60);
    const Status closed = co_await journal->close();
    if (!status.ok()) co_return status;
    if (!closed.ok()) co_return closed;
  }
  co_return Status();
}

class JournalPosixTest : public ::testing::TestWithParam<std::tuple<storage::PosixBackend, Durability>> {};
INSTANTIATE_TEST_SUITE_P(All, JournalPosixTest,
                         ::testing::Combine(::testing::Values(storage::PosixBackend::kRing,
                                                              storage::PosixBackend::kThreads),
                                            ::testing::Values(Durability::kPower, Durability::kProcess)));

TEST_P(JournalPosixTest, LivesOnRealFiles) {
  const auto [backend, durability] = GetParam();
  std::string root = (std::filesystem::temp_directory_path() / "journal_posix_test.XXXXXX").string();
  ASSERT_NE(mkdtemp(root.data()), nullptr);
  runtime::SystemClock clock;
  const std::unique_ptr<runtime::EpollPoller> poller = runtime::EpollPoller::create().take();
  runtime::Reactor reactor({.clock = &clock, .seed = 1});
  runtime::Driver driver(reactor, *poller);
  Result<std::unique_ptr<storage::Disk>> disk = storage::open_posix_disk(reactor, *poller, root, {.backend = backend});
  if (disk.code() != Code::kNotSupported) {
    ASSERT_TRUE(disk.ok()) << disk.status().to_string();
    const std::unique_ptr<storage::Disk> owned = std::move(disk).take();
    runtime::Scope scope(reactor);
    Status result(Code::kMisc);
    scope.spawn([](runtime::Task<Status> task, Status& into) -> runtime::Task<void> {
      into = co_await std::move(task);
    }(live(reactor, *owned, {.durability = durability, .segment_bytes = 64 * kKiB, .segments_max = 40}), result));
    while (scope.running() > 0) driver.step(std::chrono::seconds(1));
    EXPECT_TRUE(result.ok()) << result.to_string();
  }
  std::filesystem::remove_all(root);
  if (!disk.ok()) GTEST_SKIP() << "io_uring is forbidden here: " << disk.status().to_string();
}

}  // namespace
}  // namespace daos::journal
