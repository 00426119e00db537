// Task<T>: a lazy coroutine. It starts when awaited, is awaited once, and hands its result to whoever awaits it by
// symmetric transfer. T is void, Status, Result<U>, or any movable value.
//
// Rules (style: coroutines): parameters are values, or references to what outlives every Scope; a coroutine lambda
// captures nothing; at most one co_await in a statement.
#pragma once

#include <coroutine>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "platform/base/check.h"
#include "platform/base/status.h"
#include "platform/runtime/frame_pool.h"

namespace daos::runtime {

template <class T>
class Task;

namespace detail {

class PromiseBase {
 public:
  // By size alone: a class's form with nothrow is never looked for, and the global one would be taken in its place
  // (dcl.fct.def.coroutine). Null is allowed, because get_return_object_on_allocation_failure is there.
  static void* operator new(size_t bytes) noexcept { return allocate_frame(bytes); }
  static void operator delete(void* frame, size_t bytes) noexcept { free_frame(frame, bytes); }

  std::suspend_always initial_suspend() noexcept { return {}; }
  struct HandOver {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      return self.promise().continuation;
    }
    void await_resume() noexcept {}
  };
  HandOver final_suspend() noexcept { return {}; }

  std::coroutine_handle<> continuation = std::noop_coroutine();
};

template <class T>
class Promise : public PromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  static Task<T> get_return_object_on_allocation_failure() noexcept;
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  void unhandled_exception() noexcept {
    // Running out of memory, or a failed check in the client library, must not end the user's process: where the result
    // can say so, it does. Everything else that escapes is a bug.
    if constexpr (std::is_constructible_v<T, Status>) {
      try {
        throw;
      } catch (const std::bad_alloc&) {
        value_.emplace(Status(Code::kNoMemory));
        return;
      } catch (const CheckFailed& failed) {
        value_.emplace(Status(Code::kMisc, failed.what));
        return;
      } catch (...) {
      }
    }
    std::terminate();
  }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> : public PromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  static Task<void> get_return_object_on_allocation_failure() noexcept;
  void return_void() noexcept {}
  void unhandled_exception() noexcept { std::terminate(); }
  void take() noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> handle;
      bool await_ready() noexcept { return !handle; }  // no frame: there was no memory for one
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
        handle.promise().continuation = awaiting;
        return handle;
      }
      T await_resume() {
        if constexpr (std::is_constructible_v<T, Status>) {
          if (!handle) return T(Status(Code::kNoMemory));
        }
        DX_CHECK(handle, "no memory for a coroutine that cannot fail");
        return handle.promise().take();
      }
    };
    return Awaiter{handle_};
  }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
template <class T>
Task<T> Promise<T>::get_return_object_on_allocation_failure() noexcept {
  return Task<T>(std::coroutine_handle<Promise>());
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object_on_allocation_failure() noexcept {
  return Task<void>(std::coroutine_handle<Promise>());
}
}  // namespace detail

}  // namespace daos::runtime
