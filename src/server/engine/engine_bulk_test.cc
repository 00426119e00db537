// Goal: a target pulls what an update lends and places what a fetch has room for, exactly; it executes nothing whose
// bytes did not come, and no client, late, silent or hostile, takes memory or ends it.
#include "server/engine/test_world.h"

namespace daos::engine {
namespace {

using namespace std::chrono_literals;
using messages::Extent;
using messages::ValueKind;

constexpr uint64_t kLong = 700'000;

std::string long_value(char c) { return std::string(kLong - 10, c) + "0123456789"; }

class EngineBulk : public testing::Test {
 protected:
  EngineBulk() {
    world_.start();
    world_.make_container();
  }
  messages::UpdateRequest update_request(uint64_t lent_bytes, rpc::SlotRef slot) {
    return {
        .pool = world_.pool_,
        .handle = world_.handle_,
        .object = TestWorld::kObject,
        .map_version = world_.map_version_,
        .slot = slot,
        .dkey = bytes("dkey"),
        .akeys = {messages::AkeyUpdate{.akey = bytes("akey"), .record_bytes = lent_bytes, .lent_bytes = lent_bytes}}};
  }
  messages::FetchRequest fetch_request(uint64_t bytes_max) {
    return {.pool = world_.pool_,
            .handle = world_.handle_,
            .object = TestWorld::kObject,
            .map_version = world_.map_version_,
            .dkey = bytes("dkey"),
            .akeys = {messages::AkeyFetch{.akey = bytes("akey"), .bytes_max = bytes_max}}};
  }
  fabric::MemoryKey lend(fabric::Access access, std::string& memory) {
    return world_.client().endpoint().lend(access, {std::as_writable_bytes(std::span(memory))});
  }
  /// With the memory lent for the length of the call.
  template <class Request>
  auto call(Request request, fabric::Access access, std::string& memory, Duration limit = 5s) {
    request.lent.key = lend(access, memory);
    auto reply = world_.call_at(0, 0, request, limit);
    world_.client().endpoint().revoke(request.lent.key);
    return reply;
  }
  Result<messages::UpdateReply> update(std::string& memory, rpc::SlotRef slot) {
    return call(update_request(memory.size(), slot), fabric::Access::kPeerReads, memory);
  }
  Result<messages::FetchReply> fetch(std::string& memory) {
    return call(fetch_request(memory.size()), fabric::Access::kPeerWrites, memory);
  }
  /// The value that is stored, however long.
  std::string stored() {
    std::string memory(2 * kLong, '#');
    const auto reply = fetch(memory);
    EXPECT_TRUE(reply.ok()) << reply.status().to_string();
    if (!reply.ok()) return "";
    if (reply->values[0].record_bytes == 0) return "nothing";
    EXPECT_TRUE(reply->placed);
    return memory.substr(0, reply->values[0].record_bytes);
  }

