// Passkeys as the second factor, with Chromium's virtual authenticator; and answers that an attacker would send, signed with its key.
import assert from "node:assert/strict";
import { createHash, createPrivateKey, sign } from "node:crypto";
import { after, before, test } from "node:test";
import { AttachUserPolicyCommand, CreateLoginProfileCommand, CreateUserCommand, ListMFADevicesCommand, ListVirtualMFADevicesCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, PASSWORD, startServer } from "./server.mjs";
import { code } from "./totp.mjs";

let server;
let browser;
let selma;
let authenticator;

// A browser with a security key in it that somebody always touches.
async function withAuthenticator(person) {
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "usb", hasResidentKey: false, hasUserVerification: false, automaticPresenceSimulation: true },
  });
  return {
    credential: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials[0],
  };
}

async function makeUser(name, ...policies) {
  const { iam } = server;
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new CreateLoginProfileCommand({ UserName: name, Password: PASSWORD }));
  for (const PolicyArn of policies) await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn }));
}

const base64url = (bytes) => Buffer.from(bytes).toString("base64url");
const within = (person) => person.page.getByRole("dialog").last();

async function fillIn(person, user) {
  await person.page.goto(`${server.url}/_console/signin?account=${ACCOUNT}`);
  await person.page.getByLabel("IAM user name", { exact: true }).fill(user);
  await person.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
}

before(async () => {
  server = await startServer({ root: { password: PASSWORD } });
  await makeUser("selma", "arn:aws:iam::aws:policy/AdministratorAccess");
  await makeUser("reader", "arn:aws:iam::aws:policy/ReadOnlyAccess");
  browser = await openBrowser();
  selma = await Person.arrive(browser, server.url);
  authenticator = await withAuthenticator(selma);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a passkey is registered in the console, and listed as AWS lists it", async () => {
  await selma.signIn("selma");
  await selma.open("#/security");
  await selma.button("Add passkey").click();
  await selma.shoot("flow-passkey");
  await selma.allIsWell("the dialog of a passkey");
  await within(selma).getByLabel("Device", { exact: true }).fill("yellow-key");
  await within(selma).getByRole("button", { name: "Next", exact: true }).click();
  await selma.page.getByText("The device is in use from now on.").waitFor();
  await selma.settled();
  assert.match(await selma.page.getByRole("row", { name: /yellow-key/ }).innerText(), /Passkey/);
  await selma.shoot("flow-passkey-listed");
  await selma.allIsWell("a passkey");
  const { MFADevices } = await server.iam.send(new ListMFADevicesCommand({ UserName: "selma" }));
  assert.equal(MFADevices.length, 1);
  assert.match(MFADevices[0].SerialNumber, new RegExp(`^arn:aws:iam::${ACCOUNT}:u2f/user/selma/yellow-key-[A-Z2-7]+$`));
  const virtual = await server.iam.send(new ListVirtualMFADevicesCommand({}));
  assert.deepEqual(virtual.VirtualMFADevices, [], "it is no virtual device");
});

test("the same authenticator is not registered twice", async () => {
  await selma.button("Add passkey").click();
  await within(selma).getByRole("button", { name: "Next", exact: true }).click();
  await within(selma).getByTestId("problem").waitFor();
  await within(selma).getByRole("button", { name: "Cancel", exact: true }).click();
  const { MFADevices } = await server.iam.send(new ListMFADevicesCommand({ UserName: "selma" }));
  assert.equal(MFADevices.length, 1);
});

test("it is asked for after the password, and the session has MFA then", async () => {
  await fillIn(selma, "selma");
  const button = selma.page.getByRole("button", { name: "Use a passkey" });
  await button.waitFor();
  assert.equal(await selma.page.getByLabel("Code of your authenticator").count(), 0, "there is no device with codes");
  await selma.shoot("passkey-sign-in");
  await selma.allIsWell("the page that asks for a passkey");
  await button.click();
  await selma.settled();
  await selma.open("#/home");
  assert.match(await selma.text(), /Given in this session/);
  await selma.allIsWell("a sign-in with a passkey");
});

test("the trail has the registration and the sign-in with the passkey's serial number", async () => {
  const { MFADevices } = await server.iam.send(new ListMFADevicesCommand({ UserName: "selma" }));
  const [{ SerialNumber }] = MFADevices;
  const enabled = server.records().filter(({ eventName, errorCode }) => eventName === "EnableMFADevice" && !errorCode);
  assert.equal(enabled.at(0).responseElements.serialNumber, SerialNumber);
  assert.equal(enabled.at(0).userIdentity.userName, "selma");
  const signedIn = server.records().filter(({ eventName }) => eventName === "ConsoleLogin").at(-1);
  assert.equal(signedIn.additionalEventData.MFAUsed, "Yes");
  assert.equal(signedIn.additionalEventData.MFAIdentifier, SerialNumber);
  assert.ok(server.records().some(({ eventName, additionalEventData }) => eventName === "CheckMfa" && additionalEventData.MfaType === "U2F MFA"));
});

