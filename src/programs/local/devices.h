// The devices that a person gives to a local system: block devices, or files of fixed size. Looking at them, and the
// links by which the engines find them. Blocking; used beside the reactor, when a system is formatted or resumed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platform/base/status.h"

namespace daos::local {

/// Makes sure that each is a block device that nobody uses or a file, that none is given twice, and that a file has all
/// its room on the disk. Their paths, absolute; as they were given otherwise, because the names under /dev/disk/by-id
/// outlive others.
Result<std::vector<std::string>> check_devices(const std::vector<std::string>& paths);

/// Makes `link` in the folder `directory` name `path`, atomically and durably.
Status link_device(const std::string& directory, const std::string& link, const std::string& path);

}  // namespace daos::local
