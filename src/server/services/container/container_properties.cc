#include "server/services/container/container_properties.h"

#include "platform/base/uuid.h"

namespace daos::services {
namespace {

using messages::Properties;
using messages::Property;

constexpr size_t kLabelMax = 127;
constexpr std::string_view kNoLabel = "container_label_not_set";  // what an API shows where there is none
constexpr size_t kRootsBytes = 64;                                // four object ids
constexpr size_t kPropertiesMax = messages::kContainerPropertyEnd - messages::kContainerLabel;

rights::Who as_who(const messages::Credential& credential) { return {credential.user, credential.groups}; }

/// The list under `type`, or what stands in for a missing one.
rights::Acl acl_of(const Properties& properties, uint32_t type, rights::Acl (*otherwise)()) {
  const Property* property = messages::find_property(properties, type);
  if (property == nullptr) return otherwise();
  Result<rights::Acl> acl = rights::Acl::parse(property->text);
  return acl.ok() ? std::move(acl).take() : rights::Acl();  // a damaged list allows nothing
}

Status check_structure(const Properties& properties) {
  if (properties.size() > kPropertiesMax) return error(Code::kInvalid, "{} properties", properties.size());
  for (const Property& property : properties) {
    if (property.type < messages::kContainerLabel || property.type >= messages::kContainerPropertyEnd) {
      return error(Code::kInvalid, "containers have no property {:#x}", property.type);
    }
    if (messages::find_property(properties, property.type) != &property) {
      return error(Code::kInvalid, "property {:#x} is given twice", property.type);
    }
  }
  return {};
}

/// Values that others rely on; the ranges of plain numbers are the client's business.
Status check_value(Property& property) {
  switch (property.type) {
    case messages::kContainerLabel:
      if (is_label(property.text) && property.text != kNoLabel) return {};
      return error(Code::kInvalid, "\"{}\" is not a label for a container", property.text);
    case messages::kContainerOwner:
    case messages::kContainerOwnerGroup:
      if (rights::is_principal_name(property.text)) return {};
      return error(Code::kInvalid, "\"{}\" is not a principal", property.text);
    case messages::kContainerAcl:
      property.text = DX_TRY(rights::Acl::parse(property.text)).bytes();
      return {};
    case messages::kContainerRoots:
      if (property.text.size() == kRootsBytes) return {};
      return error(Code::kInvalid, "roots of {} bytes", property.text.size());
    default:
      return {};
  }
}

/// The permission that changing it needs; 0: nobody may.
uint64_t needed_to_change(uint32_t type) {
  switch (type) {
    case messages::kContainerAcl:
      return rights::kSetAcl;
    case messages::kContainerOwner:
    case messages::kContainerOwnerGroup:
      return rights::kSetOwner;
    case messages::kContainerLabel:
    case messages::kContainerLayoutVersion:
    case messages::kContainerServerVerify:
    case messages::kContainerSnapshotsMax:
    case messages::kContainerScrubberDisabled:
    case messages::kContainerStatus:
      return rights::kSetProperties;
    default:
      return 0;
  }
}

}  // namespace

Status check_pool_properties(const Properties& properties) {
  for (const Property& property : properties) {
    const bool names = property.type == messages::kPoolOwner || property.type == messages::kPoolOwnerGroup;
    if (names && !rights::is_principal_name(property.text)) {
      return error(Code::kInvalid, "\"{}\" is not a principal, as in alice@", property.text);
    }
    if (property.type == messages::kPoolAcl) DX_TRY(rights::Acl::parse(property.text));
  }
  return {};
}

Result<std::string> changed_acl(const Properties& properties, uint32_t type, rights::Acl (*otherwise)(),
                                const messages::AclChange& change) {
  const Property* stored = messages::find_property(properties, type);
  rights::Acl acl = stored != nullptr ? DX_TRY(rights::Acl::parse(stored->text)) : otherwise();
  if (!change.merge.empty()) DX_TRY(acl.merge(DX_TRY(rights::Acl::parse(change.merge))));
  if (change.remove) {
    if (change.principal >= rights::kPrincipals)
      return error(Code::kInvalid, "no type {} of principals", change.principal);
    DX_TRY(acl.remove(static_cast<rights::Principal>(change.principal), change.name));
  }
  return acl.bytes();
}

Result<Properties> checked_pool_change(Properties wanted) {
  for (Property& property : wanted) {
    if (messages::find_property(wanted, property.type) != &property) {
      return error(Code::kInvalid, "property {} is given twice", property.type);
    }
    switch (property.type) {
      case messages::kPoolLabel:
        if (!is_label(property.text)) return error(Code::kInvalid, "\"{}\" is not a label for a pool", property.text);
        break;
      case messages::kPoolAcl:
        property.text = DX_TRY(rights::Acl::parse(property.text)).bytes();
        break;
      case messages::kPoolOwner:
      case messages::kPoolOwnerGroup:
        if (!rights::is_principal_name(property.text)) {
          return error(Code::kInvalid, "\"{}\" is not a principal, as in alice@", property.text);
        }
        break;
      case messages::kPoolRedundancyFactor:
        if (property.number > 0) {
          return error(Code::kNotSupported, "rd_fac {}: redundancy is not there yet", property.number);
        }
        break;
      case messages::kPoolServiceList:
      case messages::kPoolEcAffinity:
      case messages::kPoolCopyAffinity:
      case messages::kPoolGlobalVersion:
      case messages::kPoolUpgradeStatus:
      case messages::kPoolObjectVersion:
      case messages::kPoolPerformanceDomain:
        return error(Code::kInvalid, "property {} of a pool never changes", property.type);
      default:
        if (property.type == 0 || property.type >= messages::kPoolPropertyEnd) {
          return error(Code::kInvalid, "pools have no property {}", property.type);
        }
    }
  }
  return wanted;
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > kLabelMax || Uuid::parse(text)) return false;
  for (const char c : text) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alphanumeric && c != '.' && c != '_' && c != ':' && c != '-') return false;
  }
  return true;
}

