#include "programs/daos_engine/offline.h"

#include <filesystem>
#include <future>

#include "platform/storage/posix/posix_disk.h"

namespace daos::program {
namespace {

template <class T>
runtime::Task<void> carry(std::move_only_function<runtime::Task<T>()> make, std::promise<T>& promise) {
  T value = co_await make();
  promise.set_value(std::move(value));
}

/// The folder of a shard's engine is two above its own, whatever part of the system is looked at.
std::string engine_of(const std::string& shard) {
  std::string engine = (std::filesystem::path(shard) / "../..").lexically_normal().string();
  while (engine.ends_with('/')) engine.pop_back();
  return engine == "." ? std::string() : engine;
}

}  // namespace

Result<std::unique_ptr<OfflineStore>> OfflineStore::open(const std::string& directory) {
  StoreTree tree = DX_TRY(look_at(directory));
  DX_TRY(lock_tree(tree));
  std::unique_ptr<OfflineStore> store(new OfflineStore(std::move(tree)));
  store->thread_ =
      DX_TRY(runtime::ReactorThread::start("offline", {.clock = &store->clock_, .seed = runtime::system_seed()}));
  Status status;
  store->thread_->call([&] {
    auto disk = storage::open_posix_disk(store->thread_->reactor(), store->thread_->poller(), store->tree_.root,
                                         {.make_root = false});
    status = disk.status();
    if (disk.ok()) store->posix_ = std::move(disk).take();
  });
  DX_TRY(std::move(status));
  store->disk_ = std::make_unique<storage::ReadOnlyDisk>(*store->posix_);
  store->scope_ = std::make_unique<runtime::Scope>(store->thread_->reactor());
  return store;
}

OfflineStore::~OfflineStore() {
  if (thread_) thread_->stop();
  scope_.reset();
  disk_.reset();
  posix_.reset();
}

template <class T>
T OfflineStore::run(std::move_only_function<runtime::Task<T>()> make) {
  std::promise<T> promise;
  std::future<T> future = promise.get_future();
  thread_->reactor().post([&] { scope_->spawn(carry<T>(std::move(make), promise)); });
  return future.get();
}

Result<std::unique_ptr<vos::ShardSurvey>> OfflineStore::shard(const std::string& folder) {
  return run<Result<std::unique_ptr<vos::ShardSurvey>>>(
      [&] { return vos::survey_shard(thread_->reactor(), *disk_, on_disk(folder), engine_of(folder)); });
}

Result<consensus::ReplicaSurvey> OfflineStore::service(const std::string& folder, consensus::StateMachine& machine) {
  return run<Result<consensus::ReplicaSurvey>>(
      [&] { return consensus::survey_replica(thread_->reactor(), *disk_, folder, machine); });
}

Status OfflineStore::device(const vos::DeviceRef& device) {
  return run<Result<vos::OpenDevice>>([&] { return vos::open_device(*disk_, device, std::nullopt); }).status();
}

Result<IoBuf> OfflineStore::file(const std::string& path, size_t bytes_max) {
  return run<Result<IoBuf>>([&] { return storage::read_file(*disk_, path, bytes_max); });
}

}  // namespace daos::program
