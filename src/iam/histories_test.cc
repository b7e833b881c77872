#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <typeinfo>
#include <utility>

#include <gtest/gtest.h>

#include "base/strings.h"
#include "iam/fixture_for_test.h"
#include "iam/histories_for_test.h"

namespace signet::iam {
namespace {

using Names = std::set<std::string>;

constexpr const char* kInline = "inline";

// What the model knows of a user, group or role.
struct Known {
  std::string id;
  Names attached;  // ARNs
  bool has_inline = false;
  std::string boundary;  // ARN; empty: none
  Names groups;          // of a user
  int keys = 0;          // of a user
};

struct KnownPolicy {
  std::string id;
  int versions = 1;
};

using Principals = std::map<std::string, Known>;

// The simplest thing that could be an account: says what each operation answers, and what is there
// afterwards.
struct Model {
  Principals users;
  Principals groups;
  Principals roles;
  std::map<std::string, KnownPolicy> policies;  // by ARN
  std::map<std::string, std::string> profiles;  // name to role; empty: none
  Names ids;                                    // of all that ever was

  [[nodiscard]] bool is_used(const std::string& arn) const {
    const auto uses = [&](const Principals& all) {
      return std::ranges::any_of(all, [&](const auto& one) {
        return one.second.attached.contains(arn) || one.second.boundary == arn;
      });
    };
    return uses(users) || uses(groups) || uses(roles);
  }

  [[nodiscard]] bool has_members(const std::string& group) const {
    return std::ranges::any_of(users,
                               [&](const auto& one) { return one.second.groups.contains(group); });
  }

  [[nodiscard]] bool is_in_profile(const std::string& role) const {
    return std::ranges::any_of(profiles, [&](const auto& one) { return one.second == role; });
  }
};

// One random history of an account and the model of it.
class History {
 public:
  explicit History(std::uint32_t seed) : random_(seed) {}

  // Does one thing in both, and expects the same answer.
  void step() {
    constexpr std::array kSteps = {&History::create_principal,
                                   &History::create_principal,
                                   &History::delete_principal,
                                   &History::rename_user,
                                   &History::change_membership,
                                   &History::create_policy,
                                   &History::delete_policy,
                                   &History::change_versions,
                                   &History::attach,
                                   &History::attach,
                                   &History::detach,
                                   &History::change_inline,
                                   &History::change_boundary,
                                   &History::change_keys,
                                   &History::change_profile,
                                   &History::change_linked_role};
    (this->*kSteps[pick(kSteps.size())])();
  }

  // What is there is what the model has: names, attachments both ways, counts.
  void expect_equal() {
    expect_lists();
    expect_attachments();
    const auto now = counts();
    const auto grown = [&](const char* key) {
      return now.at(key) - initial_.at(key);
    };
    EXPECT_EQ(grown("Users"), std::ssize(model_.users));
    EXPECT_EQ(grown("Groups"), std::ssize(model_.groups));
    EXPECT_EQ(grown("Roles"), std::ssize(model_.roles));
    EXPECT_EQ(grown("Policies"), std::ssize(model_.policies));
    EXPECT_EQ(grown("InstanceProfiles"), std::ssize(model_.profiles));
    std::int64_t versions = 0;
    for (const auto& [arn, policy] : model_.policies) {
      versions += policy.versions;
    }
    EXPECT_EQ(grown("PolicyVersionsInUse"), versions);
  }

 private:
  enum class Kind : std::uint8_t { User, Group, Role };

  std::size_t pick(std::size_t bound) { return random_() % bound; }

  std::string name() { return "n" + std::to_string(pick(4)); }

  Kind kind() { return static_cast<Kind>(pick(3)); }

  static std::string arn(const std::string& policy) {
    return concat("arn:aws:iam::", IamFixture::kAccount, ":policy/", policy);
  }

  Principals& all(Kind kind) {
    return kind == Kind::User ? model_.users : (kind == Kind::Group ? model_.groups : model_.roles);
  }

  Known* find(Kind kind, const std::string& name) {
    const auto found = all(kind).find(name);
    return found == all(kind).end() ? nullptr : &found->second;
  }

