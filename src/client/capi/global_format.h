// How *_local2global and *_global2local hand handles over: one struct, in the maker's byte order.
#pragma once

#include <daos_errno.h>
#include <daos_types.h>

#include <bit>
#include <cstring>

#include "platform/base/status.h"

namespace daos::capi {

/// `Global` begins with `uint32_t magic`; the caller has looked at `glob`. A number of the API.
template <class Global>
int write_global(const Global& global, d_iov_t* glob) {
  if (glob->iov_buf == nullptr) {
    glob->iov_buf_len = sizeof global;
    return 0;
  }
  if (glob->iov_buf_len == 0 || glob->iov_buf_len < glob->iov_len) return -DER_INVAL;
  if (glob->iov_buf_len < sizeof global) {
    glob->iov_buf_len = sizeof global;
    return -DER_TRUNC;
  }
  std::memcpy(glob->iov_buf, &global, sizeof global);
  glob->iov_len = sizeof global;
  return 0;
}

/// `Global::turn()` swaps the bytes of every other number. kInvalid: something else.
template <class Global>
Result<Global> read_global(const d_iov_t& glob, uint32_t magic) {
  if (glob.iov_buf == nullptr || glob.iov_buf_len < glob.iov_len || glob.iov_len != sizeof(Global)) {
    return Status(Code::kInvalid);
  }
  Global global;
  std::memcpy(&global, glob.iov_buf, sizeof global);
  if (global.magic == std::byteswap(magic)) {
    global.turn();
  } else if (global.magic != magic) {
    return Status(Code::kInvalid);
  }
  return global;
}

}  // namespace daos::capi
