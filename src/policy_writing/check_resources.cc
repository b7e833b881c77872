#include <algorithm>
#include <array>

#include "base/strings.h"
#include "model/arn.h"
#include "policy_language/pattern.h"
#include "policy_writing/check_parts.h"

namespace signet::policy::lint {
namespace {

// Longer texts are not compared with the forms of the catalogue.
constexpr std::size_t kLongestArn = 2'048;

using model::ArnParts;

ArnParts parts_of(const std::vector<std::string_view>& pieces) {
  return {.partition = pieces[1],
          .service = pieces[2],
          .region = pieces[3],
          .account = pieces[4],
          .resource = pieces[5]};
}

bool is_open(std::string_view part) {
  return has_wildcard(part) || has_variable(part);
}

// Calls visit(parts, type) for each resource type of the catalogue whose ARNs have that service.
// A service may define types in another's name space (sts:role is arn:*:iam:...), so all are read.
template <class Visit>
void each_format(std::string_view service, Visit visit) {
  const std::string mark = concat(":", service, ":");
  for (const facts::CatalogueService& owner : facts::services()) {
    std::string_view rest = owner.resources;
    for (auto type = facts::next_resource(rest); type; type = facts::next_resource(rest)) {
      if (type->arn.find(mark) == std::string_view::npos) {
        continue;
      }
      const std::vector<std::string_view> pieces = split_colons(type->arn, 6);
      if (pieces.size() == 6 && pieces[2] == service) {
        visit(parts_of(pieces));
      }
    }
  }
}

// A region or account that a form leaves free is not empty.
bool fits_part(std::string_view form, std::string_view written) {
  return (form.empty() || !written.empty()) && can_overlap(form, written);
}

// The resource part of a pattern can stand for one of that form. The name of a bucket has no slash.
bool fits_resource(const ArnParts& format, std::string_view resource) {
  if (format.service == "s3" && format.resource == "*" && format.account.empty() &&
      resource.find('/') != std::string_view::npos) {
    return false;
  }
  return can_overlap(format.resource, resource);
}

// What the forms of one service say about an ARN.
struct Forms {
  bool has_any = false;
  bool has_whole = false;     // some form fits in every part
  bool has_resource = false;  // some form fits in its last part
  // Of the forms whose last part fits:
  bool takes_region = false;
  bool takes_no_region = false;
  bool takes_account = false;
};

Forms forms_for(const ArnParts& arn) {
  Forms forms;
  each_format(arn.service, [&](const ArnParts& format) {
    forms.has_any = true;
    // Not fits_resource(): a bucket with a slash is an object, which is another form of S3.
    if (!can_overlap(format.resource, arn.resource)) {
      return;
    }
    forms.has_resource = true;
    forms.has_whole = forms.has_whole || (can_overlap(format.partition, arn.partition) &&
                                          fits_part(format.region, arn.region) &&
                                          fits_part(format.account, arn.account));
    forms.takes_region = forms.takes_region || !format.region.empty();
    forms.takes_no_region = forms.takes_no_region || format.region.empty();
    forms.takes_account = forms.takes_account || !format.account.empty();
  });
  return forms;
}

const facts::Region* find_region(std::string_view name) {
  for (const facts::Region& region : facts::regions()) {
    if (region.name == name) {
      return &region;
    }
  }
  return nullptr;
}

bool is_partition(std::string_view name) {
  return std::any_of(facts::regions().begin(), facts::regions().end(), [&](const auto& region) {
    return region.partition == name;
  });
}

bool is_arn_service(std::string_view name) {
  if (facts::find_service(name) != nullptr) {
    return true;
  }
  bool is_known = false;
  each_format(name, [&](const ArnParts& format) { is_known = is_known || format.service == name; });
  return is_known;
}

class ResourceCheck {
 public:
  ResourceCheck(const Written& policy, Findings& findings) : policy_(policy), findings_(findings) {}

  void statement(const WrittenStatement& statement) {
    for (const Text& resource : statement.resources) {
      if (resource.text != "*") {
        arn(resource);
      }
    }
    if (!statement.is_not_resource && !statement.is_not_action && !statement.resources.empty()) {
      for (const Text& action : statement.actions) {
        fitting_resource(statement, action);
      }
    }
  }

