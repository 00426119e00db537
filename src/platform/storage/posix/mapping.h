// The pages of a file as memory. What is stored there survives the process, as what write() puts there does.
#pragma once

#include <cstdint>
#include <memory>

namespace daos::storage::posix {

class Mapping {
 public:
  /// All that the file has now; null where that cannot be or must not: on a file system that may want new blocks when a
  /// block is written again (copy on write) a full disk would be a signal instead of an error.
  static std::unique_ptr<Mapping> of(int descriptor);
  Mapping(const Mapping&) = delete;
  ~Mapping();
  std::byte* at(uint64_t offset) const { return base_ + offset; }
  uint64_t bytes() const { return bytes_; }

 private:
  Mapping(std::byte* base, uint64_t bytes) : base_(base), bytes_(bytes) {}
  std::byte* const base_;
  const uint64_t bytes_;
};

}  // namespace daos::storage::posix
