#include "saml/response.h"

#include <gtest/gtest.h>

#include "saml/documents_for_test.h"
#include "saml/signing_for_test.h"

namespace signet::saml {
namespace {

class Responses : public testing::Test {
 protected:
  std::expected<Assertion, ResponseError> read(const std::string& document) const {
    return read_response(
        document,
        {.issuers = issuers_, .private_keys = keys_, .must_be_encrypted = must_be_encrypted_});
  }

  [[nodiscard]] std::string outcome(const std::string& document) const {
    const auto answer = read(document);
    if (answer) {
      return answer->name_id;
    }
    switch (answer.error().fault) {
      case ResponseFault::Malformed:
        return "malformed";
      case ResponseFault::Rejected:
        return "rejected " + answer.error().detail;
      case ResponseFault::UnknownIssuer:
        return "unknown issuer";
      case ResponseFault::WrongSignature:
        return "wrong signature";
      case ResponseFault::NotEncrypted:
        return "not encrypted";
      case ResponseFault::Undecryptable:
        break;
    }
    return "undecryptable";
  }

  static std::string signed_assertion(const ResponseText& text = {},
                                      std::string_view key = kIdpKey) {
    return sign(response_around(assertion(text), text), {.key = key});
  }

  static std::string signed_response(const ResponseText& text = {}) {
    return sign(response_around(assertion(text), text), {.key = kIdpKey, .id = "_response"});
  }

  // An assertion, signed by itself, as a document.
  static std::string lone_assertion(const ResponseText& text = {}) {
    std::string document = sign(assertion(text), {.key = kIdpKey});
    return document.substr(document.find("<saml:Assertion"));
  }

  static std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }

