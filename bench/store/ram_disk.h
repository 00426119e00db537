// A disk that costs no more than the copy of what is written: to see what a store takes by itself. Nothing is ever
// lost, nothing can fail (the MemoryDisk of the tests is for that), and what was never written reads as anything.
#pragma once

#include <map>

#include "platform/base/units.h"
#include "platform/storage/storage.h"

namespace daos::bench {

class RamDisk final : public storage::Disk {
 public:
  runtime::Task<Result<std::unique_ptr<storage::File>>> open(std::string path, storage::OpenOptions options) override {
    if (!files_.contains(path) && !options.create) co_return error(Code::kNonexistent, "{}", path);
    std::shared_ptr<Content>& content = files_[path];
    if (content == nullptr) content = std::make_shared<Content>();
    co_return std::unique_ptr<storage::File>(std::make_unique<RamFile>(content));
  }
  runtime::Task<Status> make_directory(std::string) override { co_return Status(); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    std::vector<std::string> names;
    const std::string prefix = path + "/";
    for (const auto& [name, content] : files_) {
      if (name.starts_with(prefix)) names.push_back(name.substr(prefix.size()));
    }
    return names;
  }
  bool exists(const std::string& path) override { return files_.contains(path); }
  runtime::Task<Status> rename(std::string from, std::string to) override {
    files_[to] = std::move(files_[from]);
    files_.erase(from);
    co_return Status();
  }
  runtime::Task<Status> remove(std::string path) override {
    files_.erase(path);
    co_return Status();
  }
  runtime::Task<Status> remove_tree(std::string path) override {
    std::erase_if(files_, [&](const auto& file) { return file.first.starts_with(path + "/"); });
    co_return Status();
  }
  runtime::Task<Status> sync_directory(std::string) override { co_return Status(); }
  Result<storage::Space> space() override { return storage::Space{.total_bytes = kTiB, .free_bytes = kTiB}; }

 private:
  struct Content {
    std::vector<IoBuf> chunks;
    uint64_t size = 0;
  };
  class RamFile final : public storage::File {
   public:
    explicit RamFile(std::shared_ptr<Content> content) : content_(std::move(content)) {}
    runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) override {
      const size_t bytes = offset >= content_->size ? 0 : std::min<uint64_t>(into.size(), content_->size - offset);
      each(offset, bytes, [&](std::byte* here, uint64_t at, size_t n) { std::memcpy(into.data() + at, here, n); });
      co_return bytes;
    }
    runtime::Task<Status> write(uint64_t offset, std::vector<IoBuf> parts) override {
      for (const IoBuf& part : parts) {
        grow(offset + part.size());
        each(offset, part.size(),
             [&](std::byte* here, uint64_t at, size_t n) { std::memcpy(here, part.data() + at, n); });
        offset += part.size();
      }
      co_return Status();
    }
    runtime::Task<Status> flush() override { co_return Status(); }
    runtime::Task<Status> write_durable(uint64_t offset, std::vector<IoBuf> parts) override {
      return write(offset, std::move(parts));
    }
    runtime::Task<Status> preallocate(uint64_t bytes) override { return reserve(bytes); }
    runtime::Task<Status> reserve(uint64_t bytes) override {
      grow(bytes);
      co_return Status();
    }
    runtime::Task<Status> truncate(uint64_t bytes) override {
      grow(bytes);
      content_->size = bytes;
      co_return Status();
    }
    Result<uint64_t> size() override { return content_->size; }
    Status lock(storage::LockKind) override { return {}; }

   private:
    static constexpr uint64_t kChunk = 1 * kMiB;
    void grow(uint64_t bytes) {
      while (content_->chunks.size() * kChunk < bytes) content_->chunks.push_back(IoBuf::allocate(kChunk).take());
      content_->size = std::max(content_->size, bytes);
    }
    void each(uint64_t offset, size_t bytes, auto&& visit) {
      for (uint64_t at = 0; at < bytes;) {
        const uint64_t within = (offset + at) % kChunk;
        const size_t n = std::min<uint64_t>(bytes - at, kChunk - within);
        visit(content_->chunks[(offset + at) / kChunk].data() + within, at, n);
        at += n;
      }
    }
    std::shared_ptr<Content> content_;
  };

  std::map<std::string, std::shared_ptr<Content>> files_;
};

}  // namespace daos::bench
