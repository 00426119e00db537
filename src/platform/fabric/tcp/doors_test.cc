// Goal: what fails at a door fails by name and costs no descriptor; a door can be made again; and what two libraries
// share of it is a descriptor. That connections through doors keep the transport's promises is contract_test.cc's.
#include "platform/fabric/tcp/doors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "platform/fabric/tcp/socket.h"

namespace daos::fabric::tcp {
namespace {

size_t open_descriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) count++;
  return count;
}

/// Whether a byte written at one end arrives at the other.
bool connected(int a, int b) {
  char byte = 'x';
  char back = 0;
  return write(a, &byte, 1) == 1 && read(b, &back, 1) == 1 && back == 'x';
}

constexpr const char* kHere = "tcp://@test:1";

TEST(Doors, WhoEntersIsMetByTheListener) {
  const size_t before = open_descriptors();
  {
    Doors doors;
    const int inside = *doors.open(kHere);
    EXPECT_EQ(*Doors::next_entered(inside), -1);
    const int mine = *doors.enter(kHere);
    const int theirs = *Doors::next_entered(inside);
    ASSERT_GE(theirs, 0);
    EXPECT_TRUE(connected(mine, theirs));
    EXPECT_TRUE(connected(theirs, mine));
    for (const int fd : {inside, mine, theirs}) close(fd);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Doors, ALibraryWithDoorsOfItsOwnNeedsADescriptorOnly) {
  const size_t before = open_descriptors();
  {
    Doors ours;
    const int inside = *ours.open(kHere);
    Doors others;
    others.add(kHere, *ours.copy(kHere));
    const int mine = *others.enter(kHere);
    const int theirs = *Doors::next_entered(inside);
    EXPECT_TRUE(connected(mine, theirs));
    others.remove(kHere);
    others.remove(kHere);
    EXPECT_EQ(others.enter(kHere).code(), Code::kUnreachable);
    EXPECT_EQ(others.copy(kHere).code(), Code::kUnreachable);
    for (const int fd : {inside, mine, theirs}) close(fd);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Doors, NobodyBehindItIsSaidByName) {
  Doors doors;
  const int inside = *doors.open(kHere);
  EXPECT_EQ(doors.open(kHere).code(), Code::kBusy);
  close(inside);
  const size_t before = open_descriptors();
  const Status nobody = doors.enter(kHere).status();
  EXPECT_EQ(nobody.code(), Code::kUnreachable);
  EXPECT_NE(nobody.message().find(kHere), std::string_view::npos);
  EXPECT_EQ(doors.enter("tcp://@other:1").code(), Code::kUnreachable);
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Doors, AQueueThatIsFullIsNoQueueForEver) {
  Doors doors;
  const int inside = *doors.open(kHere);
  std::vector<int> waiting;
  for (;;) {
    const Result<int> mine = doors.enter(kHere);
    if (!mine.ok()) {
      EXPECT_EQ(mine.code(), Code::kAgain);
      break;
    }
    waiting.push_back(*mine);
    ASSERT_LT(waiting.size(), 10'000u);
  }
  EXPECT_GT(waiting.size(), 8u);
  close(*Doors::next_entered(inside));
  const Result<int> after = doors.enter(kHere);
  EXPECT_TRUE(after.ok());
  if (after.ok()) waiting.push_back(*after);
  for (const int fd : waiting) close(fd);
  close(inside);
}

TEST(Doors, AddressesAreToldApartFromThoseOfANetwork) {
  EXPECT_EQ(SocketAddress::parse("tcp://@some-name:7")->door, "tcp://@some-name:7");
  EXPECT_EQ(SocketAddress::parse("tcp://@some-name:7")->to_string(), "tcp://@some-name:7");
  EXPECT_EQ(SocketAddress::parse("tcp://127.0.0.1:7")->door, "");
  for (const char* wrong : {"tcp://@:7", "tcp://@name:", "tcp://@name"}) {
    EXPECT_EQ(SocketAddress::parse(wrong).code(), Code::kInvalid) << wrong;
  }
}

}  // namespace
}  // namespace daos::fabric::tcp
