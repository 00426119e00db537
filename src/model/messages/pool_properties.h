// What a pool's properties are where nobody gave them. Pure functions of plain data; any thread.
#pragma once

#include <span>

#include "model/messages/pool.h"

namespace daos::messages {

inline constexpr uint64_t kPoolLayoutVersion = 4;
inline constexpr uint64_t kObjectLayoutVersion = 2;

struct PropertyDefault {
  uint32_t type;
  uint64_t value;
};
std::span<const PropertyDefault> pool_defaults();
/// Of a number: as it was given, or its default.
uint64_t pool_number(const Properties& given, uint32_t type);

/// Every property of a pool but the access-control list, which is there if it was given.
Properties all_pool_properties(const PoolInfo& info);

}  // namespace daos::messages
