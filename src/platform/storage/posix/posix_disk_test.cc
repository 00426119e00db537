// Goal: files of a real folder behave as storage.h says, through io_uring and through threads alike. Method: a
// temporary directory, one thread that drives the reactor until an operation has ended; no assumption about time.
#include "platform/storage/posix/posix_disk.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>

#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"

namespace daos::storage {
namespace {

class Lines final : public LogSink {
 public:
  void write(LogLevel, std::string_view, std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

template <class T>
runtime::Task<void> keep(runtime::Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

class PosixDiskTest : public ::testing::TestWithParam<PosixBackend> {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "posix_disk_test.XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    poller_ = runtime::EpollPoller::create().take();
    reactor_.emplace(runtime::Reactor::Options{.clock = &clock_, .seed = 1, .log = Logger(&log_)});
    driver_.emplace(*reactor_, *poller_);
    Result<std::unique_ptr<Disk>> disk = open_posix_disk(*reactor_, *poller_, root_, {.backend = GetParam()});
    if (disk.code() == Code::kNotSupported) GTEST_SKIP() << "io_uring is forbidden here: " << disk.status().to_string();
    ASSERT_TRUE(disk.ok()) << disk.status().to_string();
    disk_ = std::move(disk).take();
  }
  void TearDown() override {
    disk_.reset();
    std::filesystem::remove_all(root_);
  }
  template <class T>
  T run(runtime::Task<T> task) {
    std::optional<T> result;
    runtime::Scope scope(*reactor_);
    scope.spawn(keep(std::move(task), result));
    while (scope.running() > 0) driver_->step(std::chrono::seconds(1));
    return std::move(*result);
  }
  std::unique_ptr<File> open(const std::string& path, OpenOptions options = {.create = true}) {
    Result<std::unique_ptr<File>> file = run(disk_->open(path, options));
    EXPECT_TRUE(file.ok()) << file.status().to_string();
    return file.ok() ? std::move(file).take() : nullptr;
  }
  static std::vector<IoBuf> filled(size_t bytes, char value, size_t pieces = 1) {
    std::vector<IoBuf> parts;
    for (size_t i = 0; i < pieces; i++) {
      IoBuf part = IoBuf::allocate(bytes / pieces, IoBuf::kDirectAlignment).take();
      std::fill_n(part.data(), part.size(), std::byte(value));
      parts.push_back(std::move(part));
    }
    return parts;
  }

  std::string root_;
  Lines log_;
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::EpollPoller> poller_;
  std::optional<runtime::Reactor> reactor_;
  std::optional<runtime::Driver> driver_;
  std::unique_ptr<Disk> disk_;
};
INSTANTIATE_TEST_SUITE_P(Backends, PosixDiskTest, ::testing::Values(PosixBackend::kRing, PosixBackend::kThreads),
                         [](const auto& info) { return info.param == PosixBackend::kRing ? "Ring" : "Threads"; });

TEST_P(PosixDiskTest, ReadsBackWhatWasWrittenBufferedAndDirect) {
  for (const bool direct : {false, true}) {
    const std::unique_ptr<File> file = open(direct ? "direct" : "buffered", {.create = true, .direct = direct});
    ASSERT_NE(file, nullptr);
    EXPECT_TRUE(run(file->preallocate(1 << 20)).ok());
    EXPECT_EQ(*file->size(), 1u << 20);
    EXPECT_TRUE(run(file->write(8192, filled(65536, 'a', 4))).ok());
    EXPECT_TRUE(run(file->flush()).ok());
    EXPECT_TRUE(run(file->write_durable(8192 + 65536, filled(4096, 'b'))).ok());
    const IoBuf into = IoBuf::allocate(81920, IoBuf::kDirectAlignment).take();
    EXPECT_EQ(*run(file->read(4096, into)), into.size());
    for (size_t i = 0; i < into.size(); i++) {
      const char expected = i < 4096 ? '\0' : i < 4096 + 65536 ? 'a' : i < 8192 + 65536 ? 'b' : '\0';
      ASSERT_EQ(static_cast<char>(into.bytes()[i]), expected) << i;
    }
    // At the end of the file a read is short.
    EXPECT_EQ(*run(file->read((1 << 20) - 8192, into)), 8192u);
    EXPECT_EQ(*run(file->read(1 << 20, into)), 0u);
    EXPECT_TRUE(run(file->reserve(4096)).ok());
    EXPECT_EQ(*file->size(), 1u << 20) << "it was longer than that";
    EXPECT_TRUE(run(file->reserve(2 << 20)).ok());
    EXPECT_EQ(*file->size(), 2u << 20);
    EXPECT_EQ(*run(file->read(4096, into)), into.size());
    EXPECT_EQ(static_cast<char>(into.bytes()[4096]), 'a') << "what was there stays";
    EXPECT_EQ(*run(file->read((2 << 20) - 4096, into)), 4096u);
    EXPECT_EQ(into.bytes()[4095], std::byte(0));
    EXPECT_FALSE(run(file->reserve(1ull << 60)).ok());
    EXPECT_EQ(*file->size(), 2u << 20) << "a file that cannot grow is as it was";
    EXPECT_TRUE(run(file->truncate(1000)).ok());
    EXPECT_EQ(*run(file->read(0, into)), 1000u);
    EXPECT_TRUE(run(file->write(0, {})).ok());
    EXPECT_TRUE(run(file->write_durable(0, {})).ok());
  }
}

runtime::Task<Status> write_then_check(File& file, uint64_t offset, std::vector<IoBuf> parts, std::byte value) {
  size_t bytes = 0;
  for (const IoBuf& part : parts) bytes += part.size();
  DX_CO_TRY(co_await file.write_durable(offset, std::move(parts)));
  const IoBuf into = DX_CO_TRY(IoBuf::allocate(bytes, IoBuf::kDirectAlignment));
  const size_t got = DX_CO_TRY(co_await file.read(offset, into));
  const bool same =
      got == bytes && std::all_of(into.data(), into.data() + bytes, [&](std::byte b) { return b == value; });
  co_return same ? Status() : Status(Code::kMisc, "read something else");
}

TEST_P(PosixDiskTest, WhatIsWrittenAtOnceIsInTheFile) {
  const std::unique_ptr<File> file = open("at-once", {.create = true, .at_once = true});
  const std::unique_ptr<File> other = open("at-once", {});
  const auto expect = [&](uint64_t offset, size_t bytes, char value) {
    const IoBuf into = IoBuf::allocate(bytes).take();
    const Result<size_t> got = run(other->read(offset, into));
    ASSERT_TRUE(got.ok()) << got.status().to_string();
    ASSERT_EQ(*got, bytes);
    for (const std::byte byte : into.bytes()) ASSERT_EQ(byte, std::byte(value)) << offset;
  };
  ASSERT_TRUE(run(file->write(100, filled(5000, 'a', 5))).ok());
  expect(0, 100, 0);
  expect(100, 5000, 'a');
  ASSERT_TRUE(run(file->write(5100, filled(4000, 'b', 40))).ok());  // too many parts
  expect(5100, 4000, 'b');
  ASSERT_TRUE(run(file->write(8192, filled(2u << 20, 'c'))).ok());  // too long
  expect(8192, 2u << 20, 'c');
  ASSERT_TRUE(run(file->write_durable(1, filled(99, 'd'))).ok());
  expect(1, 99, 'd');
  ASSERT_TRUE(run(file->flush()).ok());

  const std::unique_ptr<File> locked = open("at-once", {.at_once = true, .read_only = true});
  EXPECT_EQ(run(locked->write(0, filled(10, 'e'))).code(),
            run(open("at-once", {.read_only = true})->write(0, filled(10, 'e'))).code());
}

TEST_P(PosixDiskTest, ManyMoreOperationsThanTheRingHasEntries) {
  const std::unique_ptr<File> file = open("many");
  runtime::Scope scope(*reactor_);
  for (uint64_t i = 0; i < 700; i++) {
    scope.spawn(write_then_check(*file, i * 4096, filled(4096, static_cast<char>(i)), std::byte(static_cast<char>(i))));
  }
  while (scope.running() > 0) driver_->step(std::chrono::seconds(1));
  EXPECT_TRUE(run(scope.join()).ok());
}

TEST_P(PosixDiskTest, MorePartsThanOneCallTakes) {
  const std::unique_ptr<File> file = open("parts");
  EXPECT_TRUE(run(write_then_check(*file, 0, filled(3000 * 64, 'p', 3000), std::byte('p'))).ok());
}

TEST_P(PosixDiskTest, ErrorsNameThePathAndTheReason) {
  const Result<std::unique_ptr<File>> missing = run(disk_->open("none", {}));
  EXPECT_EQ(missing.code(), Code::kNonexistent);
  EXPECT_NE(missing.status().message().find(root_ + "/none"), std::string_view::npos) << missing.status().message();
  EXPECT_NE(missing.status().message().find("No such file"), std::string_view::npos) << missing.status().message();
  open("there").reset();
  EXPECT_EQ(run(disk_->open("there", {.create = true, .exclusive = true})).code(), Code::kExists);
  EXPECT_EQ(disk_->list("nowhere").code(), Code::kNonexistent);
  EXPECT_EQ(run(disk_->remove("nowhere")).code(), Code::kNonexistent);
  if (std::filesystem::exists("/dev/full")) {
    std::filesystem::create_symlink("/dev/full", root_ + "/full");
    const std::unique_ptr<File> full = open("full", {});
    const Status status = run(full->write(0, filled(4096, 'x')));
    EXPECT_EQ(status.code(), Code::kNoSpace);
    EXPECT_NE(status.message().find(root_ + "/full"), std::string_view::npos) << status.message();
  }
}

TEST_P(PosixDiskTest, ALockExcludesOthersUntilItsFileIsClosed) {
  std::unique_ptr<File> first = open("lock");
  const std::unique_ptr<File> second = open("lock");
  EXPECT_TRUE(first->lock().ok());
  EXPECT_TRUE(first->lock().ok());
  const Status busy = second->lock();
  EXPECT_EQ(busy.code(), Code::kBusy);
  EXPECT_NE(busy.message().find("lock"), std::string_view::npos);
  first.reset();
  EXPECT_TRUE(second->lock().ok());
  // Shared ones exclude only who wants it alone.
  const std::unique_ptr<File> third = open("lock");
  EXPECT_EQ(third->lock(LockKind::kShared).code(), Code::kBusy);
  EXPECT_TRUE(second->lock(LockKind::kShared).ok());
  EXPECT_TRUE(third->lock(LockKind::kShared).ok());
  EXPECT_EQ(third->lock().code(), Code::kBusy);
}

TEST_P(PosixDiskTest, FoldersAreMadeListedRenamedAndRemoved) {
  EXPECT_TRUE(run(disk_->make_directory("a/b/c")).ok());
  EXPECT_TRUE(run(disk_->make_directory("a/b/c")).ok());
  open("a/b/two").reset();
  open("a/b/one").reset();
  EXPECT_EQ(run(disk_->make_directory("a/b/one/x")).code() == Code::kOk, false);
  EXPECT_EQ(*disk_->list("a/b"), (std::vector<std::string>{"c", "one", "two"}));
  EXPECT_TRUE(run(disk_->rename("a/b/one", "a/b/two")).ok());
  EXPECT_TRUE(run(disk_->sync_directory("a/b")).ok());
  EXPECT_EQ(*disk_->list("a/b"), (std::vector<std::string>{"c", "two"}));
  EXPECT_TRUE(run(disk_->remove("a/b/two")).ok());
  EXPECT_FALSE(disk_->exists("a/b/two"));
  EXPECT_TRUE(run(disk_->remove_tree("a")).ok());
  EXPECT_TRUE(run(disk_->remove_tree("a")).ok());
  EXPECT_EQ(*disk_->list(""), std::vector<std::string>{});
  EXPECT_GT(disk_->space()->total_bytes, 0u);
}

TEST_P(PosixDiskTest, SmallFilesAreReplacedWhole) {
  EXPECT_TRUE(run(replace_file(*disk_, "small", IoBuf::copy_of(as_bytes("first, and longer")))).ok());
  EXPECT_TRUE(run(replace_file(*disk_, "small", IoBuf::copy_of(as_bytes("second")))).ok());
  EXPECT_EQ(as_text(run(read_file(*disk_, "small", 100))->bytes()), "second");
  EXPECT_EQ(run(read_file(*disk_, "small", 3)).code(), Code::kOverflow);
  EXPECT_EQ(*disk_->list(""), std::vector<std::string>{"small"});
}

TEST_P(PosixDiskTest, OperationsInFlightEndWithTheDisk) {
  std::unique_ptr<File> file = open("under way");
  runtime::Scope scope(*reactor_);
  for (uint64_t i = 0; i < 32; i++) {
    scope.spawn([](File& f, uint64_t offset, std::vector<IoBuf> parts) -> runtime::Task<void> {
      (co_await f.write(offset, std::move(parts))).ignore("cancelled with the disk");
    }(*file, i * 65536, filled(65536, 'z')));
  }
  disk_.reset();
  while (scope.running() > 0) driver_->step(std::chrono::seconds(1));
  file.reset();
}

TEST_P(PosixDiskTest, AForkedChildKeepsNeitherDescriptorsNorLocks) {
  const auto file = open("f");
  ASSERT_TRUE(file->lock().ok());
  const auto descriptors = [] {
    std::vector<std::string> targets;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      std::error_code gone;
      targets.push_back(std::filesystem::read_symlink(entry.path(), gone).string());
    }
    return targets;
  };
  const std::string path = std::filesystem::canonical(root_).string() + "/f";
  hold_for_fork(*disk_);
  const pid_t child = fork();
  if (child == 0) {
    abandon_after_fork(*disk_);
    for (const std::string& target : descriptors()) {
      if (target == path || target.find("io_uring") != std::string::npos) _exit(1);
    }
    _exit(0);
  }
  release_after_fork(*disk_);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0);
  EXPECT_TRUE(run(file->write(0, filled(4096, 'x'))).ok());  // the parent's are as they were
}

}  // namespace
}  // namespace daos::storage
