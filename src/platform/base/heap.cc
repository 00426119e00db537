#include "platform/base/heap.h"

#include <malloc.h>

#include <atomic>

#include "platform/base/units.h"

namespace daos {
namespace {

constinit std::atomic<bool> kept{false};  // relaxed: set before there is a second thread

}  // namespace

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 * kMiB);  // more is refused
  mallopt(M_TRIM_THRESHOLD, -1);         // never
  kept.store(true, std::memory_order_relaxed);
}

void give_back_freed_memory() {
  if (kept.load(std::memory_order_relaxed)) malloc_trim(0);
}

}  // namespace daos
