// Bytes as an access-control list, and as the text of an entry and of properties: no read outside, and what is accepted
// survives the way through text and back.
#include <daos_prop.h>
#include <daos_security.h>

#include <cstdlib>
#include <cstring>
#include <string>

namespace {

void list_of_bytes(const uint8_t* data, size_t size) {
  if (size < sizeof(daos_acl)) return;
  auto* acl = static_cast<daos_acl*>(std::malloc(size));  // of exactly that size, so that a read beyond it is seen
  if (acl == nullptr) return;
  std::memcpy(acl, data, size);
  acl->dal_len = static_cast<uint32_t>(size - sizeof(daos_acl));
  if (daos_acl_validate(acl) == 0) {
    char** texts = nullptr;
    size_t count = 0;
    if (daos_acl_to_strs(acl, &texts, &count) == 0) {
      for (size_t i = 0; i < count; i++) std::free(texts[i]);
      std::free(texts);
    }
    if (daos_acl_remove_ace(&acl, DAOS_ACL_OWNER, nullptr) == 0 && daos_acl_validate(acl) != 0) std::abort();
  }
  daos_acl_free(acl);
}

void entry_of_text(const std::string& text) {
  daos_ace* ace = nullptr;
  if (daos_ace_from_str(text.c_str(), &ace) != 0) return;
  char short_form[DAOS_ACL_MAX_ACE_STR_LEN];
  if (daos_ace_to_str(ace, short_form, sizeof short_form) != 0) std::abort();
  daos_ace* again = nullptr;
  if (daos_ace_from_str(short_form, &again) != 0) std::abort();
  if (daos_ace_get_size(ace) != daos_ace_get_size(again) ||
      std::memcmp(ace, again, static_cast<size_t>(daos_ace_get_size(ace))) != 0) {
    std::abort();
  }
  daos_ace_free(again);
  daos_ace_free(ace);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      list_of_bytes(data + 1, size - 1);
      break;
    case 1:
      entry_of_text(text);
      break;
    default: {
      daos_prop_t* prop = nullptr;
      if (daos_prop_from_str(text.c_str(), text.size() + 1, &prop) == 0) daos_prop_free(prop);
    }
  }
  return 0;
}
