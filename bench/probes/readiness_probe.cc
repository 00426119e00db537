// Which call should a reactor sleep in, and look for readiness with: epoll, or io_uring's multishot poll?
// A 64-byte ping-pong over loopback between two threads, with each way of finding out that the socket is readable:
//   recv            spin on recv itself, never ask anybody (the lower bound)
//   epoll           epoll_wait
//   epoll+ring      the same, with an io_uring descriptor in the set (as an engine has for its disk)
//   uring           multishot poll, default task work
//   uring-defer     multishot poll, IORING_SETUP_DEFER_TASKRUN | SINGLE_ISSUER
// each hot (never sleeps), adaptive (spins 20 us, then sleeps) and asleep (sleeps for every message).
// Prints medians in microseconds. docs/decisions/0002-readiness-by-epoll.md has the result.
#include <arpa/inet.h>
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kBytes = 64;
constexpr int kIdleSockets = 100;  // registered and silent, as most connections of an engine are

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}

std::pair<int, int> connected_pair() {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), length) != 0) die("bind");
  if (listen(listener, 1) != 0) die("listen");
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  const int near = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(near, reinterpret_cast<sockaddr*>(&address), length) != 0) die("connect");
  const int far = accept(listener, nullptr, nullptr);
  close(listener);
  const int one = 1;
  setsockopt(near, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(far, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return {near, far};
}

/// Finds out whether anything happened; `sleep` says whether it may wait for it.
class Waiter {
 public:
  virtual ~Waiter() = default;
  virtual void watch(int fd) = 0;
  virtual bool ready(bool sleep) = 0;
};
class JustReceive : public Waiter {
 public:
  void watch(int) override {}
  bool ready(bool) override { return true; }
};
class Epoll : public Waiter {
 public:
  explicit Epoll(bool with_ring) : epoll_(epoll_create1(0)) {
    if (!with_ring) return;
    if (io_uring_queue_init(64, &ring_, 0) != 0) die("io_uring_queue_init");
    watch(ring_.ring_fd);
  }
  void watch(int fd) override {
    epoll_event event{};
    event.events = EPOLLIN;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) die("epoll_ctl");
  }
  bool ready(bool sleep) override {
    epoll_event events[16];
    return epoll_wait(epoll_, events, 16, sleep ? 100 : 0) > 0;
  }

 private:
  int epoll_;
  io_uring ring_{};
};
class Uring : public Waiter {
 public:
  explicit Uring(bool defer) : defer_(defer) {
    if (io_uring_queue_init(256, &ring_, defer ? IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SINGLE_ISSUER : 0) != 0) {
      die("io_uring_queue_init");
    }
  }
  ~Uring() override { io_uring_queue_exit(&ring_); }
  void watch(int fd) override {
    io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
    io_uring_prep_poll_multishot(sqe, fd, POLLIN);
    io_uring_sqe_set_data64(sqe, static_cast<uint64_t>(fd));
    io_uring_submit(&ring_);
  }
  bool ready(bool sleep) override {
    io_uring_cqe* cqe = nullptr;
    if (sleep) {
      __kernel_timespec limit{0, 100'000'000};
      if (io_uring_wait_cqe_timeout(&ring_, &cqe, &limit) != 0) return false;
    } else {
      if (defer_) io_uring_get_events(&ring_);  // deferred completions appear only inside a system call
      if (io_uring_peek_cqe(&ring_, &cqe) != 0) return false;
    }
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_for_each_cqe(&ring_, head, cqe) {
      if ((cqe->flags & IORING_CQE_F_MORE) == 0) watch(static_cast<int>(cqe->user_data));
      seen++;
    }
    io_uring_cq_advance(&ring_, seen);
    return seen > 0;
  }

 private:
  bool defer_;
  io_uring ring_{};
};

std::unique_ptr<Waiter> make(const std::string& kind) {
  if (kind == "recv") return std::make_unique<JustReceive>();
  if (kind == "epoll") return std::make_unique<Epoll>(false);
  if (kind == "epoll+ring") return std::make_unique<Epoll>(true);
  if (kind == "uring") return std::make_unique<Uring>(false);
  return std::make_unique<Uring>(true);
}

