#include "platform/storage/posix/mapping.h"

#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace daos::storage::posix {
namespace {

constexpr long kXfsMagic = 0x58465342;  // not in the kernel's public header

/// Blocks that are written again stay where they are.
bool overwrites_in_place(int descriptor) {
  struct statfs system;
  if (fstatfs(descriptor, &system) != 0) return false;
  const auto type = static_cast<long>(system.f_type);
  return type == EXT4_SUPER_MAGIC || type == TMPFS_MAGIC || type == kXfsMagic;
}

}  // namespace

std::unique_ptr<Mapping> Mapping::of(int descriptor) {
  struct stat info;
  if (fstat(descriptor, &info) != 0 || info.st_size == 0 || !overwrites_in_place(descriptor)) return nullptr;
  const auto bytes = static_cast<uint64_t>(info.st_size);
  if (static_cast<uint64_t>(info.st_blocks) * 512 < bytes) return nullptr;  // holes would need blocks
  void* base = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (base == MAP_FAILED) return nullptr;
  madvise(base, bytes, MADV_DONTFORK);  // a child has nothing to do with it; if refused, it costs the child some memory
  return std::unique_ptr<Mapping>(new Mapping(static_cast<std::byte*>(base), bytes));
}

Mapping::~Mapping() { munmap(base_, bytes_); }

}  // namespace daos::storage::posix
