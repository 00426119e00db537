#include "client/core/fetched.h"

#include <algorithm>

namespace daos::core {

using messages::Extent;
using messages::FetchedValue;
using messages::ValueKind;

uint64_t asked_bytes(ValueKind kind, std::span<const Extent> asked, uint64_t record_bytes) {
  unsigned __int128 records = 1;
  if (kind == ValueKind::kArray) {
    records = 0;
    for (const Extent& extent : asked) records += extent.count;
  }
  return static_cast<uint64_t>(std::min<unsigned __int128>(records * record_bytes, UINT64_MAX));
}

Result<std::vector<Run>> places_of(ValueKind kind, std::span<const Extent> asked, const FetchedValue& value,
                                   uint64_t room) {
  std::vector<Run> runs;
  if (kind == ValueKind::kSingle) {
    if (value.record_bytes > 0) runs.push_back({.place = 0, .bytes = value.record_bytes});
  } else {
    runs.reserve(value.extents.size());
  }
  size_t index = 0;
  uint64_t base = 0;  // of the extent asked[index] in the buffer
  for (const Extent& run : value.extents) {
    if (kind == ValueKind::kSingle) return error(Code::kCorrupt, "a single value came with extents");
    const auto holds = [&](const Extent& extent) {
      return run.start >= extent.start && run.start - extent.start < extent.count &&
             run.count <= extent.count - (run.start - extent.start);
    };
    while (index < asked.size() && !holds(asked[index])) base += asked[index++].count * value.record_bytes;
    if (index == asked.size()) {
      return error(Code::kCorrupt, "records {}+{} came, which were not asked for", run.start, run.count);
    }
    runs.push_back({.place = base + (run.start - asked[index].start) * value.record_bytes,
                    .bytes = run.count * value.record_bytes});
  }
  for (const Run& run : runs) {
    if (run.place <= room && run.bytes <= room - run.place) continue;
    return error(Code::kCorrupt, "bytes {}+{} came for a buffer of {}", run.place, run.bytes, room);
  }
  return runs;
}

bool fits(const Fetch& fetch, std::span<const FetchedValue> values) {
  for (size_t i = 0; i < values.size(); i++) {
    const messages::AkeyFetch& akey = fetch.akeys[i];
    if (asked_bytes(akey.kind, akey.extents, values[i].record_bytes) > fetch.memory[i].size()) return false;
  }
  return true;
}

Status settle(Fetch& fetch, messages::FetchReply& reply) {
  for (size_t i = 0; i < reply.values.size(); i++) {
    FetchedValue& value = reply.values[i];
    const messages::AkeyFetch& akey = fetch.akeys[i];
    MemoryList& memory = fetch.memory[i];
    const std::vector<Run> runs = DX_TRY(places_of(akey.kind, akey.extents, value, memory.size()));
    const IoBuf data = std::exchange(value.value, {});
    uint64_t from = 0;
    for (const Run& run : runs) {
      if (reply.placed) break;
      if (run.bytes > data.size() - from) {
        return error(Code::kCorrupt, "{} bytes of data came with runs that are longer", data.size());
      }
      memory.write(run.place, data.bytes().subspan(from, run.bytes));
      from += run.bytes;
    }
    if (from != data.size()) return error(Code::kCorrupt, "{} bytes of data came, {} have a place", data.size(), from);
  }
  return {};
}

}  // namespace daos::core
