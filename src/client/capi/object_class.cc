// Object classes by name and number. The table is model/classes', which client and server share.
#include <daos_obj_class.h>

#include <cstring>

#include "model/classes/object_class.h"

namespace {
namespace classes = daos::classes;
static_assert(classes::kClassNameMax == MAX_OBJ_CLASS_NAME_LEN);
constexpr std::string_view kSeparator = ", ";
}  // namespace

int daos_oclass_name2id(const char* name) {
  if (name == nullptr || ::strnlen(name, MAX_OBJ_CLASS_NAME_LEN + 1) > MAX_OBJ_CLASS_NAME_LEN) return OC_UNKNOWN;
  return static_cast<int>(classes::class_from_name(name).value());
}

int daos_oclass_id2name(daos_oclass_id_t oc_id, char* name) {
  if (name == nullptr) return -1;
  const std::string text = classes::class_name(classes::ClassId(oc_id));
  std::strcpy(name, text.empty() ? "UNKNOWN" : text.c_str());
  return text.empty() ? -1 : 0;
}

ssize_t daos_oclass_names_list(size_t size, char* str) {
  if (size == 0 || str == nullptr) return -DER_INVAL;
  size_t at = 0;
  for (const classes::NamedClass& named : classes::named_classes()) {
    if (at + named.name.size() + kSeparator.size() >= size) return -DER_OVERFLOW;
    at += named.name.copy(str + at, named.name.size());
    at += kSeparator.copy(str + at, kSeparator.size());
  }
  str[at] = '\0';
  return static_cast<ssize_t>(at);
}

int daos_oclass_nr(int opts) {
  (void)opts;
  return static_cast<int>(classes::named_classes().size()) + 1;  // programs know the number with an end mark
}

// Classes of one's own are not offered, by contract.
int daos_obj_register_class(daos_handle_t, daos_oclass_id_t, struct daos_oclass_attr*, daos_event_t*) {
  return -DER_NOSYS;
}
int daos_obj_query_class(daos_handle_t, daos_oclass_id_t, struct daos_oclass_attr*, daos_event_t*) {
  return -DER_NOSYS;
}
int daos_obj_list_class(daos_handle_t, struct daos_oclass_list*, daos_anchor_t*, daos_event_t*) { return -DER_NOSYS; }
