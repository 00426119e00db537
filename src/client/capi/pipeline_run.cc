// daos_pipeline_run: filters and aggregations over the dkeys of an object, evaluated here. Keys are listed in batches,
// what the conditions look at is fetched for each key of a batch at once.
//
// Without aggregation a call stays in one group and returns up to the keys that it has room for; a batch is never
// larger than that room, so that the anchor stands behind what was returned. With aggregation a call goes to the end of
// the anchor, since the mean of several groups cannot be had from theirs.
#include <daos_pipeline.h>

#include <cstring>
#include <span>

#include "client/capi/anchor.h"
#include "client/capi/api_call.h"
#include "client/capi/handles.h"
#include "client/capi/object_io.h"
#include "client/capi/pipeline_evaluate.h"
#include "client/capi/pipeline_parts.h"

using namespace daos;        // NOLINT: a file of C entry points
using namespace daos::capi;  // NOLINT
using runtime::Task;

namespace {

constexpr uint32_t kBatchKeys = 32;
constexpr uint64_t kBatchBytes = 1u << 20;  // of keys

struct Arguments {
  daos_pipeline_t* pipeline;
  uint32_t* nr_iods;
  daos_iod_t* iods;
  daos_anchor_t* anchor;
  uint32_t* nr_kds;
  daos_key_desc_t* kds;
  d_sg_list_t* sgl_keys;
  d_sg_list_t* sgl_recx;
  daos_size_t* recx_size;
  d_sg_list_t* sgl_agg;
  daos_pipeline_stats_t* stats;

  std::span<daos_iod_t> iods_span() const { return {iods, *nr_iods}; }
  bool aggregates() const { return pipeline->num_aggr_filters > 0; }
};

bool is_usable(const d_sg_list_t* sgl) {
  if (sgl == nullptr || (sgl->sg_nr > 0 && sgl->sg_iovs == nullptr)) return false;
  for (const d_iov_t& iov : std::span(sgl->sg_iovs, sgl->sg_nr)) {
    if (iov.iov_buf_len > 0 && iov.iov_buf == nullptr) return false;
  }
  return true;
}

Status check(const Arguments& a, classes::ObjectType type) {
  if (a.nr_iods == nullptr || a.anchor == nullptr || a.nr_kds == nullptr) return Status(Code::kInvalid);
  if (*a.nr_iods > 0 && a.iods == nullptr) return Status(Code::kInvalid);
  for (const daos_iod_t& iod : a.iods_span()) {
    DX_TRY(check_key(&iod.iod_name, classes::akey_kind(type)));
    const bool array = iod.iod_type == DAOS_IOD_ARRAY && iod.iod_nr > 0 && iod.iod_recxs != nullptr && iod.iod_size > 0;
    if (!array && (iod.iod_type != DAOS_IOD_SINGLE || iod.iod_nr != 1)) return Status(Code::kInvalid);
  }
  if (*a.nr_kds > 0 && (a.kds == nullptr || !is_usable(a.sgl_keys) || !is_usable(a.sgl_recx))) {
    return Status(Code::kInvalid);
  }
  if (!a.aggregates()) return *a.nr_kds > 0 ? Status() : Status(Code::kInvalid);  // else no call would get anywhere
  if (!is_usable(a.sgl_agg) || a.sgl_agg->sg_nr != a.pipeline->num_aggr_filters) return Status(Code::kInvalid);
  for (const d_iov_t& iov : std::span(a.sgl_agg->sg_iovs, a.sgl_agg->sg_nr)) {
    if (iov.iov_buf_len < sizeof(double)) return Status(Code::kInvalid);
  }
  return {};
}

/// Puts one item after the other into a scatter list, none across two pieces.
class Packer {
 public:
  explicit Packer(d_sg_list_t* sgl) : sgl_(sgl) {
    for (d_iov_t& iov : std::span(sgl->sg_iovs, sgl->sg_nr)) iov.iov_len = 0;
    sgl->sg_nr_out = 0;
  }
  /// kRecordTooBig.
  Status add(ByteSpan item) {
    if (item.empty()) return {};
    while (at_ < sgl_->sg_nr && sgl_->sg_iovs[at_].iov_buf_len - sgl_->sg_iovs[at_].iov_len < item.size()) at_++;
    if (at_ == sgl_->sg_nr) return Status(Code::kRecordTooBig);
    d_iov_t& iov = sgl_->sg_iovs[at_];
    std::memcpy(static_cast<std::byte*>(iov.iov_buf) + iov.iov_len, item.data(), item.size());
    iov.iov_len += item.size();
    sgl_->sg_nr_out = at_ + 1;
    return {};
  }

