// Names and descriptions of error numbers, out of the table in daos_errno.h.
#include <daos_errno.h>

#include <cstdio>
#include <iterator>

namespace {

struct ErrorText {
  const char* name;
  const char* description;
};
#define DX_ERROR_TEXT(name, description) {#name, description},
constexpr ErrorText kGeneral[] = {D_FOREACH_GURT_ERR(DX_ERROR_TEXT)};
constexpr ErrorText kStorage[] = {D_FOREACH_DAOS_ERR(DX_ERROR_TEXT)};
#undef DX_ERROR_TEXT
static_assert(DER_ERR_DAOS_BASE + std::size(kStorage) + 1 == DER_LAST_VALID);

// Null for a number that is not in the table. `errnum` is what a function returned: negative.
const ErrorText* find(int errnum) {
  const long number = -static_cast<long>(errnum);  // long: -INT_MIN must not overflow
  const auto in = [number](const auto& table, long base) -> const ErrorText* {
    const long index = number - base - 1;
    return index >= 0 && index < static_cast<long>(std::size(table)) ? &table[index] : nullptr;
  };
  const ErrorText* text = in(kGeneral, DER_ERR_GURT_BASE);
  return text != nullptr ? text : in(kStorage, DER_ERR_DAOS_BASE);
}

}  // namespace

const char* d_errstr(int errnum) {
  if (errnum == 0) return "DER_SUCCESS";
  const ErrorText* text = find(errnum);
  return text != nullptr ? text->name : "DER_UNKNOWN";
}

const char* d_errdesc(int errnum) {
  if (errnum == 0) return "Success";
  if (errnum == -DER_UNKNOWN) return "Unknown error";
  if (const ErrorText* text = find(errnum)) return text->description;
  thread_local char unknown[48];
  std::snprintf(unknown, sizeof unknown, "Unknown error code %d", errnum);
  return unknown;
}
