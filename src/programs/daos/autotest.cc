#include "programs/daos/autotest.h"

#include <daos/object.h>

#include <algorithm>

#include "programs/output/outcome.h"

namespace daos::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kGreen = "32";
constexpr const char* kRed = "31";
constexpr const char* kYellow = "33";
constexpr size_t kOverhead = 256;  // of a value's keys and place, generously

std::string rate(uint64_t count, Clock::duration took, size_t bytes) {
  const double seconds = std::max(1e-6, std::chrono::duration<double>(took).count());
  std::string text = fmt::format("{:.0f} IO/sec", static_cast<double>(count) / seconds);
  if (bytes >= 4096) text += fmt::format(", {:.1f} MB/sec", static_cast<double>(count * bytes) / seconds / 1e6);
  return text + fmt::format(" ({} values)", count);
}

std::string size_text(size_t bytes) {
  if (bytes >= 1u << 20) return fmt::format("{}MB", bytes >> 20);
  return bytes >= 1024 ? fmt::format("{}KB", bytes >> 10) : fmt::format("{}B", bytes);
}

}  // namespace

void Autotest::line(int number, const char* what, const char* word, const char* colour, std::string_view time,
                    std::string_view comment) {
  const std::string status = colour_ ? fmt::format("\033[{}m{}\033[0m", colour, word) : std::string(word);
  const std::string_view gap = comment.empty() ? "" : "  ";
  fmt::print(out_, "{:3}  {:<25}  {}  {:>7}{}{}\n", number, what, status, time, gap, comment);
  std::fflush(out_);
}

void Autotest::step(int number, const char* what, const Body& body) {
  const Clock::time_point begin = Clock::now();
  const Result<std::string> done = body();
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  failed_ = failed_ || !done.ok();
  line(number, what, done.ok() ? "PASS" : "FAIL", done.ok() ? kGreen : kRed, fmt::format("{:.3f}", seconds),
       done.ok() ? *done : output::error_text(done.status()));
}

void Autotest::skip(int number, const char* what, const std::string& why) {
  line(number, what, "SKIP", kYellow, "0.000", why);
}

Result<std::string> Autotest::layouts(uint64_t count, daos_oclass_id_t object_class) {
  const Clock::time_point end = Clock::now() + options_.limit;
  uint64_t made = 0;
  for (; made < count && ((made & 0xff) != 0 || Clock::now() < end); made++) {
    daos_obj_id_t oid{.lo = made, .hi = 1};
    DX_TRY(from_api(daos_obj_generate_oid(container_->handle(), &oid, DAOS_OT_MULTI_HASHED, object_class, 0, 0)));
    daos_obj_layout* layout = nullptr;
    DX_TRY(from_api(daos_obj_layout_get(container_->handle(), oid, &layout)));
    daos_obj_layout_free(layout);
  }
  return made == count ? std::string() : fmt::format("{} in {} s", made, options_.limit.count());
}

void Autotest::values(int first, size_t bytes, uint64_t values_max, uint64_t percent_of_free) {
  const std::string size = size_text(bytes);
  const std::string insert = fmt::format("Inserting {} values", size);
  const std::string read = fmt::format("Reading {} values back", size);
  const int read_number = first + 1;
  const int punch_number = first + 3;
  std::optional<AutotestValues> stored;
  step(first, insert.c_str(), [&]() -> Result<std::string> {
    const uint64_t room = std::max<uint64_t>(1, free_bytes_ / 100 * percent_of_free / (bytes + kOverhead));
    stored.emplace(DX_TRY(AutotestValues::create(
        *container_,
        {.value_bytes = bytes, .values_max = std::min(values_max, room), .limit = Clock::duration(options_.limit)})));
    const Clock::time_point begin = Clock::now();
    DX_TRY(stored->store());
    return rate(stored->stored(), Clock::now() - begin, bytes);
  });
  if (!stored || stored->stored() == 0) {
    skip(read_number, read.c_str(), "nothing was inserted");
    skip(punch_number, "Punching object", "nothing was inserted");
    return;
  }
  step(read_number, read.c_str(), [&]() -> Result<std::string> {
    const Clock::time_point begin = Clock::now();
    DX_TRY(stored->verify());
    return rate(stored->stored(), Clock::now() - begin, bytes);
  });
  step(punch_number, "Punching object", [&]() -> Result<std::string> {
    DX_TRY(stored->punch());
    return std::string();
  });
}

bool Autotest::run() {
  fmt::print(out_, "Step Operation                 Status Time(sec) Comment\n");
  step(0, "Initializing DAOS", [this]() -> Result<std::string> {
    library_.emplace(DX_TRY(Library::open()));
    return std::string();
  });
  if (!failed_) {
    step(1, "Connecting to pool", [this]() -> Result<std::string> {
      pool_.emplace(DX_TRY(Pool::connect(options_.pool, DAOS_PC_RW, options_.system)));
      const Pool::Info info = DX_TRY(pool_->query());
      free_bytes_ = info.info.pi_space.ps_space.s_free[DAOS_MEDIA_SCM];
      domains_ = info.info.pi_nnodes;
      return std::string();
    });
  }
  if (!failed_) {
    step(2, "Creating containers", [this]() -> Result<std::string> {
      uuid_t uuid;
      DX_TRY(from_api(daos_cont_create(pool_->handle(), &uuid, nullptr, nullptr)));
      made_ = from_api(uuid).to_string();
      return std::string();
    });
  }
  if (!failed_) {
    step(3, "Opening container", [this]() -> Result<std::string> {
      container_.emplace(DX_TRY(Container::open(*pool_, made_, DAOS_COO_RW)));
      return std::string();
    });
  }
  if (opened()) {
    step(10, "Generating 1M S1 layouts", [this] { return layouts(1'000'000, OC_S1); });
    step(11, "Generating 10K SX layouts", [this] { return layouts(10'000, OC_SX); });
    values(20, 128, 1'000'000, 10);
    values(24, 4096, 1'000'000, 20);
    if (options_.skip_big) {
      for (const auto& [number, what] :
           {std::pair(28, "Inserting 1MB values"), {29, "Reading 1MB values back"}, {31, "Punching object"}}) {
        skip(number, what, "as --skip-big asks");
      }
    } else {
      values(28, 1u << 20, 100'000, 40);
    }
    const auto why = [this](uint32_t copies) {
      return domains_ < copies ? fmt::format("Group size({}) is larger than domain_nr({})", copies, domains_)
                               : std::string("objects with several copies are not there yet");
    };
    skip(40, "Inserting into RF1 cont", why(2));
    skip(41, "Reading RF1 values back", why(2));
    skip(42, "Inserting into RF2 cont", why(3));
    skip(43, "Reading RF2 values back", why(3));
    step(96, "Closing containers", [this]() -> Result<std::string> {
      container_.reset();
      return std::string();
    });
  }
  if (!made_.empty()) {
    step(97, "Destroying containers", [this]() -> Result<std::string> {
      DX_TRY(from_api(daos_cont_destroy(pool_->handle(), made_.c_str(), 1, nullptr)));
      return std::string();
    });
  }
  if (pool_) {
    step(98, "Disconnecting from pool", [this]() -> Result<std::string> {
      pool_.reset();
      return std::string();
    });
  }
  if (library_) {
    step(99, "Tearing down DAOS", [this]() -> Result<std::string> {
      library_.reset();
      return std::string();
    });
  }
  fmt::print(out_, "\n{}\n", failed_ ? "Some steps failed." : "All steps passed.");
  return !failed_;
}

}  // namespace daos::cli
