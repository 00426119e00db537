#include <daos_obj.h>
#include <gtest/gtest.h>

#include <string>

namespace {

TEST(ObjectClass, NamesAndIdsOfTheHeaderAgree) {
  struct {
    const char* name;
    daos_oclass_id_t id;
  } const some[] = {{"S1", OC_S1},
                    {"SX", OC_SX},
                    {"RP_2G6", OC_RP_2G6},
                    {"RP_6GX", OC_RP_6GX},
                    {"EC_2P1G1", OC_EC_2P1G1},
                    {"EC_4P3G8", OC_EC_4P3G8},
                    {"EC_16P3GX", OC_EC_16P3GX},
                    {"RP_XSF", OC_RP_XSF}};
  for (const auto& c : some) {
    char name[MAX_OBJ_CLASS_NAME_LEN + 1];
    EXPECT_EQ(static_cast<daos_oclass_id_t>(daos_oclass_name2id(c.name)), c.id) << c.name;
    EXPECT_EQ(daos_oclass_id2name(c.id, name), 0);
    EXPECT_STREQ(name, c.name);
  }
}

TEST(ObjectClass, UnknownNames) {
  for (const char* name : {"", "s1", "S1 ", "RP_2", "RP_2G1X", "EC_2P1G6", "EC_16P3GXXXXXXXXXXXXXXXXXXXXXXXX"}) {
    EXPECT_EQ(daos_oclass_name2id(name), OC_UNKNOWN) << name;
  }
  EXPECT_EQ(daos_oclass_name2id(nullptr), OC_UNKNOWN);
}

TEST(ObjectClass, UnusualGroupCountsHaveNamesAndUnknownIdsDoNot) {
  char name[MAX_OBJ_CLASS_NAME_LEN + 1];
  EXPECT_EQ(daos_oclass_id2name(OBJ_CLASS_DEF(OR_RP_2, 7), name), 0);
  EXPECT_STREQ(name, "RP_2G7");
  EXPECT_EQ(daos_oclass_id2name(OC_EC_2P1G6, name), 0);
  EXPECT_STREQ(name, "EC_2P1G6");
  EXPECT_EQ(daos_oclass_id2name(OC_UNKNOWN, name), -1);
  EXPECT_STREQ(name, "UNKNOWN");
}

TEST(ObjectClass, TheListHoldsEachNameAndFitsExactly) {
  std::string list(16384, '#');
  const ssize_t length = daos_oclass_names_list(list.size(), list.data());
  ASSERT_GT(length, 0);
  list.resize(static_cast<size_t>(length));
  EXPECT_NE(list.find("RP_XSF, "), std::string::npos);
  int count = 0;
  for (size_t at = 0; at < list.size(); count++) {
    const size_t end = list.find(", ", at);
    ASSERT_NE(end, std::string::npos);
    EXPECT_NE(daos_oclass_name2id(list.substr(at, end - at).c_str()), OC_UNKNOWN);
    at = end + 2;
  }
  EXPECT_EQ(daos_oclass_nr(0), count + 1);
  std::string exact(list.size() + 1, '#');
  EXPECT_EQ(daos_oclass_names_list(exact.size(), exact.data()), length);
  EXPECT_EQ(daos_oclass_names_list(exact.size() - 1, exact.data()), -DER_OVERFLOW);
  EXPECT_EQ(daos_oclass_names_list(0, exact.data()), -DER_INVAL);
  EXPECT_EQ(daos_oclass_names_list(100, nullptr), -DER_INVAL);
}

TEST(ObjectClass, OwnClassesAreNotOffered) {
  EXPECT_EQ(daos_obj_register_class(DAOS_HDL_INVAL, OC_S1, nullptr, nullptr), -DER_NOSYS);
  EXPECT_EQ(daos_obj_query_class(DAOS_HDL_INVAL, OC_S1, nullptr, nullptr), -DER_NOSYS);
  EXPECT_EQ(daos_obj_list_class(DAOS_HDL_INVAL, nullptr, nullptr, nullptr), -DER_NOSYS);
}

TEST(ObjectId, BitsOfAnId) {
  const daos_obj_id_t oid = {7, uint64_t{DAOS_OT_KV_LEXICAL} << OID_FMT_TYPE_SHIFT |
                                    uint64_t{OR_RS_4P2} << OID_FMT_CLASS_SHIFT | uint64_t{8} << OID_FMT_META_SHIFT | 9};
  EXPECT_EQ(daos_obj_id2type(oid), DAOS_OT_KV_LEXICAL);
  EXPECT_EQ(daos_obj_id2class(oid), daos_oclass_id_t{OC_EC_4P2G8});
  EXPECT_EQ(daos_obj_id2ord(oid), OR_RS_4P2);
  EXPECT_EQ(daos_obj_id2grp_nr(oid), 8u);
  EXPECT_TRUE(daos_is_kv(oid) && daos_is_dkey_lexical(oid));
  EXPECT_FALSE(daos_is_array(oid) || daos_is_dkey_uint64(oid) || daos_is_akey_uint64(oid) || daos_is_akey_lexical(oid));
  EXPECT_FALSE(daos_obj_id_is_nil(oid));
  EXPECT_TRUE(daos_obj_id_is_nil(DAOS_OBJ_NIL));
  EXPECT_FALSE(daos_otype_t_is_valid(static_cast<daos_otype_t>(DAOS_OT_MAX + 1)));
}

TEST(ObjectId, CyclingStaysInTheUsersBits) {
  daos_obj_id_t oid = {5, 0xabcd000000000003};
  daos_obj_oid_cycle(&oid);
  EXPECT_EQ(oid.hi, 999999940u);
  oid.hi = UINT32_MAX;
  daos_obj_oid_cycle(&oid);
  EXPECT_EQ(oid.hi, 999999936u);
  EXPECT_EQ(oid.lo, 5u);
}

}  // namespace
