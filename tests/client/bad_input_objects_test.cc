// Wrong arguments of what reads and writes: objects, key-value stores, arrays. See bad_input_test.cc.
#include "bad_input_fixture.h"

namespace api_test {
namespace {

TEST_F(BadInput, Objects) {
  daos_obj_id_t oid{5, 0};
  TRY(daos_obj_generate_oid)
      .with(container(), needed(&oid),
            value<daos_otype_t>(DAOS_OT_MULTI_HASHED, {{static_cast<daos_otype_t>(99), -DER_INVAL}}),
            value<daos_oclass_id_t>(OC_S1, {{~0u, -DER_INVAL}, {1, -DER_INVAL}, {200u << 24 | 1, -DER_INVAL}}),
            fixed<daos_oclass_hints_t>(0), fixed(0u));
  EXPECT_EQ(daos_obj_generate_oid(container_, &oid, DAOS_OT_MULTI_HASHED, OC_UNKNOWN,
                                  DAOS_OCH_SHD_MAX | DAOS_OCH_SHD_TINY, 0),
            -DER_INVAL);
  daos_handle_t out;
  daos_obj_id_t no_class = object_id_;
  no_class.hi |= 0xffull << OID_FMT_CLASS_SHIFT;
  TRY(daos_obj_open)
      .with(container(), value<daos_obj_id_t>(object_id_, {{no_class, -DER_INVAL}, {daos_obj_id_t{}, -DER_INVAL}}),
            fixed<unsigned>(DAOS_OO_RW), needed(&out), event());
  EXPECT_EQ(daos_obj_close(out, nullptr), 0);
  TRY(daos_obj_close).only_wrong(object(), event());
  TRY(daos_obj_verify)
      .with(container(), value<daos_obj_id_t>(object_id_, {{no_class, -DER_INVAL}}),
            fixed<daos_epoch_t>(DAOS_EPOCH_MAX));
  daos_epoch_t epoch;
  TRY(daos_obj_query_max_epoch).with(object(), transaction(), needed(&epoch), event());
  d_rank_list_t ranks{};
  daos_obj_attr attr{};
  TRY(daos_obj_query).with_outcome(-DER_NOSYS, fixed(object_), fixed(&attr), fixed(&ranks), event());
  TRY(daos_obj_register_class)
      .with_outcome(-DER_NOSYS, fixed(container_), fixed<daos_oclass_id_t>(1), fixed<daos_oclass_attr*>(nullptr),
                    event());
  TRY(daos_obj_query_class)
      .with_outcome(-DER_NOSYS, fixed(container_), fixed<daos_oclass_id_t>(1), fixed<daos_oclass_attr*>(nullptr),
                    event());
  TRY(daos_obj_list_class)
      .with_outcome(-DER_NOSYS, fixed(container_), fixed<daos_oclass_list*>(nullptr), fixed<daos_anchor_t*>(nullptr),
                    event());

  uint32_t groups = 0;
  daos_anchor_t anchor{};
  TRY(daos_obj_anchor_split).with(object(), needed(&groups), optional<daos_anchor_t*>(nullptr));
  TRY(daos_obj_anchor_set)
      .with(object(), value<uint32_t>(0, {{groups, -DER_INVAL}, {~0u, -DER_INVAL}}), needed(&anchor));
}

TEST_F(BadInput, UpdateAndFetch) {
  daos_key_t dkey = key_of("d");
  char memory[64] = "value";
  d_iov_t iov{memory, sizeof memory, 5}, null{nullptr, 8, 8}, longer{memory, 4, 8}, none{nullptr, 0, 0};
  d_sg_list_t sgl{1, 0, &iov}, null_buffer{1, 0, &null}, too_long{1, 0, &longer}, no_iovs{1, 0, nullptr},
      no_bytes{1, 0, &none};
  const auto make = [](auto change) {
    static daos_recx_t records[2] = {{0, 5}, {10, 5}};
    daos_iod_t iod{};
    iod.iod_name = key_of("a");
    iod.iod_type = DAOS_IOD_SINGLE;
    iod.iod_size = 5;
    iod.iod_nr = 1;
    iod.iod_recxs = records;
    change(iod);
    return iod;
  };
  static daos_recx_t beyond = {1ull << 63, 1}, empty = {0, 0}, huge = {0, kHuge}, last = {(1ull << 63) - 1, kHuge},
                     overlapping[2] = {{0, 5}, {4, 5}};
  daos_iod_t right = make([](daos_iod_t&) {});
  std::vector<std::pair<daos_iod_t, int>> wrong;
  const auto add = [&](int error, auto change) { wrong.emplace_back(make(change), error); };
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_name = {}; });
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_name.iov_len = 0; });
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_type = DAOS_IOD_NONE; });
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_type = static_cast<daos_iod_type_t>(7); });
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_nr = 0; });
  add(-DER_INVAL, [](daos_iod_t& i) { i.iod_nr = 2; });
  add(-DER_REC2BIG, [](daos_iod_t& i) { i.iod_size = kHuge; });
  add(-DER_REC2BIG, [](daos_iod_t& i) { i.iod_size = 65; });
  const auto array = [&](int error, daos_recx_t* recxs, uint32_t nr, uint64_t size) {
    add(error, [=](daos_iod_t& i) {
      i.iod_type = DAOS_IOD_ARRAY;
      i.iod_recxs = recxs;
      i.iod_nr = nr;
      i.iod_size = size;
    });
  };
  array(-DER_INVAL, nullptr, 1, 1);
  array(-DER_INVAL, &empty, 0, 1);
  array(-DER_INVAL, &empty, 1, 1);
  array(-DER_INVAL, &beyond, 1, 1);
  array(-DER_INVAL, overlapping, 2, 1);
  array(-DER_REC2BIG, &huge, 1, 1);
  array(-DER_REC2BIG, &last, 1, 2);
  array(-DER_REC2BIG, &huge, 1, kHuge);
  std::vector<std::pair<daos_iod_t*, int>> iods = {{nullptr, -DER_INVAL}};
  for (auto& [iod, error] : wrong) iods.emplace_back(&iod, error);
  const auto sgls = [&] {
    return std::vector<std::pair<d_sg_list_t*, int>>{
        {&null_buffer, -DER_INVAL}, {&too_long, -DER_INVAL}, {&no_iovs, -DER_INVAL}, {&no_bytes, -DER_INVAL}};
  };
  auto update_sgls = sgls();
  update_sgls.emplace_back(nullptr, -DER_INVAL);
  TRY(daos_obj_update)
      .with(object(), transaction(),
            value<uint64_t>(0, {{DAOS_COND_PUNCH, -DER_INVAL},
                                {DAOS_COND_DKEY_FETCH, -DER_INVAL},
                                {DAOS_COND_AKEY_FETCH, -DER_INVAL},
                                {DAOS_COND_PER_AKEY | DAOS_COND_AKEY_INSERT, -DER_INVAL},
                                {kUnknownFlag, -DER_INVAL},
                                {kHuge, -DER_INVAL},
                                {DAOS_COND_DKEY_INSERT, -DER_EXIST}}),
            key(&dkey), value<unsigned>(1, {{0, -DER_INVAL}}), value<daos_iod_t*>(&right, iods),
            value<d_sg_list_t*>(&sgl, update_sgls), event());
  TRY(daos_obj_fetch)
      .with(object(), transaction(),
            value<uint64_t>(0, {{DAOS_COND_PUNCH, -DER_INVAL},
                                {DAOS_COND_DKEY_INSERT, -DER_INVAL},
                                {DAOS_COND_AKEY_UPDATE, -DER_INVAL},
                                {DAOS_COND_PER_AKEY | DAOS_COND_AKEY_FETCH, -DER_INVAL},
                                {kUnknownFlag, -DER_INVAL},
                                {kHuge, -DER_INVAL}}),
            key(&dkey), value<unsigned>(1, {{0, -DER_INVAL}}), value<daos_iod_t*>(&right, iods),
            value<d_sg_list_t*>(&sgl, sgls()), optional<daos_iom_t*>(nullptr), event());
  // Extents that end beyond the last index, or add up to more than any number holds, without buffers.
  for (daos_recx_t* recx : {&huge, &last}) {
    daos_iod_t iod{};
    iod.iod_name = key_of("b");
    iod.iod_type = DAOS_IOD_ARRAY;
    iod.iod_nr = 1;
    iod.iod_recxs = recx;
    const int removed = daos_obj_update(object_, DAOS_TX_NONE, 0, &dkey, 1, &iod, nullptr, nullptr);
    EXPECT_TRUE(removed == 0 || removed == -DER_INVAL) << removed;
    const int fetched = daos_obj_fetch(object_, DAOS_TX_NONE, 0, &dkey, 1, &iod, nullptr, nullptr, nullptr);
    EXPECT_TRUE(fetched == 0 || fetched == -DER_INVAL) << fetched;
    EXPECT_EQ(iod.iod_size, 0u);
  }
  const daos_handle_t reader = open(object_id_, DAOS_OO_RO);
  EXPECT_EQ(put(reader, "d", "a", "v"), -DER_NO_PERM);
  EXPECT_EQ(daos_obj_close(reader, nullptr), 0);
}

