// Goal: long values go from and to the caller's memory, and once a call has ended, however it ended, nobody reads or
// writes that memory any more. Method: targets that remember what was lent to them and try it again afterwards.
#include <set>

#include "client/core/fake_system.h"

namespace daos::core {
namespace {

using namespace std::chrono_literals;
using Mood = FakeSystem::Target::Mood;
using runtime::Task;

constexpr size_t kLong = 300'000;

std::string long_value(char c) { return std::string(kLong - 10, c) + "0123456789"; }

/// The caller's memory: pieces of odd lengths.
struct Memory {
  explicit Memory(std::string text, size_t bytes = kLong) : text(std::move(text)) { this->text.resize(bytes, '#'); }
  MemoryList list() {
    MemoryList list;
    for (size_t at = 0, piece = 1; at < text.size(); at += piece, piece = piece * 3 + 1) {
      piece = std::min(piece, text.size() - at);
      list.add(text.data() + at, piece);
    }
    return list;
  }
  std::string text;
};

Update update_from(const std::string& dkey, Memory& memory) {
  Update update{.dkey = FakeSystem::bytes(dkey)};
  update.akeys.push_back({.akey = FakeSystem::bytes("a"), .record_bytes = memory.text.size()});
  update.memory.push_back(memory.list());
  return update;
}
Fetch fetch_into(const std::string& dkey, Memory& memory) {
  Fetch fetch{.dkey = FakeSystem::bytes(dkey)};
  fetch.akeys.push_back({.akey = FakeSystem::bytes("a")});
  fetch.memory.push_back(memory.list());
  return fetch;
}

struct Bulk : testing::Test {
  Status update(const std::string& dkey, Memory& memory, runtime::StopToken stop = {}) {
    return system_.run(update_object(system_.lane(), object_, update_from(dkey, memory), stop));
  }
  Result<std::vector<messages::FetchedValue>> fetch(const std::string& dkey, Memory& memory,
                                                    runtime::StopToken stop = {}) {
    return system_.run(fetch_object(system_.lane(), object_, fetch_into(dkey, memory), stop));
  }
  FakeSystem::Target& target() { return system_.target(0); }
  /// All memory that was ever lent to the target is out of its reach.
  void expect_all_taken_back(fabric::Access access) {
    ASSERT_FALSE(target().lent.empty());
    target().mood = Mood::kWell;
    Memory last(long_value('z'));
    ASSERT_TRUE(update(dkey_, last).ok());  // so that there is a connection to try it over
    for (const fabric::RemoteMemory& memory : target().lent) {
      fabric::Endpoint& endpoint = target().node->endpoint();
      IoBuf buffer = IoBuf::allocate(100).take();
      std::memset(buffer.data(), '!', buffer.size());
      runtime::Reactor& reactor = target().reactor->reactor();
      Status late = access == fabric::Access::kPeerReads
                        ? runtime::run(system_.timeline(), reactor, endpoint.get(target().lender, memory, buffer, {}))
                        : runtime::run(system_.timeline(), reactor, endpoint.put(target().lender, memory, buffer, {}));
      if (access == fabric::Access::kPeerReads) EXPECT_EQ(late.code(), Code::kKeyRevoked) << late.to_string();
      late.ignore("a put is told later, or never");
    }
    system_.timeline().run_until(system_.timeline().now() + 1s);
  }

