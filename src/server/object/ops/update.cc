#include "model/classes/key_words.h"
#include "platform/base/probe.h"
#include "server/object/ops/access.h"
#include "server/object/ops/bulk.h"
#include "server/object/ops/checksums.h"
#include "server/object/ops/ops.h"

namespace daos::object {
namespace {

/// How many bytes the client lent. kInvalid, kOverflow: what no client of ours sends.
Result<uint64_t> lent_bytes(const messages::UpdateRequest& request) {
  uint64_t bytes = 0;
  for (const messages::AkeyUpdate& akey : request.akeys) {
    if (akey.lent_bytes > 0 && (request.lent.key == fabric::MemoryKey() || !akey.value.empty())) {
      return error(Code::kInvalid, "{} bytes of an akey are lent without a key, or beside its value", akey.lent_bytes);
    }
    if (akey.lent_bytes > messages::kUpdateBytesMax - bytes) {
      return error(Code::kOverflow, "an update of more than {} bytes", messages::kUpdateBytesMax);
    }
    bytes += akey.lent_bytes;
  }
  return bytes;
}

/// The operation's outcome is known, so its data is of no account.
bool answered(const vos::Shard& shard, const vos::OpId& id) {
  const std::optional<rpc::SlotOutcome> last = shard.slots().last(id.endpoint, id.slot.slot);
  return last && last->sequence >= id.slot.sequence;
}

/// Gets what is lent into memory of our own, as the disk wants it, into the akeys' values.
runtime::Task<Status> pull_values(target::Target& target, const rpc::Caller& caller, messages::UpdateRequest& request) {
  std::vector<Piece> pieces;
  uint64_t offset = 0;
  for (messages::AkeyUpdate& akey : request.akeys) {
    if (akey.lent_bytes == 0) continue;
    akey.value = DX_CO_TRY(IoBuf::allocate(akey.lent_bytes, IoBuf::kDirectAlignment));
    pieces.push_back({.offset = offset, .data = akey.value.share()});
    offset += akey.lent_bytes;
  }
  Status pulled = co_await pull(target, caller, request.lent, std::move(pieces));
  co_return pulled;
}

/// What came differs from what the client had, by the checksums that it sent: nothing of it is stored.
runtime::Task<Status> verify_all(target::Target& target, const messages::UpdateRequest& request,
                                 const std::vector<vos::AkeyValue>& values, const IoBuf& dkey) {
  for (const vos::AkeyValue& value : values) {
    Status verified = co_await verify(target.reactor(), value);
    if (verified.ok()) continue;
    DX_PROBE("target: an update refused because its checksums do not match");
    co_return std::move(verified).within(
        fmt::format("nothing was stored: object {}, dkey {}, akey {}, as it came here", request.object,
                    classes::key_in_words(classes::dkey_kind(request.object.type()), dkey.bytes()),
                    classes::key_in_words(classes::akey_kind(request.object.type()), value.akey.bytes())));
  }
  co_return Status();
}

}  // namespace

runtime::Task<Result<messages::UpdateReply>> update(target::Target& target, messages::UpdateRequest request,
                                                    rpc::Caller caller) {
  Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kWrite, caller.context));
  vos::UpdateOp op{.container = access.container,
                   .object = request.object,
                   .id = op_id(caller, request.slot),
                   .conditions = request.conditions};
  bool repeated = false;
  bool protected_values = false;  // there are checksums, and the data that they are for
  target::BulkBuffers::Hold hold;
  if (const uint64_t bytes = DX_CO_TRY(lent_bytes(request)); bytes > 0) {
    if (answered(access.shard(), op.id)) {
      DX_PROBE("target: repeated update whose data is not pulled again");
      repeated = true;
    } else {
      hold = DX_CO_TRY(co_await target.bulk_buffers().acquire(op.id.endpoint, bytes, caller.context));
      DX_CO_TRY(co_await pull_values(target, caller, request));
      // Meanwhile the handle may have been closed, the map have moved on, the pool be gone.
      access = DX_CO_TRY(co_await object::access(target, request.pool, request.handle, request.map_version,
                                                 Need::kWrite, caller.context));
    }
  }
  op.dkey = std::move(request.dkey);
  op.values.reserve(request.akeys.size());
  for (messages::AkeyUpdate& akey : request.akeys) {
    vos::AkeyValue& value = op.values.emplace_back();
    value.akey = std::move(akey.akey);
    value.kind = static_cast<vos::ValueKind>(akey.kind);
    value.record_bytes = akey.record_bytes;
    for (const messages::Extent& extent : akey.extents) value.extents.push_back(to_vos(extent));
    value.value = std::move(akey.value);
    if (!akey.checksums.none() || !akey.checksums.values.empty()) {
      value.checksums = {.type = akey.checksums.type,
                         .length = akey.checksums.length,
                         .chunk = akey.checksums.chunk,
                         .values = std::move(akey.checksums.values)};
      // Of what is only repeated the data may not be here.
      protected_values |= !repeated;
      if (!repeated) DX_CO_TRY(check_shape(value));
    }
    if (request.conditions != 0) op.akey_conditions.push_back(akey.conditions);
  }
  if (protected_values && access.verify_checksums) {
    DX_CO_TRY(co_await verify_all(target, request, op.values, op.dkey));
    access = DX_CO_TRY(co_await object::access(target, request.pool, request.handle, request.map_version, Need::kWrite,
                                               caller.context));
  }
  const uint64_t epoch = DX_CO_TRY(co_await access.shard().update(std::move(op)));
  co_return messages::UpdateReply{.epoch = epoch, .map_version = access.map_version()};
}

}  // namespace daos::object
