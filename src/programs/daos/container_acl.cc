#include "programs/daos/container_acl.h"

namespace daos::cli {

Result<acl::View> acl_of(const Container& container) {
  daos_prop_t* list = nullptr;
  DX_TRY(from_api(daos_cont_get_acl(container.handle(), &list, nullptr)));
  const std::unique_ptr<daos_prop_t, void (*)(daos_prop_t*)> owned(list, daos_prop_free);
  acl::View view;
  for (uint32_t i = 0; i < list->dpp_nr; i++) {
    const daos_prop_entry& entry = list->dpp_entries[i];
    if (entry.dpe_type == DAOS_PROP_CO_OWNER && entry.dpe_str != nullptr) view.owner = entry.dpe_str;
    if (entry.dpe_type == DAOS_PROP_CO_OWNER_GROUP && entry.dpe_str != nullptr) view.group = entry.dpe_str;
    if (entry.dpe_type != DAOS_PROP_CO_ACL || entry.dpe_val_ptr == nullptr) continue;
    auto* acl = static_cast<daos_acl*>(entry.dpe_val_ptr);
    view.entries = acl::entries_of({reinterpret_cast<const char*>(acl), static_cast<size_t>(daos_acl_get_size(acl))});
  }
  return view;
}

Result<output::Answer> changed_acl(const Container& container, const std::string& shown) {
  const Result<acl::View> view = acl_of(container);
  if (!view.ok()) {
    fmt::print(stderr, "the ACL of container {} was changed, but it cannot be shown: {}\n", shown, view.status());
    return output::Answer{};
  }
  return output::Answer{.text = acl::text(*view, acl::Comments::kNo), .json = acl::json(*view)};
}

}  // namespace daos::cli
