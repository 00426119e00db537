#include "client/core/object.h"

#include "client/core/object_call.h"

namespace daos::core {

std::string Route::text() const {
  const map::Target& at = *view->map->find_target(target);
  return fmt::format("rank {} target {} ({})", view->map->engine_of(at).rank(), view->map->index_in_engine(at),
                     address_of(*view, at));
}

Result<Route> route(Lane& lane, const PoolRef& pool, PoolViewRef view_ref, const Object& object,
                    classes::GroupIndex group) {
  const PoolView& view = *view_ref;
  const map::TargetId id = view.placement.target_of(object.id(), group);
  const map::Target* target = view.map->find_target(id);
  if (target == nullptr) {
    return error(Code::kUnreachable, "no target of the pool serves object {} (map version {})", object.id(),
                 view.map->version());
  }
  const fabric::PeerId peer = DX_TRY(peer_of(lane, pool->id(), view, *target));
  return Route{.view = std::move(view_ref), .target = id, .peer = peer};
}

runtime::Task<void> after_failure(Lane& lane, PoolRef pool, const Route& to, std::string_view what, Status why,
                                  Attempts& attempts) {
  if (attempts.time_to_warn()) {
    lane.client().log().warn("{} has not answered {} for {} s ({}); still trying", to.text(), what, attempts.seconds(),
                             why);
  }
  // A target that shut down may be back at another place; one that says "stale" knows that there is a newer map.
  const Status refreshed =
      co_await refresh_map(lane, pool, lane.reactor().within(lane.client().patience().attempt_first, attempts.stop()));
  refreshed.ignore("then the old map has to do");
  if (pool->view()->map->version() == to.version()) co_await attempts.pause(why.code());
}

void learn_version(Lane& lane, const PoolRef& pool, map::MapVersion seen, map::MapVersion used) {
  if (seen <= used || lane.refreshes().contains(pool->handle())) return;
  lane.background().spawn([](Lane& l, PoolRef p) -> runtime::Task<void> {
    const Status refreshed =
        co_await refresh_map(l, p, l.reactor().within(l.client().patience().attempt_first, l.stop()));
    refreshed.ignore("an operation that needs it asks again");
  }(lane, pool));
}

Status check_size(size_t bytes, std::string_view what) {
  if (bytes <= kRequestBytesMax) return {};
  return error(Code::kOverflow, "{} of {} bytes in one call: at most {} are possible", what, bytes, kRequestBytesMax);
}

Status check_writable(const Object& object) {
  if (!object.container()->open()) return Status(Code::kNoHandle);
  if (!object.may_write() || !object.container()->may_write()) return Status(Code::kNoPerm);
  return {};
}

Result<ObjectRef> open_object(ContainerRef container, classes::ObjectId id, bool may_write) {
  const classes::Shape shape = DX_TRY(classes::shape_of(id));
  if (shape.redundancy.failures_tolerated() < container->redundancy_factor()) {
    return error(Code::kInvalid, "object {}: class {} tolerates {} failures, the container asks for {}", id,
                 classes::class_name(id.class_id()), shape.redundancy.failures_tolerated(),
                 container->redundancy_factor());
  }
  if (shape.group_size() != 1) {
    return error(Code::kNotSupported,
                 "object {}: class {} keeps several copies or parity, which is not there yet; classes S1 to SX work "
                 "(make the id with OC_S1 or OC_SX)",
                 id, classes::class_name(id.class_id()));
  }
  return std::make_shared<const Object>(std::move(container), id, shape, may_write);
}

}  // namespace daos::core
