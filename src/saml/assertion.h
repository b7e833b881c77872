#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"

namespace signet::saml {

struct Attribute {
  std::string name;
  std::vector<std::string> values;
};

// A SubjectConfirmation with its data (SAML core 2.4.1.1, 2.4.1.2).
struct Confirmation {
  std::string method;
  std::string recipient;       // empty: none is said
  std::string in_response_to;  // likewise
  std::optional<Instant> not_before;
  std::optional<Instant> not_on_or_after;
};

// What an identity provider says of somebody, as plain data: of what it signed, and of nothing
// else. Times, recipients and audiences are as they were written: whoever reads this judges them.
struct Assertion {
  std::string id;
  std::string issuer;
  Instant issued;
  std::string name_id;         // empty: the subject has no NameID
  std::string name_id_format;  // a URI; empty: none is said
  std::vector<Confirmation> confirmations;
  std::optional<Instant> not_before;       // of Conditions
  std::optional<Instant> not_on_or_after;  // likewise
  // Each AudienceRestriction must be met, by one of its audiences.
  std::vector<std::vector<std::string>> audiences;
  std::optional<Instant> session_not_on_or_after;  // the earliest of its statements
  std::vector<Attribute> attributes;
  std::string certificate;  // DER: its key signed
  bool was_encrypted = false;
  // Of the response around it.
  std::string destination;     // empty: none is said
  std::string in_response_to;  // likewise
};

}  // namespace signet::saml
