#include "iam/access_reports.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "crypto/uuid.h"
#include "facts/errors.h"
#include "facts/iam_sentences.h"

namespace signet::iam {
namespace {

// Reports that an account keeps: the oldest go first. AWS-DIFF: AWS does not say how many or how
// long (LastAccessed.AnAccountKeepsAThousandReports).
constexpr std::size_t kReportsKept = 1000;
constexpr std::int64_t kSureSeconds = 3600;

}  // namespace

Result<std::string> add_access_report(identity::AccessReport report,
                                      const api::HandlerContext& context) {
  const std::string& account = context.caller.account;
  const auto& kept = context.snapshot.table<identity::AccessReport>(account);
  if (kept.size() >= kReportsKept) {
    const identity::AccessReport& oldest = *kept.begin()->value;
    if (report.kind == identity::AccessReportKind::Organization &&
        context.request.now < oldest.created.plus_seconds(kSureSeconds)) {
      return too_many_reports();
    }
    context.transaction->erase<identity::AccessReport>(oldest.id);
  }
  report.account = account;
  report.id = crypto::uuid_v4(context.deps.random);
  report.created = context.request.now;
  report.requester = context.caller.principal_id;
  std::string id = report.id;
  context.transaction->put(std::move(report));
  return id;
}

Result<const identity::AccessReport*> find_access_report(std::string_view id,
                                                         identity::AccessReportKind kind,
                                                         const api::HandlerContext& context) {
  const identity::AccessReport* report = context.snapshot.find<identity::AccessReport>(id);
  if (report == nullptr || report->kind != kind || report->account != context.caller.account ||
      report->requester != context.caller.principal_id) {
    return access_report_not_found(id);
  }
  return report;
}

ErrorDetails error_details(const Error& error) {
  return {.message = error.message, .code = std::string(facts::error_row(error.code).wire_code)};
}

}  // namespace signet::iam
