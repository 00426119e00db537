// How long layouts take: S1 and one group of SX (the data path) and a whole SX, on maps from 8 to 100,000 targets.
#include <benchmark/benchmark.h>

#include "model/map/builder.h"
#include "model/placement/placement.h"

namespace daos::placement {
namespace {

classes::ObjectId make_id(uint8_t ordinal, uint32_t groups, uint64_t number) {
  return {.lo = number, .hi = uint64_t{ordinal} << 48 | uint64_t{groups} << 32};
}

Placement make_placement(int64_t targets) {
  return Placement(*map::make_uniform_map(static_cast<uint32_t>(targets) / 8, 8));
}

void layout_of_s1(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(placement.layout(make_id(1, 1, number++)));
}
BENCHMARK(layout_of_s1)->Arg(8)->Arg(1000)->Arg(100'000);

void target_of_s1(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(placement.target_of(make_id(1, 1, number++), classes::GroupIndex(0)));
}
BENCHMARK(target_of_s1)->Arg(8)->Arg(1000)->Arg(100'000);

void target_of_one_sx_group(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  const auto groups = static_cast<uint32_t>(std::min<int64_t>(state.range(0), 65'534));
  uint64_t number = 0;
  for (auto _ : state) {
    number++;
    const classes::GroupIndex group = classes::group_of(mix64(number), groups);
    benchmark::DoNotOptimize(placement.target_of(make_id(1, groups, number), group));
  }
}
BENCHMARK(target_of_one_sx_group)->Arg(8)->Arg(1000)->Arg(100'000);

void layout_of_sx(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  uint64_t number = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(placement.layout(make_id(1, static_cast<uint32_t>(state.range(0)), number++)));
  }
}
BENCHMARK(layout_of_sx)->Arg(8)->Arg(520)->Arg(1000);

void layout_of_rp3(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(placement.layout(make_id(9, 1, number++)));
}
BENCHMARK(layout_of_rp3)->Arg(24)->Arg(1000)->Arg(100'000);

void layout_of_ec_16p3(benchmark::State& state) {
  const Placement placement = make_placement(state.range(0));
  uint64_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(placement.layout(make_id(42, 1, number++)));
}
BENCHMARK(layout_of_ec_16p3)->Arg(152)->Arg(1000)->Arg(100'000);

void tables_of_a_map(benchmark::State& state) {
  const map::PoolMapRef map = map::make_uniform_map(static_cast<uint32_t>(state.range(0)) / 8, 8);
  for (auto _ : state) benchmark::DoNotOptimize(Placement(*map));
}
BENCHMARK(tables_of_a_map)->Arg(1000)->Arg(100'000);

}  // namespace
}  // namespace daos::placement
