// A SAML identity provider, made by samlify: prints its metadata and responses that it signs. What it is asked for is JSON in
// SAML_REQUEST: key, certificate, encrypt_for (a certificate, or null), sign ("assertion" or "response"), and people: a list of
// {name_id, attributes: {name: [value]}}.
import samlify from "samlify";

const asked = JSON.parse(process.env.SAML_REQUEST);
const post = samlify.Constants.namespace.binding.post;
samlify.setSchemaValidator({ validate: () => Promise.resolve("not looked at") });

const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);

function attributes(values) {
  return Object.entries(values).map(([name, all]) =>
    `<saml:Attribute Name="${escape(name)}" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri">`
    + all.map((value) => `<saml:AttributeValue>${escape(value)}</saml:AttributeValue>`).join("") + "</saml:Attribute>").join("");
}

function identityProvider(person) {
  const statement = `<saml:AttributeStatement>${attributes(person.attributes)}</saml:AttributeStatement>`;
  return samlify.IdentityProvider({
    entityID: "https://idp.example.com/saml",
    privateKey: asked.key,
    signingCert: asked.certificate,
    requestSignatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    isAssertionEncrypted: asked.encrypt_for !== null,
    messageSigningOrder: "sign-then-encrypt",
    dataEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    keyEncryptionAlgorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    nameIDFormat: ["urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"],
    singleSignOnService: [{ Binding: post, Location: "https://idp.example.com/sso" }],
    loginResponseTemplate: {
      context: samlify.SamlLib.defaultLoginResponseTemplate.context.replace("{AttributeStatement}", statement),
      attributes: [],
    },
  });
}

const aws = samlify.ServiceProvider({
  entityID: "urn:amazon:webservices",
  wantAssertionsSigned: asked.sign === "assertion",
  wantMessageSigned: asked.sign === "response",
  encryptCert: asked.encrypt_for ?? undefined,
  assertionConsumerService: [{ Binding: post, Location: asked.recipient }],
});

function fill(person) {
  return (template) => {
    const now = new Date();
    const end = new Date(now.getTime() + 300_000).toISOString();
    const id = "_" + Math.random().toString(16).slice(2) + Math.random().toString(16).slice(2);
    const values = {
      ID: id, AssertionID: id + "a", Destination: asked.recipient, Audience: "urn:amazon:webservices",
      EntityID: "urn:amazon:webservices", SubjectRecipient: asked.recipient, Issuer: "https://idp.example.com/saml",
      IssueInstant: now.toISOString(), AssertionConsumerServiceURL: asked.recipient,
      StatusCode: "urn:oasis:names:tc:SAML:2.0:status:Success", ConditionsNotBefore: now.toISOString(),
      ConditionsNotOnOrAfter: end, SubjectConfirmationDataNotOnOrAfter: end,
      NameIDFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", NameID: person.name_id, InResponseTo: "_asked",
      AuthnStatement: `<saml:AuthnStatement AuthnInstant="${now.toISOString()}"/>`, AttributeStatement: "",
    };
    return { id, context: samlify.SamlLib.replaceTagsByValue(template, values) };
  };
}

const responses = [];
for (const person of asked.people) {
  const { context } = await identityProvider(person).createLoginResponse(
    aws, { extract: { request: { id: "_asked" } } }, "post", {}, fill(person));
  responses.push(context);
}
console.log(JSON.stringify({ metadata: identityProvider({ attributes: {} }).getMetadata(), responses }));