 private:
  d_sg_list_t* sgl_;
  uint32_t at_ = 0;
};

uint64_t records_of(const daos_iod_t& iod) {
  uint64_t records = 0;
  for (const daos_recx_t& extent : std::span(iod.iod_recxs, iod.iod_nr)) records += extent.rx_nr;
  return records;
}

Result<core::Fetch> fetch_of(const Arguments& a, IoBuf dkey) {
  core::Fetch fetch{.dkey = std::move(dkey), .akeys = {}};
  for (const daos_iod_t& iod : a.iods_span()) {
    messages::AkeyFetch& akey = fetch.akeys.emplace_back();
    akey.akey = DX_TRY(copy_key(iod.iod_name));
    akey.kind = static_cast<messages::ValueKind>(iod.iod_type);
    akey.bytes_max = iod.iod_size;
    if (iod.iod_type != DAOS_IOD_ARRAY) continue;
    if (records_of(iod) > core::kRequestBytesMax / iod.iod_size) return Status(Code::kRecordTooBig);
    akey.bytes_max *= records_of(iod);
    for (const daos_recx_t& extent : std::span(iod.iod_recxs, iod.iod_nr)) {
      akey.extents.push_back({.start = extent.rx_idx, .count = extent.rx_nr});
    }
  }
  return fetch;
}

/// What was found, laid out as the extents were asked for.
Result<IoBuf> lay_out(const daos_iod_t& iod, messages::FetchedValue& value) {
  if (value.record_bytes > iod.iod_size) return Status(Code::kRecordTooBig);
  if (iod.iod_type == DAOS_IOD_SINGLE || value.record_bytes == 0) return std::move(value.value);
  IoBuf bytes = DX_TRY(IoBuf::allocate(records_of(iod) * value.record_bytes));
  std::memset(bytes.data(), 0, bytes.size());
  uint64_t from = 0;
  for (const messages::Extent& run : value.extents) {
    uint64_t before = 0;
    for (const daos_recx_t& extent : std::span(iod.iod_recxs, iod.iod_nr)) {
      if (run.start >= extent.rx_idx && run.start - extent.rx_idx < extent.rx_nr) {
        const uint64_t to = (before + run.start - extent.rx_idx) * value.record_bytes;
        const uint64_t length = run.count * value.record_bytes;
        if (length > bytes.size() - to || length > value.value.size() - from) {
          return error(Code::kCorrupt, "{} bytes came of {}", length, bytes.size() - to);
        }
        std::memcpy(bytes.data() + to, value.value.data() + from, length);
        from += length;
        break;
      }
      before += extent.rx_nr;
    }
  }
  return bytes;
}

/// A dkey with what was read of it.
struct Found {
  IoBuf dkey;
  std::vector<messages::FetchedValue> fetched;
  std::vector<IoBuf> bytes;
  PipelineRow row;
};

Status make_row(const Arguments& a, Found& found) {
  found.row.dkey = found.dkey.bytes();
  const std::span<daos_iod_t> iods = a.iods_span();
  for (size_t i = 0; i < iods.size(); i++) {
    messages::FetchedValue& value = found.fetched[i];
    const bool array = iods[i].iod_type == DAOS_IOD_ARRAY;
    const uint64_t record_bytes = value.record_bytes;
    const bool there = record_bytes > 0;
    found.bytes.push_back(DX_TRY(lay_out(iods[i], value)));
    PipelineValue& seen = found.row.values.emplace_back();
    seen.akey = ByteSpan(static_cast<const std::byte*>(iods[i].iod_name.iov_buf), iods[i].iod_name.iov_len);
    seen.there = there;
    seen.bytes = found.bytes.back().bytes();
    if (!array || !there) continue;
    seen.record_bytes = record_bytes;
    seen.records.assign(iods[i].iod_recxs, iods[i].iod_recxs + iods[i].iod_nr);
  }
  return {};
}

Task<Status> read_row(core::Lane& lane, core::ObjectRef object, const Arguments& a, Found& found,
                      runtime::StopToken stop) {
  core::Fetch fetch = DX_CO_TRY(fetch_of(a, found.dkey));
  found.fetched = DX_CO_TRY(co_await core::fetch_object(lane, std::move(object), std::move(fetch), stop));
  co_return make_row(a, found);
}

/// One call: where it is, and what it has returned so far.
class Run {
 public:
  Run(core::ObjectRef object, const Arguments& a)
      : object_(std::move(object)),
        a_(a),
        room_(*a.nr_kds),
        group_(a.anchor->da_shard),
        position_(position_in_group(*a.anchor)) {
    for (const daos_filter_t* filter : std::span(a.pipeline->aggr_filters, a.pipeline->num_aggr_filters)) {
      aggregates_.emplace_back(*filter);
    }
    if (room_ == 0) return;
    keys_.emplace(a.sgl_keys);
    values_.emplace(a.sgl_recx);
  }

  Task<Status> run(core::Lane& lane, runtime::StopToken stop) {
    const bool one_group = (a_.anchor->da_flags & kOneGroup) != 0;
    while (!end_ && (a_.aggregates() || returned_ < room_)) {
      const bool group_ended = DX_CO_TRY(co_await batch(lane, stop));
      if (!group_ended) continue;
      position_ = {};
      end_ = one_group || ++group_ >= object_->group_count();
      if (!a_.aggregates()) break;
    }
    finish();
    co_return Status();
  }