TEST_F(BadInput, PunchesAndEnumeration) {
  daos_key_t dkey = key_of("d"), akey = key_of("a");
  const uint64_t kPunchFlags[] = {DAOS_COND_DKEY_INSERT, kUnknownFlag, kHuge};
  const auto flags = [&] {
    return value<uint64_t>(0,
                           {{kPunchFlags[0], -DER_INVAL}, {kPunchFlags[1], -DER_INVAL}, {kPunchFlags[2], -DER_INVAL}});
  };
  TRY(daos_obj_punch_akeys)
      .with(object(), transaction(), flags(), key(&dkey), value<unsigned>(1, {{0, -DER_INVAL}}), key(&akey), event());
  TRY(daos_obj_punch_dkeys)
      .with(object(), transaction(), flags(), value<unsigned>(1, {{0, -DER_INVAL}, {2, -DER_INVAL}, {~0u, -DER_INVAL}}),
            key(&dkey), event());
  TRY(daos_obj_punch).with(object(), transaction(), fixed<uint64_t>(0), event());

  daos_key_desc_t kds[2];
  char memory[64];
  d_iov_t iov{memory, sizeof memory, 0}, null{nullptr, 8, 0};
  d_sg_list_t sgl{1, 0, &iov}, null_buffer{1, 0, &null}, no_iovs{1, 0, nullptr};
  daos_anchor_t anchor{}, noise;
  uint32_t nr = 2, zero = 0;
  const auto numbers = [&] { return value<uint32_t*>(&nr, {{nullptr, -DER_INVAL}, {&zero, -DER_INVAL}}); };
  const auto lists = [&] {
    return value<d_sg_list_t*>(&sgl, {{nullptr, -DER_INVAL}, {&null_buffer, -DER_INVAL}, {&no_iovs, -DER_INVAL}});
  };
  TRY(daos_obj_list_dkey)
      .with(object(), transaction(), numbers(), needed<daos_key_desc_t*>(kds), lists(), needed(&anchor), event());
  nr = 2;
  anchor = {};
  TRY(daos_obj_list_akey)
      .with(object(), transaction(), key(&dkey), numbers(), needed<daos_key_desc_t*>(kds), lists(), needed(&anchor),
            event());
  nr = 2;
  anchor = {};
  TRY(daos_kv_list)
      .with(handle(kv_), transaction(), numbers(), needed<daos_key_desc_t*>(kds), lists(), needed(&anchor), event());
  daos_size_t size;
  daos_recx_t recxs[2];
  daos_epoch_range_t eprs[2];
  nr = 2;
  anchor = {};
  TRY(daos_obj_list_recx)
      .with(object(), transaction(), key(&dkey), key(&akey), fixed(&size), numbers(), fixed<daos_recx_t*>(recxs),
            fixed<daos_epoch_range_t*>(eprs), needed(&anchor), fixed(true), event());
  nr = 2;
  anchor = {};
  EXPECT_EQ(
      daos_obj_list_recx(object_, DAOS_TX_NONE, &dkey, &akey, nullptr, &nr, nullptr, nullptr, &anchor, true, nullptr),
      0);
  TRY(daos_obj_key2anchor)
      .with(object(), transaction(), key(&dkey), value<daos_key_t*>(nullptr, {}), needed(&anchor), event());
  // An anchor is the caller's memory: whatever is in it, the call ends.
  for (const int byte : {1, 0x5a, 0xff}) {
    std::memset(&noise, byte, sizeof noise);
    for (const uint16_t type : {DAOS_ANCHOR_TYPE_ZERO, DAOS_ANCHOR_TYPE_HKEY, DAOS_ANCHOR_TYPE_KEY}) {
      daos_anchor_t one = noise;
      one.da_type = type;
      nr = 2;
      const int rc = daos_obj_list_dkey(object_, DAOS_TX_NONE, &nr, kds, &sgl, &one, nullptr);
      EXPECT_TRUE(rc == 0 || rc == -DER_INVAL) << rc;
      one = noise;
      one.da_type = type;
      nr = 2;
      const int akeys = daos_obj_list_akey(object_, DAOS_TX_NONE, &dkey, &nr, kds, &sgl, &one, nullptr);
      EXPECT_TRUE(akeys == 0 || akeys == -DER_INVAL) << akeys;
      one = noise;
      one.da_type = type;
      nr = 2;
      const int records =
          daos_obj_list_recx(object_, DAOS_TX_NONE, &dkey, &akey, &size, &nr, recxs, eprs, &one, true, nullptr);
      EXPECT_TRUE(records == 0 || records == -DER_INVAL) << records;
    }
  }

  uint64_t number = 1;
  daos_key_t right = key_of(number), small{&number, 4, 4}, null_key{nullptr, 8, 8};
  daos_recx_t recx;
  const auto keys = [&] {
    return value<daos_key_t*>(&right, {{nullptr, -DER_INVAL}, {&small, -DER_INVAL}, {&null_key, -DER_INVAL}});
  };
  TRY(daos_obj_query_key)
      .with(handle(numbers_), transaction(),
            value<uint64_t>(DAOS_GET_MAX | DAOS_GET_DKEY | DAOS_GET_AKEY | DAOS_GET_RECX, {{DAOS_GET_MAX, -DER_INVAL},
                                                                                           {DAOS_GET_DKEY, -DER_INVAL},
                                                                                           {kUnknownFlag, -DER_INVAL},
                                                                                           {kHuge, -DER_INVAL}}),
            keys(), keys(), needed(&recx), event());
}

