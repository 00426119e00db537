// What libdaos_client.so and libdaos_embedded.so share: one C function, and descriptors. Both have a copy of the
// platform of their own, so nothing of C++ crosses; what is more than a number is text, or bytes of model/messages.
// Both libraries come from one build, and refuse each other otherwise.
//
// Thread-safety of the function: any thread; calls wait for each other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace daos::core {

inline constexpr uint32_t kEmbeddedVersion = 1;
inline constexpr const char* kEmbeddedFunction = "daos_embedded";
inline constexpr const char* kEmbeddedLibrary = "libdaos_embedded.so";
inline constexpr size_t kEmbeddedDoorsMax = 65;  // an engine's system listener and its targets

struct EmbeddedCall {
  enum Operation : uint32_t {
    kOpen = 1,     // the store in `directory`, making it where there is none; opened twice it is the same
    kClose = 2,    // `store`, when this ends its last use
    kPool = 3,     // which pool of `store` is meant by `pool`; makes one where there is none
    kHold = 4,     // a fork comes: everything of all stores rests
    kRelease = 5,  // in the parent
    kAbandon = 6,  // in the child: copies of descriptors are closed, the stores forgotten
  };

  uint32_t version = kEmbeddedVersion;
  uint32_t bytes = sizeof(EmbeddedCall);
  uint32_t operation = 0;

  // kOpen
  const char* directory = nullptr;
  const void* attach = nullptr;  // an encoded messages::AttachRequest
  size_t attach_bytes = 0;
  // of a store or pool that is made; empty: the default
  const char* targets = "";
  const char* pool_size = "";
  const char* durability = "";

  // of an open store
  uint64_t store = 0;            // out of kOpen
  char path[4096] = {};          // out of kOpen: which directory it is, however it was named
  int doors[kEmbeddedDoorsMax];  // out of kOpen, the caller's: the first is that of port 1
  uint32_t door_count = 0;
  char host[64] = {};  // out of kOpen: of the doors' addresses, "tcp://HOST:1" and so on
  char answer[8192];   // out of kOpen: an encoded messages::AttachAnswer
  size_t answer_bytes = 0;
  char pool[128] = {};  // kPool, in and out: a label or uuid; empty: the one that there is

  // out, of every operation
  int32_t code = 0;  // of Code; 0 is success
  char message[1024] = {};
};

using EmbeddedFunction = void (*)(EmbeddedCall*);

}  // namespace daos::core
