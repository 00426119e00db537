#include "sim/world/workload.h"

#include <cstring>

namespace daos::sim {

namespace {

/// Mostly short; some that fill more than a receive buffer, some that do not travel in a message.
size_t value_bytes(uint32_t key, size_t akey, ValueId id) {
  const uint64_t chance = mix64(id * 31 + key * 7 + akey);
  const uint64_t size = chance >> 8;
  if (chance % 16 == 0) return sizeof id + size % 20'000;
  if (chance % 16 == 1) return sizeof id + kLongValue + size % (kValueBytesMax - kLongValue - sizeof id);
  return sizeof id + size % 200;
}

void fill(MutableByteSpan bytes, uint32_t key, size_t akey, ValueId id) {
  std::memcpy(bytes.data(), &id, sizeof id);
  for (size_t i = sizeof id; i < bytes.size(); i++) bytes[i] = static_cast<std::byte>(mix64(id + key + akey) + i);
}

}  // namespace

size_t akeys_of(uint32_t key) { return 1 + key % 3; }

std::vector<IoBuf> make_values(uint32_t key, ValueId id) {
  std::vector<IoBuf> values;
  for (size_t akey = 0; akey < akeys_of(key); akey++) {
    IoBuf value = IoBuf::allocate(value_bytes(key, akey, id)).take();
    fill(value.writable(), key, akey, id);
    values.push_back(std::move(value));
  }
  return values;
}

ValueId read_values(uint32_t key, const std::vector<IoBuf>& values) {
  if (values.size() != akeys_of(key)) return kMixture;
  ValueId id = kAbsent;
  for (size_t akey = 0; akey < values.size(); akey++) {
    ValueId here = kAbsent;
    if (!values[akey].empty()) {
      if (values[akey].size() < sizeof here) return kMixture;
      std::memcpy(&here, values[akey].data(), sizeof here);
      ByteVector expected(value_bytes(key, akey, here));
      fill(expected, key, akey, here);
      if (!std::ranges::equal(values[akey].bytes(), expected)) return kMixture;
    }
    if (akey > 0 && here != id) return kMixture;
    id = here;
  }
  return id;
}

runtime::Task<void> run_lane(Life& life, RegisterClient& client, Workload& workload, uint32_t number, runtime::Rng rng,
                             runtime::StopToken stop) {
  runtime::Reactor& reactor = life.reactor();
  while (!workload.over && !stop.stop_requested()) {
    const Duration think(static_cast<int64_t>(1 + rng.below(workload.think_max.count())));
    const Status slept = co_await runtime::sleep(reactor, reactor.within(think, stop));
    if (!slept.ok() || workload.over) co_return;
    const auto key = static_cast<uint32_t>(rng.below(workload.keys));
    const bool update = rng.below(100) < workload.updates_percent;
    const ValueId value = update ? workload.next_value++ : kAbsent;
    const History::Index index = workload.history.ask(
        number, key, update ? OperationKind::kUpdate : OperationKind::kFetch, value, reactor.fresh_now());
    Answer answer;
    if (update) {
      answer = co_await client.update(key, value);
    } else {
      answer = co_await client.fetch(key);
    }
    if (life.crashed()) co_return;  // nobody was there to hear the answer
    workload.history.answer(index, answer.outcome, update ? value : answer.value, reactor.fresh_now(), answer.error);
    life.world().note([&] { return to_string(workload.history.operations()[index]); });
  }
}

runtime::Task<void> read_all(Life& life, RegisterClient& client, Workload& workload, uint32_t number,
                             runtime::StopToken stop) {
  runtime::Reactor& reactor = life.reactor();
  for (uint32_t key = 0; key < workload.keys; key++) {
    for (;;) {
      const History::Index index =
          workload.history.ask(number, key, OperationKind::kFetch, kAbsent, reactor.fresh_now());
      const Answer answer = co_await client.fetch(key);
      if (life.crashed() || stop.stop_requested()) co_return;
      workload.history.answer(index, answer.outcome, answer.value, reactor.fresh_now(), answer.error);
      if (answer.outcome == Outcome::kOk) break;
    }
  }
}

}  // namespace daos::sim
