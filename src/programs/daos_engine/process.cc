#include "programs/daos_engine/process.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "platform/base/stamp.h"
#include "programs/hosted_engine/hosted_engine.h"
#include "programs/output/log_file.h"

namespace daos::program {
namespace {

/// Whoever started this engine waits for a byte.
void tell_ready(int fd, const Logger& log) {
  if (fd < 0) return;
  if (::write(fd, "1", 1) != 1) log.warn("nobody waits for this engine to be ready");
  ::close(fd);
}

}  // namespace

Status run_engine(const EngineArguments& arguments, const sigset_t& signals) {
  const std::unique_ptr<output::LogFile> sink = DX_TRY(output::LogFile::open(arguments.log));
  const std::unique_ptr<HostedEngine> engine =
      DX_TRY(HostedEngine::open({.directory = arguments.directory, .log = Logger(sink.get())}));
  const Logger& log = engine->log();
  const engine::Superblock& superblock = engine->superblock();
  log.info("daos_engine {}, process {}: rank {} of system {}, {} targets, listens on {}", build_string(), ::getpid(),
           superblock.rank, superblock.system_name, superblock.targets,
           engine::tcp_address(superblock.address.host, superblock.address.system_port));

  std::future<Status> started = engine->start([&](const Status& status) {
    if (status.ok()) {
      tell_ready(arguments.ready_fd, log);
    } else {
      ::kill(::getpid(), SIGTERM);  // whoever waits for a signal finds the error
    }
  });
  // A signal may come long before the engine has joined: rank 0 may be away for good.
  int number = 0;
  while (::sigwait(&signals, &number) != 0) {
  }
  engine->stop_waiting();
  if (const Status status = started.get(); !status.ok()) {
    // What is half open cannot be closed in order. The files are made for an end at any moment.
    log.error("cannot start: {}", status);
    std::_Exit(1);
  }
  log.info("ends on signal {}", number);
  DX_TRY(engine->stop());
  log.info("ended in order");
  return {};
}

}  // namespace daos::program
