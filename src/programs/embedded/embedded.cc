// The one function of libdaos_embedded.so (src/client/core/embedded_call.h): the stores that this process has open,
// each with its uses.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "client/core/embedded_call.h"
#include "programs/embedded/store.h"

namespace daos::embedded {
namespace {

using core::EmbeddedCall;

struct Open {
  std::unique_ptr<Store> store;
  unsigned uses = 0;
};

/// Lives until the process ends, and so do stores that nobody closed: an exit needs no order, files are made for an end
/// at any moment.
struct Registry {
  std::mutex mutex;
  std::map<uint64_t, Open> open;                  // guarded by mutex
  uint64_t last = 0;                              // guarded by mutex
  std::vector<std::unique_ptr<Store>> abandoned;  // guarded by mutex; of this process's parents
};
Registry& registry() {
  static auto* const the_one = new Registry;
  return *the_one;
}

/// The engine's threads inherit the mask: the program's signals stay with the program's threads.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

template <size_t N>
Status copy_text(char (&to)[N], const std::string& from, std::string_view what) {
  if (from.size() >= N) return error(Code::kOverflow, "{} is longer than {} bytes", what, N - 1);
  std::memcpy(to, from.c_str(), from.size() + 1);
  return {};
}

Status describe(const Store& store, EmbeddedCall& call) {
  DX_TRY(copy_text(call.path, store.path(), "the directory's name"));
  DX_TRY(copy_text(call.host, store.host(), "a door's name"));
  const ByteVector answer = encode(store.answer());
  if (answer.size() > sizeof call.answer) return error(Code::kOverflow, "this user is in too many groups");
  std::memcpy(call.answer, answer.data(), answer.size());
  call.answer_bytes = answer.size();
  const std::vector<int> doors = DX_TRY(store.doors());
  std::ranges::copy(doors, call.doors);
  call.door_count = static_cast<uint32_t>(doors.size());
  return {};
}

Status open(Registry& stores, EmbeddedCall& call) {
  if (call.directory == nullptr) return Status(Code::kInvalid);
  const local::Directory directory = DX_TRY(local::Directory::at(call.directory));
  for (auto& [id, entry] : stores.open) {
    if (entry.store->path() != directory.path()) continue;
    DX_TRY(describe(*entry.store, call));
    entry.uses++;
    call.store = id;
    return {};
  }
  const messages::AttachRequest client = DX_TRY(decode<messages::AttachRequest>(
      ByteSpan(static_cast<const std::byte*>(call.attach), call.attach_bytes), "attach request"));
  const SignalsBlocked blocked;
  std::unique_ptr<Store> store = DX_TRY(Store::open(
      directory, {.targets = call.targets, .pool_size = call.pool_size, .durability = call.durability}, client));
  for (const auto& [id, entry] : stores.open) {
    if (entry.store->system() != store->system()) continue;
    return error(Code::kExists, "{} is a copy of {}, which this process has open, too: one of them at a time",
                 store->path(), entry.store->path());
  }
  DX_TRY(describe(*store, call));
  call.store = ++stores.last;
  stores.open[call.store] = {.store = std::move(store), .uses = 1};
  return {};
}

Result<Store*> find(Registry& stores, uint64_t id) {
  const auto found = stores.open.find(id);
  if (found == stores.open.end()) return error(Code::kNoHandle, "there is no open store {}", id);
  return found->second.store.get();
}

Status close(Registry& stores, uint64_t id) {
  Store* store = DX_TRY(find(stores, id));
  if (--stores.open[id].uses > 0) return {};
  Status closed = store->close();
  stores.open.erase(id);
  return closed;
}

Status pool(Registry& stores, EmbeddedCall& call) {
  Store* store = DX_TRY(find(stores, call.store));
  const std::string name = DX_TRY(store->pool_named(call.pool));
  return copy_text(call.pool, name, "the pool's name");
}

/// In the child: what is open there is the parent's. Its memory stays as it was at the fork, untouched.
void abandon(Registry& stores) {
  for (auto& [id, entry] : stores.open) {
    entry.store->abandon_after_fork();
    stores.abandoned.push_back(std::move(entry.store));
  }
  stores.open.clear();
}

Status carry_out(EmbeddedCall& call) {
  Registry& stores = registry();
  switch (call.operation) {
    case EmbeddedCall::kHold:
      stores.mutex.lock();
      for (auto& [id, entry] : stores.open) entry.store->hold();
      return {};
    case EmbeddedCall::kRelease:
      for (auto& [id, entry] : stores.open) entry.store->release();
      stores.mutex.unlock();
      return {};
    case EmbeddedCall::kAbandon:
      abandon(stores);
      stores.mutex.unlock();
      return {};
    default:
      break;
  }
  const std::lock_guard lock(stores.mutex);
  switch (call.operation) {
    case EmbeddedCall::kOpen:
      return open(stores, call);
    case EmbeddedCall::kClose:
      return close(stores, call.store);
    case EmbeddedCall::kPool:
      return pool(stores, call);
    default:
      return error(Code::kInvalid, "operation {} is not known", call.operation);
  }
}

}  // namespace
}  // namespace daos::embedded

extern "C" __attribute__((visibility("default"))) void daos_embedded(daos::core::EmbeddedCall* call) {
  using namespace daos;
  Status status;
  if (call->version != core::kEmbeddedVersion || call->bytes != sizeof(core::EmbeddedCall)) {
    status = Status(Code::kProtocol, "libdaos_client.so and libdaos_embedded.so are of different builds: install both");
  } else {
    try {
      status = embedded::carry_out(*call);
    } catch (const std::exception& thrown) {  // memory, or a path that the C++ library does not like
      status = error(dynamic_cast<const std::bad_alloc*>(&thrown) != nullptr ? Code::kNoMemory : Code::kMisc, "{}",
                     thrown.what());
    }
  }
  call->code = static_cast<int32_t>(status.code());
  const std::string text(status.message().substr(0, sizeof call->message - 1));
  std::memcpy(call->message, text.c_str(), text.size() + 1);
}
