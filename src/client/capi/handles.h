// What pool, container and object handles stand for. `shared`: inherited over a fork; closing it leaves the service's
// handle to the parent.
#pragma once

#include <daos_obj.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "client/capi/stores.h"
#include "client/core/array.h"

namespace daos::capi {

struct PoolHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_POOL;
  core::PoolRef core;
  messages::Properties properties;  // as they were at connect; what containers inherit
  bool shared = false;
  std::atomic<int> containers{0};  // open through this handle
  StoreLease store;                // of a pool that was named by a path

  PoolHandle(core::PoolRef c, messages::Properties p, bool s, StoreLease l = {})
      : core(std::move(c)), properties(std::move(p)), shared(s), store(std::move(l)) {}
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

struct KvHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_KV;
  core::ObjectRef core;
  std::mutex mutex;                       // guards what follows
  daos_handle_t object = DAOS_HDL_INVAL;  // of the object interface, from the first who asks until this one is closed

  explicit KvHandle(core::ObjectRef c) : core(std::move(c)) {}
};

struct ArrayHandle {
  static constexpr uint64_t kHandleKind = DAOS_HTYPE_ARRAY;
  core::ArrayRef core;
};

class Library;
/// The handle that has that id; null when there is none in this process.
std::shared_ptr<PoolHandle> find_pool(Library& library, const Uuid& handle);
/// An object's handle that can be used. kNoHandle; also for every transaction, of which there are none yet.
Result<core::ObjectRef> find_object(Library& library, daos_handle_t oh, daos_handle_t th);

/// Modes of opening that allow changes.
inline constexpr unsigned kModesThatWrite = DAOS_OO_RW | DAOS_OO_EXCL | DAOS_OO_IO_RAND | DAOS_OO_IO_SEQ;

/// What `name` asks for: a label as it is, or a uuid in the services' spelling; empty if it is neither.
std::string name_or_uuid(const char* name);

}  // namespace daos::capi
