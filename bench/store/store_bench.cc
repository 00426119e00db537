// One target's store by itself, through vos::Shard on one thread. Prints rows for scripts/bench.
// `store_bench [memory] [scale] [tail] [overwrite]`: everything without arguments.
// `store_bench profile insert|update|fetch BYTES KEYS OPERATIONS`: one load in memory and nothing else, for a profiler.
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>

#include "platform/base/heap.h"
#include "platform/runtime/driver.h"
#include "platform/storage/posix/posix_disk.h"
#include "ram_disk.h"
#include "server/vos/scale_run.h"

namespace daos::vos {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "store_bench: %s\n", status.to_string().c_str());
  std::exit(1);
}
void row(const std::string& name, double value, const char* unit, const std::string& note) {
  std::printf("store: %s\t%.4g\t%s\t%s\n", name.c_str(), value, unit, note.c_str());
  std::fflush(stdout);
}

/// A reactor with real time that this thread drives, and a disk: memory, or the temporary directory's.
class World {
 public:
  explicit World(bool in_memory) : driver_(reactor, *poller_) {
    if (in_memory) {
      disk = std::make_unique<bench::RamDisk>();
      return;
    }
    root_ = (std::filesystem::temp_directory_path() / "store_bench.XXXXXX").string();
    if (mkdtemp(root_.data()) == nullptr) must(error(Code::kIo, "{}: {}", root_, std::strerror(errno)));
    Result<std::unique_ptr<storage::Disk>> opened = storage::open_posix_disk(reactor, *poller_, root_);
    must(opened.status());
    disk = std::move(opened).take();
  }
  ~World() {
    disk.reset();
    if (!root_.empty()) std::filesystem::remove_all(root_);
  }
  template <class T>
  T run(runtime::Task<T> task) {
    std::optional<T> result;
    runtime::Scope scope(reactor);
    scope.spawn([](runtime::Task<T> task, std::optional<T>& result) -> runtime::Task<Status> {
      result.emplace(co_await std::move(task));
      co_return Status();
    }(std::move(task), result));
    while (!result || scope.running() > 0) driver_.step(std::chrono::seconds(1));
    return std::move(*result);
  }

 private:
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::EpollPoller> poller_ = runtime::EpollPoller::create().take();
  std::string root_;

 public:
  runtime::Reactor reactor{{.clock = &clock_, .seed = 1}};
  std::unique_ptr<storage::Disk> disk;

 private:
  runtime::Driver driver_;
};

ShardSuperblock superblock(uint64_t tier0, journal::Durability durability) {
  return {.pool = Uuid::from_random(1, 1),
          .tier_bytes = {tier0, 0},
          .durability = static_cast<uint8_t>(durability),
          .inline_max = 64u << 10};
}

/// Updates and fetches of a set of keys, some in flight, each as soon as the one before it has ended.
class Load {
 public:
  Load(World& world, Shard& shard, uint64_t keys, uint64_t value_bytes)
      : world_(world), shard_(shard), keys_(keys), value_(IoBuf::copy_of(ByteVector(value_bytes, std::byte{'v'}))) {}

