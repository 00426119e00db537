#include "programs/daos_server/background.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace daos::program {
namespace {

/// One message from the background process: success with text and JSON, or an error.
struct News {
  int32_t code = 0;
  std::string text;
  std::string json;
  static void visit(auto&& visitor, auto& self) { visitor(self.code, self.text, self.json); }
};

void tell(int fd, const News& news) {
  const ByteVector bytes = encode(news);
  size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + sent, bytes.size() - sent);
    if (n < 0 && errno != EINTR) break;  // nobody listens: then it does not matter
    if (n > 0) sent += static_cast<size_t>(n);
  }
  ::close(fd);
}

ByteVector read_all(int fd) {
  ByteVector bytes;
  std::byte buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return bytes;
    bytes.insert(bytes.end(), buffer, buffer + n);
  }
}

void leave_terminal(int log_fd) {
  ::setsid();
  const int null_fd = ::open("/dev/null", O_RDWR);
  ::dup2(null_fd, 0);
  ::dup2(log_fd, 1);
  ::dup2(log_fd, 2);
  if (null_fd > 2) ::close(null_fd);
  ::close(log_fd);
}

}  // namespace

Result<output::Answer> in_background(const std::string& log, std::move_only_function<Status(Ready)> body) {
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log_fd < 0) return errno_error(errno, log);
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return errno_error(errno, "pipe");
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "fork");
  if (pid == 0) {
    ::close(fds[0]);
    leave_terminal(log_fd);
    bool told = false;
    const Status ended = body([&](const output::Answer& answer) {
      tell(fds[1], {.text = answer.text, .json = answer.json.dump()});
      told = true;
    });
    if (!ended.ok()) {
      fmt::print(stderr, "ERROR: daos_server: {}\n", ended);
      if (!told) tell(fds[1], {.code = static_cast<int32_t>(ended.code()), .text = std::string(ended.message())});
    }
    std::fflush(nullptr);
    ::_exit(ended.ok() ? 0 : 1);
  }
  ::close(log_fd);
  ::close(fds[1]);
  const ByteVector bytes = read_all(fds[0]);
  ::close(fds[0]);
  const Result<News> news = decode<News>(bytes, "news of the background process");
  if (!news.ok()) {
    ::waitpid(pid, nullptr, 0);
    return error(Code::kMisc, "daos_server ended before it was ready; its log is {}", log);
  }
  if (news->code != 0) return Status(code_from_number(news->code), news->text);
  return output::Answer{.text = news->text, .json = output::Json::parse(news->json)};
}

}  // namespace daos::program
