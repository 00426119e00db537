// Stores the files of a folder in a DAOS container, and compares them with it: many operations in flight from one
// thread, through an event queue.
//
//   store_tree store   POOL CONTAINER FOLDER
//   store_tree compare POOL CONTAINER FOLDER
//
// `store` makes the container when there is none. Without a server: a path as POOL (docs/user/embedded.md).
//
// Layout: one object of class SX. A file is a distribution key (its path below FOLDER), which decides where it lives;
// its content is in values of at most 64 KiB under the attribute keys "0", "1", ..., its length under "size".
#include <daos.h>

#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr size_t kValueBytesMax = 64 * 1024;
constexpr size_t kInFlightMax = 256;
constexpr daos_obj_id_t kObject = {.lo = 1, .hi = 0};

[[noreturn]] void fail(const char* what, int rc) {
  std::fprintf(stderr, "store_tree: %s: %s (%d)\n", what, d_errdesc(rc), rc);
  std::exit(1);
}
void check(const char* what, int rc) {
  if (rc != 0) fail(what, rc);
}

/// FNV-1a: simple, and good enough to notice a byte that changed.
uint64_t checksum(const char* data, size_t bytes, uint64_t hash = 0xcbf29ce484222325u) {
  for (size_t i = 0; i < bytes; i++) hash = (hash ^ static_cast<unsigned char>(data[i])) * 0x100000001b3u;
  return hash;
}

d_iov_t iov_of(void* data, size_t bytes) {
  d_iov_t iov;
  d_iov_set(&iov, data, bytes);
  return iov;
}

/// One value of one file on its way. Everything that the library may look at until the event is done lives here.
struct Operation {
  daos_event_t event;
  std::string path;   // the distribution key
  std::string name;   // the attribute key
  size_t offset = 0;  // in the file
  uint64_t file_bytes = 0;
  uint64_t wanted_bytes = 0;  // comparing: what file_bytes, and the value's checksum, must turn out to be
  uint64_t wanted_checksum = 0;
  std::vector<char> value;
  daos_key_t dkey, size_name;
  daos_iod_t iods[2] = {};
  d_sg_list_t sgls[2] = {};
  d_iov_t iovs[2];

  /// The first value of a file travels with the file's length, in one operation.
  unsigned prepare(size_t index) {
    name = std::to_string(index);
    dkey = iov_of(path.data(), path.size());
    describe(0, iov_of(name.data(), name.size()), iov_of(value.data(), value.size()));
    if (index > 0) return 1;
    static char size_key[] = "size";
    describe(1, iov_of(size_key, 4), iov_of(&file_bytes, sizeof file_bytes));
    if (!value.empty()) return 2;
    std::swap(iods[0], iods[1]);  // an empty file has a length and no values
    std::swap(iovs[0], iovs[1]);
    return 1;
  }
  void describe(size_t i, daos_key_t key, d_iov_t iov) {
    iods[i] = {.iod_name = key, .iod_type = DAOS_IOD_SINGLE, .iod_size = iov.iov_len, .iod_nr = 1};
    iovs[i] = iov;
    sgls[i] = {.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &iovs[i]};
  }
};

/// Pool, container, object and event queue, in the order in which they are opened.
class Store {
 public:
  Store(const char* pool, const char* container, bool may_create) {
    check("daos_init", daos_init());
    check("connecting to the pool", daos_pool_connect(pool, nullptr, DAOS_PC_RW, &pool_, nullptr, nullptr));
    if (may_create) {
      const int rc = daos_cont_create_with_label(pool_, container, nullptr, nullptr, nullptr);
      if (rc != -DER_EXIST) check("creating the container", rc);
    }
    check("opening the container", daos_cont_open(pool_, container, DAOS_COO_RW, &container_, nullptr, nullptr));
    daos_obj_id_t id = kObject;
    check("object id", daos_obj_generate_oid(container_, &id, DAOS_OT_MULTI_HASHED, OC_SX, 0, 0));
    check("opening the object", daos_obj_open(container_, id, DAOS_OO_RW, &object_, nullptr));
    check("event queue", daos_eq_create(&queue_));
  }
  ~Store() {
    daos_eq_destroy(queue_, 0);
    daos_obj_close(object_, nullptr);
    daos_cont_close(container_, nullptr);
    daos_pool_disconnect(pool_, nullptr);
    daos_fini();
  }

  /// An operation that is not under way. Waits for one to end when all are; `done` is told of each that ended.
  template <class Done>
  Operation* get(Done done) {
    while (idle_.empty() && operations_.size() == kInFlightMax) reap(done);
    if (idle_.empty()) {
      operations_.push_back(std::make_unique<Operation>());
      check("event", daos_event_init(&operations_.back()->event, queue_, nullptr));
      return operations_.back().get();
    }
    Operation* operation = idle_.back();
    idle_.pop_back();
    return operation;
  }
  void update(Operation* o, size_t index) {
    in_flight_++;
    const unsigned count = o->prepare(index);
    check("update", daos_obj_update(object_, DAOS_TX_NONE, 0, &o->dkey, count, o->iods, o->sgls, &o->event));
  }
  void fetch(Operation* o, size_t index) {
    in_flight_++;
    const unsigned count = o->prepare(index);
    check("fetch", daos_obj_fetch(object_, DAOS_TX_NONE, 0, &o->dkey, count, o->iods, o->sgls, nullptr, &o->event));
  }
  template <class Done>
  void finish(Done done) {
    while (in_flight_ > 0) reap(done);
    for (const auto& operation : operations_) daos_event_fini(&operation->event);
  }

