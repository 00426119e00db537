#include "programs/daos_server/server_process.h"

#include <sys/stat.h>

#include "model/messages/attach.h"

namespace daos::program {
namespace {
constexpr std::chrono::seconds kShutdownLimit(1);  // for requests under way
}

Result<std::unique_ptr<ServerProcess>> ServerProcess::start(const local::Directory& directory,
                                                            local::SystemOptions options, Logger log) {
  std::unique_ptr<ServerProcess> process(new ServerProcess);
  process->thread_ = DX_TRY(runtime::ReactorThread::start(
      "local system", {.clock = &process->clock_, .seed = runtime::system_seed(), .log = std::move(log)}));
  process->transport_ = std::make_unique<fabric::tcp::TcpTransport>(process->thread_->poller());
  process->system_ =
      std::make_unique<local::LocalSystem>(*process->thread_, *process->transport_, directory, std::move(options));
  DX_TRY(process->system_->start());
  process->started_ = true;
  DX_TRY(process->serve_control(directory));
  return process;
}

Status ServerProcess::serve_control(const local::Directory& directory) {
  const std::string path = directory.run() + "/" + std::string(messages::kControlSocketName);
  const fabric::SocketPath short_path = DX_TRY(fabric::SocketPath::make(path));
  control_ = std::make_unique<ControlService>(*system_);
  local_ = std::make_unique<LocalService>(*system_);
  grpc::ServerBuilder builder;
  int bound = 0;
  builder.AddListeningPort("unix:" + short_path.text(), grpc::InsecureServerCredentials(), &bound);
  builder.RegisterService(control_.get());
  builder.RegisterService(local_.get());
  const mode_t before = ::umask(0177);  // administration is for whoever started the system
  server_ = builder.BuildAndStart();
  ::umask(before);
  if (server_ == nullptr || bound == 0) return error(Code::kMisc, "{}: the control socket cannot be served", path);
  return {};
}

ServerProcess::~ServerProcess() {
  if (server_) server_->Shutdown(std::chrono::system_clock::now() + kShutdownLimit);
  server_.reset();
  if (started_) system_->stop();
  if (thread_) thread_->stop();
  system_.reset();
}

}  // namespace daos::program
