#include <algorithm>

#include "model/classes/key_words.h"
#include "server/object/ops/access.h"
#include "server/object/ops/bulk.h"
#include "server/object/ops/checksums.h"
#include "server/object/ops/ops.h"

namespace daos::object {
namespace {

using messages::AkeyFetch;
using messages::Extent;
using messages::FetchedValue;
using messages::ValueKind;

/// What was found of one akey. A single value is one piece.
struct Found {
  std::vector<Piece> pieces;  // at their places in a buffer for everything that was asked for
  uint64_t bytes = 0;
  uint64_t asked_bytes = 0;  // of such a buffer
  uint64_t checksums_bytes = 0;

  /// The shard need not read what there is no room for.
  bool here() const {
    uint64_t data = 0;
    for (const Piece& piece : pieces) data += piece.data.size();
    return data == bytes;
  }
};

uint64_t asked_bytes(const AkeyFetch& asked, uint64_t record_bytes) {
  unsigned __int128 records = 0;
  for (const Extent& extent : asked.extents) records += extent.count;
  return static_cast<uint64_t>(std::min<unsigned __int128>(records * record_bytes, UINT64_MAX));
}

bool holds(const Extent& extent, uint64_t record) {
  return record >= extent.start && record - extent.start < extent.count;
}

/// Sorts out what the shard gave: sizes and runs for the reply, and the data with its places.
Found sort_out(const AkeyFetch& asked, const vos::FetchedKey& key, FetchedValue& value) {
  Found found;
  value.record_bytes = key.record_bytes;
  if (asked.kind == ValueKind::kSingle) {
    found.bytes = found.asked_bytes = key.record_bytes;
    found.pieces.push_back({.offset = 0, .data = key.value});
    found.checksums_bytes = key.checksums.values.size();
    return found;
  }
  found.asked_bytes = asked_bytes(asked, key.record_bytes);
  size_t index = 0;
  size_t last_index = 0;  // of the run before
  uint64_t base = 0;      // of asked.extents[index] in the buffer
  const vos::ExtentView* before = nullptr;
  for (const vos::ExtentView& run : key.extents) {
    while (!holds(asked.extents[index], run.extent.start)) base += asked.extents[index++].count * key.record_bytes;
    const Extent extent = to_message(run.extent);
    const uint64_t bytes = extent.count * key.record_bytes;
    // Writes that lie side by side are one run to the reader, who would otherwise hear of each.
    const bool goes_on = before != nullptr && index == last_index && before->extent.end() == extent.start &&
                         protected_alike(before->checksums, run.checksums);
    if (goes_on) {
      value.extents.back().count += extent.count;
    } else {
      value.extents.push_back(extent);
    }
    if (run.skip <= run.data.bytes.size() && bytes <= run.data.bytes.size() - run.skip) {
      found.pieces.push_back({.offset = base + (extent.start - asked.extents[index].start) * key.record_bytes,
                              .data = run.data.bytes.slice(run.skip, bytes)});
    }
    found.bytes += bytes;
    last_index = index;
    before = &run;
  }
  found.checksums_bytes = checksums_bytes(key, value);
  return found;
}

/// Data goes with the reply: from where it is, or back to back.
Status attach(Found found, FetchedValue& value) {
  if (found.bytes == 0) return {};
  if (found.pieces.size() == 1) {
    value.value = std::move(found.pieces[0].data);
    return {};
  }
  IoBuf all = DX_TRY(IoBuf::allocate(found.bytes));
  uint64_t at = 0;
  for (const Piece& piece : found.pieces) {
    std::memcpy(all.data() + at, piece.data.data(), piece.data.size());
    at += piece.data.size();
  }
  value.value = std::move(all);
  return {};
}

/// Data of all akeys goes with the reply, as far as there is room.
Status attach_all(std::vector<Found> found, const messages::FetchRequest& request, messages::FetchReply& reply) {
  uint64_t room = kReplyDataLimit;
  uint64_t checksums_room = kReplyChecksumsMax;
  for (size_t i = 0; i < found.size(); i++) {
    if (found[i].bytes > std::min(room, request.akeys[i].bytes_max) || !found[i].here() ||
        found[i].checksums_bytes > checksums_room) {
      reply.values[i].too_big = true;
      continue;
    }
    room -= found[i].bytes;
    checksums_room -= found[i].checksums_bytes;
    DX_TRY(attach(std::move(found[i]), reply.values[i]));
  }
  return {};
}

/// Of all akeys whose data the client gets.
Status take_all_checksums(const vos::FetchResult& result, const messages::FetchRequest& request,
                          messages::FetchReply& reply) {
  for (size_t i = 0; i < result.keys.size(); i++) {
    if (reply.values[i].too_big) continue;
    Status taken = take_checksums(result.keys[i], reply.values[i]);
    if (taken.ok()) continue;
    return std::move(taken).within(
        fmt::format("akey {}, as it is stored",
                    classes::key_in_words(classes::akey_kind(request.object.type()), request.akeys[i].akey.bytes())));
  }
  return {};
}

enum class Way : uint8_t { kNone, kReply, kPlace };

/// For data that there is lent memory for.
Way way_of(const std::vector<Found>& found, const messages::FetchRequest& request, uint64_t bytes_max) {
  uint64_t bytes = 0;
  uint64_t checksums = 0;
  size_t pieces = 0;
  for (size_t i = 0; i < found.size(); i++) {
    if (found[i].asked_bytes > request.akeys[i].bytes_max || !found[i].here()) return Way::kNone;
    if (found[i].bytes > bytes_max - bytes) return Way::kNone;  // the client asks for parts
    bytes += found[i].bytes;
    checksums += found[i].checksums_bytes;
    pieces += found[i].pieces.size();
  }
  if (checksums > kReplyChecksumsMax) return Way::kNone;
  if (bytes <= kReplyDataMax) return Way::kReply;
  if (bytes <= kReplyDataLimit && bytes / pieces < kPlacedRunBytesMin) return Way::kReply;
  return Way::kPlace;
}

/// Each akey's pieces behind the memory of those before it.
std::vector<Piece> in_lent_range(std::vector<Found> found, const messages::FetchRequest& request) {
  std::vector<Piece> pieces;
  uint64_t base = 0;
  for (size_t i = 0; i < found.size(); i++) {
    for (Piece& piece : found[i].pieces) {
      pieces.push_back({.offset = base + piece.offset, .data = std::move(piece.data)});
    }
    base += request.akeys[i].bytes_max;
  }
  return pieces;
}

/// How many bytes the client lent.
Result<uint64_t> lent_bytes(const messages::FetchRequest& request) {
  uint64_t bytes = 0;
  if (request.lent.key == fabric::MemoryKey()) return bytes;
  for (const AkeyFetch& akey : request.akeys) {
    if (akey.bytes_max > UINT64_MAX - bytes) return error(Code::kInvalid, "more memory lent than there can be");
    bytes += akey.bytes_max;
  }
  return bytes;
}

}  // namespace

runtime::Task<Result<messages::FetchReply>> fetch(target::Target& target, messages::FetchRequest request,
                                                  rpc::Caller caller) {
  Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead, caller.context));
  const uint64_t lent = DX_CO_TRY(lent_bytes(request));
  target::BulkBuffers::Hold hold;
  if (lent > 0) {
    const rpc::EndpointId session{caller.identity.client, caller.identity.context};
    hold = DX_CO_TRY(co_await target.bulk_buffers().acquire(session, lent, caller.context));
    // It may have waited: the handle may have been closed, the map have moved on, the pool be gone.
    access = DX_CO_TRY(co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead,
                                               caller.context));
  }
  vos::FetchOp op{.container = access.container,
                  .object = request.object,
                  .epoch = epoch_or_latest(request.epoch),
                  .conditions = request.conditions,
                  .dkey = std::move(request.dkey)};
  op.keys.reserve(request.akeys.size());
  for (const AkeyFetch& akey : request.akeys) {
    vos::FetchKey& key = op.keys.emplace_back();
    key = {.akey = akey.akey,
           .kind = static_cast<vos::ValueKind>(akey.kind),
           .conditions = akey.conditions,
           .bytes_max = std::min(akey.bytes_max, lent > 0 ? target.bulk_buffers().bytes_max() : kReplyDataLimit)};
    for (const Extent& extent : akey.extents) key.extents.push_back(to_vos(extent));
  }
  vos::FetchResult result = DX_CO_TRY(co_await access.shard().fetch(std::move(op)));
  DX_CO_TRY(vos::all_decided(result.in_doubt));
  messages::FetchReply reply{.epoch = result.epoch, .map_version = access.map_version()};
  std::vector<Found> found;
  reply.values.resize(result.keys.size());
  for (size_t i = 0; i < result.keys.size(); i++) {
    found.push_back(sort_out(request.akeys[i], result.keys[i], reply.values[i]));
  }
  const Way way = lent == 0 ? Way::kReply : way_of(found, request, target.bulk_buffers().bytes_max());
  if (way == Way::kReply) {
    DX_CO_TRY(attach_all(std::move(found), request, reply));
    DX_CO_TRY(take_all_checksums(result, request, reply));
  } else if (way == Way::kNone) {
    for (size_t i = 0; i < found.size(); i++) reply.values[i].too_big = found[i].bytes > 0;
  } else {
    DX_CO_TRY(take_all_checksums(result, request, reply));
    DX_CO_TRY(co_await place(target, caller, request.lent, in_lent_range(std::move(found), request)));
    reply.placed = true;
  }
  co_return reply;
}

}  // namespace daos::object
