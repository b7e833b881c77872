#include "saml/impl/assertion_reader.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "base/strings.h"
#include "codec/time.h"

namespace signet::saml {
namespace {

// Reads the parts of an assertion; after the first defect is_good() is false.
class Reader {
 public:
  [[nodiscard]] bool is_good() const { return is_good_; }

  void head(const XmlNode& node, Assertion& out) {
    out.id = std::string(node.attribute("ID").value_or(""));
    const auto issued = time(node, "IssueInstant");
    const XmlNode* issuer = only(node, "Issuer");
    expect(node.attribute("Version") == "2.0" && !out.id.empty() && issued && issuer != nullptr);
    if (is_good_) {
      out.issued = *issued;
      out.issuer = trimmed(issuer->text, kWhiteSpace);
    }
  }

  void subject(const XmlNode& node, Assertion& out) {
    const XmlNode* subject = only(node, "Subject");
    if (subject == nullptr) {
      return;
    }
    if (const XmlNode* name = only(*subject, "NameID")) {
      out.name_id = trimmed(name->text, kWhiteSpace);
      out.name_id_format = name->attribute("Format").value_or("");
    }
    for (const XmlNode* one : subject->all(kAssertionSpace, "SubjectConfirmation")) {
      out.confirmations.push_back(confirmation(*one));
    }
  }

  void conditions(const XmlNode& node, Assertion& out) {
    const XmlNode* conditions = only(node, "Conditions");
    if (conditions == nullptr) {
      return;
    }
    out.not_before = time(*conditions, "NotBefore");
    out.not_on_or_after = time(*conditions, "NotOnOrAfter");
    for (const XmlNode& condition : conditions->children) {
      // A condition that is not understood makes an assertion invalid (2.5.1.1); those that bind
      // a relying party that passes assertions on are none of ours.
      const bool is_for_others = condition.is(kAssertionSpace, "OneTimeUse") ||
                                 condition.is(kAssertionSpace, "ProxyRestriction");
      if (condition.is(kAssertionSpace, "AudienceRestriction")) {
        std::vector<std::string>& audiences = out.audiences.emplace_back();
        for (const XmlNode* audience : condition.all(kAssertionSpace, "Audience")) {
          audiences.emplace_back(trimmed(audience->text, kWhiteSpace));
        }
      } else {
        expect(is_for_others);
      }
    }
  }

  void statements(const XmlNode& node, Assertion& out) {
    for (const XmlNode* statement : node.all(kAssertionSpace, "AuthnStatement")) {
      if (const auto end = time(*statement, "SessionNotOnOrAfter")) {
        out.session_not_on_or_after = std::min(out.session_not_on_or_after.value_or(*end), *end);
      }
    }
    for (const XmlNode* statement : node.all(kAssertionSpace, "AttributeStatement")) {
      for (const XmlNode* attribute : statement->all(kAssertionSpace, "Attribute")) {
        add_attribute(*attribute, out);
      }
    }
  }

 private:
  void expect(bool is_so) { is_good_ = is_good_ && is_so; }

  // The child of that name, if any; two are a defect.
  const XmlNode* only(const XmlNode& parent, std::string_view name) {
    const auto found = parent.all(kAssertionSpace, name);
    expect(found.size() <= 1);
    return found.empty() ? nullptr : found.front();
  }

  std::optional<Instant> time(const XmlNode& node, std::string_view name) {
    const auto text = node.attribute(name);
    const auto read = text ? codec::parse_iso8601(trimmed(*text, kWhiteSpace)) : std::nullopt;
    expect(!text || read);
    return read;
  }

  Confirmation confirmation(const XmlNode& node) {
    Confirmation out;
    out.method = node.attribute("Method").value_or("");
    if (const XmlNode* data = only(node, "SubjectConfirmationData")) {
      out.recipient = data->attribute("Recipient").value_or("");
      out.in_response_to = data->attribute("InResponseTo").value_or("");
      out.not_before = time(*data, "NotBefore");
      out.not_on_or_after = time(*data, "NotOnOrAfter");
    }
    return out;
  }

  // An attribute that is said twice is one with all the values.
  void add_attribute(const XmlNode& node, Assertion& out) {
    const std::string_view name = node.attribute("Name").value_or("");
    expect(!name.empty());
    auto known = std::ranges::find(out.attributes, name, &Attribute::name);
    if (known == out.attributes.end()) {
      out.attributes.push_back({.name = std::string(name), .values = {}});
      known = std::prev(out.attributes.end());
    }
    for (const XmlNode* value : node.all(kAssertionSpace, "AttributeValue")) {
      known->values.emplace_back(trimmed(full_text(*value), kWhiteSpace));
    }
  }

  bool is_good_ = true;
};

}  // namespace

std::optional<Assertion> assertion_of(const XmlNode& element) {
  Assertion assertion;
  Reader reader;
  reader.head(element, assertion);
  reader.subject(element, assertion);
  reader.conditions(element, assertion);
  reader.statements(element, assertion);
  return reader.is_good() ? std::optional(std::move(assertion)) : std::nullopt;
}

}  // namespace signet::saml