  enum class Kind : uint8_t { kInsert, kOverwrite, kFetch };
  struct Figures {
    double per_second = 0;                   // by the clock
    double per_processor_second = 0;         // by what this thread was given of a processor
    double best = 0;                         // of twenty slices, by the clock
    double last_tenth = 0, first_tenth = 0;  // by processor time
    double p999_us = 0;
  };
  enum class Watch : uint8_t { kRate, kEach };
  Figures run(Kind kind, uint64_t operations, uint64_t in_flight, Watch watch = Watch::kRate) {
    latencies_.clear();
    watch_ = watch;
    if (watch == Watch::kEach) latencies_.reserve(operations);
    constexpr uint64_t kSlices = 20;
    std::vector<double> clock, processor;
    next_ = 0;
    for (uint64_t slice = 1; slice <= kSlices; slice++) {
      end_ = operations * slice / kSlices;
      const Clock::time_point begin = Clock::now();
      const double before = processor_seconds();
      must(world_.run(all(kind, in_flight)));
      clock.push_back(seconds_since(begin));
      processor.push_back(std::max(1e-9, processor_seconds() - before));
    }
    const auto sum = [](auto begin, auto end) { return std::accumulate(begin, end, 0.0); };
    const auto total = static_cast<double>(operations);
    Figures figures{.per_second = total / sum(clock.begin(), clock.end()),
                    .per_processor_second = total / sum(processor.begin(), processor.end()),
                    .best = total / kSlices / *std::min_element(clock.begin(), clock.end())};
    figures.first_tenth = total / 10 / sum(processor.begin(), processor.begin() + 2);
    figures.last_tenth = total / 10 / sum(processor.end() - 2, processor.end());
    if (watch == Watch::kRate) return figures;
    const auto place = latencies_.begin() + static_cast<ptrdiff_t>(latencies_.size() * 999 / 1000);
    std::nth_element(latencies_.begin(), place, latencies_.end());
    figures.p999_us = *place * 1e6;
    return figures;
  }

 private:
  runtime::Task<Status> all(Kind kind, uint64_t in_flight) {
    runtime::Scope scope(world_.reactor);
    for (uint16_t slot = 0; slot < in_flight; slot++) scope.spawn(one(kind, slot));
    Status joined = co_await scope.join();
    co_return joined;
  }
  runtime::Task<Status> one(Kind kind, uint16_t slot) {
    while (next_ < end_) {
      const uint64_t number = kind == Kind::kInsert ? next_++ : mix64(next_++ + 1) % keys_;
      const uint64_t words[2] = {mix64(number), number};
      IoBuf dkey = IoBuf::copy_of(std::as_bytes(std::span(words)));
      const Clock::time_point begin = watch_ == Watch::kEach ? Clock::now() : Clock::time_point();
      if (kind == Kind::kFetch) {
        FetchOp op{.container = kContainer, .object = kObject, .dkey = std::move(dkey), .keys = {}};
        op.keys.push_back({.akey = akey_, .extents = {}});
        const Result<FetchResult> found = co_await shard_.fetch(std::move(op));
        if (!found.ok()) co_return found.status();
        if (found->keys[0].value.size() != value_.size())
          co_return error(Code::kCorrupt, "key {} is not there", number);
      } else {
        UpdateOp op{.container = kContainer,
                    .object = kObject,
                    .id = {.endpoint = {Uuid::from_random(8, 8), 0}, .slot = {slot, ++sequences_[slot]}},
                    .dkey = std::move(dkey),
                    .values = {},
                    .akey_conditions = {}};
        op.values.push_back({.akey = akey_,
                             .record_bytes = value_.size(),
                             .extents = {},
                             .value = value_,
                             .stored = {},
                             .checksums = {}});
        const Result<uint64_t> done = co_await shard_.update(std::move(op));
        if (!done.ok()) co_return done.status();
      }
      if (watch_ == Watch::kEach) latencies_.push_back(static_cast<float>(seconds_since(begin)));
    }
    co_return Status();
  }

  static constexpr classes::ObjectId kObject{.lo = 1, .hi = 0};
  const Uuid kContainer = Uuid::from_random(7, 7);
  World& world_;
  Shard& shard_;
  uint64_t keys_;
  IoBuf value_;
  IoBuf akey_ = IoBuf::copy_of(as_bytes("akey"));
  uint64_t next_ = 0, end_ = 0;
  std::vector<uint64_t> sequences_ = std::vector<uint64_t>(rpc::kSlotsMax);
  Watch watch_ = Watch::kRate;
  std::vector<float> latencies_;
};

/// The least that a look-up of something not in a cache can take: reads that each depend on the one before.
double memory_nanoseconds() {
  constexpr uint64_t kWords = (512u << 20) / sizeof(uint64_t);
  std::vector<uint64_t> chain(kWords);
  for (uint64_t i = 0; i < kWords; i++) chain[i] = mix64(i + 1) % kWords;
  constexpr uint64_t kReads = 2'000'000;
  const double before = processor_seconds();
  uint64_t at = 0;
  for (uint64_t i = 0; i < kReads; i++) at = chain[(at + i) % kWords];
  const double taken = processor_seconds() - before;
  return at == kWords ? 0 : taken / kReads * 1e9;
}

