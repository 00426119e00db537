// How long a target may trust what the pool's service said about a handle: a service that cannot reach an engine knows
// that after this time the engine has asked again, or refuses.
#pragma once

#include "platform/base/units.h"

namespace daos::messages {

/// From when the target asked. The service waits a little longer, so that clocks need not run at exactly the same rate.
inline constexpr Duration kHandleLease = std::chrono::seconds(4);
inline constexpr Duration kRevocationWait = std::chrono::seconds(5);
static_assert(kHandleLease + kHandleLease / 5 <= kRevocationWait);

}  // namespace daos::messages
