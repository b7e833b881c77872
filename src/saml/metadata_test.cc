#include "saml/metadata.h"

#include <gtest/gtest.h>

#include "saml/documents_for_test.h"

namespace signet::saml {
namespace {

std::string outcome(const std::string& document) {
  const auto read = read_metadata(document);
  return read ? "ok" : std::string(describe(read.error()));
}

const std::string kNotXml(describe(MetadataFault::NotXml));

TEST(Metadata, NamesTheIssuerAndTheKeysItSignsWith) {
  const auto read = read_metadata(
      entity(kEntityId,
             key_descriptor(kIdpCertificate) + key_descriptor(kOtherCertificate, "") +
                 key_descriptor(kServiceCertificate, R"( use="encryption")") +
                 key_descriptor(kIdpCertificate) + key_descriptor(kEllipticCertificate)));

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->issuers,
            (std::vector<Issuer>{{.entity_id = std::string(kEntityId),
                                  .certificates = {der_of(kIdpCertificate),
                                                   der_of(kOtherCertificate),
                                                   der_of(kEllipticCertificate)}}}));
  EXPECT_FALSE(read->valid_until.has_value());
}

TEST(Metadata, MayBeOfSeveralIdentityProviders) {
  const std::string document =
      R"(<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" )"
      R"(validUntil="2027-01-02T00:00:00Z">)" +
      entity("a", key_descriptor(kIdpCertificate), R"( validUntil="2027-01-01T00:00:00Z")") +
      R"(<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="sp">)"
      R"(<md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>)"
      R"(</md:EntityDescriptor>)" +
      entity("b", key_descriptor(kOtherCertificate)) + "</EntitiesDescriptor>";

  const auto read = read_metadata(document);

  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->issuers.size(), 2U);
  EXPECT_EQ(read->issuers[1].entity_id, "b");
  EXPECT_EQ(read->valid_until, Instant::from_seconds(1'798'761'600)) << "the earliest";
}

TEST(Metadata, PrefixesCommentsAndCdataMeanNothing) {
  std::string document = metadata();
  const auto swap = [&document](std::string_view from, std::string_view to) {
    for (std::size_t at = document.find(from); at != std::string::npos;
         at = document.find(from, at + to.size())) {
      document.replace(at, from.size(), to);
    }
  };
  swap("md:", "x:");
  swap("xmlns:md", "xmlns:x");
  swap("<ds:X509Certificate>\n", "<ds:X509Certificate><!-- a --><![CDATA[");
  swap("\n</ds:X509Certificate>", "]]></ds:X509Certificate>");
  document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- made --> " + document;

  EXPECT_EQ(outcome(document), "ok");
}

TEST(Metadata, IsNothingThatExpandsFetchesOrInstructs) {
  const std::string plain = metadata();
  EXPECT_EQ(outcome("<!DOCTYPE x>" + plain), kNotXml);
  EXPECT_EQ(outcome("<!DOCTYPE x [<!ENTITY a \"b\">]>" + plain), kNotXml);
  EXPECT_EQ(outcome("<!DOCTYPE x SYSTEM \"file:///etc/passwd\">" + plain), kNotXml);
  EXPECT_EQ(outcome("<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
                    "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]><x y=\"&c;\"/>"),
            kNotXml);
  EXPECT_EQ(outcome("<?xml-stylesheet href=\"http://example.com/\"?>" + plain), kNotXml);
  EXPECT_EQ(outcome("<x>&undeclared;</x>"), kNotXml);
}

TEST(Metadata, IsWellFormedUtf8WithinBounds) {
  const std::string plain = metadata();
  EXPECT_EQ(outcome(""), kNotXml);
  EXPECT_EQ(outcome(plain.substr(0, plain.size() - 1)), kNotXml);
  EXPECT_EQ(outcome(plain + "<x/>"), kNotXml);
  EXPECT_EQ(outcome("<x>\xff</x>"), kNotXml);
  EXPECT_EQ(outcome("<y:x/>"), kNotXml) << "an undeclared prefix";
  std::string deep;
  for (int i = 0; i < 60; ++i) {
    deep += "<x>";
  }
  for (int i = 0; i < 60; ++i) {
    deep += "</x>";
  }
  EXPECT_EQ(outcome(deep), kNotXml);
  EXPECT_EQ(outcome(R"(<x ID="a"><y ID="a"/></x>)"), kNotXml);
}

TEST(Metadata, SaysWhatIsMissing) {
  const auto say = [](MetadataFault fault) {
    return std::string(describe(fault));
  };
  EXPECT_EQ(outcome("<x/>"), say(MetadataFault::NotMetadata));
  EXPECT_EQ(outcome(R"(<EntityDescriptor entityID="a"/>)"), say(MetadataFault::NotMetadata))
      << "of no namespace";
  EXPECT_EQ(outcome(R"(<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>)"),
            say(MetadataFault::NoIssuer));
  std::string old = metadata();
  old.replace(old.find("SAML:2.0:protocol"), 17, "SAML:1.1:protocol");
  EXPECT_EQ(outcome(old), say(MetadataFault::NoIssuer));
  EXPECT_EQ(outcome(entity(kEntityId, "")), say(MetadataFault::NoKey));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor(kIdpCertificate, R"( use="encryption")"))),
            say(MetadataFault::NoKey));
  EXPECT_EQ(outcome(entity("", key_descriptor(kIdpCertificate))), say(MetadataFault::NoEntityId));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor("AAAA"))), say(MetadataFault::BadCertificate));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor("not base64"))),
            say(MetadataFault::BadCertificate));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor(kEdwardsCertificate))),
            say(MetadataFault::BadCertificate));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor(kShortCertificate))),
            say(MetadataFault::ShortKey));
  EXPECT_EQ(outcome(entity(kEntityId, key_descriptor(kIdpCertificate), R"( validUntil="soon")")),
            say(MetadataFault::BadTime));
  EXPECT_EQ(outcome(R"(<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">)" +
                    metadata() + metadata() + "</EntitiesDescriptor>"),
            say(MetadataFault::SameEntityId));
}

}  // namespace
}  // namespace signet::saml
