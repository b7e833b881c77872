#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "authz/policy_sources.h"
#include "escalation/decider.h"
#include "escalation/planned.h"
#include "escalation/reach.h"
#include "escalation/roster.h"
#include "escalation/ways.h"

// The ways of one principal in one state.

namespace signet::escalation {

// What the searches of an Explorer share.
struct SearchTools {
  const Roster& roster;
  Decider& decider;
  authz::PolicySources& sources;
  Instant now;
};

class Search {
 public:
  // The snapshot may be a supposition that differs from the roster's in what the asker may do. All
  // must outlive the search.
  Search(SearchTools& tools, const identity::Snapshot& snapshot, const Asker& asker);

  // To every role and user that can be become.
  [[nodiscard]] std::vector<Way> becomes();
  // By itself, without becoming anybody who is there already.
  [[nodiscard]] std::optional<Way> everything();
  // Others who can be given everything.
  [[nodiscard]] std::vector<Way> strengthens();

  // A state in which the asker took away what limits it, and the calls by which it did.
  struct Freed {
    std::vector<Call> calls;
    identity::Snapshot snapshot;
  };

  // One thing at a time, then all that can be taken away. None: nothing of the kind limits it.
  [[nodiscard]] std::vector<Freed> freed();

 private:
  using Calls = std::optional<std::vector<Call>>;  // nothing: one of them is refused

  [[nodiscard]] const Reach& reach(std::string_view action);
  [[nodiscard]] bool reaches(std::string_view action, const std::string& arn);
  [[nodiscard]] std::optional<Call> ask(const Planned& planned,
                                        const identity::Snapshot& snapshot,
                                        const Asker& asker);

  [[nodiscard]] std::optional<Call> ask(const Planned& planned,
                                        const identity::Snapshot& snapshot) {
    return ask(planned, snapshot, asker_);
  }

  [[nodiscard]] std::optional<Call> ask(const Planned& planned) { return ask(planned, snapshot_); }

  [[nodiscard]] Calls ask_all(const std::vector<Planned>& planned);
  void add_way(std::string to, Calls calls, std::map<std::string, Way>& ways) const;

  // search_becoming.cc
  void find_roles(std::map<std::string, Way>& ways);
  void find_trust_changes(std::map<std::string, Way>& ways);
  void find_users(std::map<std::string, Way>& ways);
  [[nodiscard]] Calls by_new_trust(const identity::Role& role);
  [[nodiscard]] Calls by_new_key(const identity::User& user);
  [[nodiscard]] Calls by_password(const identity::User& user);

  // search_federation.cc
  // A trust anchor or a profile, the calls that make it the asker's, and where it is (empty: new).
  struct Opening {
    std::vector<Call> calls;
    std::string region;
    std::string arn;
  };

  void find_saml(std::map<std::string, Way>& ways);
  void find_missing_providers(std::map<std::string, Way>& ways);
  void add_signins(const Planned& change,
                   const std::string& provider,
                   authz::Federation federation,
                   std::map<std::string, Way>& ways);
  void find_anywhere(std::map<std::string, Way>& ways);
  [[nodiscard]] std::vector<Opening> own_anchors();
  [[nodiscard]] std::vector<Opening> profiles_with(const identity::Role& role);
  [[nodiscard]] Calls by_certificate(const identity::Role& role,
                                     const Opening& anchor,
                                     const Opening& profile);

  // freeing.cc
  struct Freeing {
    bool gives_up_grants = false;     // also what grants something as well
    std::optional<std::size_t> only;  // of what limits it the one with this number
  };

  template <class Entity>
  [[nodiscard]] std::optional<Freed> free_from(const Entity& entity, const Freeing& how);
  template <class Entity>
  [[nodiscard]] std::vector<Freed> free_all_ways(const Entity& entity);

  // search_everything.cc
  template <class Entity>
  [[nodiscard]] Calls give_everything(const Entity& target);
  template <class Entity>
  [[nodiscard]] Calls grant(const Entity& target, const identity::Snapshot& snapshot);
  [[nodiscard]] Calls grant_by_groups(const identity::User& user,
                                      const identity::Snapshot& snapshot);
  template <class Entity>
  [[nodiscard]] Calls grant_by_versions(const Entity& target, const identity::Snapshot& snapshot);
  [[nodiscard]] Calls by_new_user();
  [[nodiscard]] Calls by_new_role();
  template <class Entity>
  [[nodiscard]] bool is_full(const Entity& target);
  [[nodiscard]] std::vector<std::string> free_names(std::string_view action, std::string_view kind);

  SearchTools& tools_;
  const identity::Snapshot& snapshot_;
  const Asker& asker_;
  policy::PolicySetRef identity_;
  std::map<std::string, Reach, std::less<>> reaches_;
};

// The way with fewer conditions, or fewer calls.
[[nodiscard]] bool is_better(const std::vector<Call>& a, const std::vector<Call>& b);

}  // namespace signet::escalation
