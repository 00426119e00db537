#include "platform/storage/memory/memory_disk.h"

#include <algorithm>
#include <cstring>

#include "platform/base/check.h"
#include "platform/runtime/sync.h"
#include "platform/storage/memory/memory_inode.h"

namespace daos::storage {

class MemoryFile final : public File {
 public:
  using Inode = MemoryMedium::Inode;
  using Change = MemoryMedium::Change;
  MemoryFile(MemoryDisk& disk, std::shared_ptr<Inode> inode, std::string path)
      : disk_(disk), inode_(std::move(inode)), path_(std::move(path)) {}
  ~MemoryFile() override { unlock(); }

  runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) override {
    DX_CO_TRY(disk_.begin(DiskOperation::kRead, path_));
    DX_CO_TRY(co_await disk_.take_time(DiskOperation::kRead, into.size(), path_));
    const uint64_t bytes = inode_->current.size();
    const size_t n = offset >= bytes ? 0 : std::min<uint64_t>(into.size(), bytes - offset);
    inode_->current.read(offset, into.writable().first(n));
    co_return n;
  }

  runtime::Task<Status> write(uint64_t offset, std::vector<IoBuf> parts) override {
    size_t bytes = 0;
    for (const IoBuf& part : parts) bytes += part.size();
    if (bytes == 0) co_return Status();
    Change change{.offset = offset};
    change.bytes.reserve(bytes);
    for (const IoBuf& part : parts) change.bytes.insert(change.bytes.end(), part.data(), part.data() + part.size());
    Status status = co_await carry_out(std::move(change), offset + bytes);
    co_return status;
  }

  runtime::Task<Status> flush() override {
    std::vector<uint64_t> covered;
    for (const Change& change : inode_->changes) {
      if (change.ended && !change.spoiled) covered.push_back(change.id);
    }
    Status flushed = co_await make_durable(std::move(covered));
    co_return flushed;
  }

  runtime::Task<Status> write_durable(uint64_t offset, std::vector<IoBuf> parts) override {
    const uint64_t before = inode_->change_ids;
    DX_CO_TRY(co_await write(offset, std::move(parts)));
    if (inode_->change_ids == before) co_return Status();  // nothing to write
    std::vector<uint64_t> covered{before + 1};
    Status flushed = co_await make_durable(std::move(covered));
    co_return flushed;
  }

  runtime::Task<Status> preallocate(uint64_t bytes) override {
    if (bytes <= inode_->current.size()) co_return Status();
    const uint64_t before = inode_->change_ids;
    DX_CO_TRY(co_await carry_out(Change{.resizes = true, .offset = bytes}, bytes));
    std::vector<uint64_t> covered{before + 1};
    Status flushed = co_await make_durable(std::move(covered));
    co_return flushed;
  }
  runtime::Task<Status> reserve(uint64_t bytes) override {
    if (bytes <= inode_->current.size()) co_return Status();
    Status status = co_await carry_out(Change{.resizes = true, .offset = bytes}, bytes);
    co_return status;
  }
  runtime::Task<Status> truncate(uint64_t bytes) override {
    Status status = co_await carry_out(Change{.resizes = true, .offset = bytes}, bytes);
    co_return status;
  }
  Result<uint64_t> size() override {
    if (disk_.dead_) return disk_.gone(path_);
    return inode_->current.size();
  }
  Status lock(LockKind kind) override {
    if (disk_.dead_) return disk_.gone(path_);
    unlock();
    if (inode_->lock_owner != nullptr || (kind == LockKind::kExclusive && !inode_->lock_sharers.empty())) {
      return error(Code::kBusy, "{} is in use by another process", path_);
    }
    if (kind == LockKind::kExclusive) {
      inode_->lock_owner = this;
    } else {
      inode_->lock_sharers.insert(this);
    }
    return {};
  }

