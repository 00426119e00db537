#include "server/object/ops/bulk.h"

#include <algorithm>

#include "platform/base/probe.h"

namespace daos::object {
namespace {

constexpr size_t kStepBytes = 2u << 20;  // of one transfer, in which the peer must show that it lives
constexpr size_t kStepsAtOnce = 2;       // one is on its way while the other ends

/// Cuts what is longer than a step.
std::vector<Piece> steps_of(std::vector<Piece> pieces) {
  std::vector<Piece> steps;
  for (const Piece& piece : pieces) {
    for (size_t at = 0; at < piece.data.size(); at += kStepBytes) {
      steps.push_back(
          {.offset = piece.offset + at, .data = piece.data.slice(at, std::min(kStepBytes, piece.data.size() - at))});
    }
  }
  return steps;
}

runtime::CallContext step_context(target::Target& target, const rpc::Caller& caller) {
  return {.deadline = std::min(caller.context.deadline, target.reactor().now() + kSilenceMax),
          .stop = caller.context.stop};
}

Status given_up(Status why) {
  if (why.code() == Code::kTimedOut) DX_PROBE("target: gave up a silent client's bulk");
  if (why.code() == Code::kKeyRevoked) DX_PROBE("target: came too late for lent memory");
  return why;
}

struct Pulling {
  fabric::Endpoint& endpoint;
  std::vector<Piece> steps;
  size_t next = 0;
  bool failed = false;
};

runtime::Task<Status> pull_some(target::Target& target, const rpc::Caller& caller, fabric::RemoteMemory lent,
                                Pulling& pulling) {
  while (pulling.next < pulling.steps.size() && !pulling.failed) {
    const Piece& step = pulling.steps[pulling.next++];
    Status got = co_await pulling.endpoint.get(caller.peer, {.key = lent.key, .offset = lent.offset + step.offset},
                                               step.data, step_context(target, caller));
    if (got.ok()) continue;
    pulling.failed = true;
    co_return given_up(std::move(got));
  }
  co_return Status();
}

}  // namespace

runtime::Task<Status> pull(target::Target& target, const rpc::Caller& caller, fabric::RemoteMemory lent,
                           std::vector<Piece> pieces) {
  Pulling pulling{.endpoint = target.node().endpoint(), .steps = steps_of(std::move(pieces))};
  if (pulling.steps.size() <= 1) {
    Status pulled = co_await pull_some(target, caller, lent, pulling);
    co_return std::move(pulled).within("pull");
  }
  runtime::Scope scope(target.reactor());
  for (size_t i = 0; i < kStepsAtOnce; i++) scope.spawn(pull_some(target, caller, lent, pulling));
  Status pulled = co_await scope.join();
  co_return std::move(pulled).within("pull");
}

runtime::Task<Status> place(target::Target& target, const rpc::Caller& caller, fabric::RemoteMemory lent,
                            std::vector<Piece> pieces) {
  const std::vector<Piece> steps = steps_of(std::move(pieces));
  for (const Piece& step : steps) {
    Status put = co_await target.node().endpoint().put(
        caller.peer, {.key = lent.key, .offset = lent.offset + step.offset}, step.data, step_context(target, caller));
    if (!put.ok()) co_return given_up(std::move(put)).within("place");
  }
  co_return Status();
}

}  // namespace daos::object
