// Superblocks, entries and roots from arbitrary bytes: refused or read, and then written as they were read.
#include <algorithm>
#include <cstdlib>

#include "client/dfs/layout.h"

using namespace daos;  // NOLINT: a fuzzer's entry point

static void require(bool holds) {
  if (!holds) std::abort();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan bytes(reinterpret_cast<const std::byte*>(data), size);
  if (const Result<dfs::Entry> entry = dfs::Entry::decode(bytes); entry.ok()) {
    const ByteVector again = entry->encode();
    require(std::ranges::equal(again, bytes));
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const Result<dfs::Roots> roots = dfs::Roots::parse(text); roots.ok()) {
    require(dfs::Roots::parse(roots->bytes())->root == roots->root);
  }
  // Values of a superblock, one behind the other: a length byte each.
  std::vector<ByteVector> values;
  for (size_t at = 0; at < size && values.size() < dfs::Superblock::akeys().size();) {
    const size_t length = std::min<size_t>(data[at], size - at - 1);
    values.emplace_back(bytes.begin() + static_cast<ptrdiff_t>(at) + 1,
                        bytes.begin() + static_cast<ptrdiff_t>(at + 1 + length));
    at += 1 + length;
  }
  values.resize(dfs::Superblock::akeys().size());
  if (const Result<dfs::Superblock> superblock = dfs::Superblock::decode(values); superblock.ok()) {
    std::vector<ByteVector> again;
    for (dfs::Superblock::Field& field : superblock->encode()) again.push_back(std::move(field.value));
    again.resize(values.size());
    require(*dfs::Superblock::decode(again) == *superblock);
  }
  return 0;
}
