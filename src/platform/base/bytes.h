// Byte buffers. IoBuf is a view into shared, counted memory: cheap to slice and to hand over, freed with its last
// owner. Thread-safety: shares may live on different threads (the count is atomic); the bytes have one writer at a
// time.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/base/status.h"

namespace daos {

using ByteSpan = std::span<const std::byte>;
using MutableByteSpan = std::span<std::byte>;

inline ByteSpan as_bytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

/// A share of a buffer, and the part of it that is meant. An empty IoBuf owns nothing.
class IoBuf {
 public:
  /// O_DIRECT wants this alignment of memory, offset and length alike.
  static constexpr size_t kDirectAlignment = 4096;
  /// No single allocation may exceed this, whoever asks.
  static constexpr size_t kMaxBytes = 256u << 20;

  IoBuf() = default;
  IoBuf(const IoBuf& other) noexcept : block_(other.block_), data_(other.data_), size_(other.size_) { retain(); }
  IoBuf(IoBuf&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  IoBuf& operator=(IoBuf other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~IoBuf() { release(); }

  /// `bytes` uninitialised bytes; kNoMemory when there are none, kOverflow above kMaxBytes. `alignment`: a power of
  /// two.
  static Result<IoBuf> allocate(size_t bytes, size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__);
  /// What a buffer asks of the heap; of the usual alignment.
  static size_t footprint(size_t bytes);
  /// A copy; out of memory is fatal, so only for what is known to be small.
  static IoBuf copy_of(ByteSpan bytes);

  ByteSpan bytes() const { return {data_, size_}; }
  MutableByteSpan writable() { return {data_, size_}; }
  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  IoBuf share() const { return *this; }
  /// The part [offset, offset + bytes); the caller has checked that it lies within.
  IoBuf slice(size_t offset, size_t bytes) const {
    IoBuf part(*this);
    part.data_ += offset;
    part.size_ = bytes;
    return part;
  }
  /// Asks for the memory that a share of it counts in, which lies before the bytes.
  void fetch_ahead() const { __builtin_prefetch(block_, 1); }
  /// Not a part of something larger, which a share of it would keep, too.
  bool whole() const { return block_ != nullptr && size_ == block_->bytes; }
  bool unique() const { return block_ != nullptr && block_->count.load(std::memory_order_acquire) == 1; }

 private:
  struct Block {
    std::atomic<uint32_t> count{1};  // relaxed up, acq_rel down: the last owner sees every write before it frees
    uint16_t steps;                  // of its size, if threads keep buffers of that size; else 0
    uint16_t alignment;
    size_t bytes;
  };
  void retain() {
    if (block_) block_->count.fetch_add(1, std::memory_order_relaxed);
  }
  void release();

  Block* block_ = nullptr;
  std::byte* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace daos
