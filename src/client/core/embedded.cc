#include "client/core/embedded.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

namespace daos::core {
namespace {

/// Beside the file that this code came from.
std::string library_path() {
  Dl_info here{};
  if (dladdr(reinterpret_cast<void*>(&library_path), &here) == 0 || here.dli_fname == nullptr) return kEmbeddedLibrary;
  const std::string_view self = here.dli_fname;
  const size_t slash = self.rfind('/');
  return fmt::format("{}{}", slash == std::string_view::npos ? "" : self.substr(0, slash + 1), kEmbeddedLibrary);
}

// Set once, for good. Release/acquire publishes the object.
constinit std::atomic<EmbeddedLibrary*> the_library{nullptr};

}  // namespace

EmbeddedLibrary* EmbeddedLibrary::loaded() { return the_library.load(std::memory_order_acquire); }

Result<EmbeddedLibrary> EmbeddedLibrary::load() {
  if (const EmbeddedLibrary* library = loaded()) return *library;
  const std::string path = library_path();
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    return error(Code::kNonexistent, "embedded mode needs {}, which cannot be loaded ({}): install it beside libdaos",
                 path, dlerror());
  }
  void* symbol = dlsym(handle, kEmbeddedFunction);
  if (symbol == nullptr) {
    return error(Code::kNonexistent, "{} has no {}: it is not of this build; install it again", path,
                 kEmbeddedFunction);
  }
  auto* library = new EmbeddedLibrary(reinterpret_cast<EmbeddedFunction>(symbol));
  EmbeddedLibrary* expected = nullptr;
  if (!the_library.compare_exchange_strong(expected, library, std::memory_order_acq_rel)) {
    delete library;
    return *expected;
  }
  return *library;
}

Status EmbeddedLibrary::operator()(EmbeddedCall& call) const {
  function_(&call);
  return call.code == 0 ? Status() : Status(code_from_number(call.code), std::string(call.message));
}

Result<std::shared_ptr<EmbeddedStore>> EmbeddedStore::open(const std::string& directory,
                                                           const EmbeddedSettings& settings, const Uuid& client,
                                                           uint32_t pid) {
  std::shared_ptr<EmbeddedStore> store(new EmbeddedStore(DX_TRY(EmbeddedLibrary::load())));
  const ByteVector attach = encode(messages::AttachRequest{.client = client, .pid = pid});
  const auto call = std::make_unique<EmbeddedCall>();
  call->operation = EmbeddedCall::kOpen;
  call->directory = directory.c_str();
  call->attach = attach.data();
  call->attach_bytes = attach.size();
  call->targets = settings.targets.c_str();
  call->pool_size = settings.pool_size.c_str();
  call->durability = settings.durability.c_str();
  DX_TRY(store->library_(*call));
  DX_TRY(store->take(*call));
  return store;
}

Status EmbeddedStore::take(EmbeddedCall& call) {
  store_ = call.store;
  path_ = call.path;
  host_ = call.host;
  door_ends_.assign(call.doors, call.doors + call.door_count);
  door_count_ = call.door_count;
  messages::AttachAnswer answer = DX_TRY(decode<messages::AttachAnswer>(
      ByteSpan(reinterpret_cast<const std::byte*>(call.answer), call.answer_bytes), "the embedded engine's answer"));
  view_ = std::make_shared<const SystemView>(SystemView{.system = answer.system,
                                                        .name = std::move(answer.system_name),
                                                        .provider = std::move(answer.provider),
                                                        .service_addresses = std::move(answer.service_addresses),
                                                        .credential = std::move(answer.credential),
                                                        .agent = {}});
  return {};
}

EmbeddedStore::~EmbeddedStore() {
  for (const int fd : door_ends_) ::close(fd);
}

void EmbeddedStore::join(fabric::tcp::Doors& doors) {
  for (size_t i = 0; i < door_ends_.size(); i++) doors.add(door(i), door_ends_[i]);
  door_ends_.clear();
}

void EmbeddedStore::leave(fabric::tcp::Doors& doors) {
  for (size_t i = 0; i < door_count_; i++) doors.remove(door(i));
}

void EmbeddedStore::close() {
  const auto call = std::make_unique<EmbeddedCall>();
  call->operation = EmbeddedCall::kClose;
  call->store = store_;
  library_(*call).ignore("the engine's log has it, and what was acknowledged is durable");
}

runtime::Task<Result<SystemRef>> EmbeddedStore::find(Lane&) { co_return view_; }

runtime::Task<Result<std::string>> EmbeddedStore::pool_named(Lane&, std::string name) {
  const auto call = std::make_unique<EmbeddedCall>();
  call->operation = EmbeddedCall::kPool;
  call->store = store_;
  if (name.size() >= sizeof call->pool) co_return Status(Code::kInvalid);
  std::memcpy(call->pool, name.c_str(), name.size() + 1);
  DX_CO_TRY(library_(*call));
  co_return std::string(call->pool);
}

}  // namespace daos::core
