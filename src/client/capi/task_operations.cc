#include "client/capi/task_operations.h"

#include <daos_api.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "client/capi/object_query.h"

namespace daos::capi {
namespace {

template <class Arguments, class Function>
constexpr TaskOperation operation(int opcode, Function) {
  static_assert(sizeof(Arguments) <= kTaskArgumentBytesMax);
  return {static_cast<daos_opc_t>(opcode), sizeof(Arguments),
          [](void* arguments, daos_event_t* event) { return Function{}(*static_cast<Arguments*>(arguments), event); }};
}
template <class Arguments>
constexpr TaskOperation operation_without_function(int opcode) {
  static_assert(sizeof(Arguments) <= kTaskArgumentBytesMax);
  return {static_cast<daos_opc_t>(opcode), sizeof(Arguments), nullptr};
}

/// The text of a uuid, or `label` when the uuid is nil. The functions of the API copy it.
class Name {
 public:
  Name(const uuid_t uuid, const char* label) : name_(label) {
    const uuid_t nil = {};
    if (std::memcmp(uuid, nil, sizeof(uuid_t)) == 0) return;
    static constexpr char kDigits[] = "0123456789abcdef";
    char* to = text_;
    for (size_t i = 0; i < sizeof(uuid_t); i++) {
      if (i == 4 || i == 6 || i == 8 || i == 10) *to++ = '-';
      *to++ = kDigits[uuid[i] >> 4];
      *to++ = kDigits[uuid[i] & 15];
    }
    *to = '\0';
    name_ = text_;
  }
  const char* get() const { return name_; }

