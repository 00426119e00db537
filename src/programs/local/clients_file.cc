#include "programs/local/clients_file.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace daos::local {
namespace {
constexpr size_t kLinesMax = 4096;  // that cancel out; then it is written anew
}

bool process_exists(uint32_t pid) { return pid == 0 || ::kill(static_cast<pid_t>(pid), 0) == 0 || errno != ESRCH; }

Status ClientsFile::open() {
  std::ifstream file(path_);
  std::string line;
  while (std::getline(file, line)) {
    if (line.size() < 38) continue;  // a line cut short by a crash
    const std::optional<Uuid> id = Uuid::parse(std::string_view(line).substr(1, 36));
    if (!id) continue;
    if (line.front() == '+') {
      present_[*id] = static_cast<uint32_t>(std::strtoul(line.c_str() + 37, nullptr, 10));
    } else {
      present_.erase(*id);
    }
  }
  file.close();
  return rewrite();
}

void ClientsFile::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void ClientsFile::add(const Uuid& client, uint32_t pid) {
  present_[client] = pid;
  note('+', client, pid);
}

void ClientsFile::remove(const Uuid& client) {
  if (present_.erase(client) > 0) note('-', client, 0);
}

Status ClientsFile::rewrite() {
  const std::string fresh = path_ + ".new";
  const int fd = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, fresh);
  close();
  fd_ = fd;
  lines_ = 0;
  for (const auto& [id, pid] : present_) write_line('+', id, pid);
  if (::rename(fresh.c_str(), path_.c_str()) != 0) return errno_error(errno, path_);
  return {};
}

void ClientsFile::note(char what, const Uuid& client, uint32_t pid) {
  write_line(what, client, pid);
  if (lines_ < kLinesMax + 4 * present_.size()) return;
  const Status rewritten = rewrite();
  if (!rewritten.ok()) log_.warn("{}", rewritten);
}

void ClientsFile::write_line(char what, const Uuid& client, uint32_t pid) {
  lines_++;
  const std::string line = fmt::format("{}{} {}\n", what, client, pid);
  if (::write(fd_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    log_.warn(
        "{}: a client that is attached could not be noted; should this process be killed, the client's handles "
        "stay until the engines restart",
        path_);
  }
}

}  // namespace daos::local
