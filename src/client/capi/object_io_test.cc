// Goal: what the API says about the caller's buffers: data in place, holes untouched, lengths and maps as documented.
#include "client/capi/object_io.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "client/core/fetched.h"

namespace daos::capi {
namespace {

struct ArrayFetch {
  std::vector<daos_recx_t> recxs;
  std::vector<d_iov_t> iovs;
  daos_iod_t iod{};
  d_sg_list_t sgl{};
  daos_iom_t iom{};

  Status take(messages::FetchedValue value) {
    d_iov_set(&iod.iod_name, const_cast<char*>("a"), 1);
    iod.iod_type = DAOS_IOD_ARRAY;
    iod.iod_nr = static_cast<uint32_t>(recxs.size());
    iod.iod_recxs = recxs.data();
    sgl.sg_nr = static_cast<uint32_t>(iovs.size());
    sgl.sg_nr_out = 99;
    sgl.sg_iovs = iovs.data();
    char dkey = 'd';
    daos_key_t dkey_of{};
    d_iov_set(&dkey_of, &dkey, 1);
    const IoArguments io{.flags = 0, .dkey = &dkey_of, .nr = 1, .iods = &iod, .sgls = &sgl, .ioms = &iom};
    Result<core::Fetch> fetch = make_fetch(io);
    messages::FetchReply reply{.values = {std::move(value)}};
    if (core::fits(*fetch, reply.values)) DX_TRY(core::settle({}, *fetch, reply));
    return take_values(io, reply.values);
  }
  void add(char* data, size_t bytes) {
    iovs.emplace_back();
    d_iov_set(&iovs.back(), data, bytes);
  }
};

messages::FetchedValue value_of(uint64_t record_bytes, std::vector<messages::Extent> extents, std::string_view data) {
  return {.record_bytes = record_bytes, .extents = std::move(extents), .value = IoBuf::copy_of(as_bytes(data))};
}

TEST(ObjectIo, HolesStayAndLengthsEndWithTheData) {
  std::string buffer(100, '#');
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 0, .rx_nr = 100}};
  fetch.add(buffer.data(), 25);
  fetch.add(buffer.data() + 30, 27);
  fetch.add(buffer.data() + 60, 28);
  fetch.add(buffer.data() + 90, 10 + 10);
  fetch.iovs[3].iov_buf_len = 20;
  std::string more(20, '#');
  fetch.iovs[3].iov_buf = more.data();
  ASSERT_TRUE(fetch.take(value_of(1, {{20, 10}, {50, 10}}, std::string(20, 'x'))).ok());
  std::string expected(100, '#');
  expected.replace(20, 5, 5, 'x').replace(30, 5, 5, 'x').replace(55, 2, 2, 'x').replace(60, 8, 8, 'x');
  EXPECT_EQ(buffer, expected);
  EXPECT_EQ(more, std::string(20, '#'));
  EXPECT_EQ(fetch.sgl.sg_nr_out, 3u);
  EXPECT_EQ(fetch.iovs[2].iov_len, 8u);
  EXPECT_EQ(fetch.iod.iod_size, 1u);
}

TEST(ObjectIo, ExtentsInTheOrderGiven) {
  std::string buffer(12, '#');
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 20, .rx_nr = 2}, {.rx_idx = 0, .rx_nr = 3}, {.rx_idx = 9, .rx_nr = 1}};
  fetch.add(buffer.data(), 12);
  ASSERT_TRUE(fetch.take(value_of(2, {{21, 1}, {0, 1}, {2, 1}}, "aabbcc")).ok());
  EXPECT_EQ(buffer, "##aabb##cc##");
  EXPECT_EQ(fetch.iovs[0].iov_len, 10u);
}

TEST(ObjectIo, NothingThere) {
  std::string buffer(10, '#');
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 0, .rx_nr = 10}};
  fetch.add(buffer.data(), 10);
  fetch.iod.iod_size = 1;
  ASSERT_TRUE(fetch.take({}).ok());
  EXPECT_EQ(buffer, std::string(10, '#'));
  EXPECT_EQ(fetch.iod.iod_size, 0u);
  EXPECT_EQ(fetch.sgl.sg_nr_out, 0u);
  EXPECT_EQ(fetch.iom.iom_nr_out, 0u);
}

TEST(ObjectIo, TooSmallCountsTheHolesToo) {
  std::string buffer(39, '#');
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 0, .rx_nr = 10}};
  fetch.add(buffer.data(), 39);
  EXPECT_EQ(fetch.take(value_of(4, {{0, 1}}, "abcd")).code(), Code::kRecordTooBig);
  EXPECT_EQ(fetch.iod.iod_size, 4u);
}

TEST(ObjectIo, Maps) {
  std::string buffer(100, '#');
  daos_recx_t two[2] = {};
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 0, .rx_nr = 100}};
  fetch.add(buffer.data(), 100);
  fetch.iom = {.iom_nr = 2, .iom_flags = DAOS_IOMF_DETAIL, .iom_recxs = two};
  const messages::FetchedValue value = value_of(1, {{10, 5}, {15, 5}, {50, 5}, {95, 5}}, std::string(20, 'x'));
  ASSERT_TRUE(fetch.take(value).ok());
  EXPECT_EQ(fetch.iom.iom_nr_out, 3u);
  EXPECT_EQ(fetch.iom.iom_nr, 2u);
  EXPECT_EQ(two[0].rx_idx, 10u);
  EXPECT_EQ(two[0].rx_nr, 10u);
  EXPECT_EQ(two[1].rx_idx, 50u);
  EXPECT_EQ(fetch.iom.iom_recx_lo.rx_nr, 10u);
  EXPECT_EQ(fetch.iom.iom_recx_hi.rx_idx, 95u);

  fetch.iom = {.iom_flags = DAOS_IOMF_DETAIL};
  ASSERT_TRUE(fetch.take(value).ok());
  ASSERT_NE(fetch.iom.iom_recxs, nullptr);
  EXPECT_EQ(fetch.iom.iom_nr, 3u);
  EXPECT_EQ(fetch.iom.iom_recxs[2].rx_idx, 95u);
  std::free(fetch.iom.iom_recxs);
}

TEST(ObjectIo, RunsThatWereNotAskedForAreRefused) {
  std::string buffer(10, '#');
  ArrayFetch fetch;
  fetch.recxs = {{.rx_idx = 0, .rx_nr = 10}};
  fetch.add(buffer.data(), 10);
  EXPECT_EQ(fetch.take(value_of(1, {{10, 1}}, "x")).code(), Code::kCorrupt);
  EXPECT_EQ(fetch.take(value_of(1, {{8, 4}}, "xxxx")).code(), Code::kCorrupt);
  EXPECT_EQ(fetch.take(value_of(1, {{0, 4}}, "xx")).code(), Code::kCorrupt);
  EXPECT_EQ(buffer, std::string(10, '#'));
}

}  // namespace
}  // namespace daos::capi
