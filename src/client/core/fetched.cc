#include "client/core/fetched.h"

#include <algorithm>

#include "client/core/checksums.h"

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

namespace {

/// The i-th run of a value, wherever its bytes are.
Status verify_run(const Judgement& by, const messages::AkeyFetch& akey, const FetchedValue& value, size_t run,
                  size_t runs, std::span<const MutableByteSpan> pieces) {
  const stripe::ChecksumSpec& spec = by.checksums;
  const messages::Checksums* checksums = DX_TRY(checksums_of_run(value, run, runs));
  if (checksums == nullptr) return {};
  if (akey.kind == ValueKind::kSingle) {
    return verify(spec, *checksums, value.record_bytes, {.start = 0, .count = 1}, pieces);
  }
  return verify(spec, *checksums, value.record_bytes,
                {.start = value.extents[run].start, .count = value.extents[run].count}, pieces);
}

Status verify_runs(const Judgement& by, const messages::AkeyFetch& akey, const FetchedValue& value,
                   const std::vector<Run>& runs, const MemoryList& memory) {
  if (!by.checksums.on()) return {};
  std::vector<MutableByteSpan> pieces;
  for (size_t i = 0; i < runs.size(); i++) {
    pieces.clear();
    memory.append_to(runs[i].place, runs[i].bytes, pieces);
    Status verified = verify_run(by, akey, value, i, runs.size(), pieces);
    if (!verified.ok()) return std::move(verified).within(akey_in_words(by.object, akey.akey.bytes()));
  }
  return {};
}

/// Runs back to back.
std::vector<Run> in_a_row(std::vector<Run> runs) {
  uint64_t at = 0;
  for (Run& run : runs) {
    run.place = at;
    at += run.bytes;
  }
  return runs;
}

}  // namespace

Status settle(const Judgement& by, Fetch& fetch, messages::FetchReply& reply) {
  for (size_t i = 0; i < reply.values.size(); i++) {
    FetchedValue& value = reply.values[i];
    const messages::AkeyFetch& akey = fetch.akeys[i];
    MemoryList& memory = fetch.memory[i];
    const std::vector<Run> runs = DX_TRY(places_of(akey.kind, akey.extents, value, memory.size()));
    IoBuf data = std::exchange(value.value, {});
    uint64_t bytes = 0;
    for (const Run& run : runs) bytes += reply.placed ? 0 : run.bytes;
    if (bytes != data.size()) {
      return error(Code::kCorrupt, "{} bytes of data came, {} have a place", data.size(), bytes);
    }
    // What came with the reply is judged before it goes into the caller's memory; the rest is there already.
    if (reply.placed) {
      DX_TRY(verify_runs(by, akey, value, runs, memory));
    } else {
      DX_TRY(verify_runs(by, akey, value, in_a_row(runs), MemoryList(data.data(), data.size())));
    }
    uint64_t from = 0;
    for (const Run& run : runs) {
      if (reply.placed) break;
      memory.write(run.place, data.bytes().subspan(from, run.bytes));
      from += run.bytes;
    }
    value.checksums.clear();
  }
  return {};
}

Status judge(const Judgement& by, const Fetch& fetch, messages::FetchReply& reply) {
  if (!by.checksums.on()) return {};
  for (size_t i = 0; i < reply.values.size(); i++) {
    FetchedValue& value = reply.values[i];
    const messages::AkeyFetch& akey = fetch.akeys[i];
    if (value.too_big) continue;
    const std::vector<Run> runs = in_a_row(DX_TRY(places_of(akey.kind, akey.extents, value, UINT64_MAX)));
    const uint64_t bytes = runs.empty() ? 0 : runs.back().place + runs.back().bytes;
    if (bytes != value.value.size()) {
      return error(Code::kCorrupt, "{} bytes of data came where {} belong", value.value.size(), bytes);
    }
    DX_TRY(verify_runs(by, akey, value, runs, MemoryList(value.value.data(), value.value.size())));
    value.checksums.clear();
  }
  return {};
}

}  // namespace daos::core
