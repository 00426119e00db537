#include "platform/storage/storage.h"

#include <cstring>

namespace daos::storage {
namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

runtime::Task<Status> replace_file(Disk& disk, std::string path, IoBuf content) {
  const std::string fresh = path + ".new";
  {
    const std::unique_ptr<File> file = DX_CO_TRY(co_await disk.open(fresh, {.create = true}));
    DX_CO_TRY(co_await file->truncate(0));  // one that an earlier attempt left half written
    std::vector<IoBuf> parts;
    parts.push_back(std::move(content));
    DX_CO_TRY(co_await file->write(0, std::move(parts)));
    DX_CO_TRY(co_await file->flush());
  }
  DX_CO_TRY(co_await disk.rename(fresh, path));
  Status synced = co_await disk.sync_directory(folder_of(path));
  co_return synced;
}

runtime::Task<Result<IoBuf>> read_file(Disk& disk, std::string path, size_t bytes_max) {
  const std::unique_ptr<File> file = DX_CO_TRY(co_await disk.open(path, {}));
  const uint64_t bytes = DX_CO_TRY(file->size());
  if (bytes > bytes_max)
    co_return error(Code::kOverflow, "{}: {} bytes where at most {} are expected", path, bytes, bytes_max);
  const IoBuf content = DX_CO_TRY(IoBuf::allocate(bytes));
  const size_t got = DX_CO_TRY(co_await file->read(0, content));
  co_return content.slice(0, got);
}

}  // namespace daos::storage
