#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "base/secret_access.h"
#include "base/strings.h"
#include "iam/delegation.h"
#include "iam/fixture_for_test.h"
#include "identity/fixture_for_test.h"
#include "model/root_caller.h"

namespace signet::iam {
namespace {

using identity::DelegationState;

constexpr const char* kTemplate = "arn:aws:iam::444455556666:delegation-template/t";
constexpr const char* kTopic = "arn:aws:sns:us-east-1:444455556666:topic";
constexpr const char* kAllowGet =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetDelegationRequest","Resource":"*"}})";
constexpr std::int64_t kDay = 86'400;

identity::PolicyTemplate policy_template() {
  identity::PolicyTemplate from;
  from.arn = kTemplate;
  from.requestor = IamFixture::kOther;
  from.requestor_name = "Partner";
  from.document =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::@{bucket}/*"}]})";
  from.parameters = {{.name = "bucket", .is_required = true}};
  from.role_boundaries = {"arn:aws:iam::aws:policy/PowerUserAccess"};
  return from;
}

class Delegations : public ::testing::Test {
 protected:
  Delegations() { world_.templates().add(policy_template()); }

  static model::Caller partner() { return IamFixture::root(IamFixture::kOther); }

  static CreateDelegationRequestRequest creation() {
    return {
        .owner_account_id = std::string(IamFixture::kAccount),
        .description = "Sets up the product",
        .permissions = {.policy_template_arn = kTemplate,
                        .parameters = {{.name = "bucket", .values = {"data"}, .type = "string"}}},
        .requestor_workflow_id = "flow-1",
        .notification_channel = kTopic,
        .session_duration = 3600};
  }

  // The id of a new request.
  std::string create(const CreateDelegationRequestRequest& request = creation()) {
    const auto made = world_.call(partner(), request);
    EXPECT_EQ(outcome(made), "ok");
    return made ? made->delegation_request_id.value_or("") : std::string();
  }

  template <class Request>
  std::string on(const model::Caller& caller, const std::string& id) {
    return outcome(world_.call(caller, Request{.delegation_request_id = id}));
  }

  template <class Request>
  void must(const std::string& id) {
    ASSERT_EQ(on<Request>(IamFixture::root(), id), "ok");
  }

  // A request in a state that only its own operations lead to.
  std::string in_state(DelegationState state, CreateDelegationRequestRequest request = creation()) {
    const std::string id = create(request);
    if (state != DelegationState::Unassigned) {
      must<AssociateDelegationRequestRequest>(id);
    }
    if (state == DelegationState::PendingApproval) {
      must<UpdateDelegationRequestRequest>(id);
    }
    if (state == DelegationState::Accepted || state == DelegationState::Finalized) {
      must<AcceptDelegationRequestRequest>(id);
    }
    if (state == DelegationState::Finalized) {
      must<SendDelegationTokenRequest>(id);
    }
    if (state == DelegationState::Rejected) {
      must<RejectDelegationRequestRequest>(id);
    }
    return id;
  }

  DelegationRequest get(const std::string& id) {
    const auto got =
        world_.call(IamFixture::root(), GetDelegationRequestRequest{.delegation_request_id = id});
    EXPECT_EQ(outcome(got), "ok");
    return got ? *got->delegation_request : DelegationRequest();
  }

  // What the partner was told, oldest first.
  std::vector<std::string> messages() {
    std::vector<std::string> told;
    const auto snapshot = world_.snapshot();
    for (const auto& entry :
         snapshot->index<identity::NotificationsOfAccount>(std::string(IamFixture::kOther))) {
      told.emplace_back(entry.value->message->reveal(secret_access()));
    }
    return told;
  }

  bool was_told(std::string_view text) {
    return std::ranges::any_of(messages(), [text](const std::string& message) {
      return message.find(text) != std::string::npos;
    });
  }

  // Everything whose time is over, as the housekeeper does it.
  void sweep() {
    for (int i = 0; i < 3; ++i) {
      const auto snapshot = world_.snapshot();
      world_.write([&](identity::Transaction& transaction) {
        static_cast<void>(end_delegations(*snapshot, world_.now(), 100, random_, transaction));
      });
    }
  }

  IamFixture world_;
  identity::CountingRandom random_;
};

std::string unfit(const std::string& id, std::string_view state) {
  return concat("InvalidInput: The delegation request ",
                id,
                " is in the state ",
                state,
                ", in which this is not possible.");
}

std::string not_found(const std::string& id) {
  return concat("NoSuchEntity: The delegation request with id ", id, " cannot be found.");
}

TEST_F(Delegations, AreMadeFromARegisteredTemplate) {
  const auto made = world_.call(partner(), creation());

  ASSERT_EQ(outcome(made), "ok");
  EXPECT_FALSE(made->console_deep_link);
  const DelegationRequest shown = get(*made->delegation_request_id);
  EXPECT_EQ(shown.state, "UNASSIGNED");
  EXPECT_EQ(shown.requestor_id, IamFixture::kOther);
  EXPECT_EQ(shown.requestor_name, "Partner");
  EXPECT_EQ(shown.owner_account_id, IamFixture::kAccount);
  EXPECT_FALSE(shown.owner_id);
  EXPECT_EQ(
      shown.permission_policy,
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":"arn:aws:s3:::data/*"}]})");
  EXPECT_EQ(shown.permissions->parameters.front().values, std::vector<std::string>{"data"});
  EXPECT_EQ(shown.role_permission_restriction_arns->size(), 1U);
  EXPECT_EQ(shown.session_duration, 3600);
  EXPECT_EQ(shown.expiration_time, world_.now().plus_seconds(kDay));
  EXPECT_TRUE(messages().empty()) << "nobody is told of a new request";
}

TEST_F(Delegations, AreRefusedToAccountsWithoutTemplate) {
  const std::string refused = concat(
      "InvalidInput: The policy template ", kTemplate, " is not registered for this account.");
  EXPECT_EQ(outcome(world_.call(IamFixture::root(), creation())), refused);
  CreateDelegationRequestRequest request = creation();
  request.permissions.policy_template_arn.reset();
  EXPECT_EQ(outcome(world_.call(partner(), request)),
            "InvalidInput: The policy template  is not registered for this account.");
}

TEST_F(Delegations, AreHeldToTheParametersOfTheirTemplate) {
  const auto with = [&](std::vector<PolicyParameter> parameters) {
    CreateDelegationRequestRequest request = creation();
    request.permissions.parameters = std::move(parameters);
    return outcome(world_.call(partner(), request));
  };
  EXPECT_EQ(with({}), "InvalidInput: The parameter bucket needs a value.");
  EXPECT_EQ(with({{.name = "other", .values = {"x"}}}),
            "InvalidInput: The template has no parameter other.");
  const std::string form = "InvalidInput: The values of the parameter bucket are not of its type.";
  EXPECT_EQ(with({{.name = "bucket", .values = {"x"}, .type = "stringList"}}), form);
  EXPECT_EQ(with({{.name = "bucket", .values = {"x", "y"}}}), form);
  EXPECT_EQ(with({{.name = "bucket", .values = {"x"}}, {.name = "bucket", .values = {"y"}}}), form);
  EXPECT_EQ(with({{.name = "bucket", .values = {"*"}}}).substr(0, 12), "InvalidInput");
  EXPECT_EQ(with({{.name = "bucket", .values = {std::string(2100, 'x')}}}),
            "InvalidInput: With these values the policy template makes no valid policy of at most "
            "2048 characters.");
}

TEST_F(Delegations, AreToldToATopicOfThePartnerAlone) {
  for (const char* channel : {"topic",
                              "arn:aws:sns:us-east-1:111122223333:topic",
                              "arn:aws:sqs:us-east-1:444455556666:topic",
                              "arn:aws:sns::444455556666:topic",
                              "arn:aws:sns:us-east-1:444455556666:topic:subscription"}) {
    CreateDelegationRequestRequest request = creation();
    request.notification_channel = channel;
    EXPECT_EQ(outcome(world_.call(partner(), request)),
              concat("InvalidInput: The notification channel ",
                     channel,
                     " is not the ARN of an SNS topic of this account."));
  }
}

TEST_F(Delegations, HaveOneWorkflowEach) {
  create();
  EXPECT_EQ(
      outcome(world_.call(partner(), creation())),
      "EntityAlreadyExists: A delegation request with the workflow id flow-1 already exists.");
}

TEST_F(Delegations, NameWhatTheyAreAboutToPolicies) {
  const auto list = world_.checks_of(partner(), creation());
  ASSERT_TRUE(list);
  const api::Check& check = list->front();
  EXPECT_EQ(check.resource, "arn:aws:iam::444455556666:delegation-request/*");
  ASSERT_EQ(check.context.size(), 3U);
  EXPECT_EQ(check.context[0].key, "iam:DelegationDuration");
  EXPECT_EQ(check.context[0].values, std::vector<std::string>{"3600"});
  EXPECT_EQ(check.context[1].values, std::vector<std::string>{kTopic});
  EXPECT_EQ(check.context[2].values, std::vector<std::string>{kTemplate});
}

TEST_F(Delegations, GoFromStateToState) {
  const std::string id = create();
  must<AssociateDelegationRequestRequest>(id);
  EXPECT_EQ(get(id).state, "ASSIGNED");
  EXPECT_EQ(get(id).owner_id, "arn:aws:iam::111122223333:root");
  EXPECT_EQ(get(id).expiration_time, world_.now().plus_seconds(7 * kDay));
  ASSERT_EQ(outcome(world_.call(
                IamFixture::root(),
                UpdateDelegationRequestRequest{.delegation_request_id = id, .notes = "please"})),
            "ok");
  EXPECT_EQ(get(id).state, "PENDING_APPROVAL");
  EXPECT_EQ(get(id).notes, "please");
  must<UpdateDelegationRequestRequest>(id);
  EXPECT_EQ(get(id).notes, "please") << "absent notes change nothing";
  must<AcceptDelegationRequestRequest>(id);
  EXPECT_EQ(get(id).state, "ACCEPTED");
  EXPECT_EQ(get(id).approver_id, "arn:aws:iam::111122223333:root");
  must<SendDelegationTokenRequest>(id);
  EXPECT_EQ(get(id).state, "FINALIZED");
  for (const char* state : {"ASSIGNED", "PENDING_APPROVAL", "ACCEPTED", "FINALIZED"}) {
    EXPECT_TRUE(was_told(concat(R"("Type":"StateChange","RequestId":")",
                                id,
                                R"(","RequestorWorkflowId":"flow-1","State":")",
                                state,
                                R"(","OwnerAccountId":"111122223333")")))
        << state;
  }
}

// Every operation in every state: what the table of states does not have is refused.
TEST_F(Delegations, GoNowhereElse) {
  using enum DelegationState;

  struct Case {
    DelegationState state;
    bool associate;
    bool accept;
    bool reject;
    bool update;
    bool send;
  };

  int flow = 0;
  for (const Case& one : {Case{Unassigned, true, false, false, false, false},
                          Case{Assigned, false, true, true, true, false},
                          Case{PendingApproval, false, true, true, true, false},
                          Case{Accepted, false, false, true, false, true},
                          Case{Finalized, false, false, false, false, false},
                          Case{Rejected, false, false, false, false, false}}) {
    const auto expect = [&]<class Request>(bool is_possible, Request) {
      CreateDelegationRequestRequest request = creation();
      request.requestor_workflow_id = concat("flow-", std::to_string(++flow), "-x");
      const std::string id = in_state(one.state, request);
      EXPECT_EQ(on<Request>(IamFixture::root(), id),
                is_possible ? "ok" : unfit(id, name_of(one.state)));
    };
    expect(one.associate, AssociateDelegationRequestRequest());
    expect(one.accept, AcceptDelegationRequestRequest());
    expect(one.reject, RejectDelegationRequestRequest());
    expect(one.update, UpdateDelegationRequestRequest());
    expect(one.send, SendDelegationTokenRequest());
  }
}

TEST_F(Delegations, ExpireAndAreForgotten) {
  const std::string unassigned = create();
  world_.advance_seconds(kDay - 1);
  EXPECT_EQ(get(unassigned).state, "UNASSIGNED");
  world_.advance_seconds(1);
  EXPECT_EQ(get(unassigned).state, "EXPIRED") << "whether or not it was swept";
  EXPECT_EQ(on<AssociateDelegationRequestRequest>(IamFixture::root(), unassigned),
            unfit(unassigned, "EXPIRED"));
  sweep();
  EXPECT_EQ(get(unassigned).state, "EXPIRED");
  EXPECT_TRUE(was_told(R"("State":"EXPIRED")"));
  world_.advance_seconds(7 * kDay + 1);
  sweep();
  EXPECT_EQ(on<GetDelegationRequestRequest>(IamFixture::root(), unassigned), not_found(unassigned));
  EXPECT_TRUE(messages().empty()) << "nobody fetched them";
  create();  // the workflow id is free again
}

TEST_F(Delegations, AreShownToNobodyElse) {
  const std::string id = create();
  EXPECT_EQ(on<GetDelegationRequestRequest>(partner(), id), not_found(id))
      << "the partner is told, and does not look";
  EXPECT_EQ(on<AssociateDelegationRequestRequest>(partner(), id), not_found(id));
  must<AssociateDelegationRequestRequest>(id);
  EXPECT_EQ(on<AcceptDelegationRequestRequest>(partner(), id), not_found(id));
  EXPECT_EQ(on<GetDelegationRequestRequest>(IamFixture::root(), "no-such-request-1"),
            not_found("no-such-request-1"));
}

TEST_F(Delegations, ForAnybodyAreTakenUpByWhoeverComes) {
  CreateDelegationRequestRequest request = creation();
  request.owner_account_id.reset();
  const std::string id = create(request);
  EXPECT_EQ(on<GetDelegationRequestRequest>(partner(), id), "ok");
  EXPECT_EQ(on<RejectDelegationRequestRequest>(IamFixture::root(), id), not_found(id))
      << "nobody decides on what is not theirs yet";
  must<AssociateDelegationRequestRequest>(id);
  EXPECT_EQ(get(id).owner_account_id, IamFixture::kAccount);
  EXPECT_EQ(on<GetDelegationRequestRequest>(partner(), id), not_found(id));
}

TEST_F(Delegations, OwnersSeeAndForwardThemByDefault) {
  const std::string id = create();
  const model::Caller owner = world_.make_caller(
      "owner",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AssociateDelegationRequest","Resource":"*"}})");
  const model::Caller other = world_.make_caller(
      "other",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}})");
  ASSERT_EQ(on<AssociateDelegationRequestRequest>(owner, id), "ok");

  EXPECT_EQ(on<GetDelegationRequestRequest>(owner, id), "ok");
  EXPECT_EQ(on<UpdateDelegationRequestRequest>(owner, id), "ok");
  EXPECT_EQ(outcome(world_.call(owner,
                                GetHumanReadableSummaryRequest{
                                    .entity_arn = delegation_arn(IamFixture::kAccount, id)})),
            "ok");
  EXPECT_EQ(on<GetDelegationRequestRequest>(other, id).substr(0, 12), "AccessDenied");
  for (const std::string& refused : {on<AcceptDelegationRequestRequest>(owner, id),
                                     on<RejectDelegationRequestRequest>(owner, id),
                                     on<SendDelegationTokenRequest>(owner, id)}) {
    EXPECT_EQ(refused.substr(0, 12), "AccessDenied");
  }
}

TEST_F(Delegations, AnExplicitDenyBeatsTheOwnersDefault) {
  const std::string id = create();
  const model::Caller owner = world_.make_caller(
      "owner",
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:AssociateDelegationRequest","Resource":"*"},{"Effect":"Deny","Action":"iam:GetDelegationRequest","Resource":"*"}]})");
  ASSERT_EQ(on<AssociateDelegationRequestRequest>(owner, id), "ok");
  EXPECT_EQ(on<GetDelegationRequestRequest>(owner, id).substr(0, 12), "AccessDenied");
}

TEST_F(Delegations, AUserOfTheSameNameIsNotTheOwner) {
  const std::string id = create();
  const model::Caller owner = world_.make_caller(
      "owner",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AssociateDelegationRequest","Resource":"*"}})");
  ASSERT_EQ(on<AssociateDelegationRequestRequest>(owner, id), "ok");
  model::Caller later = owner;
  later.principal_id = "AIDALATER";
  const auto request = world_.snapshot();
  EXPECT_TRUE(is_owner(*request->find<identity::DelegationRequest>(id), owner));
  EXPECT_FALSE(is_owner(*request->find<identity::DelegationRequest>(id), later));
}

TEST_F(Delegations, AreDecidedOnByTheirOwner) {
  const std::string id = create();
  must<AssociateDelegationRequestRequest>(id);
  const model::Caller only_users = world_.make_caller(
      "only-users",
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetDelegationRequest","Resource":"*","Condition":{"ArnLike":{"iam:DelegationRequestOwner":"arn:aws:iam::*:user/*"}}}})");
  EXPECT_EQ(on<GetDelegationRequestRequest>(only_users, id).substr(0, 12), "AccessDenied");
  const model::Caller all = world_.make_caller("all", kAllowGet);
  EXPECT_EQ(on<GetDelegationRequestRequest>(all, id), "ok");
}

TEST_F(Delegations, AreAcceptedByUsersRolesAndRoot) {
  CreateDelegationRequestRequest request = creation();
  request.session_duration = 14'401;
  const std::string id = in_state(DelegationState::Assigned, request);
  EXPECT_EQ(on<AcceptDelegationRequestRequest>(IamFixture::root(), id),
            "AccessDenied: The root user can accept delegation requests of at most 14400 seconds.");
  model::Caller limited = IamFixture::root();
  auto session = std::make_shared<model::Session>();
  session->kind = model::SessionKind::AssumedRoot;
  limited.session = session;
  EXPECT_EQ(on<AcceptDelegationRequestRequest>(limited, id),
            "AccessDenied: Credentials of this kind cannot accept a delegation request.");

  world_.make_role("approver");
  ASSERT_EQ(outcome(world_.call(PutRolePolicyRequest{.role_name = "approver",
                                                     .policy_name = "all",
                                                     .policy_document = std::string(kAllowAll)})),
            "ok");
  EXPECT_EQ(on<AcceptDelegationRequestRequest>(world_.session("approver"), id), "ok");
  EXPECT_EQ(get(id).approver_id, "arn:aws:sts::111122223333:assumed-role/approver/s");
  const auto snapshot = world_.snapshot();
  const auto& kept = *snapshot->find<identity::DelegationRequest>(id)->approver;
  EXPECT_EQ(kept.session_name, "s");
  EXPECT_EQ(kept.principal_id, world_.session("approver").principal_id);
}

TEST_F(Delegations, TokensGoIntoTheNotificationAndNowhereElse) {
  const std::string id = in_state(DelegationState::Finalized);
  EXPECT_TRUE(was_told(concat(R"("Type":"ExchangeToken","RequestId":")", id)));
  EXPECT_TRUE(was_told(concat(R"("ExchangeToken":")", id, ".")));
  const auto snapshot = world_.snapshot();
  const auto* kept = snapshot->find<identity::DelegationRequest>(id);
  EXPECT_EQ(kept->token_hash.size(), 32U);
  EXPECT_EQ(kept->released, world_.now());
}

TEST_F(Delegations, TokensMayBeForTheOwnerToSend) {
  CreateDelegationRequestRequest request = creation();
  request.only_send_by_owner = true;
  const std::string id = in_state(DelegationState::Accepted, request);
  const model::Caller administrator = world_.make_caller("administrator", std::string(kAllowAll));
  EXPECT_EQ(on<SendDelegationTokenRequest>(administrator, id),
            "AccessDenied: Only the owner of the delegation request can send its token.");
  EXPECT_EQ(on<SendDelegationTokenRequest>(IamFixture::root(), id), "ok");
}

TEST_F(Delegations, RejectedOnesSayWhy) {
  const std::string id = in_state(DelegationState::Accepted);
  ASSERT_EQ(outcome(world_.call(IamFixture::root(),
                                RejectDelegationRequestRequest{.delegation_request_id = id,
                                                               .notes = "not needed"})),
            "ok");
  EXPECT_EQ(get(id).rejection_reason, "not needed");
  EXPECT_FALSE(get(id).approver_id);
}

TEST_F(Delegations, AreListedByOwnerOnceTheyHaveOne) {
  create();
  const auto list = [&](std::optional<std::string> owner) {
    const auto got = world_.call(IamFixture::root(),
                                 ListDelegationRequestsRequest{.owner_id = std::move(owner)});
    EXPECT_EQ(outcome(got), "ok");
    return got ? got->delegation_requests->size() : 99;
  };
  EXPECT_EQ(list(std::nullopt), 0U) << "without owner it is on no list";
  CreateDelegationRequestRequest second = creation();
  second.requestor_workflow_id = "flow-2";
  in_state(DelegationState::Assigned, second);
  EXPECT_EQ(list(std::nullopt), 1U);
  EXPECT_EQ(list("arn:aws:iam::111122223333:root"), 1U);
  EXPECT_EQ(list("arn:aws:iam::111122223333:user/nobody"), 0U);
  EXPECT_EQ(world_
                .call(partner(),
                      ListDelegationRequestsRequest{.owner_id = "arn:aws:iam::111122223333:root"})
                ->delegation_requests->size(),
            0U)
      << "other accounts' requests are on nobody's list";
}

TEST_F(Delegations, AreListedPageByPage) {
  for (int i = 0; i < 3; ++i) {
    CreateDelegationRequestRequest request = creation();
    request.requestor_workflow_id = concat("flow-", std::to_string(i));
    in_state(DelegationState::Assigned, request);
  }
  std::vector<std::string> seen;
  std::optional<std::string> marker;
  do {
    const auto page = world_.call(IamFixture::root(),
                                  ListDelegationRequestsRequest{.marker = marker, .max_items = 1});
    ASSERT_EQ(outcome(page), "ok");
    ASSERT_EQ(page->delegation_requests->size(), 1U);
    seen.push_back(*page->delegation_requests->front().delegation_request_id);
    marker = page->marker;
  } while (marker);
  EXPECT_EQ(seen.size(), 3U);
}

TEST_F(Delegations, AreCheckedAgainstTheCallersPermissions) {
  const std::string id = in_state(DelegationState::Assigned);
  const auto check = [&](const model::Caller& caller) {
    const auto got = world_.call(caller,
                                 GetDelegationRequestRequest{.delegation_request_id = id,
                                                             .delegation_permission_check = true});
    EXPECT_EQ(outcome(got), "ok");
    EXPECT_EQ(got->permission_check_status, "COMPLETE");
    return got->permission_check_result.value_or("");
  };
  EXPECT_EQ(check(IamFixture::root()), "ALLOWED");
  EXPECT_EQ(check(world_.make_caller("getter", kAllowGet)), "DENIED");
  EXPECT_EQ(
      check(world_.make_caller(
          "unsure",
          R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}]})")),
      "UNSURE");
  EXPECT_FALSE(
      world_.call(IamFixture::root(), GetDelegationRequestRequest{.delegation_request_id = id})
          ->permission_check_status);
}

TEST_F(Delegations, AreSummarizedInWords) {
  const std::string id = in_state(DelegationState::Assigned);
  const std::string arn = delegation_arn(IamFixture::kAccount, id);
  const auto summary =
      world_.call(IamFixture::root(), GetHumanReadableSummaryRequest{.entity_arn = arn});
  ASSERT_EQ(outcome(summary), "ok");
  EXPECT_EQ(summary->summary_state, "AVAILABLE");
  EXPECT_EQ(summary->locale, "en");
  EXPECT_EQ(
      summary->summary_content,
      "Partner (account 444455556666) asks for temporary access to account 111122223333, for 1 "
      "hour once its token is sent.\n"
      "It acts as whoever accepts the request, and has no permission that this identity "
      "lacks.\n"
      "- It may do s3:GetObject, s3:ListBucket on arn:aws:s3:::data/*.\n"
      "Roles that it makes are meant to have one of these boundaries: see "
      "RolePermissionRestrictionArns.\n");
  const auto in = [this, &arn](const char* locale) {
    return *world_.call(IamFixture::root(),
                        GetHumanReadableSummaryRequest{.entity_arn = arn, .locale = locale});
  };
  const auto german = in("de-DE");
  EXPECT_EQ(german.summary_state, "AVAILABLE");
  EXPECT_EQ(german.locale, "de-DE");
  EXPECT_TRUE(german.summary_content->starts_with(
      "Partner (Konto 444455556666) bittet um befristeten Zugriff auf Konto 111122223333, "
      "f\u00fcr 1 Stunde"));
  EXPECT_NE(german.summary_content->find("- Die Identit\u00e4t darf ausf\u00fchren: s3:GetObject, "
                                         "s3:ListBucket auf arn:aws:s3:::data/*.\n"),
            std::string::npos);
  EXPECT_NE(in("ja").summary_content, in("zh-CN").summary_content);
  const auto french = in("fr");
  EXPECT_EQ(french.summary_state, "NOT_SUPPORTED");
  EXPECT_EQ(french.summary_content, "");
  for (const char* other : {"arn:aws:iam::111122223333:user/alice",
                            "arn:aws:iam::111122223333:delegation-request/",
                            "arn:aws:iam::aws:delegation-request/0123456789abcdef"}) {
    EXPECT_EQ(outcome(world_.call(IamFixture::root(),
                                  GetHumanReadableSummaryRequest{.entity_arn = other})),
              concat("InvalidInput: The entity ", other, " is not a delegation request."));
  }
  EXPECT_EQ(outcome(world_.call(IamFixture::root(),
                                GetHumanReadableSummaryRequest{
                                    .entity_arn = delegation_arn(IamFixture::kOther, id)})),
            not_found(id));
}

}  // namespace
}  // namespace signet::iam
