#include "generator.h"

#include <algorithm>

namespace signet::ref {
namespace {

using Strings = std::vector<std::string>;

const Strings kActions{"s3:GetObject",
                       "s3:PutObject",
                       "s3:ListBucket",
                       "s3:PutBucketPolicy",
                       "iam:GetUser",
                       "iam:PassRole",
                       "sts:AssumeRole",
                       "sts:TagSession",
                       "kms:Decrypt",
                       "sqs:SendMessage",
                       "x:a/b",
                       "sts:GetCallerIdentity",
                       "sts:AssumeRoleWithWebIdentity"};
const Strings kArns{"arn:aws:s3:::b",
                    "arn:aws:s3:::b/k",
                    "arn:aws:s3:::b/home/u/x",
                    "arn:aws:s3:::b/home/v/x",
                    "arn:aws:s3:::b2/a*b",
                    "arn:aws:s3:::b/home",
                    "arn:aws:iam::111122223333:user/p/u",
                    "arn:aws:iam::111122223333:role/R",
                    "arn:aws:iam::444455556666:role/R",
                    "arn:aws:kms:us-east-1:111122223333:key/k",
                    "arn:aws:sqs:us-east-1:111122223333:u-queue",
                    "arn:aws:sqs:eu-west-1:444455556666:q:x",
                    "arn:aws-cn:s3:::b/k"};
const Strings kPrincipals{"arn:aws:iam::111122223333:user/u",
                          "arn:aws:iam::444455556666:user/u2",
                          "arn:aws:sts::111122223333:assumed-role/R/s",
                          "arn:aws:sts::444455556666:assumed-role/R/s",
                          "arn:aws:sts::111122223333:federated-user/u",
                          "arn:aws:iam::111122223333:root",
                          "arn:aws:iam::444455556666:root",
                          "arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForX/s",
                          "logs.amazonaws.com",
                          "accounts.google.com"};
const Strings kEntries{
    R"("*")",
    R"({"AWS":"*"})",
    R"({"AWS":"111122223333"})",
    R"({"AWS":"arn:aws:iam::111122223333:root"})",
    R"({"AWS":["arn:aws:iam::444455556666:root"]})",
    R"({"AWS":"arn:aws:iam::111122223333:user/u"})",
    R"({"AWS":["arn:aws:iam::444455556666:user/u2","arn:aws:iam::111122223333:role/R"]})",
    R"({"AWS":"arn:aws:sts::111122223333:assumed-role/R/s"})",
    R"({"AWS":"arn:aws:sts::111122223333:federated-user/u"})",
    R"({"Service":["logs.amazonaws.com","*"]})",
    R"({"Federated":"accounts.google.com"})",
    R"({"AWS":"arn:aws:iam::111122223333:user/*"})",
    R"({"AWS":"AIDA0000000000000001"})",
    R"({"AWS":[]})",
    R"({"CanonicalUser":"c0ffee"})",
    R"({"AWS":["arn:aws:iam::111122223333:user/u","111122223333"]})",
    R"({"AWS":["arn:aws:iam::111122223333:root","arn:aws:sts::111122223333:federated-user/u"]})",
    R"({"AWS":["arn:aws:sts::111122223333:assumed-role/R/s","arn:aws:iam::111122223333:role/R"]})",
    R"({"AWS":["arn:aws:sts::111122223333:assumed-role/R/s","arn:aws:iam::111122223333:role/R",)"
    R"("arn:aws:iam::111122223333:root"]})"};

struct KeyKind {
  std::string name;
  char type;  // s string, n number, d date, b bool, i ip, a arn, y binary, l list
};

const std::vector<KeyKind> kKeys{{"aws:username", 's'},
                                 {"aws:userid", 's'},
                                 {"aws:PrincipalTag/t", 's'},
                                 {"aws:TagKeys", 'l'},
                                 {"aws:SourceIp", 'i'},
                                 {"aws:CurrentTime", 'd'},
                                 {"aws:SecureTransport", 'b'},
                                 {"s3:prefix", 's'},
                                 {"s3:max-keys", 'n'},
                                 {"aws:SourceArn", 'a'},
                                 {"aws:PrincipalArn", 'a'},
                                 {"x:bin", 'y'},
                                 {"x:list", 'l'},
                                 {"aws:ResourceTag/t", 's'},
                                 {"aws:RequestTag/t", 's'},
                                 {"aws:EpochTime", 'n'},
                                 {"aws:TokenIssueTime", 'd'},
                                 {"x:other", 's'}};

const Strings& operands_of(char type) {
  static const Strings strings{"u",
                               "U",
                               "v",
                               "",
                               "u*",
                               "*",
                               "a?c",
                               "abc",
                               "home/",
                               "${aws:username}",
                               "${aws:PrincipalTag/t}",
                               "${aws:PrincipalTag/t, 'd'}",
                               "x${*}y",
                               "x*y",
                               "${$}",
                               "${",
                               "a\\u00e9",
                               "a\\n",
                               "d",
                               "b",
                               "${aws:TagKeys}",
                               "${s3:max-keys}"};
  static const Strings numbers{"10",
                               "1e1",
                               "10.0",
                               "-3",
                               "9007199254740993",
                               "9007199254740992",
                               "ten",
                               "0",
                               "99999999999999999999",
                               "+5"};
  static const Strings dates{"2026",
                             "2026-11",
                             "2026-11-22",
                             "2026-11-22T10:00:00Z",
                             "2026-11-22T12:00:00+02:00",
                             "1795341600",
                             "2026-02-30",
                             "2026-11-22T10:00:00.250Z",
                             "soon",
                             "2026-11-22T10:00"};
  static const Strings bools{"true", "false", "TRUE", "1", "${x:other}", "False"};
  static const Strings ips{"203.0.113.0/24",
                           "203.0.113.77",
                           "0.0.0.0/0",
                           "2001:db8::/32",
                           "::/0",
                           "203.0.113.7/33",
                           "2001:DB8:0:0:0:0:0:1",
                           "203.0.113.77/25",
                           "1.2.3"};
  static const Strings arns{"arn:aws:iam::111122223333:user/*",
                            "arn:aws:s3:::b",
                            "arn:aws:s3*",
                            "*",
                            "arn:*:iam::*:role/R",
                            "arn:aws:iam::${aws:userid}:user/u",
                            "arn:aws:sqs:*:u-queue",
                            "arn:aws:iam::111122223333:user/u"};
  static const Strings binaries{"QmluYXJ5", "QmluYXJ6", "QQ==", "???", ""};
  switch (type) {
    case 'n':
      return numbers;
    case 'd':
      return dates;
    case 'b':
      return bools;
    case 'i':
      return ips;
    case 'a':
      return arns;
    case 'y':
      return binaries;
    default:
      return strings;
  }
}

const Strings& operators_of(char type) {
  static const Strings strings{"StringEquals",
                               "StringNotEquals",
                               "StringLike",
                               "StringNotLike",
                               "StringEqualsIgnoreCase",
                               "StringNotEqualsIgnoreCase",
                               "Null"};
  static const Strings numbers{"NumericEquals",
                               "NumericNotEquals",
                               "NumericLessThan",
                               "NumericLessThanEquals",
                               "NumericGreaterThan",
                               "NumericGreaterThanEquals",
                               "StringEquals"};
  static const Strings dates{"DateEquals",
                             "DateNotEquals",
                             "DateLessThan",
                             "DateLessThanEquals",
                             "DateGreaterThan",
                             "DateGreaterThanEquals",
                             "StringLike"};
  static const Strings bools{"Bool", "StringEquals", "Null"};
  static const Strings ips{"IpAddress", "NotIpAddress"};
  static const Strings arns{"ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "StringLike"};
  static const Strings binaries{"BinaryEquals"};
  switch (type) {
    case 'n':
      return numbers;
    case 'd':
      return dates;
    case 'b':
      return bools;
    case 'i':
      return ips;
    case 'a':
      return arns;
    case 'y':
      return binaries;
    default:
      return strings;
  }
}

std::string quote(const std::string& text) {
  return "\"" + text + "\"";
}

// A list as JSON; one element is sometimes written bare.
std::string list(const Strings& items, Random& r) {
  if (items.size() == 1 && r.percent(50)) {
    return items[0];
  }
  std::string out = "[";
  for (const std::string& item : items) {
    out += (out.size() > 1 ? "," : "") + item;
  }
  return out + "]";
}

std::string action_pattern(Random& r) {
  const std::string action = r.pick(kActions);
  const std::size_t colon = action.find(':');
  switch (r.below(12)) {
    case 0:
      return "*";
    case 1:
      return action.substr(0, colon) + ":*";
    case 2:
      return "*:" + action.substr(colon + 1);
    case 3:
      return action.substr(0, colon + 1 + r.below(action.size() - colon)) + "*";
    case 4: {
      std::string text = action;
      text[r.below(text.size())] = '?';
      return text;
    }
    case 5:
      return action.substr(0, colon + 1) + "*" + action.substr(action.size() - 4);
    case 6: {
      std::string text = action;
      for (char& c : text) {
        c = r.percent(50) && c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      }
      return text;
    }
    case 7:
      return r.percent(50) ? "*:*" : r.percent(50) ? "s3:" : "s3: Get*";
    default:
      return action;
  }
}

std::string resource_pattern(Random& r) {
  std::string text = r.pick(kArns);
  switch (r.below(14)) {
    case 0:
    case 1:
      return "*";
    case 2:
    case 3:
      return text.substr(0, 12 + r.below(text.size() - 11)) + "*";
    case 4:
      text[r.below(text.size())] = '?';
      return text;
    case 5:
      text[r.below(text.size())] = '*';
      return text;
    case 6:
      return "arn:aws:s3:::b/home/${aws:username}/*";
    case 7:
      return "arn:aws:s3:::b*/" +
             std::string(r.percent(50) ? "${aws:PrincipalTag/t, 'k'}" : "*${aws:PrincipalTag/t}*");
    case 8:
      return text.substr(0, r.below(text.size()) + 1);
    case 9: {
      const std::size_t at = r.below(text.size());
      const std::size_t length = 1 + r.below(4);
      return text.substr(0, at) + "*" + text.substr(std::min(text.size(), at + length));
    }
    case 10:
      return "arn:aws:" + std::string(r.percent(50) ? "sqs" : "*") + ":*:*:*";
    case 11:
      return "arn:aws:sqs:us-east-1:${aws:userid}:${aws:username}-queue";
    default:
      return text;
  }
}

std::string condition(GeneratedPolicies& world, Random& r) {
  std::string out;
  Strings used;
  for (std::uint64_t n = 1 + r.below(2); n > 0; --n) {
    const KeyKind& key = r.pick(kKeys);
    std::string op = r.pick(operators_of(key.type));
    const bool is_null = op == "Null";
    if (r.percent(key.type == 'l' ? 75 : 8)) {
      op = (r.percent(50) ? "ForAllValues:" : "ForAnyValue:") + op;
    }
    op += !is_null && r.percent(20) ? "IfExists" : "";
    if (std::find(used.begin(), used.end(), op) != used.end()) {
      continue;
    }
    used.push_back(op);
    Strings values;
    for (std::uint64_t k = r.percent(5) ? 0 : 1 + r.below(3); k > 0; --k) {
      const std::string value =
          is_null ? (r.percent(50) ? "true" : "false") : r.pick(operands_of(key.type));
      values.push_back(quote(value));
      world.operands.push_back(value);
    }
    std::string name = key.name;
    if (r.percent(10)) {
      name[0] = static_cast<char>(name[0] - 32);
    }
    world.keys |= 1U << static_cast<unsigned>(&key - kKeys.data());
    out += (out.empty() ? "" : ",") + quote(op) + ":{" + quote(name) + ":" + list(values, r) + "}";
  }
  return "{" + out + "}";
}

std::string statement(GeneratedPolicies& world,
                      Random& r,
                      bool has_principal,
                      unsigned deny_percent,
                      bool needs_resource) {
  std::string out =
      std::string(R"({"Effect":")") + (r.percent(deny_percent) ? "Deny" : "Allow") + "\"";
  if (has_principal && !r.percent(3)) {
    out += std::string(R"(,")") + (r.percent(15) ? "NotPrincipal" : "Principal") +
           "\":" + r.pick(kEntries);
  }
  Strings actions;
  for (std::uint64_t n = 1 + r.below(3); n > 0; --n) {
    const std::string pattern = action_pattern(r);
    world.actions.push_back(pattern);
    actions.push_back(quote(pattern));
  }
  out += std::string(",\"") + (r.percent(12) ? "NotAction" : "Action") + "\":" + list(actions, r);
  if (needs_resource || !r.percent(15)) {
    Strings resources;
    for (std::uint64_t n = 1 + r.below(3); n > 0; --n) {
      const std::string pattern = resource_pattern(r);
      world.resources.push_back(pattern);
      resources.push_back(quote(pattern));
    }
    out += std::string(",\"") + (r.percent(10) ? "NotResource" : "Resource") +
           "\":" + list(resources, r);
  }
  if (r.percent(45)) {
    out += ",\"Condition\":" + condition(world, r);
  }
  return out + "}";
}

std::string document(GeneratedPolicies& world,
                     Random& r,
                     bool has_principal,
                     unsigned deny_percent) {
  std::string out = "{";
  if (!r.percent(8)) {
    out += std::string(R"("Version":")") + (r.percent(90) ? "2012-10-17" : "2008-10-17") + "\",";
  }
  Strings statements;
  for (std::uint64_t n = 1 + r.below(3); n > 0; --n) {
    statements.push_back(statement(world, r, has_principal, deny_percent, !has_principal));
  }
  return out + "\"Statement\":" + list(statements, r) + "}";
}

void documents(GeneratedPolicies& world,
               Strings& out,
               Random& r,
               std::uint64_t most,
               bool has_principal,
               unsigned deny_percent) {
  for (std::uint64_t n = r.below(most + 1); n > 0; --n) {
    out.push_back(document(world, r, has_principal, deny_percent));
  }
}

const std::string kAllowAll = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";

std::string context_value(const GeneratedPolicies& world, const KeyKind& key, Random& r) {
  const std::string& text = !world.operands.empty() && r.percent(50)
                                ? r.pick(world.operands)
                                : r.pick(operands_of(key.type));
  return r.percent(70) ? literal_of(text, r) : text;
}

std::vector<Request::Entry> context(const GeneratedPolicies& world, Random& r) {
  std::vector<Request::Entry> out;
  out.reserve(12);
  for (std::size_t i = 0; i < kKeys.size(); ++i) {
    const KeyKind& key = kKeys[i];
    const bool is_used = ((world.keys >> i) & 1U) != 0;
    if (!r.percent(is_used ? 75 : 15)) {
      continue;
    }
    Request::Entry& entry = out.emplace_back();
    entry.name = key.name;
    entry.is_list = key.type == 'l';
    for (std::uint64_t n = entry.is_list ? r.below(4) : 1; n > 0; --n) {
      entry.values.push_back(context_value(world, key, r));
    }
  }
  const std::string name = r.percent(90) ? "u" : "*";
  if (out.empty() || out[0].name != "aws:username") {
    out.push_back({.name = "aws:username", .is_list = false, .values = {name}});
  }
  return out;
}

void append_quoted(std::string& out, const std::string& text) {
  out += '"';
  out += text;
  out += '"';
}

void append_member(std::string& out, std::string_view name, const std::string& text) {
  if (!text.empty()) {
    out += name;
    append_quoted(out, text);
  }
}

void append_entry(std::string& out, const Request::Entry& entry) {
  append_quoted(out, entry.name);
  out += entry.is_list ? ":[" : ":";
  const char* separator = "";
  for (const std::string& value : entry.values) {
    out += separator;
    append_quoted(out, value);
    separator = ",";
  }
  out += entry.is_list ? "]" : "";
}

}  // namespace

