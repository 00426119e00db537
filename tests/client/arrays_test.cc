// Goal: arrays and key-value stores behave as documented: sizes, holes, short reads, truncation, attributes, handles of
// other processes, edge cases of keys. Run by with-system, with a pool "tank".
#include <algorithm>
#include <map>

#include "api_fixture.h"

namespace api_test {
namespace {

class Arrays : public ApiTest {
 protected:
  daos_handle_t byte_array(uint64_t chunk, unsigned mode = DAOS_OO_RW) {
    return open_array(new_id(DAOS_OT_ARRAY_BYTE), 1, chunk, mode);
  }
  daos_handle_t open_array(daos_obj_id_t oid, uint64_t cell, uint64_t chunk, unsigned mode = DAOS_OO_RW) {
    daos_handle_t array = DAOS_HDL_INVAL;
    EXPECT_EQ(daos_array_open_with_attr(container_, oid, DAOS_TX_NONE, mode, cell, chunk, &array, nullptr), 0);
    return array;
  }
};
class KeyValue : public ApiTest {};

using CellRanges = std::vector<daos_range_t>;

daos_array_iod_t iod_of(CellRanges& ranges) {
  return {.arr_nr = ranges.size(), .arr_rgs = ranges.data(), .arr_nr_short_read = 77, .arr_nr_read = 77};
}
int write_cells(daos_handle_t array, CellRanges ranges, const std::string& data) {
  daos_array_iod_t iod = iod_of(ranges);
  d_iov_t iov = key_of(data);
  d_sg_list_t sgl{1, 0, &iov};
  return daos_array_write(array, DAOS_TX_NONE, &iod, &sgl, nullptr);
}
int punch_cells(daos_handle_t array, CellRanges ranges) {
  daos_array_iod_t iod = iod_of(ranges);
  return daos_array_punch(array, DAOS_TX_NONE, &iod, nullptr);
}
struct Read {
  int rc = 0;
  std::string data;  // '.' where nothing was written
  uint64_t read = 0, short_read = 0;
};
Read read_cells(daos_handle_t array, CellRanges ranges, size_t bytes) {
  Read result{.data = std::string(bytes, '.')};
  daos_array_iod_t iod = iod_of(ranges);
  d_iov_t iov = key_of(result.data);
  d_sg_list_t sgl{1, 0, &iov};
  result.rc = daos_array_read(array, DAOS_TX_NONE, &iod, &sgl, nullptr);
  result.read = iod.arr_nr_read;
  result.short_read = iod.arr_nr_short_read;
  return result;
}
uint64_t size_of(daos_handle_t array) {
  daos_size_t size = 99;
  EXPECT_EQ(daos_array_get_size(array, DAOS_TX_NONE, &size, nullptr), 0);
  return size;
}
daos_array_stbuf_t stat_of(daos_handle_t array) {
  daos_array_stbuf_t found{99, 99};
  EXPECT_EQ(daos_array_stat(array, DAOS_TX_NONE, &found, nullptr), 0);
  return found;
}
std::string zeros(size_t n) { return std::string(n, '\0'); }

TEST_F(Arrays, AreCreatedOnceAndOpenedWithWhatWasStored) {
  const daos_obj_id_t oid = new_id(DAOS_OT_ARRAY);
  daos_handle_t array, again;
  daos_size_t cell = 0, chunk = 0;
  EXPECT_EQ(daos_array_open(container_, oid, DAOS_TX_NONE, DAOS_OO_RW, &cell, &chunk, &again, nullptr), -DER_NONEXIST);
  ASSERT_EQ(daos_array_create(container_, oid, DAOS_TX_NONE, 4, 16, &array, nullptr), 0);
  EXPECT_EQ(daos_array_create(container_, oid, DAOS_TX_NONE, 4, 16, &again, nullptr), -DER_EXIST);
  ASSERT_EQ(daos_array_open(container_, oid, DAOS_TX_NONE, DAOS_OO_RO, &cell, &chunk, &again, nullptr), 0);
  EXPECT_EQ(cell, 4u);
  EXPECT_EQ(chunk, 16u);
  cell = chunk = 0;
  EXPECT_EQ(daos_array_get_attr(array, &chunk, &cell), 0);
  EXPECT_EQ(cell, 4u);
  EXPECT_EQ(chunk, 16u);
  EXPECT_EQ(daos_array_get_attr(array, nullptr, &cell), -DER_INVAL);
  EXPECT_EQ(daos_array_get_attr(array, &chunk, nullptr), -DER_INVAL);
  EXPECT_EQ(write_cells(again, {{0, 1}}, "abcd"), -DER_NO_PERM) << "opened for reading";
  EXPECT_EQ(punch_cells(again, {{0, 1}}), -DER_NO_PERM);
  EXPECT_EQ(daos_array_set_size(again, DAOS_TX_NONE, 1, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_array_destroy(again, DAOS_TX_NONE, nullptr), -DER_NO_PERM);
  EXPECT_EQ(write_cells(array, {{30, 2}}, "abcdefgh"), 0);
  EXPECT_EQ(size_of(again), 32u);
  EXPECT_EQ(daos_array_close(again, nullptr), 0);

  // The attributes lie where other programs look for them.
  const daos_handle_t object = open(oid);
  uint64_t stored[3] = {};
  const uint64_t zero = 0;
  daos_key_t dkey = key_of(zero);
  daos_iod_t iod{};
  iod.iod_name = key_of("0");
  iod.iod_type = DAOS_IOD_SINGLE;
  iod.iod_nr = 1;
  d_iov_t iov{stored, sizeof stored, 0};
  d_sg_list_t sgl{1, 0, &iov};
  ASSERT_EQ(daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, nullptr), 0);
  EXPECT_EQ(iod.iod_size, 24u);
  EXPECT_EQ(stored[0], 0xdaca55a9daca55a9u);
  EXPECT_EQ(stored[1], 4u);
  EXPECT_EQ(stored[2], 16u);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);