enum class Rest { kHot, kAdaptive, kAsleep };

/// Receives kBytes; false at the end of the connection.
bool receive(int fd, Waiter& waiter, Rest rest) {
  char bytes[kBytes];
  size_t got = 0;
  auto since = Clock::now();
  bool first = true;
  while (got < kBytes) {
    bool sleep = rest == Rest::kAsleep;
    if (rest == Rest::kAdaptive) sleep = Clock::now() - since > std::chrono::microseconds(20);
    // Adaptive is what a reactor would do: while spinning it tries recv on the hot connection itself.
    const bool direct = rest == Rest::kAdaptive && !sleep;
    if (!direct && !waiter.ready(sleep) && !first) continue;
    first = false;
    const ssize_t part = recv(fd, bytes + got, kBytes - got, MSG_DONTWAIT);
    if (part == 0) return false;
    if (part < 0 && errno != EAGAIN) return false;
    if (part > 0) got += static_cast<size_t>(part);
  }
  return true;
}

double median_round_trip_us(const std::string& kind, Rest rest, std::chrono::milliseconds duration) {
  auto [near, far] = connected_pair();
  std::vector<int> idle;
  for (int i = 0; i < kIdleSockets; i++) {
    auto [a, b] = connected_pair();
    idle.push_back(a);
    idle.push_back(b);
  }
  std::thread server([&, far = far] {
    const auto waiter = make(kind);
    waiter->watch(far);
    for (size_t i = 1; i < idle.size(); i += 2) waiter->watch(idle[i]);
    char bytes[kBytes] = {};
    while (receive(far, *waiter, rest)) {
      if (send(far, bytes, kBytes, MSG_NOSIGNAL) != kBytes) break;
    }
  });
  std::vector<double> samples;
  {
    const auto waiter = make(kind);
    waiter->watch(near);
    for (size_t i = 0; i < idle.size(); i += 2) waiter->watch(idle[i]);
    char bytes[kBytes] = {};
    const auto finish = Clock::now() + duration;
    auto start = Clock::now();
    while (start < finish) {
      if (send(near, bytes, kBytes, MSG_NOSIGNAL) != kBytes) break;
      if (!receive(near, *waiter, rest)) break;
      const auto now = Clock::now();
      samples.push_back(std::chrono::duration<double, std::micro>(now - start).count());
      start = now;
    }
  }
  shutdown(near, SHUT_RDWR);
  server.join();
  close(near);
  close(far);
  for (const int fd : idle) close(fd);
  std::sort(samples.begin(), samples.end());
  return samples.empty() ? 0 : samples[samples.size() / 2];
}

double median_empty_look_ns(const std::string& kind) {
  const auto waiter = make(kind);
  auto [near, far] = connected_pair();
  waiter->watch(near);
  char byte;
  std::vector<double> samples;
  for (int batch = 0; batch < 101; batch++) {
    const auto start = Clock::now();
    for (int i = 0; i < 1000; i++) {
      waiter->ready(false);
      if (kind == "recv" && recv(near, &byte, 1, MSG_DONTWAIT) > 0) die("recv");
    }
    samples.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count() / 1000);
  }
  close(near);
  close(far);
  std::sort(samples.begin(), samples.end());
  return samples[samples.size() / 2];
}

}  // namespace

int main() {
  const auto duration = std::chrono::milliseconds(700);
  std::printf("%-12s %10s %10s %10s %16s\n", "us, median", "hot", "adaptive", "asleep", "empty look, ns");
  for (const std::string kind : {"recv", "epoll", "epoll+ring", "uring", "uring-defer"}) {
    const double hot = median_round_trip_us(kind, Rest::kHot, duration);
    const double adaptive = kind == "recv" ? 0 : median_round_trip_us(kind, Rest::kAdaptive, duration);
    const double asleep = kind == "recv" ? 0 : median_round_trip_us(kind, Rest::kAsleep, duration);
    std::printf("%-12s %10.1f %10.1f %10.1f %16.0f\n", kind.c_str(), hot, adaptive, asleep, median_empty_look_ns(kind));
  }
  return 0;
}