  // The code of a refusal, or nothing.
  template <class Request>
  std::string code(const Request& request) {
    const std::string said = outcome(world_.call(request));
    return said == "ok" ? std::string() : said.substr(0, said.find(':'));
  }

  template <class Request>
  void expect(const Request& request, const std::string& wanted) {
    EXPECT_EQ(code(request), wanted) << typeid(Request).name();
  }

  // Nobody had it before, whatever the name.
  void take_id(std::string& place, const std::string& id) {
    EXPECT_TRUE(model_.ids.insert(id).second) << id;
    place = id;
  }

  void create_principal() {
    const Kind kind = this->kind();
    const std::string name = this->name();
    if (find(kind, name) != nullptr) {
      expect_creation_refused(kind, name);
      return;
    }
    Known& made = all(kind)[name];
    if (kind == Kind::User) {
      take_id(made.id, world_.call(CreateUserRequest{.user_name = name})->user->user_id);
    } else if (kind == Kind::Group) {
      take_id(made.id, world_.call(CreateGroupRequest{.group_name = name})->group.group_id);
    } else {
      take_id(made.id,
              world_
                  .call(CreateRoleRequest{.role_name = name,
                                          .assume_role_policy_document = std::string(kTrustEc2)})
                  ->role.role_id);
    }
  }

  void expect_creation_refused(Kind kind, const std::string& name) {
    const std::string taken = "EntityAlreadyExists";
    if (kind == Kind::User) {
      expect(CreateUserRequest{.user_name = name}, taken);
    } else if (kind == Kind::Group) {
      expect(CreateGroupRequest{.group_name = name}, taken);
    } else {
      expect(CreateRoleRequest{.role_name = name,
                               .assume_role_policy_document = std::string(kTrustEc2)},
             taken);
    }
  }

  void delete_principal() {
    const Kind kind = this->kind();
    const std::string name = this->name();
    const Known* present = find(kind, name);
    std::string wanted = present == nullptr ? "NoSuchEntity" : "";
    if (present != nullptr && is_held(kind, name, *present)) {
      wanted = "DeleteConflict";
    }
    if (kind == Kind::User) {
      expect(DeleteUserRequest{.user_name = name}, wanted);
    } else if (kind == Kind::Group) {
      expect(DeleteGroupRequest{.group_name = name}, wanted);
    } else {
      expect(DeleteRoleRequest{.role_name = name}, wanted);
    }
    if (wanted.empty()) {
      all(kind).erase(name);
    }
  }

  bool is_held(Kind kind, const std::string& name, const Known& one) const {
    return !one.attached.empty() || one.has_inline || !one.groups.empty() || one.keys > 0 ||
           (kind == Kind::Group && model_.has_members(name)) ||
           (kind == Kind::Role && model_.is_in_profile(name));
  }

  void rename_user() {
    const std::string from = name();
    const std::string to = name();
    const bool is_there = find(Kind::User, from) != nullptr;
    const bool is_taken = from != to && find(Kind::User, to) != nullptr;
    expect(UpdateUserRequest{.user_name = from, .new_user_name = to},
           !is_there ? "NoSuchEntity" : (is_taken ? "EntityAlreadyExists" : ""));
    if (is_there && !is_taken && from != to) {
      auto moved = model_.users.extract(from);
      moved.key() = to;
      model_.users.insert(std::move(moved));
    }
  }

  void change_membership() {
    const std::string user = name();
    const std::string group = name();
    Known* present = find(Kind::User, user);
    const bool is_possible = present != nullptr && find(Kind::Group, group) != nullptr;
    const std::string wanted = is_possible ? "" : "NoSuchEntity";
    const bool joins = pick(3) != 0;
    if (joins) {
      expect(AddUserToGroupRequest{.group_name = group, .user_name = user}, wanted);
    } else {
      expect(RemoveUserFromGroupRequest{.group_name = group, .user_name = user}, wanted);
    }
    if (is_possible && joins) {
      present->groups.insert(group);
    } else if (is_possible) {
      present->groups.erase(group);
    }
  }

  void create_policy() {
    const std::string name = this->name();
    const CreatePolicyRequest request{.policy_name = name,
                                      .policy_document = std::string(kAllowAll)};
    if (model_.policies.contains(arn(name))) {
      expect(request, "EntityAlreadyExists");
      return;
    }
    const auto made = world_.call(request);
    ASSERT_EQ(outcome(made), "ok");
    take_id(model_.policies[arn(name)].id, *made->policy->policy_id);
  }

