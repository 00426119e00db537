#include "server/vos/extents/device.h"

#include <algorithm>

#include "platform/base/stamp.h"

namespace daos::vos {
namespace {

constexpr Stamp kStamp{.magic = "DXDEVICE", .version = kDeviceVersion};
/// Others mark what is theirs within this much of either end.
constexpr uint64_t kMarksBytes = kDevicePiecesAt;
constexpr uint64_t kPieceBytesMin = 4096;

runtime::Task<Result<IoBuf>> read_at(storage::File& file, uint64_t offset, uint64_t bytes) {
  IoBuf into = DX_CO_TRY(IoBuf::allocate(bytes, IoBuf::kDirectAlignment));
  const size_t got = DX_CO_TRY(co_await file.read(offset, into));
  co_return into.slice(0, got);
}

bool is_zero(ByteSpan bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

constexpr std::string_view kWayOut =
    "put the right one back; if it has another name now, start once with `daos_server local --dir DIR --nvme-device "
    "NAME` for each of the system's devices";

}  // namespace

uint32_t DeviceHeader::pieces() const {
  return static_cast<uint32_t>(bytes < kDevicePiecesAt ? 0 : (bytes - kDevicePiecesAt) / piece_bytes);
}

PieceRange region_of(const DeviceHeader& header, uint32_t region) {
  const uint64_t pieces = header.pieces();
  const auto begin = [&](uint64_t number) { return static_cast<uint32_t>(pieces * number / header.regions); };
  return {.first = begin(region), .count = begin(uint64_t{region} + 1) - begin(region)};
}

uint32_t pieces_for(uint64_t bytes, uint64_t piece_bytes) {
  return static_cast<uint32_t>((bytes + piece_bytes - 1) / piece_bytes);
}

ByteVector encode_device_header(const DeviceHeader& header) {
  ByteVector block = stamp(kStamp, encode(header));
  block.resize(kDeviceHeaderBytes);
  return block;
}

Result<DeviceHeader> decode_device_header(ByteSpan block, std::string_view path) {
  // The stamp says how much of the block is its own; a length that cannot be is refused with the rest.
  uint32_t body_bytes = 0;
  if (block.size() >= kStampBytes) std::memcpy(&body_bytes, block.data() + 12, sizeof body_bytes);
  const size_t bytes = std::min<size_t>(block.size(), kStampBytes + size_t{body_bytes});
  const ByteSpan body = DX_TRY(unstamp(kStamp, block.first(bytes), path));
  Result<DeviceHeader> header = decode<DeviceHeader>(body, path);
  if (!header.ok()) return error(Code::kFormatInvalid, "{}", header.status().message());
  if (header->piece_bytes < kPieceBytesMin || header->piece_bytes % kPieceBytesMin != 0 || header->regions == 0 ||
      header->bytes / header->piece_bytes > UINT32_MAX || header->pieces() < header->regions) {
    return error(Code::kFormatInvalid, "{}: {} bytes in pieces of {} for {} targets", path, header->bytes,
                 header->piece_bytes, header->regions);
  }
  return header;
}

std::string DeviceRef::in_words() const {
  return name.empty() ? path : fmt::format("device {} of this engine ({}, {})", number, path, name);
}

std::string device_link_name(uint32_t number) { return fmt::format("device-{}", number); }

runtime::Task<Result<OpenDevice>> open_device(storage::Disk& disk, DeviceRef device,
                                              std::optional<storage::LockKind> lock) {
  const std::string what = device.in_words();
  Result<std::unique_ptr<storage::File>> opened = co_await disk.open(device.path, {.direct = true});
  if (!opened.ok()) co_return error(opened.code(), "{} cannot be opened: {}; {}", what, opened.status(), kWayOut);
  OpenDevice open{.file = std::move(opened).take()};
  if (lock) {
    Status locked = open.file->lock(*lock);
    if (!locked.ok()) co_return std::move(locked).within(what);
  }
  const uint64_t bytes = DX_CO_TRY(open.file->size());
  const IoBuf block = DX_CO_TRY(co_await read_at(*open.file, 0, kDeviceHeaderBytes));
  Result<DeviceHeader> header = decode_device_header(block.bytes(), what);
  if (!header.ok()) co_return error(header.code(), "{}; {}", header.status().message(), kWayOut);
  if (header->id != device.id) {
    co_return error(Code::kFormatInvalid, "{} is another one: it is device {} of rank {} of system {}; {}", what,
                    header->number, header->rank, header->system_name, kWayOut);
  }
  if (bytes < header->bytes) {
    co_return error(Code::kFormatInvalid, "{} has {} bytes, and had {} when it was formatted; {}", what, bytes,
                    header->bytes, kWayOut);
  }
  open.header = std::move(header).take();
  co_return open;
}

runtime::Task<Result<DeviceContent>> look_at_device(storage::Disk& disk, std::string path) {
  const std::unique_ptr<storage::File> file = DX_CO_TRY(co_await disk.open(path, {.direct = true}));
  DeviceContent content{.bytes = DX_CO_TRY(file->size())};
  const IoBuf front = DX_CO_TRY(co_await read_at(*file, 0, kMarksBytes));
  const uint64_t last = content.bytes < kMarksBytes ? 0 : align_down(content.bytes - kMarksBytes, kDeviceHeaderBytes);
  const IoBuf back = DX_CO_TRY(co_await read_at(*file, last, align_down(content.bytes - last, kDeviceHeaderBytes)));
  const size_t header = std::min(front.size(), kDeviceHeaderBytes);
  content.empty_but_header = is_zero(front.bytes().subspan(header)) && is_zero(back.bytes());
  content.empty = content.empty_but_header && is_zero(front.bytes().first(header));
  content.header = decode_device_header(front.bytes().first(header), path);
  co_return content;
}

runtime::Task<Status> write_device_header(storage::Disk& disk, std::string path, DeviceHeader header) {
  const std::unique_ptr<storage::File> file = DX_CO_TRY(co_await disk.open(path, {.direct = true}));
  DX_CO_TRY(file->lock());
  const ByteVector bytes = encode_device_header(header);
  IoBuf block = DX_CO_TRY(IoBuf::allocate(bytes.size(), IoBuf::kDirectAlignment));
  std::copy(bytes.begin(), bytes.end(), block.data());
  std::vector<IoBuf> parts = {block};
  DX_CO_TRY(co_await file->write(0, std::move(parts)));
  Status flushed = co_await file->flush();
  co_return flushed;
}

}  // namespace daos::vos
