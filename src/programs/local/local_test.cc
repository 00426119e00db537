// Goal: directories, locks, ports and limits of a local system, without a system.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "platform/base/units.h"
#include "programs/local/clients_file.h"
#include "programs/local/directory.h"
#include "programs/local/engine_process.h"
#include "programs/local/machine.h"
#include "programs/local/ports.h"
#include "programs/local/system_file.h"

namespace daos::local {
namespace {

class InDirectory : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/local_test_XXXXXX";
    top_ = mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(top_); }
  std::string top_;
};

TEST_F(InDirectory, IsMadeWithItsFolders) {
  const Result<Directory> directory = Directory::at(top_ + "/a/b/");
  ASSERT_TRUE(directory.ok());
  EXPECT_EQ(directory->path(), top_ + "/a/b");
  ASSERT_TRUE(directory->make().ok());
  EXPECT_TRUE(std::filesystem::is_directory(directory->run()));
  EXPECT_TRUE(std::filesystem::is_directory(directory->logs()));
  EXPECT_TRUE(directory->make().ok());  // again
  EXPECT_FALSE(directory->holds_system());
}

TEST_F(InDirectory, ARelativePathIsMadeAbsoluteWhetherOrNotItIsThere) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(top_);
  EXPECT_EQ(Directory::at("new")->path(), top_ + "/new");
  EXPECT_EQ(Directory::at("./new/../other/")->path(), top_ + "/other");
  std::filesystem::current_path(before);
}

TEST_F(InDirectory, WhatIsInTheWayIsNamed) {
  std::ofstream(top_ + "/file") << "x";
  const Status status = Directory::at(top_ + "/file")->make();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find(top_ + "/file"), std::string_view::npos);
  EXPECT_EQ(Directory::at("/").code(), Code::kInvalid);
  EXPECT_EQ(Directory::at("").code(), Code::kInvalid);
}

TEST_F(InDirectory, TheEnvironmentLineSurvivesAShell) {
  EXPECT_EQ(Directory::at(top_)->environment(), "export DAOS_AGENT_DRPC_DIR=" + top_ + "/run");
  EXPECT_EQ(Directory::at(top_ + "/it's")->environment(), "export DAOS_AGENT_DRPC_DIR='" + top_ + "/it'\\''s/run'");
}

TEST_F(InDirectory, OneServerHoldsTheLock) {
  const Directory directory = *Directory::at(top_);
  ASSERT_TRUE(directory.make().ok());
  EXPECT_EQ(*running_server(directory), std::nullopt);
  {
    Result<ServerLock> lock = ServerLock::take(directory);
    ASSERT_TRUE(lock.ok());
    EXPECT_EQ(*running_server(directory), getpid());
    const Status second = ServerLock::take(directory).status();
    EXPECT_EQ(second.code(), Code::kBusy);
    EXPECT_NE(second.message().find(std::to_string(getpid())), std::string_view::npos);
  }
  EXPECT_EQ(*running_server(directory), std::nullopt);
  EXPECT_TRUE(ServerLock::take(directory).ok());
}

TEST_F(InDirectory, AnEmbeddedStoreIsNotTakenForAServer) {
  const Directory directory = *Directory::at(top_);
  ASSERT_TRUE(directory.make().ok());
  Result<ServerLock> lock = ServerLock::take(directory, ServerLock::Use::kEmbedded);
  ASSERT_TRUE(lock.ok());
  const std::string us = fmt::format("process {} (local_test)", getpid());
  EXPECT_EQ((*running_owner(directory))->to_string(), us);
  for (const Status& refused : {running_server(directory).status(), ServerLock::take(directory).status(),
                                ServerLock::take(directory, ServerLock::Use::kEmbedded).status()}) {
    EXPECT_EQ(refused.code(), Code::kBusy);
    EXPECT_NE(refused.message().find(us), std::string_view::npos) << refused.to_string();
    EXPECT_NE(refused.message().find("embedded store"), std::string_view::npos) << refused.to_string();
  }
}

TEST_F(InDirectory, AServersDirectoryRefusesAnEmbeddedStoreByName) {
  const Directory directory = *Directory::at(top_);
  ASSERT_TRUE(directory.make().ok());
  const Result<ServerLock> lock = ServerLock::take(directory);
  ASSERT_TRUE(lock.ok());
  const Status refused = ServerLock::take(directory, ServerLock::Use::kEmbedded).status();
  EXPECT_EQ(refused.code(), Code::kBusy);
  EXPECT_NE(refused.message().find(fmt::format("daos_server, process {}", getpid())), std::string_view::npos);
  EXPECT_NE(refused.message().find("status --env"), std::string_view::npos);
}

