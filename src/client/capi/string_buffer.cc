// Text that grows by doubling.
#include <gurt/common.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {
constexpr size_t kFirstBytes = 64;
}

int d_write_string_buffer(struct d_string_buffer_t* buf, const char* format, ...) {
  if (buf == nullptr || format == nullptr) return -DER_INVAL;
  if (buf->status != 0) return buf->status;
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  if (length < 0) {
    va_end(again);
    return buf->status = -DER_INVAL;
  }
  const size_t needed = buf->str_size + static_cast<size_t>(length) + 1;
  if (needed > buf->buf_size) {
    size_t bytes = buf->buf_size == 0 ? kFirstBytes : buf->buf_size;
    while (bytes < needed) bytes *= 2;
    auto* grown = static_cast<char*>(std::realloc(buf->str, bytes));
    if (grown == nullptr) {
      va_end(again);
      return buf->status = -DER_NOMEM;
    }
    buf->str = grown;
    buf->buf_size = bytes;
  }
  std::vsnprintf(buf->str + buf->str_size, buf->buf_size - buf->str_size, format, again);
  va_end(again);
  buf->str_size += static_cast<size_t>(length);
  return 0;
}

void d_free_string(struct d_string_buffer_t* buf) {
  if (buf == nullptr) return;
  std::free(buf->str);
  *buf = {};
}
