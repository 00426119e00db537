// The calls about user attributes, which pools and containers have alike: `find` looks up whose they are.
#pragma once

#include <daos_types.h>

#include "client/capi/api_call.h"
#include "client/core/attributes.h"

namespace daos::capi {

/// The holder behind the caller's handle, and what keeps it alive. kNoHandle.
using FindHolder = absl::FunctionRef<Result<core::AttributeHolder>(Library&)>;

int list_attributes(FindHolder find, char* buffer, size_t* size, daos_event_t* ev);
int get_attributes(FindHolder find, int n, const char* const names[], void* const buffers[], size_t sizes[],
                   daos_event_t* ev);
int set_attributes(FindHolder find, int n, const char* const names[], const void* const values[], const size_t sizes[],
                   daos_event_t* ev);
int delete_attributes(FindHolder find, int n, const char* const names[], daos_event_t* ev);

}  // namespace daos::capi