 private:
  template <class Done>
  void reap(Done done) {
    daos_event_t* ended[kInFlightMax];
    const int count = daos_eq_poll(queue_, 1, DAOS_EQ_WAIT, kInFlightMax, ended);
    if (count < 0) fail("waiting", count);
    for (int i = 0; i < count; i++) {
      auto* operation = reinterpret_cast<Operation*>(ended[i]);  // the event is its first member
      static_assert(offsetof(Operation, event) == 0);
      check(operation->path.c_str(), ended[i]->ev_error);
      done(*operation);
      idle_.push_back(operation);
      in_flight_--;
    }
  }

  daos_handle_t pool_, container_, object_, queue_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::vector<Operation*> idle_;
  size_t in_flight_ = 0;
};

struct Totals {
  size_t files = 0;
  size_t values = 0;
  uint64_t bytes = 0;
  uint64_t sum = 0;  // of the values' checksums, in any order
};

/// Regular files below the folder that may be read, by path.
std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> paths;
  constexpr auto kOptions = std::filesystem::directory_options::skip_permission_denied;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, kOptions)) {
    if (entry.is_regular_file() && !entry.is_symlink())
      paths.push_back(entry.path().lexically_relative(folder).string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<char> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  std::vector<char> content(static_cast<size_t>(file.tellg()));
  file.seekg(0);
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

/// Calls `each(operation, index, part of the content)` for every value of every file.
template <class Get, class Each>
Totals for_each_value(const std::filesystem::path& folder, Get get, Each each) {
  Totals totals;
  for (const std::string& path : files_below(folder)) {
    const std::vector<char> content = content_of(folder / path);
    const size_t values = std::max<size_t>(1, (content.size() + kValueBytesMax - 1) / kValueBytesMax);
    for (size_t index = 0; index < values; index++) {
      Operation* operation = get();
      operation->path = path;
      operation->offset = index * kValueBytesMax;
      operation->file_bytes = content.size();
      const char* part = content.data() + operation->offset;
      const size_t bytes = std::min(kValueBytesMax, content.size() - operation->offset);
      totals.sum += checksum(part, bytes);
      each(operation, index, part, bytes);
    }
    totals.files++;
    totals.values += values;
    totals.bytes += content.size();
  }
  return totals;
}

Totals store(Store& store, const std::filesystem::path& folder) {
  const auto done = [](Operation&) {};
  const Totals totals = for_each_value(
      folder, [&] { return store.get(done); },
      [&](Operation* operation, size_t index, const char* part, size_t bytes) {
        operation->value.assign(part, part + bytes);
        store.update(operation, index);
      });
  store.finish(done);
  return totals;
}

Totals compare(Store& store, const std::filesystem::path& folder) {
  uint64_t sum = 0;
  size_t different = 0;
  const auto done = [&](Operation& operation) {
    // A value that is not there leaves the buffer as it was: iod_size says what was found.
    const bool found = operation.value.empty() || operation.iods[0].iod_size == operation.value.size();
    const uint64_t got = checksum(operation.value.data(), operation.value.size());
    sum += got;
    if (found && got == operation.wanted_checksum && operation.file_bytes == operation.wanted_bytes) return;
    std::fprintf(stderr, "store_tree: %s differs at byte %zu\n", operation.path.c_str(), operation.offset);
    different++;
  };
  Totals totals = for_each_value(
      folder, [&] { return store.get(done); },
      [&](Operation* operation, size_t index, const char* part, size_t bytes) {
        operation->wanted_bytes = operation->file_bytes;
        operation->wanted_checksum = checksum(part, bytes);
        operation->value.assign(bytes, 0);
        if (index == 0) operation->file_bytes = 0;  // to be fetched
        store.fetch(operation, index);
      });
  store.finish(done);
  if (different > 0) {
    std::fprintf(stderr, "store_tree: %zu of %zu values differ\n", different, totals.values);
    std::exit(1);
  }
  totals.sum = sum;
  return totals;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc == 5 ? argv[1] : "";
  if (verb != "store" && verb != "compare") {
    std::fprintf(stderr, "usage: store_tree store|compare POOL CONTAINER FOLDER\n");
    return 2;
  }
  Totals totals;
  double seconds = 0;
  {
    Store opened(argv[2], argv[3], verb == "store");
    const auto begin = std::chrono::steady_clock::now();
    totals = verb == "store" ? store(opened, argv[4]) : compare(opened, argv[4]);
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
  std::printf("files %zu values %zu bytes %" PRIu64 " seconds %.3f checksum %016" PRIx64 "\n", totals.files,
              totals.values, totals.bytes, seconds, totals.sum);
  return 0;
}