 private:
  /// Whether the group is at its end.
  Task<Result<bool>> batch(core::Lane& lane, runtime::StopToken stop) {
    core::KeyList list{
        .group = classes::GroupIndex(group_), .anchor = position_, .keys_max = kBatchKeys, .bytes_max = kBatchBytes};
    if (!a_.aggregates()) list.keys_max = std::min(kBatchKeys, room_ - returned_);
    messages::KeyListReply reply = DX_CO_TRY(co_await core::list_keys(lane, object_, std::move(list), stop));
    if (reply.first_bytes > 0) co_return Status(Code::kRecordTooBig);
    std::vector<Found> rows(reply.keys.size());
    runtime::Scope scope(lane.reactor());
    for (size_t i = 0; i < rows.size(); i++) {
      rows[i].dkey = std::move(reply.keys[i]);
      scope.spawn(read_row(lane, object_, a_, rows[i], stop));
    }
    DX_CO_TRY(co_await scope.join());
    for (const Found& found : rows) DX_CO_TRY(look_at(found));
    looked_at_ += rows.size();
    position_ = reply.anchor;
    co_return reply.end;
  }

  Status look_at(const Found& found) {
    if (!DX_TRY(matches(*a_.pipeline, found.row))) return {};
    for (Aggregate& aggregate : aggregates_) DX_TRY(aggregate.add(found.row));
    // Of an aggregation the first key stands for all.
    if (room_ == 0 || (a_.aggregates() && returned_ > 0)) return {};
    DX_TRY(keys_->add(found.row.dkey));
    a_.kds[returned_] = {.kd_key_len = found.row.dkey.size(), .kd_val_type = 0};
    for (size_t i = 0; i < found.row.values.size(); i++) {
      DX_TRY(values_->add(found.row.values[i].bytes));
      if (a_.recx_size != nullptr)
        a_.recx_size[returned_ * found.row.values.size() + i] = found.row.values[i].bytes.size();
    }
    returned_++;
    return {};
  }

  void finish() {
    for (size_t i = 0; i < aggregates_.size(); i++) {
      const double result = aggregates_[i].result();
      d_iov_t& iov = a_.sgl_agg->sg_iovs[i];
      std::memcpy(iov.iov_buf, &result, sizeof result);
      iov.iov_len = sizeof result;
    }
    if (a_.aggregates()) a_.sgl_agg->sg_nr_out = a_.sgl_agg->sg_nr;
    if (a_.stats != nullptr) a_.stats->nr_dkeys += looked_at_;
    *a_.nr_iods *= returned_;
    *a_.nr_kds = returned_;
    if (end_) {
      end_anchor(*a_.anchor);
    } else {
      move_anchor(*a_.anchor, group_, position_);
    }
  }

  core::ObjectRef object_;
  const Arguments a_;
  const uint32_t room_;
  uint32_t group_;
  messages::AnchorBytes position_;
  std::vector<Aggregate> aggregates_;
  std::optional<Packer> keys_, values_;
  uint32_t returned_ = 0;
  uint64_t looked_at_ = 0;
  bool end_ = false;
};

Task<Status> run_pipeline(core::Lane& lane, core::ObjectRef object, Arguments arguments, runtime::StopToken stop) {
  Run run(std::move(object), arguments);
  Status done = co_await run.run(lane, stop);
  co_return done;
}

}  // namespace

int daos_pipeline_run(daos_handle_t coh, daos_handle_t oh, daos_pipeline_t* pipeline, daos_handle_t th, uint64_t flags,
                      daos_key_t* dkey, uint32_t* nr_iods, daos_iod_t* iods, daos_anchor_t* anchor, uint32_t* nr_kds,
                      daos_key_desc_t* kds, d_sg_list_t* sgl_keys, d_sg_list_t* sgl_recx, daos_size_t* recx_size,
                      d_sg_list_t* sgl_agg, daos_pipeline_stats_t* stats, daos_event_t* ev) {
  (void)coh, (void)th, (void)flags;  // reads the latest state of an object, which knows its container
  if (const int rc = daos_pipeline_check(pipeline); rc != 0) return rc;
  if (pipeline->version != kPipelineVersion) return -DER_MISMATCH;
  if (dkey != nullptr) return -DER_NOSYS;
  const Library* current = Library::current();
  if (current == nullptr) return -DER_UNINIT;
  if (!current->world().pipelines) return -DER_UNREG;
  return api_call(ev, [&](Call& call) -> Result<Task<Status>> {
    const Arguments arguments{pipeline, nr_iods,  iods,      anchor,  nr_kds, kds,
                              sgl_keys, sgl_recx, recx_size, sgl_agg, stats};
    core::ObjectRef object = DX_TRY(find_object(call.library, oh, DAOS_TX_NONE));
    DX_TRY(check(arguments, object->id().type()));
    if (daos_anchor_is_eof(anchor) || *nr_iods == 0) {
      *nr_kds = 0;
      *nr_iods = 0;
      end_anchor(*anchor);
      return []() -> Task<Status> { co_return Status(); }();
    }
    if (anchor->da_shard >= object->group_count()) return Status(Code::kInvalid);  // of another object
    return run_pipeline(call.lane, std::move(object), arguments, call.stop);
  });
}
