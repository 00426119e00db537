#include "programs/output/outcome.h"

namespace daos::output {
namespace {

constexpr int32_t kFirstInternalCode = 3000;
constexpr int32_t kMisc = static_cast<int32_t>(Code::kMisc);

/// The number in the envelope: the API's, or that of "unspecified" for what the API has no number for.
int32_t status_number(const Status& status) {
  const auto number = static_cast<int32_t>(status.code());
  return status.code() == Code::kInvalid || number >= kFirstInternalCode ? -kMisc : -number;
}

}  // namespace

Status failed(std::string_view what, const Status& status) {
  if (status.ok() || status.code() == Code::kInvalid) return status;
  return error(status.code(), "{}: {}", what, status);
}

std::string error_text(const Status& status) {
  const bool names_the_code = status.message().contains(code_name(status.code()));  // by failed()
  if (status.code() == Code::kInvalid || names_the_code) return std::string(status.message());
  return status.to_string();
}

int finish(std::string_view program, bool as_json, const Result<Answer>& answer, std::FILE* out, std::FILE* err) {
  const Status status = answer.ok() ? answer->verdict : answer.status();
  const std::string message = status.ok() ? std::string() : error_text(status);
  if (as_json) {
    Json envelope;
    envelope["response"] = answer.ok() ? answer->json : Json(nullptr);
    envelope["error"] = status.ok() ? Json(nullptr) : Json(message);
    envelope["status"] = status.ok() ? 0 : status_number(status);
    fmt::print(out, "{}\n", envelope.dump(2, ' ', false, Json::error_handler_t::replace));
  } else if (answer.ok()) {
    fmt::print(out, "{}", answer->text);
  }
  std::fflush(out);
  if (status.ok()) return 0;
  fmt::print(err, "ERROR: {}: {}\n", program, message);
  return 1;
}

}  // namespace daos::output
