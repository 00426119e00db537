#include "programs/daos_perf/kind.h"

namespace daos::perf {
namespace {

/// Distribution key: the number's 8 bytes. Attribute key: "v".
class SingleRequest : public Request {
 public:
  SingleRequest(daos_handle_t object, std::span<std::byte> value) : object_(object), value_(value) {
    d_iov_set(&dkey_, &key_, sizeof key_);
    d_iov_set(&iod_.iod_name, akey_, sizeof akey_);
    iod_.iod_type = DAOS_IOD_SINGLE;
    iod_.iod_nr = 1;
    d_iov_set(&iov_, value.data(), value.size());
    sgl_ = {.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &iov_};
  }
  int update(uint64_t key, daos_event_t* event) override {
    prepare(key);
    return daos_obj_update(object_, DAOS_TX_NONE, 0, &dkey_, 1, &iod_, &sgl_, event);
  }
  int fetch(uint64_t key, daos_event_t* event) override {
    prepare(key);
    return daos_obj_fetch(object_, DAOS_TX_NONE, 0, &dkey_, 1, &iod_, &sgl_, nullptr, event);
  }
  uint64_t found_bytes() const override { return iod_.iod_size; }

 private:
  void prepare(uint64_t key) {
    key_ = key;
    iod_.iod_size = value_.size();
    iov_.iov_len = value_.size();
  }
  daos_handle_t object_;
  std::span<std::byte> value_;
  uint64_t key_ = 0;
  char akey_[1] = {'v'};
  daos_key_t dkey_{};
  daos_iod_t iod_{};
  d_iov_t iov_{};
  d_sg_list_t sgl_{};
};

class Single : public Kind {
 public:
  explicit Single(daos_handle_t object) : object_(object) {}
  ~Single() override { from_api(daos_obj_close(object_, nullptr)).ignore("the process ends"); }
  std::unique_ptr<Request> request(std::span<std::byte> value) override {
    return std::make_unique<SingleRequest>(object_, value);
  }

 private:
  daos_handle_t object_;
};

}  // namespace

Result<std::unique_ptr<Kind>> open_single(daos_handle_t container, const Plan& plan) {
  daos_obj_id_t id = {.lo = plan.object, .hi = 0};
  DX_TRY(from_api(daos_obj_generate_oid(container, &id, DAOS_OT_MULTI_HASHED, plan.class_id, 0, 0)));
  daos_handle_t object = DAOS_HDL_INVAL;
  DX_TRY(from_api(daos_obj_open(container, id, DAOS_OO_RW, &object, nullptr)));
  return std::unique_ptr<Kind>(std::make_unique<Single>(object));
}

}  // namespace daos::perf
