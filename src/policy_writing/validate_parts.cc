#include "policy_writing/validate_parts.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/strings.h"
#include "policy_language/operators.h"
#include "policy_language/values.h"

namespace signet::policy {
namespace {

constexpr std::array<std::string_view, 8> kPartitions{
    "aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"};

constexpr std::array<std::string_view, 15> kIamPaths{"user/",
                                                     "federated-user/",
                                                     "role/",
                                                     "group/",
                                                     "instance-profile/",
                                                     "mfa/",
                                                     "server-certificate/",
                                                     "policy/",
                                                     "sms-mfa/",
                                                     "saml-provider/",
                                                     "oidc-provider/",
                                                     "report/",
                                                     "access-report/",
                                                     "role-template/",
                                                     "delegation-request/"};

// The kinds of S3 resources that belong to a region, as their ARNs begin behind the account
// (service authorization reference, S3: resource types, read 2026-11-29). Buckets and objects have
// none.
constexpr std::array<std::string_view, 6> kRegionalS3Paths{"access-grants/",
                                                           "accesspoint/",
                                                           "async-request/",
                                                           "job/",
                                                           "storage-lens-group/",
                                                           "storage-lens/"};

// The ARN as AWS shows it in the partition complaint: first field "arn", padded with "*" to six.
std::string normalised_arn(std::string_view resource) {
  auto fields = split_colons(resource, 6);
  const std::size_t given = fields.size();
  std::string out = "arn";
  for (std::size_t i = 1; i < 6; ++i) {
    const bool is_filler = i >= given || (i == 2 && given == 3 && fields[i].empty());
    out += concat(":", is_filler ? std::string_view("*") : fields[i]);
  }
  return out;
}

std::string iam_resource_complaint(std::string_view path) {
  const bool known = path.starts_with("*") || path == "root" ||
                     std::any_of(kIamPaths.begin(), kIamPaths.end(), [path](std::string_view p) {
                       return path.starts_with(p);
                     });
  if (known) {
    return {};
  }
  return "IAM resource path must either be \"*\", root, or start with user/, federated-user/, "
         "role/, group/, "
         "instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, "
         "oidc-provider/, report/, "
         "access-report/.";
}

// Whether a resource of S3 can be of a kind that has a region: up to its first wildcard it agrees
// with the beginning of one.
bool may_have_region(std::string_view path) {
  const std::string_view literal = path.substr(0, path.find_first_of("*?"));
  const bool is_open = literal.size() < path.size();
  return std::any_of(kRegionalS3Paths.begin(), kRegionalS3Paths.end(), [&](std::string_view begin) {
    return literal.starts_with(begin) || (is_open && begin.starts_with(literal));
  });
}

template <class Visit>
bool all_operators(const Document& document, const Statement& statement, Visit visit) {
  const PolicyJson& json = document.json();
  const NodeId node = statement.condition;
  if (node == kNoNode) {
    return true;
  }
  for (NodeId name = node + 1; name < json[node].next; name = json[name + 1].next) {
    if (!visit(json[name].content, name + 1)) {
      return false;
    }
  }
  return true;
}

bool is_vendor_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
}

}  // namespace

std::vector<std::string_view> split_colons(std::string_view text, std::size_t max_fields) {
  std::vector<std::string_view> fields;
  while (fields.size() + 1 < max_fields) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      break;
    }
    fields.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  fields.push_back(text);
  return fields;
}

// AWS's own managed policies write "arn:*:..." (AmazonMSKFullAccess among 45 of 2026-03).
bool is_partition(std::string_view text) {
  return text == "*" ||
         std::find(kPartitions.begin(), kPartitions.end(), text) != kPartitions.end();
}

bool is_sid_char(char c) {
  return is_alpha(c) || is_digit(c);
}

bool is_missing_or_empty(const PolicyJson& json, NodeId node) {
  return node == kNoNode || (json.is(node, JsonKind::Array) && json[node].count == 0);
}

bool fails_legacy_parsing(std::string_view resource) {
  const auto fields = split_colons(resource, 6);
  if (fields.size() < 2 || !is_partition(fields[1])) {
    return false;
  }
  const bool has_gap = resource.find("::") != std::string_view::npos;
  return (fields.size() < 6 && has_gap) || (fields.size() > 2 && fields[2].empty());
}

std::string resource_complaint(std::string_view resource) {
  if (resource == "*") {
    return {};
  }
  const auto fields = split_colons(resource, 6);
  if (fields.size() == 1) {
    return concat("Resource ", resource, " must be in ARN format or \"*\".");
  }
  if (!is_partition(fields[1])) {
    return concat("Partition \"",
                  fields[1],
                  "\" is not valid for resource \"",
                  normalised_arn(resource),
                  "\".");
  }
  if (fields.size() == 2 || fields[2].find_first_of("*?") != std::string_view::npos) {
    return "Resource vendor must be fully qualified and cannot contain regexes.";
  }
  const std::string_view region = fields.size() > 3 ? fields[3] : std::string_view();
  const std::string_view path = fields.size() > 5 ? fields[5] : std::string_view("*");
  if (fields[2] == "iam") {
    return region.empty()
               ? iam_resource_complaint(path)
               : concat("IAM resource ", resource, " cannot contain region information.");
  }
  if (fields[2] == "s3" && !region.empty() && !may_have_region(path)) {
    return concat("Resource ", resource, " can not contain region information.");
  }
  return {};
}