  void delete_policy() {
    const std::string arn = History::arn(name());
    const auto present = model_.policies.find(arn);
    std::string wanted;
    if (present == model_.policies.end()) {
      wanted = "NoSuchEntity";
    } else if (model_.is_used(arn) || present->second.versions > 1) {
      wanted = "DeleteConflict";
    }
    expect(DeletePolicyRequest{.policy_arn = arn}, wanted);
    if (wanted.empty()) {
      model_.policies.erase(present);
    }
  }

  void change_versions() {
    const std::string arn = History::arn(name());
    const auto present = model_.policies.find(arn);
    const CreatePolicyVersionRequest request{.policy_arn = arn,
                                             .policy_document = std::string(kAllowAll)};
    if (present == model_.policies.end()) {
      expect(request, "NoSuchEntity");
    } else if (pick(2) == 0) {
      expect(request, present->second.versions == 5 ? "LimitExceeded" : "");
      present->second.versions += present->second.versions == 5 ? 0 : 1;
    } else {
      delete_version(arn, present->second);
    }
  }

  // The newest that is not the default one.
  void delete_version(const std::string& arn, KnownPolicy& policy) {
    const auto listed = world_.call(ListPolicyVersionsRequest{.policy_arn = arn});
    ASSERT_EQ(outcome(listed), "ok");
    ASSERT_EQ(std::ssize(*listed->versions), policy.versions);
    const PolicyVersion& newest = listed->versions->front();
    const bool is_default = newest.is_default_version.value_or(false);
    expect(DeletePolicyVersionRequest{.policy_arn = arn, .version_id = *newest.version_id},
           is_default ? "DeleteConflict" : "");
    policy.versions -= is_default ? 0 : 1;
  }

  void attach() {
    const Kind kind = this->kind();
    const std::string name = this->name();
    const std::string arn =
        pick(3) == 0 ? std::string(IamFixture::kReadOnly) : History::arn(this->name());
    Known* present = find(kind, name);
    const bool exists = arn == IamFixture::kReadOnly || model_.policies.contains(arn);
    const bool is_possible = present != nullptr && exists;
    const std::string wanted = is_possible ? "" : "NoSuchEntity";
    if (kind == Kind::User) {
      expect(AttachUserPolicyRequest{.user_name = name, .policy_arn = arn}, wanted);
    } else if (kind == Kind::Group) {
      expect(AttachGroupPolicyRequest{.group_name = name, .policy_arn = arn}, wanted);
    } else {
      expect(AttachRolePolicyRequest{.role_name = name, .policy_arn = arn}, wanted);
    }
    if (is_possible) {
      present->attached.insert(arn);
    }
  }

  void detach() {
    const Kind kind = this->kind();
    const std::string name = this->name();
    const std::string arn = History::arn(this->name());
    Known* present = find(kind, name);
    const bool is_possible = present != nullptr && present->attached.erase(arn) > 0;
    const std::string wanted = is_possible ? "" : "NoSuchEntity";
    if (kind == Kind::User) {
      expect(DetachUserPolicyRequest{.user_name = name, .policy_arn = arn}, wanted);
    } else if (kind == Kind::Group) {
      expect(DetachGroupPolicyRequest{.group_name = name, .policy_arn = arn}, wanted);
    } else {
      expect(DetachRolePolicyRequest{.role_name = name, .policy_arn = arn}, wanted);
    }
  }

  void change_inline() {
    const std::string name = this->name();
    Known* present = find(Kind::User, name);
    if (pick(2) == 0) {
      expect(
          PutUserPolicyRequest{
              .user_name = name, .policy_name = kInline, .policy_document = std::string(kAllowAll)},
          present == nullptr ? "NoSuchEntity" : "");
    } else {
      const bool is_there = present != nullptr && present->has_inline;
      expect(DeleteUserPolicyRequest{.user_name = name, .policy_name = kInline},
             is_there ? "" : "NoSuchEntity");
    }
    if (present != nullptr) {
      present->has_inline =
          !world_.call(ListUserPoliciesRequest{.user_name = name})->policy_names.empty();
    }
  }

