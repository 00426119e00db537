// What a run of daos_perf is told: read from the command line, checked, and plain data from then on.
#pragma once

#include <cstdint>
#include <string>

#include "programs/arguments/program.h"

namespace daos::perf {

enum class KindName : uint8_t { kSingle, kKeyValue, kArray };
enum class Work : uint8_t { kWrite, kRead, kMixed, kVerify };

/// As given.
struct Options {
  std::string pool;
  std::string container;
  std::string system;
  std::string kind = "single";
  std::string size = "64";
  std::string object_class = "SX";
  std::string ledger;
  uint64_t object = 1;
  uint64_t keys = 10'000;
  uint32_t depth = 16;
  uint32_t clients = 1;
  double seconds = 0;
  double progress = 0;
  uint32_t read_percent = 50;
  uint64_t seed = 1;
  bool verify = false;
};

/// As understood.
struct Plan {
  Work work = Work::kWrite;
  KindName kind = KindName::kSingle;
  std::string pool;
  std::string container;
  std::string system;  // empty: the agent's
  std::string ledger;  // empty: none is kept
  uint64_t value_bytes = 64;
  uint32_t class_id = 0;
  std::string class_name;
  uint64_t object = 1;  // its lower half; the upper one follows from kind and class
  uint64_t keys = 0;    // of each client
  uint32_t depth = 16;
  uint32_t clients = 1;
  double seconds = 0;   // 0: each key once, in order; else keys by chance until the time is over
  double progress = 0;  // seconds between lines; 0: none
  uint32_t read_percent = 50;
  uint64_t seed = 1;
  bool verify = false;
};

/// Positionals and options that every verb has.
void add_common(CLI::App& verb, Options& options);
/// How long, how deep, and what is printed meanwhile: all verbs but `verify` go by keys or by time.
void add_time(CLI::App& verb, Options& options);

Result<Plan> understand(const Options& options, Work work);
std::string_view kind_text(KindName kind);
std::string_view work_text(Work work);

}  // namespace daos::perf
