#include "platform/storage/read_only.h"

namespace daos::storage {
namespace {

runtime::Task<Status> refused(std::string path) {
  co_return error(Code::kNoPerm, "{}: this disk is only looked at, nothing on it is changed", path);
}

class ReadOnlyFile final : public File {
 public:
  ReadOnlyFile(std::unique_ptr<File> file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}
  runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) override {
    return file_->read(offset, std::move(into));
  }
  runtime::Task<Status> write(uint64_t, std::vector<IoBuf>) override { return refused(path_); }
  runtime::Task<Status> flush() override { return refused(path_); }
  runtime::Task<Status> write_durable(uint64_t, std::vector<IoBuf>) override { return refused(path_); }
  runtime::Task<Status> preallocate(uint64_t) override { return refused(path_); }
  runtime::Task<Status> reserve(uint64_t) override { return refused(path_); }
  runtime::Task<Status> truncate(uint64_t) override { return refused(path_); }
  Result<uint64_t> size() override { return file_->size(); }
  Status lock(LockKind kind) override { return file_->lock(kind); }

 private:
  const std::unique_ptr<File> file_;
  const std::string path_;
};

}  // namespace

runtime::Task<Result<std::unique_ptr<File>>> ReadOnlyDisk::open(std::string path, OpenOptions options) {
  if (options.create) co_return co_await refused(path);
  options.read_only = true;
  std::unique_ptr<File> file = DX_CO_TRY(co_await disk_.open(path, options));
  co_return std::unique_ptr<File>(std::make_unique<ReadOnlyFile>(std::move(file), std::move(path)));
}
runtime::Task<Status> ReadOnlyDisk::make_directory(std::string path) { return refused(std::move(path)); }
runtime::Task<Status> ReadOnlyDisk::rename(std::string from, std::string) { return refused(std::move(from)); }
runtime::Task<Status> ReadOnlyDisk::remove(std::string path) { return refused(std::move(path)); }
runtime::Task<Status> ReadOnlyDisk::remove_tree(std::string path) { return refused(std::move(path)); }
runtime::Task<Status> ReadOnlyDisk::sync_directory(std::string path) { return refused(std::move(path)); }

}  // namespace daos::storage
