// Goal: errors cross the control socket whole, a missing system is explained, properties are understood or refused by
// name.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "programs/control/client.h"
#include "programs/control/grpc_status.h"
#include "programs/control/pool_properties.h"

namespace daos::control {
namespace {

TEST(Control, ErrorsCrossWhole) {
  const Status sent = error(Code::kNoSpace, "engine 3 has 1 GB");
  const Status received = from_grpc(to_grpc(sent));
  EXPECT_EQ(received.code(), Code::kNoSpace);
  EXPECT_EQ(received.message(), "engine 3 has 1 GB");
  EXPECT_TRUE(from_grpc(to_grpc(Status())).ok());
  EXPECT_EQ(from_grpc(to_grpc(Status(Code::kBusy))).message(), "it is in use");
  EXPECT_EQ(from_grpc({grpc::StatusCode::UNAVAILABLE, "gone"}).code(), Code::kUnreachable);
}

TEST(Control, WithoutASystemTheErrorSaysHowToStartOne) {
  const Status status = Client::connect("/nonexistent").status();
  EXPECT_EQ(status.code(), Code::kUnreachable);
  EXPECT_NE(status.message().find("/nonexistent/daos_control.sock"), std::string_view::npos);
  EXPECT_NE(status.message().find("daos_server local --dir"), std::string_view::npos);
}

TEST(Control, TheDirectoryComesFromTheEnvironment) {
  setenv("DAOS_AGENT_DRPC_DIR", "/somewhere", 1);
  EXPECT_EQ(socket_directory(), "/somewhere");
  setenv("DAOS_AGENT_DRPC_DIR", "", 1);
  EXPECT_EQ(socket_directory(), "/var/run/daos_agent");
}

TEST(PoolProperties, AreNumbersOfTheApi) {
  const Result<PoolSettings> settings = parse_pool_properties(
      {{"reclaim", "time"}, {"ec_cell_sz", "64KiB"}, {"space_rb", "7%"}, {"durability", "process"}}, "tank");
  ASSERT_TRUE(settings.ok()) << settings.status().to_string();
  EXPECT_EQ(settings->durability, 1);
  EXPECT_EQ(messages::find_property(settings->properties, 5)->number, 4u);
  EXPECT_EQ(messages::find_property(settings->properties, 9)->number, 65536u);
  EXPECT_EQ(messages::find_property(settings->properties, 3)->number, 7u);
  EXPECT_EQ(messages::find_property(settings->properties, 11)->number, 0u);  // rd_fac is 0 unless given
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

}  // namespace
}  // namespace daos::control
