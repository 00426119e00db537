#include "client/capi/handle_table.h"

namespace daos::capi {

daos_handle_t HandleTable::put(uint64_t cookie, std::shared_ptr<void> object) {
  Part& part = part_of(cookie);
  std::lock_guard lock(part.mutex);
  part.objects.emplace(cookie, std::move(object));
  return {cookie};
}

std::shared_ptr<void> HandleTable::get(uint64_t cookie) {
  Part& part = part_of(cookie);
  std::lock_guard lock(part.mutex);
  const auto found = part.objects.find(cookie);
  return found == part.objects.end() ? nullptr : found->second;
}

std::shared_ptr<void> HandleTable::take(uint64_t cookie) {
  Part& part = part_of(cookie);
  std::lock_guard lock(part.mutex);
  const auto found = part.objects.find(cookie);
  if (found == part.objects.end()) return nullptr;
  std::shared_ptr<void> object = std::move(found->second);
  part.objects.erase(found);
  return object;
}

void HandleTable::clear() {
  for (Part& part : parts_) {
    std::unordered_map<uint64_t, std::shared_ptr<void>> dropped;  // destroyed without the lock
    std::lock_guard lock(part.mutex);
    dropped.swap(part.objects);
  }
}

void HandleTable::lock_all() {
  for (Part& part : parts_) part.mutex.lock();
}

void HandleTable::unlock_all() {
  for (Part& part : parts_) part.mutex.unlock();
}

}  // namespace daos::capi