TEST_F(BadInput, KeyValueStores) {
  daos_handle_t out;
  TRY(daos_kv_open)
      .with(container(), value<daos_obj_id_t>(kv_id_, {{object_id_, -DER_INVAL}}), fixed<unsigned>(DAOS_OO_RW),
            needed(&out), event());
  EXPECT_EQ(daos_kv_close(out, nullptr), 0);
  TRY(daos_kv_close).only_wrong(handle(kv_), event());
  const auto keys = [] { return value<const char*>("key", {{nullptr, -DER_INVAL}, {"", -DER_INVAL}}); };
  const void* data = "data";
  TRY(daos_kv_put)
      .with(handle(kv_), transaction(),
            value<uint64_t>(
                0, {{DAOS_COND_KEY_GET, -DER_INVAL}, {DAOS_COND_AKEY_INSERT, -DER_INVAL}, {kUnknownFlag, -DER_INVAL}}),
            keys(), fixed<daos_size_t>(4), needed(data), event());
  daos_size_t size = 16;
  char buffer[16];
  void* memory = buffer;
  TRY(daos_kv_get)
      .with(
          handle(kv_), transaction(),
          value<uint64_t>(
              0, {{DAOS_COND_KEY_INSERT, -DER_INVAL}, {DAOS_COND_KEY_REMOVE, -DER_INVAL}, {kUnknownFlag, -DER_INVAL}}),
          keys(), needed(&size), optional(memory), event());
  TRY(daos_kv_remove)
      .with(handle(kv_), transaction(),
            value<uint64_t>(0, {{DAOS_COND_KEY_INSERT, -DER_INVAL}, {kUnknownFlag, -DER_INVAL}}), keys(), event());
  TRY(daos_kv_destroy).with(handle(kv_), transaction(), event());
}

