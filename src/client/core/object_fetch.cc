// A fetch asks for everything at once, with as much as one reply carries. What comes back as too big for that, though
// the caller has room for it, is then asked for in pieces of known size, at the epoch of the first reply.
#include <algorithm>
#include <cstring>

#include "client/core/object_call.h"

namespace daos::core {
namespace {

constexpr int kRoundsMax = 16;  // of a fetch whose versions are reclaimed under it

using messages::AkeyFetch;
using messages::FetchedValue;
using messages::FetchReply;
using messages::FetchRequest;

uint64_t data_bytes(const FetchedValue& value, messages::ValueKind kind) {
  if (kind == messages::ValueKind::kSingle) return value.record_bytes;
  uint64_t records = 0;
  for (const messages::Extent& run : value.extents) records += run.count;
  return records * value.record_bytes;
}

/// Part of a value that is still to come: to `offset` in the buffer of akey `index`.
struct Piece {
  size_t index;
  uint64_t offset;
  uint64_t bytes;
  messages::Extent extent;  // of arrays
};

/// Cuts what is missing of one value into pieces that fit a reply.
void cut(size_t index, const AkeyFetch& akey, const FetchedValue& value, std::vector<Piece>& pieces) {
  if (akey.kind == messages::ValueKind::kSingle) {
    pieces.push_back({.index = index, .offset = 0, .bytes = value.record_bytes, .extent = {}});
    return;
  }
  const uint64_t records_max = std::max<uint64_t>(1, kRequestBytesMax / value.record_bytes);
  uint64_t offset = 0;
  for (const messages::Extent& run : value.extents) {
    for (uint64_t at = 0; at < run.count;) {
      const uint64_t count = std::min(records_max, run.count - at);
      pieces.push_back({.index = index,
                        .offset = offset,
                        .bytes = count * value.record_bytes,
                        .extent = {.start = run.start + at, .count = count}});
      offset += count * value.record_bytes;
      at += count;
    }
  }
}

Status check_count(const FetchReply& reply, size_t asked) {
  if (reply.values.size() == asked) return {};
  return error(Code::kCorrupt, "{} values came for {} akeys", reply.values.size(), asked);
}

/// Whether all pieces came as they were at the epoch.
runtime::Task<Result<bool>> fetch_pieces(Lane& lane, ObjectRef object, FetchRequest request,
                                         const std::vector<AkeyFetch>& akeys, std::vector<Piece> pieces,
                                         std::vector<FetchedValue>& values, runtime::StopToken stop) {
  const classes::GroupIndex group = object->group_of(request.dkey.bytes());
  for (size_t next = 0; next < pieces.size();) {
    request.akeys.clear();
    const size_t first = next;
    uint64_t bytes = 0;
    for (; next < pieces.size(); next++) {
      const Piece& piece = pieces[next];
      if (next > first && bytes + piece.bytes > kRequestBytesMax) break;
      bytes += piece.bytes;
      const AkeyFetch& akey = akeys[piece.index];
      AkeyFetch& part = request.akeys.emplace_back();
      part.akey = akey.akey;
      part.kind = akey.kind;
      part.bytes_max = piece.bytes;
      if (akey.kind == messages::ValueKind::kArray) part.extents.push_back(piece.extent);
    }
    const FetchReply reply = DX_CO_TRY(co_await read_group(lane, object, group, request, "a fetch", stop));
    DX_CO_TRY(check_count(reply, next - first));
    for (size_t i = first; i < next; i++) {
      const IoBuf& part = reply.values[i - first].value;
      if (part.size() != pieces[i].bytes) co_return false;
      std::memcpy(values[pieces[i].index].value.data() + pieces[i].offset, part.data(), part.size());
    }
  }
  co_return true;
}

/// Nothing if what was measured at first was gone later.
runtime::Task<Result<std::optional<std::vector<FetchedValue>>>> try_fetch(Lane& lane, ObjectRef object,
                                                                          const Fetch& fetch, runtime::StopToken stop) {
  auto request = request_on<FetchRequest>(*object);
  request.conditions = fetch.conditions;
  request.dkey = fetch.dkey;
  request.akeys = fetch.akeys;
  uint64_t room = kRequestBytesMax;
  for (AkeyFetch& akey : request.akeys) {
    akey.bytes_max = std::min(akey.bytes_max, room);
    room -= akey.bytes_max;
  }
  const classes::GroupIndex group = object->group_of(fetch.dkey.bytes());
  FetchReply reply = DX_CO_TRY(co_await read_group(lane, object, group, request, "a fetch", stop));
  DX_CO_TRY(check_count(reply, fetch.akeys.size()));

  std::vector<Piece> pieces;
  for (size_t i = 0; i < reply.values.size(); i++) {
    FetchedValue& value = reply.values[i];
    if (!value.too_big) continue;
    const uint64_t bytes = data_bytes(value, fetch.akeys[i].kind);
    if (bytes > fetch.akeys[i].bytes_max) continue;  // the caller has no room either
    value.value = DX_CO_TRY(IoBuf::allocate(bytes));
    value.too_big = false;
    cut(i, fetch.akeys[i], value, pieces);
  }
  if (!pieces.empty()) {
    request.epoch = reply.epoch;
    request.conditions = 0;
    const Result<bool> whole = co_await fetch_pieces(lane, std::move(object), std::move(request), fetch.akeys,
                                                     std::move(pieces), reply.values, stop);
    // The target restarted, or needed the room: what it held at that epoch is gone.
    if (whole.status().code() == Code::kTxRestart) co_return std::nullopt;
    if (!DX_CO_TRY(std::move(whole))) co_return std::nullopt;
  }
  co_return std::move(reply.values);
}

}  // namespace

runtime::Task<Result<std::vector<FetchedValue>>> fetch_object(Lane& lane, ObjectRef object, Fetch fetch,
                                                              runtime::StopToken stop) {
  size_t bytes = fetch.dkey.size();
  for (const AkeyFetch& akey : fetch.akeys) bytes += akey.akey.size() + akey.extents.size() * sizeof(messages::Extent);
  DX_CO_TRY(check_size(bytes, "keys"));
  for (int round = 0; round < kRoundsMax; round++) {
    std::optional<std::vector<FetchedValue>> values = DX_CO_TRY(co_await try_fetch(lane, object, fetch, stop));
    if (values) co_return std::move(*values);
  }
  co_return error(Code::kBusy, "object {}: what is read changes faster than it can be read", object->id());
}

}  // namespace daos::core
