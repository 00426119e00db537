// Goal: whatever happens to engines, every answer of the library is the one right answer: no acknowledged update is
// lost, none is applied twice, nothing hangs. Run by with-system, with SYSTEM_DIR set and a pool "tank".
//
// Method: processes with threads do random operations on keys of their own (in objects of their own and in one that all
// share) and compare each answer with a model; besides, all of them try to be the first to insert the same keys.
// Meanwhile engines are killed, and start again. At the end all are killed, and everything is read once more.
//
//   MODEL_SEED, MODEL_SECONDS, MODEL_PROCESSES, MODEL_THREADS    other than the usual 1, 5, 2, 3
//   MODEL_KILLS=0                                                leaves the engines alone
#include <daos.h>
#include <daos_kv.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>

#include "engine_processes.h"
#include "world.h"

namespace api_model {
namespace {

using api_test::engines;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kHang{120};
constexpr seconds kShrinkFor{10};
constexpr uint64_t kRaces = 400;

uint64_t setting(const char* name, uint64_t usual) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : usual;
}

std::string number(uint64_t n) { return std::to_string(n); }

// ------------------------------------------------------------------------------------------------------- failures

/// What a history ends with on new objects: empty, or the first difference.
std::string replay(daos_handle_t container, const std::vector<Operation>& history) {
  static std::atomic<uint64_t> next{static_cast<uint64_t>(getpid()) << 32};  // other processes do so too
  World world(container, next++, next++, "r");
  for (const Operation& op : history) {
    if (std::string wrong = world.run(op); !wrong.empty()) return wrong;
  }
  return world.check_all();
}

/// Leaves out what a failure does not need, as long as there is time.
std::vector<Operation> shrink(daos_handle_t container, std::vector<Operation> history) {
  const Clock::time_point until = Clock::now() + kShrinkFor;
  for (size_t part = history.size() / 2; part > 0; part /= 2) {
    for (size_t at = 0; at + part <= history.size() && Clock::now() < until;) {
      std::vector<Operation> shorter = history;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at),
                    shorter.begin() + static_cast<ptrdiff_t>(at + part));
      if (replay(container, shorter).empty()) {
        at += part;
      } else {
        history = std::move(shorter);
      }
    }
  }
  return history;
}

void tell(daos_handle_t container, const std::string& who, const std::vector<Operation>& history,
          const std::string& wrong) {
  static std::mutex mutex;
  std::lock_guard lock(mutex);
  std::string text = who + " after " + number(history.size()) + " operations: " + wrong + "\n";
  std::vector<Operation> shown;
  if (!replay(container, history).empty()) {
    shown = shrink(container, history);
    text += "the shortest history that fails without kills, too:\n";
  } else {
    // It needed a kill: what was done last where it failed.
    const Operation& last = history.back();
    for (const Operation& op : history) {
      const bool same = last.on_keys()
                            ? op.on_keys() && op.shared == last.shared &&
                                  (op.dkey == last.dkey || op.kind == Kind::kBurst || op.kind == Kind::kPunchObject)
                            : op.on_array() == last.on_array() && !op.on_keys();
      if (same) shown.push_back(op);
    }
    if (shown.size() > 40) shown.erase(shown.begin(), shown.end() - 40);
    text += "without kills the same history does not fail; what was done last in that place:\n";
  }
  for (const Operation& op : shown) text += "  " + op.text() + "\n";
  std::fputs(text.c_str(), stderr);
}

// ------------------------------------------------------------------------------------------------------- a worker

/// Everybody tries to insert the same keys; what was inserted is whose.
class Races {
 public:
  Races(daos_handle_t container, std::string me) : me_(std::move(me)) {
    daos_obj_id_t oid = {42, 0};
    if (daos_obj_generate_oid(container, &oid, DAOS_OT_KV_HASHED, OC_SX, 0, 0) == 0) {
      daos_kv_open(container, oid, DAOS_OO_RW, &kv_, nullptr);
    }
  }
  ~Races() { daos_kv_close(kv_, nullptr); }
  Races(const Races&) = delete;

  std::string run_one() {
    if (next_ == kRaces) return "";
    const std::string key = "race " + number(next_++);
    const int rc = daos_kv_put(kv_, DAOS_TX_NONE, DAOS_COND_KEY_INSERT, key.c_str(), me_.size(), me_.data(), nullptr);
    if (rc != 0 && rc != -DER_EXIST) return key + ": insert gave " + d_errstr(rc);
    if (rc == 0) won_.push_back(key);
    return check(key, rc == 0);
  }
  std::string check_all() const {
    for (const std::string& key : won_) {
      if (std::string wrong = check(key, true); !wrong.empty()) return wrong;
    }
    return "";
  }

