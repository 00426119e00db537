#include "server/object/ops/access.h"

namespace daos::object {

runtime::Task<Result<Access>> access(target::Target& target, Uuid pool, Uuid handle, map::MapVersion callers_map,
                                     Need need, runtime::CallContext context) {
  Access access{.pool = DX_CO_TRY(target.lease(pool)), .container = {}};
  if (callers_map < access.map_version()) {
    co_return error(Code::kStale, "the caller's pool map has version {}, the target's {}", callers_map,
                    access.map_version());
  }
  const messages::HandleRights rights = DX_CO_TRY(co_await target.resolve(access.pool, handle, context));
  if (need == Need::kRead ? !rights.may_read : !rights.may_write) {
    co_return error(Code::kNoPerm, "the container handle does not allow {}",
                    need == Need::kRead ? "reading" : "writing");
  }
  access.container = rights.container;
  access.verify_checksums = rights.verify_checksums;
  co_return access;
}

}  // namespace daos::object
