// The caller's keys, I/O descriptors and scatter lists: what is valid, and how they become requests and take the
// answers. Plain functions on the caller's memory.
#pragma once

#include <daos_obj.h>

#include "client/core/object.h"

namespace daos::capi {

enum class Direction : uint8_t { kFetch, kUpdate };

/// The arguments of daos_obj_update and daos_obj_fetch. The arrays stay the caller's until completion.
struct IoArguments {
  uint64_t flags;
  daos_key_t* dkey;
  unsigned nr;
  daos_iod_t* iods;
  d_sg_list_t* sgls;
  daos_iom_t* ioms;
};

Status check_key(const daos_key_t* key, classes::KeyKind kind);
Result<IoBuf> copy_key(const daos_key_t& key);
Result<IoBuf> copy_bytes(const void* data, size_t bytes);

/// The API's table of argument errors, in its order.
Status check_arguments(const IoArguments& io, Direction direction, classes::ObjectType type);

/// Copies keys; values stay where they are.
Result<core::Update> make_update(const IoArguments& io);
/// Copies keys; says where each value goes.
Result<core::Fetch> make_fetch(const IoArguments& io);
/// Sizes, lengths and maps of values that are in the caller's memory. kRecordTooBig when one has no room; all sizes are
/// told then.
Status take_values(const IoArguments& io, const std::vector<messages::FetchedValue>& values);

}  // namespace daos::capi
