#include "programs/daos_perf/crew.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>

namespace daos::perf {
namespace {

using Clock = std::chrono::steady_clock;

/// A start line and one result per client, in memory that all processes see.
class Board {
 public:
  static Result<Board> make(uint32_t clients) {
    const size_t bytes = sizeof(StartLine) + clients * sizeof(ClientResult);
    void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return errno_error(errno, "memory for the clients' results");
    return Board(memory, bytes, clients);
  }
  Board(Board&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)),
        bytes_(other.bytes_),
        line_(other.line_),
        results_(other.results_) {}
  ~Board() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
  }
  StartLine& line() { return *line_; }
  std::span<ClientResult> results() { return results_; }

 private:
  Board(void* memory, size_t bytes, uint32_t clients) : memory_(memory), bytes_(bytes) {
    static_assert(sizeof(StartLine) % alignof(ClientResult) == 0);
    line_ = new (memory) StartLine();
    auto* first = reinterpret_cast<ClientResult*>(static_cast<std::byte*>(memory) + sizeof(StartLine));
    for (uint32_t i = 0; i < clients; i++) new (first + i) ClientResult();
    results_ = {first, clients};
  }
  void* memory_;
  size_t bytes_;
  StartLine* line_;
  std::span<ClientResult> results_;
};

class Crew {
 public:
  Crew(const Plan& plan, Ledger& ledger, Board& board) : plan_(plan), ledger_(ledger), board_(board) {}
  ~Crew() { end_all(); }

  Status run() {
    for (uint32_t client = 0; client < plan_.clients; client++) DX_TRY(start(client));
    Clock::time_point next = Clock::now() + period();
    uint64_t before = 0;
    while (left_ > 0) {
      if (board_.line().waiting.load() == plan_.clients) board_.line().open.store(1);
      DX_TRY(reap());
      if (left_ > 0) ::usleep(kLookUs);
      if (plan_.progress > 0 && Clock::now() >= next) {
        before = say_progress(before);
        next += period();
      }
    }
    return {};
  }

 private:
  static constexpr useconds_t kLookUs = 2000;

  std::chrono::nanoseconds period() const {
    return std::chrono::nanoseconds(static_cast<int64_t>(plan_.progress * 1e9));
  }

  Status start(uint32_t client) {
    std::fflush(nullptr);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return errno_error(errno, fmt::format("starting client {}", client));
    if (pid > 0) {
      children_.push_back(pid);
      left_++;
      return {};
    }
    // A client does not outlive who started it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    ClientResult& result = board_.results()[client];
    const Status status = run_client(plan_, client, ledger_, board_.line(), result);
    if (!status.ok()) {
      result.error = static_cast<int32_t>(status.code());
      std::string(status.message()).copy(result.message, sizeof result.message - 1);
    }
    ::_exit(status.ok() ? 0 : 1);
  }

  /// Takes the clients that have ended; the first that did not end well ends the run.
  Status reap() {
    for (uint32_t client = 0; client < children_.size(); client++) {
      if (children_[client] == 0) continue;
      int ended = 0;
      if (::waitpid(children_[client], &ended, WNOHANG) != children_[client]) continue;
      children_[client] = 0;
      left_--;
      const ClientResult& result = board_.results()[client];
      const std::string who = plan_.clients == 1 ? "" : fmt::format("client {}", client);
      if (WIFSIGNALED(ended)) {
        return error(Code::kMisc, "client {} was ended by signal {} ({})", client, WTERMSIG(ended),
                     ::strsignal(WTERMSIG(ended)));
      }
      if (result.error != 0) {
        Status status(static_cast<Code>(result.error), result.message);
        return who.empty() ? status : std::move(status).within(who);
      }
      if (WEXITSTATUS(ended) != 0) {
        return error(Code::kMisc, "client {} ended with exit status {}", client, WEXITSTATUS(ended));
      }
    }
    return {};
  }

  uint64_t say_progress(uint64_t before) {
    uint64_t ended = 0;
    for (const ClientResult& result : board_.results()) ended += result.ended.load(std::memory_order_relaxed);
    const double rate = static_cast<double>(ended - before) / plan_.progress;
    const uint64_t all = plan_.keys * plan_.clients;
    const std::string share =
        plan_.seconds > 0 ? ""
                          : fmt::format(" ({:.0f} %)", 100.0 * static_cast<double>(ended) / static_cast<double>(all));
    fmt::print(stderr, "daos_perf: {} operations{}, {:.0f}/s\n", ended, share, rate);
    return ended;
  }

  void end_all() {
    for (const pid_t pid : children_) {
      if (pid == 0) continue;
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }

  const Plan& plan_;
  Ledger& ledger_;
  Board& board_;
  std::vector<pid_t> children_;
  uint32_t left_ = 0;
};

}  // namespace

Result<Outcome> run_clients(const Plan& plan) {
  Ledger ledger = DX_TRY(Ledger::open(plan));
  Board board = DX_TRY(Board::make(plan.clients));
  {
    Crew crew(plan, ledger, board);
    DX_TRY(crew.run());
  }
  Outcome outcome;
  uint64_t begin = UINT64_MAX;
  uint64_t end = 0;
  double slowest = 0;
  double sum = 0;
  for (const ClientResult& result : board.results()) {
    outcome.writes.merge(result.writes);
    outcome.reads.merge(result.reads);
    outcome.verified += result.verified;
    outcome.absent += result.absent;
    outcome.cpu_seconds += static_cast<double>(result.cpu_ns) / 1e9;
    outcome.connect_ms = std::max(outcome.connect_ms, static_cast<double>(result.connect_ns) / 1e6);
    begin = std::min(begin, result.begin_ns);
    end = std::max(end, result.end_ns);
    const double seconds = static_cast<double>(std::max<uint64_t>(result.end_ns - result.begin_ns, 1)) / 1e9;
    const double rate = static_cast<double>(result.writes.count() + result.reads.count()) / seconds;
    slowest = &result == board.results().data() ? rate : std::min(slowest, rate);
    sum += rate;
  }
  outcome.seconds = static_cast<double>(std::max<uint64_t>(end - begin, 1)) / 1e9;
  if (sum > 0) outcome.slowest_share = slowest * plan.clients / sum;
  return outcome;
}

}  // namespace daos::perf
