// A view of a disk through which nothing can be changed: for whoever only looks, at a system that may be damaged. What
// would change something fails with kNoPerm, whatever asks for it.
#pragma once

#include "platform/storage/storage.h"

namespace daos::storage {

class ReadOnlyDisk final : public Disk {
 public:
  explicit ReadOnlyDisk(Disk& disk) : disk_(disk) {}

  runtime::Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) override;
  runtime::Task<Status> make_directory(std::string path) override;
  Result<std::vector<std::string>> list(const std::string& path) override { return disk_.list(path); }
  bool exists(const std::string& path) override { return disk_.exists(path); }
  runtime::Task<Status> rename(std::string from, std::string to) override;
  runtime::Task<Status> remove(std::string path) override;
  runtime::Task<Status> remove_tree(std::string path) override;
  runtime::Task<Status> sync_directory(std::string path) override;
  Result<Space> space() override { return disk_.space(); }

 private:
  Disk& disk_;
};

}  // namespace daos::storage
