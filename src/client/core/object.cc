#include "client/core/object.h"

#include "client/core/session.h"

namespace daos::core {
namespace {

/// Where a dkey of an object is, by one map. Made for every operation, so it formats nothing.
struct Route {
  PoolViewRef view;
  map::TargetId target;
  fabric::PeerId peer;

  map::MapVersion version() const { return view->map->version(); }
  /// "rank 2 target 1 (tcp://...)", for people.
  std::string text() const {
    const map::Target& at = *view->map->find_target(target);
    return fmt::format("rank {} target {} ({})", view->map->engine_of(at).rank(), view->map->index_in_engine(at),
                       address_of(*view, at));
  }
};

Result<Route> route(Lane& lane, const PoolRef& pool, PoolViewRef view_ref, const Object& object, ByteSpan dkey) {
  const PoolView& view = *view_ref;
  const uint64_t hash = classes::dkey_hash(object.id().type(), dkey);
  const classes::GroupIndex group = classes::group_of(hash, object.shape().group_count);
  const map::TargetId id = view.placement.target_of(object.id(), group);
  const map::Target* target = view.map->find_target(id);
  if (target == nullptr) {
    return error(Code::kUnreachable, "no target of the pool serves object {} (map version {})", object.id(),
                 view.map->version());
  }
  const fabric::PeerId peer = DX_TRY(peer_of(lane, pool->id(), view, *target));
  return Route{.view = std::move(view_ref), .target = id, .peer = peer};
}

/// What follows from a failed attempt: a newer map where that may help, a pause, a word to the user.
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

/// A reply was given by a target that knows a newer map: the next operations need not be told one by one.
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
  return error(Code::kNotSupported, "{} of {} bytes in one call: more than {} are not transferred yet", what, bytes,
               kRequestBytesMax);
}

}  // namespace

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

namespace {

/// Sends an update until it has an outcome. `slot` is what it was sent under, and is the caller's to give back.
runtime::Task<Status> send_update(Lane& lane, ObjectRef object, messages::UpdateRequest request, Attempts& attempts,
                                  std::optional<SlotLease>& slot) {
  const PoolRef& pool = object->container()->pool();
  for (;;) {
    PoolViewRef view = DX_CO_TRY(co_await view_of(lane, pool, attempts));
    const Route to = DX_CO_TRY(route(lane, pool, std::move(view), *object, request.dkey.bytes()));
    if (slot && slot->target() != to.target) {
      // The map gave the data another place: what the old one may have executed is of no account there.
      slot->abandon();
      slot.reset();
    }
    if (!slot) slot.emplace(DX_CO_TRY(co_await SlotLease::acquire(lane, pool, to.target, to.peer, attempts.whole())));
    slot->set_peer(to.peer);
    request.map_version = to.version();
    request.slot = slot->ref();
    slot->count_attempt();
    Result<messages::UpdateReply> reply = co_await lane.node().call(to.peer, request, attempts.next());
    if (reply.ok()) {
      learn_version(lane, pool, reply->map_version, to.version());
      co_return Status();
    }
    const bool repeat = is_transient(reply.code()) || reply.code() == Code::kStale;
    if (!repeat) co_return std::move(reply).status().within(to.text());
    if (!attempts.over()) co_await after_failure(lane, pool, to, "an update", reply.status(), attempts);
    if (attempts.over()) co_return attempts.given_up(reply.status()).within(to.text());
  }
}

}  // namespace

runtime::Task<Status> update_object(Lane& lane, ObjectRef object, Update update, runtime::StopToken stop) {
  const ContainerRef& container = object->container();
  if (!container->open()) co_return Status(Code::kNoHandle);
  if (!object->may_write() || !container->may_write()) co_return Status(Code::kNoPerm);
  size_t bytes = update.dkey.size();
  for (const messages::AkeyUpdate& akey : update.akeys) bytes += akey.akey.size() + akey.value.size();
  DX_CO_TRY(check_size(bytes, "values"));

  Attempts attempts(lane, stop, std::nullopt);
  std::optional<SlotLease> slot;
  Status outcome = co_await send_update(lane, object,
                                        {.pool = container->pool()->id(),
                                         .handle = container->handle(),
                                         .object = object->id(),
                                         .conditions = update.conditions,
                                         .dkey = std::move(update.dkey),
                                         .akeys = std::move(update.akeys)},
                                        attempts, slot);
  if (!slot) co_return outcome;
  if (outcome.ok()) {
    slot->release();
    co_return outcome;
  }
  outcome = co_await slot->give_up(std::move(outcome));
  co_return outcome;
}

runtime::Task<Result<std::vector<messages::FetchedValue>>> fetch_object(Lane& lane, ObjectRef object, Fetch fetch,
                                                                        runtime::StopToken stop) {
  const ContainerRef& container = object->container();
  const PoolRef& pool = container->pool();
  if (!container->open()) co_return Status(Code::kNoHandle);
  size_t bytes = fetch.dkey.size();
  for (const messages::AkeyFetch& akey : fetch.akeys) bytes += akey.akey.size();
  DX_CO_TRY(check_size(bytes, "keys"));
  bytes = 0;
  for (const messages::AkeyFetch& akey : fetch.akeys) bytes += std::min<uint64_t>(akey.bytes_max, kInlineBytesMax);
  DX_CO_TRY(check_size(bytes, "values"));

  Attempts attempts(lane, stop, std::nullopt);
  const size_t asked = fetch.akeys.size();
  messages::FetchRequest request{.pool = pool->id(),
                                 .handle = container->handle(),
                                 .object = object->id(),
                                 .conditions = fetch.conditions,
                                 .dkey = fetch.dkey,
                                 .akeys = std::move(fetch.akeys)};
  for (;;) {
    PoolViewRef view = DX_CO_TRY(co_await view_of(lane, pool, attempts));
    const Route to = DX_CO_TRY(route(lane, pool, std::move(view), *object, fetch.dkey.bytes()));
    request.map_version = to.version();
    Result<messages::FetchReply> reply = co_await lane.node().call(to.peer, request, attempts.next());
    if (reply.ok()) {
      learn_version(lane, pool, reply->map_version, to.version());
      if (reply->values.size() != asked) {
        co_return error(Code::kCorrupt, "{}: {} values came for {} akeys", to.text(), reply->values.size(), asked);
      }
      co_return std::move(reply->values);
    }
    const bool repeat = is_transient(reply.code()) || reply.code() == Code::kStale;
    if (!repeat) co_return std::move(reply).status().within(to.text());
    if (attempts.over()) co_return attempts.given_up(reply.status()).within(to.text());
    co_await after_failure(lane, pool, to, "a fetch", reply.status(), attempts);
    if (attempts.over()) co_return attempts.given_up(reply.status()).within(to.text());
  }
}

}  // namespace daos::core
