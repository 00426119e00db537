#include "server/services/attributes.h"

#include <algorithm>

namespace daos::services {

Status check_attributes(const std::map<std::string, std::string>& values) {
  if (values.empty()) return error(Code::kInvalid, "no attributes to set");
  uint64_t bytes = 0;
  for (const auto& [name, value] : values) {
    if (name.empty() || name.size() > messages::kAttributeNameMax) {
      return error(Code::kInvalid, "an attribute's name has 1 to {} bytes, not {}", messages::kAttributeNameMax,
                   name.size());
    }
    if (value.empty()) return error(Code::kInvalid, "attribute {} has no value", name);
    bytes += name.size() + value.size();
  }
  if (bytes > messages::kAttributeBytesPerCall) {
    return error(Code::kNoSpace, "{} bytes of attributes in one call, at most {} are possible", bytes,
                 messages::kAttributeBytesPerCall);
  }
  return {};
}

Status Attributes::set(const std::map<std::string, std::string>& values, uint64_t others) {
  DX_TRY(check_attributes(values));
  uint64_t grown = bytes_;
  for (const auto& [name, value] : values) {
    const std::string* old = find(name);
    grown += old != nullptr ? value.size() - old->size() : name.size() + value.size();
  }
  if (grown > bytes_ && others + grown > kBytesMax) {
    return error(Code::kNoSpace, "the pool's attributes would take {} bytes, at most {} are kept", others + grown,
                 kBytesMax);
  }
  for (const auto& [name, value] : values) values_[name] = value;
  bytes_ = grown;
  return {};
}

void Attributes::remove(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const auto found = values_.find(name);
    if (found == values_.end()) continue;
    bytes_ -= found->first.size() + found->second.size();
    values_.erase(found);
  }
}

std::vector<std::string> Attributes::names() const {
  std::vector<std::string> names;
  names.reserve(values_.size());
  for (const auto& [name, value] : values_) names.push_back(name);
  return names;
}

const std::string* Attributes::find(const std::string& name) const {
  const auto found = values_.find(name);
  return found == values_.end() ? nullptr : &found->second;
}

messages::AttributeGetReply look_up(const Attributes& attributes,
                                    const std::vector<messages::AttributeWanted>& wanted) {
  messages::AttributeGetReply reply;
  size_t bytes = 0;
  for (const messages::AttributeWanted& one : wanted) {
    messages::AttributeFound found;
    if (const std::string* value = attributes.find(one.name)) {
      found.bytes = value->size();
      found.value = value->substr(0, one.bytes_max);
    }
    bytes += found.value.size();
    // The first is always in: one value was set by one call, so it fits.
    if (!reply.found.empty() && bytes > messages::kAttributeBytesPerCall) break;
    reply.found.push_back(std::move(found));
  }
  return reply;
}

}  // namespace daos::services
