#include "client/capi/attributes.h"

#include <daos_cont.h>
#include <daos_pool.h>

#include <algorithm>
#include <cstring>

#include "client/capi/handles.h"

namespace daos::capi {
namespace {

using runtime::Task;

static_assert(messages::kAttributeNameMax == DAOS_ATTR_NAME_MAX);

Result<std::vector<std::string>> copy_names(int n, const char* const names[]) {
  if (n <= 0 || names == nullptr) return Status(Code::kInvalid);
  std::vector<std::string> copies;
  copies.reserve(static_cast<size_t>(n));
  for (int i = 0; i < n; i++) {
    const size_t length = names[i] != nullptr ? ::strnlen(names[i], DAOS_ATTR_NAME_MAX + 1) : 0;
    if (length == 0 || length > DAOS_ATTR_NAME_MAX) return Status(Code::kInvalid);
    copies.emplace_back(names[i], length);
  }
  return copies;
}

Task<Status> list(core::Lane& lane, core::AttributeHolder holder, char* buffer, size_t* size, runtime::StopToken stop) {
  const std::vector<std::string> names = DX_CO_TRY(co_await core::list_attributes(lane, std::move(holder), stop));
  const size_t room = *size;
  size_t total = 0;
  bool fits = true;  // names behind one that does not fit are not written either, so that none is skipped
  for (const std::string& name : names) {
    const size_t bytes = name.size() + 1;
    fits = fits && total + bytes <= room;
    if (fits) std::memcpy(buffer + total, name.c_str(), bytes);
    total += bytes;
  }
  *size = total;
  co_return Status();
}

Task<Status> get(core::Lane& lane, core::AttributeHolder holder, std::vector<messages::AttributeWanted> wanted,
                 void* const* buffers, size_t* sizes, runtime::StopToken stop) {
  const std::vector<messages::AttributeFound> found =
      DX_CO_TRY(co_await core::get_attributes(lane, std::move(holder), std::move(wanted), stop));
  bool any = false;
  for (size_t i = 0; i < found.size(); i++) {
    if (!found[i].value.empty()) {
      std::memcpy(buffers[i], found[i].value.data(), std::min(found[i].value.size(), sizes[i]));
    }
    sizes[i] = found[i].bytes;
    any |= found[i].bytes > 0;
  }
  co_return any ? Status() : Status(Code::kNonexistent);
}

}  // namespace

int list_attributes(FindHolder find, char* buffer, size_t* size, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::AttributeHolder holder = DX_TRY(find(call.library));
    if (size == nullptr || (*size > 0 && buffer == nullptr)) return Status(Code::kInvalid);
    return list(call.lane, std::move(holder), buffer, size, call.stop);
  });
}

int get_attributes(FindHolder find, int n, const char* const names[], void* const buffers[], size_t sizes[],
                   daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::AttributeHolder holder = DX_TRY(find(call.library));
    std::vector<std::string> copies = DX_TRY(copy_names(n, names));
    if (sizes == nullptr) return Status(Code::kInvalid);
    std::vector<messages::AttributeWanted> wanted;
    for (size_t i = 0; i < copies.size(); i++) {
      const bool only_size = buffers == nullptr || buffers[i] == nullptr;
      wanted.push_back({.name = std::move(copies[i]), .bytes_max = only_size ? 0 : sizes[i]});
    }
    return get(call.lane, std::move(holder), std::move(wanted), buffers, sizes, call.stop);
  });
}

int set_attributes(FindHolder find, int n, const char* const names[], const void* const values[], const size_t sizes[],
                   daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::AttributeHolder holder = DX_TRY(find(call.library));
    std::vector<std::string> copies = DX_TRY(copy_names(n, names));
    if (values == nullptr || sizes == nullptr) return Status(Code::kInvalid);
    std::map<std::string, std::string> attributes;
    size_t bytes = 0;
    for (size_t i = 0; i < copies.size(); i++) {
      if (values[i] == nullptr || sizes[i] == 0) return Status(Code::kInvalid);
      if (sizes[i] > messages::kAttributeBytesPerCall - bytes) {
        return error(Code::kNoSpace, "more than {} bytes of attributes in one call", messages::kAttributeBytesPerCall);
      }
      bytes += sizes[i];
      attributes[std::move(copies[i])].assign(static_cast<const char*>(values[i]), sizes[i]);  // of one name the last
    }
    return core::set_attributes(call.lane, std::move(holder), std::move(attributes), call.stop);
  });
}

int delete_attributes(FindHolder find, int n, const char* const names[], daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::AttributeHolder holder = DX_TRY(find(call.library));
    std::vector<std::string> copies = DX_TRY(copy_names(n, names));
    return core::delete_attributes(call.lane, std::move(holder), std::move(copies), call.stop);
  });
}

}  // namespace daos::capi

using namespace daos;        // NOLINT: C entry points
using namespace daos::capi;  // NOLINT

namespace {

auto of_pool(daos_handle_t poh) {
  return [poh](Library& library) -> Result<core::AttributeHolder> {
    const std::shared_ptr<PoolHandle> pool = library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    return core::AttributeHolder{
        .pool = pool->core, .of = messages::AttributesOf::kPool, .handle = pool->core->handle()};
  };
}

auto of_container(daos_handle_t coh) {
  return [coh](Library& library) -> Result<core::AttributeHolder> {
    const std::shared_ptr<ContainerHandle> container = library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return core::AttributeHolder{
        .pool = container->core->pool(), .of = messages::AttributesOf::kContainer, .handle = container->core->handle()};
  };
}

}  // namespace

int daos_pool_list_attr(daos_handle_t poh, char* buffer, size_t* size, daos_event_t* ev) {
  return list_attributes(of_pool(poh), buffer, size, ev);
}

int daos_pool_get_attr(daos_handle_t poh, int n, char const* const names[], void* const buffers[], size_t sizes[],
                       daos_event_t* ev) {
  return get_attributes(of_pool(poh), n, names, buffers, sizes, ev);
}

int daos_pool_set_attr(daos_handle_t poh, int n, char const* const names[], void const* const values[],
                       size_t const sizes[], daos_event_t* ev) {
  return set_attributes(of_pool(poh), n, names, values, sizes, ev);
}

int daos_pool_del_attr(daos_handle_t poh, int n, char const* const names[], daos_event_t* ev) {
  return delete_attributes(of_pool(poh), n, names, ev);
}

int daos_cont_list_attr(daos_handle_t coh, char* buffer, size_t* size, daos_event_t* ev) {
  return list_attributes(of_container(coh), buffer, size, ev);
}

int daos_cont_get_attr(daos_handle_t coh, int n, char const* const names[], void* const buffers[], size_t sizes[],
                       daos_event_t* ev) {
  return get_attributes(of_container(coh), n, names, buffers, sizes, ev);
}

int daos_cont_set_attr(daos_handle_t coh, int n, char const* const names[], void const* const values[],
                       size_t const sizes[], daos_event_t* ev) {
  return set_attributes(of_container(coh), n, names, values, sizes, ev);
}

int daos_cont_del_attr(daos_handle_t coh, int n, char const* const names[], daos_event_t* ev) {
  return delete_attributes(of_container(coh), n, names, ev);
}
