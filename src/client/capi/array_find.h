// Array handles as the daos_array_* functions use them.
#pragma once

#include <daos_array.h>

#include "client/capi/handles.h"
#include "client/capi/library.h"

namespace daos::capi {

/// kNoHandle; also for every transaction, of which there are none yet.
Result<core::ArrayRef> find_array(Library& library, daos_handle_t oh, daos_handle_t th);

}  // namespace daos::capi
