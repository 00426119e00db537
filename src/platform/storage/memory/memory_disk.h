// A disk in memory, for tests and simulation. It forgets, at a crash, what a real one may forget; it is slow, full or
// broken when told to. Nothing depends on anything but the calls made, the seed and the timeline.
//
// A `MemoryMedium` is what survives; a `MemoryDisk` is one incarnation's view of it:
//
//   auto medium = std::make_shared<MemoryMedium>();
//   auto disk = std::make_unique<MemoryDisk>(reactor, medium, MemoryOptions{.timeline = &timeline, .seed = 7});
//   disk->crash_at(DiskOperation::kWrite, k);    // the k-th write from now on (0: the next) is the last thing that
//   happens
//   ... run; every operation that has not ended then, and every later one, fails with kIo and changes nothing, so that
//   the
//       incarnation's tasks end and it can be destroyed ...
//   disk->crash(Loss::kPower);                   // now the medium is what a restarted machine finds
//   auto next = std::make_unique<MemoryDisk>(reactor, medium, ...);
//
// The loop of every crash test: for k = 0, 1, 2 ... run with crash_at(kind, k) until a run ends with disk->dead()
// false. The same with fail_at() for I/O errors.
//
// What a crash may lose (Loss::kPower). Each write that no flush of its file covered is kept whole, dropped, or torn:
// each of its 512-byte sectors kept or not. A change of size likewise kept or not. Of each folder's creations, renames
// and removals since its last sync_directory() a prefix is kept. Loss::kProcess (kill -9 of everything): what had ended
// stays, only what was under way is kept, dropped or torn. An incarnation that is only stopped loses nothing and needs
// no crash().
//
// Thread-safety: the reactor's thread only.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platform/base/codec.h"
#include "platform/runtime/rng.h"
#include "platform/runtime/virtual_time.h"
#include "platform/storage/storage.h"

namespace daos::storage {

class MemoryDisk;
class MemoryFile;

enum class Loss : uint8_t { kPower, kProcess };

/// Bytes of a file: pages of 4 KiB; one that is absent is zero.
class SparseBytes {
 public:
  static constexpr size_t kPageBytes = 4096;
  uint64_t size() const { return size_; }
  void resize(uint64_t bytes);
  void write(uint64_t offset, ByteSpan bytes);             // grows the file as needed
  void read(uint64_t offset, MutableByteSpan into) const;  // beyond the end: zeros
  SparseBytes clone() const;

 private:
  using Page = std::array<std::byte, kPageBytes>;
  std::map<uint64_t, std::unique_ptr<Page>> pages_;
  uint64_t size_ = 0;
};

/// What is on the platters. Shared by the incarnations that use it one after the other, and by the test.
class MemoryMedium {
 public:
  MemoryMedium();
  MemoryMedium(const MemoryMedium&) = delete;
  ~MemoryMedium();

  // --- for tests: as a running system would see it
  std::vector<std::string> files() const;  // every path, sorted
  uint64_t size(const std::string& path) const;
  ByteVector content(const std::string& path) const;
  /// Bit rot: flips bit `bit` of byte `offset`, on the platters and in every cache.
  void flip_bit(const std::string& path, uint64_t offset, unsigned bit);
  /// Overwrites bytes likewise.
  void overwrite(const std::string& path, uint64_t offset, ByteSpan bytes);
  /// An independent copy, to try several things on one state. Only while nothing is under way.
  std::shared_ptr<MemoryMedium> clone() const;
  uint64_t used_bytes() const;

 private:
  friend class MemoryDisk;
  friend class MemoryFile;
  struct Change;
  struct Inode;

