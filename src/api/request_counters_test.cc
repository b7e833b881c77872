#include "api/request_counters.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "api/loop_state.h"
#include "api/services.h"
#include "facts/errors.h"

namespace signet::api {
namespace {

class Pages final : public WebService {
 public:
  explicit Pages(std::vector<std::string_view> names) : names_(std::move(names)) {}

  bool handles(std::string_view /*method*/,
               std::string_view path,
               std::string_view /*raw_query*/) const override {
    return path == names_.front();
  }

  std::vector<std::string_view> operations() const override { return names_; }

  std::unique_ptr<WebInvocation> match(const WebRequest& /*request*/) override { return nullptr; }

 private:
  std::vector<std::string_view> names_;
};

TEST(ResultClass, IsToldByTheErrorCode) {
  EXPECT_EQ(result_class({}), ResultClass::Success);
  EXPECT_EQ(result_class(fail(ErrorCode::AccessDenied, "")), ResultClass::Denied);
  EXPECT_EQ(result_class(fail(ErrorCode::Throttling, "")), ResultClass::Throttled);
  EXPECT_EQ(result_class(fail(ErrorCode::SlowDown, "")), ResultClass::Throttled);
  EXPECT_EQ(result_class(fail(ErrorCode::NoSuchEntity, "")), ResultClass::ClientError);
  EXPECT_EQ(result_class(fail(ErrorCode::ServiceFailure, "")), ResultClass::ServerError);
}

TEST(ResultClass, HasANameOfItsOwnEach) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kResultClasses; ++i) {
    names.insert(name_of(static_cast<ResultClass>(i)));
  }
  EXPECT_EQ(names.size(), kResultClasses);
}

TEST(CountedOperations, EveryOperationHasAPlaceAndSoHasWhatIsNone) {
  Pages first({"A", "B"});
  Pages second({"A"});
  const Services services{{"one", &first}, {"two", &second}};
  const CountedOperations counted(services);
  std::vector<std::string> names;
  for (const auto& row : counted.rows()) {
    names.push_back(std::string(row.service) + "." + std::string(row.operation));
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{
                "one.A", "one.B", "one.other", "two.A", "two.other", "other.other"}));
  EXPECT_EQ(names[counted.slot(0, 1)], "one.B");
  EXPECT_EQ(names[counted.other_of(0)], "one.other");
  EXPECT_EQ(names[counted.slot(1, 0)], "two.A");
  EXPECT_EQ(names[counted.other_of(1)], "two.other");
  EXPECT_EQ(names[counted.other()], "other.other");
}

TEST(RequestCounters, CountsEachResultOfEachOperationApart) {
  Pages pages({"A"});
  const Services services{{"one", &pages}};
  const CountedOperations counted(services);
  RequestCounters counters(counted);
  counters.add(counted.slot(0, 0), ResultClass::Success);
  counters.add(counted.slot(0, 0), ResultClass::Success);
  counters.add(counted.other(), ResultClass::Denied);
  EXPECT_EQ(counters.get(counted.slot(0, 0), ResultClass::Success), 2U);
  EXPECT_EQ(counters.get(counted.slot(0, 0), ResultClass::Denied), 0U);
  EXPECT_EQ(counters.get(counted.other(), ResultClass::Denied), 1U);
}

TEST(Services, FindsASignedServiceByItsNameAndPagesByWhatTheyClaim) {
  Pages pages({"/page"});
  const Services services{{"signin", &pages}};
  EXPECT_EQ(services.find("signin"), nullptr) << "no signature leads to a page";
  EXPECT_EQ(services.find(""), nullptr);
  const http::RequestHead claimed{.method = "GET", .target = "/page?x=1"};
  ASSERT_NE(services.pages_for(claimed), nullptr);
  EXPECT_EQ(services.index_of(*services.pages_for(claimed)), 0U);
  const http::RequestHead other{.method = "GET", .target = "/other"};
  EXPECT_EQ(services.pages_for(other), nullptr);
}

TEST(DescriptionBudget, GivesSoManyInASecondAndThenAgainInTheNext) {
  DescriptionBudget budget(2);
  const Instant now = Instant::from_seconds(1'800'000'000);
  EXPECT_TRUE(budget.take(now));
  EXPECT_TRUE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
  EXPECT_FALSE(budget.take(now));
  EXPECT_TRUE(budget.take(now.plus_seconds(1)));
}

}  // namespace
}  // namespace signet::api