  std::vector<Issuer> issuers_ = {
      {.entity_id = std::string(kEntityId),
       .certificates = {der_of(kEllipticCertificate), der_of(kIdpCertificate)}}};
  Secret key_ = Secret(std::string(kServiceKey));
  std::vector<const Secret*> keys_ = {&key_};
  bool must_be_encrypted_ = false;
};

TEST_F(Responses, SayWhatTheAssertionSays) {
  const auto read_one = read(signed_assertion());

  ASSERT_TRUE(read_one.has_value()) << read_one.error().detail;
  const ResponseText text;
  EXPECT_EQ(read_one->id, "_assertion");
  EXPECT_EQ(read_one->issuer, kEntityId);
  EXPECT_EQ(read_one->issued, text.now);
  EXPECT_EQ(read_one->name_id, "alice");
  EXPECT_EQ(read_one->name_id_format, "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
  ASSERT_EQ(read_one->confirmations.size(), 1U);
  EXPECT_EQ(read_one->confirmations[0].method, "urn:oasis:names:tc:SAML:2.0:cm:bearer");
  EXPECT_EQ(read_one->confirmations[0].recipient, "https://signin.aws.amazon.com/saml");
  EXPECT_EQ(read_one->confirmations[0].not_on_or_after, text.now.plus_seconds(300));
  EXPECT_EQ(read_one->not_before, text.now);
  EXPECT_EQ(read_one->not_on_or_after, text.now.plus_seconds(300));
  EXPECT_EQ(read_one->session_not_on_or_after, text.now.plus_seconds(7200));
  EXPECT_EQ(read_one->audiences, std::vector<std::vector<std::string>>{{"urn:amazon:webservices"}});
  ASSERT_EQ(read_one->attributes.size(), 1U);
  EXPECT_EQ(read_one->attributes[0].name, "team");
  EXPECT_EQ(read_one->attributes[0].values, (std::vector<std::string>{"red", "blue"}));
  EXPECT_EQ(read_one->certificate, der_of(kIdpCertificate));
  EXPECT_EQ(read_one->destination, "https://signin.aws.amazon.com/saml");
  EXPECT_FALSE(read_one->was_encrypted);
}

TEST_F(Responses, MayBeSignedAroundTheAssertionOrTwice) {
  EXPECT_EQ(outcome(signed_response()), "alice");
  EXPECT_EQ(outcome(sign(signed_assertion(), {.key = kIdpKey, .id = "_response"})), "alice");
}

TEST_F(Responses, MayBeSignedWithAnyOfTheKeysAndInAnyGoodWay) {
  const std::string plain = response_around(assertion({}));
  EXPECT_EQ(outcome(sign(plain,
                         {.key = kEllipticKey,
                          .method = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"})),
            "alice");
  EXPECT_EQ(outcome(sign(plain,
                         {.key = kIdpKey,
                          .method = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
                          .digest = "http://www.w3.org/2001/04/xmlenc#sha512"})),
            "alice");
  EXPECT_EQ(outcome(sign(plain,
                         {.key = kIdpKey,
                          .canonicalization = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"})),
            "alice");
}

TEST_F(Responses, AreSignedWithSha2Alone) {
  const std::string plain = response_around(assertion({}));
  EXPECT_EQ(outcome(sign(plain,
                         {.key = kIdpKey, .method = "http://www.w3.org/2000/09/xmldsig#rsa-sha1"})),
            "wrong signature");
  EXPECT_EQ(
      outcome(sign(plain, {.key = kIdpKey, .digest = "http://www.w3.org/2000/09/xmldsig#sha1"})),
      "wrong signature");
}

TEST_F(Responses, WithoutASignatureOrWithAStrangersAreRefused) {
  EXPECT_EQ(outcome(response_around(assertion({}))), "wrong signature");
  EXPECT_EQ(outcome(signed_assertion({}, kOtherKey)), "wrong signature");
  EXPECT_EQ(outcome(replaced(signed_assertion(), ">alice<", ">mallory<")), "wrong signature");
  EXPECT_EQ(outcome(replaced(signed_response(), ">alice<", ">mallory<")), "wrong signature");
  // One good signature does not excuse a wrong one.
  const std::string twice =
      sign(signed_assertion({}, kOtherKey), {.key = kIdpKey, .id = "_response"});
  EXPECT_EQ(outcome(twice), "wrong signature");
}

TEST_F(Responses, KeysThatASignatureBringsAlongCountForNothing) {
  const std::string mine = replaced(
      signed_assertion({}, kOtherKey),
      "</ds:SignatureValue>",
      "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>" +
          std::string(kOtherCertificate) + "</ds:X509Certificate></ds:X509Data></ds:KeyInfo>");
  EXPECT_EQ(outcome(mine), "wrong signature");
}

TEST_F(Responses, CannotBeWrappedAroundWhatWasSigned) {
  const std::string good = lone_assertion();
  const std::string evil =
      replaced(replaced(assertion({}), ">alice<", ">mallory<"), "\"_assertion\"", "\"_evil\"");
  // Beside it, before and behind.
  EXPECT_EQ(outcome(response_around(evil + good)), "malformed");
  EXPECT_EQ(outcome(response_around(good + evil)), "malformed");
  // The signed one hidden in the other: in its subject, in an Object of its signature, in an
  // extension of the response.
  const std::size_t from = good.find("<ds:Signature");
  const std::size_t to = good.find("</ds:Signature>") + 15;
  const std::string signature = good.substr(from, to - from);
  EXPECT_EQ(
      outcome(response_around(replaced(evil, "<saml:Subject>", signature + "<saml:Subject>"))),
      "wrong signature")
      << "a signature of another element";
  EXPECT_EQ(
      outcome(response_around(replaced(
          evil,
          "<saml:Subject>",
          replaced(
              signature, "</ds:Signature>", "<ds:Object>" + good + "</ds:Object></ds:Signature>") +
              "<saml:Subject>"))),
      "wrong signature");
  EXPECT_EQ(outcome(replaced(response_around(evil),
                             "<samlp:Status>",
                             "<samlp:Extensions>" + good + "</samlp:Extensions><samlp:Status>")),
            "wrong signature");
  // The same ID twice.
  EXPECT_EQ(outcome(replaced(response_around(replaced(evil, "\"_evil\"", "\"_assertion\"")),
                             "<samlp:Status>",
                             "<samlp:Extensions>" + good + "</samlp:Extensions><samlp:Status>")),
            "malformed");
  // A reference to everything, or to something else.
  for (const std::string_view uri : {"", "#_response", "#xpointer(/)", "#nobody"}) {
    EXPECT_EQ(outcome(replaced(signed_assertion(), "#_assertion", uri)), "wrong signature") << uri;
  }
}

TEST_F(Responses, TransformsThatChooseWhatIsSignedAreRefused) {
  constexpr std::string_view kXpath =
      R"(<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>)"
      R"(not(ancestor-or-self::*[local-name()='NameID'])</ds:XPath></ds:Transform>)";
  EXPECT_EQ(
      outcome(sign(response_around(assertion({})), {.key = kIdpKey, .more_transforms = kXpath})),
      "wrong signature");
}

TEST_F(Responses, CommentsDoNotCutValues) {
  ResponseText text;
  text.name_id = "<saml:NameID>alice@example.com.evil.example</saml:NameID>";
  const std::string document =
      replaced(signed_assertion(text), ".com.evil", ".com<!-- cut here -->.evil");
  EXPECT_EQ(outcome(document), "alice@example.com.evil.example") << "canonical form has none";
}

TEST_F(Responses, NameAnIssuerOfTheProvider) {
  ResponseText text;
  text.issuer = "https://elsewhere.example.com";
  EXPECT_EQ(outcome(signed_assertion(text)), "unknown issuer");
  EXPECT_EQ(outcome(signed_response(text)), "unknown issuer");
  EXPECT_EQ(
      outcome(replaced(
          signed_assertion(), "https://idp.example.com/saml", "https://elsewhere.example.com")),
      "unknown issuer")
      << "of the response alone";
  // Each issuer speaks with keys of its own.
  issuers_.push_back(
      {.entity_id = "https://second.example.com", .certificates = {der_of(kOtherCertificate)}});
  text.issuer = "https://second.example.com";
  EXPECT_EQ(outcome(signed_assertion(text)), "wrong signature");
  EXPECT_EQ(outcome(signed_assertion(text, kOtherKey)), "alice");
}

TEST_F(Responses, OfNoSuccessSayWhatTheProviderSays) {
  ResponseText text;
  text.status =
      R"(<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder"><samlp:StatusCode )"
      R"(Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode>)"
      R"(<samlp:StatusMessage>go away</samlp:StatusMessage>)";
  EXPECT_EQ(outcome(signed_assertion(text)),
            "rejected urn:oasis:names:tc:SAML:2.0:status:AuthnFailed: go away");
  text.status = "";
  EXPECT_EQ(outcome(signed_assertion(text)), "rejected no status");
}

TEST_F(Responses, MayHoldAnEncryptedAssertion) {
  const std::string good = lone_assertion();
  for (const std::string_view cipher : {"http://www.w3.org/2009/xmlenc11#aes128-gcm",
                                        "http://www.w3.org/2009/xmlenc11#aes256-gcm",
                                        "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
                                        "http://www.w3.org/2001/04/xmlenc#aes256-cbc"}) {
    const auto answer =
        read(response_around(encrypt(good, {.certificate = kServiceCertificate, .data = cipher})));
    ASSERT_TRUE(answer.has_value()) << cipher;
    EXPECT_EQ(answer->name_id, "alice");
    EXPECT_TRUE(answer->was_encrypted);
  }
  const std::string around =
      sign(response_around(encrypt(assertion({}), {.certificate = kServiceCertificate})),
           {.key = kIdpKey, .id = "_response"});
  EXPECT_EQ(outcome(around), "alice") << "signed around what is encrypted";
}

TEST_F(Responses, WhatCannotBeDecryptedIsNotTold) {
  const auto sealed = [](std::string_view inside, const Encrypting& how) {
    return response_around(encrypt(inside, how));
  };
  const std::string good = lone_assertion();
  EXPECT_EQ(outcome(sealed(good, {.certificate = kOtherCertificate})), "undecryptable");
  EXPECT_EQ(outcome(sealed(good,
                           {.certificate = kServiceCertificate,
                            .transport = "http://www.w3.org/2001/04/xmlenc#rsa-1_5"})),
            "undecryptable");
  EXPECT_EQ(outcome(sealed("<x/>", {.certificate = kServiceCertificate})), "undecryptable");
  EXPECT_EQ(outcome(sealed(assertion({}), {.certificate = kServiceCertificate})), "undecryptable")
      << "anybody can encrypt: a signature is needed";
  EXPECT_EQ(
      outcome(sealed(replaced(good, ">alice<", ">mallory<"), {.certificate = kServiceCertificate})),
      "undecryptable");
  keys_.clear();
  EXPECT_EQ(outcome(sealed(good, {.certificate = kServiceCertificate})), "undecryptable");
}

TEST_F(Responses, MustBeEncryptedWhereThatIsDemanded) {
  must_be_encrypted_ = true;
  EXPECT_EQ(outcome(signed_assertion()), "not encrypted");
  EXPECT_EQ(outcome(signed_response()), "not encrypted");
  EXPECT_EQ(
      outcome(response_around(encrypt(lone_assertion(), {.certificate = kServiceCertificate}))),
      "alice");
}

TEST_F(Responses, ThatAreNoneAreMalformed) {
  EXPECT_EQ(outcome(""), "malformed");
  EXPECT_EQ(outcome("<x/>"), "malformed");
  EXPECT_EQ(outcome(lone_assertion()), "malformed") << "an assertion alone";
  EXPECT_EQ(outcome(response_around("")), "malformed");
  EXPECT_EQ(outcome("<!DOCTYPE x [<!ENTITY a \"alice\">]>" + response_around(assertion({}))),
            "malformed");
  EXPECT_EQ(
      outcome(replaced(response_around(assertion({})), R"(Version="2.0")", R"(Version="1.1")")),
      "malformed");
  EXPECT_EQ(outcome(std::string(200'000, ' ')), "malformed");
  ResponseText text;
  text.conditions = "<saml:Condition/>";
  EXPECT_EQ(outcome(signed_assertion(text)), "malformed") << "a condition nobody understands";
  text = {};
  text.attributes = "<saml:Attribute/>";
  EXPECT_EQ(outcome(signed_assertion(text)), "malformed");
}

}  // namespace
}  // namespace signet::saml
