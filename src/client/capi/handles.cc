#include "client/capi/library.h"

namespace daos::capi {

void Library::adopt_handles(Library& parent) { (void)parent; }

}  // namespace daos::capi
