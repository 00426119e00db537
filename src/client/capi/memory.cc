// The C heap under the names of gurt/common.h: what the library hands out is released by programs with free().
#include <gurt/common.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

void d_free(void* ptr) { std::free(ptr); }

void* d_calloc(size_t count, size_t eltsize) { return std::calloc(count, eltsize); }

void* d_malloc(size_t size) { return std::malloc(size); }

void* d_realloc(void* ptr, size_t size) { return std::realloc(ptr, size); }

char* d_strndup(const char* s, size_t n) { return ::strndup(s, n); }

int d_asprintf(char** strp, const char* fmt, ...) {
  va_list arguments;
  va_start(arguments, fmt);
  const int length = ::vasprintf(strp, fmt, arguments);
  va_end(arguments);
  if (length < 0) *strp = nullptr;  // undefined otherwise
  return length;
}

char* d_asprintf2(int* rc, const char* fmt, ...) {
  char* text = nullptr;
  va_list arguments;
  va_start(arguments, fmt);
  *rc = ::vasprintf(&text, fmt, arguments);
  va_end(arguments);
  return *rc < 0 ? nullptr : text;
}

char* d_realpath(const char* path, char* resolved_path) { return ::realpath(path, resolved_path); }

void* d_aligned_alloc(size_t alignment, size_t size, bool zero) {
  if (!std::has_single_bit(alignment)) return nullptr;
  void* memory = nullptr;
  if (::posix_memalign(&memory, std::max(alignment, sizeof(void*)), size) != 0) return nullptr;
  if (zero) std::memset(memory, 0, size);
  return memory;
}
