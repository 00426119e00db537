// Goal: properties are shown under the reference's names, with values as they are written, and numbers as numbers.
#include "programs/properties/shown.h"

#include <gtest/gtest.h>

#include "model/messages/property_numbers.h"
#include "programs/properties/container_properties.h"
#include "programs/properties/pool_properties.h"

namespace daos::properties {
namespace {

std::vector<std::string> entries(std::string_view bytes) { return {std::string(bytes), "A:G:GROUP@:r"}; }

Shown container_row(messages::Property property) {
  const std::vector<Shown> rows = show_container({std::move(property)}, entries);
  EXPECT_EQ(rows.size(), 1u);
  return rows.empty() ? Shown() : rows.front();
}

TEST(ShownProperties, EveryKindHasItsText) {
  EXPECT_EQ(container_row({.type = messages::kContainerChecksum, .number = 2}).text, "crc32");
  EXPECT_EQ(container_row({.type = messages::kContainerChecksumChunk, .number = 32768}).text, "32 KiB");
  EXPECT_EQ(container_row({.type = messages::kContainerChecksumChunk, .number = 32768}).value, 32768);
  EXPECT_EQ(container_row({.type = messages::kContainerRedundancyFactor, .number = 0}).value, 0);
  EXPECT_EQ(container_row({.type = messages::kContainerLayoutType, .number = 1}).text, "POSIX (1)");
  EXPECT_EQ(container_row({.type = messages::kContainerLayoutType, .number = 1}).value, "POSIX");
  EXPECT_EQ(container_row({.type = messages::kContainerLabel, .text = "box"}).text, "box");
  EXPECT_EQ(container_row({.type = messages::kContainerAcl, .text = "A::OWNER@:rw"}).text,
            "A::OWNER@:rw, A:G:GROUP@:r");
  EXPECT_EQ(container_row({.type = messages::kContainerChecksum, .number = 99}).text, "99") << "of a newer build";
  const auto status = [](uint16_t number) {
    return container_row({.type = messages::kContainerStatus, .number = messages::container_status(number, 0, 7)}).text;
  };
  EXPECT_EQ(status(messages::kStatusHealthy), "HEALTHY");
  EXPECT_EQ(status(messages::kStatusUnclean), "UNCLEAN");
  std::string roots(64, '\0');
  roots[8] = 5;
  roots[16] = 1;
  EXPECT_EQ(container_row({.type = messages::kContainerRoots, .text = roots}).text, "5.0, 0.1")
      << "nil ones are not shown";
}

TEST(ShownProperties, RowsOfAPool) {
  const std::vector<Shown> rows = show_pool({{.type = messages::kPoolServiceList, .text = std::string("\3\0\0\0", 4)},
                                             {.type = 3, .number = 7},
                                             {.type = messages::kPoolLabel, .text = "tank"}},
                                            {});
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].text, "tank");
  EXPECT_EQ(rows[1].text, "7%");
  EXPECT_EQ(rows[2].text, "[3]");
  EXPECT_EQ(rows[2].value, output::Json::array({3}));
  EXPECT_EQ(shown_text({rows[0]}), "Name               Value \n----               ----- \nPool label (label) tank  \n");
  EXPECT_EQ(shown_json({rows[1]}).dump(), R"([{"value":7,"name":"space_rb","description":"Rebuild space ratio"}])");
}

TEST(ShownProperties, SomeArePicked) {
  std::vector<Shown> rows = show_container({{.type = messages::kContainerChecksum, .number = 0},
                                            {.type = messages::kContainerRedundancyFactor, .number = 0}},
                                           {});
  EXPECT_EQ(pick(rows, "")->size(), 2u);
  EXPECT_EQ(pick(rows, "rf")->front().key, "rd_fac") << "by its other name";
  EXPECT_EQ(pick(rows, "rd_fac,cksum")->back().key, "cksum") << "in the order asked for";
  EXPECT_EQ(pick(rows, "rd_fac,colour").status().message(), "unknown property \"colour\" (valid: cksum,rd_fac)");
  EXPECT_EQ(pick(rows, ",").code(), Code::kInvalid);
}

TEST(ChangedProperties, OfAPool) {
  const Result<messages::Properties> changes = parse_pool_change({{"reclaim", "disabled"}, {"label", "lake"}});
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(messages::find_property(*changes, messages::kPoolLabel)->text, "lake");
  EXPECT_EQ(parse_pool_change({{"perf_domain", "root"}}).status().message(), "can't set perf_domain on existing pool.");
  EXPECT_EQ(parse_pool_change({{"durability", "power"}}).status().message(), "can't set durability on existing pool.");
  EXPECT_EQ(parse_pool_change({{"rf", "1"}}).code(), Code::kNotSupported);
  EXPECT_EQ(parse_pool_change({{"svc_list", "1"}}).code(), Code::kInvalid);
}

TEST(ChangedProperties, OfAContainer) {
  const Result<messages::Properties> changes = parse_container_change({{"label", "crate"}, {"status", "healthy"}});
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(messages::find_property(*changes, messages::kContainerStatus)->number,
            messages::container_status(messages::kStatusHealthy, messages::kStatusClear, 0));
  EXPECT_EQ(parse_container_change({{"cksum", "off"}}).status().message(),
            "\"cksum\" is not a settable property (valid: label,status)");
}

}  // namespace
}  // namespace daos::properties
