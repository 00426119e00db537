// User attributes of a pool or a container: small named values, as plain data.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/messages/attributes.h"
#include "platform/base/status.h"
#include "server/services/command.h"

namespace daos::services {

class Attributes {
 public:
  /// What all attributes of a pool and its containers may take together, so that the service's snapshot stays small.
  static constexpr uint64_t kBytesMax = 64u << 20;

  /// All or nothing: creates or replaces. `others` is what the pool's other attributes take.
  Status set(const std::map<std::string, std::string>& values, uint64_t others);
  void remove(const std::vector<std::string>& names);

  std::vector<std::string> names() const;
  /// Null: there is none.
  const std::string* find(const std::string& name) const;
  uint64_t bytes() const { return bytes_; }

  static void visit(auto&& visitor, auto& self) { visitor(self.values_, self.bytes_); }

 private:
  std::map<std::string, std::string> values_;
  uint64_t bytes_ = 0;  // of names and values
};

/// kInvalid for what is no name, an empty value, or more than one call carries.
Status check_attributes(const std::map<std::string, std::string>& values);

/// The values as asked for, each cut to its room, as many as fit one message.
messages::AttributeGetReply look_up(const Attributes& attributes, const std::vector<messages::AttributeWanted>& wanted);

}  // namespace daos::services
