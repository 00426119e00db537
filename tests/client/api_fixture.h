// What tests of the C API share: a container of its own for each test, and short forms of calls on keys.
#pragma once

#include <daos.h>
#include <gtest/gtest.h>
#include <gurt/common.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace api_test {

inline daos_key_t key_of(const std::string& text) { return {const_cast<char*>(text.data()), text.size(), text.size()}; }
daos_key_t key_of(std::string&&) = delete;  // it would point at what is gone
template <size_t N>
daos_key_t key_of(const char (&text)[N]) {
  return {const_cast<char*>(text), N - 1, N - 1};
}
inline daos_key_t key_of(const uint64_t& number) {
  return {const_cast<uint64_t*>(&number), sizeof number, sizeof number};
}

/// Connected to the pool "tank", with a container that goes with the test.
class ApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool_, nullptr, nullptr), 0);
    uuid_t uuid;
    ASSERT_EQ(daos_cont_create(pool_, &uuid, nullptr, nullptr), 0);
    uuid_unparse_lower(uuid, name_);
    ASSERT_EQ(daos_cont_open(pool_, name_, DAOS_COO_RW, &container_, nullptr, nullptr), 0);
  }
  void TearDown() override {
    if (daos_handle_is_valid(container_)) EXPECT_EQ(daos_cont_close(container_, nullptr), 0);
    EXPECT_EQ(daos_cont_destroy(pool_, name_, 1, nullptr), 0);
    EXPECT_EQ(daos_pool_disconnect(pool_, nullptr), 0);
    EXPECT_EQ(daos_fini(), 0);
  }

  daos_obj_id_t new_id(daos_otype_t type, daos_oclass_id_t cid = OC_SX) {
    daos_obj_id_t oid = {next_++, 0};
    EXPECT_EQ(daos_obj_generate_oid(container_, &oid, type, cid, 0, 0), 0);
    return oid;
  }
  daos_handle_t open(daos_obj_id_t oid, unsigned mode = DAOS_OO_RW) {
    daos_handle_t object = DAOS_HDL_INVAL;
    EXPECT_EQ(daos_obj_open(container_, oid, mode, &object, nullptr), 0);
    return object;
  }
  daos_handle_t new_object(daos_otype_t type = DAOS_OT_MULTI_HASHED, daos_oclass_id_t cid = OC_SX) {
    return open(new_id(type, cid));
  }

  daos_handle_t pool_ = DAOS_HDL_INVAL, container_ = DAOS_HDL_INVAL;
  char name_[DAOS_UUID_STR_SIZE];
  uint64_t next_ = 1;
};

/// A single value; its bytes.
inline int put(daos_handle_t oh, daos_key_t dkey, daos_key_t akey, const std::string& value, uint64_t flags = 0) {
  daos_iod_t iod{};
  iod.iod_name = akey;
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_size = value.size();
  iod.iod_nr = 1;
  d_iov_t iov = key_of(value);
  d_sg_list_t sgl{1, 0, &iov};
  return daos_obj_update(oh, DAOS_TX_NONE, flags, &dkey, 1, &iod, value.empty() ? nullptr : &sgl, nullptr);
}
inline int put(daos_handle_t oh, const std::string& dkey, const std::string& akey, const std::string& value,
               uint64_t flags = 0) {
  return put(oh, key_of(dkey), key_of(akey), value, flags);
}
/// The value; "" without one; "rc N" for an error.
inline std::string get(daos_handle_t oh, const std::string& dkey, const std::string& akey, uint64_t flags = 0) {
  char buffer[256];
  daos_key_t key = key_of(dkey);
  daos_iod_t iod{};
  iod.iod_name = key_of(akey);
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_nr = 1;
  d_iov_t iov{buffer, sizeof buffer, 0};
  d_sg_list_t sgl{1, 0, &iov};
  const int rc = daos_obj_fetch(oh, DAOS_TX_NONE, flags, &key, 1, &iod, &sgl, nullptr, nullptr);
  return rc != 0 ? "rc " + std::to_string(rc) : std::string(buffer, iod.iod_size);
}
/// Records [start, start + value's) of an array with `record` bytes each.
inline int write_at(daos_handle_t oh, daos_key_t dkey, daos_key_t akey, uint64_t start, const std::string& value,
                    uint64_t record = 1, uint64_t flags = 0) {
  daos_recx_t extent{start, value.size() / record};
  daos_iod_t iod{};
  iod.iod_name = akey;
  iod.iod_type = DAOS_IOD_ARRAY;
  iod.iod_size = record;
  iod.iod_nr = 1;
  iod.iod_recxs = &extent;
  d_iov_t iov = key_of(value);
  d_sg_list_t sgl{1, 0, &iov};
  return daos_obj_update(oh, DAOS_TX_NONE, flags, &dkey, 1, &iod, &sgl, nullptr);
}
inline int write_at(daos_handle_t oh, const std::string& dkey, const std::string& akey, uint64_t start,
                    const std::string& value, uint64_t record = 1, uint64_t flags = 0) {
  return write_at(oh, key_of(dkey), key_of(akey), start, value, record, flags);
}
inline int remove_at(daos_handle_t oh, daos_key_t dkey, daos_key_t akey, uint64_t start, uint64_t count) {
  daos_recx_t extent{start, count};
  daos_iod_t iod{};
  iod.iod_name = akey;
  iod.iod_type = DAOS_IOD_ARRAY;
  iod.iod_nr = 1;
  iod.iod_recxs = &extent;
  return daos_obj_update(oh, DAOS_TX_NONE, 0, &dkey, 1, &iod, nullptr, nullptr);
}
inline int punch_dkey(daos_handle_t oh, const std::string& dkey, uint64_t flags = 0) {
  daos_key_t key = key_of(dkey);
  return daos_obj_punch_dkeys(oh, DAOS_TX_NONE, flags, 1, &key, nullptr);
}
inline int punch_akeys(daos_handle_t oh, const std::string& dkey, const std::vector<std::string>& akeys,
                       uint64_t flags = 0) {
  daos_key_t key = key_of(dkey);
  std::vector<daos_key_t> keys;
  for (const std::string& akey : akeys) keys.push_back(key_of(akey));
  return daos_obj_punch_akeys(oh, DAOS_TX_NONE, flags, &key, static_cast<unsigned>(keys.size()), keys.data(), nullptr);
}

