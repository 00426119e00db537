// What other processes do in these tests: this program, started again with a role as its first word.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include "tests/embedded/store_fixture.h"

namespace embedded {
namespace {

void say(const std::string& line) {
  const std::string text = line + "\n";
  if (write(STDOUT_FILENO, text.data(), text.size()) < 0) _exit(3);
}

void wait_for_end_of_input() {
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

/// hold DIR: has the store open until told to go on.
int hold(const std::string& directory) {
  setenv("DAOS_EMBEDDED", directory.c_str(), 1);
  const int rc = daos_init();
  say(rc == 0 ? "open" : d_errstr(rc));
  if (rc != 0) return 1;
  wait_for_end_of_input();
  return daos_fini() == 0 ? 0 : 1;
}

/// write POOL FROM: stores number after number, and says each once it is acknowledged, until it is killed.
int write_numbers(const std::string& pool, uint64_t from) {
  Numbers numbers;
  if (daos_init() != 0 || numbers.open(pool.c_str()) != 0) return 1;
  for (uint64_t key = from;; key++) {
    if (numbers.put(key, number_of(key)) != 0) return 2;
    say(std::to_string(key));
  }
}

/// outlive DIR: opens the store and forks. The child waits until its parent is dead, then takes over.
int outlive(const std::string& directory) {
  setenv("DAOS_EMBEDDED", directory.c_str(), 1);
  Numbers numbers;
  if (daos_init() != 0 || numbers.open("tank") != 0 || numbers.put(0, number_of(0)) != 0) return 1;
  int alive[2];
  if (pipe2(alive, O_CLOEXEC) != 0) return 1;
  if (fork() != 0) {
    close(alive[0]);
    say("forked");
    for (;;) pause();  // until killed: its end of the pipe closes then
  }
  close(alive[1]);
  char byte;
  while (read(alive[0], &byte, 1) > 0) {
  }
  uint64_t number = 0;
  say(numbers.get(0, number) == -DER_UNINIT ? "shut out" : "not shut out");
  wait_for_end_of_input();
  if (const int rc = daos_reinit(); rc != 0) {
    say(d_errstr(rc));
    return 1;
  }
  say(numbers.get(0, number) == -DER_NO_HDL ? "old handles ended" : "old handles live");
  Numbers again;
  if (again.open("tank") != 0 || again.get(0, number) != 0 || number != number_of(0)) {
    say("no value");
    return 1;
  }
  say("took over");
  return 0;  // and ends without daos_fini
}

/// leave DIR: ends with operations under way and nothing closed.
int leave(const std::string& directory) {
  setenv("DAOS_EMBEDDED", directory.c_str(), 1);
  Numbers numbers;
  if (daos_init() != 0 || numbers.open("tank") != 0) return 1;
  for (uint64_t key = 0; key < 100; key++) {
    if (numbers.put(key, number_of(key)) != 0) return 2;
  }
  return 0;
}

struct AtExit {
  bool armed = false;
  ~AtExit() {
    if (armed) say(daos_fini() == 0 ? "closed" : "not closed");
  }
};
AtExit at_exit;

/// leave_late DIR: as leave, and daos_fini is called by the destructor of a static object.
int leave_late(const std::string& directory) {
  const int rc = leave(directory);
  at_exit.armed = rc == 0;
  return rc;
}

/// full_disk DIR: on a file system of its own, too small for what is stored.
int full_disk(const std::string& directory) {
  // In a namespace of its own, so that the mount ends with this process, however it ends.
  if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("none", directory.c_str(), "tmpfs", 0, "size=256m") != 0) {
    say(std::string("cannot mount: ") + strerror(errno));
    return 77;
  }
  const std::string pool = directory + "/store";
  Numbers numbers;
  int rc = daos_init();
  if (rc == 0) rc = numbers.open(pool.c_str());
  if (rc != 0) {
    say(std::string("does not open: ") + d_errstr(rc));
    return 1;
  }
  uint64_t stored = 0;
  while (stored < 4096 && (rc = numbers.put(stored, number_of(stored), 1u << 20)) == 0) stored++;
  say(stored == 4096 ? "never full" : d_errstr(rc));
  if (stored < 16 || stored == 4096) return 1;
  for (int again = 0; again < 2; again++) {
    for (uint64_t key = 0; key < stored; key++) {
      uint64_t number = 0;
      if (numbers.get(key, number) != 0 || number != number_of(key)) {
        say("lost " + std::to_string(key));
        return 1;
      }
    }
    if (again == 1) break;
    if (numbers.close() != 0 || (rc = numbers.open(pool.c_str())) != 0) {
      say(std::string("does not open again: ") + d_errstr(rc));
      return 1;
    }
  }
  if (numbers.close() != 0 || daos_fini() != 0) return 1;
  say("all there");
  return 0;
}

/// as_nobody DIR: with the rights of a user who has none there.
int as_nobody(const std::string& directory) {
  if (geteuid() == 0 && setuid(65534) != 0) return 77;
  setenv("DAOS_EMBEDDED", directory.c_str(), 1);
  const int rc = daos_init();
  say(d_errstr(rc));
  return rc == 0 ? 1 : 0;
}

}  // namespace

int play_role(int argc, char** argv) {
  if (argc < 3) return -1;
  const std::string role = argv[1];
  const std::string what = argv[2];
  if (role == "hold") return hold(what);
  if (role == "write" && argc == 4) return write_numbers(what, std::strtoull(argv[3], nullptr, 10));
  if (role == "outlive") return outlive(what);
  if (role == "leave") return leave(what);
  if (role == "leave_late") return leave_late(what);
  if (role == "full_disk") return full_disk(what);
  if (role == "as_nobody") return as_nobody(what);
  return -1;
}

// --------------------------------------------------------------------------------------------------------- Process

Process::Process(std::vector<std::string> words) {
  int in[2];
  int out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) abort();
  std::vector<char*> pointers = {const_cast<char*>("/proc/self/exe")};
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(out[1], STDERR_FILENO);
    execv(pointers[0], pointers.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  to_ = in[1];
  from_ = out[0];
}

Process::~Process() {
  if (pid_ > 0) {
    kill(SIGKILL);
    finish();
  }
  if (from_ >= 0) close(from_);
}

std::string Process::line() {
  std::string text;
  char byte;
  while (read(from_, &byte, 1) == 1 && byte != '\n') text += byte;
  return text;
}

std::string Process::rest() {
  std::string text;
  char bytes[4096];
  for (ssize_t got; (got = read(from_, bytes, sizeof bytes)) > 0;) text.append(bytes, static_cast<size_t>(got));
  return text;
}

void Process::kill(int signal) { ::kill(pid_, signal); }

int Process::finish() {
  if (to_ >= 0) close(std::exchange(to_, -1));
  int status = 0;
  if (pid_ <= 0 || waitpid(std::exchange(pid_, -1), &status, 0) < 0) return -2;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace embedded

int main(int argc, char** argv) {
  if (const int status = embedded::play_role(argc, argv); status >= 0) return status;
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
