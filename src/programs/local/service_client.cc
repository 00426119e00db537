#include "programs/local/service_client.h"

#include <algorithm>

namespace daos::local {
namespace {
constexpr Duration kAttemptLimit =
    std::chrono::seconds(60);  // a pool is made, and its logs written once over, in one call
// Between attempts: short at first, because an engine that was killed is back within moments; long when many ask for
// long.
constexpr Duration kPauseLeast = std::chrono::milliseconds(10);
constexpr Duration kPauseMost = std::chrono::seconds(1);
}  // namespace

Status ServiceClient::open() {
  runtime::Reactor& reactor = node_.reactor();
  const fabric::Identity identity{.client = reactor.rng().uuid(), .role = fabric::Role::kClient};
  return node_.open(transport_, {.identity = identity});
}

bool ServiceClient::worth_repeating(Code code) {
  return code == Code::kConnectionLost || code == Code::kUnreachable || code == Code::kShuttingDown ||
         code == Code::kTimedOut || code == Code::kAgain;
}

runtime::CallContext ServiceClient::attempt(runtime::CallContext context) {
  const Time limit = node_.reactor().now() + kAttemptLimit;
  return {.deadline = std::min(context.deadline, limit), .stop = context.stop};
}

runtime::Task<Status> ServiceClient::pause(runtime::CallContext context, uint32_t failures) {
  runtime::Reactor& reactor = node_.reactor();
  const Duration pause = std::min(kPauseMost, kPauseLeast * (1u << std::min(failures, 10u)));
  if (context.stop.stop_requested()) co_return Status(Code::kCancelled);
  if (context.deadline <= reactor.now() + pause) co_return Status(Code::kTimedOut);
  co_return co_await runtime::sleep(reactor, reactor.within(pause, context.stop));
}

}  // namespace daos::local
