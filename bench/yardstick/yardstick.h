// The limit that the tcp transport is judged by: plain non-blocking sockets on loopback, two threads that spin
// adaptively, and the transport's own framing (a 32-byte header with a crc32c, payload behind it), with nothing else in
// between. A bench that quotes a figure of ours measures these in the same run and quotes the ratio.
// Thread-safety: each call owns its sockets and threads; do not run two at once, they would measure each other.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace daos::yardstick {

using Millis = std::chrono::milliseconds;

/// A median; the quarter and three-quarter points around it, so that noise is seen with the figure; and the twentieth
/// parts at both ends: on a machine with other work, the good end is what the code can do and the rest is what it was
/// left.
struct Figure {
  double median = 0;
  double low = 0;
  double high = 0;
  double lowest = 0;
  double highest = 0;
};
Figure figure_of(std::vector<double> samples);

/// Ties the calling thread to one core, if the machine has several. The two sides of a measurement stand on different
/// ones: a busy scheduler likes to put both on one, which then measures the scheduler.
enum class Side { kNear, kFar };
void pin_this_thread(Side side);

/// One message of `bytes` there and back, one at a time: microseconds.
Figure round_trip_us(size_t bytes, Millis duration);
/// Echoes per second with `depth` messages of `bytes` under way; all frames of a turn leave in one write.
Figure echoes_per_s(size_t bytes, unsigned depth, Millis duration);
/// GiB/s of transfers of `bytes` in chunks of at most 256 KiB, `depth` under way. Read: a request, then data. Write:
/// data, then an acknowledgement.
Figure read_gib_s(size_t bytes, unsigned depth, Millis duration);
Figure write_gib_s(size_t bytes, unsigned depth, Millis duration);

struct Row {
  std::string name;
  std::string unit;
  Figure figure;
};
/// Every row of the yardstick, each measured for `duration`.
std::vector<Row> measure_all(Millis duration);

}  // namespace daos::yardstick
