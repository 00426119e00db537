// How a command ends: what it prints on standard output and standard error, in text or as the JSON envelope, and its
// exit status. Thread-safety: one thread.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "platform/base/status.h"

namespace daos::output {

/// Keys keep the order in which they were set, so that the same answer is always the same text.
using Json = nlohmann::ordered_json;

/// One command's two faces. A verb fills both; the global option decides which is shown.
struct Answer {
  std::string text;
  Json json = nullptr;
  Status verdict;  // an error: the answer is complete, and what it says is bad news; the exit status tells
};

/// Prints and gives the exit status: 0, or 1 for an error.
/// Text:  the answer, and a bad verdict as an error behind it; or "ERROR: daos: <message>" on standard error.
/// JSON:  {"response", "error", "status"} with an indent of two, and the error line on standard error as well.
int finish(std::string_view program, bool as_json, const Result<Answer>& answer, std::FILE* out = stdout,
           std::FILE* err = stderr);

/// "<what>: DER_EXIST(-1004): ..." of the same code, for verbs that say what failed in front of the code. A mistake on
/// the command line stays as it is.
Status failed(std::string_view what, const Status& status);

/// What went wrong as a person should read it: "DER_EXIST(-1004): ..." for a code of the API, the message alone for a
/// mistake on the command line (kInvalid).
std::string error_text(const Status& status);

}  // namespace daos::output
