#include "policy_writing/pins.h"

#include <utility>

#include "base/strings.h"
#include "facts/errors.h"
#include "model/arn.h"
#include "policy_engine/compiled.h"
#include "policy_writing/validate_parts.h"

namespace signet::policy {
namespace {

// Calls visit(type, node) for each principal string of a document.
template <class Visit>
void each_principal(const Document& document, Visit visit) {
  const PolicyJson& json = document.json();
  for (const Statement& statement : document.statements()) {
    const NodeId node = statement.principal;
    if (!json.is(node, JsonKind::Object)) {
      continue;
    }
    for (NodeId name = node + 1; name < json[node].next; name = json[name + 1].next) {
      const NodeId value = name + 1;
      const std::string_view type = json[name].content;
      if (!json.is(value, JsonKind::Array)) {
        visit(type, value);
        continue;
      }
      for (NodeId element = value + 1; element < json[value].next; element = json[element].next) {
        visit(type, element);
      }
    }
  }
}

struct Resolution {
  bool exists = false;
  std::string id;  // empty: exists, but is not pinned
};

// An ARN of a partition that AWS has, with an account id and a name. This server is of "aws"; what
// belongs to another partition matches nobody.
bool is_plain_arn(std::string_view text) {
  const auto arn = model::split_arn(text);
  const std::string_view name = arn ? arn->resource.substr(arn->resource.rfind('/') + 1) : "";
  return arn && is_partition(arn->partition) && arn->partition != "*" &&
         model::is_account_id(arn->account) && !name.empty();
}

Resolution found(std::optional<std::string> id) {
  return {.exists = id.has_value(), .id = id ? *std::move(id) : std::string()};
}

Resolution resolve_aws(std::string_view text, const PrincipalDirectory& directory) {
  const PrincipalEntry entry = classify_aws_principal(text);
  using enum PrincipalEntry::Kind;
  const bool is_entity = entry.kind == User || entry.kind == Role || entry.kind == RoleSession;
  if (is_entity && is_plain_arn(text) && !directory.has_account(entry.account)) {
    return {.exists = true, .id = std::string(kForeignEntity)};
  }
  switch (entry.kind) {
    case Everyone:
    case FederatedUser:
      return {.exists = true, .id = {}};
    case Account:
      return {.exists = model::is_account_id(text) || is_plain_arn(text), .id = {}};
    case User:
    case Role:
      return found(directory.id_of(text));
    case UniqueId:
      return {.exists = directory.arn_of(text).has_value(), .id = {}};
    case RoleSession: {
      // NOLINTNEXTLINE(bugprone-unchecked-optional-access): it was classified as an ARN
      const std::string_view resource = model::split_arn(text)->resource;
      const std::size_t begin = resource.find('/') + 1;
      const std::size_t end = resource.find('/', begin);
      if (end == std::string_view::npos || end + 1 == resource.size()) {
        return {};
      }
      return found(directory.role_id_of(entry.account, resource.substr(begin, end - begin)));
    }
    default:
      return {};
  }
}

Error invalid_principal(Profile profile, std::string_view text) {
  if (profile == Profile::Bucket) {
    return Error{.code = ErrorCode::MalformedPolicy,
                 .message = "Invalid principal in policy",
                 .fields = {},
                 .cause = {}};
  }
  return Error{.code = ErrorCode::MalformedPolicyDocument,
               .message = concat("Invalid principal in policy: \"AWS\":\"", text, "\""),
               .fields = {},
               .cause = {}};
}

std::optional<std::string> shown(std::string_view text,
                                 std::span<const PrincipalPin> pins,
                                 const PrincipalDirectory& directory) {
  if (model::is_account_id(text)) {
    return model::root_arn(text);
  }
  const PrincipalEntry entry = classify_aws_principal(text);
  if (entry.kind == PrincipalEntry::Kind::UniqueId) {
    return directory.arn_of(text);
  }
  for (const PrincipalPin& pin : pins) {
    if (pin.arn != text) {
      continue;
    }
    if (pin.id == kForeignEntity) {
      return std::nullopt;
    }
    const auto arn = directory.arn_of(pin.id);
    if (entry.kind != PrincipalEntry::Kind::RoleSession) {
      return arn ? *arn : pin.id;
    }
    return arn ? std::string(text) : pin.id;
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<PrincipalPin>> pin_principals(const Document& document,
                                                 const PrincipalDirectory& directory,
                                                 Profile profile) {
  std::vector<PrincipalPin> pins;
  std::optional<Error> error;
  const PolicyJson& json = document.json();
  each_principal(document, [&](std::string_view type, NodeId node) {
    const std::string_view text = json[node].content;
    if (error) {
      return;
    }
    if (type != "AWS") {
      return;
    }
    Resolution resolution = resolve_aws(text, directory);
    if (!resolution.exists) {
      error = invalid_principal(profile, text);
    } else if (!resolution.id.empty()) {
      pins.push_back(PrincipalPin{.arn = std::string(text), .id = std::move(resolution.id)});
    }
  });
  if (error) {
    return std::unexpected(*std::move(error));
  }
  return pins;
}

std::string show_document(const Document& document,
                          std::span<const PrincipalPin> pins,
                          const PrincipalDirectory& directory) {
  const std::string_view text = document.text();
  std::string out;
  std::size_t copied = 0;
  each_principal(document, [&](std::string_view type, NodeId node) {
    const JsonNode& value = document.json()[node];
    const auto replacement = type == "AWS" ? shown(value.content, pins, directory) : std::nullopt;
    if (replacement && *replacement != value.content) {
      out.append(text.substr(copied, value.span.begin - copied));
      append_json_string(out, *replacement);
      copied = value.span.end;
    }
  });
  out.append(text.substr(copied));
  return out;
}

}  // namespace signet::policy
