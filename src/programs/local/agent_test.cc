// Goal: a client learns who it is and where the services are; its end reaches the system service, also over a restart
// of the agent; a client that comes back is left alone. Method: a real agent and a bare service on one reactor thread,
// blocking clients in the test.
#include "programs/local/agent.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <future>
#include <mutex>
#include <optional>

#include "platform/fabric/in_process/in_process.h"
#include "platform/runtime/driver.h"

namespace daos::local {
namespace {

using messages::AttachAnswer;
using messages::AttachRequest;
constexpr Duration kLong = std::chrono::seconds(60);  // never reached when things work

constexpr Duration kResume = std::chrono::hours(1);  // of the test's clock

/// The machine's clock, until a test turns it forward.
class TurnedClock : public runtime::SystemClock {
 public:
  Time now() override { return SystemClock::now() + Duration(ahead_ns_.load()); }
  void turn(Duration forward) { ahead_ns_ += forward.count(); }

 private:
  std::atomic<int64_t> ahead_ns_{0};  // read by the reactor's thread, written by the test's
};

class AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/agent_test_XXXXXX";
    top_ = mkdtemp(name);
    thread_ = runtime::ReactorThread::start("agent", {.clock = &clock_, .seed = 1}).take();
    scope_.emplace(thread_->reactor());
    on_thread([](AgentTest& t) -> runtime::Task<void> {
      t.service_ = std::make_unique<rpc::Node>(t.thread_->reactor(), rpc::NodeOptions{});
      t.service_->serve<messages::ClientEndRequest>(
          [&t](auto request, auto) { return t.client_ended(request.client); });
      EXPECT_TRUE(t.service_->open(t.transport_, {.listen = "inproc://service"}).ok());
      t.services_ = std::make_unique<ServiceClient>(t.thread_->reactor(), t.transport_);
      EXPECT_TRUE(t.services_->open().ok());
      t.services_->set_service("inproc://service");
      co_return;
    });
    start_agent(1);
  }
  void TearDown() override {
    stop_agent();
    on_thread([](AgentTest& t) -> runtime::Task<void> {
      co_await t.services_->close();
      co_await t.service_->close();
    });
    thread_->stop();
    services_.reset();
    service_.reset();
    scope_.reset();
    std::filesystem::remove_all(top_);
  }

  /// Runs a coroutine on the reactor and waits for it.
  void on_thread(runtime::Task<void> (*function)(AgentTest&)) {
    std::promise<void> promise;
    std::future<void> done = promise.get_future();
    thread_->reactor().post([this, function, &promise] { scope_->spawn(carry(function, *this, std::move(promise))); });
    done.get();
  }
  static runtime::Task<void> carry(runtime::Task<void> (*function)(AgentTest&), AgentTest& test,
                                   std::promise<void> promise) {
    co_await function(test);
    promise.set_value();
  }
  void start_agent(uint64_t incarnation) {
    incarnation_ = incarnation;
    on_thread([](AgentTest& t) -> runtime::Task<void> {
      t.agent_ = std::make_unique<Agent>(t.thread_->poller(), *t.services_,
                                         AgentOptions{.socket_path = t.path(),
                                                      .clients_file = t.top_ + "/clients",
                                                      .system = Uuid::from_random(1, 1),
                                                      .system_name = "daos_server",
                                                      .incarnation = t.incarnation_,
                                                      .resume_limit = kResume});
      const Status opened = t.agent_->open();
      EXPECT_TRUE(opened.ok()) << opened.to_string();
      co_return;
    });
  }
  void stop_agent() {
    on_thread([](AgentTest& t) -> runtime::Task<void> {
      co_await t.agent_->close();
      t.agent_.reset();
    });
  }
  /// All waits for a client to come back are over.
  void let_time_pass() {
    clock_.turn(2 * kResume);
    on_thread([](AgentTest&) -> runtime::Task<void> { co_return; });  // the reactor looks at its clock again
  }
  runtime::Task<Result<messages::Nothing>> client_ended(Uuid client) {
    {
      const std::scoped_lock lock(mutex_);
      ended_.push_back(client);
    }
    changed_.notify_all();
    co_return messages::Nothing();
  }
  std::vector<Uuid> wait_for_ends(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_.size() >= count; });
    return ended_;
  }

  std::string path() const { return top_ + "/agent.sock"; }
  fabric::LocalSocket connect() { return fabric::LocalSocket::connect(path(), kLong).take(); }
  static AttachAnswer attach(fabric::LocalSocket& socket, Uuid client, bool resume = false) {
    const Result<ByteVector> bytes =
        socket.ask(encode(AttachRequest{.client = client, .pid = 1, .resume = resume}), kLong);
    EXPECT_TRUE(bytes.ok()) << bytes.status().to_string();
    return *decode<AttachAnswer>(*bytes, "answer");
  }

  std::string top_;
  TurnedClock clock_;
  fabric::InProcessTransport transport_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::optional<runtime::Scope> scope_;
  std::unique_ptr<rpc::Node> service_;
  std::unique_ptr<ServiceClient> services_;
  std::unique_ptr<Agent> agent_;
  uint64_t incarnation_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Uuid> ended_;
};

