// What a Status is at the edge of the C API: 0, or a negative DER number. Codes up to 2999 are the API's own numbers;
// ours (from 3000) become what a program can act on.
#pragma once

#include "platform/base/log.h"
#include "platform/base/status.h"

namespace daos::capi {

int error_number(const Status& status);

/// error_number, and a line on stderr when the number alone would leave the user helpless: no agent, something not
/// there yet, damage, a poisoned client.
int report(const Status& status);

/// A line on stderr, unless report() of the same status prints one.
void report_in_words(const Status& status);

/// Warnings and errors of the client, on stderr.
Logger client_log();

}  // namespace daos::capi
