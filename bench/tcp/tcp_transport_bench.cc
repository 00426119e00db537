// The tcp transport against plain sockets with the same framing, row by row in the same run. `--json`, `--ms N` per
// row.
#include <cstdio>
#include <cstdlib>
#include <latch>
#include <string_view>

#include "bench/yardstick/yardstick.h"
#include "platform/base/codec.h"
#include "platform/fabric/tcp/tcp.h"
#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"

namespace daos {
namespace {

using Clock = std::chrono::steady_clock;
using yardstick::Figure;
using yardstick::Millis;

constexpr size_t kBulkBytes = 1u << 20;
constexpr std::byte kEcho{1};     // send this message back
constexpr std::byte kPutDone{2};  // a put has arrived before this: acknowledge it
constexpr std::byte kKey{3};      // followed by the keys of lent memory

template <class T>
T must(Result<T> result) {
  if (result.ok()) return std::move(result).take();
  std::fprintf(stderr, "%s\n", result.status().to_string().c_str());
  std::exit(1);
}

struct Keys {
  uint64_t readable = 0;
  uint64_t writable = 0;
};

/// The passive side: echoes, and lends memory to read from and to write to.
class Server : public fabric::Receiver {
 public:
  Server() : thread_(must(runtime::ReactorThread::start("bench server", {.clock = &clock_, .seed = 1}))) {
    thread_->call([this] {
      yardstick::pin_this_thread(yardstick::Side::kFar);
      fabric::tcp::TcpTransport transport(thread_->poller());
      endpoint_ = must(transport.open(thread_->reactor(), {.listen = "tcp://127.0.0.1:0"}, *this));
      memory_ = must(IoBuf::allocate(kBulkBytes, 4096));
      std::fill_n(memory_.data(), memory_.size(), std::byte{7});
      keys_.readable = endpoint_->lend(fabric::Access::kPeerReads, {memory_.writable()}).value();
      keys_.writable = endpoint_->lend(fabric::Access::kPeerWrites, {memory_.writable()}).value();
    });
  }
  ~Server() override {
    thread_->call([this] { endpoint_.reset(); });
  }
  std::string address() const { return endpoint_->address(); }

  void on_message(fabric::PeerId from, IoBuf message) override {
    if (message.data()[0] == kKey) {
      endpoint_->send(from, {&kKey, 1}, IoBuf::copy_of(std::as_bytes(std::span(&keys_, 1))));
    } else {
      endpoint_->send(from, message.bytes());
    }
  }
  void on_peer_down(fabric::PeerId, const Status&) override {}

 private:
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::unique_ptr<fabric::Endpoint> endpoint_;
  IoBuf memory_;
  Keys keys_;
};

/// The measuring side, driven by this thread.
class Client : public fabric::Receiver {
 public:
  explicit Client(const std::string& address)
      : reactor_({.clock = &clock_, .seed = 2}),
        poller_(must(runtime::EpollPoller::create())),
        driver_(reactor_, *poller_),
        transport_(*poller_),
        endpoint_(must(transport_.open(reactor_, {}, *this))),
        server_(must(endpoint_->peer(address))) {
    yardstick::pin_this_thread(yardstick::Side::kNear);
    endpoint_->send(server_, {&kKey, 1});
    while (keys_.readable == 0) driver_.step(std::chrono::milliseconds(100));
  }

  /// `start` begins one operation; ended() is told after each turn how many ended in it.
  template <class Ended>
  void drive(unsigned depth, Millis duration, std::function<void()> start, Ended ended) {
    start_ = std::move(start);
    for (unsigned i = 0; i < depth; i++) start_();
    const auto finish = Clock::now() + duration;
    running_ = true;
    under_way_ = depth;
    while (running_) {
      driver_.step(std::chrono::milliseconds(100));
      const auto now = Clock::now();
      if (completed_ > 0) ended(now, std::exchange(completed_, 0));
      running_ = now < finish;
    }
    while (under_way_ > 0) driver_.step(std::chrono::milliseconds(100));
  }
  void send(ByteSpan bytes) { endpoint_->send(server_, bytes); }
  runtime::Task<void> read(IoBuf into) {
    const Status status = co_await endpoint_->get(server_, {fabric::MemoryKey(keys_.readable)}, std::move(into), {});
    must<bool>(status.ok() ? Result<bool>(true) : Result<bool>(status));
    end_one();
  }
  runtime::Task<void> write(IoBuf from) {
    const Status status = co_await endpoint_->put(server_, {fabric::MemoryKey(keys_.writable)}, std::move(from), {});
    must<bool>(status.ok() ? Result<bool>(true) : Result<bool>(status));
    send({&kPutDone, 1});
  }
  runtime::Scope& scope() { return scope_; }

