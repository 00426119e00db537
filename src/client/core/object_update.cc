#include "client/core/checksums.h"
#include "client/core/object_call.h"

namespace daos::core {
namespace {

uint64_t value_bytes(const Update& update) {
  uint64_t bytes = 0;
  for (const messages::AkeyUpdate& akey : update.akeys) bytes += akey.value.size();
  for (const MemoryList& memory : update.memory) bytes += memory.size();
  return bytes;
}

/// Short values: copied once, to be sent with the request.
Status gather(Update& update) {
  for (size_t i = 0; i < update.memory.size(); i++) {
    if (update.memory[i].size() == 0) continue;
    IoBuf value = DX_TRY(IoBuf::allocate(update.memory[i].size()));
    update.memory[i].read(0, value.writable());
    update.akeys[i].value = std::move(value);
  }
  return {};
}

/// Long ones: lent from where they are. Buffers of `update` move to `owned`, which lives as long as the operation.
Lending lend(Update& update, std::vector<IoBuf>& owned) {
  Lending lending{.access = fabric::Access::kPeerReads};
  for (size_t i = 0; i < update.akeys.size(); i++) {
    messages::AkeyUpdate& akey = update.akeys[i];
    if (!update.memory.empty()) {
      akey.lent_bytes = update.memory[i].size();
      update.memory[i].append_to(lending.pieces);
    } else if (!akey.value.empty()) {
      akey.lent_bytes = akey.value.size();
      owned.push_back(std::exchange(akey.value, {}));
      lending.pieces.push_back(owned.back().writable());
    }
    lending.bytes += akey.lent_bytes;
  }
  return lending;
}

}  // namespace

runtime::Task<Status> update_object(Lane& lane, ObjectRef object, Update update, runtime::StopToken stop) {
  DX_CO_TRY(check_writable(*object));
  DX_CHECK(update.memory.empty() || update.memory.size() == update.akeys.size(), "memory of {} for {} akeys",
           update.memory.size(), update.akeys.size());
  size_t bytes = update.dkey.size();
  for (const messages::AkeyUpdate& akey : update.akeys) bytes += akey_bytes(akey);
  DX_CO_TRY(check_size(bytes, "keys and extents"));
  const uint64_t values = value_bytes(update);
  if (values > messages::kUpdateBytesMax) {
    co_return error(Code::kOverflow, "values of {} bytes in one update: at most {} change at once, write them in parts",
                    values, messages::kUpdateBytesMax);
  }
  if (const stripe::ChecksumSpec& spec = object->container()->checksums(); spec.on()) {
    protect(spec, update);
    for (const messages::AkeyUpdate& akey : update.akeys) bytes += akey.checksums.values.size();
    DX_CO_TRY(check_size(bytes, "keys, extents and checksums"));
  }
  std::vector<IoBuf> owned;
  Lending lending;
  if (values > kEagerBytesMax || bytes + values > kRequestBytesMax) {
    lending = lend(update, owned);
  } else {
    DX_CO_TRY(gather(update));
  }
  const classes::GroupIndex group = object->group_of(update.dkey.bytes());
  auto request = request_on<messages::UpdateRequest>(*object);
  request.conditions = update.conditions;
  request.dkey = std::move(update.dkey);
  request.akeys = std::move(update.akeys);
  Status outcome =
      co_await change_group(lane, std::move(object), group, std::move(request), "an update", stop, std::move(lending));
  co_return outcome;
}

}  // namespace daos::core
