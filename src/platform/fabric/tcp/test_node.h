// For tests: an endpoint with a reactor of its own, driven by hand, so that a whole conversation runs in one thread and
// a test waits for conditions, never for time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/base/codec.h"
#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"

namespace daos::fabric::tcp {

class CapturedLog : public LogSink {
 public:
  void write(LogLevel level, std::string_view who, std::string_view line) override { lines.emplace_back(line); }
  std::vector<std::string> lines;
};

/// Real time, with hours that pass at once.
class SkippingClock : public runtime::SystemClock {
 public:
  Time now() override { return runtime::SystemClock::now() + skipped_; }
  void skip(Duration by) { skipped_ += by; }

 private:
  Duration skipped_{0};
};

class Node : public Receiver {
 public:
  struct Received {
    PeerId from;
    IoBuf message;
    std::string text() const { return std::string(as_text(message.bytes())); }
  };
  struct Up {
    PeerId peer;
    Identity identity;
  };
  struct Down {
    PeerId peer;
    Status why;
  };

  explicit Node(std::string listen, Identity identity = {})
      : reactor_({.clock = &clock_, .seed = 7, .log = Logger(&log)}),
        poller_(std::move(runtime::EpollPoller::create()).take()),
        driver_(reactor_, *poller_),
        transport_(*poller_) {
    Result<std::unique_ptr<Endpoint>> opened =
        transport_.open(reactor_, {.listen = std::move(listen), .identity = identity}, *this);
    EXPECT_TRUE(opened.ok()) << opened.status().to_string();
    if (opened.ok()) endpoint_ = std::move(opened).take();
  }
  ~Node() override {
    endpoint_.reset();
    while (driver_.step(Duration(0))) {  // operations that the endpoint failed resume here
    }
  }

  Endpoint& endpoint() { return *endpoint_; }
  runtime::Reactor& reactor() { return reactor_; }
  runtime::EpollPoller& poller() { return *poller_; }
  void skip(Duration by) { clock_.skip(by); }
  void step() { driver_.step(Duration(0)); }
  /// As if the process had been killed: its sockets close at once.
  void kill() { endpoint_.reset(); }

  /// An operation that the test looks at later.
  struct Pending {
    explicit Pending(runtime::Reactor& reactor) : scope(reactor) {}
    ~Pending() { EXPECT_TRUE(result.has_value()) << "an operation was left under way"; }
    std::optional<Status> result;
    runtime::StopSource stop;
    runtime::Scope scope;
  };
  std::unique_ptr<Pending> get(PeerId from, RemoteMemory memory, IoBuf into, Time deadline = Time::never()) {
    auto pending = std::make_unique<Pending>(reactor_);
    pending->scope.spawn(
        keep(endpoint_->get(from, memory, std::move(into), {deadline, pending->stop.token()}), *pending));
    return pending;
  }
  std::unique_ptr<Pending> put(PeerId to, RemoteMemory memory, IoBuf from, Time deadline = Time::never()) {
    auto pending = std::make_unique<Pending>(reactor_);
    pending->scope.spawn(
        keep(endpoint_->put(to, memory, std::move(from), {deadline, pending->stop.token()}), *pending));
    return pending;
  }

  void on_message(PeerId from, IoBuf message) override {
    if (on_message_hook) on_message_hook(from, message);
    messages.push_back({from, std::move(message)});
  }
  void on_peer_up(PeerId peer, const Identity& identity) override { ups.push_back({peer, identity}); }
  void on_peer_down(PeerId peer, const Status& why) override { downs.push_back({peer, why}); }

  std::vector<Received> messages;
  std::vector<Up> ups;
  std::vector<Down> downs;
  CapturedLog log;
  std::function<void(PeerId, IoBuf&)> on_message_hook;

 private:
  static runtime::Task<void> keep(runtime::Task<Status> task, Pending& pending) {
    pending.result = co_await std::move(task);
  }

  SkippingClock clock_;
  runtime::Reactor reactor_;
  std::unique_ptr<runtime::EpollPoller> poller_;
  runtime::Driver driver_;
  TcpTransport transport_;
  std::unique_ptr<Endpoint> endpoint_;
};

/// Drives the nodes (anything with a step()) until `condition` holds. False if it does not within a minute: then
/// something is lost, however slow the machine.
template <class Condition, class... Nodes>
bool drive_until(Condition condition, Nodes&... nodes) {
  runtime::SystemClock clock;
  const Time limit = clock.now() + std::chrono::seconds(5);
  while (!condition()) {
    (nodes.step(), ...);
    if (clock.now() > limit) return false;
  }
  return true;
}
/// A few rounds more, for what must not happen.
template <class... Nodes>
void drive_on(Nodes&... nodes) {
  for (int i = 0; i < 50; i++) (nodes.step(), ...);
}

inline IoBuf patterned(size_t bytes, uint8_t seed) {
  IoBuf buffer = std::move(IoBuf::allocate(bytes)).take();
  for (size_t i = 0; i < bytes; i++) buffer.data()[i] = static_cast<std::byte>((i * 31 + i / 251 + seed) & 0xff);
  return buffer;
}
inline bool same(ByteSpan a, ByteSpan b) { return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()); }

inline constexpr const char* kLoopback = "tcp://127.0.0.1:0";

}  // namespace daos::fabric::tcp
