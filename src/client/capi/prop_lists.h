// What kind of value a property has, and what a valid list is: for all calls that take property lists. Plain functions
// on the caller's memory; no locks.
#pragma once

#include <daos_prop.h>
#include <daos_security.h>

#include <cstdint>

namespace daos::capi {

enum class PropKind : uint8_t { kNumber, kText, kAcl, kRanks, kRoots };

PropKind prop_kind(uint32_t type);
bool is_pointer(PropKind kind);

/// Releases the value, by its kind, and zeroes it.
void clear_entry(daos_prop_entry* entry);
/// Type, flags and a deep copy of the value. 0 or -DER_NOMEM; `dst` may be cleared in either case.
int copy_entry(daos_prop_entry* dst, const daos_prop_entry* src);

enum class PropsOf : uint8_t { kPool, kContainer };
enum class PropUse : uint8_t { kInput, kQuery };

/// The check that every call makes of a list before anything else: 0 or -DER_INVAL. Structure (at most 128 entries,
/// types of the right range, none twice) and, of input, each value.
int validate_props(const daos_prop_t* prop, PropsOf of, PropUse use);

}  // namespace daos::capi
