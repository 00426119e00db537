// A shard on a memory disk under virtual time, and beside it a model of what it must hold: a plain map of values and a
// plain map of slots. For the tests of this folder.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <tuple>
#include <utility>

#include "platform/base/units.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/memory/memory_disk.h"
#include "server/vos/shard.h"

namespace daos::vos {

inline IoBuf text(std::string_view bytes) { return IoBuf::copy_of(as_bytes(bytes)); }

/// Something asked of a shard, and what came of it.
struct Step {
  enum class Kind : uint8_t { kUpdate, kFetch, kClose, kEndClient, kDestroy };
  Kind kind = Kind::kUpdate;
  uint32_t container = 0, object = 0, dkey = 0;
  std::vector<std::pair<uint32_t, std::string>> values;  // akey and value; of a fetch: what was found
  uint32_t client = 0;
  rpc::SlotRef slot;

  bool ended = false;
  Status status;
  uint64_t epoch = 0;                       // kUpdate
  std::optional<rpc::SlotOutcome> outcome;  // kClose
};

constexpr uint32_t kContainers = 2, kObjects = 3, kDkeys = 3, kAkeys = 3, kClients = 2;

inline Uuid container_id(uint32_t index) { return Uuid::from_random(1, index); }
inline classes::ObjectId object_id(uint32_t index) {
  constexpr classes::ObjectType kTypes[] = {classes::ObjectType::kMultiHashed, classes::ObjectType::kMultiLexical,
                                            classes::ObjectType::kMultiUint64};
  return {.lo = index, .hi = static_cast<uint64_t>(kTypes[index % kObjects]) << 56 | 1ull << 48};
}
/// Eight bytes, so that it is a key of every type of object.
inline std::string key_text(uint32_t index) { return fmt::format("key-{:04}", index); }
inline rpc::EndpointId endpoint_of(uint32_t client) { return {Uuid::from_random(2, client), client}; }

struct Model {
  struct Slot {
    uint64_t sequence = 0;
    bool closed = false;
    uint64_t epoch = 0;  // 0: not executed, or not known because no answer came
    bool operator==(const Slot&) const = default;
  };
  std::map<std::tuple<uint32_t, uint32_t, uint32_t, uint32_t>, std::string> values;
  std::map<std::pair<uint32_t, uint16_t>, Slot> slots;

  std::string value(uint32_t container, uint32_t object, uint32_t dkey, uint32_t akey) const {
    const auto found = values.find({container, object, dkey, akey});
    return found == values.end() ? std::string() : found->second;
  }
  Slot slot(uint32_t client, uint16_t slot) const {
    const auto found = slots.find({client, slot});
    return found == slots.end() ? Slot{} : found->second;
  }
  /// What a step that is executed does.
  void apply(const Step& step) {
    switch (step.kind) {
      case Step::Kind::kFetch:
        break;
      case Step::Kind::kUpdate:
        for (const auto& [akey, value] : step.values) values[{step.container, step.object, step.dkey, akey}] = value;
        slots[{step.client, step.slot.slot}] = {.sequence = step.slot.sequence, .epoch = step.epoch};
        break;
      case Step::Kind::kClose: {
        Slot& slot = slots[{step.client, step.slot.slot}];
        if (slot.sequence >= step.slot.sequence) break;
        const bool executed = slot.sequence + 1 == step.slot.sequence && !slot.closed;
        slot = {.sequence = step.slot.sequence, .closed = true, .epoch = executed ? slot.epoch : 0};
        break;
      }
      case Step::Kind::kEndClient:
        std::erase_if(slots, [&](const auto& entry) { return entry.first.first == step.client; });
        break;
      case Step::Kind::kDestroy:
        std::erase_if(values, [&](const auto& entry) { return std::get<0>(entry.first) == step.container; });
        break;
    }
  }
};

class ShardWorld {
 public:
  struct Options {
    uint64_t tier0_bytes = 512 * kKiB;
    uint64_t tier1_bytes = 0;
    /// On a device: pieces that are small, and in no order, so that runs lie across them.
    enum class Tier1 : uint8_t { kFile, kDevice } tier1_on = Tier1::kFile;
    uint32_t inline_max = 64 * kKiB;
    uint64_t inline_max_alone = 64 * kKiB;
    uint64_t extent_piece_bytes = 64 * kKiB;
    uint64_t extent_copies_bytes = 64 * kKiB;
    journal::Durability durability = journal::Durability::kPower;
    uint64_t segment_bytes = 16 * kKiB;
    uint64_t log_bytes_wanted = 32 * kKiB;   // so that checkpoints run all the time,
    uint64_t log_bytes_beyond = 512 * kKiB;  // and operations are never held up: the model wants them in order
    size_t bucket_bytes_max = 2 * kKiB;
    Duration retention = std::chrono::seconds(30);
    PlantedBugs planted;
  };
  explicit ShardWorld(uint64_t seed, Options options) : options_(options), seed_(seed) {
    boot();
    if (on_device()) make_device();
  }
  explicit ShardWorld(uint64_t seed) : ShardWorld(seed, Options{}) {}
  ~ShardWorld() {
    if (shard) close().ignore("the world ends");
  }

