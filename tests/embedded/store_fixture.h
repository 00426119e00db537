// For tests of embedded stores: a directory of its own for each test, a few values through the public API, and other
// processes, which are this program again in a role (roles.cc).
#pragma once

#include <daos.h>
#include <gtest/gtest.h>
#include <gurt/common.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace embedded {

namespace fs = std::filesystem;

/// Runs this program as `role` if that is what the command line says; -1: it does not.
int play_role(int argc, char** argv);

inline size_t entries(const char* folder) {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(folder)) count++;
  return count;
}
inline size_t descriptors() { return entries("/proc/self/fd"); }
inline size_t threads() { return entries("/proc/self/task"); }

/// One object of one container, with a number under each key.
class Numbers {
 public:
  /// The container "numbers" of the pool, made where it is not there; 0 or the error of what failed.
  int open(const char* pool) {
    if (const int rc = daos_pool_connect(pool, nullptr, DAOS_PC_RW, &pool_, nullptr, nullptr); rc != 0) return rc;
    int rc = daos_cont_open(pool_, "numbers", DAOS_COO_RW, &container_, nullptr, nullptr);
    if (rc == -DER_NONEXIST) {
      rc = daos_cont_create_with_label(pool_, "numbers", nullptr, nullptr, nullptr);
      if (rc == 0) rc = daos_cont_open(pool_, "numbers", DAOS_COO_RW, &container_, nullptr, nullptr);
    }
    daos_obj_id_t oid = {1, 0};
    if (rc == 0) rc = daos_obj_generate_oid(container_, &oid, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0);
    if (rc == 0) rc = daos_obj_open(container_, oid, DAOS_OO_RW, &object_, nullptr);
    return rc;
  }
  int close() {
    int rc = daos_obj_close(object_, nullptr);
    if (rc == 0) rc = daos_cont_close(container_, nullptr);
    if (rc == 0) rc = daos_pool_disconnect(pool_, nullptr);
    return rc;
  }
  daos_handle_t pool() const { return pool_; }

  int put(uint64_t key, uint64_t number, size_t bytes = sizeof(uint64_t)) {
    std::vector<uint64_t> value(bytes / sizeof number, number);
    Place place(key, value.data(), bytes);
    place.iod.iod_size = bytes;
    return daos_obj_update(object_, DAOS_TX_NONE, 0, &place.dkey, 1, &place.iod, &place.sgl, nullptr);
  }
  /// -DER_NONEXIST when there is none.
  int get(uint64_t key, uint64_t& number) {
    std::vector<uint64_t> value(1u << 18);
    Place place(key, value.data(), value.size() * sizeof number);
    const int rc = daos_obj_fetch(object_, DAOS_TX_NONE, 0, &place.dkey, 1, &place.iod, &place.sgl, nullptr, nullptr);
    number = value[0];
    return rc == 0 && place.iod.iod_size == 0 ? -DER_NONEXIST : rc;
  }

 private:
  struct Place {
    Place(uint64_t k, void* memory, size_t bytes) : key(k), sgl{1, 0, &iov} {
      d_iov_set(&dkey, &key, sizeof key);
      d_iov_set(&iod.iod_name, const_cast<char*>("n"), 1);
      iod.iod_type = DAOS_IOD_SINGLE;
      iod.iod_size = DAOS_REC_ANY;
      iod.iod_nr = 1;
      d_iov_set(&iov, memory, bytes);
    }
    uint64_t key;
    daos_key_t dkey{};
    daos_iod_t iod{};
    d_iov_t iov{};
    d_sg_list_t sgl;
  };
  daos_handle_t pool_ = DAOS_HDL_INVAL, container_ = DAOS_HDL_INVAL, object_ = DAOS_HDL_INVAL;
};

/// What the value of a key must be.
inline uint64_t number_of(uint64_t key) { return key * 0x9e3779b97f4a7c15u + 1; }

/// This program again, in a role of roles.cc, with a pipe to and from it.
class Process {
 public:
  explicit Process(std::vector<std::string> words);
  ~Process();
  Process(const Process&) = delete;
  pid_t pid() const { return pid_; }
  /// The next line that it prints; empty when it has ended.
  std::string line();
  /// Everything that it still prints, until it ends.
  std::string rest();
  void kill(int signal);
  /// Closes its standard input, which is how roles are told to go on, and waits. The exit status, or -1 for a signal.
  int finish();

 private:
  pid_t pid_ = -1;
  int to_ = -1;
  int from_ = -1;
};

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"DAOS_AGENT_DRPC_DIR", "DAOS_EMBEDDED", "DAOS_EMBEDDED_TARGETS", "DAOS_EMBEDDED_SIZE",
                             "DAOS_EMBEDDED_DURABILITY"}) {
      unsetenv(name);
    }
    setenv("DAOS_AGENT_DRPC_DIR", "/nonexistent", 1);  // no test may lean on a system of this machine
    std::string pattern = (fs::temp_directory_path() / "embedded_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    top_ = pattern;
    store_ = top_ + "/store";
  }
  void TearDown() override {
    std::error_code ignored;
    fs::remove_all(top_, ignored);
  }
  void use(const std::string& directory) { setenv("DAOS_EMBEDDED", directory.c_str(), 1); }
  /// daos_init with what it says on standard error.
  int init(std::string& said) {
    testing::internal::CaptureStderr();
    const int rc = daos_init();
    said = testing::internal::GetCapturedStderr();
    return rc;
  }
  static void expect_numbers(Numbers& numbers, uint64_t count) {
    for (uint64_t key = 0; key < count; key++) {
      uint64_t number = 0;
      ASSERT_EQ(numbers.get(key, number), 0) << key;
      ASSERT_EQ(number, number_of(key)) << key;
    }
  }

  std::string top_;
  std::string store_;
};

}  // namespace embedded
