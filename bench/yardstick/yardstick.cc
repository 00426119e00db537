#include "yardstick.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

#include "platform/base/hash.h"

namespace daos::yardstick {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kChunkBytes = 256 * 1024;
constexpr size_t kReceiveBytes = 256 * 1024;
constexpr auto kSpin = std::chrono::microseconds(50);  // longer than a loopback round trip, shorter than a time slice

enum Kind : uint8_t { kEcho, kGet, kData, kAck };

struct Header {
  uint32_t crc = 0;
  uint32_t payload_bytes = 0;
  uint8_t kind = 0;
  uint8_t last = 0;
  uint16_t reserved = 0;
  uint32_t op = 0;
  uint64_t key = 0;
  uint64_t offset = 0;
};
static_assert(sizeof(Header) == 32);

uint32_t crc_of(const Header& header) { return crc32c(std::as_bytes(std::span(&header, 1)).subspan(4)); }

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(1);
}
void expect(bool condition, const char* what) {
  if (!condition) die(what);
}

/// One end of a connection: frames queued for one write per turn; small payloads parsed in batches out of a large
/// buffer, payloads of kData received into `landing` itself.
class End {
 public:
  explicit End(int fd) : fd_(fd), receive_(kReceiveBytes) {
    const int one = 1;
    expect(setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0, "TCP_NODELAY");
  }
  ~End() { close(fd_); }
  End(const End&) = delete;

  /// `payload` stays where it is until it is sent.
  void queue(Kind kind, const std::byte* payload, size_t bytes, bool last = false, uint64_t offset = 0) {
    if (small_.size() + sizeof(Header) + bytes > small_.capacity()) small_.reserve(kReceiveBytes * 4);
    Header header;
    header.payload_bytes = static_cast<uint32_t>(bytes);
    header.kind = kind;
    header.last = last ? 1 : 0;
    header.offset = offset;
    header.crc = crc_of(header);
    const auto* raw = reinterpret_cast<const std::byte*>(&header);
    small_.insert(small_.end(), raw, raw + sizeof header);
    if (kind == kData) {
      small_pieces_.push_back({small_.size(), payload, bytes});
    } else {
      small_.insert(small_.end(), payload, payload + bytes);
    }
  }
  void queue_transfer(const std::byte* from, size_t bytes) {
    for (size_t offset = 0; offset < bytes; offset += kChunkBytes) {
      const size_t part = std::min(kChunkBytes, bytes - offset);
      queue(kData, from + offset, part, offset + part == bytes, offset);
    }
  }

