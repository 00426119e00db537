#include "programs/local/system.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "platform/storage/posix/posix_disk.h"
#include "programs/local/devices.h"

namespace daos::local {
namespace {

constexpr Duration kSoon = std::chrono::seconds(10);  // an end within this time after the start counts as a failure
constexpr uint32_t kFailuresMax = 3;                  // while somebody waits for the engine
constexpr Duration kPauseLeast = std::chrono::milliseconds(100);
constexpr Duration kPauseMost = std::chrono::seconds(10);
constexpr Duration kStopLimit = std::chrono::seconds(20);  // then an engine is killed
constexpr Duration kPredecessorLimit = std::chrono::seconds(20);
constexpr Duration kLook = std::chrono::milliseconds(20);
constexpr Duration kAnswerLimit = std::chrono::seconds(30);

/// Before the next start: at once after the first end, then longer and longer.
Duration pause_after(uint32_t failures) {
  if (failures < 2) return Duration(0);
  return std::min(kPauseMost, kPauseLeast * (1u << std::min(failures - 2, 10u)));
}

/// An engine holds a lock on its folder for as long as it lives.
bool folder_is_locked(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool locked = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
  ::close(fd);
  return locked;
}

}  // namespace

LocalSystem::~LocalSystem() = default;

Status LocalSystem::start() {
  return run<Status>([this] { return start_all(); });
}
Status LocalSystem::resume() {
  return run<Status>([this] { return resume_all(); });
}
void LocalSystem::stop() {
  const Status stopped = run<Status>([this] { return stop_all(); });
  stopped.ignore("whatever did not end was killed");
}

SystemState LocalSystem::state() {
  SystemState state;
  thread_.call([&] {
    state.system = system_;
    state.limits = limits_;
    state.devices = devices_;
    state.notes = notes_;
    for (const auto& engine : engines_) {
      state.engines.push_back({.rank = engine->rank(),
                               .pid = engine->process ? engine->process->pid() : 0,
                               .serving = engine->serving(),
                               .address = engine->superblock.address,
                               .restarts = engine->starts > 0 ? engine->starts - 1 : 0,
                               .last_end = engine->last_end});
    }
  });
  return state;
}

runtime::Task<Status> LocalSystem::start_all() {
  runtime::Reactor& reactor = thread_.reactor();
  DX_CO_TRY(services_.open());
  Status started = co_await load_or_format();
  if (started.ok()) {
    for (const auto& engine : engines_) supervisors_.spawn(supervise(engine.get()));
    started = co_await wait_until_serving(reactor.now() + options_.start_limit);
  }
  if (started.ok()) {
    agent_ = std::make_unique<Agent>(
        thread_.poller(), services_,
        AgentOptions{.socket_path = directory_.run() + "/" + std::string(messages::kAgentSocketName),
                     .clients_file = directory_.clients_file(),
                     .system = system_.system,
                     .system_name = system_.name,
                     .incarnation = reactor.hlc().next()});
    started = agent_->open();
  }
  if (!started.ok()) {
    const Status stopped = co_await stop_all();
    stopped.ignore("the first error is what matters");
  }
  co_return started;
}

DeviceLinker LocalSystem::linker() const {
  return [directory = directory_](uint32_t rank, const std::string& link, const std::string& device) {
    return link_device(directory.engine(rank), link, device);
  };
}

runtime::Task<Status> LocalSystem::load_or_format() {
  runtime::Reactor& reactor = thread_.reactor();
  disk_ = DX_CO_TRY(storage::open_posix_disk(reactor, thread_.poller(), directory_.path(),
                                             {.backend = storage::PosixBackend::kThreads, .threads = 1}));
  options_.devices = DX_CO_TRY(check_devices(options_.devices));
  Installed installed;
  if (disk_->exists(std::string(kSystemFileName))) {
    installed = DX_CO_TRY(co_await read_installed(*disk_, directory_.path()));
    const Shape found = installed.system.shape;
    const Shape asked{.engines = options_.shape.engines ? options_.shape.engines : found.engines,
                      .targets = options_.shape.targets ? options_.shape.targets : found.targets};
    if (asked != found) {
      co_return error(Code::kExists,
                      "{} holds a system of {}, not {}: a system keeps its shape. Leave --engines and "
                      "--targets out to use it, or choose another directory",
                      directory_.path(), found.to_string(), asked.to_string());
    }
    const Limits limits{.memory_bytes = options_.scm_bytes ? options_.scm_bytes : installed.engines[0].memory_bytes,
                        .disk_bytes = options_.nvme_bytes ? options_.nvme_bytes : installed.engines[0].disk_bytes};
    const bool has_devices = !installed.engines[0].devices.empty();
    if (has_devices && options_.nvme_bytes != 0)
      co_return error(Code::kInvalid, "--nvme-size: the system keeps tier 1 on devices, which are used whole");
    if (!options_.devices.empty()) {
      Result<Installed> known = co_await find_devices(*disk_, std::move(installed), options_.devices, linker());
      if (!known.ok()) co_return std::move(known).status().within(directory_.path());
      installed = std::move(known).take();
    }
    if (Status there = co_await check_installed_devices(*disk_, installed); !there.ok())
      co_return std::move(there).within(directory_.path());
    for (engine::Superblock& superblock : installed.engines) {
      const uint64_t disk_bytes = has_devices ? superblock.disk_bytes : limits.disk_bytes;
      if (superblock.memory_bytes == limits.memory_bytes && superblock.disk_bytes == disk_bytes) continue;
      superblock.memory_bytes = limits.memory_bytes;
      superblock.disk_bytes = disk_bytes;
      DX_CO_TRY(co_await write_superblock(*disk_, superblock));
    }
  } else {
    FormatOptions format_options{
        .name = options_.name,
        .shape = {.engines = options_.shape.engines ? options_.shape.engines : kDefaultShape.engines,
                  .targets = options_.shape.targets ? options_.shape.targets : kDefaultShape.targets},
        .devices = options_.devices,
        .format_used = options_.format_used_devices,
        .link = linker()};
    format_options.limits = DX_CO_TRY(
        choose_limits(directory_.path(), format_options.shape.engines, options_.scm_bytes, options_.nvme_bytes));
    PortChooser* const ports = &ports_;
    Result<Installed> made = co_await format(
        *disk_, format_options, [ports](const Uuid&, uint32_t targets) { return ports->choose_address(targets); },
        reactor.rng());
    if (!made.ok()) co_return std::move(made).status().within(directory_.path());
    installed = std::move(*made);
    reactor.log().info("formatted {}: {}", directory_.path(), installed.system.shape.to_string());
  }
  for (engine::Superblock& superblock : installed.engines) {
    if (superblock.address.host == kLoopback) continue;
    // It was an embedded store, behind doors of one process: the engine moves to ports, and the maps follow.
    superblock.address = DX_CO_TRY(ports_.choose_address(superblock.targets));
    superblock.service_addresses.clear();  // written below
  }
  system_ = installed.system;
  limits_ = {.memory_bytes = installed.engines[0].memory_bytes, .disk_bytes = installed.engines[0].disk_bytes};
  for (const engine::Superblock& superblock : installed.engines)
    devices_ += static_cast<uint32_t>(superblock.devices.size());
  // A move of rank 0 may have been cut short between two superblocks: rank 0's own address is what counts.
  const messages::EngineAddress& first = installed.engines[0].address;
  services_.set_service(engine::tcp_address(first.host, first.system_port));
  for (engine::Superblock& superblock : installed.engines) {
    if (superblock.service_addresses != std::vector{services_.service()}) {
      superblock.service_addresses = {services_.service()};
      DX_CO_TRY(co_await write_superblock(*disk_, superblock));
    }
    ports_.reserve(superblock.address.system_port);
    for (const uint16_t port : superblock.address.target_ports) ports_.reserve(port);
    engines_.push_back(std::make_unique<Engine>(reactor));
    engines_.back()->superblock = std::move(superblock);
  }
  co_return Status();
}

runtime::Task<void> LocalSystem::supervise(Engine* engine) {
  runtime::Reactor& reactor = thread_.reactor();
  const runtime::StopToken stop = supervisors_.token();
  while (!stop.stop_requested()) {
    engine->ended.reset();
    engine->hurry.reset();
    engine->started = reactor.now();
    const Status started = co_await start_engine(engine);
    if (!started.ok()) on_engine_end(*engine, std::string(started.message()));
    const Status waited = co_await engine->ended.wait({.stop = stop});
    if (!waited.ok()) co_return;  // the system stops, and ends the process itself
    engine->process.reset();
    const Duration pause = pause_after(engine->failures);
    reactor.log().warn("engine {} {}; starting it again{}", engine->rank(), engine->last_end,
                       pause > Duration(0) ? fmt::format(" in {} ms", pause.count() / 1'000'000) : "");
    const Status hurried = co_await engine->hurry.wait(reactor.within(pause, stop));
    hurried.ignore("time-out, hurry and stop all lead to the loop's head");
  }
}

void LocalSystem::on_engine_end(Engine& engine, std::string how) {
  engine.last_end = std::move(how);
  engine.failures = thread_.reactor().now() - engine.started < kSoon ? engine.failures + 1 : 0;
  engine.ended.set();
  changed_.set();
}

runtime::Task<Status> LocalSystem::start_engine(Engine* engine) {
  const uint32_t rank = engine->rank();
  DX_CO_TRY(co_await wait_for_predecessor(directory_.engine(rank)));
  // One at a time from here on: an engine must not start with an address of rank 0 that is being replaced.
  DX_CO_TRY(co_await moving_.acquire({.stop = supervisors_.token()}));
  Status started = co_await move_taken_ports(engine);
  if (started.ok()) {
    Result<std::unique_ptr<EngineProcess>> process =
        EngineProcess::start(thread_.poller(),
                             {.program = options_.engine_program,
                              .arguments = {"--dir", directory_.engine(rank)},
                              .log = directory_.engine_log(rank)},
                             {.on_ready = [this] { changed_.set(); },
                              .on_end = [this, engine](std::string how) { on_engine_end(*engine, std::move(how)); }});
    started = process.status();
    if (process.ok()) engine->process = std::move(*process);
    engine->starts++;
  }
  moving_.release();
  co_return started;
}

/// The engine of a daos_server that was killed is told to end by the kernel; that may take it a moment.
runtime::Task<Status> LocalSystem::wait_for_predecessor(std::string folder) {
  runtime::Reactor& reactor = thread_.reactor();
  const Time deadline = reactor.now() + kPredecessorLimit;
  while (folder_is_locked(folder)) {
    if (reactor.now() > deadline) co_return error(Code::kBusy, "{} is in use by another engine process", folder);
    DX_CO_TRY(co_await runtime::sleep(reactor, reactor.within(kLook, supervisors_.token())));
  }
  co_return Status();
}

/// A port that somebody else took while the engine was down is replaced, for good; the engine joins with its new
/// address.
runtime::Task<Status> LocalSystem::move_taken_ports(Engine* engine) {
  const std::vector<uint16_t> taken = taken_ports(engine->superblock.address);
  if (taken.empty()) co_return Status();
  engine::Superblock moved = engine->superblock;
  const auto replace = [&](uint16_t& port) -> Status {
    if (std::ranges::find(taken, port) == taken.end()) return {};
    const uint16_t other = DX_TRY(ports_.choose());
    notes_.push_back(fmt::format("engine {}: port {} is in use by another program, so it moves to port {}",
                                 engine->rank(), port, other));
    thread_.reactor().log().warn("{}", notes_.back());
    port = other;
    return {};
  };
  const uint16_t system_port = moved.address.system_port;
  DX_CO_TRY(replace(moved.address.system_port));
  for (uint16_t& port : moved.address.target_ports) DX_CO_TRY(replace(port));
  DX_CO_TRY(co_await write_superblock(*disk_, moved));
  engine->superblock = moved;
  if (engine->rank() != 0 || moved.address.system_port == system_port) co_return Status();

  // Rank 0 hosts the services: everybody must learn where they are now.
  const std::string service = engine::tcp_address(moved.address.host, moved.address.system_port);
  for (const auto& other : engines_) {
    other->superblock.service_addresses = {service};
    DX_CO_TRY(co_await write_superblock(*disk_, other->superblock));
    if (other.get() != engine && other->process) other->process->signal(SIGTERM);  // and is started again
  }
  services_.set_service(service);
  co_return Status();
}

Status LocalSystem::failed_to_start(const Engine& engine) const {
  const std::string log = directory_.engine_log(engine.rank());
  const std::string words = last_lines(log, 1);
  return error(Code::kMisc, "engine {} does not start: {}. Its log is {}{}{}", engine.rank(), engine.last_end, log,
               words.empty() ? " (empty)" : ", and ends with: ", words);
}

runtime::Task<Status> LocalSystem::wait_until_serving(Time deadline) {
  for (;;) {
    changed_.reset();
    bool all = true;
    for (const auto& engine : engines_) {
      if (engine->failures >= kFailuresMax) co_return failed_to_start(*engine);
      all &= engine->serving();
    }
    if (all) co_return Status();
    const Status waited = co_await changed_.wait({.deadline = deadline, .stop = supervisors_.token()});
    if (waited.code() == Code::kTimedOut) {
      co_return error(Code::kTimedOut, "not all engines serve yet; their logs are in {}", directory_.logs());
    }
    DX_CO_TRY(waited);
  }
}

runtime::Task<Status> LocalSystem::resume_all() {
  runtime::Reactor& reactor = thread_.reactor();
  const Time deadline = reactor.now() + options_.start_limit;
  for (;;) {
    for (const auto& engine : engines_) {
      if (engine->process) continue;
      engine->failures = 0;
      engine->hurry.set();
    }
    DX_CO_TRY(co_await wait_until_serving(deadline));
    // One that was killed a moment ago may not be known to be dead: only an answer shows that it lives.
    const bool alive = co_await all_answer();
    if (alive) co_return Status();
    DX_CO_TRY(co_await runtime::sleep(reactor, reactor.within(kLook, supervisors_.token())));
  }
}

runtime::Task<bool> LocalSystem::all_answer() {
  for (const auto& engine : engines_) {
    const messages::EngineAddress& address = engine->superblock.address;
    const Result<messages::EngineStatusReply> reply = co_await services_.ask_at(
        engine::tcp_address(address.host, address.system_port), messages::EngineStatusRequest(),
        thread_.reactor().within(kAnswerLimit, supervisors_.token()));
    if (!reply.ok() || !engine->serving()) co_return false;
  }
  co_return true;
}

runtime::Task<Status> LocalSystem::stop_all() {
  runtime::Reactor& reactor = thread_.reactor();
  if (agent_) co_await agent_->close();
  agent_.reset();
  supervisors_.stop();
  const Status joined = co_await supervisors_.join();
  joined.ignore("tasks of void cannot fail");
  for (const auto& engine : engines_) {
    if (engine->process) engine->process->signal(SIGTERM);
  }
  const Time deadline = reactor.now() + kStopLimit;
  for (const auto& engine : engines_) {
    if (!engine->process) continue;
    const Status ended = co_await engine->ended.wait({.deadline = deadline});
    if (!ended.ok()) {
      reactor.log().warn("engine {} did not end in {} s: it is killed", engine->rank(),
                         kStopLimit.count() / 1'000'000'000);
    }
    engine->process.reset();  // kills what still runs
  }
  co_await services_.close();
  disk_.reset();
  co_return Status();
}

}  // namespace daos::local
