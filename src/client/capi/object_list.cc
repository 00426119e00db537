#include "client/capi/object_list.h"

#include <algorithm>
#include <span>

#include "client/capi/anchor.h"
#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"
#include "client/core/memory_list.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

/// Keys into the caller's buffers, one behind the other.
class KeyWriter {
 public:
  explicit KeyWriter(const KeyListArguments& arguments) : kds_(arguments.kds, *arguments.nr) {
    const d_sg_list_t& sgl = *arguments.sgl;
    for (const d_iov_t& iov : std::span(sgl.sg_iovs, sgl.sg_nr)) memory_.add(iov.iov_buf, iov.iov_buf_len);
  }
  uint32_t count() const { return count_; }
  uint32_t keys_left() const { return static_cast<uint32_t>(kds_.size()) - count_; }
  uint64_t bytes_left() const { return memory_.size() - used_; }
  void add(ByteSpan key) {
    memory_.write(used_, key);
    used_ += key.size();
    kds_[count_++] = {.kd_key_len = key.size(), .kd_val_type = 0};
  }
  void finish(d_sg_list_t& sgl) const {
    uint64_t at = 0;
    sgl.sg_nr_out = 0;
    for (uint32_t i = 0; i < sgl.sg_nr && at < used_; i++) {
      d_iov_t& iov = sgl.sg_iovs[i];
      iov.iov_len = std::min<uint64_t>(iov.iov_buf_len, used_ - at);
      at += iov.iov_len;
      sgl.sg_nr_out = i + 1;
    }
  }

 private:
  std::span<daos_key_desc_t> kds_;
  core::MemoryList memory_;
  uint64_t used_ = 0;
  uint32_t count_ = 0;
};

Task<Status> list_extents(core::Lane& lane, core::ObjectRef object, core::ExtentList list, daos_size_t* size,
                          uint32_t* nr, daos_recx_t* recxs, daos_epoch_range_t* eprs, daos_anchor_t* anchor,
                          runtime::StopToken stop) {
  const bool upwards = list.upwards;
  const uint32_t extents_max = list.extents_max;
  const messages::ExtentListReply reply =
      DX_CO_TRY(co_await core::list_extents(lane, std::move(object), std::move(list), stop));
  if (reply.extents.size() > extents_max) {
    co_return error(Code::kCorrupt, "{} extents came, {} were asked for", reply.extents.size(), extents_max);
  }
  *nr = static_cast<uint32_t>(reply.extents.size());
  if (size != nullptr) *size = reply.record_bytes;
  for (size_t i = 0; i < reply.extents.size(); i++) {
    const messages::ListedExtent& listed = reply.extents[i];
    if (recxs != nullptr) recxs[i] = {.rx_idx = listed.extent.start, .rx_nr = listed.extent.count};
    if (eprs != nullptr) eprs[i] = {.epr_lo = listed.epoch, .epr_hi = listed.epoch};
  }
  if (reply.end || reply.extents.empty()) {
    end_anchor(*anchor);
    co_return Status();
  }
  const messages::Extent& last = reply.extents.back().extent;
  const uint64_t next = upwards ? last.start + last.count : last.start;
  anchor->da_type = DAOS_ANCHOR_TYPE_HKEY;
  std::memcpy(anchor->da_buf, &next, sizeof next);
  co_return Status();
}

uint64_t extent_position(const daos_anchor_t& anchor, bool upwards) {
  if (anchor.da_type == DAOS_ANCHOR_TYPE_ZERO) return upwards ? 0 : ~0ULL;
  uint64_t position = 0;
  std::memcpy(&position, anchor.da_buf, sizeof position);
  return position;
}

/// Where `key` is, or would be; behind the last one if nothing follows.
Task<Status> find_position(core::Lane& lane, core::ObjectRef object, core::KeyList list, daos_anchor_t* anchor,
                           runtime::StopToken stop) {
  const bool dkeys = list.dkey.empty();
  uint32_t group = dkeys ? object->group_of(list.from.bytes()).value() : 0;
  for (;;) {
    list.group = classes::GroupIndex(group);
    list.keys_max = 0;  // only whether there are any
    list.bytes_max = 0;
    const messages::KeyListReply reply = DX_CO_TRY(co_await core::list_keys(lane, object, list, stop));
    if (!reply.end) {
      *anchor = {};
      move_anchor(*anchor, group, reply.anchor);
      co_return Status();
    }
    if (!dkeys || ++group >= object->group_count()) break;
    list.from = {};
  }
  *anchor = {};
  end_anchor(*anchor);
  co_return Status();
}

}  // namespace

Status capi::check_list(const KeyListArguments& arguments) {
  const auto& [nr, kds, sgl, anchor] = arguments;
  if (nr == nullptr || *nr == 0 || kds == nullptr || sgl == nullptr || anchor == nullptr) {
    return Status(Code::kInvalid);
  }
  if (sgl->sg_nr > 0 && sgl->sg_iovs == nullptr) return Status(Code::kInvalid);
  for (const d_iov_t& iov : std::span(sgl->sg_iovs, sgl->sg_nr)) {
    if (iov.iov_buf_len > 0 && iov.iov_buf == nullptr) return Status(Code::kInvalid);
  }
  return {};
}

