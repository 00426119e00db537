// What entries and lists of access-control lists share. Plain functions on the caller's memory; no locks.
#pragma once

#include <daos_security.h>

#include <cstdint>

namespace daos::capi {

/// Whether principals of that type have a name: users and groups other than the owner's.
bool has_name(uint32_t principal_type);
bool is_group(uint32_t principal_type);
/// Whether type and name (ignored for types without one) can stand for somebody.
bool is_principal(uint32_t type, const char* name);
/// Whether an entry is that principal's.
bool is_for(const daos_ace* ace, uint32_t type, const char* name);

}  // namespace daos::capi
