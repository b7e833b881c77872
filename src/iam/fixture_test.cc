#include <array>

#include <gtest/gtest.h>

#include "api/steps_for_test.h"
#include "authn/key_rings.h"
#include "authn/mfa_gate.h"
#include "base/strings.h"
#include "iam/credential_report.h"
#include "iam/fixture_for_test.h"
#include "identity/directory.h"
#include "model/arn.h"
#include "model/root_caller.h"
#include "store/memory/memory_store.h"

namespace signet::iam {

namespace {

// Bytes that repeat from run to run (splitmix64).
class StepRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) {
      state_ += 0x9E3779B97F4A7C15U;
      std::uint64_t z = state_;
      z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
      z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
      byte = static_cast<std::uint8_t>(z >> 56U);
    }
  }

 private:
  std::uint64_t state_ = 42;
};

identity::ManagedPolicy aws_policy(std::string_view path,
                                   std::string_view name,
                                   std::string_view id) {
  identity::ManagedPolicy policy;
  policy.account = "aws";
  policy.id = id;
  policy.name = name;
  policy.path = path;
  policy.description = concat("About ", name);
  policy.created = Instant::from_seconds(1'423'000'000);
  policy.updated = policy.created;
  policy.versions.push_back({.number = 1,
                             .document = identity::make_document(std::string(kAllowAll)),
                             .created = policy.created});
  return policy;
}

class SmallCatalogue final : public identity::PolicyCatalogue {
 public:
  SmallCatalogue()
      : policies_{
            aws_policy("/", "AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK"),
            aws_policy("/aws-service-role/", "ExampleServiceRolePolicy", "ANPAIWMBCKSKIEE64ZLYA"),
            aws_policy("/", "IAMReadOnlyAccess", "ANPAIWMBCKSKIEE64ZLYB")} {
    policies_[1].is_attachable = false;
    for (std::size_t i = 0; i < policies_.size(); ++i) {
      pointers_[i] = &policies_[i];
    }
  }

  const identity::ManagedPolicy* find(std::string_view arn) const override {
    for (const identity::ManagedPolicy& policy : policies_) {
      if (identity::arn_of(policy) == arn) {
        return &policy;
      }
    }
    return nullptr;
  }

  std::span<const identity::ManagedPolicy* const> all() const override { return pointers_; }

 private:
  std::array<identity::ManagedPolicy, 3> policies_;
  std::array<const identity::ManagedPolicy*, 3> pointers_{};
};

}  // namespace