 private:
  std::string check(const std::string& key, bool mine) const {
    char owner[64];
    daos_size_t size = sizeof owner;
    const int rc = daos_kv_get(kv_, DAOS_TX_NONE, 0, key.c_str(), &size, owner, nullptr);
    if (rc != 0) return key + ": get gave " + d_errstr(rc);
    const bool is_mine = std::string(owner, size) == me_;
    if (size == 0) return key + ": nobody has it, and the insert found it taken";
    if (mine && !is_mine) return key + ": was won, and belongs to " + std::string(owner, size);
    if (!mine && is_mine) return key + ": the insert found it taken, by itself: it was applied twice";
    return "";
  }
  const std::string me_;
  daos_handle_t kv_ = DAOS_HDL_INVAL;
  uint64_t next_ = 0;
  std::vector<std::string> won_;
};

struct Progress {
  std::atomic<int64_t> moved{0};  // when, in ticks of the clock
  std::atomic<uint64_t> operations{0};
  std::atomic<int> at{-1};  // the kind of operation under way
  void move() { moved = Clock::now().time_since_epoch().count(); }
};

/// A thread's part; `go_on` is called between the operations and the last check.
bool work(daos_handle_t container, uint64_t worker, uint64_t seed, seconds length, Progress& progress,
          const std::function<void()>& go_on) {
  const std::string who = "seed " + number(seed) + ", worker " + number(worker);
  World world(container, 1000 + worker, 41, "w" + number(worker) + "-");
  Races races(container, "worker " + number(worker));
  Random random(seed * 1000 + worker);
  std::vector<Operation> history;
  const Clock::time_point until = Clock::now() + length;
  bool right = true;
  for (uint64_t id = 1; right && Clock::now() < until; id++) {
    const Operation op = random_operation(random, id);
    progress.at = static_cast<int>(op.kind);
    history.push_back(op);
    const std::string wrong = world.run(op);
    const std::string race = random.one_in(4) ? races.run_one() : "";
    if (!wrong.empty()) tell(container, who, history, wrong);
    if (!race.empty()) std::fprintf(stderr, "%s: %s\n", who.c_str(), race.c_str());
    right = wrong.empty() && race.empty();
    progress.operations++;
    progress.move();
  }
  progress.at = -1;
  go_on();
  if (!right) return false;
  std::string wrong = world.check_all();
  if (wrong.empty()) wrong = races.check_all();
  if (!wrong.empty()) std::fprintf(stderr, "%s, after all engines were killed: %s\n", who.c_str(), wrong.c_str());
  return wrong.empty();
}

/// A process with threads. It says one byte when it has done its operations, and hears one before the last check.
int be_a_worker(char** argv) {
  const char* name = argv[0];
  const uint64_t process = std::strtoull(argv[1], nullptr, 10), seed = std::strtoull(argv[2], nullptr, 10);
  const uint64_t length = std::strtoull(argv[3], nullptr, 10), threads = std::strtoull(argv[4], nullptr, 10);
  daos_handle_t pool, container;
  if (daos_init() != 0 || daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) != 0 ||
      daos_cont_open(pool, name, DAOS_COO_RW, &container, nullptr, nullptr) != 0) {
    std::fputs("a worker could not begin\n", stderr);
    return 2;
  }
  std::vector<Progress> progress(threads);
  std::atomic<bool> all_right{true};
  std::atomic<uint64_t> ready{0};
  std::atomic<bool> checking{false}, over{false};
  for (Progress& p : progress) p.move();
  const auto go_on = [&] {
    if (++ready == threads) {
      char byte = '!';
      if (write(STDOUT_FILENO, &byte, 1) != 1 || read(STDIN_FILENO, &byte, 1) != 1) all_right = false;
      for (Progress& p : progress) p.move();
      checking = true;
      checking.notify_all();
    }
    checking.wait(false);
  };
  std::jthread watch([&] {
    while (!over) {
      std::this_thread::sleep_for(milliseconds(200));
      for (size_t i = 0; i < threads; i++) {
        const Clock::duration still = Clock::now().time_since_epoch() - Clock::duration(progress[i].moved);
        if (still < kHang || (progress[i].at < 0 && !checking)) continue;
        std::fprintf(stderr, "seed %s, worker %s hangs in %s after %s operations\n", number(seed).c_str(),
                     number(process * threads + i).c_str(),
                     progress[i].at < 0 ? "the last check" : kKindNames[progress[i].at],
                     number(progress[i].operations).c_str());
        std::abort();
      }
    }
  });
  {
    std::vector<std::jthread> workers;
    for (uint64_t i = 0; i < threads; i++) {
      workers.emplace_back([&, i] {
        if (!work(container, process * threads + i, seed, seconds(length), progress[i], go_on)) all_right = false;
      });
    }
  }
  over = true;
  uint64_t operations = 0;
  for (const Progress& p : progress) operations += p.operations;
  std::fprintf(stderr, "process %s: %s operations\n", number(process).c_str(), number(operations).c_str());
  if (daos_cont_close(container, nullptr) != 0 || daos_pool_disconnect(pool, nullptr) != 0 || daos_fini() != 0)
    return 3;
  return all_right ? 0 : 1;
}

