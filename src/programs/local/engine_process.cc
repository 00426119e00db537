#include "programs/local/engine_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "programs/local/descriptor.h"

namespace daos::local {
namespace {

constexpr int kReadyFd = 3;  // in the engine: --ready-fd 3

struct Pipe {
  int read = -1;
  int write = -1;
  static Result<Pipe> make() {
    int fds[2];
    if (::pipe2(fds, O_CLOEXEC) != 0) return errno_error(errno, "pipe");
    return Pipe{fds[0], fds[1]};
  }
};

/// In the child, between fork and exec: only what is safe there. Returns when something failed.
void become_engine(char* const* words, int log_fd, int ready_fd, pid_t parent) {
  ::setsid();  // Ctrl-C on the terminal is for the server, which then ends its engines in order
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(0);  // the server was gone before that call
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  const int null_fd = ::open("/dev/null", O_RDONLY);
  if (::dup2(null_fd, 0) < 0 || ::dup2(log_fd, 1) < 0 || ::dup2(log_fd, 2) < 0) return;
  if (ready_fd == kReadyFd) {
    ::fcntl(kReadyFd, F_SETFD, 0);
  } else if (::dup2(ready_fd, kReadyFd) < 0) {
    return;
  }
  ::execv(words[0], words);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status))
    return fmt::format("killed by signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  if (WEXITSTATUS(status) == 0) return "stopped";
  return fmt::format("ended with status {}", WEXITSTATUS(status));
}

}  // namespace

Result<std::unique_ptr<EngineProcess>> EngineProcess::start(runtime::EpollPoller& poller, const EngineCommand& command,
                                                            Observer observer) {
  const Descriptor log(::open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (log.get() < 0) return errno_error(errno, command.log);
  const Pipe ready = DX_TRY(Pipe::make());
  Descriptor ready_read(ready.read);
  Descriptor ready_write(::fcntl(ready.write, F_DUPFD_CLOEXEC, 16));  // out of the way of 0 to 3
  ::close(ready.write);
  const Pipe failed = DX_TRY(Pipe::make());
  const Descriptor failed_read(failed.read);
  Descriptor failed_write(::fcntl(failed.write, F_DUPFD_CLOEXEC, 16));
  ::close(failed.write);

  std::vector<std::string> words = {command.program};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  words.insert(words.end(), {"--ready-fd", std::to_string(kReadyFd)});
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return errno_error(errno, "fork");
  if (pid == 0) {
    become_engine(pointers.data(), log.get(), ready_write.get(), parent);
    const int err = errno;
    [[maybe_unused]] const ssize_t told = ::write(failed_write.get(), &err, sizeof err);
    ::_exit(127);
  }
  ::close(ready_write.release());
  ::close(failed_write.release());
  int err = 0;
  if (::read(failed_read.get(), &err, sizeof err) == sizeof err) {  // closed by a successful exec
    ::waitpid(pid, nullptr, 0);
    return errno_error(err, command.program);
  }

  const auto pid_fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pid_fd < 0) {
    err = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return errno_error(err, "pidfd_open");
  }
  ::fcntl(pid_fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(ready_read.get(), F_SETFL, O_NONBLOCK);
  std::unique_ptr<EngineProcess> process(
      new EngineProcess(poller, pid, pid_fd, ready_read.release(), std::move(observer)));
  DX_TRY(poller.watch(pid_fd, EPOLLIN, process.get()));
  DX_TRY(poller.watch(process->ready_fd_, EPOLLIN, &process->ready_pipe_));
  return process;
}

EngineProcess::~EngineProcess() {
  close_ready_pipe();
  poller_.unwatch(pid_fd_, this);
  if (!ended_) {
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(pid_fd_);
}

void EngineProcess::signal(int number) {
  if (!ended_) ::kill(pid_, number);
}

void EngineProcess::close_ready_pipe() {
  if (ready_fd_ < 0) return;
  poller_.unwatch(ready_fd_, &ready_pipe_);
  ::close(ready_fd_);
  ready_fd_ = -1;
}

void EngineProcess::ReadyPipe::on_ready(uint32_t events) {
  char word = 0;
  const bool said = ::read(owner.ready_fd_, &word, 1) == 1;
  owner.close_ready_pipe();  // said once; or the engine ended without a word, which the other descriptor tells
  if (!said) return;
  owner.ready_ = true;
  owner.observer_.on_ready();
}

void EngineProcess::on_ready(uint32_t events) {
  int status = 0;
  if (ended_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return;
  ended_ = true;
  ready_ = false;
  close_ready_pipe();
  poller_.unwatch(pid_fd_, this);
  observer_.on_end(how_it_ended(status));
}

std::string last_lines(const std::string& path, size_t lines_max) {
  constexpr off_t kTail = 4096;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return "";
  const off_t end = ::lseek(file.get(), 0, SEEK_END);
  std::string text(static_cast<size_t>(std::min(end, kTail)), '\0');
  const ssize_t got = ::pread(file.get(), text.data(), text.size(), end - static_cast<off_t>(text.size()));
  text.resize(static_cast<size_t>(std::max<ssize_t>(got, 0)));
  while (text.ends_with('\n')) text.pop_back();
  size_t start = text.size();
  for (size_t line = 0; line < lines_max && start != std::string::npos && start > 0; line++) {
    start = text.rfind('\n', start - 1);
  }
  return start == std::string::npos || start == 0 ? text : text.substr(start + 1);
}

}  // namespace daos::local
