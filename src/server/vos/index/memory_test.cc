// Goal: objects keep their bytes, pages come back, and no history of sizes takes much more than it is charged for.
#include "server/vos/index/memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <vector>

#include "platform/runtime/rng.h"

namespace daos::vos {
namespace {

struct Object {
  void* memory;
  size_t bytes;
  uint8_t filled;
};

TEST(Memory, ObjectsOfAllSizesKeepTheirBytes) {
  Memory memory;
  runtime::Rng rng(1);
  std::vector<Object> objects;
  const auto drop = [&](size_t index) {
    const Object object = objects[index];
    for (size_t i = 0; i < object.bytes; i++) ASSERT_EQ(static_cast<uint8_t*>(object.memory)[i], object.filled);
    memory.release(object.memory, object.bytes);
    objects[index] = objects.back();
    objects.pop_back();
  };
  for (int step = 0; step < 100'000; step++) {
    if (!objects.empty() && rng.below(100) < (step / 20'000 % 2 == 0 ? 40u : 60u)) {
      ASSERT_NO_FATAL_FAILURE(drop(rng.below(objects.size())));
      continue;
    }
    const size_t bytes = rng.below(20) == 0 ? rng.below(5000) : rng.below(kSmallBytes + 2);
    Object object{.memory = memory.allocate(bytes), .bytes = bytes, .filled = static_cast<uint8_t>(rng.below(256))};
    ASSERT_EQ(reinterpret_cast<uintptr_t>(object.memory) % 16, 0u);
    std::memset(object.memory, object.filled, bytes);
    objects.push_back(object);
  }
  EXPECT_GT(memory.used, 0u);
  while (!objects.empty()) ASSERT_NO_FATAL_FAILURE(drop(objects.size() - 1));
  EXPECT_EQ(memory.used, 0u);
  EXPECT_EQ(memory.charged(), 0u);
}

TEST(Memory, WhatSizesLeaveBehindIsChargedAndComesBack) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "objects are plain allocations under the address sanitizer";
#endif
#endif
  Memory memory;
  std::vector<Object> lasting;
  // Of every size much is made and one in ten stays, at places that keep each page in use.
  for (size_t bytes = 48; bytes <= 800; bytes += 16) {
    std::vector<Object> objects;
    for (size_t i = 0; i < (2u << 20) / bytes; i++)
      objects.push_back({.memory = memory.allocate(bytes), .bytes = bytes, .filled = 0});
    for (size_t i = 0; i < objects.size(); i++) {
      if (i % 10 == 0) {
        lasting.push_back(objects[i]);
      } else {
        memory.release(objects[i].memory, bytes);
      }
    }
    EXPECT_LE(memory.page_bytes(), memory.charged() / 3 * 4 + (2u << 20)) << bytes;
  }
  EXPECT_GT(memory.charged(), 3 * memory.used);
  for (const Object& object : lasting) memory.release(object.memory, object.bytes);
  EXPECT_EQ(memory.charged(), 0u);
  EXPECT_LE(memory.page_bytes(), 16u << 10);
}

}  // namespace
}  // namespace daos::vos
