#include "policy_engine/class_draft.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace signet::policy {
namespace {

using Fit = RestTest::Fit;

std::string_view head_text(const ResourcePattern& pattern) {
  std::size_t size = 0;
  for (const std::string_view head : pattern.heads) {
    size += head.size() + 1;
  }
  return pattern.is_short ? pattern.text : pattern.text.substr(0, size);
}

std::string_view tail_text(const ClassDraft& draft) {
  return draft.pattern->is_short ? std::string_view("*")
                                 : draft.pattern->text.substr(draft.head.size());
}

// Side by side what belongs together; which head comes first does not matter.
bool is_before(const ClassDraft& a, const ClassDraft& b) {
  if (a.head.size() != b.head.size()) {
    return a.head.size() < b.head.size();
  }
  if (const int order = a.head.compare(b.head); order != 0) {
    return order < 0;
  }
  const auto key = [](const ClassDraft& d) {
    return std::tie(d.denies, d.prefix, d.fit, d.rest, d.tail, d.version, d.conditions, d.row);
  };
  return key(a) < key(b);
}

std::uint16_t least_size(std::span<const Token> tokens) {
  std::size_t least = 0;
  for (const Token& token : tokens) {
    least += token.kind == Token::Kind::Literal ? token.literal.size() : 0;
    least += token.kind == Token::Kind::AnyChar ? 1 : 0;
  }
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(least, std::numeric_limits<std::uint16_t>::max()));
}

}  // namespace

std::optional<HeadPattern> head_of(const ResourcePattern& pattern) {
  using Head = ResourcePattern::Head;
  const auto& kinds = pattern.head_kinds;
  const bool is_plain = !pattern.is_short && kinds[0] == Head::Literal &&
                        kinds[1] == Head::Literal && kinds[2] == Head::Literal &&
                        kinds[3] != Head::Glob && kinds[4] != Head::Glob;
  if (!is_plain) {
    return std::nullopt;
  }
  HeadPattern made;
  made.head.lead = short_lead(pattern.heads[0], pattern.heads[1], pattern.heads[2]);
  const auto part = [&pattern, &kinds](std::size_t i) {
    return kinds[i] == Head::Literal ? short_text(pattern.heads[i]) : HeadPattern::any();
  };
  made.head.region = part(3);
  made.head.account = part(4);
  const bool fits = !made.head.lead.is_too_long() && !made.head.region.is_too_long() &&
                    !made.head.account.is_too_long();
  return fits ? std::optional(made) : std::nullopt;
}

ResourceRoute route_of(const CompiledPolicy& policy, const CompiledStatement& statement) {
  if (!statement.has_resource || statement.has_only_all_resources) {
    return ResourceRoute::Always;
  }
  const auto all = CompiledPolicy::slice(policy.resources, statement.resources);
  const bool has_whole = std::any_of(all.begin(), all.end(), [](const ResourcePattern& pattern) {
    return pattern.kind == ResourcePattern::Kind::Whole;
  });
  return statement.is_not_resource || has_whole ? ResourceRoute::Direct : ResourceRoute::Indexed;
}

GeneralHead general_head_of(const IndexRows& index, const ClassDraft& draft) {
  const std::vector<ResourcePattern>& all = index.members[draft.member].policy->resources;
  return {.member = draft.member,
          .resource = static_cast<std::uint32_t>(draft.pattern - all.data())};
}

std::string_view ClassDrafter::keep(std::string text) {
  return texts_.emplace_back(std::move(text));
}

void ClassDrafter::fill(const CompiledPolicy& policy, ClassDraft& draft) {
  const auto tokens = policy.store.of(draft.pattern->tail);
  std::string prefix;
  std::string rest;
  std::size_t prefix_pieces = 0;
  std::size_t wildcards = 0;  // behind the prefix
  std::size_t rest_begin = tokens.size();
  bool is_simple = true;  // at most star, text, star behind the prefix
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].kind != Token::Kind::Literal) {
      is_simple &= tokens[i].kind == Token::Kind::AnyRun;
      rest_begin = std::min(rest_begin, i);
      ++wildcards;
    } else if (wildcards == 0) {
      ++prefix_pieces;
      prefix += tokens[i].literal;
    } else {
      is_simple &= wildcards == 1;
      rest += tokens[i].literal;
    }
  }
  const bool is_one_token = prefix_pieces == 1 && tokens[0].kind == Token::Kind::Literal;
  draft.prefix = is_one_token ? tokens[0].literal : keep(std::move(prefix));
  const bool ends_open = wildcards > 0 && tokens.back().kind == Token::Kind::AnyRun;
  is_simple &= wildcards <= 2 && (wildcards < 2 || ends_open) &&
               rest.size() <= std::numeric_limits<std::uint16_t>::max();
  if (wildcards == 0) {
    draft.fit = Fit::Nothing;
  } else if (is_simple) {
    draft.fit = rest.empty() ? Fit::Anything : (ends_open ? Fit::Within : Fit::End);
    draft.rest = rest.empty() ? std::string_view() : keep(std::move(rest));
  } else {
    const auto left = tokens.subspan(rest_begin);
    draft.fit = Fit::Glob;
    draft.tail = tail_text(draft);
    draft.glob =
        ClassGlob{.member = draft.member,
                  .first_token = draft.pattern->tail.first + static_cast<std::uint32_t>(rest_begin),
                  .token_count = static_cast<std::uint16_t>(left.size()),
                  .least_rest = least_size(left)};
  }
}

std::vector<ClassDraft> ClassDrafter::make(const IndexRows& index,
                                           const std::vector<std::uint32_t>& rows) {
  std::vector<ClassDraft> drafts;
  for (const std::uint32_t number : rows) {
    const IndexRow& row = index.rows[number];
    const CompiledPolicy& policy = *index.members[row.member].policy;
    const CompiledStatement& statement = index.statement_of(row);
    if (route_of(policy, statement) != ResourceRoute::Indexed) {
      continue;
    }
    for (const ResourcePattern& pattern :
         CompiledPolicy::slice(policy.resources, statement.resources)) {
      ClassDraft draft{.row = number,
                       .member = row.member,
                       .denies = statement.effect == Effect::Deny,
                       .pattern = &pattern,
                       .head = head_text(pattern),
                       .conditions = index.pool.lists[row.conditions],
                       .version = policy.document->version()};
      if (!is_refused_short(pattern, index.kind)) {
        fill(policy, draft);
        drafts.push_back(draft);
      }
    }
  }
  std::ranges::sort(drafts, is_before);
  return drafts;
}

}  // namespace signet::policy