 private:
  void unlock() {
    if (inode_->lock_owner == this) inode_->lock_owner = nullptr;
    inode_->lock_sharers.erase(this);
  }
  /// The flush of some changes; counted, slow and faulty as one.
  runtime::Task<Status> make_durable(std::vector<uint64_t> covered) {
    if (disk_.dead_) co_return disk_.gone(path_);
    std::sort(covered.begin(), covered.end());
    const auto is_covered = [&](const Change& change) {
      return std::binary_search(covered.begin(), covered.end(), change.id);
    };
    const Status begun = disk_.begin(DiskOperation::kFlush, path_);
    if (!begun.ok()) {
      if (!disk_.dead_) {
        for (Change& change : inode_->changes) change.spoiled |= is_covered(change);
      }
      co_return begun;
    }
    DX_CO_TRY(co_await disk_.take_time(DiskOperation::kFlush, 0, path_));
    for (const uint64_t id : covered) inode_->settle(id);
    co_return Status();
  }
  runtime::Task<Status> carry_out(Change change, uint64_t end) {
    if (disk_.dead_) co_return disk_.gone(path_);
    const uint64_t before = inode_->current.size();
    if (end > before && disk_.medium_->used_bytes() + (end - before) > disk_.options_.capacity_bytes) {
      co_return error(Code::kNoSpace, "write to {}: the disk is full", path_);
    }
    const uint64_t id = change.id = ++inode_->change_ids;
    const uint64_t bytes = change.bytes.size();
    inode_->changes.push_back(std::move(change));
    const Status begun = disk_.begin(DiskOperation::kWrite, path_);
    if (disk_.dead_) co_return begun;  // under way when the machine stopped
    if (!begun.ok()) {
      spoil(id);
      co_return begun;
    }
    DX_CO_TRY(co_await disk_.take_time(DiskOperation::kWrite, bytes, path_));
    Change& ended = *position_of(id);
    ended.ended = true;
    Inode::put(inode_->current, ended);
    co_return Status();
  }
  std::vector<Change>::iterator position_of(uint64_t id) {
    const auto found =
        std::find_if(inode_->changes.begin(), inode_->changes.end(), [&](const Change& c) { return c.id == id; });
    DX_CHECK(found != inode_->changes.end(), "{}: a write under way is gone", path_);
    return found;
  }
  void spoil(uint64_t id) {
    const auto found = position_of(id);
    Change failed = std::move(*found);
    inode_->changes.erase(found);
    if (failed.resizes) return;
    std::vector<Change> kept;
    Inode::tear(failed, kept, disk_.rng_);
    for (Change& part : kept) {
      part.id = ++inode_->change_ids;
      Inode::put(inode_->current, part);
      inode_->changes.push_back(std::move(part));
    }
  }

  MemoryDisk& disk_;
  const std::shared_ptr<Inode> inode_;
  const std::string path_;
};

MemoryDisk::MemoryDisk(runtime::Reactor& reactor, std::shared_ptr<MemoryMedium> medium, MemoryOptions options)
    : reactor_(reactor), medium_(std::move(medium)), options_(options), rng_(options.seed) {}

MemoryDisk::~MemoryDisk() { *alive_ = false; }

void MemoryDisk::fail_at(DiskOperation kind, uint64_t k, Code code, uint64_t count) {
  faults_.push_back({.kind = kind, .from = this->count(kind) + k, .count = count, .code = code});
}
void MemoryDisk::crash_at(DiskOperation kind, uint64_t k) { fail_at(kind, k, Code::kOk); }

void MemoryDisk::crash(Loss loss) {
  dead_ = true;
  medium_->lose(loss, rng_);
}

Status MemoryDisk::gone(const std::string& path) const { return error(Code::kIo, "{}: the machine has stopped", path); }

Status MemoryDisk::begin(DiskOperation kind, const std::string& path) {
  if (dead_) return gone(path);
  const uint64_t index = counts_[static_cast<size_t>(kind)]++;
  for (const Fault& fault : faults_) {
    if (fault.kind != kind || index < fault.from || index - fault.from >= fault.count) continue;
    if (fault.code != Code::kOk) return error(fault.code, "{}: injected failure of operation {}", path, index);
    dead_ = true;
    return gone(path);
  }
  return {};
}

runtime::Task<Status> MemoryDisk::take_time(DiskOperation kind, uint64_t bytes, std::string path) {
  auto done = std::make_shared<runtime::Event>(reactor_);
  if (options_.timeline == nullptr) {
    reactor_.post([done] { done->set(); });
  } else {
    const DiskDelay& delay = options_.delays[static_cast<size_t>(kind)];
    const auto spread = static_cast<uint64_t>((delay.most - delay.least).count());
    const Duration takes = delay.least + Duration(static_cast<int64_t>(rng_.between(0, spread))) +
                           Duration(delay.per_mib.count() * static_cast<int64_t>(bytes) / static_cast<int64_t>(kMiB));
    options_.timeline->after(takes, [this, alive = alive_, done] {
      if (*alive) reactor_.post([done] { done->set(); });
    });
  }
  DX_CO_TRY(co_await done->wait({}));
  co_return dead_ ? gone(path) : Status();
}

void MemoryDisk::change_names(MemoryMedium::NameChange change) {
  MemoryMedium::apply(medium_->current_, change);
  change.id = ++medium_->name_change_ids_;
  medium_->name_changes_.push_back(std::move(change));
}

