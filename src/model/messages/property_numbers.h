// Properties by number, for those below the public API who look at single ones. The numbers are the API's
// (daos_prop.h); client/capi asserts that they are.
#pragma once

#include <cstdint>

namespace daos::messages {

enum PoolPropertyNumber : uint32_t {
  kPoolLabel = 1,
  kPoolAcl = 2,
  kPoolOwner = 6,
  kPoolOwnerGroup = 7,
  kPoolServiceList = 8,
  kPoolRedundancyFactor = 11,
  kPoolEcAffinity = 12,
  kPoolCopyAffinity = 13,
  kPoolGlobalVersion = 14,
  kPoolUpgradeStatus = 15,
  kPoolObjectVersion = 20,
  kPoolPerformanceDomain = 21,
  kPoolPropertyEnd = 28,
};

enum ContainerPropertyNumber : uint32_t {
  kContainerLabel = 0x1001,
  kContainerLayoutType,
  kContainerLayoutVersion,
  kContainerChecksum,
  kContainerChecksumChunk,
  kContainerServerVerify,
  kContainerRedundancyFactor,
  kContainerRedundancyLevel,
  kContainerSnapshotsMax,
  kContainerAcl,
  kContainerCompression,
  kContainerEncryption,
  kContainerOwner,
  kContainerOwnerGroup,
  kContainerDedup,
  kContainerDedupThreshold,
  kContainerRoots,
  kContainerStatus,
  kContainerAllocatedIds,
  kContainerCellBytes,
  kContainerEcAffinity,
  kContainerCopyAffinity,
  kContainerGlobalVersion,
  kContainerScrubberDisabled,
  kContainerObjectVersion,
  kContainerPerformanceDomain,
  kContainerPropertyEnd,
};

/// The status property: bits 63..48 flags, 47..32 status, 31..0 version of the pool map.
inline constexpr uint64_t container_status(uint16_t status, uint16_t flags, uint32_t map_version) {
  return uint64_t{flags} << 48 | uint64_t{status} << 32 | map_version;
}
inline constexpr uint16_t kStatusHealthy = 0;
inline constexpr uint16_t kStatusUnclean = 1;
inline constexpr uint16_t kStatusClear = 1;  // a flag of a request: take the map's present version

/// Name of what has no owner.
inline constexpr const char* kNobody = "NOBODY@";

}  // namespace daos::messages
