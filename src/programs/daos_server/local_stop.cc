#include <signal.h>

#include <cerrno>
#include <thread>

#include "programs/daos_server/local_options.h"

namespace daos::program {
namespace {
constexpr std::chrono::seconds kStopLimit(60);
constexpr std::chrono::milliseconds kLook(10);
}  // namespace

Result<output::Answer> local_stop(const LocalOptions& options) {
  const local::Directory directory = DX_TRY(local::Directory::at(options.directory));
  const std::optional<pid_t> pid = DX_TRY(local::running_server(directory));
  const output::Json json = {{"directory", directory.path()}};
  if (!pid) return output::Answer{.text = fmt::format("No system runs in {}.\n", directory.path()), .json = json};
  if (::kill(*pid, SIGTERM) != 0 && errno != ESRCH)
    return errno_error(errno, fmt::format("daos_server, process {}", *pid));
  const auto deadline = std::chrono::steady_clock::now() + kStopLimit;
  while (DX_TRY(local::running_server(directory)) == pid) {
    if (std::chrono::steady_clock::now() > deadline) {
      return error(Code::kTimedOut, "daos_server (process {}) has not ended after {} s; its log is {}", *pid,
                   kStopLimit.count(), directory.server_log());
    }
    std::this_thread::sleep_for(kLook);
  }
  return output::Answer{.text = fmt::format("Ended the system in {}. The data stays.\n", directory.path()),
                        .json = json};
}

}  // namespace daos::program
