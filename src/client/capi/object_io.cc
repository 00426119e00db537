#include "client/capi/object_io.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <span>

#include "client/core/fetched.h"

namespace daos::capi {
namespace {

constexpr uint64_t kUpdateConditions =
    DAOS_COND_DKEY_INSERT | DAOS_COND_DKEY_UPDATE | DAOS_COND_AKEY_INSERT | DAOS_COND_AKEY_UPDATE | DAOS_COND_PER_AKEY;
constexpr uint64_t kFetchConditions = DAOS_COND_DKEY_FETCH | DAOS_COND_AKEY_FETCH | DAOS_COND_PER_AKEY;
constexpr uint64_t kAkeyConditions = DAOS_COND_AKEY_INSERT | DAOS_COND_AKEY_UPDATE | DAOS_COND_AKEY_FETCH;
constexpr uint64_t kIndexTooBig = 1ULL << 63;

Status invalid() { return Status(Code::kInvalid); }

std::span<d_iov_t> iovs_of(const d_sg_list_t& sgl) {
  return sgl.sg_iovs != nullptr ? std::span(sgl.sg_iovs, sgl.sg_nr) : std::span<d_iov_t>();
}

std::span<const daos_recx_t> extents_of(const daos_iod_t& iod) {
  return iod.iod_recxs != nullptr ? std::span<const daos_recx_t>(iod.iod_recxs, iod.iod_nr)
                                  : std::span<const daos_recx_t>();
}

uint64_t capacity(const d_sg_list_t& sgl) {
  uint64_t bytes = 0;
  for (const d_iov_t& iov : iovs_of(sgl)) bytes += iov.iov_buf_len;
  return bytes;
}

Status check_akey_flags(uint64_t flags, Direction direction) {
  const uint64_t allowed = (direction == Direction::kUpdate ? kUpdateConditions : kFetchConditions) & kAkeyConditions;
  return (flags & ~allowed) != 0 ? invalid() : Status();
}

Status check_flags(uint64_t flags, Direction direction) {
  const uint64_t allowed = direction == Direction::kUpdate ? kUpdateConditions : kFetchConditions;
  if ((flags & ~allowed) != 0) return invalid();
  if ((flags & DAOS_COND_PER_AKEY) != 0 && (flags & kAkeyConditions) != 0) return invalid();
  return {};
}

Status check_extents(const daos_iod_t& iod, bool with_buffers) {
  if (iod.iod_nr > 0 && iod.iod_recxs == nullptr) return invalid();
  std::vector<daos_recx_t> extents(extents_of(iod).begin(), extents_of(iod).end());
  for (const daos_recx_t& extent : extents) {
    if ((extent.rx_idx & kIndexTooBig) != 0) return invalid();
  }
  if (!with_buffers) return {};
  if (iod.iod_nr == 0) return invalid();
  std::ranges::sort(extents, {}, &daos_recx_t::rx_idx);
  for (size_t i = 0; i < extents.size(); i++) {
    if (extents[i].rx_nr == 0) return invalid();
    if (i > 0 && extents[i].rx_idx - extents[i - 1].rx_idx < extents[i - 1].rx_nr) return invalid();
  }
  return {};
}

Status check_iod(const daos_iod_t& iod, bool with_buffers, classes::ObjectType type) {
  DX_TRY(check_key(&iod.iod_name, classes::akey_kind(type)));
  switch (iod.iod_type) {
    case DAOS_IOD_SINGLE:
      return iod.iod_nr == 1 ? Status() : invalid();
    case DAOS_IOD_ARRAY:
      return check_extents(iod, with_buffers);
    default:
      return invalid();
  }
}

/// `record_bytes` times the number of records that `iod` names, or the largest number there is.
uint64_t bytes_of(const daos_iod_t& iod, uint64_t record_bytes) {
  unsigned __int128 records = 1;
  if (iod.iod_type == DAOS_IOD_ARRAY) {
    records = 0;
    for (const daos_recx_t& extent : extents_of(iod)) records += extent.rx_nr;
  }
  return static_cast<uint64_t>(std::min<unsigned __int128>(records * record_bytes, UINT64_MAX));
}

Status check_buffers(const daos_iod_t& iod, const d_sg_list_t& sgl) {
  if (sgl.sg_nr > 0 && sgl.sg_iovs == nullptr) return invalid();
  for (const d_iov_t& iov : iovs_of(sgl)) {
    if (iov.iov_buf_len > 0 && iov.iov_buf == nullptr) return invalid();
    if (iov.iov_len > iov.iov_buf_len) return invalid();
  }
  if (iod.iod_size == 0) return {};
  const uint64_t room = capacity(sgl);
  if (room == 0 && sgl.sg_nr > 0) return invalid();
  return bytes_of(iod, iod.iod_size) > room ? Status(Code::kRecordTooBig) : Status();
}

/// The first `bytes` bytes of what the list holds.
Result<core::MemoryList> data_of(const d_sg_list_t& sgl, uint64_t bytes) {
  core::MemoryList memory;
  for (const d_iov_t& iov : iovs_of(sgl))
    memory.add(iov.iov_buf, std::min<uint64_t>(iov.iov_len, bytes - memory.size()));
  if (memory.size() == bytes) return memory;
  return error(Code::kRecordTooBig, "the buffers hold {} of {} bytes", memory.size(), bytes);
}

core::MemoryList room_of(const d_sg_list_t& sgl) {
  core::MemoryList memory;
  for (const d_iov_t& iov : iovs_of(sgl)) memory.add(iov.iov_buf, iov.iov_buf_len);
  return memory;
}

std::vector<messages::Extent> to_extents(const daos_iod_t& iod) {
  std::vector<messages::Extent> extents;
  if (iod.iod_type != DAOS_IOD_ARRAY) return extents;
  extents.reserve(iod.iod_nr);
  for (const daos_recx_t& extent : extents_of(iod)) extents.push_back({.start = extent.rx_idx, .count = extent.rx_nr});
  return extents;
}

/// Says what the caller's list holds now: data up to `end`.
void set_lengths(uint64_t end, d_sg_list_t& sgl) {
  sgl.sg_nr_out = 0;
  const std::span<d_iov_t> iovs = iovs_of(sgl);
  uint64_t at = 0;
  for (size_t i = 0; i < iovs.size() && at < end; i++) {
    if (iovs[i].iov_buf_len == 0) continue;
    iovs[i].iov_len = std::min<uint64_t>(iovs[i].iov_buf_len, end - at);
    at += iovs[i].iov_len;
    sgl.sg_nr_out = static_cast<uint32_t>(i + 1);
  }
}

/// Behind the last byte of data in the buffer.
Result<uint64_t> end_of_data(const daos_iod_t& iod, const messages::FetchedValue& value, uint64_t room) {
  const auto kind = static_cast<messages::ValueKind>(iod.iod_type);
  const std::vector<core::Run> runs = DX_TRY(core::places_of(kind, to_extents(iod), value, room));
  return runs.empty() ? 0 : runs.back().place + runs.back().bytes;
}

daos_recx_t to_recx(const messages::Extent& extent) { return {.rx_idx = extent.start, .rx_nr = extent.count}; }

/// The extents that hold data, by index, neighbours as one.
std::vector<messages::Extent> merged(std::vector<messages::Extent> runs) {
  std::ranges::sort(runs, {}, &messages::Extent::start);
  std::vector<messages::Extent> merged;
  for (const messages::Extent& run : runs) {
    if (!merged.empty() && merged.back().start + merged.back().count == run.start) {
      merged.back().count += run.count;
    } else {
      merged.push_back(run);
    }
  }
  return merged;
}

Status fill_map(daos_iod_type_t type, const messages::FetchedValue& value, daos_iom_t& map) {
  map.iom_type = type;
  map.iom_size = value.record_bytes;
  map.iom_recx_lo = map.iom_recx_hi = {};
  if (type == DAOS_IOD_SINGLE) {
    map.iom_nr_out = value.record_bytes > 0 ? 1 : 0;
    return {};
  }
  const std::vector<messages::Extent> runs = merged(value.extents);
  map.iom_nr_out = static_cast<uint32_t>(runs.size());
  if (!runs.empty()) {
    map.iom_recx_lo = to_recx(runs.front());
    map.iom_recx_hi = to_recx(runs.back());
  }
  if ((map.iom_flags & DAOS_IOMF_DETAIL) == 0) return {};
  if (map.iom_recxs == nullptr && map.iom_nr == 0 && !runs.empty()) {
    map.iom_recxs = static_cast<daos_recx_t*>(std::calloc(runs.size(), sizeof(daos_recx_t)));  // the caller frees it
    if (map.iom_recxs == nullptr) return Status(Code::kNoMemory);
    map.iom_nr = map.iom_nr_out;
  }
  if (map.iom_recxs == nullptr) return {};
  for (size_t i = 0; i < std::min<size_t>(map.iom_nr, runs.size()); i++) map.iom_recxs[i] = to_recx(runs[i]);
  return {};
}

}  // namespace

Status check_key(const daos_key_t* key, classes::KeyKind kind) {
  if (key == nullptr || key->iov_buf == nullptr || key->iov_len == 0) return invalid();
  if (kind == classes::KeyKind::kUint64 && key->iov_len != sizeof(uint64_t)) return invalid();
  return {};
}

Result<IoBuf> copy_bytes(const void* data, size_t bytes) {
  if (bytes == 0) return IoBuf();
  IoBuf buffer = DX_TRY(IoBuf::allocate(bytes));
  std::memcpy(buffer.data(), data, bytes);
  return buffer;
}
Result<IoBuf> copy_key(const daos_key_t& key) { return copy_bytes(key.iov_buf, key.iov_len); }

Status check_arguments(const IoArguments& io, Direction direction, classes::ObjectType type) {
  DX_TRY(check_key(io.dkey, classes::dkey_kind(type)));
  if (io.nr == 0 || io.iods == nullptr) return invalid();
  DX_TRY(check_flags(io.flags, direction));
  for (unsigned i = 0; i < io.nr; i++) {
    const daos_iod_t& iod = io.iods[i];
    if ((io.flags & DAOS_COND_PER_AKEY) != 0) DX_TRY(check_akey_flags(iod.iod_flags, direction));
    DX_TRY(check_iod(iod, io.sgls != nullptr, type));
    if (io.sgls != nullptr) {
      DX_TRY(check_buffers(iod, io.sgls[i]));
    } else if (iod.iod_size != 0 && (direction == Direction::kUpdate || iod.iod_type == DAOS_IOD_ARRAY)) {
      return invalid();
    }
  }
  return {};
}

Result<core::Update> make_update(const IoArguments& io) {
  core::Update update{.dkey = DX_TRY(copy_key(*io.dkey)), .akeys = {}, .conditions = io.flags};
  for (unsigned i = 0; i < io.nr; i++) {
    const daos_iod_t& iod = io.iods[i];
    messages::AkeyUpdate& akey = update.akeys.emplace_back();
    akey.akey = DX_TRY(copy_key(iod.iod_name));
    akey.kind = static_cast<messages::ValueKind>(iod.iod_type);
    akey.conditions = (io.flags & DAOS_COND_PER_AKEY) != 0 ? iod.iod_flags : 0;
    akey.record_bytes = iod.iod_size;
    akey.extents = to_extents(iod);
    core::MemoryList& memory = update.memory.emplace_back();
    if (iod.iod_size > 0) memory = DX_TRY(data_of(io.sgls[i], bytes_of(iod, iod.iod_size)));
  }
  return update;
}

Result<core::Fetch> make_fetch(const IoArguments& io) {
  core::Fetch fetch{.dkey = DX_TRY(copy_key(*io.dkey)), .akeys = {}, .conditions = io.flags};
  for (unsigned i = 0; i < io.nr; i++) {
    const daos_iod_t& iod = io.iods[i];
    messages::AkeyFetch& akey = fetch.akeys.emplace_back();
    akey.akey = DX_TRY(copy_key(iod.iod_name));
    akey.kind = static_cast<messages::ValueKind>(iod.iod_type);
    akey.conditions = (io.flags & DAOS_COND_PER_AKEY) != 0 ? iod.iod_flags : 0;
    akey.extents = to_extents(iod);
    if (io.sgls != nullptr) fetch.memory.push_back(room_of(io.sgls[i]));
  }
  return fetch;
}

Status take_values(const IoArguments& io, const std::vector<messages::FetchedValue>& values) {
  bool fits = true;
  for (unsigned i = 0; i < io.nr; i++) {
    io.iods[i].iod_size = values[i].record_bytes;
    if (io.sgls == nullptr) continue;
    if (bytes_of(io.iods[i], values[i].record_bytes) > capacity(io.sgls[i])) fits = false;
  }
  if (!fits) return Status(Code::kRecordTooBig);
  for (unsigned i = 0; i < io.nr; i++) {
    if (io.ioms != nullptr) DX_TRY(fill_map(io.iods[i].iod_type, values[i], io.ioms[i]));
    if (io.sgls != nullptr) {
      set_lengths(DX_TRY(end_of_data(io.iods[i], values[i], capacity(io.sgls[i]))), io.sgls[i]);
    }
  }
  return {};
}

}  // namespace daos::capi
