#include "server/vos/extents/extent_file.h"

#include <algorithm>

#include "platform/base/check.h"
#include "platform/base/hash.h"
#include "platform/base/units.h"

namespace daos::vos {
namespace {

constexpr std::string_view kMagic = "DAOSEXTS";

}  // namespace

ByteVector encode_extents_header(const Uuid& pool) {
  ByteVector body;
  Encoder encoder(body);
  encoder(kExtentsFormat, static_cast<uint32_t>(kExtentBlock), pool);
  body.resize(kExtentBlock - kMagic.size() - sizeof(uint32_t));
  ByteVector block(kMagic.size());
  std::memcpy(block.data(), kMagic.data(), kMagic.size());
  encode_into(block, crc32c(body));
  block.insert(block.end(), body.begin(), body.end());
  return block;
}

Status check_extents_header(ByteSpan block, const Uuid& pool, std::string_view path) {
  if (block.size() < kExtentBlock || as_text(block.first(kMagic.size())) != kMagic) {
    return error(Code::kFormatInvalid, "{} is not the extent file of a shard", path);
  }
  Decoder decoder(block.first(kExtentBlock).subspan(kMagic.size()));
  uint32_t crc = 0;
  decoder(crc);
  if (crc32c(decoder.rest()) != crc) {
    return error(Code::kFormatInvalid, "{} is damaged (the checksum of its header does not match)", path);
  }
  uint16_t format = 0;
  uint32_t block_bytes = 0;
  Uuid owner;
  decoder(format);
  if (format != kExtentsFormat) {
    return error(Code::kFormatVersion, "{} has format {}: it was written by a newer build; this build reads format {}",
                 path, format, kExtentsFormat);
  }
  decoder(block_bytes, owner);
  if (block_bytes != kExtentBlock) {
    return error(Code::kFormatInvalid, "{} has blocks of {} bytes; this build reads blocks of {}", path, block_bytes,
                 kExtentBlock);
  }
  if (owner != pool) return error(Code::kFormatInvalid, "{} belongs to pool {}, not to {}", path, owner, pool);
  return {};
}

runtime::Task<Status> ExtentFile::make(storage::Disk& disk, std::string path, Uuid pool) {
  // Under another name until it is whole: a file of this name always has a header.
  Status replaced = co_await storage::replace_file(disk, path, IoBuf::copy_of(encode_extents_header(pool)));
  co_return replaced;
}

runtime::Task<Result<std::unique_ptr<ExtentFile>>> ExtentFile::open(storage::Disk& disk, std::string path, Uuid pool) {
  std::unique_ptr<ExtentFile> extents(new ExtentFile(disk, path));
  if (!disk.exists(path)) {
    DX_CO_TRY(co_await make(disk, path, pool));
    extents->is_new_ = true;
  }
  extents->file_ = DX_CO_TRY(co_await disk.open(path, {.direct = true}));
  DX_CO_TRY(extents->file_->lock());
  extents->blocks_ = DX_CO_TRY(extents->file_->size()) / kExtentBlock;
  if (extents->blocks_ == 0) co_return error(Code::kFormatInvalid, "{} is not the extent file of a shard", path);
  const IoBuf header = DX_CO_TRY(co_await extents->read({.block = 0, .blocks = 1}));
  DX_CO_TRY(check_extents_header(header.bytes(), pool, path));
  co_return extents;
}

runtime::Task<Result<std::unique_ptr<ExtentFile>>> ExtentFile::on_device(storage::Disk& disk, DeviceRef device,
                                                                         std::vector<uint32_t> pieces,
                                                                         uint64_t blocks) {
  // Shared with the engine's other shards. That nobody else writes there, a dead predecessor's ring included, the
  // engine has made sure of before any of them (engine.cc, claim_devices).
  OpenDevice open = DX_CO_TRY(co_await open_device(disk, device, storage::LockKind::kShared));
  std::unique_ptr<ExtentFile> extents(new ExtentFile(disk, device.path));
  extents->file_ = std::move(open.file);
  extents->piece_blocks_ = open.header.piece_bytes / kExtentBlock;
  for (const uint32_t piece : pieces) {
    if (piece < open.header.pieces()) continue;
    co_return error(Code::kCorrupt, "{} has {} pieces, the shard uses piece {}", device.in_words(),
                    open.header.pieces(), piece);
  }
  if (pieces.empty() || blocks > pieces.size() * extents->piece_blocks_) {
    co_return error(Code::kCorrupt, "{}: {} blocks do not fit in {} pieces", device.in_words(), blocks, pieces.size());
  }
  extents->pieces_ = std::move(pieces);
  extents->blocks_ = blocks;
  co_return extents;
}

std::vector<ExtentFile::Part> ExtentFile::parts_of(BlockRun run) const {
  if (pieces_.empty()) return {{.offset = run.block * kExtentBlock, .bytes = run.blocks * kExtentBlock}};
  std::vector<Part> parts;
  for (uint64_t block = run.block; block < run.end();) {
    const uint64_t within = block % piece_blocks_;
    const uint64_t blocks = std::min(piece_blocks_ - within, run.end() - block);
    const uint64_t offset = kDevicePiecesAt + (pieces_[block / piece_blocks_] * piece_blocks_ + within) * kExtentBlock;
    if (!parts.empty() && parts.back().offset + parts.back().bytes == offset) {
      parts.back().bytes += blocks * kExtentBlock;
    } else {
      parts.push_back({.offset = offset, .bytes = blocks * kExtentBlock});
    }
    block += blocks;
  }
  return parts;
}

runtime::Task<Status> ExtentFile::grow(uint64_t blocks) {
  if (blocks <= blocks_) co_return Status();
  DX_CHECK(pieces_.empty(), "{}: a part of a device grows to {} blocks", path_, blocks);
  // A reservation that cannot succeed would first take all that is left, from everybody.
  const storage::Space space = DX_CO_TRY(disk_.space());
  const uint64_t more = (blocks - blocks_) * kExtentBlock;
  if (more > space.free_bytes) {
    co_return error(Code::kNoSpace, "{}: the disk has {} bytes left, {} more are needed", path_, space.free_bytes,
                    more);
  }
  DX_CO_TRY(co_await file_->reserve(blocks * kExtentBlock));
  DX_CO_TRY(co_await file_->flush());  // the size, before anything lies there
  blocks_ = blocks;
  co_return Status();
}

runtime::Task<Status> ExtentFile::write(BlockRun run, std::vector<IoBuf> parts) {
  const std::vector<Part> places = parts_of(run);
  if (places.size() == 1) {
    Status written = co_await file_->write(places.front().offset, std::move(parts));
    co_return written;
  }
  size_t next = 0;
  uint64_t skip = 0;  // of the next one
  for (const Part& place : places) {
    std::vector<IoBuf> here;
    for (uint64_t left = place.bytes; left > 0;) {
      const uint64_t bytes = std::min(left, parts[next].size() - skip);
      if (bytes > 0) here.push_back(parts[next].slice(skip, bytes));
      left -= bytes;
      skip += bytes;
      if (skip < parts[next].size()) continue;
      next++;
      skip = 0;
    }
    DX_CO_TRY(co_await file_->write(place.offset, std::move(here)));
  }
  co_return Status();
}

runtime::Task<Result<IoBuf>> ExtentFile::read(BlockRun run) {
  IoBuf bytes = DX_CO_TRY(IoBuf::allocate(run.blocks * kExtentBlock, IoBuf::kDirectAlignment));
  uint64_t at = 0;
  for (const Part& place : parts_of(run)) {
    const size_t got = DX_CO_TRY(co_await file_->read(place.offset, bytes.slice(at, place.bytes)));
    if (got < place.bytes) {
      co_return error(Code::kCorrupt, "{} ends at offset {}, within the run of {} bytes at {}", path_,
                      place.offset + got, place.bytes, place.offset);
    }
    at += place.bytes;
  }
  co_return bytes;
}

}  // namespace daos::vos
