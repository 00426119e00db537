#include "model/rights/acl.h"

#include <algorithm>
#include <cstring>

namespace daos::rights {
namespace {

constexpr uint16_t kVersion = 1;
constexpr size_t kHeaderBytes = 8;
constexpr size_t kEntryHeaderBytes = 32;
constexpr size_t kAlignment = 8;
constexpr size_t kNameMax = 255;
constexpr uint8_t kAccessAll = AclEntry::kAllow | AclEntry::kAudit | AclEntry::kAlarm;

bool has_name(Principal type) { return type == Principal::kUser || type == Principal::kGroup; }
bool is_group(Principal type) { return type == Principal::kOwnerGroup || type == Principal::kGroup; }

template <class T>
T number_at(std::string_view bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}
template <class T>
void put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

size_t name_bytes(const AclEntry& entry) {
  return entry.name.empty() ? 0 : (entry.name.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
}

bool same_principal(const AclEntry& entry, Principal type, std::string_view name) {
  return entry.type == type && (!has_name(type) || entry.name == name);
}

/// What is wrong with an entry, or null.
const char* fault_of(const AclEntry& entry) {
  if (entry.access_types == 0 || (entry.access_types & ~kAccessAll) != 0) return "unknown or no access types";
  if (has_name(entry.type) != !entry.name.empty()) return "a name where there is none, or none where there is one";
  if (!entry.name.empty() && !is_principal_name(entry.name)) return "a malformed name";
  if (is_group(entry.type) != ((entry.flags & AclEntry::kFlagGroup) != 0)) return "the group flag does not fit";
  const bool logs = (entry.access_types & (AclEntry::kAudit | AclEntry::kAlarm)) != 0;
  if (logs != ((entry.flags & (AclEntry::kFlagFailure | AclEntry::kFlagSuccess)) != 0)) {
    return "audit and alarm go together with their flags";
  }
  if (entry.allow != 0 && (entry.access_types & AclEntry::kAllow) == 0) return "permissions for an access type not set";
  if (entry.audit != 0 && (entry.access_types & AclEntry::kAudit) == 0) return "permissions for an access type not set";
  if (entry.alarm != 0 && (entry.access_types & AclEntry::kAlarm) == 0) return "permissions for an access type not set";
  return nullptr;
}

}  // namespace

bool is_principal_name(std::string_view name) {
  if (name.size() > kNameMax || name.find('\0') != std::string_view::npos) return false;
  const size_t at = name.find('@');
  return at != std::string_view::npos && at != 0 && name.find('@', at + 1) == std::string_view::npos;
}

Result<Acl> Acl::parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return error(Code::kInvalid, "an access-control list of {} bytes", bytes.size());
  if (number_at<uint16_t>(bytes, 0) != kVersion)
    return error(Code::kInvalid, "an access-control list of another version");
  const size_t length = number_at<uint32_t>(bytes, 4);
  if (length % kAlignment != 0 || length > kEntryBytesMax || length != bytes.size() - kHeaderBytes) {
    return error(Code::kInvalid, "an access-control list that says {} bytes of entries and has {}", length,
                 bytes.size() - kHeaderBytes);
  }
  Acl acl;
  for (size_t at = kHeaderBytes; at < bytes.size();) {
    const size_t number = acl.entries_.size();
    const std::string_view rest = bytes.substr(at);
    if (rest.size() < kEntryHeaderBytes)
      return error(Code::kInvalid, "entry {} of an access-control list is cut", number);
    const uint8_t type = number_at<uint8_t>(rest, 1);
    const size_t name_bytes = number_at<uint16_t>(rest, 2);
    if (type >= kPrincipals || name_bytes % kAlignment != 0 || name_bytes > rest.size() - kEntryHeaderBytes) {
      return error(Code::kInvalid, "entry {} of an access-control list is malformed", number);
    }
    const std::string_view name = rest.substr(kEntryHeaderBytes, name_bytes);
    const size_t name_end = name.find('\0');
    if (!name.empty() && name_end == std::string_view::npos) {
      return error(Code::kInvalid, "the name in entry {} of an access-control list has no end", number);
    }
    AclEntry entry{.access_types = number_at<uint8_t>(rest, 0),
                   .type = static_cast<Principal>(type),
                   .flags = number_at<uint16_t>(rest, 4),
                   .allow = number_at<uint64_t>(rest, 8),
                   .audit = number_at<uint64_t>(rest, 16),
                   .alarm = number_at<uint64_t>(rest, 24),
                   .name = std::string(name.substr(0, name.empty() ? 0 : name_end))};
    if (!name.empty() && entry.name.empty()) return error(Code::kInvalid, "entry {} has an empty name", number);
    if (const char* fault = fault_of(entry))
      return error(Code::kInvalid, "entry {} of an access-control list: {}", number, fault);
    if (!acl.entries_.empty() && acl.entries_.back().type > entry.type) {
      return error(Code::kInvalid, "entry {} of an access-control list is out of order", number);
    }
    if (acl.find(entry.type, entry.name) != nullptr) {
      return error(Code::kInvalid, "entry {} of an access-control list is for somebody who has one already", number);
    }
    acl.entries_.push_back(std::move(entry));
    at += kEntryHeaderBytes + name_bytes;
  }
  return acl;
}

std::string Acl::bytes() const {
  std::string bytes;
  put(bytes, kVersion);
  put(bytes, uint16_t{0});
  put(bytes, static_cast<uint32_t>(entry_bytes()));
  for (const AclEntry& entry : entries_) {
    put(bytes, entry.access_types);
    put(bytes, entry.type);
    put(bytes, static_cast<uint16_t>(name_bytes(entry)));
    put(bytes, entry.flags);
    put(bytes, uint16_t{0});
    put(bytes, entry.allow);
    put(bytes, entry.audit);
    put(bytes, entry.alarm);
    bytes += entry.name;
    bytes.append(name_bytes(entry) - entry.name.size(), '\0');
  }
  return bytes;
}

size_t Acl::entry_bytes() const {
  size_t total = 0;
  for (const AclEntry& entry : entries_) total += kEntryHeaderBytes + name_bytes(entry);
  return total;
}

const AclEntry* Acl::find(Principal type, std::string_view name) const {
  for (const AclEntry& entry : entries_) {
    if (same_principal(entry, type, name)) return &entry;
  }
  return nullptr;
}

Status Acl::merge(const Acl& more) {
  Acl merged = *this;
  for (const AclEntry& entry : more.entries_) {
    std::erase_if(merged.entries_, [&](const AclEntry& old) { return same_principal(old, entry.type, entry.name); });
    const auto behind = std::find_if(merged.entries_.begin(), merged.entries_.end(),
                                     [&](const AclEntry& old) { return old.type > entry.type; });
    merged.entries_.insert(behind, entry);
  }
  if (merged.entry_bytes() > kEntryBytesMax) {
    return error(Code::kInvalid, "the access-control list would have {} bytes, at most {} are possible",
                 merged.entry_bytes(), kEntryBytesMax);
  }
  *this = std::move(merged);
  return {};
}

Status Acl::remove(Principal type, std::string_view name) {
  if (find(type, name) == nullptr) return error(Code::kNonexistent, "the access-control list has no such entry");
  std::erase_if(entries_, [&](const AclEntry& old) { return same_principal(old, type, name); });
  return {};
}

Acl Acl::of(std::vector<AclEntry> entries) {
  Acl acl;
  acl.entries_ = std::move(entries);
  return acl;
}

}  // namespace daos::rights
