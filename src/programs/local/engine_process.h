// One engine as a child process. Lives on a reactor thread with an EpollPoller; that thread must outlive the engine,
// because the kernel ends the engine when the thread that started it ends.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/status.h"
#include "platform/runtime/epoll_poller.h"

namespace daos::local {

struct EngineCommand {
  std::string program;                 // path of daos_engine
  std::vector<std::string> arguments;  // without the program and without --ready-fd
  std::string log;                     // standard output and error are appended to it
};

class EngineProcess : public runtime::FdHandler {
 public:
  /// Told from the poller. `on_ready`: it serves. `on_end`: it is gone, and how ("killed by signal 9"); the last call.
  struct Observer {
    std::function<void()> on_ready;
    std::function<void(std::string how)> on_end;
  };
  /// An error says why it could not be started (no such program, no permission for the log).
  static Result<std::unique_ptr<EngineProcess>> start(runtime::EpollPoller& poller, const EngineCommand& command,
                                                      Observer observer);
  /// Of a process that still runs: it is killed.
  ~EngineProcess() override;

  pid_t pid() const { return pid_; }
  bool ready() const { return ready_; }
  void signal(int number);
  void on_ready(uint32_t events) override;

 private:
  /// The pipe on which the engine says that it serves.
  struct ReadyPipe : runtime::FdHandler {
    explicit ReadyPipe(EngineProcess& process) : owner(process) {}
    void on_ready(uint32_t events) override;
    EngineProcess& owner;
  };
  EngineProcess(runtime::EpollPoller& poller, pid_t pid, int pid_fd, int ready_fd, Observer observer)
      : poller_(poller), pid_(pid), pid_fd_(pid_fd), ready_fd_(ready_fd), observer_(std::move(observer)) {}
  void close_ready_pipe();

  runtime::EpollPoller& poller_;
  const pid_t pid_;
  const int pid_fd_;
  int ready_fd_;
  bool ready_ = false;
  bool ended_ = false;
  ReadyPipe ready_pipe_{*this};
  Observer observer_;
};

/// The last lines of a file, for an error message; empty if there are none.
std::string last_lines(const std::string& path, size_t lines_max);

}  // namespace daos::local
