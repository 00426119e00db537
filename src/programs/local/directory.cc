#include "programs/local/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <thread>

#include "programs/local/clients_file.h"

namespace daos::local {
namespace {

constexpr std::chrono::seconds kOwnerLimit(2);
constexpr std::chrono::milliseconds kLook(2);

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

constexpr std::string_view kEmbeddedMark = " embedded";  // behind the process id in the lock file

Owner read_owner(int fd) {
  char text[32];
  const ssize_t got = ::pread(fd, text, sizeof text, 0);
  Owner owner;
  if (got <= 0) return owner;
  const auto [behind, err] = std::from_chars(text, text + got, owner.pid);
  owner.embedded = std::string_view(behind, static_cast<size_t>(text + got - behind)).starts_with(kEmbeddedMark);
  return owner;
}

Status in_use(const Directory& directory, const Owner& owner, ServerLock::Use wanted) {
  const std::string& path = directory.path();
  if (owner.embedded) {
    return error(Code::kBusy,
                 "{} is open as an embedded store in {}, and one process at a time may have it: end that program, or "
                 "take another directory",
                 path, owner.to_string());
  }
  if (wanted == ServerLock::Use::kServer) return error(Code::kBusy, "{} is in use by {}", path, owner.to_string());
  return error(Code::kBusy,
               "{} is in use by {}: use that system (eval \"$(daos_server local --dir {} status --env)\" and no "
               "DAOS_EMBEDDED), or end it (daos_server local --dir {} stop)",
               path, owner.to_string(), path, path);
}

}  // namespace

Result<Directory> Directory::at(const std::string& path) {
  if (path.empty()) return Status(Code::kInvalid, "--dir: the directory's name is empty");
  std::error_code err;
  // Of what is not there yet, weakly_canonical leaves a relative path relative.
  const std::filesystem::path from_root = std::filesystem::absolute(path, err);
  std::string absolute = err ? std::string() : std::filesystem::weakly_canonical(from_root, err).string();
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

std::string Owner::to_string() const {
  if (!embedded) return fmt::format("daos_server, process {}", pid);
  std::ifstream file(fmt::format("/proc/{}/comm", pid));
  std::string name;
  std::getline(file, name);
  return name.empty() ? fmt::format("process {}", pid) : fmt::format("process {} ({})", pid, name);
}

Result<ServerLock> ServerLock::take(const Directory& directory, Use use) {
  const std::string path = directory.lock_file();
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, path);
  ServerLock lock(fd, use);
  const auto deadline = std::chrono::steady_clock::now() + kOwnerLimit;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return errno_error(errno, path);
    // An owner that is dead lets go in a moment; one that has not written its name yet will.
    const Owner owner = read_owner(fd);
    if (owner.pid != 0 && process_exists(static_cast<uint32_t>(owner.pid))) return in_use(directory, owner, use);
    if (std::chrono::steady_clock::now() > deadline) return in_use(directory, owner, use);
    std::this_thread::sleep_for(kLook);
  }
  DX_TRY(lock.name_owner());
  return lock;
}

void ServerLock::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Status ServerLock::name_owner() const {
  const std::string text = fmt::format("{}{}\n", ::getpid(), use_ == Use::kEmbedded ? kEmbeddedMark : "");
  if (::ftruncate(fd_, 0) != 0) return errno_error(errno, "daos_server.lock");
  if (::pwrite(fd_, text.data(), text.size(), 0) < 0) return errno_error(errno, "daos_server.lock");
  return {};
}

Result<std::optional<Owner>> running_owner(const Directory& directory) {
  const std::string path = directory.lock_file();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::optional<Owner>();
  if (fd < 0) return errno_error(errno, path);
  std::optional<Owner> owner;
  if (::flock(fd, LOCK_SH | LOCK_NB) != 0) owner = read_owner(fd);
  ::close(fd);
  return owner;
}

Result<std::optional<pid_t>> running_server(const Directory& directory) {
  const std::optional<Owner> owner = DX_TRY(running_owner(directory));
  if (!owner) return std::optional<pid_t>();
  if (owner->embedded) return in_use(directory, *owner, ServerLock::Use::kServer);
  return std::optional<pid_t>(owner->pid);
}

}  // namespace daos::local