uint64_t number_of(const Properties& properties, uint32_t type, uint64_t otherwise) {
  const Property* property = messages::find_property(properties, type);
  return property != nullptr ? property->number : otherwise;
}

std::string_view owner_of(const Properties& properties, uint32_t type) {
  const Property* property = messages::find_property(properties, type);
  return property != nullptr ? std::string_view(property->text) : messages::kNobody;
}

uint64_t permissions_of_container(const Properties& properties, const messages::Credential& who) {
  return rights::container_permissions(
      acl_of(properties, messages::kContainerAcl, rights::default_container_acl),
      {owner_of(properties, messages::kContainerOwner), owner_of(properties, messages::kContainerOwnerGroup)},
      as_who(who));
}

uint64_t permissions_of_pool(const Properties& properties, const messages::Credential& who) {
  return rights::pool_permissions(
      acl_of(properties, messages::kPoolAcl, rights::default_pool_acl),
      {owner_of(properties, messages::kPoolOwner), owner_of(properties, messages::kPoolOwnerGroup)}, as_who(who));
}

Result<Properties> complete_properties(Properties given, const messages::Credential& creator) {
  DX_TRY(check_structure(given));
  for (Property& property : given) {
    if (property.type == messages::kContainerStatus || property.type == messages::kContainerGlobalVersion) {
      return error(Code::kInvalid, "status and global version of a container are not the creator's to give");
    }
    DX_TRY(check_value(property));
    if (property.type == messages::kContainerOwner && property.text != creator.user) {
      return error(Code::kInvalid, "a container cannot be created for {} by {}", property.text, creator.user);
    }
  }
  const auto add = [&given](uint32_t type, std::string text) {
    if (messages::find_property(given, type) == nullptr) given.push_back({.type = type, .text = std::move(text)});
  };
  add(messages::kContainerOwner, creator.user);
  add(messages::kContainerOwnerGroup, creator.groups.empty() ? messages::kNobody : creator.groups.front());
  add(messages::kContainerAcl, rights::default_container_acl().bytes());
  return given;
}

Result<Properties> checked_change(Properties wanted, uint64_t permissions) {
  DX_TRY(check_structure(wanted));
  for (Property& property : wanted) {
    const uint32_t type = property.type;
    if (type == messages::kContainerGlobalVersion || type == messages::kContainerObjectVersion) {
      return error(Code::kInvalid, "property {:#x} is not for callers to set", type);
    }
    if (type == messages::kContainerStatus && (property.number >> 32 & 0xffff) != messages::kStatusHealthy) {
      return error(Code::kInvalid, "a container can only be declared healthy");
    }
    DX_TRY(check_value(property));
    const uint64_t needed = needed_to_change(type);
    if (needed == 0) return error(Code::kNoPerm, "property {:#x} of a container never changes", type);
    if ((permissions & needed) == 0)
      return error(Code::kNoPerm, "the handle does not allow to change property {:#x}", type);
  }
  return wanted;
}

}  // namespace daos::services
