// Goal: a container that is made with checksums gives back what was written, in whole and in part, and a byte that
// changed in a target's file while nobody looked reads as -DER_CSUM, never as data. Method: the public API and the
// `daos` program on real processes; the byte is changed while the system is down.
#include <filesystem>
#include <fstream>

#include "api_fixture.h"

namespace api_test {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBytes = 6u << 20;  // a target reads parts of it
constexpr size_t kTurned = 3'000'123;

int shell(const std::string& line) { return std::system((line + " > /dev/null 2>&1").c_str()); }
std::string system_directory() { return std::getenv("SYSTEM_DIR"); }

/// The container "sums" of the pool "tank", and one object of it.
struct Sums {
  void open() {
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr), 0);
    ASSERT_EQ(daos_cont_open(pool, "sums", DAOS_COO_RW, &container, nullptr, nullptr), 0);
    daos_obj_id_t oid = {1, 0};
    ASSERT_EQ(daos_obj_generate_oid(container, &oid, DAOS_OT_MULTI_HASHED, OC_S1, 0, 0), 0);
    ASSERT_EQ(daos_obj_open(container, oid, DAOS_OO_RW, &object, nullptr), 0);
  }
  void close() {
    EXPECT_EQ(daos_obj_close(object, nullptr), 0);
    EXPECT_EQ(daos_cont_close(container, nullptr), 0);
    EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
    EXPECT_EQ(daos_fini(), 0);
  }
  int read(uint64_t start, std::string& into) {
    daos_recx_t extent{start, into.size()};
    daos_key_t dkey = key_of("d");
    daos_iod_t iod{};
    iod.iod_name = key_of("a");
    iod.iod_type = DAOS_IOD_ARRAY;
    iod.iod_size = 1;
    iod.iod_nr = 1;
    iod.iod_recxs = &extent;
    d_iov_t iov = key_of(into);
    d_sg_list_t sgl{1, 0, &iov};
    return daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, nullptr);
  }
  daos_handle_t pool = DAOS_HDL_INVAL, container = DAOS_HDL_INVAL, object = DAOS_HDL_INVAL;
};

/// Changes the byte at `at` of the value in whichever target's file it is.
bool turn_a_byte(const std::string& value, size_t at) {
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(system_directory())) {
    if (entry.path().filename() != "extents") continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const size_t place = content.find(value.substr(0, 4096));
    if (place == std::string::npos) continue;
    file.clear();
    file.seekp(static_cast<std::streamoff>(place + at));
    file.put(static_cast<char>(content[place + at] ^ 1));
    return file.good();
  }
  return false;
}

TEST(Checksums, AByteThatChangedInAFileIsNeverRead) {
  const std::string bin = BIN_DIR;
  ASSERT_EQ(shell(bin + "/daos container create tank sums --properties cksum:crc32,srv_cksum:on"), 0);
  Sums sums;
  ASSERT_NO_FATAL_FAILURE(sums.open());
  std::string value(kBytes, ' ');
  for (size_t i = 0; i < value.size(); i++) value[i] = static_cast<char>(i * 2654435761u >> 13);
  ASSERT_EQ(write_at(sums.object, "d", "a", 100, value), 0);
  std::string whole(kBytes, '?');
  ASSERT_EQ(sums.read(100, whole), 0);
  EXPECT_EQ(whole, value);
  const std::string middle(70'001, 'm');
  ASSERT_EQ(write_at(sums.object, "d", "a", 1'000'000, middle), 0);
  value.replace(1'000'000 - 100, middle.size(), middle);
  std::string part(300'000, '?');
  ASSERT_EQ(sums.read(950'003, part), 0);
  EXPECT_EQ(part, value.substr(950'003 - 100, part.size()));
  sums.close();

  const std::string local = bin + "/daos_server local --dir " + system_directory();
  ASSERT_EQ(shell(local + " stop"), 0);
  ASSERT_TRUE(turn_a_byte(value, kTurned));
  ASSERT_EQ(shell(local + " --engines 2 --targets 2 --daemon"), 0);

  ASSERT_NO_FATAL_FAILURE(sums.open());
  EXPECT_EQ(sums.read(100, whole), -DER_CSUM);
  for (const auto& [start, bytes] :
       {std::pair<uint64_t, size_t>{kTurned, 5000}, {kTurned + 100, 1}, {kTurned + 101, 10}}) {
    std::string some(bytes, '?');
    EXPECT_EQ(sums.read(start, some), -DER_CSUM) << start;
  }
  ASSERT_EQ(sums.read(950'003, part), 0);
  EXPECT_EQ(part, value.substr(950'003 - 100, part.size()));
  // What is written over it can be read.
  const std::string anew(100'000, 'n');
  ASSERT_EQ(write_at(sums.object, "d", "a", kTurned - 50'000, anew), 0);
  std::string over(90'000, '?');
  EXPECT_EQ(sums.read(kTurned - 45'000, over), 0);
  EXPECT_EQ(over, std::string(90'000, 'n'));
  sums.close();
}

}  // namespace
}  // namespace api_test
