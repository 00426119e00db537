// One description of a struct serves encoding and decoding:
//
//   struct Extent {
//     uint64_t offset = 0;
//     std::string name;
//     static void visit(auto&& visitor, auto& self) { visitor(self.offset, self.name); }
//   };
//
// Integers are little-endian and fixed-width; strings and vectors carry a u32 length; optionals a u8; variants are not
// used. Every length is checked against what is left before it is used, so hostile bytes cost no memory. What is long
// stands behind the struct instead of within it (Trailing), so that it can be sent from where it is.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "platform/base/bytes.h"

namespace daos {

static_assert(std::endian::native == std::endian::little, "the codec copies integers as they are");

using ByteVector = std::vector<std::byte>;

/// A buffer whose length (u32) stands in the struct and whose bytes stand behind the whole of it, those of several in
/// the order of the fields.
class Trailing : public IoBuf {
 public:
  Trailing() = default;
  Trailing(IoBuf bytes) noexcept : IoBuf(std::move(bytes)) {}

 private:
  friend class Decoder;
  friend class TrailingReader;
  uint32_t awaited_ = 0;  // while it is being decoded
};

/// Walks over values and hands their bytes to a sink, `void put(const void* data, size_t bytes)`.
template <class Sink>
class BasicEncoder {
 public:
  explicit BasicEncoder(Sink sink) : sink_(sink) {}

  template <class... T>
  void operator()(const T&... values) {
    (one(values), ...);
  }
  void fixed(const void* data, size_t bytes) { sink_.put(data, bytes); }
  const Sink& sink() const { return sink_; }
  /// The trailing buffers so far, which are the caller's to put behind.
  const std::vector<const IoBuf*>& trailing() const { return trailing_; }
  void put_trailing() {
    for (const IoBuf* buffer : trailing_) fixed(buffer->data(), buffer->size());
    trailing_.clear();
  }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void one(T value) {
    fixed(&value, sizeof value);
  }
  void one(bool value) { one(static_cast<uint8_t>(value)); }
  void one(const std::string& text) {
    one(static_cast<uint32_t>(text.size()));
    fixed(text.data(), text.size());
  }
  void one(const IoBuf& bytes) {
    one(static_cast<uint32_t>(bytes.size()));
    fixed(bytes.data(), bytes.size());
  }
  void one(const Trailing& bytes) {
    one(static_cast<uint32_t>(bytes.size()));
    if (!bytes.empty()) trailing_.push_back(&bytes);
  }
  template <class T>
  void one(const std::vector<T>& values) {
    one(static_cast<uint32_t>(values.size()));
    if constexpr (std::is_same_v<T, std::byte> || std::is_same_v<T, uint8_t>) {
      fixed(values.data(), values.size());
    } else {
      for (const T& value : values) one(value);
    }
  }
  template <class K, class V>
  void one(const std::map<K, V>& entries) {  // in order of the keys
    one(static_cast<uint32_t>(entries.size()));
    for (const auto& [key, value] : entries) (*this)(key, value);
  }
  template <class T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <class T>
    requires requires(const T& value, BasicEncoder& encoder) { T::visit(encoder, value); }
  void one(const T& value) {
    T::visit(*this, value);
  }

  Sink sink_;
  std::vector<const IoBuf*> trailing_;
};

/// Appends to a vector.
struct AppendSink {
  ByteVector& out;
  void put(const void* data, size_t bytes) {
    const auto* from = static_cast<const std::byte*>(data);
    out.insert(out.end(), from, from + bytes);
  }
};
class Encoder : public BasicEncoder<AppendSink> {
 public:
  explicit Encoder(ByteVector& out) : BasicEncoder(AppendSink{out}) {}
};

/// Counts, and writes to where there is room for what was counted: messages are encoded in one piece, without a vector
/// that grows field by field.
struct CountSink {
  size_t bytes = 0;
  void put(const void*, size_t more) { bytes += more; }
};
struct PlaceSink {
  std::byte* at;
  void put(const void* data, size_t bytes) {
    if (bytes > 0) std::memcpy(at, data, bytes);  // an empty field may have no data at all
    at += bytes;
  }
};

/// Gives the trailing buffers of a decoded struct their bytes.
class TrailingReader {
 public:
  TrailingReader(ByteSpan bytes, const IoBuf* owner) : rest_(bytes), owner_(owner) {}

