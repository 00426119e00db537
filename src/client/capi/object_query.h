// A key query that also tells the object's newest epoch, which only tasks can ask for.
#pragma once

#include <daos_obj.h>

namespace daos::capi {

/// As daos_obj_query_key. `epoch`: out, as daos_obj_query_max_epoch; may be NULL.
int query_key(daos_handle_t oh, daos_handle_t th, uint64_t flags, daos_key_t* dkey, daos_key_t* akey, daos_recx_t* recx,
              daos_epoch_t* epoch, daos_event_t* ev);

}  // namespace daos::capi
