#include "rolesanywhere/mapping.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "facts/quotas.h"

namespace signet::rolesanywhere {
namespace {

using identity::CertificateField;
using model::Tag;

crypto::EndEntity certificate() {
  crypto::EndEntity made;
  made.subject_parts = {{"C", "DE"}, {"OU", "a"}, {"OU", "b"}, {"CN", "machine"}, {"2.5.4.5", "7"}};
  made.issuer_parts = {{"CN", "authority"}};
  made.dns_names = {"one.example", "two.example"};
  made.uris = {"spiffe://example/x"};
  made.directory_name = {{"CN", "directory"}, {"O", "example"}};
  return made;
}

std::vector<Tag> tags(std::vector<identity::AttributeMapping> mappings) {
  return *tags_of(mappings, certificate());
}

TEST(Mapping, DefaultTakesAllKnownNames) {
  EXPECT_EQ(tags(default_mappings()),
            (std::vector<Tag>{{"x509Issuer/CN", "authority"},
                              {"x509SAN/DNS", "one.example"},
                              {"x509SAN/URI", "spiffe://example/x"},
                              {"x509SAN/Name/CN", "directory"},
                              {"x509SAN/Name/O", "example"},
                              {"x509Subject/C", "DE"},
                              {"x509Subject/OU", "a/b"},
                              {"x509Subject/CN", "machine"}}));
}

TEST(Mapping, TakesWhatItNames) {
  EXPECT_EQ(tags({{.field = CertificateField::Subject, .specifiers = {"CN", "2.5.4.5", "STREET"}}}),
            (std::vector<Tag>{{"x509Subject/CN", "machine"}, {"x509Subject/2.5.4.5", "7"}}));
  EXPECT_EQ(tags({{.field = CertificateField::AlternativeName, .specifiers = {"Name/O"}}}),
            (std::vector<Tag>{{"x509SAN/Name/O", "example"}}));
  EXPECT_TRUE(tags({}).empty());
}

TEST(Mapping, RefusesValuesThatNoTagHas) {
  crypto::EndEntity odd = certificate();
  for (const std::string& value : {std::string("a & b"), std::string("*"), std::string(257, 'a')}) {
    odd.subject_parts = {{"O", value}};
    EXPECT_FALSE(tags_of(default_mappings(), odd)) << value;
  }
}

TEST(Mapping, KnowsTheSpecifiersOfEachField) {
  for (const char* known : {"*", "CN", "UID", "2.5.4.5"}) {
    EXPECT_TRUE(check_specifier(CertificateField::Subject, known)) << known;
  }
  for (const char* unknown : {"", "cn", "DNS", "Name/CN", "2.", ".2", "2..5", "25"}) {
    EXPECT_FALSE(check_specifier(CertificateField::Issuer, unknown)) << unknown;
  }
  for (const char* known : {"*", "DNS", "URI", "Name/*", "Name/CN"}) {
    EXPECT_TRUE(check_specifier(CertificateField::AlternativeName, known)) << known;
  }
  for (const char* unknown : {"CN", "Name/", "Name", "IP"}) {
    EXPECT_FALSE(check_specifier(CertificateField::AlternativeName, unknown)) << unknown;
  }
}

TEST(SourceIdentity, IsTheCommonNames) {
  crypto::EndEntity made = certificate();
  EXPECT_EQ(*source_identity_of(made), "CN=machine");
  made.subject_parts.push_back({"CN", "second"});
  EXPECT_EQ(*source_identity_of(made), "CN=machine,CN=second");
  made.subject_parts = {{"O", "none"}};
  EXPECT_EQ(*source_identity_of(made), "");
}

TEST(SourceIdentity, HasNoOtherCharacters) {
  crypto::EndEntity made = certificate();
  for (const std::string& name : {std::string("two words"),
                                  std::string("a/b"),
                                  std::string(facts::kSourceIdentityMax, 'a')}) {
    made.subject_parts = {{"CN", name}};
    EXPECT_FALSE(source_identity_of(made)) << name;
  }
}

}  // namespace
}  // namespace signet::rolesanywhere
