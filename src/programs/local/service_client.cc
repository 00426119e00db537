#include "programs/local/service_client.h"

#include <algorithm>

namespace daos::local {
namespace {
constexpr Duration kAttemptLimit =
    std::chrono::seconds(60);  // a pool is made, and its logs written once over, in one call
constexpr Duration kPause = std::chrono::milliseconds(20);
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

runtime::Task<Status> ServiceClient::pause(runtime::CallContext context) {
  runtime::Reactor& reactor = node_.reactor();
  if (context.stop.stop_requested()) co_return Status(Code::kCancelled);
  if (context.deadline <= reactor.now() + kPause) co_return Status(Code::kTimedOut);
  co_return co_await runtime::sleep(reactor, reactor.within(kPause, context.stop));
}

}  // namespace daos::local
