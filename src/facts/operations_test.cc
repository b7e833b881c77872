#include "facts/operations.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "facts/iam_types.h"
#include "facts/sts_types.h"

namespace signet::facts {
namespace {

TEST(Operations, KnowsEveryOperationOfEachService) {
  const auto of = [](Service service) {
    return std::ranges::count(all_operations(), service, &OperationRow::service);
  };
  EXPECT_EQ(of(Service::Iam), 181);
  EXPECT_EQ(of(Service::Sts), 12);
  EXPECT_EQ(of(Service::Rolesanywhere), 31);
  EXPECT_EQ(of(Service::Signin), 16);
  EXPECT_EQ(of(Service::Insight), 4);
  EXPECT_EQ(of(Service::Accessanalyzer), 39);
  EXPECT_EQ(of(Service::Ssooidc), 4);
  EXPECT_EQ(of(Service::Cloudtrail), 60);
  EXPECT_EQ(of(Service::Organizations), 63);
  for (const OperationRow& row : all_operations()) {
    EXPECT_EQ(find_operation(row.service, row.name), &row);
    EXPECT_EQ(&operation_row(row.id), &row);
  }
}

TEST(Operations, NamesAreExact) {
  EXPECT_EQ(find_operation(Service::Iam, "createUser"), nullptr);
  EXPECT_EQ(find_operation(Service::Iam, "CreateUser "), nullptr);
  EXPECT_EQ(find_operation(Service::Iam, ""), nullptr);
  EXPECT_EQ(find_operation(Service::Iam, "AssumeRole"), nullptr);
  EXPECT_EQ(find_operation(Service::Sts, "CreateUser"), nullptr);
  EXPECT_EQ(find_operation(Service::Sts, "ZZZ"), nullptr);
}

TEST(Operations, ResultRules) {
  EXPECT_EQ(operation_row(Operation::DeleteUser).result, ResultRule::None);
  EXPECT_EQ(operation_row(Operation::UpdateRole).result, ResultRule::Empty);
  EXPECT_EQ(operation_row(Operation::CreateUser).result, ResultRule::Members);
  EXPECT_EQ(std::ranges::count_if(all_operations(),
                                  [](const OperationRow& row) {
                                    return row.service <= Service::Sts &&
                                           row.result == ResultRule::Empty;
                                  }),
            2);
}

TEST(Operations, CuratedColumns) {
  EXPECT_EQ(operation_row(Operation::DeleteUser).missing, MissingStyle::Parameter);
  EXPECT_EQ(operation_row(Operation::CreateUser).missing, MissingStyle::Null);
  EXPECT_EQ(operation_row(Operation::CreateUser).run_mode, RunMode::Write);
  EXPECT_EQ(operation_row(Operation::GetUser).run_mode, RunMode::Read);
  EXPECT_TRUE(operation_row(Operation::ListUsers).is_paged);
  EXPECT_FALSE(operation_row(Operation::GetUser).is_paged);
}

TEST(Operations, OnlyThoseOfRestWithJsonHaveRoutes) {
  for (const OperationRow& row : all_operations()) {
    const bool is_rest = row.service != Service::Iam && row.service != Service::Sts &&
                         row.service != Service::Cloudtrail &&
                         row.service != Service::Organizations;
    EXPECT_EQ(std::ranges::count(all_json_routes(), row.id, &JsonRoute::id), is_rest ? 1 : 0)
        << row.name;
  }
}

TEST(Operations, ServicesWithATargetHaveNoNamespace) {
  EXPECT_EQ(service_row(Service::Iam).target, "");
  EXPECT_EQ(service_row(Service::Organizations).target, "AWSOrganizationsV20161128");
  EXPECT_EQ(service_row(Service::Accessanalyzer).name, "access-analyzer");
  EXPECT_EQ(service_row(Service::Accessanalyzer).target, "");
}

TEST(Types, AbsentAndEmptyListsDifferInAnswers) {
  const iam::User user{.path = "/", .user_name = "u"};
  EXPECT_FALSE(user.tags.has_value());
  const iam::CreateUserRequest request{.user_name = "u"};
  EXPECT_TRUE(request.tags.empty());
}

}  // namespace
}  // namespace signet::facts
