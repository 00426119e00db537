// The extent file of a shard, DIR/engine-R/target-T/POOL/extents: a header block, then blocks of 4 KiB that hold runs
// (docs/formats/extents.md). Or pieces of a device, which have no header: their blocks are one space from 0 on. Reads
// and writes; knows nothing of what is free.
//
//   off size field    meaning
//     0    8 magic    "DAOSEXTS"
//     8    4 crc32c   over everything behind it, to the end of the block
//    12    2 format   1; another one is refused
//    14    4 block    4096
//    18   16 pool     uuid
//    34 4062 reserved zero
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/base/codec.h"
#include "platform/base/uuid.h"
#include "platform/storage/storage.h"
#include "server/vos/block_space.h"
#include "server/vos/extents/device.h"

namespace daos::vos {

inline constexpr uint16_t kExtentsFormat = 1;
inline constexpr size_t kExtentBlock = 4096;

/// The header block, and whether a block is one of this pool.
ByteVector encode_extents_header(const Uuid& pool);
Status check_extents_header(ByteSpan block, const Uuid& pool, std::string_view path);

class ExtentFile {
 public:
  /// Opens and locks the file at `path`, or makes it, durably, with a header and nothing else. O_DIRECT.
  static runtime::Task<Result<std::unique_ptr<ExtentFile>>> open(storage::Disk& disk, std::string path, Uuid pool);
  /// So many blocks in pieces of a device that others use as well. It stays as long as it is.
  static runtime::Task<Result<std::unique_ptr<ExtentFile>>> on_device(storage::Disk& disk, DeviceRef device,
                                                                      std::vector<uint32_t> pieces, uint64_t blocks);
  /// With the header.
  uint64_t blocks() const { return blocks_; }
  /// Where runs may begin: behind the header.
  uint64_t first_block() const { return pieces_.empty() ? 1 : 0; }
  /// Where a block lies in the file or on the device.
  uint64_t offset_of(uint64_t block) const { return parts_of({.block = block, .blocks = 1}).front().offset; }
  /// Made just now.
  bool is_new() const { return is_new_; }
  const std::string& path() const { return path_; }
  storage::File& file() { return *file_; }

  /// Makes the file at least that long, durably, with room on the disk. kNoSpace: the disk has not so much left.
  runtime::Task<Status> grow(uint64_t blocks);
  /// `parts` fill the run exactly; one write, or as many as there are pieces apart from each other.
  runtime::Task<Status> write(BlockRun run, std::vector<IoBuf> parts);
  /// kCorrupt when the file ends before the run does.
  runtime::Task<Result<IoBuf>> read(BlockRun run);

 private:
  ExtentFile(storage::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  /// Of a run: what lies together.
  struct Part {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };
  std::vector<Part> parts_of(BlockRun run) const;
  static runtime::Task<Status> make(storage::Disk& disk, std::string path, Uuid pool);

  storage::Disk& disk_;
  const std::string path_;
  std::vector<uint32_t> pieces_;  // of a device
  uint64_t piece_blocks_ = 0;
  std::unique_ptr<storage::File> file_;
  uint64_t blocks_ = 0;
  bool is_new_ = false;
};

}  // namespace daos::vos
