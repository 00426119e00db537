#include "client/core/attach.h"

#include "client/core/lane.h"

namespace daos::core {
namespace {

constexpr const char* kWayOut =
    "start a system with `daos_server local --dir DIR`, then take over what `daos_server local --dir DIR status --env` "
    "prints; DAOS_AGENT_DRPC_DIR names the socket's folder";

}  // namespace

Agent::Agent(const std::string& directory, Uuid client, uint32_t pid)
    : path_(fmt::format("{}/{}", directory, messages::kAgentSocketName)), client_(client), pid_(pid) {}

runtime::Task<Result<SystemRef>> Agent::find(Lane&) {
  std::lock_guard lock(mutex_);
  if (view_ == nullptr || !socket_ || socket_->ended()) {
    Status attached = attach();
    if (!attached.ok() && view_ == nullptr) co_return attached;
  }
  co_return view_;
}

runtime::Task<void> Agent::keep(Lane& lane) {
  for (;;) {
    const Status slept = co_await runtime::sleep(lane.reactor(), lane.reactor().within(kLookEvery, lane.stop()));
    if (!slept.ok()) co_return;
    std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || view_ == nullptr || (socket_ && !socket_->ended())) continue;
    const Status attached = attach();
    attached.ignore("the agent is not back yet");
  }
}

Status Agent::attach() {
  socket_.reset();
  Result<SystemRef> view = ask();
  if (!view.ok()) {
    socket_.reset();
    return error(Code::kAgentComm, "no agent answers at {} ({}): {}", path_, view.status().message(), kWayOut);
  }
  view_ = std::move(*view);
  return {};
}

Result<SystemRef> Agent::ask() {
  socket_.emplace(DX_TRY(fabric::LocalSocket::connect(path_, kAskMax)));
  const ByteVector bytes = DX_TRY(socket_->ask(
      encode(messages::AttachRequest{.client = client_, .pid = pid_, .resume = view_ != nullptr}), kAskMax));
  messages::AttachAnswer answer = DX_TRY(decode<messages::AttachAnswer>(bytes, "the agent's answer"));
  if (answer.code != 0) return Status(code_from_number(answer.code), std::move(answer.message));
  return std::make_shared<const SystemView>(SystemView{.system = answer.system,
                                                       .name = std::move(answer.system_name),
                                                       .provider = std::move(answer.provider),
                                                       .service_addresses = std::move(answer.service_addresses),
                                                       .credential = std::move(answer.credential),
                                                       .agent = path_});
}

void Agent::abandon_after_fork() {
  if (socket_) socket_->close();
}

}  // namespace daos::core