// ------------------------------------------------------------------------------------------------------- the whole

/// Waits until as many engines run as there were.
void wait_for_engines(size_t count) {
  const Clock::time_point until = Clock::now() + kHang;
  while (engines().size() < count && Clock::now() < until) std::this_thread::sleep_for(milliseconds(20));
}

struct Process {
  pid_t pid = -1;
  int to = -1, from = -1;
};
Process start(const std::string& container, uint64_t process, uint64_t seed, uint64_t length, uint64_t threads) {
  int in[2], out[2];
  if (pipe(in) != 0 || pipe(out) != 0) std::abort();
  const std::string p = number(process), s = number(seed), l = number(length), t = number(threads);
  const pid_t pid = fork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
    execl("/proc/self/exe", "model_test", "@worker", container.c_str(), p.c_str(), s.c_str(), l.c_str(), t.c_str(),
          nullptr);
    _exit(254);
  }
  close(in[0]);
  close(out[1]);
  return {pid, in[1], out[0]};
}

int run_all() {
  const uint64_t seed = setting("MODEL_SEED", 1), length = setting("MODEL_SECONDS", 5);
  const uint64_t processes = setting("MODEL_PROCESSES", 2), threads = setting("MODEL_THREADS", 3);
  const bool kills = setting("MODEL_KILLS", 1) != 0;
  signal(SIGPIPE, SIG_IGN);
  std::printf("seed %s: %s processes with %s threads for %s s\n", number(seed).c_str(), number(processes).c_str(),
              number(threads).c_str(), number(length).c_str());
  std::fflush(stdout);
  daos_handle_t pool;
  if (daos_init() != 0 || daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr) != 0 ||
      daos_cont_create_with_label(pool, "model", nullptr, nullptr, nullptr) != 0) {
    std::fputs("no container could be made\n", stderr);
    return 2;
  }
  const size_t count = engines().size();
  std::vector<Process> all;
  for (uint64_t p = 0; p < processes; p++) all.push_back(start("model", p, seed, length, threads));
  Random random(seed);
  uint64_t killed = 0;
  for (const Clock::time_point until = Clock::now() + seconds(length); kills && Clock::now() < until;) {
    std::this_thread::sleep_for(milliseconds(200 + random.below(1200)));
    const std::vector<pid_t> running = engines();
    if (running.empty()) continue;
    killed += kill(running[random.below(running.size())], SIGKILL) == 0;
    if (random.one_in(2)) wait_for_engines(count);  // else the next one dies while this one starts
  }
  char byte = '!';
  int result = 0;
  for (Process& process : all) result |= read(process.from, &byte, 1) == 1 ? 0 : 1;
  if (kills) {
    wait_for_engines(count);
    for (const pid_t engine : engines()) killed += kill(engine, SIGKILL) == 0;
  }
  for (Process& process : all) result |= write(process.to, &byte, 1) == 1 ? 0 : 1;
  for (Process& process : all) {
    int status = 0;
    if (waitpid(process.pid, &status, 0) != process.pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
      std::fprintf(stderr, "a worker ended with status %d\n", status);
      result = 1;
    }
  }
  const int destroyed = daos_cont_destroy(pool, "model", 0, nullptr);
  if (destroyed != 0) std::fprintf(stderr, "the container could not be destroyed: %s\n", d_errstr(destroyed));
  const bool closed = daos_pool_disconnect(pool, nullptr) == 0 && daos_fini() == 0;
  std::printf("seed %s: %s engines killed, %s\n", number(seed).c_str(), number(killed).c_str(),
              result == 0 ? "every answer was right" : "FAILED");
  if (kills && killed == 0) std::fputs("no engine was killed\n", stderr);
  return result == 0 && destroyed == 0 && closed && (!kills || killed > 0) ? 0 : 1;
}

}  // namespace
}  // namespace api_model

int main(int argc, char** argv) {
  if (argc == 7 && std::strcmp(argv[1], "@worker") == 0) return api_model::be_a_worker(argv + 2);
  return api_model::run_all();
}