using Ranges = std::vector<std::pair<uint64_t, uint64_t>>;
/// Neighbours as one, by rising index.
inline Ranges merged(Ranges ranges) {
  std::ranges::sort(ranges);
  Ranges all;
  for (const auto& [start, count] : ranges) {
    if (!all.empty() && all.back().first + all.back().second == start) {
      all.back().second += count;
    } else {
      all.emplace_back(start, count);
    }
  }
  return all;
}

/// How much room an enumeration gives in each call.
struct Room {
  uint32_t keys = 64;
  std::vector<size_t> iovs = {4096};
};
/// The keys of one call.
inline int list_once(daos_handle_t oh, const std::string* dkey, daos_anchor_t* anchor, const Room& room,
                     std::vector<std::string>& found) {
  std::vector<daos_key_desc_t> kds(room.keys);
  std::vector<std::vector<char>> memory;
  std::vector<d_iov_t> iovs;
  for (const size_t bytes : room.iovs) {
    memory.emplace_back(bytes + 1);
    iovs.push_back({memory.back().data(), bytes, 0});
  }
  d_sg_list_t sgl{static_cast<uint32_t>(iovs.size()), 0, iovs.data()};
  uint32_t nr = room.keys;
  daos_key_t key = dkey != nullptr ? key_of(*dkey) : daos_key_t{};
  const int rc = dkey != nullptr ? daos_obj_list_akey(oh, DAOS_TX_NONE, &key, &nr, kds.data(), &sgl, anchor, nullptr)
                                 : daos_obj_list_dkey(oh, DAOS_TX_NONE, &nr, kds.data(), &sgl, anchor, nullptr);
  if (rc != 0) return rc == -DER_KEY2BIG ? static_cast<int>(kds[0].kd_key_len) : rc;
  std::string packed;
  for (size_t i = 0; i < iovs.size(); i++) packed.append(memory[i].data(), iovs[i].iov_buf_len);
  size_t at = 0;
  for (uint32_t i = 0; i < nr; i++) {
    found.push_back(packed.substr(at, kds[i].kd_key_len));
    at += kds[i].kd_key_len;
  }
  return 0;
}
inline std::vector<std::string> list_from(daos_handle_t oh, const std::string* dkey, daos_anchor_t anchor,
                                          const Room& room = {}) {
  std::vector<std::string> found;
  for (int calls = 0; !daos_anchor_is_eof(&anchor); calls++) {
    const int rc = list_once(oh, dkey, &anchor, room, found);
    if (rc != 0 || calls > 100'000) {
      ADD_FAILURE() << "an enumeration ended with " << rc << " after " << calls << " calls";
      break;
    }
  }
  return found;
}
inline std::vector<std::string> list_dkeys(daos_handle_t oh, const Room& room = {}) {
  return list_from(oh, nullptr, {}, room);
}
inline std::vector<std::string> list_akeys(daos_handle_t oh, const std::string& dkey, const Room& room = {}) {
  return list_from(oh, &dkey, {}, room);
}

}  // namespace api_test
