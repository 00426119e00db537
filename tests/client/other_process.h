// This program again, as another process with a role: what the two say to each other, and how a role tells which step
// failed. A test's main must call the role that its first argument names.
#pragma once

#include <daos.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace api_test {

// Every failed step of a role has a number of its own: its line.
#define NEED(condition) \
  if (!(condition)) return __LINE__ % 250 + 1

inline bool read_all(int fd, void* to, size_t bytes) {
  auto* at = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t n = read(fd, at, bytes);
    if (n <= 0) return false;
    at += n;
    bytes -= static_cast<size_t>(n);
  }
  return true;
}

inline bool say() { return write(STDOUT_FILENO, "!", 1) == 1; }
inline bool say_bytes(const void* bytes, uint32_t length) {
  return write(STDOUT_FILENO, &length, sizeof length) == sizeof length &&
         write(STDOUT_FILENO, bytes, length) == static_cast<ssize_t>(length);
}
inline bool hear() {
  char c;
  return read_all(STDIN_FILENO, &c, 1);
}

inline d_iov_t as_iov(std::vector<char>& bytes) { return {bytes.data(), bytes.size(), bytes.size()}; }

inline std::vector<char> hear_bytes() {
  uint32_t bytes = 0;
  if (!read_all(STDIN_FILENO, &bytes, sizeof bytes)) return {};
  std::vector<char> data(bytes);
  return read_all(STDIN_FILENO, data.data(), bytes) ? data : std::vector<char>();
}

/// A handle as bytes, made by one of the local2global functions.
inline std::vector<char> exported(int (*local2global)(daos_handle_t, d_iov_t*), daos_handle_t handle) {
  d_iov_t glob{};
  EXPECT_EQ(local2global(handle, &glob), 0);
  std::vector<char> bytes(glob.iov_buf_len);
  glob.iov_buf = bytes.data();
  EXPECT_EQ(local2global(handle, &glob), 0);
  EXPECT_EQ(glob.iov_len, bytes.size());
  return bytes;
}

/// This program in another process, with its standard streams in our hands.
class Other {
 public:
  Other(const char* role, const char* argument) {
    int in[2], out[2];
    EXPECT_EQ(pipe(in), 0);
    EXPECT_EQ(pipe(out), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
      execl("/proc/self/exe", "pools_test", role, argument, nullptr);
      _exit(254);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  ~Other() {
    if (pid_ > 0) ADD_FAILURE() << "nobody waited for the other process";
    close(to_);
    close(from_);
  }
  void send(const std::vector<char>& bytes) {
    const auto length = static_cast<uint32_t>(bytes.size());
    EXPECT_EQ(write(to_, &length, sizeof length), static_cast<ssize_t>(sizeof length));
    EXPECT_EQ(write(to_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  std::vector<char> receive() {
    uint32_t length = 0;
    EXPECT_TRUE(read_all(from_, &length, sizeof length));
    std::vector<char> bytes(length);
    EXPECT_TRUE(read_all(from_, bytes.data(), length));
    return bytes;
  }
  void wait_for_it() {
    char c;
    EXPECT_TRUE(read_all(from_, &c, 1));
  }
  void go_on() { EXPECT_EQ(write(to_, "!", 1), 1); }
  void end_by_force(int signal = SIGKILL) {
    EXPECT_EQ(kill(pid_, signal), 0);
    EXPECT_EQ(waitpid(pid_, nullptr, 0), pid_);
    pid_ = -1;
  }
  /// 0, or the number of the step that failed.
  int result() {
    int status = 0;
    EXPECT_EQ(waitpid(pid_, &status, 0), pid_);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
};

}  // namespace api_test