struct IamFixture::Parts {
  ManualClock clock{Instant::from_seconds(1'790'000'000)};
  StepRandom random;
  SmallCatalogue catalogue;
  identity::TemplateCatalogue templates;
  authn::KeyRings rings;
  authn::MfaGate gate;
  Secret master_key{std::string(32, 'k')};
  std::unique_ptr<store::Store> store = store::make_memory_store();
  std::unique_ptr<identity::Directory> directory;
  authz::Authorizer authorizer;
  api::Deps deps{.clock = clock,
                 .random = random,
                 .rings = rings,
                 .mfa = gate,
                 .catalogue = catalogue,
                 .issuer_base = [] { return "https://signet.example.com"; },
                 .templates = &templates};

  [[nodiscard]] authz::RequestInfo info() const {
    return {.request_id = "00000000-0000-0000-0000-000000000000",
            .source_ip = "192.0.2.1",
            .user_agent = {},
            .referer = {},
            .region = "us-east-1",
            .is_secure = true,
            .now = clock.now()};
  }
};

IamFixture::IamFixture() : parts_(std::make_unique<Parts>()) {
  auto opened = identity::Directory::open({.store = *parts_->store,
                                           .master_key = parts_->master_key,
                                           .random = parts_->random,
                                           .catalogue = &parts_->catalogue});
  if (!opened) {
    ADD_FAILURE() << opened.error().cause;
    return;
  }
  parts_->directory = *std::move(opened);
  write([&](identity::Transaction& transaction) {
    for (const std::string_view id : {kAccount, kOther}) {
      identity::Account account;
      account.id = id;
      account.canonical_user_id = concat(id, std::string(52, '0'));
      account.created = now();
      transaction.put(std::move(account));
    }
  });
}

IamFixture::~IamFixture() = default;

model::Caller IamFixture::root(std::string_view account) {
  return model::root_caller(account);
}

model::Caller IamFixture::user(std::string_view name) const {
  const auto state = snapshot();
  const identity::User* user = state->find<identity::User>(kAccount, name);
  model::Caller caller;
  if (user == nullptr) {
    ADD_FAILURE() << "no user " << name;
    return caller;
  }
  caller.kind = model::CallerKind::User;
  caller.account = kAccount;
  caller.arn = identity::arn_of(*user);
  caller.principal_arn = caller.arn;
  caller.principal_id = user->id;
  caller.user_id = user->id;
  caller.name = user->name;
  caller.access_key_id = "AKIAIOSFODNN7EXAMPLE";
  return caller;
}

model::Caller IamFixture::session(std::string_view role_name) const {
  const auto state = snapshot();
  const identity::Role* role = state->find<identity::Role>(kAccount, role_name);
  model::Caller caller;
  if (role == nullptr) {
    ADD_FAILURE() << "no role " << role_name;
    return caller;
  }
  auto session = std::make_shared<model::Session>();
  session->kind = model::SessionKind::AssumedRole;
  session->account = kAccount;
  session->principal_id = role->id;
  session->session_name = "s";
  session->issued = now();
  session->expires = now().plus_seconds(3600);
  caller.kind = model::CallerKind::AssumedRole;
  caller.account = kAccount;
  caller.arn = model::assumed_role_arn(kAccount, role->name, "s");
  caller.principal_arn = identity::arn_of(*role);
  caller.principal_id = role->id;
  caller.user_id = concat(role->id, ":s");
  caller.name = role->name;
  caller.session = std::move(session);
  return caller;
}

void IamFixture::make_user(std::string_view name) {
  ASSERT_EQ(outcome(call(CreateUserRequest{.user_name = std::string(name)})), "ok");
}

void IamFixture::make_group(std::string_view name) {
  ASSERT_EQ(outcome(call(CreateGroupRequest{.group_name = std::string(name)})), "ok");
}

void IamFixture::make_role(std::string_view name) {
  ASSERT_EQ(outcome(call(CreateRoleRequest{.role_name = std::string(name),
                                           .assume_role_policy_document = std::string(kTrustEc2)})),
            "ok");
}

std::string IamFixture::make_policy(std::string_view name) {
  const auto made = call(CreatePolicyRequest{.policy_name = std::string(name),
                                             .policy_document = std::string(kAllowAll)});
  EXPECT_EQ(outcome(made), "ok");
  return made ? made->policy->arn.value_or("") : std::string();
}

model::Caller IamFixture::make_caller(std::string_view name, std::string_view policy) {
  make_user(name);
  const auto put = call(PutUserPolicyRequest{.user_name = std::string(name),
                                             .policy_name = "only",
                                             .policy_document = std::string(policy)});
  EXPECT_EQ(outcome(put), "ok");
  return user(name);
}

std::shared_ptr<const identity::Snapshot> IamFixture::snapshot() const {
  return parts_->directory->current();
}

void IamFixture::write(const std::function<void(identity::Transaction&)>& change) {
  const auto done = parts_->directory->apply(
      [&](const identity::Snapshot&, identity::Transaction& transaction) -> Status {
        change(transaction);
        return {};
      });
  ASSERT_TRUE(done) << done.error().cause;
}

void IamFixture::advance_seconds(std::int64_t seconds) {
  parts_->clock.advance_seconds(seconds);
}

identity::TemplateCatalogue& IamFixture::templates() {
  return parts_->templates;
}

void IamFixture::make_credential_reports() {
  EXPECT_TRUE(iam::make_credential_reports(*parts_->directory, now()).has_value());
}

Instant IamFixture::now() const {
  return parts_->clock.now();
}

Result<api::CheckList> IamFixture::look(const model::Caller& caller, const Checks& checks) {
  const auto state = snapshot();
  const authz::RequestInfo info = parts_->info();
  const api::CheckContext context{
      .snapshot = *state, .caller = caller, .request = info, .deps = parts_->deps};
  // What the checks borrow belongs to the snapshot, which is still current in a test.
  return checks(context);
}

Status IamFixture::run(facts::Operation operation,
                       const model::Caller& caller,
                       const Checks& checks,
                       const Prepare& prepare,
                       const Handle& handle) {
  const authz::RequestInfo info = parts_->info();
  const bool is_write = facts::is_write(facts::operation_row(operation).run_mode);
  api::TestCall call(
      {.directory = *parts_->directory, .authorizer = parts_->authorizer, .deps = parts_->deps},
      caller,
      info,
      {.run_mode = [&] { return is_write ? api::RunMode::Write : api::RunMode::Read; },
       .checks = checks,
       .prepare = prepare,
       .handle = handle});
  return call.run();
}

}  // namespace signet::iam