 private:
  void arn(const Text& written) {
    const std::vector<std::string_view> pieces = split_colons(written.text, 6);
    if (pieces.size() == 1 || !can_overlap(pieces[0], "arn")) {
      findings_.add(FindingId::InvalidArnPrefix,
                    written.node,
                    "an ARN begins with \"arn:\": write arn:partition:service:region:account:"
                    "resource");
      return;
    }
    if (pieces.size() < 6) {
      findings_.add(FindingId::ShortResource,
                    written.node,
                    "an ARN has six parts, arn:partition:service:region:account:resource: write "
                    "\"*\" for those that may be anything");
      return;
    }
    const ArnParts arn = parts_of(pieces);
    const std::size_t head = written.text.size() - arn.resource.size();
    if (has_variable(written.text.substr(0, head))) {
      findings_.add(FindingId::VariableInArnHead,
                    written.node,
                    "variables are literal text before the last part of an ARN");
      return;
    }
    if (!is_open(arn.partition) && !is_partition(arn.partition)) {
      findings_.add(FindingId::InvalidPartition,
                    written.node,
                    concat("no partition is called \"", arn.partition, "\": use aws, aws-cn, ..."));
    }
    if (policy_.profile() == Profile::Bucket && !can_overlap(arn.service, "s3")) {
      findings_.add(FindingId::UnsupportedResourceInPolicy,
                    written.node,
                    "a bucket policy is about its bucket and the objects in it: remove the ARN");
      return;
    }
    bucket(written, arn);
    if (written.text.size() <= kLongestArn) {
      service(written, arn);
    }
  }

  void bucket(const Text& written, const ArnParts& arn) {
    const std::string_view bucket = policy_.options.document.bucket;
    if (policy_.profile() != Profile::Bucket || bucket.empty()) {
      return;
    }
    const std::string_view name = arn.resource.substr(0, arn.resource.find('/'));
    if (!can_overlap(name, bucket)) {
      findings_.add(FindingId::UnsupportedResourceInPolicy,
                    written.node,
                    concat("the policy of bucket ", bucket, " cannot speak of another bucket"));
    }
  }

  void service(const Text& written, const ArnParts& arn) {
    if (is_open(arn.service)) {
      return;
    }
    if (to_lower(arn.service) != arn.service) {
      findings_.add(FindingId::InvalidArnServiceCase,
                    written.node,
                    concat("write the service in lower case: ", to_lower(arn.service)));
      return;
    }
    if (!is_arn_service(arn.service)) {
      if (findings_.add_if_retired(arn.service, written.node, "the ARN names nothing")) {
        return;
      }
      findings_.add(FindingId::InvalidService,
                    written.node,
                    concat("no ARN has the service \"", arn.service, "\""));
      return;
    }
    const Forms forms = forms_for(arn);
    if (!forms.has_any || forms.has_whole) {
      region_exists(written, arn);
      account_exists(written, arn);
      return;
    }
    if (!forms.has_resource) {
      findings_.add(FindingId::InvalidArnResource,
                    written.node,
                    concat("no resource of ",
                           arn.service,
                           " looks like \"",
                           arn.resource,
                           "\": see the ARNs of the service"));
      return;
    }
    region(written, arn, forms);
    account(written, arn, forms);
  }

  void region_exists(const Text& written, const ArnParts& arn) {
    const facts::Region* region = find_region(arn.region);
    const bool is_foreign = region != nullptr && !can_overlap(arn.partition, region->partition);
    if (!arn.region.empty() && !is_open(arn.region) && (region == nullptr || is_foreign)) {
      findings_.add(FindingId::InvalidArnRegion,
                    written.node,
                    concat("no region of this partition is called \"", arn.region, "\""));
    }
  }

  void region(const Text& written, const ArnParts& arn, const Forms& forms) {
    if (!arn.region.empty() && !forms.takes_region) {
      findings_.add(FindingId::ArnRegionNotAllowed,
                    written.node,
                    concat("ARNs of ", arn.service, " have no region: leave it empty"));
    } else if (arn.region.empty() && !forms.takes_no_region) {
      findings_.add(FindingId::MissingArnRegion,
                    written.node,
                    concat("ARNs of ", arn.service, " have a region: name it or write \"*\""));
    } else {
      region_exists(written, arn);
    }
  }

