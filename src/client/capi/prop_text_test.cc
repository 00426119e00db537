#include <daos_prop.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace {

int parse(const std::string& text, daos_prop_t** prop) {
  *prop = nullptr;
  return daos_prop_from_str(text.c_str(), text.size() + 1, prop);
}

TEST(PropText, PairsBecomeEntries) {
  daos_prop_t* prop = nullptr;
  ASSERT_EQ(parse("label:a:b;rd_fac:2;;ec_cell_sz:0x10000;rp_pda:010;", &prop), 0);
  ASSERT_EQ(prop->dpp_nr, 4u);
  EXPECT_STREQ(daos_prop_entry_get(prop, DAOS_PROP_CO_LABEL)->dpe_str, "a:b");
  EXPECT_EQ(daos_prop_entry_get(prop, DAOS_PROP_CO_REDUN_FAC)->dpe_val, 2u);
  EXPECT_EQ(daos_prop_entry_get(prop, DAOS_PROP_CO_EC_CELL_SZ)->dpe_val, 65536u);
  EXPECT_EQ(daos_prop_entry_get(prop, DAOS_PROP_CO_RP_PDA)->dpe_val, 8u);
  daos_prop_free(prop);
}

TEST(PropText, EachWordHasItsNumber) {
  struct {
    const char* text;
    uint32_t type;
    uint64_t value;
  } const cases[] = {
      {"cksum:off", DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_OFF},
      {"cksum:adler32", DAOS_PROP_CO_CSUM, DAOS_PROP_CO_CSUM_ADLER32},
      {"srv_cksum:on", DAOS_PROP_CO_CSUM_SERVER_VERIFY, DAOS_PROP_CO_CSUM_SV_ON},
      {"dedup:hash", DAOS_PROP_CO_DEDUP, DAOS_PROP_CO_DEDUP_HASH},
      {"compression:deflate", DAOS_PROP_CO_COMPRESS, DAOS_PROP_CO_COMPRESS_DEFLATE},
      {"compression:deflate4", DAOS_PROP_CO_COMPRESS, DAOS_PROP_CO_COMPRESS_DEFLATE4},
      {"encryption:aes-cbc192", DAOS_PROP_CO_ENCRYPT, DAOS_PROP_CO_ENCRYPT_AES_CBC192},
      {"rf:4", DAOS_PROP_CO_REDUN_FAC, 4},
      {"cksum_size:1024", DAOS_PROP_CO_CSUM_CHUNK_SIZE, 1024},
      {"perf_domain:255", DAOS_PROP_CO_PERF_DOMAIN, 255},
  };
  for (const auto& c : cases) {
    daos_prop_t* prop = nullptr;
    ASSERT_EQ(parse(c.text, &prop), 0) << c.text;
    ASSERT_EQ(prop->dpp_nr, 1u);
    EXPECT_EQ(prop->dpp_entries[0].dpe_type, c.type);
    EXPECT_EQ(prop->dpp_entries[0].dpe_val, c.value) << c.text;
    daos_prop_free(prop);
  }
}

TEST(PropText, MistakesAreRefused) {
  for (const char* text : {"",
                           ";",
                           "nosuch:1",
                           "cksum",
                           "cksum:",
                           ":x",
                           "cksum:md5",
                           "cksum:CRC32",
                           "rd_fac:5",
                           "rd_fac:02",
                           "ec_cell_sz:1k",
                           "ec_cell_sz:-1",
                           "ec_cell_sz:0x",
                           "ec_pda:18446744073709551616",
                           "label:ok;status:HEALTHY",
                           "layout_type:POSIX",
                           "owner:root@",
                           "rd_lvl:1",
                           "alloc_oid:1",
                           "global_version:1",
                           "obj_version:1",
                           "max_snapshot:1",
                           "group:g@"}) {
    daos_prop_t* prop = nullptr;
    EXPECT_EQ(parse(text, &prop), -DER_INVAL) << text;
    EXPECT_EQ(prop, nullptr);
  }
  daos_prop_t* prop = nullptr;
  EXPECT_EQ(daos_prop_from_str(nullptr, 5, &prop), -DER_INVAL);
  EXPECT_EQ(daos_prop_from_str("label:a", 0, &prop), -DER_INVAL);
  EXPECT_EQ(daos_prop_from_str("label:a", 8, nullptr), -DER_INVAL);
}

TEST(PropText, TheLengthCounts) {
  daos_prop_t* prop = nullptr;
  ASSERT_EQ(daos_prop_from_str("label:abcdef", 9, &prop), 0);
  EXPECT_STREQ(prop->dpp_entries[0].dpe_str, "abc");
  daos_prop_free(prop);
  std::string many;
  for (int i = 0; i < DAOS_PROP_ENTRIES_MAX_NR + 1; i++) many += "rd_fac:1;";
  EXPECT_EQ(parse(many, &prop), -DER_INVAL);
}

}  // namespace
