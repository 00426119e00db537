#include "client/capi/object_io.h"

#include <algorithm>
#include <cstring>
#include <span>

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

uint64_t capacity(const d_sg_list_t& sgl) {
  uint64_t bytes = 0;
  for (const d_iov_t& iov : iovs_of(sgl)) bytes += iov.iov_buf_len;
  return bytes;
}

Status check_key(const daos_key_t* key, classes::KeyKind kind) {
  if (key == nullptr || key->iov_buf == nullptr || key->iov_len == 0) return invalid();
  if (kind == classes::KeyKind::kUint64 && key->iov_len != sizeof(uint64_t)) return invalid();
  return {};
}

Status check_flags(uint64_t flags, Direction direction) {
  const uint64_t allowed = direction == Direction::kUpdate ? kUpdateConditions : kFetchConditions;
  if ((flags & ~allowed) != 0) return invalid();
  if ((flags & DAOS_COND_PER_AKEY) != 0 && (flags & kAkeyConditions) != 0) return invalid();
  return {};
}

Status check_extents(const daos_iod_t& iod, bool with_buffers) {
  if (iod.iod_nr > 0 && iod.iod_recxs == nullptr) return invalid();
  std::vector<daos_recx_t> extents(iod.iod_recxs, iod.iod_recxs + iod.iod_nr);
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

/// `iod.iod_size` times the number of records, or the largest number there is.
uint64_t bytes_wanted(const daos_iod_t& iod) {
  unsigned __int128 records = 1;
  if (iod.iod_type == DAOS_IOD_ARRAY) {
    records = 0;
    for (const daos_recx_t& extent : std::span(iod.iod_recxs, iod.iod_nr)) records += extent.rx_nr;
  }
  return static_cast<uint64_t>(std::min<unsigned __int128>(records * iod.iod_size, UINT64_MAX));
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
  return bytes_wanted(iod) > room ? Status(Code::kRecordTooBig) : Status();
}

Result<IoBuf> copy(const void* data, size_t bytes) {
  if (bytes == 0) return IoBuf();
  IoBuf buffer = DX_TRY(IoBuf::allocate(bytes));
  std::memcpy(buffer.data(), data, bytes);
  return buffer;
}
Result<IoBuf> copy(const daos_key_t& key) { return copy(key.iov_buf, key.iov_len); }

/// The first `bytes` bytes of what the list holds.
Result<IoBuf> gather(const d_sg_list_t& sgl, size_t bytes) {
  if (bytes > core::kRequestBytesMax) {
    return error(Code::kNotSupported, "a value of {} bytes: values above {} are not stored yet", bytes,
                 core::kInlineBytesMax);
  }
  IoBuf value = DX_TRY(IoBuf::allocate(bytes));
  size_t at = 0;
  for (const d_iov_t& iov : iovs_of(sgl)) {
    const size_t part = std::min(iov.iov_len, bytes - at);
    if (part > 0) std::memcpy(value.data() + at, iov.iov_buf, part);
    at += part;
  }
  if (at < bytes) return error(Code::kRecordTooBig, "the buffers hold {} of {} bytes", at, bytes);
  return value;
}

void scatter(ByteSpan value, d_sg_list_t& sgl) {
  sgl.sg_nr_out = 0;
  size_t at = 0;
  const std::span<d_iov_t> iovs = iovs_of(sgl);
  for (size_t i = 0; i < iovs.size() && at < value.size(); i++) {
    const size_t part = std::min(iovs[i].iov_buf_len, value.size() - at);
    if (part == 0) continue;
    std::memcpy(iovs[i].iov_buf, value.data() + at, part);
    iovs[i].iov_len = part;
    at += part;
    sgl.sg_nr_out = static_cast<uint32_t>(i + 1);
  }
}

}  // namespace

Status check_arguments(const IoArguments& io, Direction direction, classes::ObjectType type) {
  DX_TRY(check_key(io.dkey, classes::dkey_kind(type)));
  if (io.nr == 0 || io.iods == nullptr) return invalid();
  DX_TRY(check_flags(io.flags, direction));
  for (unsigned i = 0; i < io.nr; i++) {
    const daos_iod_t& iod = io.iods[i];
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
  core::Update update{.dkey = DX_TRY(copy(*io.dkey)), .akeys = {}, .conditions = io.flags};
  for (unsigned i = 0; i < io.nr; i++) {
    const daos_iod_t& iod = io.iods[i];
    if (iod.iod_type == DAOS_IOD_ARRAY) return error(Code::kNotSupported, "array values are not there yet");
    messages::AkeyUpdate& akey = update.akeys.emplace_back();
    akey.akey = DX_TRY(copy(iod.iod_name));
    akey.kind = messages::ValueKind::kSingle;
    if (iod.iod_size > 0) akey.value = DX_TRY(gather(io.sgls[i], iod.iod_size));
  }
  return update;
}

Result<core::Fetch> make_fetch(const IoArguments& io) {
  core::Fetch fetch{.dkey = DX_TRY(copy(*io.dkey)), .akeys = {}, .conditions = io.flags};
  for (unsigned i = 0; i < io.nr; i++) {
    // There are no arrays yet, so whoever asks for one truly finds nothing.
    const bool single = io.iods[i].iod_type == DAOS_IOD_SINGLE;
    fetch.akeys.push_back({.akey = DX_TRY(copy(io.iods[i].iod_name)),
                           .kind = single ? messages::ValueKind::kSingle : messages::ValueKind::kArray,
                           .bytes_max = single && io.sgls != nullptr ? capacity(io.sgls[i]) : 0});
  }
  return fetch;
}

Status take_values(const IoArguments& io, const std::vector<messages::FetchedValue>& values) {
  bool fits = true;
  for (unsigned i = 0; i < io.nr; i++) {
    io.iods[i].iod_size = values[i].bytes;
    if (io.sgls != nullptr && values[i].bytes > capacity(io.sgls[i])) fits = false;
  }
  if (!fits) return Status(Code::kRecordTooBig);
  for (unsigned i = 0; i < io.nr; i++) {
    if (io.ioms != nullptr) {
      daos_iom_t& iom = io.ioms[i];
      iom.iom_type = io.iods[i].iod_type;
      iom.iom_size = values[i].bytes;
      iom.iom_nr_out = values[i].bytes > 0 ? 1 : 0;
      iom.iom_recx_lo = iom.iom_recx_hi = {};
    }
    if (io.sgls == nullptr) continue;
    if (values[i].value.size() != values[i].bytes) {
      return error(Code::kCorrupt, "a value of {} bytes came with {}", values[i].bytes, values[i].value.size());
    }
    scatter(values[i].value.bytes(), io.sgls[i]);
  }
  return {};
}

}  // namespace daos::capi
