#include "programs/output/log_file.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "programs/output/timestamp.h"

namespace daos::output {
namespace {

constexpr std::string_view kNames[] = {"DEBUG", "INFO", "WARN", "ERROR"};

int64_t unix_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * 1'000'000'000L + now.tv_nsec;
}

}  // namespace

Result<std::unique_ptr<LogFile>> LogFile::open(const std::string& path) {
  if (path.empty()) return std::unique_ptr<LogFile>(new LogFile(STDERR_FILENO));
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, path);
  return std::unique_ptr<LogFile>(new LogFile(fd));
}

void LogFile::close() {
  if (fd_ != STDERR_FILENO) ::close(fd_);
  fd_ = STDERR_FILENO;
}

void LogFile::write(LogLevel level, std::string_view who, std::string_view line) {
  const std::string text = fmt::format("{} {} {}{}{}\n", local_timestamp(unix_ns()), kNames[static_cast<size_t>(level)],
                                       who, who.empty() ? "" : ": ", line);
  // A log that cannot be written (a full disk) must not stop the program.
  [[maybe_unused]] const ssize_t written = ::write(fd_, text.data(), text.size());
}

}  // namespace daos::output
