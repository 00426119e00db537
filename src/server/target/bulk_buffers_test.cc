// Goal: the memory is bounded, every session gets its turn, a long value is not passed over for ever, and who gives up
// leaves nothing behind.
#include "server/target/bulk_buffers.h"

#include <gtest/gtest.h>

#include "platform/runtime/scope.h"
#include "platform/runtime/virtual_time.h"

namespace daos::target {
namespace {

using namespace std::chrono_literals;
using runtime::Task;

rpc::EndpointId session(uint64_t number) { return {.client = Uuid::from_random(number, 0), .context = 0}; }

class World {
 public:
  runtime::Reactor& reactor() { return reactor_.reactor(); }
  BulkBuffers& buffers() { return buffers_; }
  template <class T>
  T run(Task<T> task) {
    return runtime::run(timeline_, reactor(), std::move(task));
  }
  /// Holds `bytes` for a millisecond; writes down `name` when it got them.
  Task<Status> use(rpc::EndpointId who, uint64_t bytes, std::string name) {
    const BulkBuffers::Hold hold = DX_CO_TRY(co_await buffers_.acquire(who, bytes, {}));
    order_ += name;
    Status slept = co_await runtime::sleep(reactor(), reactor().within(1ms));
    co_return slept;
  }
  std::string order_;

 private:
  runtime::Timeline timeline_;
  runtime::VirtualClock clock_{timeline_};
  runtime::VirtualReactor reactor_{timeline_, {.clock = &clock_, .seed = 1}};
  BulkBuffers buffers_{reactor_.reactor(), 100};
};

TEST(BulkBuffers, SessionsTakeTurnsAndEachInItsOrder) {
  World world;
  const Status all = world.run([](World& w) -> Task<Status> {
    runtime::Scope scope(w.reactor());
    scope.spawn(w.use(session(9), 100, "x"));
    for (const char* name : {"a1 ", "a2 ", "a3 "}) scope.spawn(w.use(session(1), 100, name));
    for (const char* name : {"b1 ", "b2 "}) scope.spawn(w.use(session(2), 100, name));
    Status joined = co_await scope.join();
    co_return joined;
  }(world));
  EXPECT_TRUE(all.ok());
  const bool first = session(1) < session(2);
  EXPECT_EQ(world.order_, first ? "xa1 b1 a2 b2 a3 " : "xb1 a1 b2 a2 a3 ");
  EXPECT_EQ(world.buffers().free_bytes(), 100u);
}

TEST(BulkBuffers, ALongValueIsNotPassedOver) {
  World world;
  const Status all = world.run([](World& w) -> Task<Status> {
    runtime::Scope scope(w.reactor());
    scope.spawn(w.use(session(1), 60, "a"));
    scope.spawn(w.use(session(1), 90, "L"));
    scope.spawn(w.use(session(1), 10, "b"));  // there would be room, but it is not its turn
    Status joined = co_await scope.join();
    co_return joined;
  }(world));
  EXPECT_TRUE(all.ok());
  EXPECT_EQ(world.order_, "aLb");
}

TEST(BulkBuffers, MoreThanThereIsTakesEverything) {
  World world;
  EXPECT_TRUE(world.run(world.use(session(1), 1000, "a")).ok());
  EXPECT_EQ(world.buffers().free_bytes(), 100u);
}

TEST(BulkBuffers, WhoGivesUpNoLongerKeepsOthersWaiting) {
  World world;
  const Status all = world.run([](World& w) -> Task<Status> {
    const BulkBuffers::Hold first = DX_CO_TRY(co_await w.buffers().acquire(session(1), 60, {}));
    runtime::Scope scope(w.reactor());
    scope.spawn([](World& world) -> Task<Status> {
      const Result<BulkBuffers::Hold> never =
          co_await world.buffers().acquire(session(2), 90, world.reactor().within(1ms));
      EXPECT_EQ(never.code(), Code::kTimedOut);
      co_return Status();
    }(w));
    scope.spawn(w.use(session(2), 10, "b"));
    Status joined = co_await scope.join();
    EXPECT_EQ(w.order_, "b");
    EXPECT_EQ(w.buffers().waiting(), 0u);
    EXPECT_EQ(w.buffers().free_bytes(), 40u);
    co_return joined;
  }(world));
  EXPECT_TRUE(all.ok());
  EXPECT_EQ(world.buffers().free_bytes(), 100u);
}

}  // namespace
}  // namespace daos::target
