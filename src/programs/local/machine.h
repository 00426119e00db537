// What this machine has to give: memory and disk. Blocking reads of /proc and of cgroup files.
#pragma once

#include <cstdint>
#include <string>

#include "platform/base/status.h"

namespace daos::local {

/// Installed memory, or this process's cgroup limit if that is lower.
uint64_t memory_bytes();
/// Free bytes on the file system that holds `path`.
Result<uint64_t> disk_free_bytes(const std::string& path);

struct Limits {
  uint64_t memory_bytes = 0;  // of each engine
  uint64_t disk_bytes = 0;
};
/// Each engine's share: of half of the memory, and of nine tenths of the free disk; explicit sizes (0: none) instead.
Result<Limits> choose_limits(const std::string& path, uint32_t engines, uint64_t scm_bytes, uint64_t nvme_bytes);

}  // namespace daos::local
