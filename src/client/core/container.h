// Containers of an open pool. Thread-safety: any thread; the functions run on a lane.
#pragma once

#include <atomic>

#include "client/core/pool.h"
#include "model/messages/container.h"
#include "model/stripe/chunks.h"

namespace daos::core {

class Container {
 public:
  Container(PoolRef pool, messages::HandleId handle, messages::ContainerInfo info, uint32_t flags);

  const PoolRef& pool() const { return pool_; }
  const messages::ContainerId& id() const { return id_; }
  const messages::HandleId& handle() const { return handle_; }
  bool may_write() const;
  uint32_t flags() const { return flags_; }
  /// The numbers among its properties, as they were when it was opened.
  const messages::Properties& numbers() const { return numbers_; }
  /// How its values are protected, by its properties.
  const stripe::ChecksumSpec& checksums() const { return checksums_; }
  uint32_t redundancy_factor() const { return redundancy_factor_; }
  /// Where its copies must be apart (DAOS_PROP_CO_REDUN_LVL).
  map::Level redundancy_level() const { return redundancy_level_; }

  /// Objects that are still open find a closed container.
  bool open() const { return open_.load(std::memory_order_acquire); }
  void mark_closed() { open_.store(false, std::memory_order_release); }

  std::shared_ptr<Container> clone_after_fork(PoolRef pool) const;

 private:
  Container(PoolRef pool, const Container& other);

  const PoolRef pool_;
  const messages::ContainerId id_;
  const messages::HandleId handle_;
  const uint32_t flags_;
  const messages::Properties numbers_;
  const stripe::ChecksumSpec checksums_;
  uint32_t redundancy_factor_ = 0;
  map::Level redundancy_level_ = map::Level::kNode;
  std::atomic<bool> open_{true};
};
using ContainerRef = std::shared_ptr<Container>;

struct OpenedContainer {
  ContainerRef container;
  messages::ContainerInfo info;
};

/// `properties` are complete; `id` is new. kExists: the label is taken.
runtime::Task<Status> create_container(Lane& lane, PoolRef pool, messages::ContainerId id,
                                       messages::Properties properties, runtime::StopToken stop);
/// `name`: label or uuid; `flags`: the API's DAOS_COO_*.
runtime::Task<Result<OpenedContainer>> open_container(Lane& lane, PoolRef pool, std::string name, uint32_t flags,
                                                      runtime::StopToken stop);
runtime::Task<Status> close_container(Lane& lane, ContainerRef container, runtime::StopToken stop);
runtime::Task<Status> destroy_container(Lane& lane, PoolRef pool, std::string name, bool force,
                                        runtime::StopToken stop);
runtime::Task<Result<std::vector<messages::ContainerInfo>>> list_containers(Lane& lane, PoolRef pool,
                                                                            runtime::StopToken stop);
/// What of a container's properties is wanted: each part needs a right of its own.
struct QueryParts {
  bool properties = false;  // all but the access-control list
  bool acl = false;         // the list, owner and owner group
};
runtime::Task<Result<messages::ContainerInfo>> query_container(Lane& lane, ContainerRef container, QueryParts parts,
                                                               runtime::StopToken stop);

// --- changes
runtime::Task<Status> change_container(Lane& lane, ContainerRef container, messages::Properties properties,
                                       runtime::StopToken stop);
runtime::Task<Status> change_acl(Lane& lane, ContainerRef container, messages::AclChange change,
                                 runtime::StopToken stop);
/// The first of `count` numbers that are nobody else's.
runtime::Task<Result<uint64_t>> allocate_object_ids(Lane& lane, ContainerRef container, uint64_t count,
                                                    runtime::StopToken stop);

}  // namespace daos::core