  TestWorld world_;
};

TEST_F(EngineBulk, AValueIsPulledAndPlaced) {
  std::string memory = long_value('a');
  ASSERT_TRUE(update(memory, {0, 1}).ok());
  std::string into(kLong + 1000, '#');
  const auto reply = fetch(into);
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_TRUE(reply->placed);
  EXPECT_EQ(reply->values[0].record_bytes, kLong);
  EXPECT_TRUE(reply->values[0].value.empty());
  EXPECT_EQ(into, memory + std::string(1000, '#'));
}

TEST_F(EngineBulk, AShortValueComesWithTheReplyThoughThereIsMemory) {
  ASSERT_TRUE(world_.update("short", {0, 1}).ok());
  std::string into(kLong, '#');
  const auto reply = fetch(into);
  ASSERT_TRUE(reply.ok());
  EXPECT_FALSE(reply->placed);
  EXPECT_EQ(as_text(reply->values[0].value.bytes()), "short");
  EXPECT_EQ(into, std::string(kLong, '#'));
}

TEST_F(EngineBulk, RunsOfArraysLandInTheirPlacesAndHolesStay) {
  // records of 2 bytes: [100, 100100) of x, [200000, 300000) of y, and a second akey beside them
  const auto write = [&](std::string akey, std::vector<Extent> extents, std::string data, uint64_t sequence) {
    messages::UpdateRequest request = update_request(data.size(), {0, sequence});
    request.akeys[0].akey = bytes(akey);
    request.akeys[0].kind = ValueKind::kArray;
    request.akeys[0].record_bytes = 2;
    request.akeys[0].extents = std::move(extents);
    const auto reply = call(std::move(request), fabric::Access::kPeerReads, data);
    ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  };
  write("one", {{100, 100'000}}, std::string(200'000, 'x'), 1);
  write("one", {{200'000, 50'000}, {250'000, 50'000}}, std::string(200'000, 'y'), 2);
  write("two", {{0, 50'000}}, std::string(100'000, 'z'), 3);

  std::string into(2 * 300'000 + 50 + 100'000, '#');
  messages::FetchRequest request = fetch_request(0);
  request.akeys = {{.akey = bytes("one"),
                    .kind = ValueKind::kArray,
                    .extents = {{150'000, 150'000}, {0, 150'000}},
                    .bytes_max = 600'050},
                   {.akey = bytes("two"), .kind = ValueKind::kArray, .extents = {{0, 50'000}}, .bytes_max = 100'000}};
  const auto reply = call(std::move(request), fabric::Access::kPeerWrites, into);
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_TRUE(reply->placed);
  EXPECT_EQ(reply->values[0].extents, (std::vector<Extent>{{200'000, 100'000}, {100, 100'000}}));
  EXPECT_EQ(reply->values[1].extents, (std::vector<Extent>{{0, 50'000}}));
  EXPECT_EQ(into, std::string(100'000, '#') + std::string(200'000, 'y') + std::string(200, '#') +
                      std::string(200'000, 'x') + std::string(99'800 + 50, '#') + std::string(100'000, 'z'));
}

TEST_F(EngineBulk, WhatDoesNotFitIsMeasuredAndNothingIsPlaced) {
  std::string memory = long_value('a');
  ASSERT_TRUE(update(memory, {0, 1}).ok());
  messages::FetchRequest request = fetch_request(kLong);
  request.akeys.push_back({.akey = bytes("akey"), .bytes_max = kLong - 1});
  std::string into(2 * kLong - 1, '#');
  const auto reply = call(std::move(request), fabric::Access::kPeerWrites, into);
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  EXPECT_FALSE(reply->placed);
  for (const messages::FetchedValue& value : reply->values) {
    EXPECT_TRUE(value.too_big);
    EXPECT_EQ(value.record_bytes, kLong);
  }
  EXPECT_EQ(into, std::string(2 * kLong - 1, '#'));
}

TEST_F(EngineBulk, AnAnswerThatNoMessageHoldsIsNotSent) {
  std::string memory = long_value('a');
  ASSERT_TRUE(update(memory, {0, 1}).ok());
  messages::FetchRequest request = fetch_request(UINT64_MAX);
  for (int i = 0; i < 9; i++) request.akeys.push_back(request.akeys[0]);
  const auto reply = world_.call_at(0, 0, std::move(request));
  ASSERT_TRUE(reply.ok()) << reply.status().to_string();
  size_t came = 0;
  for (const messages::FetchedValue& value : reply->values) {
    EXPECT_EQ(value.value.size(), value.too_big ? 0 : kLong);
    came += value.value.empty() ? 0 : 1;
  }
  EXPECT_EQ(came, 5u);
}

TEST_F(EngineBulk, MemoryTakenBackTooEarlyMeansNothingIsExecuted) {
  std::string memory = long_value('a');
  messages::UpdateRequest request = update_request(kLong, {0, 1});
  request.lent.key = lend(fabric::Access::kPeerReads, memory);
  world_.client().endpoint().revoke(request.lent.key);
  EXPECT_EQ(world_.call_at(0, 0, request).code(), Code::kKeyRevoked);
  EXPECT_EQ(stored(), "nothing");
  // The same operation, lent anew.
  EXPECT_TRUE(update(memory, {0, 1}).ok());
  EXPECT_EQ(stored(), memory);
}

TEST_F(EngineBulk, ARepetitionIsAnsweredWithoutItsData) {
  std::string memory = long_value('a');
  const auto first = update(memory, {0, 1});
  ASSERT_TRUE(first.ok());
  messages::UpdateRequest request = update_request(kLong, {0, 1});
  request.lent.key = fabric::MemoryKey(12345);  // of nothing
  const auto again = world_.call_at(0, 0, request);
  ASSERT_TRUE(again.ok()) << again.status().to_string();
  EXPECT_EQ(again->epoch, first->epoch);
}

TEST_F(EngineBulk, ASilentClientIsGivenUpAfterFiveSecondsAndNothingIsExecuted) {
  std::string memory = long_value('a');
  messages::UpdateRequest request = update_request(kLong, {0, 1});
  request.lent.key = lend(fabric::Access::kPeerReads, memory);
  // The request gets through, its data does not.
  world_.timeline().after(1ms, [&] { world_.network().block(world_.client_node(), world_.node(0)); });
  const Time begin = world_.timeline().now();
  const auto reply = world_.call_at(0, 0, request, 20s);
  EXPECT_EQ(reply.code(), Code::kTimedOut) << reply.status().to_string();
  EXPECT_GE(world_.timeline().now() - begin, 5s);
  EXPECT_LT(world_.timeline().now() - begin, 6s);
  world_.network().unblock_all();
  world_.client().endpoint().revoke(request.lent.key);
  world_.let_time_pass(1s);
  EXPECT_EQ(stored(), "nothing");
  EXPECT_TRUE(update(memory, {0, 1}).ok());
  EXPECT_EQ(stored(), memory);
}

TEST_F(EngineBulk, AnEngineThatDiesWhileItPullsHasExecutedNothingOrAll) {
  int before = 0;
  int after = 0;
  uint64_t sequence = 0;
  std::string last = "nothing";
  for (Duration when = 100us; when < 4ms; when += 300us) {
    std::string memory = long_value(static_cast<char>('a' + sequence));
    messages::UpdateRequest request = update_request(kLong, {0, ++sequence});
    request.lent.key = lend(fabric::Access::kPeerReads, memory);
    bool over = false;
    world_.timeline().after(when, [&] {
      if (!over) world_.network().crash(world_.node(0), fabric::CrashKind::kReset);
    });
    const auto reply = world_.call_at(0, 0, request, 2s);
    over = true;
    world_.client().endpoint().revoke(request.lent.key);
    if (!reply.ok()) {
      world_.network().restart(world_.node(0));
      for (uint32_t room = 0; room <= TestWorld::kTargets; room++) world_.disk(0, room).crash(storage::Loss::kProcess);
      world_.stop(0);
      world_.start(0);
    }
    const std::string found = stored();
    EXPECT_TRUE(found == last || found == memory) << found.substr(0, 20);
    if (reply.ok()) EXPECT_EQ(found, memory);
    (found == memory ? after : before)++;
    last = found;
  }
  EXPECT_GT(before, 0) << "no engine died early enough";
  EXPECT_GT(after, 0) << "every engine died too early";
}

TEST_F(EngineBulk, WhatNoClientOfOursSendsIsRefused) {
  EXPECT_EQ(world_.call_at(0, 0, update_request(kLong, {0, 1})).code(), Code::kInvalid) << "lent without a key";
  std::string memory = long_value('a');
  messages::UpdateRequest both = update_request(kLong, {0, 1});
  both.akeys[0].value = bytes("value");
  EXPECT_EQ(call(both, fabric::Access::kPeerReads, memory).code(), Code::kInvalid);
  EXPECT_EQ(call(update_request(UINT64_MAX, {0, 1}), fabric::Access::kPeerReads, memory).code(), Code::kOverflow);
  messages::UpdateRequest twice = update_request(messages::kUpdateBytesMax, {0, 1});
  twice.akeys.push_back(twice.akeys[0]);
  EXPECT_EQ(call(twice, fabric::Access::kPeerReads, memory).code(), Code::kOverflow);
  // More than was lent, and what was lent for the other direction.
  EXPECT_EQ(call(update_request(kLong + 1, {0, 1}), fabric::Access::kPeerReads, memory).code(), Code::kInvalid);
  EXPECT_FALSE(call(update_request(kLong, {0, 1}), fabric::Access::kPeerWrites, memory).ok());
  messages::FetchRequest much = fetch_request(UINT64_MAX);
  much.akeys.push_back(much.akeys[0]);
  EXPECT_EQ(call(much, fabric::Access::kPeerWrites, memory).code(), Code::kInvalid);
  EXPECT_EQ(stored(), "nothing");
}

}  // namespace
}  // namespace daos::engine
