// Pool and container handles as bytes that another process can use.
//
// Both forms are plain structs in the maker's byte order; the magic number tells the reader whether to turn the
// numbers. Uuids are bytes and stay as they are. Everything that a pool's handle does not say is asked of the service.
#include <daos_cont.h>
#include <daos_pool.h>

#include <array>
#include <bit>
#include <cstring>

#include "client/capi/api_call.h"
#include "client/capi/global_format.h"
#include "client/capi/handles.h"
#include "client/core/container.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr uint32_t kPoolMagic = 0xda05b001;
constexpr uint32_t kContainerMagic = 0xda05c001;

struct GlobalPool {
  uint32_t magic = kPoolMagic;
  uint32_t access = 0;
  Uuid pool;
  Uuid handle;

  void turn() { access = std::byteswap(access); }
};
static_assert(sizeof(GlobalPool) == 40 && std::is_trivially_copyable_v<GlobalPool>);

struct GlobalContainer {
  static constexpr size_t kNumbersMax = 32;
  struct Number {
    uint32_t type = 0;
    uint32_t reserved = 0;
    uint64_t value = 0;
  };
  uint32_t magic = kContainerMagic;
  uint32_t flags = 0;
  Uuid pool_handle;
  Uuid container;
  Uuid handle;
  uint64_t number_count = 0;
  std::array<Number, kNumbersMax> numbers;  // the container's properties, as the opener saw them

  void turn() {
    flags = std::byteswap(flags);
    number_count = std::byteswap(number_count);
    for (Number& number : numbers) {
      number.type = std::byteswap(number.type);
      number.value = std::byteswap(number.value);
    }
  }
};
static_assert(sizeof(GlobalContainer) == 64 + 16 * GlobalContainer::kNumbersMax);
static_assert(std::is_trivially_copyable_v<GlobalContainer>);
static_assert(GlobalContainer::kNumbersMax >= DAOS_PROP_CO_NUM);

Task<Status> adopt(Library& library, core::Lane& lane, GlobalPool global, daos_handle_t* poh, runtime::StopToken stop) {
  // An embedded store is this process's alone, so a handle of one is known here.
  const std::shared_ptr<PoolHandle> known = find_pool(library, global.handle);
  StoreLease store;
  if (known != nullptr && known->store.store() != nullptr) {
    store = DX_CO_TRY(library.stores().open(known->store.store()->path()));
  }
  core::SystemSourceRef source = store.store() != nullptr ? store.store() : library.client().own_system();
  core::ConnectedPool connected = DX_CO_TRY(co_await core::adopt_pool(
      lane, std::move(source), global.pool, global.handle, static_cast<messages::PoolAccess>(global.access), stop));
  *poh = library.handles().add(std::make_shared<PoolHandle>(
      std::move(connected.pool), std::move(connected.info.properties), true, std::move(store)));
  co_return Status();
}

Result<daos_handle_t> adopt(Library& library, const GlobalContainer& global, std::shared_ptr<PoolHandle> pool) {
  if (global.pool_handle != pool->core->handle() || global.number_count > GlobalContainer::kNumbersMax) {
    return Status(Code::kInvalid);
  }
  messages::ContainerInfo info{.container = global.container};
  for (size_t i = 0; i < global.number_count; i++) {
    info.properties.push_back({.type = global.numbers[i].type, .number = global.numbers[i].value});
  }
  auto core = std::make_shared<core::Container>(pool->core, global.handle, std::move(info), global.flags);
  pool->containers++;
  return library.handles().add(std::make_shared<ContainerHandle>(std::move(core), std::move(pool), true));
}

}  // namespace

int daos_pool_local2global(daos_handle_t poh, d_iov_t* glob) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (glob == nullptr) return -DER_INVAL;
    const std::shared_ptr<PoolHandle> pool = library->handles().find<PoolHandle>(poh);
    if (pool == nullptr) return -DER_NO_HDL;
    return write_global(GlobalPool{.access = static_cast<uint32_t>(pool->core->access()),
                                   .pool = pool->core->id(),
                                   .handle = pool->core->handle()},
                        glob);
  });
}

int daos_pool_global2local(d_iov_t glob, daos_handle_t* poh) {
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const GlobalPool global = DX_TRY(read_global<GlobalPool>(glob, kPoolMagic));
    if (poh == nullptr) return Status(Code::kInvalid);
    if (global.access != DAOS_PC_RO && global.access != DAOS_PC_RW && global.access != DAOS_PC_EX) {
      return Status(Code::kInvalid);
    }
    return adopt(call.library, call.lane, global, poh, call.stop);
  });
}

int daos_cont_local2global(daos_handle_t coh, d_iov_t* glob) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    if (glob == nullptr) return -DER_INVAL;
    const std::shared_ptr<ContainerHandle> container = library->handles().find<ContainerHandle>(coh);
    if (container == nullptr) return -DER_NO_HDL;
    const core::Container& core = *container->core;
    GlobalContainer global{
        .flags = core.flags(), .pool_handle = core.pool()->handle(), .container = core.id(), .handle = core.handle()};
    for (const messages::Property& number : core.numbers()) {
      if (global.number_count == GlobalContainer::kNumbersMax) break;
      global.numbers[global.number_count++] = {.type = number.type, .value = number.number};
    }
    return write_global(global, glob);
  });
}

int daos_cont_global2local(daos_handle_t poh, d_iov_t glob, daos_handle_t* coh) {
  return guarded([&]() -> int {
    Library* library = Library::current();
    if (library == nullptr) return -DER_UNINIT;
    const Result<GlobalContainer> global = read_global<GlobalContainer>(glob, kContainerMagic);
    if (!global.ok() || coh == nullptr) return -DER_INVAL;
    std::shared_ptr<PoolHandle> pool = library->handles().find<PoolHandle>(poh);
    if (pool == nullptr) return -DER_NO_HDL;
    const Result<daos_handle_t> handle = adopt(*library, *global, std::move(pool));
    if (!handle.ok()) return report(handle.status());
    *coh = *handle;
    return 0;
  });
}