  FakeSystem system_{{.total = 30s}};
  ObjectRef object_ = system_.open_object();
  std::string dkey_ = system_.dkey_at(object_, 0);
};

TEST_F(Bulk, ALongValueIsPulledOutOfTheCallersPieces) {
  Memory memory(long_value('a'));
  EXPECT_TRUE(update(dkey_, memory).ok());
  EXPECT_EQ(target().values[dkey_], memory.text);
  EXPECT_EQ(target().lent.size(), 1u);
  expect_all_taken_back(fabric::Access::kPeerReads);
}

TEST_F(Bulk, AShortOneLeavesWithItsRequest) {
  Memory memory("short", 5);
  EXPECT_TRUE(update(dkey_, memory).ok());
  EXPECT_EQ(target().values[dkey_], "short");
  Memory into("", 1000);
  const auto values = fetch(dkey_, into);
  ASSERT_TRUE(values.ok());
  EXPECT_EQ((*values)[0].record_bytes, 5u);
  EXPECT_EQ(into.text, "short" + std::string(995, '#'));
  EXPECT_TRUE(target().lent.empty());
}

TEST_F(Bulk, ALongValueLandsInTheCallersPieces) {
  target().values[dkey_] = long_value('b');
  Memory memory("", kLong + 1000);
  const auto values = fetch(dkey_, memory);
  ASSERT_TRUE(values.ok()) << values.status().to_string();
  EXPECT_EQ((*values)[0].record_bytes, kLong);
  EXPECT_TRUE((*values)[0].value.empty());
  EXPECT_EQ(memory.text, long_value('b') + std::string(1000, '#'));
  expect_all_taken_back(fabric::Access::kPeerWrites);
  EXPECT_EQ(memory.text, long_value('b') + std::string(1000, '#'));
}

TEST_F(Bulk, WhatHasNoRoomIsMeasuredAndNothingIsWritten) {
  target().values[dkey_] = long_value('b');
  for (const size_t room : {kLong - 1, size_t{1000}}) {
    Memory memory("", room);
    const auto values = fetch(dkey_, memory);
    ASSERT_TRUE(values.ok()) << values.status().to_string();
    EXPECT_TRUE((*values)[0].too_big);
    EXPECT_EQ((*values)[0].record_bytes, kLong);
    EXPECT_EQ(memory.text, std::string(room, '#'));
  }
}

TEST_F(Bulk, EachAttemptHasItsOwnKeyAndTheUpdateHappensOnce) {
  constexpr int kUpdates = 60;
  system_.network().set_model({.reset_ppm = 10'000});
  std::vector<Memory> memory;
  for (int i = 0; i < kUpdates; i++) memory.emplace_back(long_value('A') + std::to_string(i), kLong + 10);
  const Status all = system_.run([](Bulk& self, std::vector<Memory>& from) -> Task<Status> {
    runtime::Scope scope(self.system_.lane().reactor());
    for (int i = 0; i < kUpdates; i++) {
      scope.spawn([](Bulk& test, Memory& mine, int n) -> Task<Status> {
        runtime::Reactor& reactor = test.system_.lane().reactor();
        DX_CO_TRY(co_await runtime::sleep(reactor, reactor.within(n * std::chrono::milliseconds(4))));
        const std::string before = mine.text;
        Status status = co_await update_object(test.system_.lane(), test.object_, update_from(test.dkey_, mine), {});
        EXPECT_EQ(mine.text, before);
        mine.text.assign(mine.text.size(), '?');  // the caller's again: whoever still reads it shows in the value
        co_return status;
      }(self, from[i], i));
    }
    Status joined = co_await scope.join();
    co_return joined;
  }(*this, memory));
  EXPECT_TRUE(all.ok()) << all.to_string();
  system_.network().set_model({});
  EXPECT_EQ(target().executions.size(), static_cast<size_t>(kUpdates));
  for (const auto& [value, times] : target().executions) {
    EXPECT_EQ(times, 1);
    EXPECT_TRUE(value.starts_with(long_value('A')));
  }
  std::set<uint64_t> keys;
  for (const fabric::RemoteMemory& lent : target().lent) keys.insert(lent.key.value());
  EXPECT_EQ(keys.size(), target().lent.size());
  EXPECT_GT(keys.size(), static_cast<size_t>(kUpdates)) << "the test saw no trouble";
  expect_all_taken_back(fabric::Access::kPeerReads);
}

TEST_F(Bulk, AnUpdateThatIsGivenUpTakesItsMemoryBackFirst) {
  target().mood = Mood::kExecutesSilently;
  Memory memory(long_value('c'));
  EXPECT_TRUE(update(dkey_, memory).ok()) << "it had been executed, as closing its slot told";
  EXPECT_GT(target().lent.size(), 1u) << "one attempt only";
  EXPECT_EQ(target().executions[memory.text], 1);
  expect_all_taken_back(fabric::Access::kPeerReads);
}

TEST_F(Bulk, AFetchThatIsCancelledAtAnyTimeLeavesMemoryAloneAfterwards) {
  target().values[dkey_] = long_value('d');
  int placed = 0;
  for (Duration when = 0ms; when < 3ms; when += 50us) {
    target().lent.clear();
    Memory memory("");
    runtime::StopSource stop;
    system_.timeline().after(when, [&] { stop.request_stop(); });
    const auto values = fetch(dkey_, memory, stop.token());
    if (values.ok()) {
      EXPECT_EQ(memory.text, long_value('d'));
      placed++;
      continue;
    }
    EXPECT_EQ(values.code(), Code::kCancelled) << values.status().to_string();
    memory.text.assign(kLong, '?');
    system_.timeline().run_until(system_.timeline().now() + 1s);
    EXPECT_EQ(memory.text, std::string(kLong, '?')) << when.count();
  }
  EXPECT_GT(placed, 0) << "every one was cancelled";
  EXPECT_LT(placed, 60) << "none was cancelled";
}

TEST_F(Bulk, AnUpdateThatIsCancelledAtAnyTimeHappensWholeOrNotAtAll) {
  int executed = 0;
  int cancelled = 0;
  for (Duration when = 0ms; when < 3ms; when += 50us) {
    target().values.erase(dkey_);
    Memory memory(long_value('e'));
    runtime::StopSource stop;
    system_.timeline().after(when, [&] { stop.request_stop(); });
    const Status status = update(dkey_, memory, stop.token());
    memory.text.assign(kLong, '?');
    system_.timeline().run_until(system_.timeline().now() + 1s);
    const bool there = target().values.contains(dkey_);
    EXPECT_EQ(there, status.ok()) << status.to_string();
    if (there) EXPECT_EQ(target().values[dkey_], long_value('e'));
    (there ? executed : cancelled)++;
  }
  EXPECT_GT(executed, 0);
  EXPECT_GT(cancelled, 0);
}

TEST_F(Bulk, MoreThanAnUpdateMayBringIsRefusedBeforeAnythingIsSent) {
  Update update{.dkey = FakeSystem::bytes(dkey_)};
  char byte = 0;
  update.akeys.push_back({.akey = FakeSystem::bytes("a"), .record_bytes = messages::kUpdateBytesMax + 1});
  update.memory.emplace_back(&byte, messages::kUpdateBytesMax + 1);  // never looked at
  const Status refused = system_.run(update_object(system_.lane(), object_, std::move(update), {}));
  EXPECT_EQ(refused.code(), Code::kOverflow) << refused.to_string();
}

}  // namespace
}  // namespace daos::core
