// Any bytes: a list that is accepted survives its own bytes.
#include <cstdlib>

#include "model/rights/acl.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const daos::Result<daos::rights::Acl> acl = daos::rights::Acl::parse({reinterpret_cast<const char*>(data), size});
  if (!acl.ok()) return 0;
  const daos::Result<daos::rights::Acl> again = daos::rights::Acl::parse(acl->bytes());
  if (!again.ok() || again->entries() != acl->entries()) std::abort();
  return 0;
}
