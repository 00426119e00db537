// Goal: answers come back, credentials are the kernel's, an end is told, long paths work, hostile lengths end one
// connection only. Method: a server on a reactor thread, blocking clients in the test.
#include "platform/fabric/local_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "platform/runtime/driver.h"

namespace daos::fabric {
namespace {

using ConnectionId = LocalServer::ConnectionId;
constexpr Duration kLong = std::chrono::seconds(60);  // never reached when things work

class LocalSocketTest : public testing::Test, public LocalServer::Handler {
 protected:
  void SetUp() override {
    char name[] = "/tmp/local_socket_XXXXXX";
    root_ = mkdtemp(name);
    path_ = root_ + "/s.sock";
    auto thread = runtime::ReactorThread::start("server", {.clock = &clock_});
    ASSERT_TRUE(thread.ok());
    thread_ = std::move(thread).take();
  }
  void TearDown() override {
    close();
    thread_.reset();
    std::filesystem::remove_all(root_);
  }
  Status open(LocalServer::Options options = {}) {
    Status status;
    thread_->call([&] {
      auto opened = LocalServer::open(thread_->poller(), path_, options, *this);
      status = opened.status();
      if (opened.ok()) server_ = std::move(opened).take();
    });
    return status;
  }
  void close() {
    thread_->call([&] { server_.reset(); });
  }
  void wait_for_end(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ >= count; });
  }

  void on_request(ConnectionId from, const PeerCredentials& who, ByteSpan request) override {
    {
      const std::scoped_lock lock(mutex_);
      who_ = who;
    }
    if (as_text(request) == "drop me") return server_->drop(from);
    server_->answer(from, request);
  }
  void on_end(ConnectionId) override {
    const std::scoped_lock lock(mutex_);
    ended_++;
    changed_.notify_all();
  }

  std::string root_;
  std::string path_;
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::unique_ptr<LocalServer> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t ended_ = 0;
  PeerCredentials who_;
};

TEST_F(LocalSocketTest, AnswersAndTellsWhoAsks) {
  ASSERT_TRUE(open().ok());
  Result<LocalSocket> socket = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(socket.ok()) << socket.status().to_string();
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{100'000}, size_t{kLocalMessageBytesMax}}) {
    const ByteVector request(bytes, std::byte{7});
    Result<ByteVector> answer = socket->ask(request, kLong);
    ASSERT_TRUE(answer.ok()) << answer.status().to_string();
    EXPECT_EQ(*answer, request);
  }
  EXPECT_EQ(who_.pid, getpid());
  EXPECT_EQ(who_.uid, getuid());
  EXPECT_EQ(who_.gid, getgid());
  std::vector<gid_t> groups(static_cast<size_t>(getgroups(0, nullptr)));
  ASSERT_GE(getgroups(static_cast<int>(groups.size()), groups.data()), 0);
  EXPECT_EQ(who_.groups, groups);
  EXPECT_FALSE(socket->ended());
}

TEST_F(LocalSocketTest, TellsTheEndOfAConnection) {
  ASSERT_TRUE(open().ok());
  {
    Result<LocalSocket> socket = LocalSocket::connect(path_, kLong);
    ASSERT_TRUE(socket.ok());
    ASSERT_TRUE(socket->ask(as_bytes("x"), kLong).ok());
  }
  wait_for_end(1);
}

TEST_F(LocalSocketTest, DropEndsTheConnectionWithoutAnAnswer) {
  ASSERT_TRUE(open().ok());
  Result<LocalSocket> socket = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(socket.ok());
  EXPECT_EQ(socket->ask(as_bytes("drop me"), kLong).code(), Code::kConnectionLost);
  wait_for_end(1);
  EXPECT_TRUE(socket->ended());
}

TEST_F(LocalSocketTest, TooLongALengthEndsThatConnectionOnly) {
  ASSERT_TRUE(open().ok());
  Result<LocalSocket> good = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(good.ok());
  const int raw = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::connect(raw, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const uint32_t hostile = kLocalMessageBytesMax + 1;
  ASSERT_EQ(send(raw, &hostile, sizeof hostile, 0), static_cast<ssize_t>(sizeof hostile));
  wait_for_end(1);
  ::close(raw);
  EXPECT_TRUE(good->ask(as_bytes("still here"), kLong).ok());
}

TEST_F(LocalSocketTest, LongPathsWork) {
  path_ = root_ + "/" + std::string(200, 'd');
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  path_ += "/s.sock";
  ASSERT_TRUE(open().ok());
  Result<LocalSocket> socket = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(socket.ok()) << socket.status().to_string();
  EXPECT_TRUE(socket->ask(as_bytes("x"), kLong).ok());
  close();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LocalSocketTest, ReplacesADeadSocketButNotALiveOne) {
  const int dead = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX};
  path_.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(bind(dead, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead);
  ASSERT_TRUE(open().ok());
  Status second;
  thread_->call([&] { second = LocalServer::open(thread_->poller(), path_, {}, *this).status(); });
  EXPECT_EQ(second.code(), Code::kBusy);
  EXPECT_TRUE(LocalSocket::connect(path_, kLong).ok());  // the first one's file is still there
}

TEST_F(LocalSocketTest, MoreConnectionsThanAllowedWaitTheirTurn) {
  ASSERT_TRUE(open({.connections_max = 1}).ok());
  Result<LocalSocket> first = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(first->ask(as_bytes("x"), kLong).ok());
  Result<LocalSocket> second = LocalSocket::connect(path_, kLong);
  ASSERT_TRUE(second.ok());
  first->close();
  EXPECT_TRUE(second->ask(as_bytes("x"), kLong).ok());
}

TEST_F(LocalSocketTest, SaysWhyThereIsNoConnection) {
  const Status none = LocalSocket::connect(path_, kLong).status();
  EXPECT_EQ(none.code(), Code::kNonexistent);
  EXPECT_NE(none.message().find(path_), std::string_view::npos);
  ASSERT_TRUE(open().ok());
  close();
  EXPECT_EQ(LocalSocket::connect(path_, kLong).code(), Code::kNonexistent);
}

}  // namespace
}  // namespace daos::fabric
