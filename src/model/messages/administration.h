// To the services, from an administrator: changes that need no handle. Each carries a random `operation`: a repetition
// is answered as the first was.
#pragma once

#include "model/messages/container.h"

namespace daos::messages {

/// Properties of a pool, all or nothing; an access-control list among them takes the place of the old one. Rights of
/// handles that are open stay. To the system service, which keeps the labels. kInvalid: not one that changes. kExists:
/// the label is taken. kNotSupported: a redundancy factor above 0.
struct PoolChangeRequest {
  DX_REQUEST(kPoolChange);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  Properties properties;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.operation, self.pool, self.properties); }
};
/// Entries of a pool's access-control list.
struct PoolAclRequest {
  DX_REQUEST(kPoolAcl);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  AclChange change;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.operation, self.pool, self.change); }
};
/// Closes every handle of a pool and of its containers.
struct PoolEvictRequest {
  DX_REQUEST(kPoolEvict);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  static void visit(auto&& visitor, auto& self) { visitor(self.format, self.operation, self.pool); }
};
/// Gives a container to others; what is empty stays.
struct ContainerOwnerRequest {
  DX_REQUEST(kContainerOwner);
  using Reply = Nothing;
  uint8_t format = 1;
  Uuid operation;
  PoolId pool;
  std::string container;  // label or uuid
  std::string user;       // "alice@"
  std::string group;
  static void visit(auto&& visitor, auto& self) {
    visitor(self.format, self.operation, self.pool, self.container, self.user, self.group);
  }
};

}  // namespace daos::messages
