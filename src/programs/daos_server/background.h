// A program that goes to the background once it is ready: the terminal gets its prompt back together with the good or
// bad news.
#pragma once

#include <functional>
#include <string>

#include "platform/base/codec.h"
#include "programs/output/outcome.h"

namespace daos::program {

using Ready = std::move_only_function<void(output::Answer)>;

/// Runs `body` in a process of its own, without a terminal, its output appended to `log`. Returns in this process what
/// the body told `ready`, or the error with which it ended before that. Call it before the first thread.
Result<output::Answer> in_background(const std::string& log, std::move_only_function<Status(Ready)> body);

}  // namespace daos::program
