// A disk that counts what is asked of another one: for benchmarks.
#pragma once

#include "platform/storage/storage.h"

namespace daos::storage {

struct DiskCounts {
  uint64_t writes = 0;          // that are durable only with a flush
  uint64_t durable_writes = 0;  // a log's commits
  uint64_t flushes = 0;
  uint64_t bytes_written = 0;
  DiskCounts operator-(const DiskCounts& before) const {
    return {.writes = writes - before.writes,
            .durable_writes = durable_writes - before.durable_writes,
            .flushes = flushes - before.flushes,
            .bytes_written = bytes_written - before.bytes_written};
  }
};

class CountingFile final : public File {
 public:
  CountingFile(std::unique_ptr<File> file, DiskCounts& counts) : file_(std::move(file)), counts_(counts) {}
  runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) override {
    return file_->read(offset, std::move(into));
  }
  runtime::Task<Status> write(uint64_t offset, std::vector<IoBuf> parts) override {
    counts_.writes++;
    count(parts);
    return file_->write(offset, std::move(parts));
  }
  runtime::Task<Status> flush() override {
    counts_.flushes++;
    return file_->flush();
  }
  runtime::Task<Status> write_durable(uint64_t offset, std::vector<IoBuf> parts) override {
    counts_.durable_writes++;
    count(parts);
    return file_->write_durable(offset, std::move(parts));
  }
  runtime::Task<Status> preallocate(uint64_t bytes) override { return file_->preallocate(bytes); }
  runtime::Task<Status> reserve(uint64_t bytes) override { return file_->reserve(bytes); }
  runtime::Task<Status> truncate(uint64_t bytes) override { return file_->truncate(bytes); }
  Result<uint64_t> size() override { return file_->size(); }
  Status lock(LockKind kind) override { return file_->lock(kind); }

 private:
  void count(const std::vector<IoBuf>& parts) {
    for (const IoBuf& part : parts) counts_.bytes_written += part.size();
  }
  std::unique_ptr<File> file_;
  DiskCounts& counts_;
};

class CountingDisk final : public Disk {
 public:
  explicit CountingDisk(std::unique_ptr<Disk> disk) : disk_(std::move(disk)) {}
  DiskCounts counts;
  runtime::Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override {
    std::unique_ptr<File> file = DX_CO_TRY(co_await disk_->open(std::move(path), options));
    co_return std::unique_ptr<File>(std::make_unique<CountingFile>(std::move(file), counts));
  }
  runtime::Task<Status> make_directory(std::string path) override { return disk_->make_directory(std::move(path)); }
  Result<std::vector<std::string>> list(const std::string& path) override { return disk_->list(path); }
  bool exists(const std::string& path) override { return disk_->exists(path); }
  runtime::Task<Status> rename(std::string from, std::string to) override {
    return disk_->rename(std::move(from), std::move(to));
  }
  runtime::Task<Status> remove(std::string path) override { return disk_->remove(std::move(path)); }
  runtime::Task<Status> remove_tree(std::string path) override { return disk_->remove_tree(std::move(path)); }
  runtime::Task<Status> sync_directory(std::string path) override { return disk_->sync_directory(std::move(path)); }
  Result<Space> space() override { return disk_->space(); }

 private:
  std::unique_ptr<Disk> disk_;
};

}  // namespace daos::storage
