// The disk seam. Behind it: posix/ (io_uring, or a thread pool where that is forbidden), memory/ (simulation: loses
// what was not flushed, tears writes, is slow on purpose). Used from one reactor's thread; paths are relative to the
// disk's root.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/base/bytes.h"
#include "platform/base/status.h"
#include "platform/runtime/task.h"

namespace daos::storage {

struct OpenOptions {
  bool create = false;     // else kNonexistent
  bool exclusive = false;  // with create: kExists if it is there
  /// Short writes may be carried out by the caller's thread, because they go no further than the system's memory: for
  /// whom handing them over would take longer. Not with direct.
  bool at_once = false;
  bool direct = false;     // O_DIRECT: memory, offsets and lengths in multiples of IoBuf::kDirectAlignment
  bool read_only = false;  // without create: writes fail; files that may only be read can be opened
};

enum class LockKind : uint8_t {
  kExclusive,
  kShared,  // by several descriptors at a time: they exclude only who asks for it alone
};

/// An open file. An operation owns its buffers until it has ended, cancelled or not. Operations under way at the same
/// time have no order between them; flush() covers exactly the writes that had ended before it began.
class File {
 public:
  virtual ~File() = default;
  /// Fills `into` from `offset`; returns the bytes read, fewer only at the end of the file.
  virtual runtime::Task<Result<size_t>> read(uint64_t offset, IoBuf into) = 0;
  /// Writes all parts back to back at `offset`, whole or with an error. Ended means: survives kill -9, not loss of
  /// power.
  virtual runtime::Task<Status> write(uint64_t offset, std::vector<IoBuf> parts) = 0;
  /// Everything whose write had ended is on the medium now.
  virtual runtime::Task<Status> flush() = 0;
  /// As write(), and ended means on the medium. Covers these bytes only: earlier writes still need their flush().
  virtual runtime::Task<Status> write_durable(uint64_t offset, std::vector<IoBuf> parts) = 0;
  /// Gives [0, bytes) of a new file real, zero-filled and written blocks, durably, so that later writes change no
  /// metadata.
  virtual runtime::Task<Status> preallocate(uint64_t bytes) = 0;
  /// Makes the file at least `bytes` long, with room on the disk for all of it where the file system can promise that,
  /// so that writes within never find the disk full. At once, however large; what is new reads as zeros. kNoSpace
  /// leaves the file as it was. Durable with the next flush.
  virtual runtime::Task<Status> reserve(uint64_t bytes) = 0;
  virtual runtime::Task<Status> truncate(uint64_t bytes) = 0;
  virtual Result<uint64_t> size() = 0;
  /// A flock on the very descriptor that writes go through; kBusy when another one is in the way. Asked again it
  /// changes its kind; what cannot be had is not held either then.
  virtual Status lock(LockKind kind = LockKind::kExclusive) = 0;
};

struct Space {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  virtual runtime::Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) = 0;
  /// With all its parents, durably; fine if it is there.
  virtual runtime::Task<Status> make_directory(std::string path) = 0;
  /// Names, sorted, without "." and "..". kNonexistent for what is not there.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  virtual bool exists(const std::string& path) = 0;
  /// Atomically; replaces `to`. Durable after sync_directory of the folder of `to`.
  virtual runtime::Task<Status> rename(std::string from, std::string to) = 0;
  virtual runtime::Task<Status> remove(std::string path) = 0;
  /// With everything below; fine if it is not there.
  virtual runtime::Task<Status> remove_tree(std::string path) = 0;
  /// Creations, renames and removals in that folder are durable after this. "" is the root.
  virtual runtime::Task<Status> sync_directory(std::string path) = 0;
  virtual Result<Space> space() = 0;
};

/// Replaces a small file atomically and durably: a temporary sibling, flush, rename, sync of the folder.
runtime::Task<Status> replace_file(Disk& disk, std::string path, IoBuf content);
/// The whole of a small file; kOverflow above `bytes_max`.
runtime::Task<Result<IoBuf>> read_file(Disk& disk, std::string path, size_t bytes_max);

}  // namespace daos::storage
