// The files of a shard's checkpoint (docs/formats/checkpoint.md): images of buckets in one file, and the table that
// says which of them count. The table is replaced atomically, and only then are the images that it no longer names
// overwritten.
//
// DIR/checkpoint/table
//   off size field       meaning
//     0    8 magic       "DAOSCKPT"
//     8    4 crc32c      over everything behind it
//    12    2 format      2; a later one is refused, naming the build that wrote it; 1 has no transactions
//    14      Table       in codec form, below; its first field, the build, stays where it is in every format
//
// DIR/checkpoint/images: runs of 4 KiB blocks, each an image
//   off size field       meaning
//     0    4 magic       "BCKT"
//     4    4 crc32c      over everything behind it, the items included
//     8    2 format      1
//    10    2 reserved    zero
//    12    4 items bytes behind this header of 32 bytes; the rest of the last block is zero
//    16    8 position    of the log: the image holds what every record up to it did to the bucket
//    24    8 sequence    of the image; differs for every image that was ever written here
#pragma once

#include <map>
#include <vector>

#include "platform/journal/journal.h"
#include "platform/rpc/slots.h"
#include "server/vos/checkpoint/items.h"
#include "server/vos/records/transaction_records.h"

namespace daos::vos {

inline constexpr size_t kImageBlock = 4096;
inline constexpr size_t kImageHeaderBytes = 32;
inline constexpr size_t kBucketBytesMax = 256u << 10;  // of items; a bucket of a single item may be larger
inline constexpr uint16_t kCheckpointFormat = 2;       // of the table; 1 is read
inline constexpr uint16_t kImageFormat = 1;            // kinds of items have come since: items.h

/// Where an image lies, in blocks.
struct ImageRun {
  uint64_t block = 0;
  uint32_t blocks = 0;
  auto operator<=>(const ImageRun&) const = default;
  static void visit(auto&& visitor, auto& self) { visitor(self.block, self.blocks); }
};

/// One bucket: the items from `first` up to the next bucket's.
struct BucketEntry {
  Boundary first;
  ImageRun run;
  uint64_t sequence = 0;
  journal::Position position;
  static void visit(auto&& visitor, auto& self) { visitor(self.first, self.run, self.sequence, self.position); }
};

/// A slot's outcome, as the slot table's own bucket keeps it.
struct SlotEntry {
  rpc::EndpointId endpoint;
  uint16_t slot = 0;
  rpc::SlotOutcome outcome;
  static void visit(auto&& visitor, auto& self) { visitor(self.endpoint, self.slot, self.outcome); }
};

struct Table {
  std::string build;                 // that wrote it
  Uuid pool;                         // protects from another shard's table
  uint64_t sequence = 0;             // of this table; grows
  uint64_t images = 0;               // highest sequence of an image
  journal::Position oldest;          // of all buckets and the slots: the log behind it is not needed
  journal::Position newest;          // positions continue above it, whatever the log holds
  uint64_t clock = 0;                // no epoch above it had been given out at `slots_position`
  std::vector<BucketEntry> buckets;  // in order of `first`; the first one's is empty
  journal::Position slots_position;
  std::vector<SlotEntry> slots;
  journal::Position transactions_position;
  std::vector<TransactionEntry> transactions;
  static void visit(auto&& visitor, auto& self) {
    visit_format_1(visitor, self);
    visitor(self.transactions_position, self.transactions);
  }
  static void visit_format_1(auto&& visitor, auto& self) {
    visitor(self.build, self.pool, self.sequence, self.images, self.oldest, self.newest, self.clock, self.buckets,
            self.slots_position, self.slots);
  }
};

ByteVector encode_table(const Table& table);
/// kFormatInvalid, kFormatVersion: named by `path`.
Result<Table> decode_table(ByteSpan bytes, std::string_view path);

/// The image as it is written: whole blocks, aligned for O_DIRECT.
Result<IoBuf> encode_image(ByteSpan items, journal::Position position, uint64_t sequence);
/// The items of an image that the table describes as `entry`; kCorrupt names path and offset.
Result<IoBuf> decode_image(IoBuf image, const BucketEntry& entry, std::string_view path);

}  // namespace daos::vos
