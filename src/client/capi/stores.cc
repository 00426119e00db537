#include "client/capi/stores.h"

#include <unistd.h>

#include "client/capi/error_number.h"

namespace daos::capi {

bool is_path(std::string_view pool_name) {
  return pool_name.starts_with('/') || pool_name.starts_with("./") || pool_name.starts_with("../");
}

StoreLease::~StoreLease() {
  if (stores_ != nullptr) stores_->close(store_->path());
}

Result<StoreLease> Stores::open(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  Result<std::shared_ptr<core::EmbeddedStore>> opened =
      core::EmbeddedStore::open(directory, settings_, client_, static_cast<uint32_t>(::getpid()));
  if (!opened.ok()) {
    report_in_words(opened.status());
    return opened.status();
  }
  Open& entry = open_[(*opened)->path()];
  if (entry.uses++ > 0) {
    (*opened)->close();  // one use of the engine's is enough
  } else {
    entry.store = std::move(*opened);
    entry.store->join(*doors_);
  }
  return StoreLease(*this, entry.store);
}

void Stores::close(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(path);
  if (--found->second.uses > 0) return;
  found->second.store->leave(*doors_);
  found->second.store->close();
  open_.erase(found);
}

void Stores::tell_engine(core::EmbeddedCall::Operation operation) {
  const core::EmbeddedLibrary* library = core::EmbeddedLibrary::loaded();
  if (library == nullptr) return;
  core::EmbeddedCall call;
  call.operation = operation;
  (*library)(call).ignore("these cannot fail");
}

void Stores::hold() {
  mutex_.lock();
  if (open_.empty()) return;
  doors_->hold();
  tell_engine(core::EmbeddedCall::kHold);
}

void Stores::release() {
  if (!open_.empty()) {
    tell_engine(core::EmbeddedCall::kRelease);
    doors_->release();
  }
  mutex_.unlock();
}

void Stores::abandon() {
  if (!open_.empty()) {
    tell_engine(core::EmbeddedCall::kAbandon);
    doors_->abandon_after_fork();
  }
  mutex_.unlock();
}

}  // namespace daos::capi
