// A fetch into little memory has its data in the reply. More is lent to the target, which writes to it. When it is more
// than a target moves at once, it is asked for in parts that do fit, at the epoch of the first reply.
#include <algorithm>

#include "client/core/checksums.h"
#include "client/core/fetched.h"
#include "client/core/object_call.h"
#include "platform/base/probe.h"

namespace daos::core {
namespace {

constexpr int kRoundsMax = 16;  // of a fetch whose versions are reclaimed under it

using messages::AkeyFetch;
using messages::Extent;
using messages::FetchedValue;
using messages::FetchReply;
using messages::FetchRequest;
using messages::ValueKind;

Lending lend(const std::vector<MemoryList>& memory) {
  Lending lending{.access = fabric::Access::kPeerWrites};
  for (const MemoryList& part : memory) {
    part.append_to(lending.pieces);
    lending.bytes += part.size();
  }
  return lending;
}

uint64_t data_bytes(const FetchedValue& value, ValueKind kind) {
  if (kind == ValueKind::kSingle) return value.record_bytes;
  uint64_t records = 0;
  for (const Extent& run : value.extents) records += run.count;
  return records * value.record_bytes;
}

Status check_count(const FetchReply& reply, size_t asked) {
  if (reply.values.size() == asked) return {};
  return error(Code::kCorrupt, "{} values came for {} akeys", reply.values.size(), asked);
}

/// One request, whose data ends in `fetch.memory`.
runtime::Task<Result<FetchReply>> fetch_once(Lane& lane, ObjectRef object, FetchRequest request, const Fetch& fetch,
                                             runtime::StopToken stop) {
  uint64_t room = 0;
  request.akeys = fetch.akeys;
  for (size_t i = 0; i < fetch.memory.size(); i++) room += request.akeys[i].bytes_max = fetch.memory[i].size();
  const classes::GroupIndex group = object->group_of(request.dkey.bytes());
  FetchReply reply = DX_CO_TRY(co_await read_group(lane, std::move(object), group, std::move(request), "a fetch", stop,
                                                   room > kReplyBytesMax ? lend(fetch.memory) : Lending{}));
  DX_CO_TRY(check_count(reply, fetch.akeys.size()));
  co_return reply;
}

/// What is asked for at once when it must be asked for in parts.
uint64_t part_bytes_of(Lane& lane, const Object& object) {
  return std::min(lane.client().part_bytes(), bytes_of_checksums_that_fit(object.container()->checksums()));
}

/// Cuts a value into parts of `part_bytes`, each within one run, and their places in memory.
Status cut(const AkeyFetch& akey, const FetchedValue& value, const MemoryList& memory, uint64_t part_bytes,
           Fetch& parts) {
  const std::vector<Run> runs = DX_TRY(places_of(akey.kind, akey.extents, value, memory.size()));
  for (size_t i = 0; i < runs.size(); i++) {
    const bool array = akey.kind == ValueKind::kArray;
    const uint64_t step =
        array ? std::max<uint64_t>(1, part_bytes / value.record_bytes) * value.record_bytes : runs[i].bytes;
    for (uint64_t done = 0; done < runs[i].bytes; done += step) {
      const uint64_t bytes = std::min(step, runs[i].bytes - done);
      AkeyFetch& part = parts.akeys.emplace_back();
      part.akey = akey.akey;
      part.kind = akey.kind;
      if (array) {
        part.extents.push_back(
            {.start = value.extents[i].start + done / value.record_bytes, .count = bytes / value.record_bytes});
      }
      memory.cut(runs[i].place + done, bytes, parts.memory.emplace_back());
    }
  }
  return {};
}

/// Whether all parts came as they were at the epoch.
runtime::Task<Result<bool>> fetch_parts(Lane& lane, ObjectRef object, FetchRequest request, Fetch parts,
                                        runtime::StopToken stop) {
  const uint64_t part_bytes = part_bytes_of(lane, *object);
  for (size_t next = 0; next < parts.akeys.size();) {
    Fetch some;
    uint64_t bytes = 0;
    uint64_t checksums = 0;
    for (; next < parts.akeys.size(); next++) {
      const uint64_t more = parts.memory[next].size();
      checksums += checksums_bytes_of_part(object->container()->checksums(), more);
      if (!some.akeys.empty() && (bytes + more > part_bytes || checksums > kReplyChecksumsMax)) break;
      bytes += more;
      some.akeys.push_back(std::move(parts.akeys[next]));
      some.memory.push_back(std::move(parts.memory[next]));
    }
    FetchReply reply = DX_CO_TRY(co_await fetch_once(lane, object, request, some, stop));
    for (size_t i = 0; i < some.akeys.size(); i++) {
      const FetchedValue& value = reply.values[i];
      if (value.too_big || data_bytes(value, some.akeys[i].kind) != some.memory[i].size()) co_return false;
    }
    DX_CO_TRY(settle(judgement_of(*object), some, reply));
  }
  co_return true;
}

/// Nothing if what was measured at first was gone later.
runtime::Task<Result<std::optional<std::vector<FetchedValue>>>> try_fetch(Lane& lane, ObjectRef object, Fetch& fetch,
                                                                          runtime::StopToken stop) {
  auto request = request_on<FetchRequest>(*object);
  request.conditions = fetch.conditions;
  request.dkey = fetch.dkey;
  FetchReply reply = DX_CO_TRY(co_await fetch_once(lane, object, request, fetch, stop));
  if (fetch.memory.empty()) {
    DX_CO_TRY(judge(judgement_of(*object), fetch, reply));
    co_return std::move(reply.values);
  }
  if (!fits(fetch, reply.values)) {
    for (FetchedValue& value : reply.values) {
      value.value = {};
      value.checksums.clear();
      value.too_big = true;
    }
    co_return std::move(reply.values);
  }
  if (std::ranges::none_of(reply.values, &FetchedValue::too_big)) {
    DX_CO_TRY(settle(judgement_of(*object), fetch, reply));
    co_return std::move(reply.values);
  }
  Fetch parts;
  const uint64_t part_bytes = part_bytes_of(lane, *object);
  for (size_t i = 0; i < reply.values.size(); i++) {
    DX_CO_TRY(cut(fetch.akeys[i], reply.values[i], fetch.memory[i], part_bytes, parts));
    reply.values[i].too_big = false;
    reply.values[i].value = {};
    reply.values[i].checksums.clear();
  }
  DX_PROBE("client: fetch in parts");
  request.epoch = reply.epoch;
  request.conditions = 0;
  Result<bool> whole = co_await fetch_parts(lane, std::move(object), std::move(request), std::move(parts), stop);
  // The target restarted, or needed the room: what it held at that epoch is gone.
  if (whole.status().code() == Code::kTxRestart) co_return std::nullopt;
  if (!DX_CO_TRY(std::move(whole))) co_return std::nullopt;
  co_return std::move(reply.values);
}

}  // namespace

runtime::Task<Result<std::vector<FetchedValue>>> fetch_object(Lane& lane, ObjectRef object, Fetch fetch,
                                                              runtime::StopToken stop) {
  DX_CHECK(fetch.memory.empty() || fetch.memory.size() == fetch.akeys.size(), "memory of {} for {} akeys",
           fetch.memory.size(), fetch.akeys.size());
  size_t bytes = fetch.dkey.size();
  for (const AkeyFetch& akey : fetch.akeys) bytes += akey_bytes(akey);
  DX_CO_TRY(check_size(bytes, "keys and extents"));
  for (int round = 0; round < kRoundsMax; round++) {
    Result<std::optional<std::vector<FetchedValue>>> tried = co_await try_fetch(lane, object, fetch, stop);
    if (tried.status().code() == Code::kChecksum) {
      co_return std::move(tried).status().within(in_words(*object, fetch.dkey.bytes()));
    }
    std::optional<std::vector<FetchedValue>> values = DX_CO_TRY(std::move(tried));
    if (values) co_return std::move(*values);
  }
  co_return error(Code::kBusy, "object {}: what is read changes faster than it can be read", object->id());
}

}  // namespace daos::core
