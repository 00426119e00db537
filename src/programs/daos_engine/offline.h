// Reads the files of a system that does not run, through a disk on which nothing can be changed. One thread of its own,
// on which the surveys run; calls wait for them.
#pragma once

#include <memory>
#include <vector>

#include "platform/consensus/survey.h"
#include "platform/runtime/driver.h"
#include "platform/runtime/scope.h"
#include "platform/storage/read_only.h"
#include "programs/daos_engine/store_tree.h"
#include "server/vos/extents/device.h"
#include "server/vos/offline/shard_survey.h"

namespace daos::program {

class OfflineStore {
 public:
  /// Says what `directory` holds, locks it, and opens it for reading.
  static Result<std::unique_ptr<OfflineStore>> open(const std::string& directory);
  ~OfflineStore();

  const StoreTree& tree() const { return tree_; }
  Result<std::unique_ptr<vos::ShardSurvey>> shard(const std::string& folder);
  Result<consensus::ReplicaSurvey> service(const std::string& folder, consensus::StateMachine& machine);
  /// A device of an engine, by the link in its folder: whether it is there, and the right one.
  Status device(const vos::DeviceRef& device);
  /// A small file.
  Result<IoBuf> file(const std::string& path, size_t bytes_max);

 private:
  explicit OfflineStore(StoreTree tree) : tree_(std::move(tree)) {}
  /// Runs `make` on the thread and waits for what its task gives.
  template <class T>
  T run(std::move_only_function<runtime::Task<T>()> make);
  std::string on_disk(const std::string& folder) const { return folder == "." ? std::string("") : folder; }

  const StoreTree tree_;
  runtime::SystemClock clock_;
  std::unique_ptr<runtime::ReactorThread> thread_;
  std::unique_ptr<storage::Disk> posix_;
  std::unique_ptr<storage::ReadOnlyDisk> disk_;
  std::unique_ptr<runtime::Scope> scope_;
};

}  // namespace daos::program