const Uuid kClient = Uuid::from_random(7, 7);
const Uuid kOther = Uuid::from_random(8, 8);

TEST_F(AgentTest, TellsWhereTheServicesAreAndWhoTheClientIs) {
  fabric::LocalSocket socket = connect();
  const AttachAnswer answer = attach(socket, kClient);
  EXPECT_EQ(answer.code, 0) << answer.message;
  EXPECT_EQ(answer.system_name, "daos_server");
  EXPECT_EQ(answer.provider, "ofi+tcp");
  EXPECT_EQ(answer.service_addresses, std::vector<std::string>{"inproc://service"});
  EXPECT_EQ(answer.agent_incarnation, 1u);
  const messages::Credential self = credential_of({.uid = getuid(), .gid = getgid()});
  EXPECT_EQ(answer.credential.user, self.user);
  EXPECT_EQ(answer.credential.groups.at(0), self.groups.at(0));
  EXPECT_TRUE(self.user.ends_with("@"));
}

TEST_F(AgentTest, NamelessNumbersAreNumbers) {
  EXPECT_EQ(credential_of({.uid = 4'000'000'001, .gid = 4'000'000'002}).user, "4000000001@");
  EXPECT_EQ(credential_of({.uid = 4'000'000'001, .gid = 4'000'000'002}).groups,
            std::vector<std::string>{"4000000002@"});
}

TEST_F(AgentTest, ReportsAClientWhoseSocketEnds) {
  fabric::LocalSocket other = connect();
  attach(other, kOther);
  {
    fabric::LocalSocket socket = connect();
    attach(socket, kClient);
  }
  EXPECT_EQ(wait_for_ends(1), std::vector<Uuid>{kClient});
}

TEST_F(AgentTest, RefusesWhatItDoesNotUnderstand) {
  fabric::LocalSocket socket = connect();
  const auto ask = [&](ByteSpan bytes) { return *decode<AttachAnswer>(*socket.ask(bytes, kLong), "answer"); };
  EXPECT_EQ(ask(as_bytes("nonsense")).code, static_cast<int32_t>(Code::kProtocol));
  EXPECT_EQ(ask(encode(AttachRequest{.version = 9, .client = kClient})).code, static_cast<int32_t>(Code::kProtocol));
  EXPECT_EQ(ask(encode(AttachRequest{})).code, static_cast<int32_t>(Code::kInvalid));
  EXPECT_EQ(attach(socket, kClient).code, 0);
  EXPECT_EQ(attach(socket, kClient).code, 0);  // again
  EXPECT_EQ(attach(socket, kOther).code, static_cast<int32_t>(Code::kInvalid));
}

TEST_F(AgentTest, AClientMayComeBackBeforeItsOldConnectionsEndIsSeen) {
  fabric::LocalSocket old = connect();
  attach(old, kClient);
  {
    fabric::LocalSocket now = connect();
    EXPECT_EQ(attach(now, kClient, true).code, 0);
    old.close();  // is nobody's end any more
    fabric::LocalSocket probe = connect();
    attach(probe, kOther);
  }
  // Both ends come after whatever the old connection's end could have caused.
  std::vector<Uuid> ended = wait_for_ends(2);
  std::ranges::sort(ended);
  EXPECT_EQ(ended, (std::vector<Uuid>{std::min(kClient, kOther), std::max(kClient, kOther)}));
}

TEST_F(AgentTest, AfterARestartWhoeverComesBackIsLeftAloneAndTheRestIsGone) {
  fabric::LocalSocket first = connect();
  fabric::LocalSocket second = connect();
  attach(first, kClient);
  attach(second, kOther);
  stop_agent();
  EXPECT_TRUE(ended_.empty());  // a restart of the agent is nobody's end
  start_agent(2);
  fabric::LocalSocket again = connect();
  EXPECT_EQ(attach(again, kClient, true).agent_incarnation, 2u);
  let_time_pass();
  EXPECT_EQ(wait_for_ends(1), std::vector<Uuid>{kOther});
  // What was reported is not reported again by the next one; who does not come back this time is.
  stop_agent();
  start_agent(3);
  let_time_pass();
  EXPECT_EQ(wait_for_ends(2), (std::vector<Uuid>{kOther, kClient}));
}

TEST_F(AgentTest, TheFileOfClientsDoesNotGrowForEver) {
  fabric::LocalSocket stays = connect();
  attach(stays, kOther);
  constexpr size_t kRounds = 3000;
  for (size_t round = 0; round < kRounds; round++) {
    fabric::LocalSocket socket = connect();
    attach(socket, Uuid::from_random(round + 100, 1));
  }
  wait_for_ends(kRounds);
  EXPECT_LT(std::filesystem::file_size(top_ + "/clients"), size_t{5000} * 48);
  stop_agent();
  start_agent(2);
  let_time_pass();
  EXPECT_EQ(wait_for_ends(kRounds + 1).back(), kOther);
}

}  // namespace
}  // namespace daos::local
