// What pool, container and object handles stand for. `shared`: inherited over a fork; closing it leaves the service's
// handle to the parent.
#pragma once

#include <daos_types.h>

#include <atomic>
#include <memory>
#include <string>

#include "client/core/object.h"

namespace daos::capi {

struct PoolHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_POOL;
  core::PoolRef core;
  messages::Properties properties;  // as they were at connect; what containers inherit
  bool shared = false;
  std::atomic<int> containers{0};  // open through this handle

  PoolHandle(core::PoolRef c, messages::Properties p, bool s)
      : core(std::move(c)), properties(std::move(p)), shared(s) {}
};

struct ContainerHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_CO;
  core::ContainerRef core;
  std::shared_ptr<PoolHandle> pool;
  bool shared = false;
};

struct ObjectHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_OBJ;
  core::ObjectRef core;
};

/// What `name` asks for: a label as it is, or a uuid in the services' spelling; empty if it is neither.
std::string name_or_uuid(const char* name);

}  // namespace daos::capi
