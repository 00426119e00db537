#include "programs/daos/autotest_values.h"

#include <algorithm>
#include <cstring>

namespace daos::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kInFlight = 32;
constexpr size_t kBytesInFlight = 16u << 20;

/// Another pattern for each number, so that a value in a wrong place is seen.
void write_pattern(std::vector<char>& bytes, uint64_t number) {
  uint64_t word = (number + 1) * 0x9e3779b97f4a7c15ULL;
  for (size_t at = 0; at < bytes.size(); at += sizeof word) {
    std::memcpy(bytes.data() + at, &word, std::min(sizeof word, bytes.size() - at));
    word += 0x9e3779b97f4a7c15ULL;
  }
}

}  // namespace

/// One operation's event and all that it points to.
struct AutotestValues::Slot {
  daos_event_t event{};
  uint64_t key = 0;
  char akey = 'v';
  daos_key_t dkey{};
  daos_iod_t iod{};
  d_iov_t iov{};
  d_sg_list_t sgl{};
  std::vector<char> bytes;
  std::vector<char> expected;
};

Result<AutotestValues> AutotestValues::create(const Container& container, Load load) {
  daos_obj_id_t oid{.lo = load.value_bytes, .hi = 0};
  DX_TRY(from_api(daos_obj_generate_oid(container.handle(), &oid, DAOS_OT_DKEY_UINT64, OC_SX, 0, 0)));
  AutotestValues values(DAOS_HDL_INVAL, DAOS_HDL_INVAL, load);
  DX_TRY(from_api(daos_obj_open(container.handle(), oid, DAOS_OO_RW, &values.object_, nullptr)));
  DX_TRY(from_api(daos_eq_create(&values.queue_)));
  return values;
}

AutotestValues::~AutotestValues() {
  if (daos_handle_is_valid(queue_)) from_api(daos_eq_destroy(queue_, 0)).ignore("the process ends");
  if (daos_handle_is_valid(object_)) from_api(daos_obj_close(object_, nullptr)).ignore("the process ends");
}

Status AutotestValues::start(Slot& slot, Direction direction, uint64_t number) {
  slot.key = number;
  d_iov_set(&slot.dkey, &slot.key, sizeof slot.key);
  d_iov_set(&slot.iod.iod_name, &slot.akey, sizeof slot.akey);
  slot.iod.iod_type = DAOS_IOD_SINGLE;
  slot.iod.iod_nr = 1;
  slot.iod.iod_size = direction == Direction::kStore ? load_.value_bytes : DAOS_REC_ANY;
  d_iov_set(&slot.iov, slot.bytes.data(), slot.bytes.size());
  slot.sgl = {.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &slot.iov};
  if (direction == Direction::kStore) {
    write_pattern(slot.bytes, number);
    return from_api(daos_obj_update(object_, DAOS_TX_NONE, 0, &slot.dkey, 1, &slot.iod, &slot.sgl, &slot.event));
  }
  std::ranges::fill(slot.bytes, 0);
  return from_api(daos_obj_fetch(object_, DAOS_TX_NONE, 0, &slot.dkey, 1, &slot.iod, &slot.sgl, nullptr, &slot.event));
}

Status AutotestValues::finish(Slot& slot, Direction direction) {
  DX_TRY(from_api(slot.event.ev_error));
  if (direction == Direction::kStore) return {};
  write_pattern(slot.expected, slot.key);
  if (slot.iod.iod_size == load_.value_bytes && slot.bytes == slot.expected) return {};
  return error(Code::kCorrupt, "value {} of {} bytes is not what was stored", slot.key, load_.value_bytes);
}

Result<uint64_t> AutotestValues::run(Direction direction, uint64_t count) {
  const size_t width = std::clamp<size_t>(kBytesInFlight / load_.value_bytes, 1, kInFlight);
  std::vector<Slot> slots(width);
  std::vector<Slot*> idle;
  for (Slot& slot : slots) {
    slot.bytes.resize(load_.value_bytes);
    slot.expected.resize(load_.value_bytes);
    DX_TRY(from_api(daos_event_init(&slot.event, queue_, nullptr)));
    idle.push_back(&slot);
  }
  const bool limited = direction == Direction::kStore && load_.limit.has_value();
  const Clock::time_point end = limited ? Clock::now() + *load_.limit : Clock::time_point::max();
  uint64_t started = 0;
  Status failure;
  while (failure.ok() || idle.size() < width) {
    while (failure.ok() && !idle.empty() && started < count && (!limited || Clock::now() < end)) {
      failure = start(*idle.back(), direction, started);
      if (!failure.ok()) break;
      idle.pop_back();
      started++;
    }
    if (idle.size() == width) break;
    daos_event_t* done[kInFlight];
    const int found = daos_eq_poll(queue_, 1, DAOS_EQ_WAIT, kInFlight, done);
    if (found < 0) return from_api(found);
    for (int i = 0; i < found; i++) {
      Slot& slot = *std::ranges::find(slots, done[i], [](Slot& s) { return &s.event; });
      if (Status status = finish(slot, direction); !status.ok() && failure.ok()) failure = std::move(status);
      idle.push_back(&slot);
    }
  }
  for (Slot& slot : slots) from_api(daos_event_fini(&slot.event)).ignore("nothing runs any more");
  if (!failure.ok()) return failure;
  return started;
}

Status AutotestValues::store() {
  stored_ = DX_TRY(run(Direction::kStore, load_.values_max));
  return {};
}

Status AutotestValues::verify() {
  DX_TRY(run(Direction::kRead, stored_));
  return {};
}

Status AutotestValues::punch() {
  DX_TRY(from_api(daos_obj_punch(object_, DAOS_TX_NONE, 0, nullptr)));
  Slot slot;
  slot.bytes.resize(load_.value_bytes);
  d_iov_set(&slot.dkey, &slot.key, sizeof slot.key);
  d_iov_set(&slot.iod.iod_name, &slot.akey, sizeof slot.akey);
  slot.iod.iod_type = DAOS_IOD_SINGLE;
  slot.iod.iod_nr = 1;
  slot.iod.iod_size = DAOS_REC_ANY;
  d_iov_set(&slot.iov, slot.bytes.data(), slot.bytes.size());
  slot.sgl = {.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &slot.iov};
  DX_TRY(from_api(daos_obj_fetch(object_, DAOS_TX_NONE, 0, &slot.dkey, 1, &slot.iod, &slot.sgl, nullptr, nullptr)));
  return slot.iod.iod_size == 0 ? Status() : Status(Code::kCorrupt, "a value is there although its object was punched");
}

}  // namespace daos::cli