/// So that the first use of a page, which on a virtual machine costs more than what is measured, is not measured.
void touch_memory() {
  std::vector<IoBuf> buffers;
  for (int i = 0; i < 256; i++) {
    buffers.push_back(IoBuf::allocate(16u << 20).take());
    std::memset(buffers.back().data(), 1, buffers.back().size());
  }
}

/// A shard in memory with room for what is loaded; what is overwritten is reclaimed meanwhile.
std::unique_ptr<Shard> shard_in_memory(World& world) {
  ShardOptions options{.build = "bench"};
  options.retention = Duration(0);
  Result<std::unique_ptr<Shard>> shard = world.run(Shard::create(
      world.reactor, *world.disk, "shard", superblock(4ull << 30, journal::Durability::kProcess), options));
  must(shard.status());
  return std::move(shard).take();
}

int profile(std::string_view what, uint64_t bytes, uint64_t keys, uint64_t operations) {
  touch_memory();
  World world(true);
  const std::unique_ptr<Shard> shard = shard_in_memory(world);
  Load load(world, *shard, keys, bytes);
  const Load::Figures inserted = load.run(Load::Kind::kInsert, keys, 64);
  const Load::Figures figures =
      what == "insert" ? inserted
                       : load.run(what == "fetch" ? Load::Kind::kFetch : Load::Kind::kOverwrite, operations, 64);
  row(fmt::format("{} {} B, {} keys", what, bytes, keys), figures.per_processor_second, "/s of processor", "");
  must(world.run(shard->close()));
  return 0;
}

