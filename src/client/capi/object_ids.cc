// Ids of objects, the classes that they carry, and where that puts their shards.
#include <daos/object.h>
#include <gurt/common.h>

#include <cstdlib>

#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "model/classes/generate.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

/// What an id is to be made for, by the caller's words.
struct Wanted {
  uint32_t type;
  daos_oclass_id_t cid;
  daos_oclass_hints_t hints;
  map::Level level;
  uint32_t redundancy_factor;
};

Wanted wanted_in(const core::Container& container, daos_otype_t type, daos_oclass_id_t cid, daos_oclass_hints_t hints) {
  return {static_cast<uint32_t>(type), cid, hints, container.redundancy_level(), container.redundancy_factor()};
}

Task<Status> generate(core::Lane& lane, core::PoolRef pool, daos_obj_id_t* oid, Wanted wanted,
                      runtime::StopToken stop) {
  unsigned targets = 0;
  std::optional<uint32_t> reserve;
  if (d_getenv_uint("D_GX_RESERVED", &targets) == 0) reserve = targets;
  core::Attempts attempts(lane, stop, lane.client().patience().services_limit);
  const core::PoolViewRef view = DX_CO_TRY(co_await core::view_of(lane, std::move(pool), attempts));
  const classes::ObjectId made = DX_CO_TRY(
      classes::generate_oid({.lo = oid->lo, .hi = oid->hi}, wanted.type, classes::ClassId(wanted.cid), wanted.hints,
                            {.domains = view->map->domain_count(wanted.level),
                             .targets = static_cast<uint32_t>(view->map->targets().size()),
                             .redundancy_factor = wanted.redundancy_factor,
                             .reserve = reserve}));
  *oid = {.lo = made.lo, .hi = made.hi};
  co_return Status();
}

Task<Status> choose_class(core::Lane& lane, core::PoolRef pool, Wanted wanted, daos_oclass_id_t* cid,
                          runtime::StopToken stop) {
  daos_obj_id_t oid{};
  DX_CO_TRY(co_await generate(lane, std::move(pool), &oid, wanted, stop));
  *cid = daos_obj_id2class(oid);
  co_return Status();
}

/// In memory of the C heap, group by group.
Result<daos_obj_layout*> to_layout(const core::PoolView& view, const classes::ObjectId& id) {
  const classes::Shape shape = DX_TRY(classes::shape_of(id));
  const uint32_t size = shape.group_size();
  auto* layout = static_cast<daos_obj_layout*>(
      std::calloc(1, sizeof(daos_obj_layout) + shape.group_count * sizeof(daos_obj_group*)));
  if (layout == nullptr) return Status(Code::kNoMemory);
  layout->ol_version = view.map->version().value();
  layout->ol_class = id.class_id().value();
  layout->ol_nr = shape.group_count;
  std::vector<map::TargetId> targets(size);
  for (uint32_t group = 0; group < shape.group_count; group++) {
    auto* made = static_cast<daos_obj_group*>(std::calloc(1, sizeof(daos_obj_group) + size * sizeof(daos_obj_place)));
    if (made == nullptr) {
      daos_obj_layout_free(layout);
      return Status(Code::kNoMemory);
    }
    layout->ol_groups[group] = made;
    made->og_nr = size;
    view.placement.place_group(id, classes::GroupIndex(group), targets);
    for (uint32_t shard = 0; shard < size; shard++) {
      const map::Target* target = view.map->find_target(targets[shard]);
      // A shard that has no place now is nowhere: no rank is that high.
      made->og_places[shard] = {.op_rank = ~0u, .op_target = ~0u};
      if (target == nullptr) continue;
      made->og_places[shard] = {.op_rank = view.map->engine_of(*target).rank().value(),
                                .op_target = view.map->index_in_engine(*target)};
    }
  }
  return layout;
}

Task<Status> get_layout(core::Lane& lane, core::PoolRef pool, classes::ObjectId id, daos_obj_layout** out,
                        runtime::StopToken stop) {
  core::Attempts attempts(lane, stop, lane.client().patience().services_limit);
  const core::PoolViewRef view = DX_CO_TRY(co_await core::view_of(lane, std::move(pool), attempts));
  *out = DX_CO_TRY(to_layout(*view, id));
  co_return Status();
}

}  // namespace

int daos_obj_generate_oid(daos_handle_t coh, daos_obj_id_t* oid, enum daos_otype_t type, daos_oclass_id_t cid,
                          daos_oclass_hints_t hints, uint32_t args) {
  (void)args;  // reserved
  if (oid == nullptr) return -DER_INVAL;
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return generate(call.lane, container->core->pool(), oid, wanted_in(*container->core, type, cid, hints), call.stop);
  });
}

int daos_obj_generate_oid_by_rf(daos_handle_t poh, uint64_t rf, daos_obj_id_t* oid, enum daos_otype_t type,
                                daos_oclass_id_t cid, daos_oclass_hints_t hints, uint32_t args, uint32_t pa_domain) {
  (void)args;  // reserved
  if (oid == nullptr || !daos_rf_is_valid(rf) || !daos_pa_domain_is_valid(pa_domain)) return -DER_INVAL;
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<PoolHandle> pool = call.library.handles().find<PoolHandle>(poh);
    if (pool == nullptr) return Status(Code::kNoHandle);
    const map::Level level = pa_domain == DAOS_PROP_CO_REDUN_RANK ? map::Level::kEngine : map::Level::kNode;
    return generate(call.lane, pool->core, oid,
                    {static_cast<uint32_t>(type), cid, hints, level, static_cast<uint32_t>(rf)}, call.stop);
  });
}

int daos_obj_get_oclass(daos_handle_t coh, enum daos_otype_t type, daos_oclass_hints_t hints, uint32_t args,
                        daos_oclass_id_t* cid) {
  (void)args;  // reserved
  if (cid == nullptr) return -DER_INVAL;
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return choose_class(call.lane, container->core->pool(), wanted_in(*container->core, type, OC_UNKNOWN, hints), cid,
                        call.stop);
  });
}

int daos_obj_layout_get(daos_handle_t coh, daos_obj_id_t oid, struct daos_obj_layout** layout) {
  if (layout == nullptr) return -DER_INVAL;
  return api_call(nullptr, [&](Call& call) -> Result<Task<Status>> {
    const std::shared_ptr<ContainerHandle> container = call.library.handles().find<ContainerHandle>(coh);
    if (container == nullptr) return Status(Code::kNoHandle);
    return get_layout(call.lane, container->core->pool(), {.lo = oid.lo, .hi = oid.hi}, layout, call.stop);
  });
}

int daos_obj_layout_free(struct daos_obj_layout* layout) {
  if (layout == nullptr) return 0;
  for (uint32_t group = 0; group < layout->ol_nr; group++) std::free(layout->ol_groups[group]);
  std::free(layout);
  return 0;
}
