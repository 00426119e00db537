// daos_init, daos_fini, daos_reinit.
#include <daos.h>

#include "client/capi/api_call.h"

using daos::capi::guarded;
using daos::capi::Library;

int daos_init(void) {
  return guarded([] { return Library::init(); });
}
int daos_fini(void) {
  return guarded([] { return Library::fini(); });
}
int daos_reinit(void) {
  return guarded([] { return Library::reinit(); });
}