TEST_F(InDirectory, TheClientsFileKeepsWhoIsAttached) {
  const std::string path = top_ + "/clients";
  const Uuid one = Uuid::from_random(1, 1);
  const Uuid two = Uuid::from_random(2, 2);
  {
    ClientsFile file(path, {});
    ASSERT_TRUE(file.open().ok());
    EXPECT_TRUE(file.present().empty());
    file.add(one, 11);
    file.add(two, 22);
    file.remove(one);
    file.remove(one);
  }
  std::ofstream(path, std::ios::app) << "+cut sho";
  ClientsFile file(path, {});
  ASSERT_TRUE(file.open().ok());
  EXPECT_EQ(file.present(), (std::map<Uuid, uint32_t>{{two, 22}}));
}

TEST_F(InDirectory, LastLinesOfALog) {
  const std::string log = top_ + "/log";
  EXPECT_EQ(last_lines(log, 1), "");
  std::ofstream(log) << "one\ntwo\nthree\n\n";
  EXPECT_EQ(last_lines(log, 1), "three");
  EXPECT_EQ(last_lines(log, 2), "two\nthree");
  EXPECT_EQ(last_lines(log, 9), "one\ntwo\nthree");
  std::ofstream(log) << std::string(10'000, 'x') << "\nend\n";
  EXPECT_EQ(last_lines(log, 1), "end");
}

TEST(Ports, AreDistinctFreeAndBelowTheEphemeralRange) {
  PortChooser ports(1);
  const Result<messages::EngineAddress> address = ports.choose_address(8);
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->host, "127.0.0.1");
  std::set<uint16_t> all(address->target_ports.begin(), address->target_ports.end());
  all.insert(address->system_port);
  EXPECT_EQ(all.size(), 9u);
  EXPECT_LT(*all.rbegin(), first_ephemeral_port());
  for (const uint16_t port : all) EXPECT_NE(*ports.choose(), port);
}

TEST(Ports, OneThatSomebodyListensOnIsTaken) {
  PortChooser ports(2);
  const uint16_t port = *ports.choose();
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(fd, 1), 0);
  EXPECT_FALSE(port_is_free(port));
  const uint16_t other = *ports.choose();
  EXPECT_EQ(taken_ports({.host = "127.0.0.1", .system_port = other, .target_ports = {port}}),
            std::vector<uint16_t>{port});
  close(fd);
}

TEST(Machine, LimitsAreSharesOrWhatWasAskedFor) {
  ASSERT_GT(memory_bytes(), 0u);
  const Result<Limits> shares = choose_limits("/tmp", 2, 0, 0);
  ASSERT_TRUE(shares.ok()) << shares.status().to_string();
  EXPECT_EQ(shares->memory_bytes, memory_bytes() / 4);
  EXPECT_GT(shares->disk_bytes, 0u);
  EXPECT_EQ(choose_limits("/tmp", 1, 32 * kMiB, 64 * kMiB)->memory_bytes, 32 * kMiB);
  EXPECT_EQ(choose_limits("/tmp", 1, kMiB, 0).code(), Code::kNoSpace);
  EXPECT_EQ(choose_limits("/tmp", 4, memory_bytes(), 0).code(), Code::kNoSpace);
}

TEST(SystemFile, IsReadAsItWasWrittenAndRefusesImpossibleShapes) {
  const SystemFile written{.system = Uuid::from_random(1, 2), .name = "s", .shape = {.engines = 4, .targets = 2}};
  EXPECT_EQ(*decode_system_file(encode_system_file(written), "system"), written);
  EXPECT_EQ(written.shape.to_string(), "4 engines x 2 targets");
  for (const Shape shape : {Shape{0, 1}, Shape{1, 0}, Shape{kEnginesMax + 1, 1}, Shape{1, kTargetsMax + 1}}) {
    SystemFile bad = written;
    bad.shape = shape;
    EXPECT_EQ(decode_system_file(encode_system_file(bad), "system").code(), Code::kFormatInvalid);
  }
}

}  // namespace
}  // namespace daos::local
