// Fills every field of a message or record with values of its own, through the same visit() that encodes it, so that a
// fixture covers fields that nobody thought of naming. Values grow from field to field: exchanged fields give other
// bytes.
#pragma once

#include <concepts>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "platform/base/codec.h"

namespace daos::compat {

class Filler {
 public:
  template <class... T>
  void operator()(T&... values) {
    (one(values), ...);
  }
  void fixed(void* data, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) static_cast<uint8_t*>(data)[i] = next();
  }

 private:
  uint8_t next() { return ++last_; }
  template <class T>
    requires std::integral<T> || std::is_enum_v<T>
  void one(T& value) {
    fixed(&value, sizeof value);
  }
  void one(bool& value) { value = true; }
  void one(std::string& text) { text = "text " + std::to_string(next()); }
  void one(IoBuf& buffer) { buffer = IoBuf::copy_of(as_bytes("bytes " + std::to_string(next()))); }
  template <class T>
  void one(std::vector<T>& values) {
    values.resize(2);
    for (T& value : values) {
      if constexpr (std::is_same_v<T, std::byte>) {
        value = static_cast<std::byte>(next());
      } else {
        one(value);
      }
    }
  }
  template <class K, class V>
  void one(std::map<K, V>& entries) {
    K key{};
    one(key);
    one(entries[std::move(key)]);
  }
  template <class T>
  void one(std::optional<T>& value) {
    one(value.emplace());
  }
  template <class T>
    requires requires(T& value, Filler& filler) { T::visit(filler, value); }
  void one(T& value) {
    T::visit(*this, value);
  }

  uint8_t last_ = 0;
};

template <class T>
T filled() {
  T value{};
  Filler filler;
  filler(value);
  return value;
}

}  // namespace daos::compat