  struct Names {
    std::map<std::string, std::shared_ptr<Inode>> files;
    std::set<std::string> folders;  // "" (the root) is always there
  };
  struct NameChange {
    std::string folder;  // whose sync makes it durable
    std::string erased;  // path that goes, or empty
    std::string added;   // path that comes, or empty
    std::shared_ptr<Inode> inode;
    uint64_t id = 0;  // grows
  };
  static void apply(Names& names, const NameChange& change);
  /// Makes the changes of that folder durable, those with an id of at most `up_to`.
  void sync_names(const std::string& folder, uint64_t up_to);
  /// Nothing of a removed folder comes back into a new one of the same name.
  void forget_folder(const std::string& folder);
  Inode* find(const std::string& path) const;
  void lose(Loss loss, runtime::Rng& rng);

  Names current_;
  Names durable_;
  std::vector<NameChange> name_changes_;  // not yet durable, in order
  uint64_t name_change_ids_ = 0;
};

enum class DiskOperation : uint8_t { kRead, kWrite, kFlush, kNames };  // kNames: open that creates, rename, remove
inline constexpr size_t kDiskOperations = 4;

/// How long an operation takes under a timeline: uniform in [least, most], plus the bytes' share.
struct DiskDelay {
  Duration least{0};
  Duration most{0};
  Duration per_mib{0};
};

struct MemoryOptions {
  runtime::Timeline* timeline = nullptr;  // null: operations end in the next turn
  uint64_t seed = 0;
  uint64_t capacity_bytes = 1ull << 40;             // kNoSpace above
  std::array<DiskDelay, kDiskOperations> delays{};  // by DiskOperation
};

class MemoryDisk final : public Disk {
 public:
  MemoryDisk(runtime::Reactor& reactor, std::shared_ptr<MemoryMedium> medium, MemoryOptions options = {});
  ~MemoryDisk() override;

  // --- faults; `k` counts from now, 0 is the next operation of that kind
  /// `count` operations from the k-th on fail with `code`. A write that fails leaves its range torn; what a failed
  /// flush should have covered no later flush covers either.
  void fail_at(DiskOperation kind, uint64_t k, Code code = Code::kIo, uint64_t count = 1);
  void crash_at(DiskOperation kind, uint64_t k);
  void set_capacity(uint64_t bytes) { options_.capacity_bytes = bytes; }
  void set_delay(DiskOperation kind, DiskDelay delay) { options_.delays[static_cast<size_t>(kind)] = delay; }
  /// The machine stops here: from now on everything fails and nothing changes.
  void die() { dead_ = true; }
  bool dead() const { return dead_; }
  /// die(), and the medium becomes what survives. Once.
  void crash(Loss loss = Loss::kPower);
  /// Operations of that kind begun so far.
  uint64_t count(DiskOperation kind) const { return counts_[static_cast<size_t>(kind)]; }
  MemoryMedium& medium() { return *medium_; }

  // --- Disk
  runtime::Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override;
  runtime::Task<Status> make_directory(std::string path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  bool exists(const std::string& path) override;
  runtime::Task<Status> rename(std::string from, std::string to) override;
  runtime::Task<Status> remove(std::string path) override;
  runtime::Task<Status> remove_tree(std::string path) override;
  runtime::Task<Status> sync_directory(std::string path) override;
  Result<Space> space() override;

 private:
  friend class MemoryFile;
  struct Fault {
    DiskOperation kind;
    uint64_t from;
    uint64_t count;
    Code code;  // kOk: crash
  };
  /// Counts an operation that begins. Its outcome, unless the machine stops before it ends.
  Status begin(DiskOperation kind, const std::string& path);
  /// The time it takes. kIo when the machine has stopped meanwhile.
  runtime::Task<Status> take_time(DiskOperation kind, uint64_t bytes, std::string path);
  Status gone(const std::string& path) const;
  void change_names(MemoryMedium::NameChange change);

  runtime::Reactor& reactor_;
  const std::shared_ptr<MemoryMedium> medium_;
  MemoryOptions options_;
  runtime::Rng rng_;
  std::array<uint64_t, kDiskOperations> counts_{};
  std::vector<Fault> faults_;
  bool dead_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // events of the timeline outlive a destroyed disk
};

}  // namespace daos::storage
