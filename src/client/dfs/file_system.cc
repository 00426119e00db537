#include "client/dfs/file_system.h"

#include <daos_obj.h>

namespace daos::dfs {
namespace {

using core::ContainerRef;
using core::Lane;
using runtime::Task;

constexpr int64_t kSecond = 1'000'000'000;

IoBuf bytes_of(std::string_view text) { return IoBuf::copy_of(as_bytes(text)); }
IoBuf bytes_of(const ByteVector& bytes) { return IoBuf::copy_of(bytes); }

enum class Access : uint8_t { kRead, kWrite };
Result<core::ObjectRef> superblock_of(ContainerRef container, const Roots& roots, Access access) {
  return core::open_object(std::move(container), roots.superblock, access == Access::kWrite);
}

core::Update superblock_update(const Superblock& superblock) {
  core::Update update{.dkey = bytes_of(kSuperblockKey), .akeys = {}, .conditions = DAOS_COND_DKEY_INSERT};
  for (const Superblock::Field& field : superblock.encode()) {
    update.akeys.push_back({.akey = bytes_of(field.akey),
                            .kind = messages::ValueKind::kSingle,
                            .record_bytes = field.value.size(),
                            .extents = {},
                            .value = bytes_of(field.value)});
  }
  return update;
}

/// Bytes of an entry, from `offset`.
core::Update entry_update(std::string_view name, uint64_t offset, const ByteVector& bytes, uint64_t conditions) {
  core::Update update{.dkey = bytes_of(name), .akeys = {}, .conditions = conditions};
  update.akeys.push_back({.akey = bytes_of(kEntryAkey),
                          .kind = messages::ValueKind::kArray,
                          .record_bytes = 1,
                          .extents = {{.start = offset, .count = bytes.size()}},
                          .value = bytes_of(bytes)});
  return update;
}

ByteVector copied(const IoBuf& buffer) { return {buffer.data(), buffer.data() + buffer.size()}; }

Task<Result<Superblock>> read_superblock(Lane& lane, core::ObjectRef object, runtime::StopToken stop) {
  constexpr uint64_t kValueBytesMax = 4096;
  core::Fetch fetch{.dkey = bytes_of(kSuperblockKey), .akeys = {}};
  for (const std::string_view akey : Superblock::akeys()) {
    fetch.akeys.push_back({.akey = bytes_of(akey), .extents = {}, .bytes_max = kValueBytesMax});
  }
  const std::vector<messages::FetchedValue> found =
      DX_CO_TRY(co_await core::fetch_object(lane, std::move(object), std::move(fetch), stop));
  std::vector<ByteVector> values;
  bool any = false;
  for (const messages::FetchedValue& value : found) {
    values.push_back(copied(value.value));
    any = any || !values.back().empty();
  }
  if (!any) co_return error(Code::kNonexistent, "the container has no superblock (yet)");
  co_return Superblock::decode(values);
}

Task<Result<Entry>> read_root(Lane& lane, core::ObjectRef object, runtime::StopToken stop) {
  core::Fetch fetch{.dkey = bytes_of(kRootKey), .akeys = {}};
  fetch.akeys.push_back({.akey = bytes_of(kEntryAkey),
                         .kind = messages::ValueKind::kArray,
                         .extents = {{.start = 0, .count = Entry::kBytes}},
                         .bytes_max = Entry::kBytes});
  const std::vector<messages::FetchedValue> found =
      DX_CO_TRY(co_await core::fetch_object(lane, std::move(object), std::move(fetch), stop));
  if (found.size() != 1 || found[0].record_bytes == 0) {
    co_return error(Code::kNonexistent, "the container has no root directory (yet)");
  }
  co_return Entry::decode(found[0].value.bytes());
}

}  // namespace

Task<Status> format(Lane& lane, ContainerRef container, Plan plan, Owner owner, runtime::StopToken stop) {
  const core::ObjectRef object = DX_CO_TRY(superblock_of(std::move(container), plan.roots, Access::kWrite));
  DX_CO_TRY(co_await core::update_object(lane, object, superblock_update(plan.superblock), stop));
  const int64_t now = runtime::hlc_to_unix_ns(lane.reactor().hlc().physical());
  const Entry root{.mode = kRootMode,
                   .object = plan.roots.root,
                   .mtime_seconds = now / kSecond,
                   .ctime_seconds = now / kSecond,
                   .mtime_ns = static_cast<uint64_t>(now % kSecond),
                   .ctime_ns = static_cast<uint64_t>(now % kSecond),
                   .uid = owner.uid,
                   .gid = owner.gid};
  Status written =
      co_await core::update_object(lane, object, entry_update(kRootKey, 0, root.encode(), DAOS_COND_DKEY_INSERT), stop);
  co_return written;
}

Task<Result<FileSystem>> read_file_system(Lane& lane, ContainerRef container, Roots roots, runtime::StopToken stop) {
  const core::ObjectRef object = DX_CO_TRY(superblock_of(std::move(container), roots, Access::kRead));
  Superblock superblock = DX_CO_TRY(co_await read_superblock(lane, object, stop));
  const Entry root = DX_CO_TRY(co_await read_root(lane, object, stop));
  co_return FileSystem{.superblock = std::move(superblock), .roots = roots, .root = root};
}

Task<Status> change_root_owner(Lane& lane, ContainerRef container, Roots roots, NewOwner owner,
                               runtime::StopToken stop) {
  const core::ObjectRef object = DX_CO_TRY(superblock_of(std::move(container), roots, Access::kWrite));
  const Entry root = DX_CO_TRY(co_await read_root(lane, object, stop));
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(owner.uid.value_or(root.uid), owner.gid.value_or(root.gid));
  Status written = co_await core::update_object(
      lane, object, entry_update(kRootKey, Entry::kOwnerOffset, bytes, DAOS_COND_DKEY_UPDATE), stop);
  co_return written;
}

}  // namespace daos::dfs
