// Goal: errors cross the control socket whole, a missing system is explained, properties are understood or refused by
// name.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "programs/control/client.h"
#include "programs/control/grpc_status.h"

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

}  // namespace
}  // namespace daos::control
