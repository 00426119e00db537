// Calls a function with one argument after the other wrong, and compares what comes back with what is documented. The
// right arguments are tried last, so that a case is known to fail for its own reason. Functions with an event are
// called with and without one.
#pragma once

#include <daos.h>
#include <gtest/gtest.h>

#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace api_test {

/// An argument: the right one, and wrong ones with the error that each must give.
template <class T>
struct Argument {
  T right;
  std::vector<std::pair<T, int>> wrong;
};

template <class T>
Argument<T> fixed(T right) {
  return {right, {}};
}
/// A pointer that must not be NULL.
template <class T>
Argument<T> needed(T right, int error = -DER_INVAL) {
  return {right, {{T{}, error}}};
}
/// A pointer that may be NULL.
template <class T>
Argument<T> optional(T right) {
  return {right, {{T{}, 0}}};
}
template <class T>
Argument<T> value(T right, std::vector<std::pair<T, int>> wrong) {
  return {right, std::move(wrong)};
}

/// What is no handle of that kind: nothing, numbers that nobody was given, handles of other kinds, and closed ones.
inline std::vector<daos_handle_t>& other_handles() {
  static std::vector<daos_handle_t> handles;
  return handles;
}
inline Argument<daos_handle_t> handle(daos_handle_t right, int error = -DER_NO_HDL) {
  Argument<daos_handle_t> argument{right, {{DAOS_HDL_INVAL, error}, {{~0ull}, error}}};
  const uint64_t kind = right.cookie & 15;
  for (uint64_t k = 0; k < 16; k++) argument.wrong.push_back({{0x7fff'0000'0000ull | k}, error});
  for (const daos_handle_t other : other_handles()) {
    if ((other.cookie & 15) != kind) argument.wrong.push_back({other, error});
  }
  argument.wrong.push_back({{(right.cookie + (1ull << 40))}, error});
  return argument;
}
/// A transaction: none is right, everything else was never opened.
inline Argument<daos_handle_t> transaction() {
  Argument<daos_handle_t> argument{DAOS_TX_NONE, {}};
  for (const uint64_t cookie : {0x12345ull, ~0ull, 0x7fff'0000'000bull})
    argument.wrong.push_back({{cookie}, -DER_NO_HDL});
  for (const daos_handle_t other : other_handles()) argument.wrong.push_back({other, -DER_NO_HDL});
  return argument;
}

/// The functions that were tried.
inline std::set<std::string>& tried() {
  static std::set<std::string> names;
  return names;
}

template <class... P>
class Trial {
 public:
  Trial(const char* name, int (*function)(P...)) : name_(name), function_(function) { tried().insert(name); }

  /// Wrong arguments one by one, then the right ones, which must give `outcome`.
  void with(std::type_identity_t<Argument<P>>... arguments) { run(0, std::index_sequence_for<P...>(), arguments...); }
  /// The last ones may not be tried: the call would end what the test stands on.
  void only_wrong(std::type_identity_t<Argument<P>>... arguments) {
    run(std::nullopt, std::index_sequence_for<P...>(), arguments...);
  }
  void with_outcome(int outcome, std::type_identity_t<Argument<P>>... arguments) {
    run(outcome, std::index_sequence_for<P...>(), arguments...);
  }

 private:
  static constexpr bool kHasEvent =
      std::is_same_v<std::tuple_element_t<sizeof...(P) - 1, std::tuple<P...>>, daos_event_t*>;
  using Tuple = std::tuple<P...>;

  int call(Tuple& arguments) { return std::apply(function_, arguments); }
  /// The outcome of the call with an event: its own, or the event's.
  int call_with_event(Tuple arguments) {
    if constexpr (kHasEvent) {
      daos_event_t event;
      EXPECT_EQ(daos_event_init(&event, DAOS_HDL_INVAL, nullptr), 0);
      std::get<sizeof...(P) - 1>(arguments) = &event;
      int rc = call(arguments);
      if (rc == 0) {
        bool done = false;
        EXPECT_EQ(daos_event_test(&event, DAOS_EQ_WAIT, &done), 0);
        EXPECT_TRUE(done);
        rc = event.ev_error;
      }
      EXPECT_EQ(daos_event_fini(&event), 0);
      return rc;
    }
    return 0;
  }

  template <size_t... I>
  void run(std::optional<int> outcome, std::index_sequence<I...>, Argument<P>&... arguments) {
    const Tuple right{arguments.right...};
    (try_argument<I>(right, arguments), ...);
    if (outcome) {
      Tuple copy = right;
      EXPECT_EQ(call(copy), *outcome) << name_ << " with right arguments";
    }
    if constexpr (kHasEvent) try_events(right);
  }
  template <size_t I, class T>
  void try_argument(const Tuple& right, const Argument<T>& argument) {
    for (size_t n = 0; n < argument.wrong.size(); n++) {
      const auto& [wrong, error] = argument.wrong[n];
      Tuple tried = right;
      std::get<I>(tried) = wrong;
      EXPECT_EQ(call(tried), error) << name_ << ": argument " << I << ", wrong value " << n;
      if (kHasEvent)
        EXPECT_EQ(call_with_event(tried), error) << name_ << " with an event: argument " << I << ", wrong value " << n;
    }
  }
  /// Memory that is no event.
  void try_events(Tuple arguments) {
    if constexpr (kHasEvent) {
      for (const int byte : {0, 0x5a, 0xff}) {
        daos_event_t event;
        std::memset(&event, byte, sizeof event);
        std::get<sizeof...(P) - 1>(arguments) = &event;
        const int rc = call(arguments);
        EXPECT_TRUE(rc == -DER_INVAL || rc == -DER_NOSYS) << name_ << " with no event: " << rc;
      }
    }
  }

  const char* name_;
  int (*function_)(P...);
};
template <class... P>
Trial<P...> trial(const char* name, int (*function)(P...)) {
  return Trial<P...>(name, function);
}
#define TRY(function) trial(#function, function)

}  // namespace api_test
