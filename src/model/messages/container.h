// To a pool's service: changes of a container, through a handle of it. Each carries a random `operation`: a repetition
// is answered as the first was.
#pragma once

#include "model/messages/common.h"

namespace daos::messages {

/// All or nothing. kNoPerm: no right, or a property that never changes. kInvalid: not for callers to set. kExists: the
/// label is taken.
struct ContainerChangeRequest {
  DX_REQUEST(kContainerChange);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  HandleId handle;
  Properties properties;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.handle, self.properties);
  }
};

/// Changes entries of the access-control list.
struct AclChange {
  std::string merge;      // a list, whose entries are added; empty: none
  bool remove = false;    // the entry of one principal; kNonexistent: there is none
  uint8_t principal = 0;  // the API's daos_acl_principal_type
  std::string name;
  static void visit(auto&& visitor, auto& self) { visitor(self.merge, self.remove, self.principal, self.name); }
};
struct ContainerAclRequest {
  DX_REQUEST(kContainerAcl);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  HandleId handle;
  AclChange change;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.handle, self.change);
  }
};

struct ObjectIdsReply {
  uint64_t first = 0;
  static void visit(auto&& visitor, auto& self) { visitor(self.first); }
};
/// Reserves `count` numbers, which nobody else of this container ever gets.
struct ObjectIdsRequest {
  DX_REQUEST(kObjectIds);
  using Reply = ObjectIdsReply;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  HandleId handle;
  uint64_t count = 0;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.handle, self.count);
  }
};

}  // namespace daos::messages
