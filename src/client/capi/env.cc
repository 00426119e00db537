// Readers of environment variables. The one place of the client that touches the environment.
// The C library's environment has no lock, so a program that sets variables in one thread while another reads them
// would crash; within this API a lock makes it safe.
#include <gurt/common.h>

#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <mutex>

namespace {

std::mutex& environment() {
  static std::mutex mutex;  // the first reader may come before any constructor has run
  return mutex;
}

// A decimal number and nothing else, at most `limit`.
int parse(const char* text, uint64_t limit, uint64_t* number) {
  while (std::isspace(static_cast<unsigned char>(*text)) != 0) text++;
  if (std::isdigit(static_cast<unsigned char>(*text)) == 0) return -DER_INVAL;  // strtoull would take "-1"
  char* end = nullptr;
  errno = 0;
  const unsigned long long parsed = std::strtoull(text, &end, 10);
  while (std::isspace(static_cast<unsigned char>(*end)) != 0) end++;
  if (*end != '\0' || errno != 0 || parsed > limit) return -DER_INVAL;
  *number = parsed;
  return 0;
}

template <class T>
int read_number(const char* name, T* value) {
  if (name == nullptr || value == nullptr) return -DER_INVAL;
  const std::lock_guard lock(environment());
  const char* text = std::getenv(name);
  if (text == nullptr) return -DER_NONEXIST;
  uint64_t number = 0;
  const int rc = parse(text, std::numeric_limits<T>::max(), &number);
  if (rc == 0) *value = static_cast<T>(number);
  return rc;
}

}  // namespace

int d_getenv_bool(const char* name, bool* bool_val) {
  if (name == nullptr || bool_val == nullptr) return -DER_INVAL;
  const std::lock_guard lock(environment());
  const char* text = std::getenv(name);
  if (text == nullptr) return -DER_NONEXIST;
  uint64_t number = 0;
  *bool_val = parse(text, std::numeric_limits<uint64_t>::max(), &number) != 0 || number != 0;
  return 0;
}

int d_getenv_char(const char* name, char* char_val) {
  if (name == nullptr || char_val == nullptr) return -DER_INVAL;
  const std::lock_guard lock(environment());
  const char* text = std::getenv(name);
  if (text == nullptr) return -DER_NONEXIST;
  if (text[0] == '\0' || text[1] != '\0') return -DER_INVAL;
  *char_val = text[0];
  return 0;
}

int d_getenv_uint(const char* name, unsigned int* uint_val) { return read_number(name, uint_val); }

int d_getenv_uint32_t(const char* name, uint32_t* val) { return read_number(name, val); }

int d_getenv_uint64_t(const char* name, uint64_t* val) { return read_number(name, val); }

int d_getenv_str(char* str_val, size_t str_size, const char* name) {
  if (name == nullptr || str_val == nullptr || str_size == 0) return -DER_INVAL;
  const std::lock_guard lock(environment());
  const char* text = std::getenv(name);
  if (text == nullptr) return -DER_NONEXIST;
  const size_t length = std::strlen(text);
  const size_t copied = length < str_size ? length : str_size - 1;
  std::memcpy(str_val, text, copied);
  str_val[copied] = '\0';
  return copied == length ? 0 : -DER_TRUNC;
}

int d_agetenv_str(char** str_val, const char* name) {
  if (name == nullptr || str_val == nullptr) return -DER_INVAL;
  const std::lock_guard lock(environment());
  const char* text = std::getenv(name);
  if (text == nullptr) return -DER_NONEXIST;
  char* copy = ::strdup(text);
  if (copy == nullptr) return -DER_NOMEM;
  *str_val = copy;
  return 0;
}

void d_freeenv_str(char** str_val) {
  if (str_val == nullptr) return;
  std::free(*str_val);
  *str_val = nullptr;
}

bool d_isenv_def(const char* name) {
  const std::lock_guard lock(environment());
  return name != nullptr && std::getenv(name) != nullptr;
}

int d_setenv(const char* name, const char* value, int overwrite) {
  const std::lock_guard lock(environment());
  return ::setenv(name, value, overwrite) == 0 ? 0 : d_errno2der(errno);
}

int d_unsetenv(const char* name) {
  const std::lock_guard lock(environment());
  return ::unsetenv(name) == 0 ? 0 : d_errno2der(errno);
}

int d_putenv(char* name) {
  const std::lock_guard lock(environment());
  return ::putenv(name) == 0 ? 0 : d_errno2der(errno);
}

int d_clearenv(void) {
  const std::lock_guard lock(environment());
  return ::clearenv() == 0 ? 0 : -DER_MISC;
}
