#include "programs/local/agent.h"

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace daos::local {
namespace {

constexpr Duration kReportLimit = std::chrono::hours(1);  // an engine that is down for longer has other worries
constexpr size_t kNameBufferBytes = 16u << 10;

std::string user_name(uint32_t uid) {
  std::vector<char> buffer(kNameBufferBytes);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->pw_name;
  return std::to_string(uid);
}

std::string group_name(uint32_t gid) {
  std::vector<char> buffer(kNameBufferBytes);
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) return found->gr_name;
  return std::to_string(gid);
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

}  // namespace

messages::Credential credential_of(const fabric::PeerCredentials& who) {
  messages::Credential credential{.user = user_name(who.uid) + "@", .host = host_name()};
  credential.groups.push_back(group_name(who.gid) + "@");
  for (const uint32_t gid : who.groups) {
    std::string name = group_name(gid) + "@";
    if (std::ranges::find(credential.groups, name) == credential.groups.end())
      credential.groups.push_back(std::move(name));
  }
  return credential;
}

Status Agent::open() {
  DX_TRY(file_.open());
  for (const auto& [id, pid] : file_.present()) clients_[id] = {.pid = pid};
  server_ = DX_TRY(fabric::LocalServer::open(poller_, options_.socket_path, {}, *this));
  if (!clients_.empty()) scope_.spawn(evict_absent());
  return {};
}

runtime::Task<void> Agent::close() {
  server_.reset();
  scope_.stop();
  const Status joined = co_await scope_.join();
  joined.ignore("tasks of void cannot fail");
  file_.close();
}

void Agent::on_request(fabric::LocalServer::ConnectionId from, const fabric::PeerCredentials& who, ByteSpan request) {
  const ByteVector answer = encode(attach(from, who, request));
  server_->answer(from, answer);
}

messages::AttachAnswer Agent::attach(fabric::LocalServer::ConnectionId from, const fabric::PeerCredentials& who,
                                     ByteSpan bytes) {
  messages::AttachAnswer answer;
  const auto refuse = [&answer](Code code, std::string why) {
    answer.code = static_cast<int32_t>(code);
    answer.message = std::move(why);
    return answer;
  };
  const Result<messages::AttachRequest> request = decode<messages::AttachRequest>(bytes, "attach request");
  if (!request.ok()) return refuse(Code::kProtocol, std::string(request.status().message()));
  if (request->version != messages::AttachRequest().version) {
    return refuse(Code::kProtocol, fmt::format("attach version {} is not spoken here: client and daos_server are of "
                                               "different builds",
                                               request->version));
  }
  if (request->client.is_nil()) return refuse(Code::kInvalid, "a client needs an id");
  if (const auto held = by_connection_.find(from.value());
      held != by_connection_.end() && held->second != request->client) {
    return refuse(Code::kInvalid, "this connection belongs to another client id already");
  }
  Client& client = clients_[request->client];
  if (client.connection != 0 && client.connection != from.value()) {
    if (client.uid != who.uid) return refuse(Code::kNoPerm, "this client id is another user's");
    by_connection_.erase(client.connection);  // it came back before the end of its old connection was seen
  }
  if (client.connection == 0) file_.add(request->client, static_cast<uint32_t>(who.pid));
  client = {.pid = static_cast<uint32_t>(who.pid), .uid = who.uid, .connection = from.value()};
  by_connection_[from.value()] = request->client;

  answer.system = options_.system;
  answer.system_name = options_.system_name;
  answer.provider = options_.provider;
  answer.service_addresses = {services_.service()};
  answer.credential = credential_of(who);
  answer.agent_incarnation = options_.incarnation;
  return answer;
}

void Agent::on_end(fabric::LocalServer::ConnectionId connection) {
  const auto found = by_connection_.find(connection.value());
  if (found == by_connection_.end()) return;  // it never attached
  const Uuid client = found->second;
  by_connection_.erase(found);
  end_client(client);
}

void Agent::end_client(Uuid client) {
  clients_.erase(client);
  reporting_.insert(client);
  scope_.spawn(report(client));
}

runtime::Task<void> Agent::report(Uuid client) {
  const runtime::CallContext context = services_.reactor().within(kReportLimit, scope_.token());
  const Result<messages::Nothing> told = co_await services_.ask(messages::ClientEndRequest{.client = client}, context);
  // Not told means that it stays in the file, so the next agent reports it.
  if (!told.ok()) co_return;
  reporting_.erase(client);
  if (!clients_.contains(client)) file_.remove(client);  // unless it came back meanwhile
}

runtime::Task<void> Agent::evict_absent() {
  const auto absent = [this](bool only_dead) {
    std::vector<Uuid> gone;
    for (const auto& [id, client] : clients_) {
      if (client.connection == 0 && !(only_dead && process_exists(client.pid))) gone.push_back(id);
    }
    return gone;
  };
  for (const Uuid& client : absent(true)) end_client(client);
  runtime::Reactor& reactor = services_.reactor();
  const Status waited = co_await runtime::sleep(reactor, reactor.within(options_.resume_limit, scope_.token()));
  if (!waited.ok()) co_return;
  for (const Uuid& client : absent(false)) end_client(client);
}

}  // namespace daos::local
