#include "programs/local/devices.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <utility>

#include "platform/base/units.h"
#include "programs/local/descriptor.h"

namespace daos::local {
namespace {

namespace fs = std::filesystem;

/// What tells a device from others, whatever names it has.
using Identity = std::pair<uint64_t, uint64_t>;

Result<Identity> check_device(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return errno_error(errno, path);
  if (S_ISBLK(info.st_mode)) {
    // O_EXCL without O_CREAT: the kernel refuses what is mounted, or part of something that is.
    const Descriptor alone(::open(path.c_str(), O_RDWR | O_EXCL | O_CLOEXEC));
    if (alone.get() < 0 && errno == EBUSY)
      return error(Code::kBusy, "{} is in use: it is mounted, or belongs to another device or program", path);
    if (alone.get() < 0) return errno_error(errno, path);
    return Identity(0, info.st_rdev);
  }
  if (!S_ISREG(info.st_mode)) return error(Code::kInvalid, "{} is neither a block device nor a file", path);
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (file.get() < 0) return errno_error(errno, path);
  // What is sparse gets its room now, so that no write within meets a full disk. What is there stays.
  if (info.st_size > 0 && ::fallocate(file.get(), 0, 0, info.st_size) != 0 && errno != EOPNOTSUPP)
    return errno_error(errno, path);
  return Identity(info.st_dev, info.st_ino);
}

}  // namespace

Result<std::vector<std::string>> check_devices(const std::vector<std::string>& paths) {
  std::vector<std::string> checked;
  std::map<Identity, std::string> seen;
  for (const std::string& path : paths) {
    std::error_code err;
    const fs::path absolute = fs::absolute(path, err).lexically_normal();
    if (err) return errno_error(err.value(), path);
    const Identity identity = DX_TRY(check_device(absolute.string()).within("--nvme-device"));
    const auto [other, fresh] = seen.emplace(identity, path);
    if (!fresh) return error(Code::kInvalid, "--nvme-device: {} and {} are the same device", other->second, path);
    checked.push_back(absolute.string());
  }
  return checked;
}

Status link_device(const std::string& directory, const std::string& link, const std::string& path) {
  const std::string fresh = fmt::format("{}/{}.new", directory, link);
  const std::string name = fmt::format("{}/{}", directory, link);
  if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return errno_error(errno, fresh);
  if (::symlink(path.c_str(), fresh.c_str()) != 0) return errno_error(errno, fresh);
  if (::rename(fresh.c_str(), name.c_str()) != 0) return errno_error(errno, name);
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return errno_error(errno, directory);
  return {};
}

}  // namespace daos::local
