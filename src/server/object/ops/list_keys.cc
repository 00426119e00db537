#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {

runtime::Task<Result<messages::KeyListReply>> list_keys(target::Target& target, messages::KeyListRequest request,
                                                        rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead, caller.context));
  vos::ListKeysOp op{.container = access.container,
                     .object = request.object,
                     .epoch = epoch_or_latest(request.epoch),
                     .dkey = request.dkey,
                     .keys_max = request.keys_max,
                     .bytes_max = request.bytes_max};
  if (!request.from.empty()) {
    const classes::ObjectType type = request.object.type();
    op.anchor = vos::anchor_before(request.dkey.empty() ? classes::dkey_kind(type) : classes::akey_kind(type),
                                   request.from.bytes());
  } else {
    op.anchor = DX_CO_TRY(decode<vos::KeyAnchor>(std::as_bytes(std::span(request.anchor)), "enumeration anchor"));
    if (op.anchor.state > vos::KeyAnchor::State::kEnd)
      co_return error(Code::kInvalid, "an anchor that was never given out");
  }
  vos::ListKeysResult listed = DX_CO_TRY(co_await access.shard().list_keys(std::move(op)));
  DX_CO_TRY(vos::all_decided(listed.in_doubt));
  messages::KeyListReply reply{.map_version = access.map_version(),
                               .keys = std::move(listed.keys),
                               .end = listed.anchor.state == vos::KeyAnchor::State::kEnd,
                               .first_bytes = listed.first_bytes};
  const ByteVector anchor = encode(listed.anchor);
  static_assert(messages::kAnchorBytes == 97);
  DX_CHECK(anchor.size() == reply.anchor.size(), "an anchor of {} bytes", anchor.size());
  std::memcpy(reply.anchor.data(), anchor.data(), anchor.size());
  co_return reply;
}

}  // namespace daos::object
