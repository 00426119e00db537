// The smoke test of a pool, step by step; each step's line is printed as it ends.
#pragma once

#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "programs/daos/autotest_values.h"
#include "programs/daos/session.h"

namespace daos::cli {

struct AutotestOptions {
  std::string pool;
  std::string system;
  bool skip_big = false;
  std::chrono::seconds limit{5};  // of each step that stores or computes many
};

class Autotest {
 public:
  /// `out`: where the lines go; `colour`: it is a terminal.
  Autotest(AutotestOptions options, std::FILE* out, bool colour)
      : options_(std::move(options)), out_(out), colour_(colour) {}
  /// True when every step passed or was skipped.
  bool run();

 private:
  /// What a step has to say; its time and whether it passed are added.
  using Body = std::function<Result<std::string>()>;
  void step(int number, const char* what, const Body& body);
  void skip(int number, const char* what, const std::string& why);
  void line(int number, const char* what, const char* word, const char* colour, std::string_view time,
            std::string_view comment);
  /// Store, read back, punch, numbered from `first`.
  void values(int first, size_t bytes, uint64_t values_max, uint64_t percent_of_free);
  Result<std::string> layouts(uint64_t count, daos_oclass_id_t object_class);
  bool opened() const { return container_.has_value(); }

  AutotestOptions options_;
  std::FILE* out_;
  bool colour_;
  bool failed_ = false;
  std::optional<Library> library_;
  std::optional<Pool> pool_;
  std::string made_;  // uuid of the container
  std::optional<Container> container_;
  uint64_t free_bytes_ = 0;
  uint32_t domains_ = 0;
};

}  // namespace daos::cli
