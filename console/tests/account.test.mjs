// What is set for the whole account, who is signed in to it, and whose identities it trusts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  AttachUserPolicyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  GetAccountPasswordPolicyCommand,
  GetOpenIDConnectProviderCommand,
  GetRoleCommand,
  GetSAMLProviderCommand,
  ListAccountAliasesCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetBucketPolicyCommand } from "@aws-sdk/client-s3";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, PASSWORD, policy, startServer } from "./server.mjs";

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  await server.iam.send(new CreateUserCommand({ UserName: "selma" }));
  await server.iam.send(new CreateLoginProfileCommand({ UserName: "selma", Password: PASSWORD }));
  await server.iam.send(new AttachUserPolicyCommand({ UserName: "selma", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const within = (person) => person.page.getByRole("dialog").last();

test("an administrator sees the sessions of others and ends one; its page ends with it", async () => {
  const selma = await Person.signedIn(browser, server.url, "selma");
  await admin.open("#/sessions");
  assert.ok(!(await admin.text()).includes("selma"), "one's own are one's own");
  await admin.page.getByRole("button", { name: "Of the whole account" }).click();
  await admin.settled();
  const row = admin.page.getByRole("row", { name: /selma/ });
  await row.getByRole("radio").check({ force: true });
  await admin.button("Details").click();
  await within(admin).getByText(/Mozilla/).waitFor();
  await admin.shoot("flow-session-details");
  await admin.allIsWell("details of a session");
  await within(admin).getByRole("button", { name: "Close" }).click();
  await admin.button("Revoke").click();
  await within(admin).getByRole("button", { name: "Revoke", exact: true }).click();
  await admin.page.getByText("Sessions revoked: 1").waitFor();
  await admin.settled();
  assert.match(await row.innerText(), /Revoked/);
  await admin.shoot("flow-sessions");

  await selma.page.evaluate(() => (location.hash = "#/users"));
  await selma.page.getByRole("heading", { name: "Your session has ended" }).waitFor();
  await selma.leave();
});

test("who revokes all of one's own is signed out", async () => {
  const selma = await Person.signedIn(browser, server.url, "selma");
  await selma.open("#/security");
  await selma.button("Revoke all of these").click();
  await within(selma).getByRole("button", { name: "Revoke", exact: true }).click();
  await selma.page.getByRole("heading", { name: "Your session has ended" }).waitFor();
  await selma.leave();
});

test("a bucket policy is checked while it is written, refused with the reason, saved and deleted", async () => {
  await server.s3.send(new CreateBucketCommand({ Bucket: "site" }));
  await admin.open("#/buckets/site");
  await admin.page.getByRole("link", { name: "Bucket policy" }).click();
  await admin.settled();
  const editor = admin.page.getByRole("textbox", { name: "Bucket policy" });
  const findings = admin.page.getByTestId("findings");
  const open = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::site/*" };
  await editor.fill(JSON.stringify({ ...JSON.parse(policy({ ...open, Action: "s3:GetObjekt" })) }, null, 2));
  await findings.getByText(/GetObjekt/).first().waitFor();
  assert.match(await findings.innerText(), /Line \d+, column \d+/);
  await admin.shoot("flow-bucket-policy-findings");
  await admin.allIsWell("findings");
  await editor.fill(policy({ ...open, Resource: "arn:aws:s3:::another/*" }));
  await admin.button("Save").click();
  await admin.page.getByTestId("problem").waitFor();
  await editor.fill(policy({ ...open, Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/selma` } }));
  await admin.button("Save").click();
  await admin.page.getByText("Bucket policy was saved.").waitFor();
  const { Policy } = await server.s3.send(new GetBucketPolicyCommand({ Bucket: "site" }));
  assert.match(Policy, /user\/selma/);
  await admin.settled();
  await admin.button("Delete").click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await admin.page.getByText("Bucket policy was deleted.").waitFor();
  await assert.rejects(server.s3.send(new GetBucketPolicyCommand({ Bucket: "site" })), { name: "NoSuchBucketPolicy" });
  await admin.allIsWell("a bucket policy");
});

test("alias and password policy are set, and taken away again", async () => {
  await admin.open("#/settings");
  await admin.page.getByLabel("Account alias", { exact: true }).fill("Not An Alias");
  await admin.button("Save").first().click();
  await admin.page.getByTestId("problem").waitFor();
  await admin.page.getByLabel("Account alias", { exact: true }).fill("new-name");
  await admin.button("Save").first().click();
  await admin.page.getByText("Account alias was saved.").waitFor();
  assert.deepEqual((await server.iam.send(new ListAccountAliasesCommand({}))).AccountAliases, ["new-name"]);

  await admin.page.getByLabel("Shortest length").fill("14");
  await admin.page.getByLabel("Symbols").check({ force: true });
  await admin.button("Save").nth(1).click();
  await admin.page.getByText("Password policy was saved.").waitFor();
  const { PasswordPolicy } = await server.iam.send(new GetAccountPasswordPolicyCommand({}));
  assert.equal(PasswordPolicy.MinimumPasswordLength, 14);
  assert.equal(PasswordPolicy.RequireSymbols, true);
  assert.equal(PasswordPolicy.MaxPasswordAge, undefined);
  await admin.settled();
  await admin.shoot("flow-settings");
  await admin.button("Delete").nth(1).click();
  await admin.page.getByText("The account has no rules of its own").waitFor();
  await assert.rejects(server.iam.send(new GetAccountPasswordPolicyCommand({})), { name: "NoSuchEntityException" });
  await admin.allIsWell("settings");
});

test("tokens for other services are switched on and off", async () => {
  await admin.open("#/settings");
  const box = admin.page.locator("main").getByText("Outbound web identity federation").locator("xpath=ancestor::*[contains(@class,'awsui_root')][1]");
  await box.waitFor();
  await admin.button("Activate").click();
  await admin.page.getByText(/^https?:\/\/.*\/oidc|https?:\/\/[^ ]+/).first().waitFor();
  await admin.button("Deactivate").waitFor();
  await admin.button("Deactivate").click();
  await admin.button("Activate").waitFor();
  await admin.allIsWell("outbound federation");
});

test("the wizard adds an OpenID Connect provider and goes on to a role that trusts it", async () => {
  await admin.open("#/providers");
  await admin.button("Add OpenID Connect provider").click();
  await admin.page.getByLabel("Issuer URL").fill("http://idp.example.com");
  await admin.button("Next").click();
  await admin.page.getByText("An issuer begins with https://", { exact: true }).waitFor();
  await admin.page.getByLabel("Issuer URL").fill("https://idp.example.com");
  await admin.button("Next").click();
  await admin.page.locator("textarea").first().fill("web-app\nmobile-app");
  await admin.button("Next").click();
  await admin.shoot("flow-oidc-review");
  await admin.allIsWell("the last step of the provider's wizard");
  await admin.button("Add OpenID Connect provider").click();
  await admin.page.getByText("Who may assume the role?").waitFor();
  assert.match(await admin.text(), /idp\.example\.com:aud[^]*web-app/);
  const OpenIDConnectProviderArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/idp.example.com`;
  const made = await server.iam.send(new GetOpenIDConnectProviderCommand({ OpenIDConnectProviderArn }));
  assert.deepEqual(made.ClientIDList.sort(), ["mobile-app", "web-app"]);
});

// Metadata of an identity provider with a certificate that openssl made.
function metadata(folder, days) {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", String(days), "-subj", "/CN=idp", "-keyout", key, "-out", certificate], {
    stdio: "ignore",
  });
  const body = readFileSync(certificate, "utf8").replace(/-----[^-]+-----|\s/g, "");
  return `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
 <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
  <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
   <ds:X509Certificate>${body}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
 </md:IDPSSODescriptor>
</md:EntityDescriptor>`;
}

test("a SAML provider comes from a file, and tells when its certificate ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "signet-saml-"));
  await admin.open("#/providers");
  await admin.button("Add SAML provider").click();
  await within(admin).getByLabel("Name", { exact: true }).fill("corp");
  await within(admin).locator("textarea").fill("<no-metadata/>");
  await within(admin).getByRole("button", { name: "Add", exact: true }).click();
  await within(admin).getByTestId("problem").waitFor();
  await within(admin).locator("input[type=file]").setInputFiles({ name: "idp.xml", mimeType: "text/xml", buffer: Buffer.from(metadata(folder, 10)) });
  await admin.page.waitForFunction(() => document.querySelector("[role=dialog] textarea").value.includes("EntityDescriptor"));
  await within(admin).getByRole("button", { name: "Add", exact: true }).click();
  await admin.page.getByText("corp was created.").waitFor();
  await admin.settled();
  const end = new Date(Date.now() + 10 * 86_400_000);
  const told = new Intl.DateTimeFormat("en", { dateStyle: "medium" }).format(end);
  assert.ok((await admin.page.getByRole("row", { name: /saml-provider\/corp/ }).innerText()).includes(told), `${told} in\n${await admin.text()}`);
  await admin.shoot("flow-saml");
  await admin.allIsWell("a SAML provider");
  const SAMLProviderArn = `arn:aws:iam::${ACCOUNT}:saml-provider/corp`;
  assert.match((await server.iam.send(new GetSAMLProviderCommand({ SAMLProviderArn }))).SAMLMetadataDocument, /idp\.example\.com\/sso/);
  await admin.page.getByRole("button", { name: "Replace: corp" }).click();
  await within(admin).locator("textarea").fill(metadata(folder, 400));
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("corp was saved.").waitFor();
});
