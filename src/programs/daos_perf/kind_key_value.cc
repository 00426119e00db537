#include <daos_kv.h>

#include "programs/daos_perf/kind.h"

namespace daos::perf {
namespace {

/// Key: the number in 16 hexadecimal digits.
class KeyValueRequest : public Request {
 public:
  KeyValueRequest(daos_handle_t object, std::span<std::byte> value) : object_(object), value_(value) {}
  int update(uint64_t key, daos_event_t* event) override {
    name_ = fmt::format("{:016x}", key);
    return daos_kv_put(object_, DAOS_TX_NONE, 0, name_.c_str(), value_.size(), value_.data(), event);
  }
  int fetch(uint64_t key, daos_event_t* event) override {
    name_ = fmt::format("{:016x}", key);
    found_ = value_.size();
    return daos_kv_get(object_, DAOS_TX_NONE, 0, name_.c_str(), &found_, value_.data(), event);
  }
  uint64_t found_bytes() const override { return found_; }

 private:
  daos_handle_t object_;
  std::span<std::byte> value_;
  std::string name_;
  daos_size_t found_ = 0;
};

class KeyValue : public Kind {
 public:
  explicit KeyValue(daos_handle_t object) : object_(object) {}
  ~KeyValue() override { from_api(daos_kv_close(object_, nullptr)).ignore("the process ends"); }
  std::unique_ptr<Request> request(std::span<std::byte> value) override {
    return std::make_unique<KeyValueRequest>(object_, value);
  }

 private:
  daos_handle_t object_;
};

}  // namespace

Result<std::unique_ptr<Kind>> open_key_value(daos_handle_t container, const Plan& plan) {
  daos_obj_id_t id = {.lo = plan.object, .hi = 0};
  DX_TRY(from_api(daos_obj_generate_oid(container, &id, DAOS_OT_KV_HASHED, plan.class_id, 0, 0)));
  daos_handle_t object = DAOS_HDL_INVAL;
  DX_TRY(from_api(daos_kv_open(container, id, DAOS_OO_RW, &object, nullptr)));
  return std::unique_ptr<Kind>(std::make_unique<KeyValue>(object));
}

}  // namespace daos::perf
