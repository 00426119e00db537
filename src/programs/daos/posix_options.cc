#include "programs/daos/posix_options.h"

#include <daos/common.h>

#include "programs/output/sizes.h"

namespace daos::cli {
namespace {

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

Result<daos_oclass_id_t> read_class(const std::string& name) {
  if (name.empty()) return daos_oclass_id_t{0};
  const int id = daos_oclass_name2id(name.c_str());
  if (id == OC_UNKNOWN) return error(Code::kInvalid, "unknown object class \"{}\"", name);
  if (!name.starts_with('S')) {
    return error(Code::kNotSupported,
                 "object class {} keeps several copies or parity, which is not there yet; S1 to SX work", name);
  }
  return static_cast<daos_oclass_id_t>(id);
}

std::string class_name(daos_oclass_id_t id) {
  if (id == 0) return {};
  char name[MAX_OBJ_CLASS_NAME_LEN + 1];
  daos_oclass_id2name(id, name);
  return name;
}

}  // namespace

void PosixOptions::add_to(CLI::App& verb) {
  verb.add_option("-z,--chunk-size", chunk_size, "POSIX: bytes of a file that stay together, as in 1MiB");
  verb.add_option("-o,--oclass", object_class, "POSIX: object class of files and directories, as in SX");
  verb.add_option("-d,--dir-oclass", directory_class, "POSIX: object class of directories");
  verb.add_option("-f,--file-oclass", file_class, "POSIX: object class of files");
  verb.add_option("-H,--hints", hints, "POSIX: where no class is given, as in file:max,dir:single");
  verb.add_option("-M,--mode", mode, "POSIX: relaxed (the default) or balanced");
}

Result<dfs_attr_t> PosixOptions::read() const {
  dfs_attr_t attributes{};
  if (!chunk_size.empty()) {
    const Result<uint64_t> bytes = output::parse_size(chunk_size);
    if (!bytes.ok() || *bytes == 0) return error(Code::kInvalid, "invalid chunk-size \"{}\"", chunk_size);
    attributes.da_chunk_size = *bytes;
  }
  attributes.da_oclass_id = DX_TRY(read_class(object_class));
  attributes.da_dir_oclass_id = DX_TRY(read_class(directory_class));
  attributes.da_file_oclass_id = DX_TRY(read_class(file_class));
  const std::string wanted_mode = lower(mode);
  if (!wanted_mode.empty() && wanted_mode != "relaxed" && wanted_mode != "balanced") {
    return error(Code::kInvalid, "unknown consistency mode \"{}\" (valid: relaxed, balanced)", mode);
  }
  attributes.da_mode = wanted_mode == "balanced" ? DFS_BALANCED : DFS_RELAXED;
  if (hints.size() >= sizeof attributes.da_hints) {
    return error(Code::kInvalid, "hints of {} characters, at most {} are possible", hints.size(),
                 sizeof attributes.da_hints - 1);
  }
  hints.copy(attributes.da_hints, hints.size());
  return attributes;
}

Status from_errno(int number) { return from_api(daos_errno2der(number)); }

Status look_at_files(const Pool& pool, const Container& container, ContainerView& view) {
  dfs_t* mounted = nullptr;
  DX_TRY(from_errno(dfs_mount(pool.handle(), container.handle(), O_RDONLY | DFS_BALANCED, &mounted)));
  dfs_attr_t attributes{};
  const int rc = dfs_query(mounted, &attributes);
  from_errno(dfs_umount(mounted)).ignore("it held nothing but memory");
  DX_TRY(from_errno(rc));
  view.files = {.chunk_bytes = attributes.da_chunk_size,
                .object_class = class_name(attributes.da_oclass_id),
                .directory_class = class_name(attributes.da_dir_oclass_id),
                .file_class = class_name(attributes.da_file_oclass_id),
                .mode = attributes.da_mode,
                .hints = attributes.da_hints};
  return {};
}

}  // namespace daos::cli