  /// Sends what is queued, as far as the socket takes it. True if anything left.
  bool flush() {
    if (sending_.empty()) {
      if (small_.empty()) return false;
      std::swap(small_, sending_bytes_);
      size_t at = 0;
      for (const Piece& piece : small_pieces_) {
        sending_.push_back({sending_bytes_.data() + at, piece.after - at});
        sending_.push_back({const_cast<std::byte*>(piece.payload), piece.bytes});
        at = piece.after;
      }
      if (at < sending_bytes_.size()) sending_.push_back({sending_bytes_.data() + at, sending_bytes_.size() - at});
      small_pieces_.clear();
      first_ = 0;
    }
    msghdr message{};
    message.msg_iov = sending_.data() + first_;
    message.msg_iovlen = std::min<size_t>(sending_.size() - first_, 64);
    const ssize_t sent = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      // A peer that has closed is noticed by receive().
      if (errno == EAGAIN || errno == EPIPE || errno == ECONNRESET) return false;
      die("sendmsg");
    }
    size_t left = static_cast<size_t>(sent);
    while (left > 0) {
      iovec& piece = sending_[first_];
      const size_t part = std::min(left, piece.iov_len);
      piece.iov_base = static_cast<std::byte*>(piece.iov_base) + part;
      piece.iov_len -= part;
      left -= part;
      if (piece.iov_len == 0) first_++;
    }
    if (first_ == sending_.size()) {
      sending_.clear();
      sending_bytes_.clear();
    }
    return true;
  }
  bool wants_to_send() const { return !sending_.empty() || !small_.empty(); }

  /// Receives once and calls `frame(header, payload)` for every whole frame (payload is null for kData: it is already
  /// in `landing`). True if anything came, false if nothing did; sets `ended` at the end of the connection.
  template <class Frame>
  bool receive(std::byte* landing, bool& ended, Frame&& frame) {
    iovec pieces[2] = {{nullptr, 0}, {receive_.data() + filled_, receive_.size() - filled_}};
    if (bulk_left_ > 0) pieces[0] = {landing + bulk_at_, bulk_left_};
    if (bulk_left_ > 0) pieces[1].iov_len = sizeof(Header);  // what follows a chunk is a header; more would need a copy
    msghdr message{};
    message.msg_iov = bulk_left_ > 0 ? pieces : pieces + 1;
    message.msg_iovlen = bulk_left_ > 0 ? 2 : 1;
    const ssize_t got = recvmsg(fd_, &message, MSG_DONTWAIT);
    if (got == 0) {
      ended = true;
      return false;
    }
    if (got < 0) {
      if (errno == EAGAIN) return false;
      if (errno == ECONNRESET) {
        ended = true;
        return false;
      }
      die("recvmsg");
    }
    size_t fresh = static_cast<size_t>(got);
    if (bulk_left_ > 0) {
      const size_t part = std::min(fresh, bulk_left_);
      bulk_at_ += part;
      bulk_left_ -= part;
      fresh -= part;
      if (bulk_left_ == 0) frame(bulk_, nullptr);
    }
    filled_ += fresh;
    size_t at = 0;
    while (filled_ - at >= sizeof(Header)) {
      Header header;
      std::memcpy(&header, receive_.data() + at, sizeof header);
      expect(header.crc == crc_of(header), "header crc");
      if (header.kind == kData) {
        expect(header.payload_bytes <= kChunkBytes, "chunk length");
        const size_t here = std::min<size_t>(filled_ - at - sizeof header, header.payload_bytes);
        std::memcpy(landing + header.offset, receive_.data() + at + sizeof header, here);
        at += sizeof header + here;
        bulk_ = header;
        bulk_at_ = header.offset + here;
        bulk_left_ = header.payload_bytes - here;
        if (bulk_left_ == 0) frame(header, nullptr);
        if (bulk_left_ > 0) break;
        continue;
      }
      if (filled_ - at < sizeof header + header.payload_bytes) break;
      frame(header, receive_.data() + at + sizeof header);
      at += sizeof header + header.payload_bytes;
    }
    if (at > 0) {
      std::memmove(receive_.data(), receive_.data() + at, filled_ - at);
      filled_ -= at;
    }
    return true;
  }

  /// Spins for kSpin since the last progress, then sleeps until the socket is ready.
  void rest(Clock::time_point& last_progress) {
    if (Clock::now() - last_progress < kSpin) {
      __builtin_ia32_pause();
      return;
    }
    pollfd wait{fd_, static_cast<short>(POLLIN | (wants_to_send() ? POLLOUT : 0)), 0};
    poll(&wait, 1, 100);
    last_progress = Clock::now();
  }

 private:
  struct Piece {
    size_t after;  // bytes of headers that leave before this payload
    const std::byte* payload;
    size_t bytes;
  };
  int fd_;
  std::vector<std::byte> receive_;
  size_t filled_ = 0;
  Header bulk_;
  size_t bulk_at_ = 0;
  size_t bulk_left_ = 0;
  std::vector<std::byte> small_;
  std::vector<Piece> small_pieces_;
  std::vector<std::byte> sending_bytes_;
  std::vector<iovec> sending_;
  size_t first_ = 0;
};

std::pair<int, int> connected_pair() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  expect(listener >= 0, "socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  expect(bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0, "bind");
  expect(listen(listener, 1) == 0, "listen");
  expect(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0, "getsockname");
  const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  expect(one >= 0, "socket");
  expect(connect(one, reinterpret_cast<sockaddr*>(&address), length) == 0, "connect");
  const int other = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  expect(other >= 0, "accept");
  close(listener);
  return {one, other};
}

void serve(int fd, size_t transfer_bytes) {
  pin_this_thread(Side::kFar);
  End end(fd);
  std::vector<std::byte> memory(std::max<size_t>(transfer_bytes, 1), std::byte{7});
  bool ended = false;
  auto last_progress = Clock::now();
  while (!ended) {
    bool progress = end.receive(memory.data(), ended, [&](const Header& header, const std::byte* payload) {
      switch (header.kind) {
        case kEcho:
          end.queue(kEcho, payload, header.payload_bytes);
          break;
        case kGet:
          end.queue_transfer(memory.data(), transfer_bytes);
          break;
        case kData:
          if (header.last) end.queue(kAck, nullptr, 0);
          break;
        default:
          break;
      }
    });
    if (end.flush()) progress = true;
    if (progress) {
      last_progress = Clock::now();
    } else if (!ended) {
      end.rest(last_progress);
    }
  }
}

/// Keeps `depth` operations under way for `duration`: `start(end)` queues one, a frame for which `done(header)` holds
/// ends one. Calls `turn(completed)` after every turn in which some ended.
template <class Start, class Done, class Turn>
void drive(unsigned depth, size_t transfer_bytes, Millis duration, Start start, Done done, Turn turn) {
  pin_this_thread(Side::kNear);
  const auto [near, far] = connected_pair();
  std::thread server(serve, far, transfer_bytes);
  {
    End end(near);
    std::vector<std::byte> memory(std::max<size_t>(transfer_bytes, 1), std::byte{9});
    for (unsigned i = 0; i < depth; i++) start(end, memory.data());
    const auto finish = Clock::now() + duration;
    auto last_progress = Clock::now();
    bool ended = false;
    while (true) {
      bool progress = end.flush();
      unsigned completed = 0;
      if (end.receive(memory.data(), ended, [&](const Header& header, const std::byte*) {
            if (done(header)) completed++;
          })) {
        progress = true;
      }
      for (unsigned i = 0; i < completed; i++) start(end, memory.data());
      const auto now = Clock::now();
      if (completed > 0) turn(now, completed);
      if (now > finish) break;
      if (progress) {
        last_progress = now;
      } else {
        end.rest(last_progress);
      }
    }
  }
  server.join();
}