 private:
  char text_[37];
  const char* name_;
};

int array_open(daos_array_open_t& a, daos_event_t* ev) {
  if (a.open_with_attr == 0) {
    return daos_array_open(a.coh, a.oid, a.th, a.mode, a.cell_size, a.chunk_size, a.oh, ev);
  }
  if (a.cell_size == nullptr || a.chunk_size == nullptr) return -DER_INVAL;
  return daos_array_open_with_attr(a.coh, a.oid, a.th, a.mode, *a.cell_size, *a.chunk_size, a.oh, ev);
}

constexpr int kRegisterClass = 43;  // its opcode has no name

// `a` are the arguments, `ev` completes the task.
#define CALL(opcode, arguments, expression) \
  operation<arguments>(opcode, [](arguments& a, daos_event_t* ev) -> int { return expression; })
#define NO_FUNCTION(opcode, arguments) operation_without_function<arguments>(opcode)

// clang-format off
constexpr TaskOperation kOperations[] = {
    CALL(DAOS_OPC_MGMT_LIST_POOLS, daos_mgmt_pool_list_t, daos_mgmt_list_pools(a.grp, a.npools, a.pools, ev)),
    CALL(DAOS_OPC_SET_PARAMS, daos_set_params_t, daos_debug_set_params(a.grp, a.rank, a.key_id, a.value, a.value_extra, ev)),
    CALL(DAOS_OPC_MGMT_GET_BS_STATE, daos_mgmt_get_bs_state_t, daos_mgmt_get_bs_state(a.grp, a.uuid, a.state, ev)),

    CALL(DAOS_OPC_POOL_CONNECT, daos_pool_connect_t, daos_pool_connect(Name(a.uuid, a.pool).get(), a.grp, a.flags, a.poh, a.info, ev)),
    CALL(DAOS_OPC_POOL_DISCONNECT, daos_pool_disconnect_t, daos_pool_disconnect(a.poh, ev)),
    NO_FUNCTION(DAOS_OPC_POOL_EXCLUDE, daos_pool_update_t),
    NO_FUNCTION(DAOS_OPC_POOL_EXCLUDE_OUT, daos_pool_update_t),
    NO_FUNCTION(DAOS_OPC_POOL_ADD, daos_pool_update_t),
    CALL(DAOS_OPC_POOL_QUERY, daos_pool_query_t, daos_pool_query(a.poh, a.ranks, a.info, a.prop, ev)),
    CALL(DAOS_OPC_POOL_QUERY_INFO, daos_pool_query_target_t, daos_pool_query_target(a.poh, a.tgt_idx, a.rank, a.info, ev)),
    CALL(DAOS_OPC_POOL_LIST_ATTR, daos_pool_list_attr_t, daos_pool_list_attr(a.poh, a.buf, a.size, ev)),
    CALL(DAOS_OPC_POOL_GET_ATTR, daos_pool_get_attr_t, daos_pool_get_attr(a.poh, a.n, a.names, a.values, a.sizes, ev)),
    CALL(DAOS_OPC_POOL_SET_ATTR, daos_pool_set_attr_t, daos_pool_set_attr(a.poh, a.n, a.names, a.values, a.sizes, ev)),
    CALL(DAOS_OPC_POOL_DEL_ATTR, daos_pool_del_attr_t, daos_pool_del_attr(a.poh, a.n, a.names, ev)),
    CALL(DAOS_OPC_POOL_STOP_SVC, daos_pool_stop_svc_t, daos_pool_stop_svc(a.poh, ev)),
    CALL(DAOS_OPC_POOL_LIST_CONT, daos_pool_list_cont_t, daos_pool_list_cont(a.poh, a.ncont, a.cont_buf, ev)),
    CALL(DAOS_OPC_POOL_FILTER_CONT, daos_pool_filter_cont_t, daos_pool_filter_cont(a.poh, a.filt, a.ncont, a.cont_buf, ev)),

    CALL(DAOS_OPC_CONT_CREATE, daos_cont_create_t, daos_cont_create(a.poh, a.cuuid, a.prop, ev)),
    CALL(DAOS_OPC_CONT_OPEN, daos_cont_open_t, daos_cont_open(a.poh, Name(a.uuid, a.cont).get(), a.flags, a.coh, a.info, ev)),
    CALL(DAOS_OPC_CONT_CLOSE, daos_cont_close_t, daos_cont_close(a.coh, ev)),
    CALL(DAOS_OPC_CONT_DESTROY, daos_cont_destroy_t, daos_cont_destroy(a.poh, Name(a.uuid, a.cont).get(), a.force, ev)),
    CALL(DAOS_OPC_CONT_QUERY, daos_cont_query_t, daos_cont_query(a.coh, a.info, a.prop, ev)),
    CALL(DAOS_OPC_CONT_SET_PROP, daos_cont_set_prop_t, daos_cont_set_prop(a.coh, a.prop, ev)),
    CALL(DAOS_OPC_CONT_UPDATE_ACL, daos_cont_update_acl_t, daos_cont_update_acl(a.coh, a.acl, ev)),
    CALL(DAOS_OPC_CONT_DELETE_ACL, daos_cont_delete_acl_t, daos_cont_delete_acl(a.coh, static_cast<daos_acl_principal_type>(a.type), a.name, ev)),
    CALL(DAOS_OPC_CONT_AGGREGATE, daos_cont_aggregate_t, daos_cont_aggregate(a.coh, a.epoch, ev)),
    CALL(DAOS_OPC_CONT_ROLLBACK, daos_cont_rollback_t, daos_cont_rollback(a.coh, a.epoch, ev)),
    CALL(DAOS_OPC_CONT_SUBSCRIBE, daos_cont_subscribe_t, daos_cont_subscribe(a.coh, a.epoch, ev)),
    CALL(DAOS_OPC_CONT_LIST_ATTR, daos_cont_list_attr_t, daos_cont_list_attr(a.coh, a.buf, a.size, ev)),
    CALL(DAOS_OPC_CONT_GET_ATTR, daos_cont_get_attr_t, daos_cont_get_attr(a.coh, a.n, a.names, a.values, a.sizes, ev)),
    CALL(DAOS_OPC_CONT_SET_ATTR, daos_cont_set_attr_t, daos_cont_set_attr(a.coh, a.n, a.names, a.values, a.sizes, ev)),
    CALL(DAOS_OPC_CONT_DEL_ATTR, daos_cont_del_attr_t, daos_cont_del_attr(a.coh, a.n, a.names, ev)),
    CALL(DAOS_OPC_CONT_ALLOC_OIDS, daos_cont_alloc_oids_t, daos_cont_alloc_oids(a.coh, a.num_oids, a.oid, ev)),
    CALL(DAOS_OPC_CONT_LIST_SNAP, daos_cont_list_snap_t, daos_cont_list_snap(a.coh, a.nr, a.epochs, a.names, a.anchor, ev)),
    CALL(DAOS_OPC_CONT_CREATE_SNAP, daos_cont_create_snap_t, daos_cont_create_snap_opt(a.coh, a.epoch, a.name, static_cast<daos_snapshot_opts>(a.opts), ev)),
    CALL(DAOS_OPC_CONT_DESTROY_SNAP, daos_cont_destroy_snap_t, daos_cont_destroy_snap(a.coh, a.epr, ev)),
    CALL(DAOS_OPC_CONT_SNAP_OIT_CREATE, daos_cont_snap_oit_create_t, daos_cont_snap_oit_create(a.coh, a.epoch, a.name, ev)),
    // The function wants the table's handle, the arguments have the snapshot's epoch.
    NO_FUNCTION(DAOS_OPC_CONT_SNAP_OIT_DESTROY, daos_cont_snap_oit_destroy_t),

    CALL(DAOS_OPC_TX_OPEN, daos_tx_open_t, daos_tx_open(a.coh, a.th, a.flags, ev)),
    CALL(DAOS_OPC_TX_COMMIT, daos_tx_commit_t, daos_tx_commit(a.th, ev)),
    CALL(DAOS_OPC_TX_ABORT, daos_tx_abort_t, daos_tx_abort(a.th, ev)),
    CALL(DAOS_OPC_TX_OPEN_SNAP, daos_tx_open_snap_t, daos_tx_open_snap(a.coh, a.epoch, a.th, ev)),
    CALL(DAOS_OPC_TX_CLOSE, daos_tx_close_t, daos_tx_close(a.th, ev)),
    CALL(DAOS_OPC_TX_RESTART, daos_tx_restart_t, daos_tx_restart(a.th, ev)),

    CALL(kRegisterClass, daos_obj_register_class_t, daos_obj_register_class(a.coh, a.cid, a.cattr, ev)),
    CALL(DAOS_OPC_OBJ_QUERY_CLASS, daos_obj_query_class_t, daos_obj_query_class(a.coh, a.cid, a.cattr, ev)),
    CALL(DAOS_OPC_OBJ_LIST_CLASS, daos_obj_list_class_t, daos_obj_list_class(a.coh, a.clist, a.anchor, ev)),
    CALL(DAOS_OPC_OBJ_OPEN, daos_obj_open_t, daos_obj_open(a.coh, a.oid, a.mode, a.oh, ev)),
    CALL(DAOS_OPC_OBJ_CLOSE, daos_obj_close_t, daos_obj_close(a.oh, ev)),
    CALL(DAOS_OPC_OBJ_PUNCH, daos_obj_punch_t, daos_obj_punch(a.oh, a.th, a.flags, ev)),
    CALL(DAOS_OPC_OBJ_PUNCH_DKEYS, daos_obj_punch_t, daos_obj_punch_dkeys(a.oh, a.th, a.flags, 1, a.dkey, ev)),
    CALL(DAOS_OPC_OBJ_PUNCH_AKEYS, daos_obj_punch_t, daos_obj_punch_akeys(a.oh, a.th, a.flags, a.dkey, a.akey_nr, a.akeys, ev)),
    CALL(DAOS_OPC_OBJ_QUERY, daos_obj_query_t, daos_obj_query(a.oh, a.oa, a.ranks, ev)),
    CALL(DAOS_OPC_OBJ_QUERY_KEY, daos_obj_query_key_t, query_key(a.oh, a.th, a.flags, a.dkey, a.akey, a.recx, a.max_epoch, ev)),
    NO_FUNCTION(DAOS_OPC_OBJ_SYNC, daos_obj_sync_args),
    CALL(DAOS_OPC_OBJ_FETCH, daos_obj_fetch_t, daos_obj_fetch(a.oh, a.th, a.flags, a.dkey, a.nr, a.iods, a.sgls, a.ioms, ev)),
    CALL(DAOS_OPC_OBJ_UPDATE, daos_obj_update_t, daos_obj_update(a.oh, a.th, a.flags, a.dkey, a.nr, a.iods, a.sgls, ev)),
    CALL(DAOS_OPC_OBJ_LIST_DKEY, daos_obj_list_dkey_t, daos_obj_list_dkey(a.oh, a.th, a.nr, a.kds, a.sgl, a.dkey_anchor, ev)),
    CALL(DAOS_OPC_OBJ_LIST_AKEY, daos_obj_list_akey_t, daos_obj_list_akey(a.oh, a.th, a.dkey, a.nr, a.kds, a.sgl, a.akey_anchor, ev)),
    CALL(DAOS_OPC_OBJ_LIST_RECX, daos_obj_list_recx_t, daos_obj_list_recx(a.oh, a.th, a.dkey, a.akey, a.size, a.nr, a.recxs, a.eprs, a.anchor, a.incr_order, ev)),
    NO_FUNCTION(DAOS_OPC_OBJ_LIST_OBJ, daos_obj_list_obj_t),
    CALL(DAOS_OPC_OBJ_KEY2ANCHOR, daos_obj_key2anchor_t, daos_obj_key2anchor(a.oh, a.th, a.dkey, a.akey, a.anchor, ev)),

    CALL(DAOS_OPC_ARRAY_CREATE, daos_array_create_t, daos_array_create(a.coh, a.oid, a.th, a.cell_size, a.chunk_size, a.oh, ev)),
    CALL(DAOS_OPC_ARRAY_OPEN, daos_array_open_t, array_open(a, ev)),
    CALL(DAOS_OPC_ARRAY_CLOSE, daos_array_close_t, daos_array_close(a.oh, ev)),
    CALL(DAOS_OPC_ARRAY_DESTROY, daos_array_destroy_t, daos_array_destroy(a.oh, a.th, ev)),
    CALL(DAOS_OPC_ARRAY_READ, daos_array_io_t, daos_array_read(a.oh, a.th, a.iod, a.sgl, ev)),
    CALL(DAOS_OPC_ARRAY_WRITE, daos_array_io_t, daos_array_write(a.oh, a.th, a.iod, a.sgl, ev)),
    CALL(DAOS_OPC_ARRAY_PUNCH, daos_array_io_t, daos_array_punch(a.oh, a.th, a.iod, ev)),
    CALL(DAOS_OPC_ARRAY_GET_SIZE, daos_array_get_size_t, daos_array_get_size(a.oh, a.th, a.size, ev)),
    CALL(DAOS_OPC_ARRAY_SET_SIZE, daos_array_set_size_t, daos_array_set_size(a.oh, a.th, a.size, ev)),
    CALL(DAOS_OPC_ARRAY_STAT, daos_array_stat_t, daos_array_stat(a.oh, a.th, a.stbuf, ev)),

    CALL(DAOS_OPC_KV_OPEN, daos_kv_open_t, daos_kv_open(a.coh, a.oid, a.mode, a.oh, ev)),
    CALL(DAOS_OPC_KV_CLOSE, daos_kv_close_t, daos_kv_close(a.oh, ev)),
    CALL(DAOS_OPC_KV_DESTROY, daos_kv_destroy_t, daos_kv_destroy(a.oh, a.th, ev)),
    CALL(DAOS_OPC_KV_GET, daos_kv_get_t, daos_kv_get(a.oh, a.th, a.flags, a.key, a.buf_size, a.buf, ev)),
    CALL(DAOS_OPC_KV_PUT, daos_kv_put_t, daos_kv_put(a.oh, a.th, a.flags, a.key, a.buf_size, a.buf, ev)),
    CALL(DAOS_OPC_KV_REMOVE, daos_kv_remove_t, daos_kv_remove(a.oh, a.th, a.flags, a.key, ev)),
    CALL(DAOS_OPC_KV_LIST, daos_kv_list_t, daos_kv_list(a.oh, a.th, a.nr, a.kds, a.sgl, a.anchor, ev)),

    // The arguments have no container; the object knows its own.
    CALL(DAOS_OPC_PIPELINE_RUN, daos_pipeline_run_t,
         daos_pipeline_run(DAOS_HDL_INVAL, a.oh, a.pipeline, a.th, a.flags, a.dkey, a.nr_iods, a.iods, a.anchor, a.nr_kds, a.kds,
                           a.sgl_keys, a.sgl_recx, a.recx_size, a.sgl_agg, a.stats, ev)),
};
// clang-format on

}  // namespace

const TaskOperation* find_task_operation(int opcode) {
  const auto* found = std::ranges::find(kOperations, opcode, [](const TaskOperation& o) { return int{o.opcode}; });
  return found != std::end(kOperations) ? found : nullptr;
}

}  // namespace daos::capi
