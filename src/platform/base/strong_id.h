// Ids that cannot be taken for one another: TargetId is not ShardIndex, and neither is an int.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

#include <fmt/format.h>

namespace daos {

template <class Tag, class Rep = uint64_t>
class StrongId {
 public:
  using rep = Rep;
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}
  constexpr Rep value() const { return value_; }
  constexpr auto operator<=>(const StrongId&) const = default;

  /// For the codec: an id travels as its number.
  static void visit(auto&& visitor, auto& self) { visitor(self.value_); }

 private:
  Rep value_ = 0;
};

}  // namespace daos

template <class Tag, class Rep>
struct std::hash<daos::StrongId<Tag, Rep>> {
  size_t operator()(daos::StrongId<Tag, Rep> id) const { return std::hash<Rep>()(id.value()); }
};
template <class Tag, class Rep>
struct fmt::formatter<daos::StrongId<Tag, Rep>> : fmt::formatter<Rep> {
  auto format(daos::StrongId<Tag, Rep> id, fmt::format_context& context) const {
    return fmt::formatter<Rep>::format(id.value(), context);
  }
};
