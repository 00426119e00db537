// Running a task on another reactor and awaiting its result on this one: how the rooms of an engine talk across
// targets.
#pragma once

#include <functional>

#include "platform/runtime/scope.h"

namespace daos::runtime {

namespace detail {
template <class T>
struct CarriedBack {
  T value;
};
template <class T>
Task<void> carry_back(Reactor& home, Task<T> task, Completion<CarriedBack<T>>& done) {
  CarriedBack<T> result{co_await std::move(task)};
  home.post([&done, result = std::move(result)]() mutable { done.set(std::move(result)); });
}
}  // namespace detail

/// Calls `make` on the reactor of `there`, runs the task it gives in that scope, and returns its result here. Always
/// waits for the end: what `make` refers to must outlive this await, nothing more. `there` must outlive the other
/// reactor's turn, in which the task leaves it after this has returned: so a scope made for one call will not do. T:
/// Status, Result<U>, a value.
template <class T>
Task<T> run_on(Reactor& home, Scope& there, std::move_only_function<Task<T>()> make) {
  Completion<detail::CarriedBack<T>> done(home);
  there.reactor().post([&] { there.spawn(detail::carry_back(home, make(), done)); });
  auto result = co_await done.wait({});
  DX_CHECK(result.ok(), "a wait without limit ended with {}", result.status());
  co_return std::move(result->value);
}

}  // namespace daos::runtime
