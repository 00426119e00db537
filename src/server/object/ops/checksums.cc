#include "server/object/ops/checksums.h"

#include "model/stripe/chunks.h"

namespace daos::object {
namespace {

constexpr uint64_t kVerifiedInOneGo = 1u << 20;  // others wait meanwhile

stripe::ChecksumSpec spec_of(const vos::Checksums& checksums) {
  return {.type = static_cast<stripe::ChecksumType>(checksums.type), .chunk_bytes = checksums.chunk};
}
stripe::Records records_of(const vos::Extent& extent) { return {.start = extent.start, .count = extent.count}; }

messages::Checksums to_message(const vos::Checksums& kept, IoBuf values) {
  return {.type = kept.type, .length = kept.length, .chunk = kept.chunk, .values = std::move(values)};
}

/// In whole chunks, so that no operation has the target for itself for long.
runtime::Task<Status> verify_extent(runtime::Reactor& reactor, const stripe::ChecksumSpec& spec, uint64_t record_bytes,
                                    stripe::Records extent, ByteSpan bytes, ByteSpan checksums) {
  const uint64_t chunk = stripe::Chunks(spec, record_bytes).records();
  const uint64_t step = std::max<uint64_t>(kVerifiedInOneGo / record_bytes / chunk, 1);  // chunks
  for (uint64_t done = 0; done < extent.count;) {
    const uint64_t start = extent.start + done;
    const stripe::Records part{.start = start, .count = std::min(extent.count - done, step * chunk - start % chunk)};
    const uint64_t here = stripe::checksums_bytes(spec, record_bytes, part);
    DX_CO_TRY(stripe::verify_range(spec, record_bytes, part,
                                   bytes.subspan(done * record_bytes, part.count * record_bytes),
                                   checksums.first(here)));
    checksums = checksums.subspan(here);
    done += part.count;
    if (done < extent.count) co_await runtime::yield(reactor);
  }
  co_return Status();
}

/// The bytes of the records that are held.
Result<ByteSpan> held_bytes(const vos::ExtentView& run) {
  const uint64_t from = run.skip - (run.extent.start - run.held.start) * run.record_bytes;
  const uint64_t bytes = run.held.count * run.record_bytes;
  if (from <= run.data.bytes.size() && bytes <= run.data.bytes.size() - from) {
    return run.data.bytes.bytes().subspan(from, bytes);
  }
  return error(Code::kChecksum, "{} bytes are there of {}", run.data.bytes.size(), from + bytes);
}

Result<ByteVector> checksums_of(const vos::ExtentView& run) {
  const ByteSpan bytes = DX_TRY(held_bytes(run));
  return stripe::checksums_of_part(spec_of(run.checksums), run.record_bytes, records_of(run.written),
                                   records_of(run.held), bytes, run.checksums.values.bytes(), records_of(run.extent));
}

/// Of several writes side by side. A chunk that several of them share gets a checksum of its own; it is made before the
/// parts are compared with theirs, so that bytes which change between the two are seen here or by the reader.
Result<ByteVector> checksums_of(std::span<const vos::ExtentView> runs, stripe::Records all) {
  const stripe::ChecksumSpec spec = spec_of(runs.front().checksums);
  const uint64_t record_bytes = runs.front().record_bytes;
  const stripe::Chunks chunks(spec, record_bytes);
  const size_t one = stripe::checksum_bytes(spec.type);
  ByteVector made;
  stripe::ChecksumStream stream(spec.type);
  for (const vos::ExtentView& run : runs) {
    const ByteVector own = DX_TRY(checksums_of(run));
    const stripe::Records extent = records_of(run.extent);
    for (uint64_t i = 0; i < chunks.touched_by(extent); i++) {
      const stripe::Records part = chunks.piece(extent, i);
      const stripe::Records chunk = chunks.piece(all, part.start / chunks.records() - all.start / chunks.records());
      const ByteSpan own_one = ByteSpan(own).subspan(i * one, one);
      if (part.count == chunk.count) {
        made.insert(made.end(), own_one.begin(), own_one.end());
        continue;
      }
      const ByteSpan bytes = run.data.bytes.bytes().subspan(run.skip + (part.start - extent.start) * record_bytes,
                                                            part.count * record_bytes);
      stream.add(bytes);
      DX_TRY(stripe::verify_range(spec, record_bytes, part, bytes, own_one));
      if (part.end() != chunk.end()) continue;
      made.resize(made.size() + one);
      stream.finish(made.data() + made.size() - one);
    }
  }
  return made;
}

/// `visit(runs, extent)`: the runs of `key` that are one of `value`, until it returns an error.
template <class Visit>
Status each_run(const vos::FetchedKey& key, const messages::FetchedValue& value, Visit&& visit) {
  std::span<const vos::ExtentView> left = key.extents;
  for (const messages::Extent& extent : value.extents) {
    size_t runs = 0;
    for (uint64_t records = 0; records < extent.count; runs++) records += left[runs].extent.count;
    DX_TRY(visit(left.first(runs), stripe::Records{.start = extent.start, .count = extent.count}));
    left = left.subspan(runs);
  }
  return {};
}

}  // namespace

Status check_shape(const vos::AkeyValue& value) {
  const vos::Checksums& came = value.checksums;
  if (came.type == 0) {
    if (came.values.empty()) return {};
    return error(Code::kInvalid, "{} bytes of checksums of no type", came.values.size());
  }
  DX_TRY(vos::check_lengths(value));
  const stripe::ChecksumSpec spec = spec_of(came);
  const size_t one = stripe::checksum_bytes(spec.type);
  if (one == 0 || came.length != one || came.chunk == 0) {
    return error(Code::kInvalid, "checksums of type {}, {} bytes each, for chunks of {} bytes", came.type, came.length,
                 came.chunk);
  }
  uint64_t wanted = value.kind == vos::ValueKind::kSingle && value.record_bytes > 0 ? one : 0;
  for (const vos::Extent& extent : value.extents) {
    wanted += stripe::checksums_bytes(spec, value.record_bytes, records_of(extent));
  }
  if (came.values.size() == wanted) return {};
  return error(Code::kInvalid, "{} bytes of checksums where {} belong", came.values.size(), wanted);
}

runtime::Task<Status> verify(runtime::Reactor& reactor, const vos::AkeyValue& value) {
  const stripe::ChecksumSpec spec = spec_of(value.checksums);
  if (!spec.on() || value.record_bytes == 0) co_return Status();
  ByteSpan bytes = value.value.bytes();
  ByteSpan checksums = value.checksums.values.bytes();
  if (value.kind == vos::ValueKind::kSingle) {
    co_return stripe::verify_value(spec, bytes, checksums);
  }
  for (const vos::Extent& extent : value.extents) {
    const uint64_t here = stripe::checksums_bytes(spec, value.record_bytes, records_of(extent));
    const uint64_t extent_bytes = extent.count * value.record_bytes;
    Status verified = co_await verify_extent(reactor, spec, value.record_bytes, records_of(extent),
                                             bytes.first(extent_bytes), checksums.first(here));
    if (!verified.ok()) co_return verified;
    bytes = bytes.subspan(extent_bytes);
    checksums = checksums.subspan(here);
  }
  co_return Status();
}

bool protected_alike(const vos::Checksums& a, const vos::Checksums& b) {
  return a.type == b.type && a.length == b.length && a.chunk == b.chunk;
}

uint64_t checksums_bytes(const vos::FetchedKey& key, const messages::FetchedValue& value) {
  uint64_t bytes = 0;
  const Status counted = each_run(key, value, [&](std::span<const vos::ExtentView> runs, stripe::Records all) {
    bytes += stripe::checksums_bytes(spec_of(runs.front().checksums), key.record_bytes, all);
    return Status();
  });
  counted.ignore("counting does not fail");
  return bytes;
}

Status take_checksums(const vos::FetchedKey& key, messages::FetchedValue& value) {
  if (key.checksums.type != 0 && key.record_bytes > 0) {
    value.checksums.push_back(to_message(key.checksums, key.checksums.values));
  }
  const auto kept = [](const vos::ExtentView& run) { return run.checksums.type != 0; };
  if (std::ranges::none_of(key.extents, kept)) return {};
  return each_run(key, value, [&](std::span<const vos::ExtentView> runs, stripe::Records all) -> Status {
    messages::Checksums& checksums = value.checksums.emplace_back();
    if (!kept(runs.front())) return {};
    const ByteVector made = DX_TRY(runs.size() == 1 ? checksums_of(runs.front()) : checksums_of(runs, all));
    checksums = to_message(runs.front().checksums, IoBuf::copy_of(made));
    return {};
  });
}

}  // namespace daos::object