/// Rates in windows of 10 ms, so that a moment taken by somebody else spoils one sample and not the figure.
class Windows {
 public:
  void add(Clock::time_point now, double amount) {
    if (start_ == Clock::time_point{}) {
      start_ = now;
      return;
    }
    sum_ += amount;
    const std::chrono::duration<double> passed = now - start_;
    if (passed.count() < 0.01) return;
    rates_.push_back(sum_ / passed.count());
    start_ = now;
    sum_ = 0;
  }
  Figure figure() const { return figure_of(rates_); }

 private:
  Clock::time_point start_{};
  double sum_ = 0;
  std::vector<double> rates_;
};

}  // namespace

Figure figure_of(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::sort(samples.begin(), samples.end());
  const size_t n = samples.size();
  return {.median = samples[n / 2],
          .low = samples[n / 4],
          .high = samples[n * 3 / 4],
          .lowest = samples[n / 20],
          .highest = samples[n - 1 - n / 20]};
}

void pin_this_thread(Side side) {
  if (std::thread::hardware_concurrency() < 2) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(side == Side::kNear ? 0 : 1, &cores);
  sched_setaffinity(0, sizeof cores, &cores);  // refused in some containers: then the scheduler decides
}

Figure round_trip_us(size_t bytes, Millis duration) {
  const std::vector<std::byte> payload(bytes, std::byte{3});
  std::vector<double> samples;
  samples.reserve(1 << 20);
  Clock::time_point last{};
  drive(
      1, 0, duration, [&](End& end, std::byte*) { end.queue(kEcho, payload.data(), payload.size()); },
      [](const Header& header) { return header.kind == kEcho; },
      [&](Clock::time_point now, unsigned) {
        if (last != Clock::time_point{})
          samples.push_back(std::chrono::duration<double, std::micro>(now - last).count());
        last = now;
      });
  return figure_of(std::move(samples));
}

Figure echoes_per_s(size_t bytes, unsigned depth, Millis duration) {
  const std::vector<std::byte> payload(bytes, std::byte{3});
  Windows windows;
  drive(
      depth, 0, duration, [&](End& end, std::byte*) { end.queue(kEcho, payload.data(), payload.size()); },
      [](const Header& header) { return header.kind == kEcho; },
      [&](Clock::time_point now, unsigned completed) { windows.add(now, completed); });
  return windows.figure();
}

Figure read_gib_s(size_t bytes, unsigned depth, Millis duration) {
  Windows windows;
  drive(
      depth, bytes, duration, [&](End& end, std::byte*) { end.queue(kGet, nullptr, 0); },
      [](const Header& header) { return header.kind == kData && header.last; },
      [&](Clock::time_point now, unsigned completed) {
        windows.add(now, static_cast<double>(completed) * static_cast<double>(bytes) / (1u << 30));
      });
  return windows.figure();
}

Figure write_gib_s(size_t bytes, unsigned depth, Millis duration) {
  Windows windows;
  drive(
      depth, bytes, duration, [&](End& end, std::byte* memory) { end.queue_transfer(memory, bytes); },
      [](const Header& header) { return header.kind == kAck; },
      [&](Clock::time_point now, unsigned completed) {
        windows.add(now, static_cast<double>(completed) * static_cast<double>(bytes) / (1u << 30));
      });
  return windows.figure();
}

std::vector<Row> measure_all(Millis duration) {
  constexpr size_t kBulk = 1 << 20;
  return {
      {"round trip, 64 B, depth 1", "us", round_trip_us(64, duration)},
      {"round trip, 4 KiB, depth 1", "us", round_trip_us(4096, duration)},
      {"echo, 64 B, depth 16", "messages/s", echoes_per_s(64, 16, duration)},
      {"echo, 64 B, depth 64", "messages/s", echoes_per_s(64, 64, duration)},
      {"read, 1 MiB, depth 1", "GiB/s", read_gib_s(kBulk, 1, duration)},
      {"read, 1 MiB, depth 4", "GiB/s", read_gib_s(kBulk, 4, duration)},
      {"write, 1 MiB, depth 1", "GiB/s", write_gib_s(kBulk, 1, duration)},
      {"write, 1 MiB, depth 4", "GiB/s", write_gib_s(kBulk, 4, duration)},
  };
}

}  // namespace daos::yardstick
