#include "model/messages/administration.h"
#include "model/messages/attach.h"
#include "model/messages/attributes.h"
#include "model/messages/container.h"
#include "model/messages/engine.h"
#include "model/messages/object.h"
#include "model/messages/pool.h"
#include "model/messages/system.h"

namespace daos::messages {

std::string_view method_name(uint16_t number) {
  switch (static_cast<MethodNumber>(number)) {
#define DX_METHOD(enumerator, number, again) \
  case MethodNumber::enumerator:             \
    return #enumerator;
#include "model/messages/methods.def"
#undef DX_METHOD
  }
  return "unknown";
}

const Property* find_property(const Properties& properties, uint32_t type) {
  for (const Property& property : properties) {
    if (property.type == type) return &property;
  }
  return nullptr;
}

void set_property(Properties& properties, Property property) {
  for (Property& existing : properties) {
    if (existing.type == property.type) {
      existing = std::move(property);
      return;
    }
  }
  properties.push_back(std::move(property));
}

}  // namespace daos::messages
