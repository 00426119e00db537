// What one thread does per second, in memory: applies and reads of small and of 4 KiB values on a million hashed keys,
// and what a small record costs in DRAM.
#include <benchmark/benchmark.h>

#include <cstring>
#include <optional>

#include "platform/base/hash.h"
#include "server/vos/index/index.h"

namespace daos::vos {
namespace {

constexpr uint64_t kKeys = 1'000'000;
const Uuid kContainer = Uuid::from_random(1, 2);
const classes::ObjectId kObject{.lo = 1, .hi = 0};

std::array<char, 16> dkey_of(uint64_t number) {
  std::array<char, 16> key;
  const uint64_t mixed[2] = {mix64(number), number};
  std::memcpy(key.data(), mixed, sizeof mixed);
  return key;
}

UpdateRecord record_of(uint64_t value_bytes) {
  UpdateRecord record{.container = kContainer, .object = kObject, .epoch = 1};
  record.dkey = IoBuf::copy_of(as_bytes(std::string(16, 'd')));
  AkeyValue value{.akey = IoBuf::copy_of(as_bytes("akey")), .record_bytes = value_bytes};
  value.value = IoBuf::copy_of(as_bytes(std::string(value_bytes, 'v')));
  record.values.push_back(std::move(value));
  return record;
}
void set_dkey(UpdateRecord& record, uint64_t number) {
  const auto key = dkey_of(number);
  std::memcpy(record.dkey.data(), key.data(), key.size());
}

std::unique_ptr<Index> filled(uint64_t keys, uint64_t value_bytes) {
  auto index = std::make_unique<Index>();
  UpdateRecord record = record_of(value_bytes);
  for (uint64_t i = 0; i < keys; i++) {
    set_dkey(record, i);
    record.epoch++;
    index->apply(record, journal::Position(i));
  }
  return index;
}

/// New keys until there are `kKeys`, then from the start.
void insert(benchmark::State& state) {
  const auto value_bytes = static_cast<uint64_t>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(1));
  UpdateRecord record = record_of(value_bytes);
  std::optional<Index> index(std::in_place);
  uint64_t next = 0;
  for (auto _ : state) {
    if (next == keys) {
      state.PauseTiming();
      index.emplace();
      next = 0;
      state.ResumeTiming();
    }
    set_dkey(record, next++);
    record.epoch++;
    index->apply(record, journal::Position(next));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(insert)->Args({64, kKeys})->Args({4096, kKeys / 10})->Unit(benchmark::kNanosecond);

/// Random keys again and again; reclaim keeps up, its time included.
void overwrite(benchmark::State& state) {
  const auto value_bytes = static_cast<uint64_t>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(1));
  const auto index = filled(keys, value_bytes);
  UpdateRecord record = record_of(value_bytes);
  record.epoch = keys + 2;
  uint64_t seed = 0;
  for (auto _ : state) {
    set_dkey(record, mix64(++seed) % keys);
    record.epoch++;
    index->apply(record, journal::Position(seed));
    if (seed % 64 == 0) {
      Freed freed;
      index->reclaim({}, 256, freed);
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(overwrite)->Args({64, kKeys})->Args({4096, kKeys / 10});

void read_latest(benchmark::State& state) {
  const auto value_bytes = static_cast<uint64_t>(state.range(0));
  const auto keys = static_cast<uint64_t>(state.range(1));
  const auto index = filled(keys, value_bytes);
  uint64_t seed = 0;
  for (auto _ : state) {
    const auto dkey = dkey_of(mix64(++seed) % keys);
    SingleView view = index->single(
        {.container = kContainer, .object = kObject, .dkey = std::as_bytes(std::span(dkey)), .akey = as_bytes("akey")},
        kLatest);
    benchmark::DoNotOptimize(view);
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["overhead_bytes"] =
      static_cast<double>(index->used_bytes()) / static_cast<double>(keys) - static_cast<double>(value_bytes + 16 + 4);
}
BENCHMARK(read_latest)->Args({64, kKeys})->Args({4096, kKeys / 10});

/// Reads of one random extent of an array of a million.
void read_array(benchmark::State& state) {
  Index index;
  UpdateRecord record = record_of(64);
  set_dkey(record, 0);
  record.values[0].kind = ValueKind::kArray;
  record.values[0].record_bytes = 1;
  for (uint64_t i = 0; i < kKeys; i++) {
    record.values[0].extents = {{.start = mix64(i) % (kKeys * 4) * 64, .count = 64}};
    record.epoch++;
    index.apply(record, journal::Position(i));
  }
  const auto dkey = dkey_of(0);
  uint64_t seed = 0;
  for (auto _ : state) {
    ArrayView view = index.array(
        {.container = kContainer, .object = kObject, .dkey = std::as_bytes(std::span(dkey)), .akey = as_bytes("akey")},
        {.start = mix64(++seed) % (kKeys * 4) * 64, .count = 256}, kLatest);
    benchmark::DoNotOptimize(view);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_array);

}  // namespace
}  // namespace daos::vos