  runtime::Timeline timeline;
  runtime::VirtualClock clock{timeline};
  std::shared_ptr<storage::MemoryMedium> medium = std::make_shared<storage::MemoryMedium>();
  std::unique_ptr<runtime::VirtualReactor> node;
  std::unique_ptr<storage::MemoryDisk> disk;
  std::unique_ptr<Shard> shard;
  /// Containers have ids that are never used again: a destroyed one is followed by another, kContainers later.
  uint32_t containers_used = kContainers;

  static constexpr uint64_t kPieceBytes = 16 * kKiB;
  bool on_device() const { return options_.tier1_on == Options::Tier1::kDevice && options_.tier1_bytes > 0; }
  /// The file that runs lie in, and where in it the byte of an address does.
  std::string tier1_path() const { return on_device() ? device_ref_.path : "pool/extents"; }
  uint64_t tier1_place(uint64_t address) const { return shard->extents().place_of(address) + address % kExtentBlock; }
  /// The address of the first run.
  uint64_t tier1_first() const { return on_device() ? 0 : kExtentBlock; }
  const DeviceRef& device_ref() const { return device_ref_; }

  runtime::Reactor& reactor() { return node->reactor(); }
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run(timeline, reactor(), std::move(task));
  }

  /// The machine, on `medium`. Done by the constructor; again for another medium, or for one who listens.
  void boot(LogSink* log = nullptr) {
    disk.reset();
    node = std::make_unique<runtime::VirtualReactor>(
        timeline, runtime::Reactor::Options{.clock = &clock, .seed = ++seed_, .log = Logger(log)});
    disk = std::make_unique<storage::MemoryDisk>(node->reactor(), medium,
                                                 storage::MemoryOptions{.timeline = &timeline, .seed = ++seed_});
  }
  /// Opens the shard, or makes it if it is not whole, as a target does.
  Status open() {
    const ShardOptions shard_options{.build = "test",
                                     .log_segment_bytes = options_.segment_bytes,
                                     .log_bytes_wanted = options_.log_bytes_wanted,
                                     .log_bytes_beyond = options_.log_bytes_beyond,
                                     .bucket_bytes_max = options_.bucket_bytes_max,
                                     .inline_max_alone = options_.inline_max_alone,
                                     .extent_piece_bytes = options_.extent_piece_bytes,
                                     .extent_copies_bytes = options_.extent_copies_bytes,
                                     .device = on_device() ? std::optional(device_ref_) : std::nullopt,
                                     .retention = options_.retention,
                                     .planted = options_.planted};
    const bool there = disk->exists("pool/shard");
    if (!there) {
      const Status removed = run(disk->remove_tree("pool"));
      if (!removed.ok()) return removed;
    }
    ShardSuperblock superblock{.pool = Uuid::from_random(3, 3),
                               .tier_bytes = {options_.tier0_bytes, options_.tier1_bytes},
                               .durability = static_cast<uint8_t>(options_.durability),
                               .inline_max = options_.inline_max};
    if (on_device()) superblock.part = part_;
    Result<std::unique_ptr<Shard>> opened =
        there ? run(Shard::open(reactor(), *disk, "pool", shard_options))
              : run(Shard::create(reactor(), *disk, "pool", superblock, shard_options));
    if (!opened.ok()) return opened.status();
    shard = std::move(opened).take();
    return {};
  }
  Status close() {
    Status status = run(shard->close());
    shard.reset();
    return status;
  }
  /// The machine stops, its medium loses what it may lose, its wall clock is set back, and it boots.
  void restart(std::optional<storage::Loss> loss) {
    if (loss) disk->die();
    if (shard) {
      Status closed = close();
      if (!loss) EXPECT_TRUE(closed.ok()) << closed.to_string();
    }
    if (loss) disk->crash(*loss);
    disk.reset();
    node.reset();
    clock.step_wall_clock(-std::chrono::minutes(10));
    boot();
  }