Task<Status> capi::list_keys(core::Lane& lane, core::ObjectRef object, IoBuf dkey, KeyListArguments arguments,
                             runtime::StopToken stop) {
  if (daos_anchor_is_eof(arguments.anchor)) {
    *arguments.nr = 0;
    co_return Status();
  }
  const bool dkeys = dkey.empty();
  const bool one_group = !dkeys || (arguments.anchor->da_flags & kOneGroup) != 0;
  uint32_t group = arguments.anchor->da_shard;
  if (dkeys && group >= object->group_count()) co_return Status(Code::kInvalid);  // of another object
  messages::AnchorBytes position = position_in_group(*arguments.anchor);
  KeyWriter writer(arguments);
  bool end = false;
  while (!end && writer.keys_left() > 0) {
    const messages::KeyListReply reply = DX_CO_TRY(co_await core::list_keys(lane, object,
                                                                            {.group = classes::GroupIndex(group),
                                                                             .dkey = dkey,
                                                                             .anchor = position,
                                                                             .from = {},
                                                                             .keys_max = writer.keys_left(),
                                                                             .bytes_max = writer.bytes_left()},
                                                                            stop));
    if (reply.first_bytes > 0) {
      if (writer.count() > 0) break;  // it begins the next batch
      arguments.kds[0] = {.kd_key_len = reply.first_bytes, .kd_val_type = 0};
      *arguments.nr = 0;
      co_return Status(Code::kKeyTooBig);
    }
    uint64_t bytes = 0;
    for (const IoBuf& key : reply.keys) bytes += key.size();
    if (reply.keys.size() > writer.keys_left() || bytes > writer.bytes_left()) {
      co_return error(Code::kCorrupt, "{} keys of {} bytes came, {} of {} were asked for", reply.keys.size(), bytes,
                      writer.keys_left(), writer.bytes_left());
    }
    for (const IoBuf& key : reply.keys) writer.add(key.bytes());
    position = reply.anchor;
    if (!reply.end) continue;
    position = {};
    end = one_group || ++group >= object->group_count();
  }
  *arguments.nr = writer.count();
  writer.finish(*arguments.sgl);
  if (end) {
    end_anchor(*arguments.anchor);
  } else {
    move_anchor(*arguments.anchor, group, position);
  }
  co_return Status();
}

int daos_obj_list_dkey(daos_handle_t oh, daos_handle_t th, uint32_t* nr, daos_key_desc_t* kds, d_sg_list_t* sgl,
                       daos_anchor_t* anchor, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const KeyListArguments arguments{nr, kds, sgl, anchor};
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_list(arguments));
    return capi::list_keys(call.lane, std::move(object), {}, arguments, call.stop);
  });
}

int daos_obj_list_akey(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, uint32_t* nr, daos_key_desc_t* kds,
                       d_sg_list_t* sgl, daos_anchor_t* anchor, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const KeyListArguments arguments{nr, kds, sgl, anchor};
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_key(dkey, classes::dkey_kind(object->id().type())));
    DX_TRY(check_list(arguments));
    return capi::list_keys(call.lane, std::move(object), DX_TRY(copy_key(*dkey)), arguments, call.stop);
  });
}

int daos_obj_list_recx(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, daos_key_t* akey, daos_size_t* size,
                       uint32_t* nr, daos_recx_t* recxs, daos_epoch_range_t* eprs, daos_anchor_t* anchor,
                       bool incr_order, daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    DX_TRY(check_key(dkey, classes::dkey_kind(object->id().type())));
    DX_TRY(check_key(akey, classes::akey_kind(object->id().type())));
    if (nr == nullptr || *nr == 0 || anchor == nullptr) return Status(Code::kInvalid);
    if (daos_anchor_is_eof(anchor)) {
      *nr = 0;
      if (size != nullptr) *size = 0;
      return []() -> Task<Status> { co_return Status(); }();
    }
    core::ExtentList list{.dkey = DX_TRY(copy_key(*dkey)),
                          .akey = DX_TRY(copy_key(*akey)),
                          .from = extent_position(*anchor, incr_order),
                          .upwards = incr_order,
                          .extents_max = *nr};
    return list_extents(call.lane, std::move(object), std::move(list), size, nr, recxs, eprs, anchor, call.stop);
  });
}

int daos_obj_anchor_split(daos_handle_t oh, uint32_t* nr, daos_anchor_t* anchors) {
  return local_call(nullptr, [&](Library& library) -> Status {
    const core::ObjectRef object = DX_TRY(find_object(library, oh, DAOS_TX_NONE));
    if (nr == nullptr || (*nr != 0 && *nr != object->group_count())) return Status(Code::kInvalid);
    const uint32_t room = *nr;
    *nr = object->group_count();
    if (anchors == nullptr) return {};
    for (uint32_t group = 0; group < room; group++) {
      anchors[group] = {};
      anchors[group].da_shard = static_cast<uint16_t>(group);
      anchors[group].da_flags = kOneGroup;
    }
    return {};
  });
}

int daos_obj_anchor_set(daos_handle_t oh, uint32_t index, daos_anchor_t* anchor) {
  return local_call(nullptr, [&](Library& library) -> Status {
    const core::ObjectRef object = DX_TRY(find_object(library, oh, DAOS_TX_NONE));
    if (anchor == nullptr || index >= object->group_count()) return Status(Code::kInvalid);
    *anchor = {};
    anchor->da_shard = static_cast<uint16_t>(index);
    anchor->da_flags = kOneGroup;
    return {};
  });
}

int daos_obj_key2anchor(daos_handle_t oh, daos_handle_t th, daos_key_t* dkey, daos_key_t* akey, daos_anchor_t* anchor,
                        daos_event_t* ev) {
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, th));
    const classes::ObjectType type = object->id().type();
    DX_TRY(check_key(dkey, classes::dkey_kind(type)));
    if (akey != nullptr) DX_TRY(check_key(akey, classes::akey_kind(type)));
    if (anchor == nullptr) return Status(Code::kInvalid);
    core::KeyList list;
    if (akey != nullptr) list.dkey = DX_TRY(copy_key(*dkey));
    list.from = DX_TRY(copy_key(akey != nullptr ? *akey : *dkey));
    return find_position(call.lane, std::move(object), std::move(list), anchor, call.stop);
  });
}
