#include "server/object/ops/access.h"
#include "server/object/ops/ops.h"

namespace daos::object {
namespace {

/// The bytes of an array's runs, back to back.
Result<IoBuf> gather(const vos::FetchedKey& key, uint64_t bytes) {
  if (key.extents.size() == 1) {  // one run: where it is
    const vos::ExtentView& run = key.extents[0];
    return run.data.bytes.slice(run.skip, bytes);
  }
  IoBuf all = DX_TRY(IoBuf::allocate(bytes));
  uint64_t at = 0;
  for (const vos::ExtentView& run : key.extents) {
    const uint64_t run_bytes = run.extent.count * run.record_bytes;
    std::memcpy(all.data() + at, run.data.bytes.data() + run.skip, run_bytes);
    at += run_bytes;
  }
  return all;
}

Result<messages::FetchedValue> to_value(vos::FetchedKey key, const messages::AkeyFetch& asked) {
  messages::FetchedValue value{.record_bytes = key.record_bytes};
  if (asked.kind == messages::ValueKind::kSingle) {
    value.too_big = key.record_bytes > asked.bytes_max;
    if (!value.too_big) value.value = std::move(key.value);
    return value;
  }
  uint64_t bytes = 0;
  for (const vos::ExtentView& run : key.extents) {
    value.extents.push_back(to_message(run.extent));
    bytes += run.extent.count * run.record_bytes;
  }
  value.too_big = bytes > asked.bytes_max;
  if (!value.too_big && bytes > 0) value.value = DX_TRY(gather(key, bytes));
  return value;
}

}  // namespace

runtime::Task<Result<messages::FetchReply>> fetch(target::Target& target, messages::FetchRequest request,
                                                  rpc::Caller caller) {
  const Access access = DX_CO_TRY(
      co_await object::access(target, request.pool, request.handle, request.map_version, Need::kRead, caller.context));
  vos::FetchOp op{.container = access.container,
                  .object = request.object,
                  .epoch = epoch_or_latest(request.epoch),
                  .conditions = request.conditions,
                  .dkey = std::move(request.dkey)};
  op.keys.reserve(request.akeys.size());
  for (const messages::AkeyFetch& akey : request.akeys) {
    vos::FetchKey& key = op.keys.emplace_back();
    key = {.akey = akey.akey,
           .kind = static_cast<vos::ValueKind>(akey.kind),
           .conditions = akey.conditions,
           .bytes_max = akey.bytes_max};
    for (const messages::Extent& extent : akey.extents) key.extents.push_back(to_vos(extent));
  }
  vos::FetchResult found = DX_CO_TRY(co_await access.shard().fetch(std::move(op)));
  messages::FetchReply reply{.epoch = found.epoch, .map_version = access.map_version()};
  reply.values.reserve(found.keys.size());
  for (size_t i = 0; i < found.keys.size(); i++) {
    reply.values.push_back(DX_CO_TRY(to_value(std::move(found.keys[i]), request.akeys[i])));
  }
  co_return reply;
}

}  // namespace daos::object
