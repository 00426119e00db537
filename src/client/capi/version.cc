// Version of the interface, for programs that load the library at run time.
#include <daos_errno.h>
#include <daos_version.h>

extern "C" int daos_version_get(int* major, int* minor, int* fix) {
  if (major == nullptr || minor == nullptr || fix == nullptr) return -DER_INVAL;
  *major = DAOS_API_VERSION_MAJOR;
  *minor = DAOS_API_VERSION_MINOR;
  *fix = DAOS_API_VERSION_FIX;
  return 0;
}