  void change_boundary() {
    const std::string name = this->name();
    const std::string arn = History::arn(this->name());
    Known* present = find(Kind::Role, name);
    if (pick(2) == 0) {
      const bool is_possible = present != nullptr && model_.policies.contains(arn);
      expect(PutRolePermissionsBoundaryRequest{.role_name = name, .permissions_boundary = arn},
             is_possible ? "" : "NoSuchEntity");
      if (is_possible) {
        present->boundary = arn;
      }
      return;
    }
    const bool is_there = present != nullptr && !present->boundary.empty();
    expect(DeleteRolePermissionsBoundaryRequest{.role_name = name}, is_there ? "" : "NoSuchEntity");
    if (is_there) {
      present->boundary.clear();
    }
  }

  void change_keys() {
    const std::string name = this->name();
    Known* present = find(Kind::User, name);
    if (pick(2) == 0) {
      std::string wanted = present == nullptr ? "NoSuchEntity" : "";
      if (present != nullptr && present->keys == 2) {
        wanted = "LimitExceeded";
      }
      expect(CreateAccessKeyRequest{.user_name = name}, wanted);
      if (wanted.empty()) {
        ++present->keys;
      }
    } else if (present != nullptr) {
      const auto keys = world_.call(ListAccessKeysRequest{.user_name = name});
      ASSERT_EQ(outcome(keys), "ok");
      ASSERT_EQ(std::ssize(keys->access_key_metadata), present->keys);
      if (present->keys > 0) {
        expect(DeleteAccessKeyRequest{.user_name = name,
                                      .access_key_id =
                                          *keys->access_key_metadata.front().access_key_id},
               "");
        --present->keys;
      }
    }
  }

  void change_profile() {
    const std::string profile = name();
    const std::string role = name();
    const auto present = model_.profiles.find(profile);
    const bool is_there = present != model_.profiles.end();
    switch (pick(4)) {
      case 0:
        expect(CreateInstanceProfileRequest{.instance_profile_name = profile},
               is_there ? "EntityAlreadyExists" : "");
        model_.profiles.try_emplace(profile);
        return;
      case 1:
        expect(DeleteInstanceProfileRequest{.instance_profile_name = profile},
               !is_there ? "NoSuchEntity" : (present->second.empty() ? "" : "DeleteConflict"));
        if (is_there && present->second.empty()) {
          model_.profiles.erase(present);
        }
        return;
      case 2:
        add_role(profile, role);
        return;
      default: {
        const bool is_in = is_there && present->second == role && find(Kind::Role, role) != nullptr;
        expect(RemoveRoleFromInstanceProfileRequest{.instance_profile_name = profile,
                                                    .role_name = role},
               is_in ? "" : "NoSuchEntity");
        if (is_in) {
          present->second.clear();
        }
        return;
      }
    }
  }

  void add_role(const std::string& profile, const std::string& role) {
    const auto present = model_.profiles.find(profile);
    std::string wanted;
    if (present == model_.profiles.end() || find(Kind::Role, role) == nullptr) {
      wanted = "NoSuchEntity";
    } else if (!present->second.empty()) {
      wanted = "LimitExceeded";
    }
    expect(AddRoleToInstanceProfileRequest{.instance_profile_name = profile, .role_name = role},
           wanted);
    if (wanted.empty()) {
      present->second = role;
    }
  }

  void change_linked_role() {
    const std::string role = "AWSServiceRoleForBatch";
    const Known* present = find(Kind::Role, role);
    if (pick(2) == 0) {
      const auto made =
          world_.call(CreateServiceLinkedRoleRequest{.aws_service_name = "batch.amazonaws.com"});
      ASSERT_EQ(made.has_value(), present == nullptr);
      if (made) {
        Known& linked = model_.roles[role];
        take_id(linked.id, made->role->role_id);
        linked.attached = {"arn:aws:iam::aws:policy/aws-service-role/BatchServiceRolePolicy"};
      }
      return;
    }
    expect(DeleteRoleRequest{.role_name = role},
           present == nullptr ? "NoSuchEntity" : "UnmodifiableEntity");
    expect(DeleteServiceLinkedRoleRequest{.role_name = role},
           present == nullptr ? "NoSuchEntity" : "");
    model_.roles.erase(role);
  }

