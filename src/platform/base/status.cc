#include "platform/base/status.h"

#include <cerrno>
#include <cstring>

namespace daos {
namespace {

struct Row {
  Code code;
  std::string_view name;
  Retry retry;
  int err;
  std::string_view sentence;
};

constexpr Row kTable[] = {
    {Code::kOk, "DER_SUCCESS", Retry::kNo, 0, "success"},
#define DX_ERROR(enumerator, name, number, retry, err, text) {Code::enumerator, name, Retry::retry, err, text},
#include "platform/base/errors.def"
#undef DX_ERROR
};

const Row* find(Code code) {
  for (const Row& row : kTable) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view code_name(Code code) {
  const Row* row = find(code);
  return row ? row->name : "?";
}
std::string_view code_sentence(Code code) {
  const Row* row = find(code);
  return row ? row->sentence : "an error that this build does not know";
}
Retry code_retry(Code code) {
  const Row* row = find(code);
  return row ? row->retry : Retry::kNo;
}
int code_errno(Code code) {
  const Row* row = find(code);
  return row ? row->err : EIO;
}
Code code_from_number(int32_t number) {
  const Row* row = find(static_cast<Code>(number));
  return row ? row->code : Code::kMisc;
}

Code code_from_errno(int err) {
  switch (err) {
    case 0:
      return Code::kOk;
    case EPERM:
    case EACCES:
    case EROFS:
      return Code::kNoPerm;
    case ENOENT:
    case ENOTDIR:
      return Code::kNonexistent;
    case EEXIST:
      return Code::kExists;
    case ENOSPC:
    case EDQUOT:
      return Code::kNoSpace;
    case ENOMEM:
      return Code::kNoMemory;
    case EBUSY:
    case EADDRINUSE:
    case EWOULDBLOCK:
      return Code::kBusy;
    case EINVAL:
      return Code::kInvalid;
    case ENOSYS:
      return Code::kNotImplemented;
    case ENOTSUP:
      return Code::kNotSupported;
    case ECONNRESET:
    case EPIPE:
      return Code::kConnectionLost;
    case ECONNREFUSED:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Code::kUnreachable;
    case ETIMEDOUT:
      return Code::kTimedOut;
    case ECANCELED:
      return Code::kCancelled;
    default:
      return Code::kIo;
  }
}

Status::Status(Code code, std::string message)
    : payload_(code == Code::kOk ? nullptr : new Payload{.code = code, .message = std::move(message)}) {}

std::string Status::to_string() const {
  if (ok()) return "DER_SUCCESS(0)";
  const auto number = static_cast<int32_t>(code());
  const std::string_view words = payload_->message.empty() ? code_sentence(code()) : message();
  return fmt::format("{}(-{}): {}", code_name(code()), number, words);
}

Status Status::within(std::string_view where) && {
  if (ok()) return {};
  const std::string_view words = payload_->message.empty() ? code_sentence(code()) : message();
  return Status(code(), fmt::format("{}: {}", where, words));
}

Status errno_error(int err, std::string_view what) {
  char buffer[128];
  return error(code_from_errno(err), "{}: {}", what, strerror_r(err, buffer, sizeof buffer));
}

}  // namespace daos