std::uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

std::string literal_of(const std::string& pattern, Random& r) {
  static const Strings fills{"", "x", "a/b", "k", "\xC3\xA9", "\\n", ":"};
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, "${") == 0 && pattern.find('}', i) != std::string::npos) {
      i = pattern.find('}', i);
      out += r.percent(80) ? "u" : "k";
    } else if (pattern[i] == '*') {
      out += r.pick(fills);
    } else if (pattern[i] == '?') {
      out += r.percent(80) ? "o" : "\xC3\xA9";
    } else {
      out += pattern[i];
    }
  }
  return out;
}

GeneratedPolicies make_world(Random& r) {
  GeneratedPolicies world;
  documents(world, world.identity, r, 3, false, 20);
  if (r.percent(60)) {
    documents(world, world.resource, r, 1, true, 20);
  }
  world.has_boundary = r.percent(25);
  if (world.has_boundary) {
    documents(world, world.boundary, r, 1, false, 15);
  }
  world.has_session = r.percent(30);
  if (world.has_session) {
    documents(world, world.session, r, 2, false, 15);
  }
  if (r.percent(10)) {
    documents(world, world.endpoint, r, 1, true, 15);
  }
  for (auto* levels : {&world.scps, &world.rcps}) {
    if (!r.percent(20)) {
      continue;
    }
    for (std::uint64_t n = 1 + r.below(3); n > 0; --n) {
      Strings& level = levels->emplace_back();
      if (r.percent(85)) {
        level.push_back(kAllowAll);
      }
      documents(world, level, r, 1, levels == &world.rcps, 60);
    }
  }
  if (r.percent(12)) {
    for (std::uint64_t n = 1 + r.below(3); n > 0; --n) {
      Strings& layer = world.scopes.emplace_back();
      documents(world, layer, r, 1, false, 15);
      if (layer.empty()) {
        layer.push_back(kAllowAll);
      }
    }
  }
  return world;
}