  template <class... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  void fixed(void*, size_t) {}

 private:
  void one(Trailing& buffer) {
    const size_t bytes = std::exchange(buffer.awaited_, 0);
    if (bytes == 0) return;
    buffer = owner_ != nullptr ? owner_->slice(static_cast<size_t>(rest_.data() - owner_->data()), bytes)
                               : IoBuf::copy_of(rest_.first(bytes));
    rest_ = rest_.subspan(bytes);
  }
  template <class T>
  void one(std::vector<T>& values) {
    if constexpr (std::is_class_v<T>) {
      for (T& value : values) one(value);
    }
  }
  template <class T>
  void one(std::optional<T>& value) {
    if (value) one(*value);
  }
  template <class T>
  void one(T& value) {
    if constexpr (requires(TrailingReader& reader) { T::visit(reader, value); }) T::visit(*this, value);
  }

  ByteSpan rest_;
  const IoBuf* owner_;
};

/// Reads what Encoder wrote. The first failure latches: later reads yield zeros, and ok() is false.
class Decoder {
 public:
  explicit Decoder(ByteSpan bytes) : rest_(bytes) {}
  /// As above; an IoBuf field becomes a share of `owner`, which `bytes` lies in, instead of a copy.
  Decoder(ByteSpan bytes, const IoBuf& owner) : rest_(bytes), owner_(&owner) {}

  template <class... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  void fixed(void* data, size_t bytes) {
    if (bytes == 0) return;  // an empty vector's data() is null, which memcpy must not be given
    if (bytes > rest_.size()) {
      fail();
      std::memset(data, 0, bytes);
      return;
    }
    std::memcpy(data, rest_.data(), bytes);
    rest_ = rest_.subspan(bytes);
  }
  /// After `value` was read: its trailing buffers, and nothing left behind them.
  template <class T>
  bool finish(T& value) {
    if (!ok_ || rest_.size() != trailing_bytes_) return false;
    if (trailing_bytes_ == 0) return true;
    TrailingReader trailing(rest_, owner_);
    trailing(value);
    return true;
  }
  bool ok() const { return ok_; }
  ByteSpan rest() const { return rest_; }
  void fail() {
    ok_ = false;
    rest_ = {};
  }

 private:
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void one(T& value) {
    fixed(&value, sizeof value);
  }
  void one(bool& value) {
    uint8_t byte = 0;
    one(byte);
    if (byte > 1) fail();
    value = byte == 1;
  }
  /// A length that is within what is left, each item taking at least `item_bytes`.
  size_t length(size_t item_bytes) {
    uint32_t count = 0;
    one(count);
    if (count > rest_.size() / item_bytes) {
      fail();
      return 0;
    }
    return count;
  }
  void one(std::string& text) {
    const size_t bytes = length(1);
    text.assign(reinterpret_cast<const char*>(rest_.data()), bytes);
    rest_ = rest_.subspan(bytes);
  }
  void one(IoBuf& buffer) {
    const size_t bytes = length(1);
    if (owner_ != nullptr) {
      buffer = bytes == 0 ? IoBuf() : owner_->slice(static_cast<size_t>(rest_.data() - owner_->data()), bytes);
    } else {
      buffer = IoBuf::copy_of(rest_.first(bytes));
    }
    rest_ = rest_.subspan(bytes);
  }
  void one(Trailing& buffer) {
    one(buffer.awaited_);
    trailing_bytes_ += buffer.awaited_;
  }
  template <class T>
  void one(std::vector<T>& values) {
    values.clear();
    const size_t count = length(1);  // every item takes at least one byte
    if constexpr (std::is_same_v<T, std::byte> || std::is_same_v<T, uint8_t>) {
      values.resize(count);
      fixed(values.data(), count);
    } else {
      for (size_t i = 0; i < count && ok_; i++) one(values.emplace_back());
    }
  }
  template <class K, class V>
  void one(std::map<K, V>& entries) {
    entries.clear();
    const size_t count = length(1);
    for (size_t i = 0; i < count && ok_; i++) {
      K key{};
      one(key);
      one(entries[std::move(key)]);
    }
    if (ok_ && entries.size() != count) fail();  // the same key twice
  }
  template <class T>
  void one(std::optional<T>& value) {
    bool present = false;
    one(present);
    if (present) {
      one(value.emplace());
    } else {
      value.reset();
    }
  }
  template <class T>
    requires requires(T& value, Decoder& decoder) { T::visit(decoder, value); }
  void one(T& value) {
    T::visit(*this, value);
  }