TEST_F(BadInput, Arrays) {
  daos_handle_t out;
  const daos_obj_id_t fresh = new_id(DAOS_OT_ARRAY), attr = new_id(DAOS_OT_ARRAY_ATTR);
  daos_size_t cell = 1, chunk = 8;
  TRY(daos_array_create)
      .with(container(), value<daos_obj_id_t>(fresh, {{object_id_, -DER_INVAL}, {array_id_, -DER_EXIST}}),
            transaction(), value<daos_size_t>(1, {{0, -DER_INVAL}}), value<daos_size_t>(8, {{0, -DER_INVAL}}),
            needed(&out), event());
  EXPECT_EQ(daos_array_close(out, nullptr), 0);
  TRY(daos_array_open)
      .with(container(),
            value<daos_obj_id_t>(
                array_id_, {{object_id_, -DER_INVAL}, {attr, -DER_INVAL}, {new_id(DAOS_OT_ARRAY), -DER_NONEXIST}}),
            transaction(), fixed<unsigned>(DAOS_OO_RW), needed(&cell), needed(&chunk), needed(&out), event());
  EXPECT_EQ(daos_array_close(out, nullptr), 0);
  TRY(daos_array_open_with_attr)
      .with(container(), value<daos_obj_id_t>(attr, {{object_id_, -DER_INVAL}, {array_id_, -DER_INVAL}}), transaction(),
            fixed<unsigned>(DAOS_OO_RW), value<daos_size_t>(1, {{0, -DER_INVAL}}),
            value<daos_size_t>(8, {{0, -DER_INVAL}}), needed(&out), event());
  EXPECT_EQ(daos_array_close(out, nullptr), 0);
  TRY(daos_array_close).only_wrong(handle(array_), event());
  TRY(daos_array_get_attr).with(handle(array_), needed(&chunk), needed(&cell));
  TRY(daos_array_update_chunk_size).with(handle(array_), value<daos_size_t>(8, {{0, -DER_INVAL}}));

  char memory[8] = "1234567";
  daos_range_t right{0, 8}, wrong_length{0, 9}, beyond{1ull << 63, 8}, huge{0, kHuge}, wraps{kHuge, 8};
  const auto iod = [](daos_range_t* range, daos_size_t nr = 1) { return daos_array_iod_t{nr, range, 0, 0}; };
  daos_array_iod_t good = iod(&right), lengths = iod(&wrong_length), far = iod(&beyond), large = iod(&huge),
                   wrapping = iod(&wraps), no_ranges = iod(nullptr);
  d_iov_t iov{memory, 8, 8}, null{nullptr, 8, 8}, longer{memory, 4, 8};
  d_sg_list_t sgl{1, 0, &iov}, null_buffer{1, 0, &null}, too_long{1, 0, &longer}, no_iovs{1, 0, nullptr};
  const auto iods = [&] {
    return value<daos_array_iod_t*>(&good, {{nullptr, -DER_INVAL},
                                            {&lengths, -DER_INVAL},
                                            {&far, -DER_INVAL},
                                            {&large, -DER_INVAL},
                                            {&wrapping, -DER_INVAL},
                                            {&no_ranges, -DER_INVAL}});
  };
  const auto sgls = [&] {
    return value<d_sg_list_t*>(
        &sgl, {{nullptr, -DER_INVAL}, {&null_buffer, -DER_INVAL}, {&too_long, -DER_INVAL}, {&no_iovs, -DER_INVAL}});
  };
  TRY(daos_array_write).with(handle(array_), transaction(), iods(), sgls(), event());
  TRY(daos_array_read).with(handle(array_), transaction(), iods(), sgls(), event());
  TRY(daos_array_punch)
      .with(handle(array_), transaction(),
            value<daos_array_iod_t*>(&good, {{nullptr, -DER_INVAL},
                                             {&far, -DER_INVAL},
                                             {&large, -DER_INVAL},
                                             {&wrapping, -DER_INVAL},
                                             {&no_ranges, -DER_INVAL}}),
            event());
  daos_size_t size;
  daos_array_stbuf_t found;
  TRY(daos_array_get_size).with(handle(array_), transaction(), needed(&size), event());
  TRY(daos_array_stat).with(handle(array_), transaction(), needed(&found), event());
  TRY(daos_array_set_size).with(handle(array_), transaction(), value<daos_size_t>(0, {{kHuge, -DER_INVAL}}), event());
  TRY(daos_array_destroy).with(handle(array_), transaction(), event());
}

}  // namespace
}  // namespace api_test
