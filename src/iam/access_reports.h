#pragma once

#include <string>
#include <string_view>

#include "api/operation.h"
#include "base/result.h"
#include "facts/iam_types.h"
#include "identity/entities.h"

namespace signet::iam {

// Jobs that make reports of access. A report is what the state says when it is read, so a job has
// nothing to do but to be remembered (decision 0036).

// Remembers a report, in the write of the context; completes what identifies it and who asked for
// it. Answers its id. ReportGenerationLimitExceeded for a report of the organization while all that
// the account keeps are of the last hour.
[[nodiscard]] Result<std::string> add_access_report(identity::AccessReport report,
                                                    const api::HandlerContext& context);

// The report of that id, if the caller asked for it; otherwise NoSuchEntity.
[[nodiscard]] Result<const identity::AccessReport*> find_access_report(
    std::string_view id, identity::AccessReportKind kind, const api::HandlerContext& context);

// Why a report could not be made, as an answer tells it.
[[nodiscard]] ErrorDetails error_details(const Error& error);

}  // namespace signet::iam
