#include "programs/local/machine.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "platform/base/units.h"
#include "programs/output/sizes.h"

namespace daos::local {
namespace {

constexpr uint64_t kMemoryShareMin = 16 * kMiB;  // less than this holds no pool

uint64_t installed_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  uint64_t kib = 0;
  while (file >> key >> kib) {
    if (key == "MemTotal:") return kib * kKiB;
    file.ignore(256, '\n');
  }
  return 0;
}

uint64_t cgroup_limit() {
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::ifstream file(path);
    uint64_t bytes = 0;
    if (file >> bytes) return bytes;  // "max" is no number
  }
  return UINT64_MAX;
}

}  // namespace

uint64_t memory_bytes() { return std::min(installed_bytes(), cgroup_limit()); }

Result<uint64_t> disk_free_bytes(const std::string& path) {
  struct statvfs space{};
  if (::statvfs(path.c_str(), &space) != 0) return errno_error(errno, path);
  return static_cast<uint64_t>(space.f_bavail) * space.f_frsize;
}

Result<Limits> choose_limits(const std::string& path, uint32_t engines, uint64_t scm_bytes, uint64_t nvme_bytes) {
  const uint64_t memory = memory_bytes();
  Limits limits{.memory_bytes = scm_bytes, .disk_bytes = nvme_bytes};
  if (scm_bytes == 0) limits.memory_bytes = memory / 2 / engines;
  if (limits.memory_bytes < kMemoryShareMin) {
    return error(Code::kNoSpace, "{} of memory for each of {} engines is too little: at least {} is needed. {}",
                 output::binary_size(limits.memory_bytes), engines, output::binary_size(kMemoryShareMin),
                 scm_bytes == 0 ? "Use fewer engines" : "Raise --scm-size");
  }
  if (limits.memory_bytes > memory / engines) {
    return error(Code::kNoSpace, "{} engines with --scm-size {} need more memory than this machine has ({})", engines,
                 output::binary_size(limits.memory_bytes), output::binary_size(memory));
  }
  if (nvme_bytes == 0) limits.disk_bytes = DX_TRY(disk_free_bytes(path)) / 10 * 9 / engines;
  return limits;
}

}  // namespace daos::local
