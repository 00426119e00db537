#include "client/dfs/layout.h"

#include <cstring>

namespace daos::dfs {
namespace {

struct RootIds {
  std::array<classes::ObjectId, 4> ids;
  static void visit(auto&& visitor, auto& self) { visitor(self.ids[0], self.ids[1], self.ids[2], self.ids[3]); }
};

template <class T>
ByteVector encoded(const T& value) {
  ByteVector bytes;
  Encoder encoder(bytes);
  encoder(value);
  return bytes;
}

enum FieldIndex : size_t {
  kMagicField,
  kSuperblockVersionField,
  kLayoutVersionField,
  kChunkField,
  kObjectClassField,
  kDirectoryClassField,
  kFileClassField,
  kModeField,
  kHintsField,
  kFields,
};
constexpr std::string_view kAkeys[kFields] = {"DFS_MAGIC",          "DFS_SB_VERSION", "DFS_LAYOUT_VERSION",
                                              "DFS_CHUNK_SIZE",     "DFS_OBJ_CLASS",  "DFS_DIR_OBJ_CLASS",
                                              "DFS_FILE_OBJ_CLASS", "DFS_MODE",       "DFS_HINTS"};

template <class T>
Status decode_number(const std::vector<ByteVector>& values, FieldIndex field, T& number) {
  const ByteVector& value = values[field];
  if (value.size() != sizeof(T)) {
    return error(Code::kInvalid, "superblock: {} has {} bytes, {} are expected", kAkeys[field], value.size(),
                 sizeof(T));
  }
  std::memcpy(&number, value.data(), sizeof number);
  return {};
}

}  // namespace

std::string Roots::bytes() const {
  const ByteVector bytes = encoded(RootIds{{superblock, root, {}, {}}});
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<Roots> Roots::parse(std::string_view bytes) {
  RootIds roots;
  Decoder decoder(as_bytes(bytes));
  decoder(roots);
  if (!decoder.ok() || roots.ids[0].is_nil() || roots.ids[1].is_nil()) {
    return error(Code::kIo, "the container says of no objects that its files start from");
  }
  return Roots{.superblock = roots.ids[0], .root = roots.ids[1]};
}

std::vector<Superblock::Field> Superblock::encode() const {
  std::vector<Field> fields = {{kAkeys[kMagicField], encoded(kMagic)},
                               {kAkeys[kSuperblockVersionField], encoded(kSuperblockVersion)},
                               {kAkeys[kLayoutVersionField], encoded(kLayoutVersion)},
                               {kAkeys[kChunkField], encoded(chunk_bytes)},
                               {kAkeys[kObjectClassField], encoded(object_class.value())},
                               {kAkeys[kDirectoryClassField], encoded(directory_class.value())},
                               {kAkeys[kFileClassField], encoded(file_class.value())},
                               {kAkeys[kModeField], encoded(static_cast<uint32_t>(mode))}};
  if (!hints.empty()) {
    const ByteSpan text = as_bytes(std::string_view(hints.c_str(), hints.size() + 1));
    fields.push_back({kAkeys[kHintsField], {text.begin(), text.end()}});
  }
  return fields;
}

std::vector<std::string_view> Superblock::akeys() { return {std::begin(kAkeys), std::end(kAkeys)}; }

Result<Superblock> Superblock::decode(const std::vector<ByteVector>& values) {
  if (values.size() != kFields) return error(Code::kInvalid, "superblock: {} values", values.size());
  uint64_t magic = 0;
  uint16_t version = 0;
  uint16_t layout = 0;
  DX_TRY(decode_number(values, kMagicField, magic));
  if (magic != kMagic) return error(Code::kInvalid, "superblock: its magic is {:#x}, not {:#x}", magic, kMagic);
  DX_TRY(decode_number(values, kSuperblockVersionField, version));
  DX_TRY(decode_number(values, kLayoutVersionField, layout));
  if (version > kSuperblockVersion || layout != kLayoutVersion) {
    return error(Code::kInvalid, "superblock: version {} and layout {}, this build reads {} and {}", version, layout,
                 kSuperblockVersion, kLayoutVersion);
  }
  Superblock superblock;
  uint32_t number = 0;
  DX_TRY(decode_number(values, kChunkField, superblock.chunk_bytes));
  DX_TRY(decode_number(values, kObjectClassField, number));
  superblock.object_class = classes::ClassId(number);
  DX_TRY(decode_number(values, kDirectoryClassField, number));
  superblock.directory_class = classes::ClassId(number);
  DX_TRY(decode_number(values, kFileClassField, number));
  superblock.file_class = classes::ClassId(number);
  DX_TRY(decode_number(values, kModeField, number));
  if (number != static_cast<uint32_t>(Mode::kRelaxed) && number != static_cast<uint32_t>(Mode::kBalanced)) {
    return error(Code::kInvalid, "superblock: mode {} is not known", number);
  }
  superblock.mode = static_cast<Mode>(number);
  if (superblock.chunk_bytes == 0) return error(Code::kInvalid, "superblock: a chunk size of 0");
  const ByteVector& hints = values[kHintsField];
  const bool ended = hints.empty() || hints.back() == std::byte{0};
  if (hints.size() > kHintsBytesMax + 1 || !ended) {
    return error(Code::kInvalid, "superblock: hints of {} bytes{}", hints.size(), ended ? "" : " without a NUL");
  }
  superblock.hints.assign(reinterpret_cast<const char*>(hints.data()), hints.size());
  superblock.hints.resize(std::strlen(superblock.hints.c_str()));
  return superblock;
}

ByteVector Entry::encode() const { return encoded(*this); }

Result<Entry> Entry::decode(ByteSpan bytes) {
  Entry entry;
  Decoder decoder(bytes);
  decoder(entry);
  if (!decoder.ok() || !decoder.rest().empty()) {
    return error(Code::kIo, "a directory entry of {} bytes, {} are expected", bytes.size(), kBytes);
  }
  return entry;
}

}  // namespace daos::dfs
