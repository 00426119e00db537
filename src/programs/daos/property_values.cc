#include "programs/daos/property_values.h"

namespace daos::cli {
namespace {

messages::Property copy(const daos_prop_entry& entry) {
  messages::Property property{.type = entry.dpe_type};
  switch (entry.dpe_type) {
    case DAOS_PROP_PO_LABEL:
    case DAOS_PROP_PO_OWNER:
    case DAOS_PROP_PO_OWNER_GROUP:
    case DAOS_PROP_CO_LABEL:
    case DAOS_PROP_CO_OWNER:
    case DAOS_PROP_CO_OWNER_GROUP:
      if (entry.dpe_str != nullptr) property.text = entry.dpe_str;
      break;
    case DAOS_PROP_PO_ACL:
    case DAOS_PROP_CO_ACL:
      if (auto* acl = static_cast<daos_acl*>(entry.dpe_val_ptr); acl != nullptr) {
        property.text.assign(reinterpret_cast<const char*>(acl), static_cast<size_t>(daos_acl_get_size(acl)));
      }
      break;
    case DAOS_PROP_CO_ROOTS:
      if (entry.dpe_val_ptr != nullptr) {
        property.text.assign(static_cast<const char*>(entry.dpe_val_ptr), sizeof(daos_prop_co_roots));
      }
      break;
    case DAOS_PROP_PO_SVC_LIST:
      if (const auto* ranks = static_cast<const d_rank_list_t*>(entry.dpe_val_ptr); ranks != nullptr) {
        property.text.assign(reinterpret_cast<const char*>(ranks->rl_ranks), ranks->rl_nr * sizeof(d_rank_t));
      }
      break;
    default:
      property.number = entry.dpe_val;
  }
  return property;
}

messages::Properties copy(const daos_prop_t& list) {
  messages::Properties properties;
  for (uint32_t i = 0; i < list.dpp_nr; i++) {
    daos_prop_entry& entry = list.dpp_entries[i];
    if (daos_prop_is_set(&entry)) properties.push_back(copy(entry));
  }
  return properties;
}

}  // namespace

Result<messages::Properties> properties_of(const Container& container) {
  PropertyList all(0);  // an empty list asks for everything
  if (!all.ok()) return Status(Code::kNoMemory);
  const Status asked = from_api(daos_cont_query(container.handle(), nullptr, all.get(), nullptr));
  if (asked.ok()) return copy(*all.get());
  if (asked.code() != Code::kNoPerm) return asked;
  PropertyList others(DAOS_PROP_CO_NUM - 1);
  if (!others.ok()) return Status(Code::kNoMemory);
  size_t entry = 0;
  for (uint32_t type = DAOS_PROP_CO_MIN + 1; type < DAOS_PROP_CO_MAX; type++) {
    if (type != DAOS_PROP_CO_ACL) others.ask(entry++, type);
  }
  DX_TRY(from_api(daos_cont_query(container.handle(), nullptr, others.get(), nullptr)));
  return copy(*others.get());
}

Result<messages::Properties> properties_of(const Pool& pool) {
  PropertyList all(0);
  if (!all.ok()) return Status(Code::kNoMemory);
  DX_TRY(from_api(daos_pool_query(pool.handle(), nullptr, nullptr, all.get(), nullptr)));
  return copy(*all.get());
}

Status fill(PropertyList& list, const messages::Properties& properties, size_t first) {
  if (!list.ok()) return Status(Code::kNoMemory);
  for (const messages::Property& property : properties) {
    if (property.text.empty()) {
      list.set(first++, property.type, property.number);
    } else {
      DX_TRY(list.set(first++, property.type, property.text));
    }
  }
  return {};
}

}  // namespace daos::cli
