// Values that tell what they are, ledgers that tell what is lost, and histograms that are as exact as they say.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "programs/daos_perf/latency.h"
#include "programs/daos_perf/ledger.h"
#include "programs/daos_perf/report.h"
#include "programs/daos_perf/value.h"

namespace daos::perf {
namespace {

std::vector<std::byte> value_of(size_t bytes, uint64_t key, uint64_t sequence) {
  std::vector<std::byte> value(bytes);
  fill_value(value, 7);
  stamp_value(value, key, sequence);
  return value;
}

TEST(Value, TellsItsSequence) {
  for (const size_t bytes : {32u, 33u, 47u, 64u, 4096u}) {
    EXPECT_EQ(*check_value(value_of(bytes, 12, 34), 12), 34u) << bytes;
  }
}

TEST(Value, EveryChangedBitIsSeen) {
  const std::vector<std::byte> good = value_of(67, 12, 34);
  for (size_t bit = 0; bit < good.size() * 8; bit++) {
    std::vector<std::byte> bad = good;
    bad[bit / 8] ^= std::byte(1u << (bit % 8));
    EXPECT_EQ(check_value(bad, 12).code(), Code::kChecksum) << bit;
  }
}

TEST(Value, OfAnotherKeyOrCutOffIsSeen) {
  const std::vector<std::byte> value = value_of(64, 12, 34);
  EXPECT_EQ(check_value(value, 13).code(), Code::kChecksum);
  EXPECT_EQ(check_value(std::span(value).first(63), 12).code(), Code::kChecksum);
}

TEST(Value, KeysOfClientsNeverMeet) {
  EXPECT_NE(key_number(0, 1), key_number(1, 0));
  EXPECT_NE(key_number(0, (1ULL << 32) - 1), key_number(1, 0));
}

TEST(Sequence, MustBeBetweenAcknowledgedAndSent) {
  const Ledger::Entry entry{.sent = 7, .acknowledged = 5};
  for (const uint64_t found : {5u, 6u, 7u}) EXPECT_TRUE(check_sequence(entry, 1, found).ok()) << found;
  for (const uint64_t found : {0u, 4u, 8u}) EXPECT_FALSE(check_sequence(entry, 1, found).ok()) << found;
  EXPECT_NE(check_sequence(entry, 1, 4).message().find("LOST"), std::string_view::npos);
  EXPECT_TRUE(check_sequence({}, 1, 0).ok());
  EXPECT_FALSE(check_sequence({}, 1, 1).ok());
}

class LedgerFile : public testing::Test {
 protected:
  LedgerFile() : path_(std::filesystem::temp_directory_path() / fmt::format("ledger-test-{}", ::getpid())) {
    plan_.ledger = path_;
    plan_.keys = 10;
    plan_.clients = 3;
  }
  ~LedgerFile() override { std::filesystem::remove(path_); }
  std::filesystem::path path_;
  Plan plan_;
};

TEST_F(LedgerFile, RemembersEveryKeyOfEveryClient) {
  {
    Ledger ledger = Ledger::open(plan_).take();
    for (uint32_t client = 0; client < 3; client++) {
      for (uint64_t i = 0; i < 10; i++) ledger.entry(client, i) = {.sent = client * 10 + i + 1, .acknowledged = i};
    }
  }
  plan_.work = Work::kVerify;
  Ledger ledger = Ledger::open(plan_).take();
  for (uint32_t client = 0; client < 3; client++) {
    for (uint64_t i = 0; i < 10; i++) {
      EXPECT_EQ(ledger.entry(client, i).sent, client * 10 + i + 1);
      EXPECT_EQ(ledger.entry(client, i).acknowledged, i);
    }
  }
}

TEST_F(LedgerFile, OfAnotherRunIsRefused) {
  EXPECT_TRUE(Ledger::open(plan_).ok());
  const auto refused = [this](auto change) {
    Plan other = plan_;
    change(other);
    return Ledger::open(other).code() == Code::kInvalid;
  };
  EXPECT_TRUE(refused([](Plan& p) { p.keys = 11; }));
  EXPECT_TRUE(refused([](Plan& p) { p.clients = 2; }));
  EXPECT_TRUE(refused([](Plan& p) { p.value_bytes = 128; }));
  EXPECT_TRUE(refused([](Plan& p) { p.object = 2; }));
  EXPECT_TRUE(refused([](Plan& p) { p.keys = 15, p.clients = 2; }));  // as many in all
  EXPECT_TRUE(Ledger::open(plan_).ok());
}

TEST_F(LedgerFile, IsNotMadeByWhoOnlyReads) {
  for (const Work work : {Work::kRead, Work::kVerify}) {
    plan_.work = work;
    EXPECT_FALSE(Ledger::open(plan_).ok());
    EXPECT_FALSE(std::filesystem::exists(path_));
  }
}

TEST(Latencies, PercentilesAreWithinABucket) {
  Latencies all;
  for (uint64_t ns = 1; ns <= 100'000; ns++) all.add(ns);
  EXPECT_EQ(all.count(), 100'000u);
  EXPECT_EQ(all.min_ns(), 1u);
  EXPECT_EQ(all.max_ns(), 100'000u);
  EXPECT_DOUBLE_EQ(all.mean_ns(), 50'000.5);
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = share * 100'000;
    EXPECT_GE(all.percentile_ns(share), exact * 0.999) << share;
    EXPECT_LE(all.percentile_ns(share), exact * (1 + 1.0 / 32)) << share;
  }
  EXPECT_EQ(all.percentile_ns(1), 100'000u);
}

TEST(Latencies, MergedAreAsAddedToOne) {
  Latencies one;
  Latencies other;
  Latencies both;
  for (uint64_t ns : {uint64_t{5}, uint64_t{70}, uint64_t{900}, uint64_t{1} << 40, UINT64_MAX >> 8}) {
    one.add(ns);
    other.add(ns * 2);
    both.add(ns);
    both.add(ns * 2);
  }
  one.merge(other);
  EXPECT_EQ(one.count(), both.count());
  EXPECT_EQ(one.max_ns(), both.max_ns());
  EXPECT_EQ(one.min_ns(), both.min_ns());
  for (const double share : {0.1, 0.5, 0.9}) EXPECT_EQ(one.percentile_ns(share), both.percentile_ns(share));
}

TEST(Latencies, OfNothingAreZero) {
  const Latencies none;
  EXPECT_EQ(none.percentile_ns(0.5), 0u);
  EXPECT_EQ(none.min_ns(), 0u);
  EXPECT_EQ(none.mean_ns(), 0);
}

TEST(Options, MistakesAreNamed) {
  const auto refusal = [](auto change, Work work = Work::kWrite) {
    Options options{.pool = "tank", .container = "first"};
    change(options);
    return std::string(understand(options, work).status().message());
  };
  EXPECT_EQ(refusal([](Options&) {}), "");
  EXPECT_NE(refusal([](Options& o) { o.kind = "arry"; }).find("did you mean \"array\""), std::string::npos);
  EXPECT_NE(refusal([](Options& o) { o.size = "31"; }).find("--size 31"), std::string::npos);
  EXPECT_NE(refusal([](Options& o) { o.object_class = "S0"; }).find("--class S0"), std::string::npos);
  EXPECT_NE(refusal([](Options& o) { o.depth = 0; }).find("--depth 0"), std::string::npos);
  EXPECT_NE(refusal([](Options& o) { o.keys = 0; }).find("--keys 0"), std::string::npos);
  const Result<Plan> few = understand({.pool = "tank", .container = "first", .keys = 3}, Work::kWrite);
  EXPECT_EQ(few->depth, 3u) << "one operation at a time on a key";
  EXPECT_NE(refusal([](Options&) {}, Work::kMixed).find("--seconds"), std::string::npos);
  EXPECT_NE(refusal([](Options&) {}, Work::kVerify).find("--ledger"), std::string::npos);
}

TEST(Report, SaysBothDirections) {
  Plan plan{.work = Work::kMixed, .value_bytes = 64, .class_name = "SX", .clients = 2, .verify = true};
  Outcome outcome{.verified = 2, .seconds = 0.5, .cpu_seconds = 0.004, .slowest_share = 0.75};
  for (int i = 0; i < 2; i++) outcome.reads.add(1000);
  for (int i = 0; i < 2; i++) outcome.writes.add(10'000);
  const output::Answer answer = report(plan, outcome);
  EXPECT_EQ(answer.json["write"]["operations_per_second"], 4.0);
  EXPECT_EQ(answer.json["read"]["latency_us"]["p50"], 1.0);
  EXPECT_EQ(answer.json["client_cpu_us_per_operation"], 1000.0);
  EXPECT_NE(answer.text.find("0.75 of the mean"), std::string::npos);
  EXPECT_NE(answer.text.find("every one right"), std::string::npos);
}

}  // namespace
}  // namespace daos::perf
