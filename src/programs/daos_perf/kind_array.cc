#include <daos_array.h>

#include <algorithm>

#include "programs/daos_perf/kind.h"

namespace daos::perf {
namespace {

constexpr daos_size_t kChunkBytes = 1 << 20;

/// Value i of a client stands at bytes [i * size, (i + 1) * size) of the client's own array.
class ArrayRequest : public Request {
 public:
  ArrayRequest(daos_handle_t object, std::span<std::byte> value) : object_(object), value_(value) {
    d_iov_set(&iov_, value.data(), value.size());
    sgl_ = {.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &iov_};
    iod_.arr_nr = 1;
    iod_.arr_rgs = &range_;
  }
  int update(uint64_t key, daos_event_t* event) override {
    prepare(key);
    return daos_array_write(object_, DAOS_TX_NONE, &iod_, &sgl_, event);
  }
  int fetch(uint64_t key, daos_event_t* event) override {
    prepare(key);
    std::ranges::fill(value_, std::byte{0});  // a hole leaves the buffer as it is
    return daos_array_read(object_, DAOS_TX_NONE, &iod_, &sgl_, event);
  }
  uint64_t found_bytes() const override {
    const bool hole = std::ranges::all_of(value_, [](std::byte b) { return b == std::byte{0}; });
    return hole ? 0 : value_.size();
  }

 private:
  void prepare(uint64_t key) {
    range_ = {.rg_idx = (key & UINT32_MAX) * value_.size(), .rg_len = value_.size()};
    iov_.iov_len = value_.size();
  }
  daos_handle_t object_;
  std::span<std::byte> value_;
  daos_range_t range_{};
  daos_array_iod_t iod_{};
  d_iov_t iov_{};
  d_sg_list_t sgl_{};
};

class Array : public Kind {
 public:
  explicit Array(daos_handle_t object) : object_(object) {}
  ~Array() override { from_api(daos_array_close(object_, nullptr)).ignore("the process ends"); }
  std::unique_ptr<Request> request(std::span<std::byte> value) override {
    return std::make_unique<ArrayRequest>(object_, value);
  }

 private:
  daos_handle_t object_;
};

}  // namespace

Result<std::unique_ptr<Kind>> open_array(daos_handle_t container, const Plan& plan, uint32_t client) {
  daos_obj_id_t id = {.lo = plan.object << 32 | client, .hi = 0};
  DX_TRY(from_api(daos_obj_generate_oid(container, &id, DAOS_OT_ARRAY_BYTE, plan.class_id, 0, 0)));
  daos_handle_t object = DAOS_HDL_INVAL;
  DX_TRY(
      from_api(daos_array_open_with_attr(container, id, DAOS_TX_NONE, DAOS_OO_RW, 1, kChunkBytes, &object, nullptr)));
  return std::unique_ptr<Kind>(std::make_unique<Array>(object));
}

}  // namespace daos::perf
