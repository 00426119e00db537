#include "programs/local/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>

namespace daos::local {
namespace {

Status make_one(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) return {};
  if (errno == EEXIST && std::filesystem::is_directory(path)) return {};
  return errno_error(errno == EEXIST ? ENOTDIR : errno, path);
}

Status make_with_parents(const std::string& path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    if (!std::filesystem::is_directory(parent)) DX_TRY(make_one(parent));
  }
  return make_one(path);
}

pid_t read_pid(int fd) {
  char text[32];
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  pid_t pid = 0;
  if (got > 0) std::from_chars(text, text + got, pid);
  return pid;
}

}  // namespace

Result<Directory> Directory::at(const std::string& path) {
  if (path.empty()) return Status(Code::kInvalid, "--dir: the directory's name is empty");
  std::error_code err;
  std::string absolute = std::filesystem::weakly_canonical(path, err).string();
  if (err) return errno_error(err.value(), path);
  while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
  if (absolute == "/") return Status(Code::kInvalid, "--dir: a system needs a directory of its own, not /");
  return Directory(std::move(absolute));
}

Status Directory::make() const {
  DX_TRY(make_with_parents(path_));
  DX_TRY(make_one(run()));
  DX_TRY(make_one(logs()));
  if (::access(path_.c_str(), W_OK | X_OK) != 0) return errno_error(errno, path_);
  return {};
}

bool Directory::holds_system() const { return ::access(system_file().c_str(), F_OK) == 0; }

std::string Directory::environment() const {
  std::string quoted = "'";
  for (const char c : run()) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  const bool plain = run().find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./") ==
                     std::string::npos;
  return "export DAOS_AGENT_DRPC_DIR=" + (plain ? run() : quoted + "'");
}

Result<ServerLock> ServerLock::take(const Directory& directory) {
  const std::string path = directory.lock_file();
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, path);
  ServerLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, path);
    return error(Code::kBusy, "{} is in use by daos_server, process {}", directory.path(), read_pid(fd));
  }
  DX_TRY(lock.name_owner());
  return lock;
}

ServerLock::~ServerLock() {
  if (fd_ >= 0) ::close(fd_);
}

Status ServerLock::name_owner() const {
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(fd_, 0) != 0) return errno_error(errno, "daos_server.lock");
  if (::pwrite(fd_, text.data(), text.size(), 0) < 0) return errno_error(errno, "daos_server.lock");
  return {};
}

Result<std::optional<pid_t>> running_server(const Directory& directory) {
  const std::string path = directory.lock_file();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<pid_t>();
  if (fd < 0) return errno_error(errno, path);
  std::optional<pid_t> owner;
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0) owner = read_pid(fd);
  ::close(fd);
  return owner;
}

}  // namespace daos::local
