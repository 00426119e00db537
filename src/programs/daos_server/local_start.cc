#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <thread>

#include "programs/control/client.h"
#include "programs/daos_server/background.h"
#include "programs/daos_server/local_options.h"
#include "programs/daos_server/server_process.h"
#include "programs/output/log_file.h"
#include "programs/output/sizes.h"
#include "programs/output/table.h"

namespace daos::program {
namespace {

constexpr Duration kResumeLimit = std::chrono::minutes(10);
constexpr std::chrono::milliseconds kLook(20);

/// Into the log file; what a person should know also on the terminal.
class ForegroundLog : public LogSink {
 public:
  explicit ForegroundLog(LogSink& file) : file_(file) {}
  void write(LogLevel level, std::string_view who, std::string_view line) override {
    file_.write(level, who, line);
    if (level >= LogLevel::kWarn) fmt::print(stderr, "daos_server: {}\n", line);
  }

 private:
  LogSink& file_;
};

Result<local::SystemOptions> system_options(const LocalOptions& options) {
  local::SystemOptions result{.shape = {.engines = options.engines, .targets = options.targets}};
  if (options.engines > local::kEnginesMax) {
    return error(Code::kInvalid, "--engines {}: at most {} on one machine", options.engines, local::kEnginesMax);
  }
  if (options.targets > local::kTargetsMax) {
    return error(Code::kInvalid, "--targets {}: at most {} for an engine", options.targets, local::kTargetsMax);
  }
  if (!options.name.empty()) result.name = options.name;
  if (!options.scm_size.empty()) result.scm_bytes = DX_TRY(output::parse_size(options.scm_size).within("--scm-size"));
  if (!options.nvme_size.empty())
    result.nvme_bytes = DX_TRY(output::parse_size(options.nvme_size).within("--nvme-size"));
  if (!options.nvme_devices.empty() && !options.nvme_size.empty())
    return Status(Code::kInvalid, "--nvme-size and --nvme-device exclude each other: a device is used whole");
  result.devices = options.nvme_devices;
  result.format_used_devices = options.force_format;
  result.engine_program = options.engine_program;
  if (result.engine_program.empty()) {
    std::error_code err;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", err);
    if (err) return errno_error(err.value(), "/proc/self/exe");
    result.engine_program = (self.parent_path() / "daos_engine").string();
  }
  if (::access(result.engine_program.c_str(), X_OK) != 0) return errno_error(errno, result.engine_program);
  return result;
}

output::Json as_json(const local::Directory& directory, const local::SystemState& state) {
  return {{"directory", directory.path()},
          {"system", state.system.name},
          {"uuid", state.system.system.to_string()},
          {"engines", state.system.shape.engines},
          {"targets_per_engine", state.system.shape.targets},
          {"devices", state.devices},
          {"agent_directory", directory.run()}};
}

std::string tier1_in_words(uint32_t devices) {
  if (devices == 0) return "of disk space";
  return fmt::format("on {} device{} (tier 1)", devices, devices == 1 ? "" : "s");
}

/// What a person needs next.
std::string screen(const local::Directory& directory, const local::SystemState& state, double seconds,
                   bool foreground) {
  std::string text = fmt::format("DAOS system \"{}\": {} serve after {:.1f} s\n\n", state.system.name,
                                 state.system.shape.to_string(), seconds);
  text +=
      fmt::format("  To use it, in {} shell:\n\n    {}\n\n", foreground ? "another" : "this", directory.environment());
  text +=
      "  Then for example:\n\n"
      "    dmg pool create tank --size 50%\n"
      "    daos container create tank first\n"
      "    daos pool query tank\n\n";
  const uint64_t engines = state.system.shape.engines;
  text += output::entity(
      "", {{"Data", directory.path()},
           {"Logs", directory.logs()},
           {"Room for pools",
            fmt::format("{} of memory (tier 0), {} {}", output::decimal_size(state.limits.memory_bytes * engines),
                        output::decimal_size(state.limits.disk_bytes * engines), tier1_in_words(state.devices))},
           {"Listens on", "127.0.0.1 only"}});
  for (const std::string& note : state.notes) text += fmt::format("  Note: {}.\n", note);
  if (foreground) return text + "\n  Ctrl-C ends it. The data stays, and the same command resumes.\n";
  return text + fmt::format("\n  daos_server local --dir {} stop    ends it. The data stays.\n", directory.path());
}

sigset_t blocked_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, number);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return signals;
}

