// Goal: properties are understood, or refused by name with what would be valid. The numbers are those of the public
// API.
#include <daos_prop.h>
#include <gtest/gtest.h>

#include "programs/properties/container_properties.h"
#include "programs/properties/pool_properties.h"

namespace daos::properties {
namespace {

TEST(PoolProperties, AreNumbersOfTheApi) {
  const Result<PoolSettings> settings = parse_pool_properties(
      {{"reclaim", "time"}, {"ec_cell_sz", "64KiB"}, {"space_rb", "7%"}, {"durability", "process"}}, "tank");
  ASSERT_TRUE(settings.ok()) << settings.status().to_string();
  EXPECT_EQ(settings->durability, 1);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_PO_RECLAIM)->number, 4u);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_PO_EC_CELL_SZ)->number, 65536u);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_PO_SPACE_RB)->number, 7u);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_PO_REDUN_FAC)->number,
            0u);  // rd_fac is 0 unless given
}

TEST(PoolProperties, RedundancyIsRefusedWithTheCommandThatWorks) {
  const Status status = parse_pool_properties({{"rf", "2"}}, "tank").status();
  EXPECT_EQ(status.code(), Code::kNotSupported);
  EXPECT_NE(status.message().find("dmg pool create tank --size SIZE --properties rd_fac:0"), std::string_view::npos);
  EXPECT_TRUE(parse_pool_properties({{"rd_fac", "0"}}, "tank").ok());
}

TEST(PoolProperties, MistakesAreNamed) {
  const auto message = [](const char* key, const char* value) {
    const Status status = parse_pool_properties({{key, value}}, "tank").status();
    EXPECT_EQ(status.code(), Code::kInvalid) << key << ":" << value;
    return std::string(status.message());
  };
  EXPECT_EQ(message("label", "x"), "can't set label property with label argument");
  EXPECT_EQ(message("rd_fac", "7"), "properties: invalid choice \"7\" for rd_fac (valid: 0,1,2,3,4)");
  EXPECT_EQ(message("durability", "none"), "properties: invalid choice \"none\" for durability (valid: power,process)");
  EXPECT_EQ(message("reclaim", "never"),
            "properties: invalid choice \"never\" for reclaim (valid: disabled,lazy,time)");
  EXPECT_EQ(message("ec_cell_sz", "1KiB"), "invalid EC Cell size \"1KiB\"");
  EXPECT_EQ(message("ec_cell_sz", "65537"), "invalid EC Cell size \"65537\"");
  EXPECT_EQ(message("checkpoint_freq", "0"), "properties: \"0\" is not a number from 1 to 1048576 for checkpoint_freq");
  EXPECT_NE(message("colour", "red").find("unknown property \"colour\""), std::string::npos);
}

TEST(ContainerProperties, AreNumbersOfTheApi) {
  const Result<ContainerSettings> settings = parse_container_properties(
      {{"label", "first"}, {"rd_lvl", "rank"}, {"ec_cell_sz", "64KiB"}, {"rf", "0"}, {"perf_domain", "group"}}, "tank",
      "first");
  ASSERT_TRUE(settings.ok()) << settings.status().to_string();
  EXPECT_EQ(settings->label, "first");
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_REDUN_LVL)->number, DAOS_PROP_CO_REDUN_RANK);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_EC_CELL_SZ)->number, 65536u);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_REDUN_FAC)->number, 0u);
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_PERF_DOMAIN)->number, 200u);
}

TEST(ContainerProperties, ChecksumsAreStored) {
  const Result<ContainerSettings> settings =
      parse_container_properties({{"cksum", "crc32"}, {"srv_cksum", "on"}}, "tank", "first");
  ASSERT_TRUE(settings.ok());
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_CSUM)->number,
            uint64_t{DAOS_PROP_CO_CSUM_CRC32});
  EXPECT_EQ(messages::find_property(settings->properties, DAOS_PROP_CO_CSUM_SERVER_VERIFY)->number,
            uint64_t{DAOS_PROP_CO_CSUM_SV_ON});
}

TEST(ContainerProperties, WhatIsNotThereYetIsRefusedWithWhatWorks) {
  for (const auto& [key, value, works] :
       std::vector<std::array<std::string, 3>>{{"rd_fac", "1", "rd_fac:0"},
                                               {"encryption", "aes-gcm128", "encryption:off"},
                                               {"compression", "lz4", "compression:off"},
                                               {"dedup", "hash", "dedup:off"}}) {
    const Status status = parse_container_properties({{key, value}}, "tank", "first").status();
    EXPECT_EQ(status.code(), Code::kNotSupported);
    EXPECT_NE(status.message().find("daos container create tank first --properties " + works), std::string_view::npos)
        << status.to_string();
    const std::string off = works.substr(works.find(':') + 1);
    EXPECT_TRUE(parse_container_properties({{key, off}}, "tank", "first").ok());
  }
}

TEST(ContainerProperties, MistakesAreNamed) {
  const auto message = [](const char* key, const char* value) {
    const Status status = parse_container_properties({{key, value}}, "tank", "first").status();
    EXPECT_EQ(status.code(), Code::kInvalid) << key << ":" << value;
    return std::string(status.message());
  };
  EXPECT_EQ(message("rd_fac", "9"), "properties: invalid choice \"9\" for rd_fac (valid: 0,1,2,3,4)");
  EXPECT_EQ(message("cksum_size", "x"), "invalid cksum_size \"x\" (try N<unit>)");
  EXPECT_NE(message("colour", "red").find("unknown property \"colour\" (valid: label,cksum,"), std::string::npos);
}

TEST(ContainerProperties, Layouts) {
  EXPECT_EQ(*parse_layout("posix"), static_cast<uint64_t>(DAOS_PROP_CO_LAYOUT_POSIX));
  EXPECT_EQ(*parse_layout("METEO"), static_cast<uint64_t>(DAOS_PROP_CO_LAYOUT_METEO));
  EXPECT_EQ(parse_layout("zip").status().message(), "unknown container layout \"zip\"");
  EXPECT_EQ(layout_name(1), "POSIX");
  EXPECT_EQ(layout_name(99), "unknown");
}

}  // namespace
}  // namespace daos::properties