  /// All of them at once, in this order; returns when all have ended.
  void take(std::deque<Step*> steps) {
    runtime::Scope scope(reactor());
    reactor().post([&] {
      for (Step* step : steps) scope.spawn(take_one(*shard, *step));
    });
    const auto has_ended = [](const Step* step) { return step->ended; };
    while (!std::all_of(steps.begin(), steps.end(), has_ended) || scope.running() > 0) {
      DX_CHECK(timeline.step(), "a step waits for something that never happens");
    }
  }
  Step take(Step step) {
    step.ended = false;
    take(std::deque<Step*>{&step});
    return step;
  }

  /// What the shard holds now. A fetch that fails is an error, and so is its text.
  Result<Model> observe() {
    Model model;
    for (uint32_t container = 0; container < containers_used; container++) {
      for (uint32_t object = 0; object < kObjects; object++) {
        for (uint32_t dkey = 0; dkey < kDkeys; dkey++) {
          Step found = take({.kind = Step::Kind::kFetch, .container = container, .object = object, .dkey = dkey});
          if (!found.status.ok()) return std::move(found.status).within("fetch");
          for (auto& [akey, value] : found.values) {
            if (!value.empty()) model.values[{container, object, dkey, akey}] = std::move(value);
          }
        }
      }
    }
    for (uint32_t client = 0; client < kClients; client++) {
      for (uint16_t slot = 0; slot < rpc::kSlotsFirst; slot++) {
        const auto there = shard->slots().last(endpoint_of(client), slot);
        if (!there) continue;
        model.slots[{client, slot}] = {.sequence = there->sequence, .closed = there->closed, .epoch = there->epoch};
      }
    }
    return model;
  }
  /// Where the shard differs from the model, in words.
  std::string difference(const Model& model) {
    const Result<Model> there = observe();
    return there.ok() ? difference(*there, model) : there.status().to_string();
  }
  static std::string difference(const Model& there, const Model& model) {
    auto names = there.values;
    names.insert(model.values.begin(), model.values.end());
    for (const auto& [name, any] : names) {
      const auto& [container, object, dkey, akey] = name;
      const std::string value = there.value(container, object, dkey, akey);
      const std::string expected = model.value(container, object, dkey, akey);
      if (value == expected) continue;
      return fmt::format("container {} object {} dkey {} akey {}: \"{:.20}\", expected \"{:.20}\"", container, object,
                         dkey, akey, value, expected);
    }
    for (uint32_t client = 0; client < kClients; client++) {
      for (uint16_t slot = 0; slot < rpc::kSlotsFirst; slot++) {
        const Model::Slot found = there.slot(client, slot);
        const Model::Slot expected = model.slot(client, slot);
        if (found.sequence == expected.sequence && found.closed == expected.closed &&
            (expected.epoch == 0 || found.epoch == expected.epoch)) {
          continue;
        }
        return fmt::format("client {} slot {}: sequence {} closed {} epoch {}, expected {} {} {}", client, slot,
                           found.sequence, found.closed, found.epoch, expected.sequence, expected.closed,
                           expected.epoch);
      }
    }
    return "";
  }

