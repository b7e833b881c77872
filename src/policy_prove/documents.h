#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy_prove/prove.h"

// Single documents as questions: what one of them allows if nothing else stands in the way.

namespace signet::policy::prove {

enum class DocumentKind : std::uint8_t { Identity, Boundary, Session, Trust, Resource, Scp, Rcp };

struct NamedDocument {
  std::string name;  // for people: a file, an ARN
  std::string text;
};

// Members of a batch question under which the documents of that kind, taken together, decide alone:
// identity policies next to a resource that trusts the account, a resource's policy before callers
// of other accounts who may do everything.
[[nodiscard]] std::string question_of(DocumentKind kind, std::span<const NamedDocument> documents);

// A question holds policies among other members; a document is one.
[[nodiscard]] bool is_question(std::string_view text);

// Whose requests count for documents of that kind.
[[nodiscard]] Callers callers_of(DocumentKind kind);

// What requests to guard with documents of that kind; empty: all (ProofQuestion::within).
[[nodiscard]] std::string within_of(DocumentKind kind);

// CheckNoNewAccess: nothing is allowed that was not. The errors of these say which document cannot
// be read.
[[nodiscard]] std::expected<Proof, std::string> prove_no_new_access(
    DocumentKind kind,
    std::span<const NamedDocument> now,
    std::span<const NamedDocument> before,
    std::uint64_t budget = kUsualBudget);

// Actions and resources as policies write them; empty: any (CheckAccessNotGranted).
struct NamedAccess {
  std::vector<std::string> actions;
  std::vector<std::string> resources;
  std::string condition;  // a Condition block of policy language; empty: none
};

[[nodiscard]] std::string within_of(DocumentKind kind, const NamedAccess& access);

[[nodiscard]] std::expected<Proof, std::string> prove_access_not_granted(
    DocumentKind kind,
    std::span<const NamedDocument> documents,
    const NamedAccess& access,
    std::uint64_t budget = kUsualBudget);

// CheckNoPublicAccess: nobody in particular is let in.
[[nodiscard]] std::expected<Proof, std::string> prove_no_public_access(
    DocumentKind kind,
    std::span<const NamedDocument> documents,
    std::uint64_t budget = kUsualBudget);

// One of the proofs above over a document in the place of another, with that much work.
using ProveDocument =
    std::function<std::expected<Proof, std::string>(const NamedDocument&, std::uint64_t budget)>;

// The Allow statements of a document (from 0) for which the proof is not a PASS, each together with
// all Deny statements alone. `budget`: of all together.
[[nodiscard]] std::vector<std::uint32_t> find_granting(const NamedDocument& document,
                                                       const ProveDocument& prove,
                                                       std::uint64_t budget);

// A statement without which the documents would allow the same.
struct RedundantStatement {
  std::string document;
  std::uint32_t statement = 0;  // from 0
  std::string sid;
  ProofResult result = ProofResult::Unknown;  // Pass: proved redundant
};

// Every statement that is proved redundant, or could not be decided. Each alone: of two that say
// the same both are listed.
[[nodiscard]] std::expected<std::vector<RedundantStatement>, std::string> find_redundant(
    DocumentKind kind, std::span<const NamedDocument> documents);

// A question about one request as one about all requests of its caller, of a role's session about
// those of all sessions of the role: without action, resource, and what each request says anew.
// Tags of a user and of the resource, the organizations of both, and the keys `kept` stay.
[[nodiscard]] std::string without_request(std::string_view question,
                                          std::span<const std::string> kept = {});

// JSON without white space between its tokens; other text unchanged.
[[nodiscard]] std::string compact(std::string_view json);

}  // namespace signet::policy::prove
