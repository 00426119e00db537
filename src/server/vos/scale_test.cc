// Many keys and one large array in one shard, small enough for every run: nothing here depends on how fast it goes. The
// same at full size is bench/store.
#include "server/vos/scale_run.h"

#include "server/vos/shard_world.h"

namespace daos::vos {
namespace {

TEST(ShardScale, ManyKeysAndExtentsAnswerRightThroughEverythingAndOverRestarts) {
  ShardWorld world(1);
  std::vector<std::string> phases;
  // Small buckets and a short log, so that there are hundreds of buckets and the checkpoint runs all the time.
  ScaleRun run(world.reactor(), *world.disk, "scale",
               {.pool = Uuid::from_random(3, 3), .tier_bytes = {256 * kMiB, 0}, .inline_max = 64 * kKiB},
               {.build = "test",
                .log_segment_bytes = 1 * kMiB,
                .log_bytes_wanted = 4 * kMiB,
                .log_bytes_beyond = 64 * kMiB,
                .bucket_bytes_max = 16 * kKiB},
               {.keys = 50'000, .extents = 20'000, .reads = 2'000},
               [&](std::string_view phase, uint64_t) { phases.emplace_back(phase); });
  const Status done = world.run(run.run());
  EXPECT_TRUE(done.ok()) << done.to_string() << ", after " << (phases.empty() ? "nothing" : phases.back());
  EXPECT_LE(run.overhead_bytes(), 200);
  EXPECT_EQ(std::count(phases.begin(), phases.end(), "list dkeys"), 4);
}

}  // namespace
}  // namespace daos::vos
