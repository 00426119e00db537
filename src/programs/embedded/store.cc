#include "programs/embedded/store.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

#include "model/messages/property_numbers.h"
#include "platform/base/stamp.h"
#include "programs/local/agent.h"
#include "programs/local/pool_sizing.h"
#include "programs/output/sizes.h"
#include "server/services/container/container_properties.h"

namespace daos::embedded {
namespace {

constexpr std::string_view kSystemName = "daos_server";  // what a system is called that nobody gave a name
constexpr std::string_view kPoolLabelDefault = "pool";   // in a directory whose name is no label
constexpr Duration kAskLimit = std::chrono::minutes(2);
// A process that was killed may have writes in flight for a moment, and they hold the shards' locks.
constexpr std::chrono::seconds kPredecessorLimit(10);
constexpr std::chrono::milliseconds kLook(10);

/// Who runs this process.
fabric::PeerCredentials self() {
  fabric::PeerCredentials who{.pid = ::getpid(), .uid = ::geteuid(), .gid = ::getegid()};
  const int count = ::getgroups(0, nullptr);
  if (count > 0) {
    std::vector<gid_t> groups(static_cast<size_t>(count));
    const int got = ::getgroups(count, groups.data());
    for (int i = 0; i < got; i++) who.groups.push_back(groups[static_cast<size_t>(i)]);
  }
  return who;
}

/// A directory that is no store must be empty: it may be somebody's home.
Status check_unused(const local::Directory& directory) {
  if (directory.holds_system()) return {};
  std::error_code err;
  for (std::filesystem::directory_iterator at(directory.path(), err), end; !err && at != end; at.increment(err)) {
    const std::string name = at->path().filename().string();
    // What a start that was interrupted has left.
    if (name == "run" || name == "log" || name == directory.engine_name(0) || name.starts_with(local::kSystemFileName))
      continue;
    return error(Code::kExists,
                 "{} is no embedded store and not empty (it holds {}): give an empty directory, or one that is not "
                 "there yet",
                 directory.path(), name);
  }
  if (err && err.value() != ENOENT) return errno_error(err.value(), directory.path());
  return {};
}

Result<uint32_t> parse_targets(const std::string& text) {
  if (text.empty()) return kTargetsDefault;
  uint32_t targets = 0;
  const auto [behind, err] = std::from_chars(text.data(), text.data() + text.size(), targets);
  if (err != std::errc() || behind != text.data() + text.size() || targets == 0 || targets > local::kTargetsMax) {
    return error(Code::kInvalid, "DAOS_EMBEDDED_TARGETS is \"{}\": 1 to {} are possible", text, local::kTargetsMax);
  }
  return targets;
}

Result<local::PoolSizing> parse_pool_size(const std::string& text) {
  if (text.empty()) return local::PoolSizing{.percent_hundredths = 10'000};
  if (text.ends_with('%')) {
    return local::PoolSizing{.percent_hundredths = DX_TRY(output::parse_percent(text).within("DAOS_EMBEDDED_SIZE"))};
  }
  const uint64_t bytes = DX_TRY(output::parse_size(text).within("DAOS_EMBEDDED_SIZE"));
  if (bytes == 0) return Status(Code::kInvalid, "DAOS_EMBEDDED_SIZE: a pool of 0 bytes holds nothing");
  return local::PoolSizing{.total_bytes = bytes};
}

Result<uint8_t> parse_durability(const std::string& text) {
  if (text.empty() || text == "power") return 0;
  if (text == "process") return 1;
  return error(Code::kInvalid, "DAOS_EMBEDDED_DURABILITY is \"{}\": power or process", text);
}

messages::EngineAddress door_address(const std::string& host, uint32_t targets) {
  messages::EngineAddress address{.host = host, .system_port = 1};
  for (uint32_t i = 0; i < targets; i++) address.target_ports.push_back(static_cast<uint16_t>(i + 2));
  return address;
}
std::string host_of(const Uuid& system) { return "@" + system.to_string(); }

/// What stands in the directory, or is made there: one engine behind doors.
runtime::Task<Result<local::Installed>> load_or_format(storage::Disk& disk, local::Directory directory,
                                                       uint32_t targets, runtime::Rng& rng) {
  if (!directory.holds_system()) {
    local::FormatOptions options{.name = std::string(kSystemName), .shape = {.engines = 1, .targets = targets}};
    options.limits = DX_CO_TRY(local::choose_limits(directory.path(), 1, 0, 0));
    Result<local::Installed> made = co_await local::format(
        disk, options,
        [](const Uuid& system, uint32_t count) -> Result<messages::EngineAddress> {
          return door_address(host_of(system), count);
        },
        rng);
    co_return std::move(made).within(directory.path());
  }
  local::Installed found = DX_CO_TRY(co_await local::read_installed(disk, directory.path()));
  if (found.system.shape.engines != 1) {
    co_return error(Code::kNotSupported,
                    "{} holds a system of {}, and an embedded store has one engine: start it with `daos_server local "
                    "--dir {} --daemon`",
                    directory.path(), found.system.shape.to_string(), directory.path());
  }
  // A daos_server may have had it, on ports.
  engine::Superblock& superblock = found.engines.front();
  const messages::EngineAddress address = door_address(host_of(found.system.system), superblock.targets);
  if (superblock.address != address) {
    superblock.address = address;
    superblock.service_addresses = {engine::tcp_address(address.host, address.system_port)};
    DX_CO_TRY(co_await local::write_superblock(disk, superblock));
  }
  co_return found;
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(local::Directory directory, const Settings& settings,
                                           messages::AttachRequest client) {
  const uint32_t targets = DX_TRY(parse_targets(settings.targets));
  DX_TRY(parse_pool_size(settings.pool_size));
  DX_TRY(parse_durability(settings.durability));
  DX_TRY(check_unused(directory));
  DX_TRY(directory.make());
  local::ServerLock lock = DX_TRY(local::ServerLock::take(directory, local::ServerLock::Use::kEmbedded));
  std::unique_ptr<Store> store(new Store(std::move(directory), std::move(lock)));
  store->settings_ = settings;
  DX_TRY(store->prepare(targets));
  DX_TRY(store->start());
  if (Status attached = store->attach(client); !attached.ok()) {
    store->close().ignore("the first error is what matters");
    return attached;
  }
  return store;
}

Status Store::prepare(uint32_t targets) {
  log_file_ = DX_TRY(output::LogFile::open(directory_.engine_log(0)));
  log_ = Logger(log_file_.get());
  log_.info("embedded store {}, in process {}: {}", build_string(), ::getpid(), path());
  runtime::SystemClock clock;
  const std::unique_ptr<runtime::ReactorThread> thread = DX_TRY(
      runtime::ReactorThread::start("daos_format", {.clock = &clock, .seed = runtime::system_seed(), .log = log_}));
  std::unique_ptr<storage::Disk> disk;
  std::unique_ptr<runtime::Scope> scope;
  std::promise<Result<local::Installed>> promise;
  std::future<Result<local::Installed>> future = promise.get_future();
  thread->reactor().post([&] {
    runtime::Reactor& reactor = thread->reactor();
    scope = std::make_unique<runtime::Scope>(reactor);
    Result<std::unique_ptr<storage::Disk>> opened = storage::open_posix_disk(
        reactor, thread->poller(), path(), {.backend = storage::PosixBackend::kThreads, .threads = 1});
    if (!opened.ok()) return promise.set_value(opened.status());
    disk = std::move(*opened);
    scope->spawn([](storage::Disk& on, local::Directory directory, uint32_t count, runtime::Rng& rng,
                    std::promise<Result<local::Installed>>& told) -> runtime::Task<void> {
      Result<local::Installed> installed = co_await load_or_format(on, directory, count, rng);
      told.set_value(std::move(installed));
    }(*disk, directory_, targets, reactor.rng(), promise));
  });
  Result<local::Installed> installed = future.get();
  thread->call([&] { disk.reset(); });
  thread->stop();
  installed_ = DX_TRY(std::move(installed));
  return {};
}

Status Store::start() {
  const auto deadline = std::chrono::steady_clock::now() + kPredecessorLimit;
  for (;;) {
    Status started = start_engine();
    if (started.code() != Code::kBusy || std::chrono::steady_clock::now() > deadline) return started;
    std::this_thread::sleep_for(kLook);
  }
}

Status Store::start_engine() {
  std::unique_ptr<program::HostedEngine> engine =
      DX_TRY(program::HostedEngine::open({.directory = directory_.engine(0), .log = log_, .doors = &doors_}));
  Status started = engine->start().get();
  if (!started.ok()) {
    engine->stop().ignore("it has not started");
    return started;
  }
  engine_ = std::move(engine);
  return {};
}

Status Store::attach(const messages::AttachRequest& client) {
  runtime::ReactorThread& thread = engine_->system_thread();
  services_ = std::make_unique<local::ServiceClient>(thread.reactor(), engine_->system_transport());
  Status opened;
  thread.call([&] { opened = services_->open(); });
  DX_TRY(std::move(opened));
  services_->set_service(installed_.engines.front().service_addresses.front());

  clients_ = std::make_unique<local::ClientsFile>(directory_.clients_file(), log_);
  DX_TRY(clients_->open());
  // Whoever had it before has ended, or it could not be ours now: what they left open ends here.
  const std::map<Uuid, uint32_t> ended = clients_->present();
  for (const auto& [id, pid] : ended) {
    log_.info("client {}, process {}, ended without daos_fini", id, pid);
    DX_TRY(end_client(id));
  }
  client_ = client.client;
  clients_->add(client_, client.pid);
  return {};
}

template <class Request>
Result<typename Request::Reply> Store::ask(Request request) {
  using Answer = Result<typename Request::Reply>;
  return engine_
      ->run<Answer>([this, request = std::move(request)]() mutable -> runtime::Task<Answer> {
        return services_->ask(std::move(request), services_->reactor().within(kAskLimit));
      })
      .get();
}

Status Store::end_client(const Uuid& client) {
  DX_TRY(ask(messages::ClientEndRequest{.client = client}));
  clients_->remove(client);
  return {};
}

Store::~Store() {
  if (engine_ != nullptr) close().ignore("its log has it");
}

Status Store::close() {
  Status status;
  if (!client_.is_nil()) status = end_client(client_);
  if (services_ != nullptr) {
    engine_
        ->run<Status>([this]() -> runtime::Task<Status> {
          return [](local::ServiceClient& services) -> runtime::Task<Status> {
            co_await services.close();
            co_return Status();
          }(*services_);
        })
        .get()
        .ignore("closing cannot fail");
    engine_->system_thread().call([this] { services_.reset(); });
  }
  Status stopped = engine_->stop();
  if (status.ok()) status = std::move(stopped);
  engine_.reset();
  if (status.ok()) {
    log_.info("closed in order");
  } else {
    log_.error("closed with an error: {}", status);
  }
  return status;
}

std::string Store::host() const { return host_of(system()); }

Result<std::vector<int>> Store::doors() const {
  std::vector<int> copies;
  const uint32_t count = 1 + installed_.engines.front().targets;
  for (uint32_t port = 1; port <= count; port++) {
    const Result<int> copy = doors_.copy(engine::tcp_address(host(), static_cast<uint16_t>(port)));
    if (!copy.ok()) {
      for (const int fd : copies) ::close(fd);
      return copy.status();
    }
    copies.push_back(*copy);
  }
  return copies;
}

messages::AttachAnswer Store::answer() const {
  const engine::Superblock& superblock = installed_.engines.front();
  return {.system = superblock.system,
          .system_name = superblock.system_name,
          .provider = "ofi+tcp",
          .service_addresses = superblock.service_addresses,
          .credential = local::credential_of(self()),
          .agent_incarnation = 1};
}

Result<std::string> Store::pool_named(std::string name) {
  const messages::PoolListReply pools = DX_TRY(ask(messages::PoolListRequest()));
  const std::string folder = path().substr(path().rfind('/') + 1);
  if (pools.pools.empty()) {
    if (name.empty()) name = services::is_label(folder) ? folder : std::string(kPoolLabelDefault);
    if (services::is_label(name)) DX_TRY(make_pool(name));
    return name;
  }
  const auto is_called = [&pools](const std::string& text) {
    return std::ranges::any_of(pools.pools, [&text](const messages::PoolSummary& pool) {
      return pool.label == text || pool.pool.to_string() == text;
    });
  };
  const std::string& first = pools.pools.front().label;
  if (name.empty()) {
    if (pools.pools.size() == 1) return first;
    if (is_called(folder)) return folder;
    return error(Code::kInvalid, "{} holds {} pools, {} the first of them: set DAOS_EMBEDDED={} and name the pool",
                 path(), pools.pools.size(), first, path());
  }
  if (!is_called(name)) {
    return error(Code::kNonexistent,
                 "{} has no pool {}, but {}: a fresh directory makes one pool, of the first label asked for", path(),
                 name, first);
  }
  return name;
}

Status Store::make_pool(const std::string& label) {
  const messages::SystemQueryReply members = DX_TRY(ask(messages::SystemQueryRequest()));
  const local::PoolPlan plan =
      DX_TRY(local::plan_pool(DX_TRY(parse_pool_size(settings_.pool_size)), members.members, {}));
  const messages::Credential credential = local::credential_of(self());
  runtime::Rng rng(runtime::system_seed());
  const messages::PoolSummary made = DX_TRY(ask(messages::PoolCreateRequest{
      .pool = rng.uuid(),
      .label = label,
      .ranks = plan.ranks,
      .tier_bytes_per_engine = {plan.tier_bytes[0], plan.tier_bytes[1]},
      .durability = DX_TRY(parse_durability(settings_.durability)),
      .properties = {{.type = messages::kPoolOwner, .text = credential.user},
                     {.type = messages::kPoolOwnerGroup, .text = credential.groups.front()}}}));
  log_.info("pool {} is {}, of {}", made.label, made.pool, output::binary_size(plan.tier_bytes[0]));
  return {};
}

void Store::hold() {
  engine_->hold();
  doors_.hold();
}

void Store::release() {
  doors_.release();
  engine_->release();
}

void Store::abandon_after_fork() {
  services_->abandon_after_fork();
  engine_->abandon_after_fork();
  doors_.abandon_after_fork();
  clients_->close();
  log_file_->close();
  lock_.close();
}

}  // namespace daos::embedded
