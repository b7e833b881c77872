#pragma once

#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "identity/directory.h"

namespace signet::iam {

// The credential report of an account as CSV (aws-wire 4.20): root, then the users in the order of
// their folded names; lines end in a line feed, but for the last.
[[nodiscard]] std::string credential_report(const identity::Snapshot& snapshot,
                                            const identity::Account& account);

// Makes the reports that were asked for (GenerateCredentialReport), each in one write. Reads all
// users of an account: for a thread that may take its time. Error: of a write that failed; the
// reports that are left are made by the next call.
[[nodiscard]] Status make_credential_reports(identity::Directory& directory, Instant now);

}  // namespace signet::iam