void in_memory() {
  touch_memory();
  row("a read of memory that waits for the one before", memory_nanoseconds(), "ns",
      "512 MiB, at random: the limit of a look-up");
  struct Case {
    uint64_t bytes, keys;
    double update_bar, fetch_bar;
  };
  for (const Case& size :
       {Case{64, 100'000, 1e6, 2.5e6}, Case{64, 1'000'000, 1e6, 2.5e6}, Case{4096, 100'000, 4e5, 1.2e6}}) {
    World world(true);
    const std::unique_ptr<Shard> shard = shard_in_memory(world);
    Load load(world, *shard, size.keys, size.bytes);
    const auto say = [&](const char* what, const Load::Figures& figures, double bar) {
      row(fmt::format("{} {} B, {} keys, log in memory", what, size.bytes, size.keys), figures.per_processor_second,
          "/s of processor",
          fmt::format("by the clock {:.0f}, best twentieth {:.0f}; bar {:.0f}; 64 in flight, one thread, caller and "
                      "reclaim included",
                      figures.per_second, figures.best, bar));
    };
    say("insert", load.run(Load::Kind::kInsert, size.keys, 64), size.update_bar);
    say("update", load.run(Load::Kind::kOverwrite, 400'000, 64), size.update_bar);
    say("fetch", load.run(Load::Kind::kFetch, 1'000'000, 64), size.fetch_bar);
    must(world.run(shard->close()));
  }
}

void scale() {
  World world(false);
  const ScaleSize size{.keys = 10'000'000, .extents = 1'000'000, .reads = 100'000};
  Clock::time_point begin = Clock::now();
  double processor = processor_seconds();
  ScaleRun run(world.reactor, *world.disk, "shard", superblock(8ull << 30, journal::Durability::kProcess),
               {.build = "bench"}, size, [&](std::string_view phase, uint64_t operations) {
                 const double taken = seconds_since(begin);
                 const double worked = processor_seconds() - processor;
                 row(fmt::format("10 M keys: {}", phase), taken, "s",
                     fmt::format("{} operations, {:.2f} s of processor", operations, worked));
                 begin = Clock::now();
                 processor = processor_seconds();
               });
  must(world.run(run.run()));
  row("10 M keys: DRAM of a small record beside key and value", run.overhead_bytes(), "B", "bar 200");
}

void tail() {
  constexpr uint64_t kKeys = 50'000;
  constexpr int kRounds = 3;
  World world(false);
  std::vector<double> quiet, busy;
  for (int round = 0; round < 2 * kRounds; round++) {
    const bool background = round % 2 == 1;
    // 50,000 keys of 4 KiB are 200 MB: with a log of 64 MB the checkpoint never rests.
    ShardOptions options{.build = "bench", .log_bytes_wanted = background ? 64u << 20 : 8ull << 30};
    options.retention = background ? Duration(0) : std::chrono::hours(1);
    const std::string directory = fmt::format("shard-{}", round);
    Result<std::unique_ptr<Shard>> shard = world.run(Shard::create(
        world.reactor, *world.disk, directory, superblock(2ull << 30, journal::Durability::kPower), options));
    must(shard.status());
    Load load(world, **shard, kKeys, 4096);
    load.run(Load::Kind::kInsert, kKeys, 64);
    const uint64_t images = (*shard)->checkpoint().images_written();
    (background ? busy : quiet).push_back(load.run(Load::Kind::kOverwrite, 100'000, 64, Load::Watch::kEach).p999_us);
    if (background && (*shard)->checkpoint().images_written() == images) must(error(Code::kMisc, "no checkpoint ran"));
    must(world.run((*shard)->close()));
    shard->reset();
    must(world.run(world.disk->remove_tree(directory)));
  }
  std::sort(quiet.begin(), quiet.end());
  std::sort(busy.begin(), busy.end());
  const double ratio = busy[kRounds / 2] / quiet[kRounds / 2];
  row("p99.9 of updates under checkpoint and reclaim, beside without", ratio, "x",
      fmt::format("{:.0f} us beside {:.0f} us (medians of {}); bar 3; 4 KiB, power, 64 in flight", busy[kRounds / 2],
                  quiet[kRounds / 2], kRounds));
}

void overwrite() {
  constexpr uint64_t kKeys = 60'000;  // of 4 KiB: half of the pool
  World world(false);
  Result<std::unique_ptr<Shard>> shard = world.run(Shard::create(
      world.reactor, *world.disk, "shard", superblock(512u << 20, journal::Durability::kProcess), {.build = "bench"}));
  must(shard.status());
  Load load(world, **shard, kKeys, 4096);
  load.run(Load::Kind::kInsert, kKeys, 64);
  const uint64_t written = (*shard)->checkpoint().bytes_written();
  constexpr uint64_t kOverwrites = 2'600'000;  // 20 times the pool
  const Load::Figures figures = load.run(Load::Kind::kOverwrite, kOverwrites, 64);
  row("overwrite 20 x a pool half full, last tenth beside the first", figures.last_tenth / figures.first_tenth, "x",
      fmt::format(
          "{:.0f}/s by the clock, {:.0f}/s of processor; never out of space; bar 0.9; checkpoint wrote {:.2f} bytes "
          "per byte updated",
          figures.per_second, figures.per_processor_second,
          static_cast<double>((*shard)->checkpoint().bytes_written() - written) / (4096.0 * kOverwrites)));
  must(world.run((*shard)->close()));
}

}  // namespace
}  // namespace daos::vos

int main(int argc, char** argv) {
  daos::keep_freed_memory();  // as daos_engine does
  const auto asked = [&](std::string_view what) {
    return argc < 2 || std::any_of(argv + 1, argv + argc, [&](const char* argument) { return what == argument; });
  };
  if (argc == 6 && std::string_view(argv[1]) == "profile")
    return daos::vos::profile(argv[2], std::strtoull(argv[3], nullptr, 10), std::strtoull(argv[4], nullptr, 10),
                              std::strtoull(argv[5], nullptr, 10));
  if (asked("memory")) daos::vos::in_memory();
  if (asked("tail")) daos::vos::tail();
  if (asked("overwrite")) daos::vos::overwrite();
  if (asked("scale")) daos::vos::scale();
  return 0;
}