  EXPECT_EQ(daos_array_destroy(array, DAOS_TX_NONE, nullptr), 0);
  EXPECT_EQ(daos_array_open(container_, oid, DAOS_TX_NONE, DAOS_OO_RW, &cell, &chunk, &again, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
  EXPECT_EQ(daos_array_close(array, nullptr), -DER_NO_HDL);
}

TEST_F(Arrays, TheArgumentsOfOpeningAreChecked) {
  const daos_obj_id_t stored = new_id(DAOS_OT_ARRAY), attr = new_id(DAOS_OT_ARRAY_ATTR),
                      none = new_id(DAOS_OT_MULTI_HASHED);
  daos_handle_t array;
  daos_size_t cell = 1, chunk = 1;
  EXPECT_EQ(daos_array_create(container_, stored, DAOS_TX_NONE, 0, 1, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_create(container_, stored, DAOS_TX_NONE, 1, 0, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_create(container_, stored, DAOS_TX_NONE, 1, 1, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_create(container_, none, DAOS_TX_NONE, 1, 1, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_create({0x12345}, stored, DAOS_TX_NONE, 1, 1, &array, nullptr), -DER_NO_HDL);
  EXPECT_EQ(daos_array_open(container_, attr, DAOS_TX_NONE, DAOS_OO_RW, &cell, &chunk, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_open(container_, stored, DAOS_TX_NONE, DAOS_OO_RW, nullptr, &chunk, &array, nullptr),
            -DER_INVAL);
  EXPECT_EQ(daos_array_open(container_, stored, DAOS_TX_NONE, DAOS_OO_RW, &cell, nullptr, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_open_with_attr(container_, stored, DAOS_TX_NONE, DAOS_OO_RW, 1, 1, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_open_with_attr(container_, attr, DAOS_TX_NONE, DAOS_OO_RW, 0, 1, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_open_with_attr(container_, attr, DAOS_TX_NONE, DAOS_OO_RW, 1, 0, &array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_open_with_attr(container_, none, DAOS_TX_NONE, DAOS_OO_RW, 1, 1, &array, nullptr), -DER_INVAL);
  // Something that is no array stands in the attributes' place.
  const daos_handle_t object = open(stored);
  const uint64_t zero = 0;
  ASSERT_EQ(put(object, key_of(zero), key_of("0"), std::string(24, 'x')), 0);
  EXPECT_EQ(daos_array_open(container_, stored, DAOS_TX_NONE, DAOS_OO_RW, &cell, &chunk, &array, nullptr),
            -DER_NO_PERM);
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
}

TEST_F(Arrays, ByteArraysTellHolesFromTheEnd) {
  const daos_handle_t array = byte_array(10);
  Read read = read_cells(array, {{0, 25}}, 25);
  EXPECT_EQ(read.rc, 0);
  EXPECT_EQ(read.read, 0u);
  EXPECT_EQ(read.short_read, 25u);
  EXPECT_EQ(read.data, std::string(25, '.'));
  ASSERT_EQ(write_cells(array, {{3, 4}}, "abcd"), 0);
  ASSERT_EQ(write_cells(array, {{28, 4}}, "WXYZ"), 0);
  EXPECT_EQ(size_of(array), 32u);
  read = read_cells(array, {{0, 40}}, 40);
  EXPECT_EQ(read.data, zeros(3) + "abcd" + zeros(21) + "WXYZ" + std::string(8, '.'));
  EXPECT_EQ(read.read, 32u);
  EXPECT_EQ(read.short_read, 8u);
  read = read_cells(array, {{100, 5}}, 5);
  EXPECT_EQ(read.read, 0u);
  EXPECT_EQ(read.short_read, 5u);
  EXPECT_EQ(read.data, ".....");
  read = read_cells(array, {{30, 4}, {0, 5}, {5, 0}, {31, 1}}, 10);  // in any order, sums over all
  EXPECT_EQ(read.data, "YZ.." + zeros(3) + "ab" + "Z");
  EXPECT_EQ(read.read, 8u);
  EXPECT_EQ(read.short_read, 2u);
  read = read_cells(array, {{3, 4}, {5, 4}, {3, 4}}, 12);  // overlapping in a read
  EXPECT_EQ(read.data, "abcdcd" + zeros(2) + "abcd");
  EXPECT_EQ(read.read, 12u);
  EXPECT_EQ(read.short_read, 0u);
  // Ranges and buffers need not end together.
  std::string a(3, '.'), b(6, '.'), c(1, '.');
  CellRanges ranges = {{3, 4}, {26, 6}};
  daos_array_iod_t iod = iod_of(ranges);
  d_iov_t iovs[] = {key_of(a), {nullptr, 0, 0}, key_of(b), key_of(c)};
  d_sg_list_t sgl{4, 0, iovs};
  ASSERT_EQ(daos_array_read(array, DAOS_TX_NONE, &iod, &sgl, nullptr), 0);
  EXPECT_EQ(a + b + c, "abcd" + zeros(2) + "WXYZ");
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, OtherArraysLeaveHolesUntouched) {
  const daos_handle_t array = open_array(new_id(DAOS_OT_ARRAY_ATTR), 2, 5);
  ASSERT_EQ(write_cells(array, {{4, 2}}, "aabb"), 0);
  const Read read = read_cells(array, {{3, 4}}, 8);
  EXPECT_EQ(read.rc, 0);
  EXPECT_EQ(read.data, "..aabb..");
  EXPECT_EQ(read.read, 77u) << "not set";
  EXPECT_EQ(read.short_read, 77u);
  EXPECT_EQ(size_of(array), 6u);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, PunchingMakesHolesAndShrinksTheEnd) {
  const daos_handle_t array = byte_array(8);
  ASSERT_EQ(write_cells(array, {{0, 30}}, "abcdefghijklmnopqrstuvwxyz0123"), 0);
  ASSERT_EQ(punch_cells(array, {{2, 3}, {10, 10}}), 0);
  EXPECT_EQ(size_of(array), 30u) << "the middle does not count";
  EXPECT_EQ(read_cells(array, {{0, 30}}, 30).data, "ab" + zeros(3) + "fghij" + zeros(10) + "uvwxyz0123");
  ASSERT_EQ(punch_cells(array, {{25, 100}}), 0);
  EXPECT_EQ(size_of(array), 25u);
  ASSERT_EQ(punch_cells(array, {{16, 9}}), 0);
  EXPECT_EQ(size_of(array), 10u) << "behind a punched middle";
  ASSERT_EQ(punch_cells(array, {{0, 1000}}), 0);
  EXPECT_EQ(size_of(array), 0u);
  EXPECT_EQ(punch_cells(array, {{5, 5}}), 0) << "there is nothing to punch";
  EXPECT_EQ(size_of(array), 0u);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, TheSizeIsSetExactly) {
  for (const uint64_t cell : {1, 3}) {
    const daos_handle_t array = open_array(new_id(DAOS_OT_ARRAY_ATTR), cell, 8);
    const auto cells = [&](uint64_t n, char c) { return std::string(n * cell, c); };
    for (const uint64_t size : {0, 1, 7, 8, 9, 16, 17, 30, 31, 64}) {
      ASSERT_EQ(write_cells(array, {{0, 30}}, cells(30, 'x')), 0);
      ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, size, nullptr), 0);
      EXPECT_EQ(size_of(array), size);
      // What grows again shows nothing of what was cut off.
      ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, 64, nullptr), 0);
      EXPECT_EQ(size_of(array), 64u);
      std::string seen = read_cells(array, {{0, 64}}, 64 * cell).data;
      std::ranges::replace(seen, '.', '\0');
      const uint64_t kept = std::min<uint64_t>(size, 30);
      EXPECT_EQ(seen, cells(kept, 'x') + cells(64 - kept, '\0')) << size;
      ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, 0, nullptr), 0);
      EXPECT_EQ(size_of(array), 0u);
    }
    EXPECT_EQ(daos_array_close(array, nullptr), 0);
  }
  const daos_handle_t array = byte_array(1 << 20);
  ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, 1ull << 50, nullptr), 0) << "a hole costs nothing";
  EXPECT_EQ(size_of(array), 1ull << 50);
  ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, 5, nullptr), 0);
  EXPECT_EQ(size_of(array), 5u);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, TheAttributesOutliveEverySize) {
  const daos_obj_id_t oid = new_id(DAOS_OT_ARRAY);
  daos_handle_t array, again;
  daos_size_t cell = 0, chunk = 0;
  ASSERT_EQ(daos_array_create(container_, oid, DAOS_TX_NONE, 1, 4, &array, nullptr), 0);
  EXPECT_EQ(size_of(array), 0u) << "the attributes are no cells";
  ASSERT_EQ(write_cells(array, {{0, 9}}, "123456789"), 0);
  ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, 0, nullptr), 0);
  EXPECT_EQ(size_of(array), 0u);
  ASSERT_EQ(daos_array_open(container_, oid, DAOS_TX_NONE, DAOS_OO_RW, &cell, &chunk, &again, nullptr), 0);
  EXPECT_EQ(daos_array_close(again, nullptr), 0);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, EveryChangeIsSeenInTheEpoch) {
  const daos_handle_t array = byte_array(4);
  uint64_t before = stat_of(array).st_max_epoch;
  EXPECT_EQ(before, 0u);
  const auto grows = [&](int rc, const char* what) {
    EXPECT_EQ(rc, 0);
    const uint64_t now = stat_of(array).st_max_epoch;
    EXPECT_GT(now, before) << what;
    before = now;
  };
  grows(write_cells(array, {{0, 10}}, "0123456789"), "write");
  EXPECT_EQ(stat_of(array).st_size, 10u);
  EXPECT_EQ(stat_of(array).st_max_epoch, before) << "looking changes nothing";
  grows(punch_cells(array, {{1, 1}}), "punch");
  grows(daos_array_set_size(array, DAOS_TX_NONE, 20, nullptr), "grow");
  grows(daos_array_set_size(array, DAOS_TX_NONE, 3, nullptr), "shrink");
  grows(daos_array_set_size(array, DAOS_TX_NONE, 0, nullptr), "empty");
  EXPECT_EQ(stat_of(array).st_size, 0u);
  EXPECT_EQ(daos_array_stat(array, DAOS_TX_NONE, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_get_size(array, DAOS_TX_NONE, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, TheArgumentsOfReadsAndWritesAreChecked) {
  const daos_handle_t array = byte_array(4);
  std::string data = "0123456789";
  CellRanges ranges = {{0, 10}};
  daos_array_iod_t iod = iod_of(ranges);
  d_iov_t iov = key_of(data);
  d_sg_list_t sgl{1, 0, &iov};
  const auto both = [&](daos_handle_t handle, daos_array_iod_t* i, d_sg_list_t* s, int expected) {
    EXPECT_EQ(daos_array_write(handle, DAOS_TX_NONE, i, s, nullptr), expected);
    EXPECT_EQ(daos_array_read(handle, DAOS_TX_NONE, i, s, nullptr), expected);
  };
  both({0x12345}, &iod, &sgl, -DER_NO_HDL);
  both(array, nullptr, &sgl, -DER_INVAL);
  both(array, &iod, nullptr, -DER_INVAL);
  ranges[0].rg_len = 9;
  both(array, &iod, &sgl, -DER_INVAL);
  ranges[0].rg_len = 11;
  both(array, &iod, &sgl, -DER_INVAL);
  EXPECT_EQ(daos_array_punch(array, DAOS_TX_NONE, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_punch({0x12345}, DAOS_TX_NONE, &iod, nullptr), -DER_NO_HDL);
  iod.arr_rgs = nullptr;
  both(array, &iod, &sgl, -DER_INVAL);
  iod.arr_nr = 0;
  iov.iov_len = 0;
  both(array, &iod, &sgl, 0);  // no ranges: nothing happens
  EXPECT_EQ(size_of(array), 0u);

  CellRanges many(DAOS_ARRAY_LIST_IO_LIMIT + 1, daos_range_t{0, 1});
  for (size_t i = 0; i < many.size(); i++) many[i].rg_idx = 2 * i;
  EXPECT_EQ(write_cells(array, many, std::string(many.size(), 'x')), -DER_NOTSUPPORTED);
  many[5].rg_len = DAOS_ARRAY_RG_LEN_THD + 1;
  EXPECT_NE(write_cells(array, many, std::string(many.size() + DAOS_ARRAY_RG_LEN_THD, 'x')), -DER_NOTSUPPORTED);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, GoToOtherProcessesAsBytes) {
  const daos_obj_id_t oid = new_id(DAOS_OT_ARRAY_ATTR);
  const daos_handle_t array = open_array(oid, 2, 16);
  ASSERT_EQ(write_cells(array, {{0, 2}}, "abcd"), 0);
  d_iov_t glob{};
  ASSERT_EQ(daos_array_local2global(array, &glob), 0);
  ASSERT_GT(glob.iov_buf_len, 0u);
  std::string bytes(glob.iov_buf_len, ' ');
  glob.iov_buf = bytes.data();
  ASSERT_EQ(daos_array_local2global(array, &glob), 0);
  daos_handle_t other;
  ASSERT_EQ(daos_array_global2local(container_, glob, 0, &other), 0);
  daos_size_t chunk = 0, cell = 0;
  EXPECT_EQ(daos_array_get_attr(other, &chunk, &cell), 0);
  EXPECT_EQ(chunk, 16u);
  EXPECT_EQ(cell, 2u);
  EXPECT_EQ(read_cells(other, {{0, 2}}, 4).data, "abcd");
  EXPECT_EQ(write_cells(other, {{2, 1}}, "ef"), 0) << "the mode is the exporter's";
  EXPECT_EQ(daos_array_close(other, nullptr), 0);
  ASSERT_EQ(daos_array_global2local(container_, glob, DAOS_OO_RO, &other), 0);
  EXPECT_EQ(write_cells(other, {{2, 1}}, "ef"), -DER_NO_PERM);
  EXPECT_EQ(daos_array_close(other, nullptr), 0);

  uuid_t uuid;
  char name[DAOS_UUID_STR_SIZE];
  daos_handle_t elsewhere;
  ASSERT_EQ(daos_cont_create(pool_, &uuid, nullptr, nullptr), 0);
  uuid_unparse_lower(uuid, name);
  ASSERT_EQ(daos_cont_open(pool_, name, DAOS_COO_RW, &elsewhere, nullptr, nullptr), 0);
  EXPECT_EQ(daos_array_global2local(elsewhere, glob, 0, &other), -DER_INVAL) << "another container";
  EXPECT_EQ(daos_array_global2local({0x12345}, glob, 0, &other), -DER_NO_HDL);
  EXPECT_EQ(daos_array_global2local(container_, glob, 0, nullptr), -DER_INVAL);
  glob.iov_len--;
  EXPECT_EQ(daos_array_global2local(container_, glob, 0, &other), -DER_INVAL);
  EXPECT_EQ(daos_array_local2global(array, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_array_local2global({0x12345}, &glob), -DER_NO_HDL);
  EXPECT_EQ(daos_cont_close(elsewhere, nullptr), 0);
  EXPECT_EQ(daos_cont_destroy(pool_, name, 0, nullptr), 0);

  EXPECT_EQ(daos_array_update_chunk_size(array, 32), 0);
  EXPECT_EQ(daos_array_get_attr(array, &chunk, &cell), 0);
  EXPECT_EQ(chunk, 32u) << "of this handle";
  EXPECT_EQ(daos_array_update_chunk_size({0x12345}, 32), -DER_NO_HDL);
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(Arrays, ARandomWalkAgreesWithBytes) {
  const daos_handle_t array = byte_array(16);
  std::string model;        // what is below the size
  std::vector<bool> there;  // whether a cell was written and not punched
  uint64_t state = 7;
  const auto random = [&state](uint64_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % n;
  };
  const auto shrink_to_last = [&] {
    while (!there.empty() && !there.back()) there.pop_back();
    model.resize(there.size());
  };
  for (int step = 0; step < 400; step++) {
    const uint64_t start = random(120), count = random(40) + 1, end = start + count;
    switch (random(4)) {
      case 0: {
        const std::string data(count, static_cast<char>('a' + step % 26));
        ASSERT_EQ(write_cells(array, {{start, count}}, data), 0);
        if (model.size() < end) model.resize(end, '\0');
        there.resize(model.size(), false);
        model.replace(start, count, data);
        std::fill(there.begin() + static_cast<ptrdiff_t>(start), there.begin() + static_cast<ptrdiff_t>(end), true);
        break;
      }
      case 1:
        ASSERT_EQ(punch_cells(array, {{start, count}}), 0);
        for (uint64_t i = start; i < std::min<uint64_t>(end, model.size()); i++) {
          model[i] = '\0';
          there[i] = false;
        }
        shrink_to_last();
        break;
      case 2: {
        const uint64_t size = random(150);
        ASSERT_EQ(daos_array_set_size(array, DAOS_TX_NONE, size, nullptr), 0);
        model.resize(size, '\0');
        there.resize(size, false);
        if (size > 0) there[size - 1] = true;
        break;
      }
      default:
        break;
    }
    ASSERT_EQ(size_of(array), model.size()) << step;
    const Read read = read_cells(array, {{start, count}}, count);
    const uint64_t below = model.size() > start ? std::min<uint64_t>(count, model.size() - start) : 0;
    ASSERT_EQ(read.data, (below > 0 ? model.substr(start, below) : "") + std::string(count - below, '.')) << step;
    ASSERT_EQ(read.read, below) << step;
    ASSERT_EQ(read.short_read, count - below) << step;
  }
  EXPECT_EQ(daos_array_close(array, nullptr), 0);
}

TEST_F(KeyValue, EdgesThatProgramsMeet) {
  const daos_obj_id_t oid = new_id(DAOS_OT_KV_HASHED);
  daos_handle_t kv, reader, none;
  ASSERT_EQ(daos_kv_open(container_, oid, DAOS_OO_RW, &kv, nullptr), 0);
  ASSERT_EQ(daos_kv_open(container_, oid, DAOS_OO_RO, &reader, nullptr), 0);
  EXPECT_EQ(daos_kv_open(container_, new_id(DAOS_OT_MULTI_HASHED), DAOS_OO_RW, &none, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_open({0x12345}, oid, DAOS_OO_RW, &none, nullptr), -DER_NO_HDL);
  EXPECT_EQ(daos_kv_open(container_, oid, DAOS_OO_RW, nullptr, nullptr), -DER_INVAL);
  char buffer[16] = "untouched";
  daos_size_t size = sizeof buffer;
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, 0, "absent", &size, buffer, nullptr), 0);
  EXPECT_EQ(size, 0u);
  EXPECT_STREQ(buffer, "untouched");
  EXPECT_EQ(daos_kv_put(reader, DAOS_TX_NONE, 0, "k", 1, "v", nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_kv_remove(reader, DAOS_TX_NONE, 0, "k", nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_kv_destroy(reader, DAOS_TX_NONE, nullptr), -DER_NO_PERM);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "", 1, "v", nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, nullptr, 1, "v", nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, DAOS_COND_AKEY_INSERT, "k", 1, "v", nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "k", 1, nullptr, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "empty", 0, nullptr, nullptr), 0);
  size = sizeof buffer;
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, DAOS_COND_KEY_GET, "empty", &size, buffer, nullptr), 0);
  EXPECT_EQ(size, 0u);
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, DAOS_COND_KEY_GET, "absent", &size, buffer, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, DAOS_COND_KEY_INSERT, "empty", &size, buffer, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, 0, "empty", nullptr, buffer, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, 0, nullptr, &size, buffer, nullptr), -DER_INVAL);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "k", 5, "12345", nullptr), 0);
  size = 3;
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, 0, "k", &size, buffer, nullptr), -DER_REC2BIG);
  EXPECT_EQ(size, 5u);
  size = 0;
  EXPECT_EQ(daos_kv_get(kv, DAOS_TX_NONE, 0, "k", &size, buffer, nullptr), 0) << "a size query";
  EXPECT_EQ(size, 5u);
  EXPECT_EQ(daos_kv_remove(kv, DAOS_TX_NONE, DAOS_COND_KEY_REMOVE, "absent", nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_kv_remove(kv, DAOS_TX_NONE, 0, "absent", nullptr), 0);
  EXPECT_EQ(daos_kv_remove(kv, DAOS_TX_NONE, DAOS_COND_KEY_INSERT, "k", nullptr), -DER_INVAL);

  // The same bytes as the object interface shows them.
  const daos_handle_t object = open(oid);
  EXPECT_EQ(get(object, "k", "0"), "12345");
  ASSERT_EQ(put(object, "by hand", "0", "9"), 0);
  size = sizeof buffer;
  EXPECT_EQ(daos_kv_get(reader, DAOS_TX_NONE, 0, "by hand", &size, buffer, nullptr), 0);
  EXPECT_EQ(std::string(buffer, size), "9");
  EXPECT_EQ(daos_obj_close(object, nullptr), 0);
  EXPECT_EQ(daos_kv_close(object, nullptr), -DER_NO_HDL);
  EXPECT_EQ(daos_kv_destroy(kv, DAOS_TX_NONE, nullptr), 0);
  EXPECT_EQ(daos_kv_get(reader, DAOS_TX_NONE, DAOS_COND_KEY_GET, "k", &size, buffer, nullptr), -DER_NONEXIST);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, DAOS_COND_KEY_INSERT, "k", 1, "n", nullptr), 0) << "the handle stays open";
  EXPECT_EQ(daos_kv_close(kv, nullptr), 0);
  EXPECT_EQ(daos_kv_close(reader, nullptr), 0);
  EXPECT_EQ(daos_kv_put(kv, DAOS_TX_NONE, 0, "k", 1, "v", nullptr), -DER_NO_HDL);
}

}  // namespace
}  // namespace api_test