test("a passkey is no code: STS refuses one for it", async () => {
  const { MFADevices } = await server.iam.send(new ListMFADevicesCommand({ UserName: "selma" }));
  const command = new AssumeRoleCommand({
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/none`, RoleSessionName: "session", SerialNumber: MFADevices[0].SerialNumber, TokenCode: "123456",
  });
  await assert.rejects(server.sts.send(command), { name: "AccessDenied" });
});

test("a challenge is good for the session that asked for it", async () => {
  const ask = (path, body) =>
    selma.page.evaluate(
      async ([path, body]) => {
        const headers = { "X-Signet-Console": "1", "Content-Type": "application/json" };
        const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
        return { status: answer.status, body: await answer.json() };
      },
      [path, body],
    );
  await fillIn(selma, "selma");
  await selma.page.getByRole("button", { name: "Use a passkey" }).click();
  await selma.settled();
  const { body: old } = await ask("/_console/api/passkeys/challenge", {});
  const registration = { name: "x", clientData: base64url("{}"), attestation: base64url("x") };
  const own = await ask("/_console/api/passkeys", { ...registration, challenge: old.challenge });
  assert.equal(own.status, 400);
  assert.match(own.body.message, /not accepted/);
  await fillIn(selma, "selma");
  await selma.page.getByRole("button", { name: "Use a passkey" }).click();
  await selma.settled();
  const other = await ask("/_console/api/passkeys", { ...registration, challenge: old.challenge });
  assert.equal(other.status, 400);
  assert.match(other.body.message, /begun by somebody else/);
  for (const name of ["", "a/b", "x".repeat(65)]) {
    assert.equal((await ask("/_console/api/passkeys", { ...registration, name, challenge: old.challenge })).status, 400, name);
  }
  selma.problems.length = 0; // refusals that this test provoked
});

// A browser without a browser: what it sends is in our hands.
class Impostor {
  cookies = new Map();

  async send(path, form) {
    const answer = await fetch(`${server.url}${path}`, {
      method: form ? "POST" : "GET",
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), origin: server.url },
      body: form && new URLSearchParams(form),
      redirect: "manual",
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      this.cookies.set(name, value);
    }
    return { status: answer.status, text: await answer.text() };
  }

  // After the right password: the step, whose text is the challenge.
  async begin(user) {
    const field = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page)[1];
    const form = (await this.send(`/_console/signin?account=${ACCOUNT}`)).text;
    const { text } = await this.send("/_console/signin", { step: field(form, "step"), account: ACCOUNT, user, password: PASSWORD });
    assert.match(text, /Use a passkey/);
    return field(text, "step");
  }
}

// What the authenticator would answer; `lie` is put in place of what is true.
function answer(credential, step, count, lie = {}) {
  const clientData = Buffer.from(
    JSON.stringify({ type: "webauthn.get", challenge: base64url(step), origin: server.url, crossOrigin: false, ...lie.clientData }),
  );
  const tail = Buffer.alloc(5);
  tail[0] = lie.flags ?? 1;
  tail.writeUInt32BE(count, 1);
  const authenticatorData = Buffer.concat([createHash("sha256").update(lie.rpId ?? "localhost").digest(), tail]);
  const key = createPrivateKey({ key: Buffer.from(credential.privateKey, "base64"), format: "der", type: "pkcs8" });
  const signed = Buffer.concat([authenticatorData, createHash("sha256").update(clientData).digest()]);
  const signature = sign("sha256", signed, key);
  if (lie.signature) signature[signature.length - 1] ^= 1;
  return {
    step: lie.step ?? step,
    credential: lie.credential ?? base64url(Buffer.from(credential.credentialId, "base64")),
    clientData: base64url(clientData),
    authenticatorData: base64url(authenticatorData),
    signature: base64url(signature),
  };
}

test("answers that are not those of the passkey, here and now, are refused", async () => {
  const credential = await authenticator.credential();
  const count = credential.signCount + 10;
  for (const [what, lie, reason] of [
    ["another origin", { clientData: { origin: "http://localhost.example.com" } }, /not accepted/],
    ["another port", { clientData: { origin: "http://localhost:1" } }, /not accepted/],
    ["another ceremony", { clientData: { type: "webauthn.create" } }, /not accepted/],
    ["another challenge", { clientData: { challenge: base64url("another") } }, /not accepted/],
    ["a page in a frame of another's", { clientData: { crossOrigin: true } }, /not accepted/],
    ["another relying party", { rpId: "example.com" }, /not accepted/],
    ["nobody present", { flags: 0 }, /not accepted/],
    ["a changed signature", { signature: true }, /not accepted/],
    ["a passkey of nobody", { credential: base64url("nobody's") }, /not yours/],
    ["client data that is no JSON", { clientDataText: "x" }, /not accepted/],
  ]) {
    const impostor = new Impostor();
    const step = await impostor.begin("selma");
    const form = answer(credential, step, count, lie);
    if (lie.clientDataText) form.clientData = base64url(lie.clientDataText);
    const { status, text } = await impostor.send("/_console/signin/mfa", form);
    assert.equal(status, 401, what);
    assert.match(text, reason, what);
  }
});

test("a count that does not grow is refused, and so is the same answer again", async () => {
  const credential = await authenticator.credential();
  const impostor = new Impostor();
  const step = await impostor.begin("selma");
  assert.equal((await impostor.send("/_console/signin/mfa", answer(credential, step, credential.signCount))).status, 401, "a copied key");
  const good = answer(credential, step, credential.signCount + 20);
  assert.equal((await impostor.send("/_console/signin/mfa", good)).status, 303);
  const again = await impostor.send("/_console/signin/mfa", good);
  assert.equal(again.status, 401, "the same answer");
  const fresh = answer(credential, step, credential.signCount + 21);
  const { status, text } = await impostor.send("/_console/signin/mfa", fresh);
  assert.equal(status, 401, "another answer to a step that was answered");
  assert.match(text, /used already/);
});

test("a step of another browser is refused", async () => {
  const credential = await authenticator.credential();
  const step = await new Impostor().begin("selma");
  const thief = new Impostor();
  await thief.begin("selma");
  const { status } = await thief.send("/_console/signin/mfa", answer(credential, step, credential.signCount + 30));
  assert.equal(status, 400);
});

test("who may not enable MFA registers none, and no other page can", async () => {
  const reader = await Person.arrive(browser, server.url);
  await withAuthenticator(reader);
  await reader.signIn("reader");
  await reader.open("#/security");
  await reader.button("Add passkey").click();
  await within(reader).getByRole("button", { name: "Next", exact: true }).click();
  await within(reader).getByTestId("denied").waitFor();
  assert.match(await within(reader).innerText(), /is not authorized to perform: iam:EnableMFADevice/);
  await reader.shoot("passkey-refused");
  await reader.allIsWell("a passkey that is refused");
  await reader.leave();

  const cookie = (await selma.context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  for (const headers of [{ cookie }, { cookie, "x-signet-console": "1" }, { cookie, "x-signet-console": "1", origin: "http://example.com" }]) {
    const { status } = await fetch(`${server.url}/_console/api/passkeys/challenge`, { method: "POST", headers, body: "{}" });
    assert.equal(status, 403);
  }
});

test("it is taken away in the console, and no longer asked for", async () => {
  await selma.open("#/security");
  await selma.page.getByRole("row", { name: /yellow-key/ }).getByRole("radio").check({ force: true });
  await selma.button("Deactivate").first().click();
  await within(selma).getByRole("button", { name: "Delete", exact: true }).click();
  await selma.page.getByText("No MFA device.").waitFor();
  await selma.signIn("selma");
  await selma.open("#/home");
  assert.match(await selma.text(), /Not given in this session/);
  await selma.allIsWell("after the passkey");
});

async function beginAsRoot(root) {
  await root.page.goto(`${server.url}/_console/signin?root=yes`);
  await root.page.getByLabel("E-mail address or account ID").fill(ACCOUNT);
  await root.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await root.page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("root enrols a phone, and signs in with its code after its password", async () => {
  const root = await Person.arrive(browser, server.url);
  await beginAsRoot(root);
  await root.settled();
  await root.open("#/security");
  await root.button("Add MFA device").click();
  assert.equal(await within(root).getByLabel("Device", { exact: true }).inputValue(), "root-account-mfa-device");
  await within(root).getByRole("button", { name: "Next", exact: true }).click();
  await within(root).getByText("No camera? The secret key").click();
  const seed = /\b[A-Z2-7]{32,64}\b/.exec(await within(root).innerText())[0];
  const enable = async (first, second) => {
    await within(root).getByLabel("First code").fill(first);
    await within(root).getByLabel("The code after it").fill(second);
    await within(root).getByRole("button", { name: "Add MFA device" }).click();
  };
  await enable("000000", "000000");
  await within(root).getByTestId("problem").waitFor();
  const now = Date.now() / 1000;
  await enable(code(seed, now), code(seed, now + 30));
  await root.page.getByText("The device is in use from now on.").waitFor();
  await root.settled();
  const row = root.page.getByRole("row", { name: new RegExp(`^arn:aws:iam::${ACCOUNT}:mfa/root-account-mfa-device`) });
  await row.waitFor();
  await root.shoot("root-authenticator");
  await root.allIsWell("root's authenticator");
  const { VirtualMFADevices } = await server.iam.send(new ListVirtualMFADevicesCommand({ AssignmentStatus: "Assigned" }));
  assert.deepEqual(VirtualMFADevices.map(({ User }) => User.Arn), [`arn:aws:iam::${ACCOUNT}:root`]);
  const enabled = server.records().filter(({ eventName, errorCode }) => eventName === "EnableMFADevice" && !errorCode).at(-1);
  assert.equal(enabled.userIdentity.type, "Root");

  await root.context.clearCookies();
  await beginAsRoot(root);
  const field = root.page.getByLabel("Code of your authenticator");
  await field.fill("000000");
  await root.page.locator("#submit").click();
  await root.page.getByText("That code is not right, or was used already.").waitFor();
  // The two codes that enabled it are spent.
  await fetch(`${server.url}/_signet/clock`, { method: "POST", body: JSON.stringify({ shift_seconds: 60 }) });
  await root.page.getByLabel("Code of your authenticator").fill(code(seed, now + 60));
  await root.page.locator("#submit").click();
  await root.page.waitForURL(/_console\/$/);
  await root.settled();
  assert.match(await root.text(), new RegExp(`arn:aws:iam::${ACCOUNT}:root[^]*Given in this session`));

  await root.open("#/security");
  await row.getByRole("radio").check({ force: true });
  await root.button("Deactivate").first().click();
  await within(root).getByRole("button", { name: "Delete", exact: true }).click();
  await root.page.getByText("No MFA device.").waitFor();
  await root.allIsWell("root without its phone");
  await root.leave();
});

test("the door of root's device is shut to users, and to devices that are not there", async () => {
  const ask = (person, body, headers = { "X-Signet-Console": "1" }) =>
    person.page.evaluate(
      async ([body, headers]) => {
        const answer = await fetch("/_console/api/root-mfa-device", { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) });
        return answer.status;
      },
      [body, headers],
    );
  const device = { serialNumber: `arn:aws:iam::${ACCOUNT}:mfa/none`, authenticationCode1: "123456", authenticationCode2: "123456" };
  const reader = await Person.signedIn(browser, server.url, "reader");
  assert.equal(await ask(reader, device), 403, "it may not enable devices");
  await reader.leave();
  await selma.signIn("selma");
  assert.equal(await ask(selma, device), 403, "a user, who may everything");
  const root = await Person.arrive(browser, server.url);
  await beginAsRoot(root);
  await root.settled();
  assert.equal(await ask(root, device), 404);
  assert.equal(await ask(root, []), 400);
  assert.equal(await ask(root, device, {}), 403, "another page than the console's");
  await root.leave();
});

test("root registers a passkey, and signs in with it after its password", async () => {
  const root = await Person.arrive(browser, server.url);
  await withAuthenticator(root);
  const begin = () => beginAsRoot(root);
  await begin();
  await root.settled();
  await root.open("#/security");
  await root.page.getByText("You are signed in as root").waitFor();
  await root.button("Add passkey").click();
  await within(root).getByRole("button", { name: "Next", exact: true }).click();
  await root.page.getByText("The device is in use from now on.").waitFor();
  await root.settled();
  await root.shoot("root-passkey");
  await root.allIsWell("the credentials of root");
  const row = root.page.getByRole("row", { name: new RegExp(`^arn:aws:iam::${ACCOUNT}:u2f/root-account/root-`) });
  await row.waitFor();
  const { MFADevices } = await server.iam.send(new ListMFADevicesCommand({}));
  assert.equal(MFADevices.length, 0, "it is not the administrator's");

  await root.context.clearCookies();
  await begin();
  await root.page.getByRole("button", { name: "Use a passkey" }).click();
  await root.page.waitForURL(/_console\/$/);
  await root.settled();
  assert.match(await root.text(), new RegExp(`arn:aws:iam::${ACCOUNT}:root[^]*Given in this session`));
  const used = server.records().filter(({ eventName }) => eventName === "CheckMfa").at(-1);
  assert.equal(used.userIdentity.type, "Root");

  await root.open("#/security");
  await row.getByRole("radio").check({ force: true });
  await root.button("Deactivate").first().click();
  await within(root).getByRole("button", { name: "Delete", exact: true }).click();
  await root.page.getByText("No MFA device.").waitFor();
  await root.context.clearCookies();
  await begin();
  await root.settled();
  assert.match(await root.text(), /Not given in this session/);
  await root.allIsWell("root without a passkey");
  await root.leave();
});
