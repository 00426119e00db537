// How should a log commit reach the medium: write then fdatasync, or one write with RWF_DSYNC? Both through io_uring
// with O_DIRECT, on pre-written files, one thread, 1 / 2 / 4 / 8 logs with one commit under way each (a log waits for
// its commit before it starts the next, as group commit does).
//   fsync   write linked to an fdatasync (IOSQE_IO_LINK), completed by the second
//   dsync   one write with RWF_DSYNC
// Prints commits/s of all logs together and the median time of one commit. `flush_probe DIR [ms per row]`.
// docs/decisions/0001-flush-by-rwf-dsync.md has the result.
#include <fcntl.h>
#include <liburing.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
constexpr size_t kSegmentBytes = 32u << 20;

[[noreturn]] void die(const char* what, int error) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(error));
  std::exit(1);
}

struct Log {
  int fd = -1;
  size_t at = 0;
  Clock::time_point started;
};

struct Outcome {
  double commits_per_s;
  double median_us;
};

Outcome measure(const std::string& folder, bool dsync, size_t bytes, unsigned logs,
                std::chrono::milliseconds duration) {
  io_uring ring;
  if (const int rc = io_uring_queue_init(64, &ring, 0); rc != 0) die("io_uring_queue_init", -rc);
  void* memory = std::aligned_alloc(4096, 1 << 20);
  std::memset(memory, 0x5a, 1 << 20);
  std::vector<Log> all(logs);
  for (unsigned i = 0; i < logs; i++) {
    const std::string path = folder + "/flush_probe." + std::to_string(i);
    all[i].fd = open(path.c_str(), O_RDWR | O_CREAT | O_DIRECT | O_CLOEXEC, 0600);
    if (all[i].fd < 0) die(path.c_str(), errno);
    for (size_t offset = 0; offset < kSegmentBytes; offset += 1 << 20) {
      if (pwrite(all[i].fd, memory, 1 << 20, static_cast<off_t>(offset)) != 1 << 20) die("pre-write", errno);
    }
    fsync(all[i].fd);
    unlink(path.c_str());
  }
  const auto submit = [&](unsigned i) {
    Log& log = all[i];
    io_uring_sqe* write = io_uring_get_sqe(&ring);
    io_uring_prep_write(write, log.fd, memory, static_cast<unsigned>(bytes), log.at);
    log.at = (log.at + bytes) % kSegmentBytes;
    log.started = Clock::now();
    if (dsync) {
      write->rw_flags = RWF_DSYNC;
      io_uring_sqe_set_data64(write, i);
    } else {
      write->flags |= IOSQE_IO_LINK;
      io_uring_sqe_set_data64(write, UINT64_MAX);
      io_uring_sqe* sync = io_uring_get_sqe(&ring);
      io_uring_prep_fsync(sync, log.fd, IORING_FSYNC_DATASYNC);
      io_uring_sqe_set_data64(sync, i);
    }
  };
  std::vector<double> times;
  for (unsigned i = 0; i < logs; i++) submit(i);
  const auto start = Clock::now();
  unsigned under_way = logs;
  while (under_way > 0) {
    io_uring_submit_and_wait(&ring, 1);
    const auto now = Clock::now();
    unsigned head = 0;
    unsigned seen = 0;
    io_uring_cqe* cqe = nullptr;
    std::vector<unsigned> again;
    io_uring_for_each_cqe(&ring, head, cqe) {
      seen++;
      if (cqe->res < 0) die("commit", -cqe->res);
      if (cqe->user_data == UINT64_MAX) continue;
      const auto i = static_cast<unsigned>(cqe->user_data);
      times.push_back(std::chrono::duration<double, std::micro>(now - all[i].started).count());
      under_way--;
      if (now - start < duration) again.push_back(i);
    }
    io_uring_cq_advance(&ring, seen);
    for (const unsigned i : again) submit(i);
    under_way += again.size();
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  for (const Log& log : all) close(log.fd);
  io_uring_queue_exit(&ring);
  std::free(memory);
  std::sort(times.begin(), times.end());
  return {static_cast<double>(times.size()) / seconds, times[times.size() / 2]};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: flush_probe DIR [ms per row]\n");
    return 2;
  }
  const std::chrono::milliseconds duration(argc > 2 ? std::atoi(argv[2]) : 600);
  constexpr int kRounds = 5;  // alternating, so that a slow minute of the disk meets both
  std::printf("%-10s %-5s %14s %14s %14s %14s\n", "bytes", "logs", "fsync /s", "dsync /s", "fsync us", "dsync us");
  for (const size_t bytes : {4096u, 65536u}) {
    for (const unsigned logs : {1u, 2u, 4u, 8u}) {
      std::vector<double> rate[2];
      std::vector<double> time[2];
      for (int round = 0; round < kRounds; round++) {
        for (const int dsync : {0, 1}) {
          const Outcome outcome = measure(argv[1], dsync == 1, bytes, logs, duration / kRounds);
          rate[dsync].push_back(outcome.commits_per_s);
          time[dsync].push_back(outcome.median_us);
        }
      }
      for (auto* series : {rate, time}) {
        std::sort(series[0].begin(), series[0].end());
        std::sort(series[1].begin(), series[1].end());
      }
      const size_t middle = kRounds / 2;
      std::printf("%-10zu %-5u %14.0f %14.0f %14.0f %14.0f\n", bytes, logs, rate[0][middle], rate[1][middle],
                  time[0][middle], time[1][middle]);
    }
  }
  return 0;
}