 private:
  void make_device() {
    const uint32_t wanted = pieces_for(options_.tier1_bytes, kPieceBytes);
    device_ref_ = {.number = 0, .id = Uuid::from_random(4, seed_), .path = "device-0", .name = "/dev/made-up"};
    DeviceHeader header{.id = device_ref_.id, .engine = Uuid::from_random(5, 5), .regions = 1};
    header.piece_bytes = kPieceBytes;
    header.bytes = device_ref_.bytes = kDevicePiecesAt + 2 * wanted * kPieceBytes;
    const Status made = run([](storage::Disk& on, DeviceHeader what) -> runtime::Task<Status> {
      auto file = DX_CO_TRY(co_await on.open("device-0", {.create = true}));
      DX_CO_TRY(co_await file->truncate(what.bytes));
      DX_CO_TRY(co_await file->flush());
      file.reset();
      DX_CO_TRY(co_await on.sync_directory(""));
      Status written = co_await write_device_header(on, "device-0", what);
      co_return written;
    }(*disk, header));
    EXPECT_TRUE(made.ok()) << made.to_string();
    part_ = {.number = 0, .device = device_ref_.id, .pieces = {}};
    runtime::Rng rng(seed_);
    std::vector<uint32_t> all(2 * wanted);
    std::iota(all.begin(), all.end(), 0u);
    for (uint32_t i = 0; i < wanted; i++) {
      std::swap(all[i], all[i + rng.below(all.size() - i)]);
      part_.pieces.push_back(all[i]);
    }
  }
  static runtime::Task<void> take_one(Shard& shard, Step& step) {
    switch (step.kind) {
      case Step::Kind::kUpdate: {
        UpdateOp op{.container = container_id(step.container),
                    .object = object_id(step.object),
                    .id = {.endpoint = endpoint_of(step.client), .slot = step.slot},
                    .dkey = text(key_text(step.dkey))};
        for (const auto& [akey, value] : step.values) {
          op.values.push_back({.akey = text(key_text(akey)), .record_bytes = value.size(), .value = text(value)});
        }
        const Result<uint64_t> epoch = co_await shard.update(std::move(op));
        step.status = epoch.status();
        if (epoch.ok()) step.epoch = *epoch;
        break;
      }
      case Step::Kind::kFetch: {
        std::vector<FetchKey> keys;
        for (uint32_t akey = 0; akey < kAkeys; akey++) keys.push_back({.akey = text(key_text(akey))});
        const Result<FetchResult> found = co_await shard.fetch({.container = container_id(step.container),
                                                                .object = object_id(step.object),
                                                                .dkey = text(key_text(step.dkey)),
                                                                .keys = std::move(keys)});
        step.status = found.status();
        for (uint32_t akey = 0; found.ok() && akey < kAkeys; akey++) {
          step.values.emplace_back(akey, std::string(as_text(found->keys[akey].value.bytes())));
        }
        break;
      }
      case Step::Kind::kClose: {
        const auto outcome = co_await shard.close_slot(endpoint_of(step.client), step.slot);
        step.status = outcome.status();
        if (outcome.ok()) step.outcome = *outcome;
        break;
      }
      case Step::Kind::kEndClient:
        step.status = co_await shard.end_client(endpoint_of(step.client).client);
        break;
      case Step::Kind::kDestroy:
        step.status = co_await shard.destroy_container(container_id(step.container));
        break;
    }
    step.ended = true;
  }

  const Options options_;
  uint64_t seed_;
  DeviceRef device_ref_;
  DevicePart part_;
};

/// Lives that end at their k-th operation of a kind, for k from 0 on until one ends without, seed after seed. The
/// number of those that met the crash.
template <class Lives, class Case>
uint64_t crash_at_every_k(Case c, uint64_t seeds) {
  uint64_t lives = 0;
  for (uint64_t seed = 0; seed < seeds; seed++) {
    c.seed = seed;
    for (uint64_t k = 0;; k++, lives++) {
      Lives run(c);
      const std::string wrong = run.run(k);
      EXPECT_EQ(wrong, "") << "seed " << seed << " k " << k;
      if (!run.met() || !wrong.empty()) break;
    }
  }
  return lives;
}

}  // namespace daos::vos