Request make_request(const GeneratedPolicies& world, Random& r) {
  Request request;
  request.action = !world.actions.empty() && r.percent(75) ? literal_of(r.pick(world.actions), r)
                                                           : r.pick(kActions);
  const std::string& action = request.action;
  if (action.find(':') == std::string::npos || action.ends_with(':') ||
      action.find('\\') != std::string::npos) {
    request.action = r.pick(kActions);
  }
  request.resource = !world.resources.empty() && r.percent(75)
                         ? literal_of(r.pick(world.resources), r)
                         : r.pick(kArns);
  if (request.resource.empty() || r.percent(4)) {
    request.resource = "*";
  }
  if (!r.percent(8)) {
    request.principal = r.pick(kPrincipals);
  }
  if (r.percent(80)) {
    request.resource_account = r.percent(75) ? "111122223333" : "444455556666";
  }
  if (r.percent(15)) {
    request.principal_id = r.percent(50) ? "AIDA0000000000000001" : "AROA0000000000000002";
  }
  request.canonical_user_id = r.percent(10) ? "c0ffee" : "";
  request.wildcard_only = r.percent(5);
  request.creates_resource = r.percent(20);
  request.context = context(world, r);
  return request;
}

std::string json_of(const Request& request) {
  std::string out;
  out.reserve(1'024);
  append_member(out, "\"action\":", request.action);
  append_member(out, ",\"resource\":", request.resource);
  append_member(out, ",\"principal\":", request.principal);
  append_member(out, ",\"resource_account\":", request.resource_account);
  append_member(out, ",\"principal_id\":", request.principal_id);
  append_member(out, ",\"canonical_user_id\":", request.canonical_user_id);
  out += request.wildcard_only ? ",\"wildcard_only\":true" : "";
  out += request.creates_resource ? ",\"creates_resource\":true" : "";
  out += ",\"context\":{";
  const char* separator = "";
  for (const Request::Entry& entry : request.context) {
    out += separator;
    append_entry(out, entry);
    separator = ",";
  }
  return out + "}";
}

std::string question_of(const GeneratedPolicies& world, const std::string& request) {
  const auto join = [](const Strings& documents) {
    std::string out = "[";
    for (const std::string& text : documents) {
      out += (out.size() > 1 ? "," : "") + text;
    }
    return out + "]";
  };
  const auto levels = [&join](const std::vector<Strings>& all) {
    std::string out = "[";
    for (const Strings& level : all) {
      out += (out.size() > 1 ? "," : "") + join(level);
    }
    return out + "]";
  };
  std::string out = "{";
  out += request.empty() ? "\"action\":\"x:y\"" : request;
  out += ",\"identity_policies\":" + join(world.identity);
  out += world.has_boundary ? ",\"boundary\":" + join(world.boundary) : "";
  out += world.has_session ? ",\"session_policy\":" + join(world.session) : "";
  out += ",\"resource_policy\":" + join(world.resource) +
         ",\"endpoint_policies\":" + join(world.endpoint);
  out += ",\"scps\":" + levels(world.scps) + ",\"rcps\":" + levels(world.rcps);
  out += world.scopes.empty() ? "" : ",\"scopes\":" + levels(world.scopes);
  return out + "}";
}

}  // namespace signet::ref
