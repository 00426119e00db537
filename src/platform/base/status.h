// Success or an error with context. Everything that can fail returns Status or Result<T>; both are [[nodiscard]].
// Thread-safety: values; copies share an immutable payload with an atomic count, so they may cross threads.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace daos {

/// What a caller may do next. Belongs to the code's definition, not to the call site.
enum class Retry : uint8_t { kNo, kSameTarget, kAfterMapRefresh, kOnlyIfIdempotent };

enum class Code : int32_t {
  kOk = 0,
#define DX_ERROR(enumerator, name, number, retry, err, text) enumerator = number,
#include "platform/base/errors.def"
#undef DX_ERROR
};

std::string_view code_name(Code code);      // "DER_NONEXIST"; "?" for a number that is not in the table
std::string_view code_sentence(Code code);  // one sentence for the operator
Retry code_retry(Code code);
int code_errno(Code code);
/// The code of that (positive) number; kMisc for one that this build does not know (a newer peer).
Code code_from_number(int32_t number);
/// The code that an operating-system error stands for (ENOSPC is kNoSpace ...); kIo where there is none closer.
Code code_from_errno(int err);

/// Success, or a code with context. One pointer wide; success is null and costs nothing.
class [[nodiscard]] Status {
 public:
  Status() = default;
  explicit Status(Code code, std::string message = {});
  Status(const Status& other) noexcept : payload_(other.payload_) { retain(); }
  Status(Status&& other) noexcept : payload_(std::exchange(other.payload_, nullptr)) {}
  Status& operator=(Status other) noexcept {
    std::swap(payload_, other.payload_);
    return *this;
  }
  ~Status() { release(); }

  bool ok() const { return payload_ == nullptr; }
  Code code() const { return payload_ ? payload_->code : Code::kOk; }
  Retry retry() const { return code_retry(code()); }
  std::string_view message() const { return payload_ ? std::string_view(payload_->message) : std::string_view(); }
  /// "DER_NOSPACE(-1007): pool tank: tier 0 is full"
  std::string to_string() const;

  /// The same error, said of a larger thing: Status(kIo, "x").within("update") reads "update: x". No-op on success.
  Status within(std::string_view where) &&;
  /// Drops an error on purpose; `why` is for the reader.
  void ignore(std::string_view why) const { (void)why; }

  // The shape DX_TRY wants of Status and Result alike.
  Status status() && { return std::move(*this); }
  const Status& status() const& { return *this; }
  void take() && {}

 private:
  struct Payload {
    std::atomic<uint32_t> count{1};  // relaxed up, acq_rel down: the last owner must see the message before freeing it
    Code code;
    std::string message;
  };
  void retain() {
    if (payload_) payload_->count.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    if (payload_ && payload_->count.fetch_sub(1, std::memory_order_acq_rel) == 1) delete payload_;
  }
  Payload* payload_ = nullptr;
};

/// error(Code::kNonexistent, "pool {}: no such container {}", pool, label)
template <class... Args>
Status error(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return Status(code, fmt::format(format, std::forward<Args>(args)...));
}
/// The error of a failed system call: what, on what, and the system's own words.
Status errno_error(int err, std::string_view what);

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : value_(std::move(value)) {}                                  // NOLINT(google-explicit-constructor)
  Result(Status status) : value_(std::unexpected<Status>(std::move(status))) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return value_.has_value(); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  T take() && { return std::move(*value_); }
  Status status() const& { return ok() ? Status() : value_.error(); }
  Status status() && { return ok() ? Status() : std::move(value_.error()); }
  Code code() const { return ok() ? Code::kOk : value_.error().code(); }
  Result within(std::string_view where) && {
    if (ok()) return std::move(*this);
    return std::move(value_.error()).within(where);
  }
  void ignore(std::string_view why) const { (void)why; }

 private:
  std::expected<T, Status> value_;
};

}  // namespace daos

// `const T x = DX_TRY(may_fail());` leaves the function with the error, or yields the value. In coroutines: DX_CO_TRY.
#define DX_TRY(expr)                         \
  ({                                         \
    auto dx_result_ = (expr);                \
    if (!dx_result_.ok()) [[unlikely]]       \
      return std::move(dx_result_).status(); \
    std::move(dx_result_).take();            \
  })
#define DX_CO_TRY(expr)                         \
  ({                                            \
    auto dx_result_ = (expr);                   \
    if (!dx_result_.ok()) [[unlikely]]          \
      co_return std::move(dx_result_).status(); \
    std::move(dx_result_).take();               \
  })

template <>
struct fmt::formatter<daos::Status> : fmt::formatter<std::string_view> {
  auto format(const daos::Status& status, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(status.to_string(), context);
  }
};