runtime::Task<Result<std::unique_ptr<File>>> MemoryDisk::open(std::string path, OpenOptions options) {
  if (dead_) co_return gone(path);
  const auto found = medium_->current_.files.find(path);
  if (found != medium_->current_.files.end()) {
    if (options.create && options.exclusive) co_return error(Code::kExists, "open of {}: it exists", path);
    co_return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, found->second, path));
  }
  if (!options.create) co_return error(Code::kNonexistent, "open of {}: no such file", path);
  if (!medium_->current_.folders.contains(folder_of(path))) {
    co_return error(Code::kNonexistent, "open of {}: no such folder", path);
  }
  DX_CO_TRY(begin(DiskOperation::kNames, path));
  auto inode = std::make_shared<MemoryMedium::Inode>();
  change_names({.folder = folder_of(path), .added = path, .inode = inode});
  co_return std::unique_ptr<File>(std::make_unique<MemoryFile>(*this, std::move(inode), std::move(path)));
}

runtime::Task<Status> MemoryDisk::make_directory(std::string path) {
  if (dead_) co_return gone(path);
  std::vector<std::string> missing;  // the deepest first
  for (std::string each = path; !each.empty(); each = folder_of(each)) {
    if (medium_->current_.files.contains(each))
      co_return error(Code::kExists, "directory {}: {} is a file", path, each);
    if (!medium_->current_.folders.contains(each)) missing.push_back(each);
  }
  for (; !missing.empty(); missing.pop_back()) {
    // A new folder is an empty one, whatever a removed one of that name held; and the sync of its parent, which makes
    // it durable, covers what happened there before.
    const std::string& each = missing.back();
    medium_->forget_folder(each);
    medium_->sync_names(folder_of(each), UINT64_MAX);
    medium_->current_.folders.insert(each);
    medium_->durable_.folders.insert(each);
  }
  co_return Status();
}

Result<std::vector<std::string>> MemoryDisk::list(const std::string& path) {
  if (dead_) return gone(path);
  if (!medium_->current_.folders.contains(path)) return error(Code::kNonexistent, "list of {}: no such folder", path);
  std::vector<std::string> names;
  const size_t skip = path.empty() ? 0 : path.size() + 1;
  for (const auto& [each, inode] : medium_->current_.files) {
    if (folder_of(each) == path) names.push_back(each.substr(skip));
  }
  for (const std::string& each : medium_->current_.folders) {
    if (!each.empty() && folder_of(each) == path) names.push_back(each.substr(skip));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool MemoryDisk::exists(const std::string& path) {
  return !dead_ && (medium_->current_.files.contains(path) || medium_->current_.folders.contains(path));
}

runtime::Task<Status> MemoryDisk::rename(std::string from, std::string to) {
  DX_CO_TRY(begin(DiskOperation::kNames, from));
  const auto found = medium_->current_.files.find(from);
  if (found == medium_->current_.files.end()) co_return error(Code::kNonexistent, "rename of {}: no such file", from);
  if (!medium_->current_.folders.contains(folder_of(to))) {
    co_return error(Code::kNonexistent, "rename of {} to {}: no such folder", from, to);
  }
  change_names({.folder = folder_of(to), .erased = from, .added = to, .inode = found->second});
  co_return Status();
}

runtime::Task<Status> MemoryDisk::remove(std::string path) {
  DX_CO_TRY(begin(DiskOperation::kNames, path));
  const auto found = medium_->current_.files.find(path);
  if (found != medium_->current_.files.end()) {
    change_names({.folder = folder_of(path), .erased = path, .inode = found->second});
    co_return Status();
  }
  if (path.empty() || !medium_->current_.folders.contains(path)) {
    co_return error(Code::kNonexistent, "removal of {}: no such file", path);
  }
  const Result<std::vector<std::string>> inside = list(path);
  if (inside.ok() && !(*inside).empty()) co_return error(Code::kBusy, "removal of {}: the folder is not empty", path);
  change_names({.folder = folder_of(path), .erased = path});
  co_return Status();
}

runtime::Task<Status> MemoryDisk::remove_tree(std::string path) {
  if (!exists(path)) {
    if (dead_) co_return gone(path);
    co_return Status();
  }
  if (medium_->current_.folders.contains(path)) {
    const std::vector<std::string> inside = DX_CO_TRY(list(path));
    for (const std::string& each : inside) DX_CO_TRY(co_await remove_tree(path.empty() ? each : path + "/" + each));
    if (path.empty()) co_return Status();
  }
  Status removed = co_await remove(path);
  co_return removed;
}

runtime::Task<Status> MemoryDisk::sync_directory(std::string path) {
  DX_CO_TRY(begin(DiskOperation::kFlush, path));
  const uint64_t covered = medium_->name_change_ids_;
  DX_CO_TRY(co_await take_time(DiskOperation::kFlush, 0, path));
  medium_->sync_names(path, covered);
  co_return Status();
}

Result<Space> MemoryDisk::space() {
  if (dead_) return gone("space");
  const uint64_t used = medium_->used_bytes();
  return Space{.total_bytes = options_.capacity_bytes,
               .free_bytes = options_.capacity_bytes - std::min(used, options_.capacity_bytes)};
}

}  // namespace daos::storage