  void on_message(fabric::PeerId from, IoBuf message) override {
    if (message.data()[0] == kKey) {
      std::memcpy(&keys_, message.data() + 1, sizeof keys_);
    } else {
      end_one();
    }
  }
  void on_peer_down(fabric::PeerId, const Status& why) override {
    std::fprintf(stderr, "%s\n", why.to_string().c_str());
    std::exit(1);
  }

 private:
  void end_one() {
    under_way_--;
    if (!running_) return;
    completed_++;
    under_way_++;
    start_();
  }

  runtime::SystemClock clock_;
  runtime::Reactor reactor_;
  std::unique_ptr<runtime::EpollPoller> poller_;
  runtime::Driver driver_;
  fabric::tcp::TcpTransport transport_;
  std::unique_ptr<fabric::Endpoint> endpoint_;
  fabric::PeerId server_;
  runtime::Scope scope_{reactor_};
  Keys keys_;
  std::function<void()> start_;
  unsigned completed_ = 0;
  bool running_ = false;
  unsigned under_way_ = 0;
};

Figure round_trip_us(size_t bytes, Millis duration) {
  Server server;
  Client client(server.address());
  ByteVector message(bytes, kEcho);
  std::vector<double> samples;
  Clock::time_point last{};
  client.drive(
      1, duration, [&] { client.send(message); },
      [&](Clock::time_point now, unsigned) {
        if (last != Clock::time_point{})
          samples.push_back(std::chrono::duration<double, std::micro>(now - last).count());
        last = now;
      });
  return yardstick::figure_of(std::move(samples));
}

/// Amounts per second in windows of 10 ms, as the yardstick does it.
template <class Start>
Figure rate(Client& client, unsigned depth, Millis duration, double amount, Start start) {
  std::vector<double> rates;
  Clock::time_point begin{};
  double sum = 0;
  client.drive(depth, duration, start, [&](Clock::time_point now, unsigned completed) {
    if (begin == Clock::time_point{}) {
      begin = now;
      return;
    }
    sum += amount * completed;
    const std::chrono::duration<double> passed = now - begin;
    if (passed.count() < 0.01) return;
    rates.push_back(sum / passed.count());
    begin = now;
    sum = 0;
  });
  return yardstick::figure_of(std::move(rates));
}
Figure echoes_per_s(size_t bytes, unsigned depth, Millis duration) {
  Server server;
  Client client(server.address());
  ByteVector message(bytes, kEcho);
  return rate(client, depth, duration, 1, [&] { client.send(message); });
}
Figure bulk_gib_s(bool read, unsigned depth, Millis duration) {
  Server server;
  Client client(server.address());
  IoBuf buffer = must(IoBuf::allocate(kBulkBytes, 4096));
  std::fill_n(buffer.data(), buffer.size(), std::byte{9});
  return rate(client, depth, duration, static_cast<double>(kBulkBytes) / (1u << 30),
              [&] { client.scope().spawn(read ? client.read(buffer.share()) : client.write(buffer.share())); });
}

struct Row {
  const char* name;
  const char* unit;
  bool more_is_better;
  std::function<Figure(Millis)> limit;
  std::function<Figure(Millis)> ours;
};

constexpr int kSlices = 5;

/// The median of the slices' medians, and the best twentieth of the best slice.
struct Best {
  void add(const Figure& figure, bool more_is_better) {
    medians.push_back(figure.median);
    const double end = more_is_better ? figure.highest : figure.lowest;
    if (medians.size() == 1 || (more_is_better ? end > best : end < best)) best = end;
  }
  double median() const { return yardstick::figure_of(medians).median; }
  std::vector<double> medians;
  double best = 0;
};

int run(Millis duration, bool json, std::string_view only) {
  std::vector<Row> rows = {
      {"round trip, 64 B, depth 1", "us", false, [](Millis d) { return yardstick::round_trip_us(64, d); },
       [](Millis d) { return round_trip_us(64, d); }},
      {"round trip, 4 KiB, depth 1", "us", false, [](Millis d) { return yardstick::round_trip_us(4096, d); },
       [](Millis d) { return round_trip_us(4096, d); }},
      {"echo, 64 B, depth 16", "messages/s", true, [](Millis d) { return yardstick::echoes_per_s(64, 16, d); },
       [](Millis d) { return echoes_per_s(64, 16, d); }},
      {"echo, 64 B, depth 64", "messages/s", true, [](Millis d) { return yardstick::echoes_per_s(64, 64, d); },
       [](Millis d) { return echoes_per_s(64, 64, d); }},
      {"get, 1 MiB, depth 1", "GiB/s", true, [](Millis d) { return yardstick::read_gib_s(kBulkBytes, 1, d); },
       [](Millis d) { return bulk_gib_s(true, 1, d); }},
      {"get, 1 MiB, depth 4", "GiB/s", true, [](Millis d) { return yardstick::read_gib_s(kBulkBytes, 4, d); },
       [](Millis d) { return bulk_gib_s(true, 4, d); }},
      {"put, 1 MiB, depth 1", "GiB/s", true, [](Millis d) { return yardstick::write_gib_s(kBulkBytes, 1, d); },
       [](Millis d) { return bulk_gib_s(false, 1, d); }},
      {"put, 1 MiB, depth 4", "GiB/s", true, [](Millis d) { return yardstick::write_gib_s(kBulkBytes, 4, d); },
       [](Millis d) { return bulk_gib_s(false, 4, d); }},
  };
  std::erase_if(rows, [&](const Row& row) { return std::string_view(row.name).find(only) == std::string_view::npos; });
  if (json) {
    std::printf("[\n");
  } else {
    std::printf("%-28s %12s %12s %8s   %12s %12s %8s  %s\n", "tcp transport", "limit", "ours", "share", "limit, best",
                "ours, best", "share", "unit");
  }
  for (size_t i = 0; i < rows.size(); i++) {
    const Row& row = rows[i];
    // In slices that alternate, so that a busy moment of the machine meets both.
    Best limit;
    Best ours;
    for (int slice = 0; slice < kSlices; slice++) {
      limit.add(row.limit(duration / kSlices), row.more_is_better);
      ours.add(row.ours(duration / kSlices), row.more_is_better);
    }
    const auto share = [&](double l, double o) { return row.more_is_better ? o / l : l / o; };
    const double share_median = share(limit.median(), ours.median());
    const double share_best = share(limit.best, ours.best);
    if (json) {
      std::printf(
          "  {\"name\": \"%s\", \"unit\": \"%s\", \"limit\": %.6g, \"ours\": %.6g, \"share\": %.3f, \"limit_best\": "
          "%.6g, "
          "\"ours_best\": %.6g, \"share_best\": %.3f}%s\n",
          row.name, row.unit, limit.median(), ours.median(), share_median, limit.best, ours.best, share_best,
          i + 1 < rows.size() ? "," : "");
    } else {
      const int digits = limit.best >= 1000 ? 0 : 2;
      std::printf("%-28s %12.*f %12.*f %7.0f%%   %12.*f %12.*f %7.0f%%  %s\n", row.name, digits, limit.median(), digits,
                  ours.median(), share_median * 100, digits, limit.best, digits, ours.best, share_best * 100, row.unit);
    }
    std::fflush(stdout);
  }
  if (json) std::printf("]\n");
  return 0;
}

}  // namespace
}  // namespace daos

int main(int argc, char** argv) {
  bool json = false;
  long ms = 1000;
  std::string_view only;
  for (int i = 1; i < argc; i++) {
    const std::string_view word = argv[i];
    if (word == "--json") {
      json = true;
    } else if (word == "--ms" && i + 1 < argc) {
      ms = std::max(50L, std::strtol(argv[++i], nullptr, 10));
    } else if (word == "--only" && i + 1 < argc) {
      only = argv[++i];
    } else {
      std::fprintf(stderr, "usage: tcp_transport_bench [--json] [--ms N] [--only WORD]\n");
      return 2;
    }
  }
  return daos::run(daos::Millis(ms), json, only);
}
