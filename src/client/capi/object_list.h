// Enumeration of dkeys over the groups of an object, for daos_obj_list_dkey and daos_kv_list.
#pragma once

#include <daos_obj.h>

#include "client/core/object.h"

namespace daos::capi {

/// The arguments of an enumeration of keys. Everything stays the caller's until completion.
struct KeyListArguments {
  uint32_t* nr;
  daos_key_desc_t* kds;
  d_sg_list_t* sgl;
  daos_anchor_t* anchor;
};

/// kInvalid.
Status check_list(const KeyListArguments& arguments);
/// `dkey` empty: dkeys, from group to group. Fills keys, counts and anchor. kKeyTooBig: the first key has no room; its
/// length is told, and the anchor stays.
runtime::Task<Status> list_keys(core::Lane& lane, core::ObjectRef object, IoBuf dkey, KeyListArguments arguments,
                                runtime::StopToken stop);

}  // namespace daos::capi
