#include "platform/base/bytes.h"

#include <new>

#include "platform/base/check.h"
#include "platform/base/units.h"

namespace daos {

Result<IoBuf> IoBuf::allocate(size_t bytes, size_t alignment) {
  if (bytes > kMaxBytes)
    return error(Code::kOverflow, "a buffer of {} bytes is above the limit of {}", bytes, kMaxBytes);
  const size_t header = align_up(sizeof(Block), alignment);
  // What new aligns anyway it hands out from its fast lists; an aligned allocation costs some hundred instructions
  // more.
  const bool plain = alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__;
  void* memory = plain ? ::operator new(header + bytes, std::nothrow)
                       : ::operator new(header + bytes, std::align_val_t(alignment), std::nothrow);
  if (memory == nullptr) return error(Code::kNoMemory, "no memory for a buffer of {} bytes", bytes);
  IoBuf buffer;
  buffer.block_ = new (memory) Block{.alignment = alignment};
  buffer.data_ = static_cast<std::byte*>(memory) + header;
  buffer.size_ = bytes;
  return buffer;
}

IoBuf IoBuf::copy_of(ByteSpan bytes) {
  if (bytes.empty()) return {};
  Result<IoBuf> buffer = allocate(bytes.size());
  DX_CHECK(buffer.ok(), "{}", buffer.status());
  std::memcpy(buffer->data(), bytes.data(), bytes.size());
  return std::move(buffer).take();
}

void IoBuf::release() {
  if (block_ == nullptr || block_->count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const size_t alignment = block_->alignment;
  block_->~Block();
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    ::operator delete(static_cast<void*>(block_));
  } else {
    ::operator delete(static_cast<void*>(block_), std::align_val_t(alignment));
  }
}

}  // namespace daos