/// Every client has a connection to the agent, and to every target: the engines inherit the limit.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Serves until a signal comes. `ready` is told the screen once everything serves.
Status serve(const local::Directory& directory, const local::SystemOptions& options, bool foreground,
             std::move_only_function<void(output::Answer)> ready) {
  const auto begin = std::chrono::steady_clock::now();
  const local::ServerLock lock = DX_TRY(local::ServerLock::take(directory));
  raise_descriptor_limit();
  const sigset_t signals = blocked_signals();  // before the first thread, so that all inherit it
  const std::unique_ptr<output::LogFile> file = DX_TRY(output::LogFile::open(directory.server_log()));
  ForegroundLog terminal(*file);
  const Logger log(foreground ? static_cast<LogSink*>(&terminal) : file.get());
  log.info("daos_server, process {}, runs {}", ::getpid(), directory.path());
  std::unique_ptr<ServerProcess> process = DX_TRY(ServerProcess::start(directory, options, log));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const local::SystemState state = process->system().state();
  ready({.text = screen(directory, state, took.count(), foreground), .json = as_json(directory, state)});

  int number = 0;
  while (::sigwait(&signals, &number) != 0) {
  }
  log.info("ends on signal {}", number);
  if (foreground) fmt::print("\nEnding the engines...\n");
  process.reset();
  log.info("ended in order");
  return {};
}

/// The control socket of a server that may be starting still: it is there once all engines serve.
Result<std::unique_ptr<control::Client>> connect_when_ready(const local::Directory& directory) {
  const auto deadline = std::chrono::steady_clock::now() + kResumeLimit;
  for (;;) {
    Result<std::unique_ptr<control::Client>> client = control::Client::connect(directory.run());
    if (client.code() != Code::kUnreachable || std::chrono::steady_clock::now() > deadline) return client;
    if (!DX_TRY(local::running_server(directory))) {
      return error(Code::kMisc, "the daos_server that was starting the system ended; its log is {}",
                   directory.server_log());
    }
    std::this_thread::sleep_for(kLook);
  }
}

Result<output::Answer> resume_running(const local::Directory& directory, const LocalOptions& options, pid_t pid) {
  const std::unique_ptr<control::Client> client = DX_TRY(connect_when_ready(directory));
  client->set_limit(kResumeLimit);
  control::LocalResumeRequest request;
  request.set_engines(options.engines);
  request.set_targets(options.targets);
  const control::LocalStatusReply reply = DX_TRY(client->local_resume(request));
  return output::Answer{
      .text = fmt::format("The system in {} runs already (daos_server is process {}); all {} engines serve.\n",
                          directory.path(), pid, reply.engines_size()),
      .json = {{"directory", directory.path()},
               {"system", reply.name()},
               {"uuid", reply.system()},
               {"engines", reply.engines_size()},
               {"targets_per_engine", reply.targets()},
               {"agent_directory", directory.run()}}};
}

}  // namespace

Result<output::Answer> local_start(const LocalOptions& options) {
  const local::Directory directory = DX_TRY(local::Directory::at(options.directory));
  const local::SystemOptions system = DX_TRY(system_options(options));
  if (const std::optional<pid_t> pid = DX_TRY(local::running_server(directory))) {
    if (options.daemon) return resume_running(directory, options, *pid);
    return error(Code::kBusy,
                 "a daos_server (process {}) runs the system in {} already. Look at it with "
                 "`daos_server local --dir {} status`, end it with `... stop`",
                 *pid, directory.path(), directory.path());
  }
  DX_TRY(directory.make());
  if (options.daemon) {
    return in_background(directory.server_log(), [&](std::move_only_function<void(output::Answer)> ready) {
      return serve(directory, system, false, std::move(ready));
    });
  }
  DX_TRY(serve(directory, system, true, [](const output::Answer& answer) {
    fmt::print("{}", answer.text);
    std::fflush(stdout);
  }));
  return output::Answer{.text = "Ended. The data stays.\n"};
}

}  // namespace daos::program