  std::map<std::string, std::int64_t, std::less<>> counts() {
    const auto answer = world_.call(GetAccountSummaryRequest{});
    return {answer->summary_map->begin(), answer->summary_map->end()};
  }

  void expect_lists() {
    Principals users;
    const auto listed_users = world_.call(ListUsersRequest{});
    for (const User& user : listed_users->users) {
      users[user.user_name].id = user.user_id;
    }
    expect_ids(users, model_.users);
    Principals groups;
    const auto listed_groups = world_.call(ListGroupsRequest{});
    for (const Group& group : listed_groups->groups) {
      groups[group.group_name].id = group.group_id;
    }
    expect_ids(groups, model_.groups);
    Principals roles;
    const auto listed_roles = world_.call(ListRolesRequest{});
    for (const Role& role : listed_roles->roles) {
      roles[role.role_name].id = role.role_id;
    }
    expect_ids(roles, model_.roles);
  }

  static void expect_ids(const Principals& found, const Principals& wanted) {
    const auto ids = [](const Principals& all) {
      std::map<std::string, std::string> text;
      for (const auto& [name, one] : all) {
        text[name] = one.id;
      }
      return text;
    };
    EXPECT_EQ(ids(found), ids(wanted));
  }

  // Of each entity what it has, and of each policy who has it.
  void expect_attachments() {
    std::map<std::string, Names> by_policy;
    for (const auto& [name, user] : model_.users) {
      expect_attached(world_.call(ListAttachedUserPoliciesRequest{.user_name = name}), user);
      note(by_policy, "user ", name, user);
      EXPECT_EQ(std::ssize(world_.call(ListGroupsForUserRequest{.user_name = name})->groups),
                std::ssize(user.groups));
    }
    for (const auto& [name, group] : model_.groups) {
      expect_attached(world_.call(ListAttachedGroupPoliciesRequest{.group_name = name}), group);
      note(by_policy, "group ", name, group);
    }
    for (const auto& [name, role] : model_.roles) {
      expect_attached(world_.call(ListAttachedRolePoliciesRequest{.role_name = name}), role);
      note(by_policy, "role ", name, role);
    }
    for (const auto& [arn, policy] : model_.policies) {
      EXPECT_EQ(entities_of(arn), by_policy[arn]) << arn;
    }
  }

  template <class Answer>
  static void expect_attached(const Answer& answer, const Known& wanted) {
    ASSERT_EQ(outcome(answer), "ok");
    Names found;
    for (const AttachedPolicy& policy : *answer->attached_policies) {
      found.insert(*policy.policy_arn);
    }
    EXPECT_EQ(found, wanted.attached);
  }

  static void note(std::map<std::string, Names>& by_policy,
                   std::string_view kind,
                   const std::string& name,
                   const Known& one) {
    for (const std::string& arn : one.attached) {
      by_policy[arn].insert(concat(kind, name));
    }
    if (!one.boundary.empty()) {
      by_policy[one.boundary].insert(concat(kind, name));
    }
  }

  Names entities_of(const std::string& arn) {
    const auto answer = world_.call(ListEntitiesForPolicyRequest{.policy_arn = arn});
    EXPECT_EQ(outcome(answer), "ok");
    Names found;
    for (const PolicyUser& user : *answer->policy_users) {
      found.insert(concat("user ", *user.user_name));
    }
    for (const PolicyGroup& group : *answer->policy_groups) {
      found.insert(concat("group ", *group.group_name));
    }
    for (const PolicyRole& role : *answer->policy_roles) {
      found.insert(concat("role ", *role.role_name));
    }
    return found;
  }

  std::mt19937 random_;
  IamFixture world_;
  Model model_;
  std::map<std::string, std::int64_t, std::less<>> initial_ = counts();
};

// Random histories of an account end as a simple model of it says: nothing is attached to what is
// gone, no name brings back what had it before, and what is counted is there.
TEST(IamHistories, EndAsASimpleModelSays) {
  run_histories<History>(12, 400);
}

}  // namespace
}  // namespace signet::iam
