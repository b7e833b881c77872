#include "api/request_counters.h"

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
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
  for (const ErrorCode code : {ErrorCode::SignatureDoesNotMatch,
                               ErrorCode::S3SignatureDoesNotMatch,
                               ErrorCode::InvalidClientTokenId,
                               ErrorCode::ExpiredToken}) {
    EXPECT_EQ(result_class(fail(code, "")), ResultClass::Unauthenticated);
  }
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

TEST(RequestCounters, CountsEachResultOfEachOperationApartInRanges) {
  Pages pages({"A"});
  const Services services{{"one", &pages}};
  const CountedOperations counted(services);
  RequestCounters counters(counted);
  counters.add(counted.slot(0, 0), ResultClass::Success, 100);
  counters.add(counted.slot(0, 0), ResultClass::Success, 101);
  counters.add(counted.other(), ResultClass::Denied, 60'000'000);
  RequestCounters::Sum one;
  counters.add_to(one, counted.slot(0, 0), ResultClass::Success);
  EXPECT_EQ(one.counts[0], 1U) << "a bound belongs to its range";
  EXPECT_EQ(one.counts[1], 1U);
  EXPECT_EQ(one.microseconds, 201U);
  EXPECT_EQ(one.requests(), 2U);
  RequestCounters::Sum nothing;
  counters.add_to(nothing, counted.slot(0, 0), ResultClass::Denied);
  EXPECT_EQ(nothing, RequestCounters::Sum());
  RequestCounters::Sum none;
  counters.add_to(none, counted.other(), ResultClass::Denied);
  EXPECT_EQ(none.counts.back(), 1U);
}

TEST(RequestCounters, MakesARowOnceWhoeverAsksForItFirst) {
  Pages pages({"A"});
  const Services services{{"one", &pages}};
  const CountedOperations counted(services);
  RequestCounters counters(counted);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        counters.add(counted.slot(0, 0), ResultClass::Success, n);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  RequestCounters::Sum sum;
  counters.add_to(sum, counted.slot(0, 0), ResultClass::Success);
  EXPECT_EQ(sum.requests(), 4000U);
}

TEST(RequestCounters, CountsRefusalsByWhatRefused) {
  Pages pages({"A"});
  const Services services{{"one", &pages}};
  RequestCounters counters{CountedOperations(services)};
  const authz::RefusedBy scp(policy::Decision{.verdict = policy::Verdict::ExplicitlyDenied,
                                              .type = policy::PolicyType::Scp});
  counters.add_refusal(scp);
  counters.add_refusal(authz::RefusedBy());
  counters.add_unauthenticated(ErrorCode::SignatureDoesNotMatch);
  counters.add_unauthenticated(ErrorCode::NoSuchEntity);
  EXPECT_EQ(counters.refusals(scp), 1U);
  EXPECT_EQ(scp.policy(), "scp");
  EXPECT_EQ(scp.verdict(), "explicit");
  EXPECT_EQ(authz::RefusedBy().policy(), "none");
  EXPECT_EQ(authz::RefusedBy().verdict(), "implicit");
  std::uint64_t all = 0;
  for (std::size_t place = 0; place < kUnauthenticatedCodes.size(); ++place) {
    all += counters.unauthenticated(place);
  }
  EXPECT_EQ(all, 1U) << "another error is none of authentication";
}

TEST(Services, ABrowserAtTheAddressGetsAPageAndProgramsDoNot) {
  Pages pages({kFrontDoor});
  const Services services{{"signin", &pages}};
  const auto is_page = [&services](std::string_view method,
                                   std::string_view target,
                                   std::string_view accept) {
    const std::vector<http::HeaderView> headers{{.name = "Accept", .value = accept}};
    return services.pages_for({.method = method, .target = target, .headers = headers}) != nullptr;
  };
  EXPECT_TRUE(is_page("GET", "/", "text/html,application/xhtml+xml,*/*;q=0.8"));
  EXPECT_TRUE(is_page("HEAD", "/", "text/html"));
  EXPECT_FALSE(is_page("GET", "/", "*/*")) << "curl, and S3 clients";
  EXPECT_FALSE(is_page("GET", "/", "application/xml"));
  EXPECT_FALSE(is_page("POST", "/", "text/html"));
  EXPECT_FALSE(is_page("GET", "/?Action=GetCallerIdentity", "text/html"));
  EXPECT_FALSE(is_page("GET", "/bucket", "text/html"));
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
