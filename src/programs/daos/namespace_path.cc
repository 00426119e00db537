#include "programs/daos/namespace_path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "platform/base/uuid.h"
#include "programs/arguments/values.h"
#include "programs/properties/container_properties.h"

namespace daos::cli {
namespace {

constexpr std::string_view kScheme = "daos://";
constexpr const char* kAttribute = "user.daos";
constexpr size_t kAttributeBytesMax = 170;
constexpr mode_t kDirectoryMode = 0775;
constexpr mode_t kFileMode = 0664;

Status failed(const std::string& path, int number) {
  return error(Code::kInvalid, "path {}: {}", path, std::strerror(number));
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Result<NamespacePath> parse_direct(const std::string& path) {
  const std::string rest = path.substr(kScheme.size());
  const size_t slash = rest.find('/');
  NamespacePath found{.pool = rest.substr(0, slash), .container = {}};
  if (slash != std::string::npos) found.container = rest.substr(slash + 1, rest.find('/', slash + 1) - slash - 1);
  DX_TRY(arguments::check_label_or_uuid(found.pool).within("path " + path));
  if (!found.container.empty()) DX_TRY(arguments::check_label_or_uuid(found.container).within("path " + path));
  return found;
}

/// "DAOS.POSIX://<uuid>/<uuid>"
Result<NamespacePath> parse_attribute(const std::string& where, std::string_view text) {
  constexpr size_t kUuidBytes = 36;
  constexpr std::string_view kStart = "DAOS.";
  while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
  const size_t type_end = text.find("://");
  if (text.starts_with(kStart) && type_end != std::string_view::npos) {
    const std::string type(text.substr(kStart.size(), type_end - kStart.size()));
    const std::string_view ids = text.substr(type_end + 3);
    const bool separated = ids.size() == 2 * kUuidBytes + 1 && ids[kUuidBytes] == '/';
    const auto layout = properties::parse_layout(type);
    if (separated && layout.ok() && *layout != 0 && Uuid::parse(ids.substr(0, kUuidBytes)) &&
        Uuid::parse(ids.substr(kUuidBytes + 1))) {
      return NamespacePath{std::string(ids.substr(0, kUuidBytes)), std::string(ids.substr(kUuidBytes + 1))};
    }
  }
  return error(Code::kInvalid, "path {}: its attribute {} is \"{}\", which names no container", where, kAttribute,
               text);
}

/// What `path` itself is linked to, if it is.
Result<std::optional<NamespacePath>> link_at(const std::string& path) {
  char value[kAttributeBytesMax + 1];
  const ssize_t bytes = ::lgetxattr(path.c_str(), kAttribute, value, kAttributeBytesMax);
  if (bytes >= 0) return std::optional(DX_TRY(parse_attribute(path, {value, static_cast<size_t>(bytes)})));
  if (errno == ENODATA || errno == ENOTSUP) return std::optional<NamespacePath>();
  return failed(path, errno);
}

Result<NamespacePath> nearest_link(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  if (real == nullptr) return failed(path, errno);
  for (std::string at = real.get();; at = parent_of(at)) {
    if (std::optional<NamespacePath> found = DX_TRY(link_at(at))) return std::move(*found);
    if (at == "/") break;
  }
  return error(Code::kInvalid,
               "path {} is not linked to a container, nor is a directory above it; daos://POOL/CONTAINER names one "
               "without a link",
               path);
}

}  // namespace

bool is_direct(const std::string& path) { return path.starts_with(kScheme); }

Result<NamespacePath> resolve_path(const std::string& path) {
  return is_direct(path) ? parse_direct(path) : nearest_link(path);
}

Result<NamespacePath> resolve_parent(const std::string& path) {
  return is_direct(path) ? parse_direct(path) : nearest_link(parent_of(without_trailing_slashes(path)));
}

Status link_path(const std::string& path, const std::string& type, const std::string& pool_uuid,
                 const std::string& container_uuid) {
  if (type == "POSIX") {
    if (::mkdir(path.c_str(), kDirectoryMode) != 0) return failed(path, errno);
  } else {
    const int file = ::open(path.c_str(), O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, kFileMode);
    if (file < 0) return failed(path, errno);
    ::close(file);
  }
  const std::string value = fmt::format("DAOS.{}://{}/{}", type, pool_uuid, container_uuid);
  if (::lsetxattr(path.c_str(), kAttribute, value.c_str(), value.size() + 1, 0) == 0) return {};
  Status status = errno == ENOTSUP
                      ? error(Code::kInvalid, "path {}: its file system keeps no attributes of users (user.*)", path)
                      : failed(path, errno);
  unlink_path(path).ignore("the first error counts");
  return status;
}

Status unlink_path(const std::string& path) {
  struct stat what{};
  if (::lstat(path.c_str(), &what) != 0) return failed(path, errno);
  const int rc = S_ISDIR(what.st_mode) ? ::rmdir(path.c_str()) : ::unlink(path.c_str());
  return rc == 0 ? Status() : failed(path, errno);
}

}  // namespace daos::cli