  ByteSpan rest_;
  const IoBuf* owner_ = nullptr;
  uint64_t trailing_bytes_ = 0;
  bool ok_ = true;
};

template <class T>
void encode_into(ByteVector& out, const T& value) {
  BasicEncoder<CountSink> count{CountSink()};
  count(value);
  count.put_trailing();
  const size_t begin = out.size();
  out.resize(begin + count.sink().bytes);
  BasicEncoder<PlaceSink> place{PlaceSink{out.data() + begin}};
  place(value);
  place.put_trailing();
}
template <class T>
ByteVector encode(const T& value) {
  ByteVector out;
  encode_into(out, value);
  return out;
}
/// The same bytes in two parts, so that long trailing buffers are not copied: at most once when there are several, not
/// at all when there is one.
struct EncodedParts {
  ByteVector head;
  IoBuf payload;
};
template <class T>
EncodedParts encode_parts(const T& value) {
  constexpr size_t kCopiedMax = 2048;  // short ones travel faster in one piece
  BasicEncoder<CountSink> count{CountSink()};
  count(value);
  size_t trailing = 0;
  for (const IoBuf* buffer : count.trailing()) trailing += buffer->size();
  EncodedParts parts;
  if (count.trailing().size() == 1 && trailing > kCopiedMax) {
    parts.payload = *count.trailing()[0];
  } else if (trailing > kCopiedMax) {
    if (Result<IoBuf> gathered = IoBuf::allocate(trailing); gathered.ok()) parts.payload = std::move(gathered).take();
    size_t at = 0;
    for (const IoBuf* buffer : count.trailing()) {
      if (parts.payload.empty()) break;
      std::memcpy(parts.payload.data() + at, buffer->data(), buffer->size());
      at += buffer->size();
    }
  }
  if (parts.payload.empty()) count.put_trailing();
  parts.head.resize(count.sink().bytes);
  BasicEncoder<PlaceSink> place{PlaceSink{parts.head.data()}};
  place(value);
  if (parts.payload.empty()) place.put_trailing();
  return parts;
}
/// The whole of `bytes` as a T; kCorrupt when they are too short, too long, or hold an impossible length.
template <class T>
Result<T> decode(ByteSpan bytes, std::string_view what) {
  T value{};
  Decoder decoder(bytes);
  decoder(value);
  if (!decoder.finish(value)) return error(Code::kCorrupt, "{}: malformed ({} bytes)", what, bytes.size());
  return value;
}
/// The same; IoBuf fields share `bytes` instead of copying.
template <class T>
Result<T> decode_shared(const IoBuf& bytes, std::string_view what) {
  T value{};
  Decoder decoder(bytes.bytes(), bytes);
  decoder(value);
  if (!decoder.finish(value)) return error(Code::kCorrupt, "{}: malformed ({} bytes)", what, bytes.size());
  return value;
}

}  // namespace daos