std::string action_complaint(std::string_view action) {
  if (action == "*") {
    return {};
  }
  const auto fields = split_colons(action, 3);
  if (fields.size() == 1) {
    return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
  }
  if (fields.size() > 2) {
    return "Actions/Condition can contain only one colon.";
  }
  const std::string_view vendor = fields[0];
  const bool is_fine = vendor == "*" || std::all_of(vendor.begin(), vendor.end(), is_vendor_char);
  return is_fine ? std::string() : concat("Vendor ", vendor, " is not valid");
}

bool has_storable_dates(const Document& document, const Statement& statement) {
  const PolicyJson& json = document.json();
  return all_operators(document, statement, [&json](std::string_view name, NodeId body) {
    const auto op = parse_operator(name);
    if (!op || !is_date_compare(op->compare)) {
      return true;
    }
    for (NodeId key = body + 1; key < json[body].next; key = json[key + 1].next) {
      const std::string bad = first_complaint(json, key + 1, [](std::string_view text) {
        return is_storable_date(text) ? std::string() : std::string("bad");
      });
      if (!bad.empty()) {
        return false;
      }
    }
    return true;
  });
}

bool has_exact_operators(const Document& document, const Statement& statement) {
  const PolicyJson& json = document.json();
  return all_operators(document, statement, [&json](std::string_view name, NodeId body) {
    return json[body].count == 0 || parse_operator(name, true).has_value();
  });
}

bool has_bad_sid(const Document& document) {
  return std::any_of(document.statements().begin(),
                     document.statements().end(),
                     [&document](const Statement& statement) {
                       const std::string_view sid = document.sid(statement);
                       return !std::all_of(sid.begin(), sid.end(), is_sid_char);
                     });
}

bool has_repeated_sid(const Document& document) {
  std::vector<std::string_view> sids;
  for (const Statement& statement : document.statements()) {
    if (const std::string_view sid = document.sid(statement); !sid.empty()) {
      sids.push_back(sid);
    }
  }
  std::sort(sids.begin(), sids.end());
  return std::adjacent_find(sids.begin(), sids.end()) != sids.end();
}

std::string rcp_complaint(const Document& document) {
  const PolicyJson& json = document.json();
  for (const Statement& statement : document.statements()) {
    if (!json.is(statement.principal, JsonKind::String) || statement.is_not_principal) {
      return "The principal of a resource control policy must be \"*\".";
    }
    std::string bare = first_complaint(json, statement.action, [](std::string_view action) {
      return action == "*"
                 ? std::string("The actions of a resource control policy must name a service.")
                 : std::string();
    });
    const bool is_full_access = statement.effect == Effect::Allow;
    if (!bare.empty() && !is_full_access) {
      return bare;
    }
    const std::string shortened =
        first_complaint(json, statement.resource, [](std::string_view resource) {
          const bool is_short = resource != "*" && split_colons(resource, 6).size() < 6;
          return is_short
                     ? std::string("Resources of a resource control policy must be complete ARNs.")
                     : std::string();
        });
    if (!shortened.empty()) {
      return shortened;
    }
  }
  return {};
}

namespace {

std::string classic_complaint(const Document& document, const Statement& statement) {
  const PolicyJson& json = document.json();
  const bool is_allow = statement.effect == Effect::Allow;
  if (is_allow && statement.condition != kNoNode) {
    return "A service control policy with effect Allow cannot have conditions.";
  }
  if (is_allow && statement.is_not_action) {
    return "A service control policy with effect Allow cannot have NotAction.";
  }
  if (statement.is_not_resource) {
    return "A service control policy cannot have NotResource.";
  }
  std::string complaint =
      first_complaint(json, statement.resource, [is_allow](std::string_view resource) {
        return is_allow && resource != "*"
                   ? std::string("A service control policy with effect Allow needs resource \"*\".")
                   : std::string();
      });
  if (!complaint.empty()) {
    return complaint;
  }
  return first_complaint(json, statement.action, [](std::string_view action) {
    const std::size_t wild = action.find_first_of("*?");
    const bool is_inside = wild != std::string_view::npos && wild + 1 != action.size();
    return is_inside
               ? std::string(
                     "A service control policy takes a wildcard only at the end of an action.")
               : std::string();
  });
}

}  // namespace

std::string scp_complaint(const Document& document, bool is_classic) {
  for (const Statement& statement : document.statements()) {
    std::string complaint =
        first_complaint(document.json(), statement.resource, [](std::string_view resource) {
          const bool is_bad = split_colons(resource, 6).size() < 6 && !resource.ends_with('*');
          return is_bad ? std::string(
                              "A short resource of a service control policy must end in \"*\".")
                        : std::string();
        });
    if (complaint.empty() && is_classic) {
      complaint = classic_complaint(document, statement);
    }
    if (!complaint.empty()) {
      return complaint;
    }
  }
  return {};
}

bool has_word(std::span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace signet::policy
