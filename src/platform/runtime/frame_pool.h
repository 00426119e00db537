// Coroutine frames come and go by the million: freed ones are kept per thread, by size class, and used again.
#pragma once

#include <cstddef>

namespace daos::runtime {

/// nullptr when there is no memory.
void* allocate_frame(size_t bytes) noexcept;
void free_frame(void* frame, size_t bytes) noexcept;

}  // namespace daos::runtime