  void account(const Text& written, const ArnParts& arn, const Forms& forms) {
    if (!arn.account.empty() && !forms.takes_account) {
      findings_.add(FindingId::ArnAccountNotAllowed,
                    written.node,
                    concat("ARNs of ", arn.service, " have no account: leave it empty"));
    } else {
      account_exists(written, arn);
    }
  }

  void account_exists(const Text& written, const ArnParts& arn) {
    if (!arn.account.empty() && !is_open(arn.account) && !model::is_account_id(arn.account) &&
        !is_known_owner(arn)) {
      findings_.add(FindingId::InvalidArnAccount,
                    written.node,
                    concat("\"", arn.account, "\" is no account: twelve digits, or \"*\""));
    }
  }

  // Some forms have a word instead of an account, such as arn:aws:iam::aws:policy/x.
  static bool is_known_owner(const ArnParts& arn) {
    bool is_known = arn.account == "aws" || arn.account == "cloudfront";
    each_format(arn.service, [&](const ArnParts& format) {
      is_known = is_known || (!is_open(format.account) && format.account == arn.account);
    });
    return is_known;
  }

  // An action that none of the statement's resources can be a resource of.
  void fitting_resource(const WrittenStatement& statement, const Text& action) {
    const auto [service_name, action_name] = split_action(action.text);
    const facts::CatalogueService* service = facts::find_service(service_name);
    if (service == nullptr || action_name.empty() ||
        std::any_of(statement.resources.begin(), statement.resources.end(), is_everything)) {
      return;
    }
    bool has_any = false;
    bool has_types = false;
    std::string_view rest = service->actions;
    for (auto found = facts::next_action(rest); found; found = facts::next_action(rest)) {
      if (!match_glob_ignore_case(action_name, found->name)) {
        continue;
      }
      has_any = true;
      has_types = has_types || !found->resources.empty();
      if (found->level == facts::AccessLevel::Unknown || has_fitting(*service, *found, statement)) {
        return;
      }
    }
    if (has_any && has_types) {
      findings_.add(FindingId::ActionFitsNoResource,
                    action.node,
                    concat("never matches: no resource of the statement is one that ",
                           action.text,
                           " works on"));
    } else if (has_any && !has_all_buckets(*service, statement)) {
      findings_.add(FindingId::ActionNeedsStar,
                    action.node,
                    concat(action.text, " works on no resource: it takes \"Resource\": \"*\""));
    }
  }

  // S3 asks s3:ListAllMyBuckets on arn:aws:s3:::*.
  static bool has_all_buckets(const facts::CatalogueService& service,
                              const WrittenStatement& statement) {
    return service.prefix == "s3" &&
           std::any_of(statement.resources.begin(),
                       statement.resources.end(),
                       [](const Text& text) { return text.text.ends_with(":::*"); });
  }

  static bool is_everything(const Text& resource) {
    return resource.text.size() > kLongestArn ||
           resource.text.find_first_not_of('*') == std::string_view::npos ||
           split_colons(resource.text, 6).size() < 6;
  }

  static bool has_fitting(const facts::CatalogueService& service,
                          const facts::CatalogueAction& action,
                          const WrittenStatement& statement) {
    facts::NameList names(action.resources);
    for (auto name = names.next(); name; name = names.next()) {
      const std::size_t mark = name->ends_with('!') ? 1 : 0;
      const auto type = service.resource(name->substr(0, name->size() - mark));
      const std::vector<std::string_view> form = split_colons(type ? type->arn : "*", 6);
      if (form.size() < 6) {
        return true;
      }
      for (const Text& resource : statement.resources) {
        const std::vector<std::string_view> pieces = split_colons(resource.text, 6);
        const ArnParts arn = parts_of(pieces);
        if (can_overlap(form[2], arn.service) && fits_resource(parts_of(form), arn.resource)) {
          return true;
        }
      }
    }
    return false;
  }

  const Written& policy_;
  Findings& findings_;
};

}  // namespace

void check_resources(const Written& policy, Findings& findings) {
  ResourceCheck check(policy, findings);
  for (const WrittenStatement& statement : policy.statements) {
    check.statement(statement);
  }
}

}  // namespace signet::policy::lint
