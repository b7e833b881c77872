// What a person does from one page to the next.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { CreateLoginProfileCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, GetPolicyVersionCommand, GetRoleCommand, ListMFADevicesCommand, ListUsersCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, PASSWORD, policy, startServer } from "./server.mjs";
import { code } from "./totp.mjs";

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  await server.iam.send(new CreateUserCommand({ UserName: "comma,name" }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

// Ends every session of the administrator's, as "sign out everywhere" does.
async function revokeAll() {
  const other = await Person.signedIn(browser, server.url, "admin");
  await other.open("#/security");
  await other.button("Revoke all of these").click();
  await within(other).getByRole("button", { name: "Revoke", exact: true }).click();
  await other.page.getByRole("heading", { name: "Your session has ended" }).waitFor();
  await other.leave();
}

const within = (person) => person.page.getByRole("dialog").last();

test("a user is created, gets a key that is shown once, and is deleted again", async () => {
  await admin.open("#/users");
  await admin.button("Create user").click();
  await within(admin).getByLabel("User", { exact: true }).fill("mary,ann");
  await within(admin).getByRole("button", { name: "Create", exact: true }).click();
  await admin.page.getByRole("heading", { name: "mary,ann" }).waitFor();

  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.settled();
  await admin.button("Create access key").click();
  await admin.page.getByText("The secret is shown once").waitFor();
  await admin.shoot("flow-access-key");
  await admin.allIsWell("a new access key");

  await admin.open("#/users");
  await admin.page.getByRole("row", { name: /mary,ann/ }).getByRole("radio").check({ force: true });
  await admin.button("Delete").click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await within(admin).getByTestId("problem").waitFor();
  assert.match(await within(admin).innerText(), /must delete/i, "the server says what stands in the way");
  await within(admin).getByRole("button", { name: "Cancel", exact: true }).click();

  await admin.open("#/users/mary%2Cann");
  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.page.getByRole("row", { name: /AKIA/ }).getByRole("radio").check({ force: true });
  await admin.page.getByRole("button", { name: "Delete", exact: true }).first().click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await admin.page.getByText("No access keys.").waitFor();
  await admin.open("#/users");
  await admin.page.getByRole("row", { name: /mary,ann/ }).getByRole("radio").check({ force: true });
  await admin.button("Delete").click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await admin.page.getByText("mary,ann was deleted.").waitFor();
  const { Users } = await server.iam.send(new ListUsersCommand({}));
  assert.ok(!Users.some(({ UserName }) => UserName === "mary,ann"));
  await admin.allIsWell("deleting a user");
});

test("the credential report has every user, whatever the name", async () => {
  await admin.open("#/report");
  await admin.page.getByRole("link", { name: "comma,name" }).waitFor();
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.button("CSV").click()]);
  assert.match(readFileSync(await download.path(), "utf8"), /^user,arn,[^]*"comma,name"/);
});

test("the wizard makes a role that trusts who is signed in, with a policy", async () => {
  await admin.open("#/roles?new=1");
  await admin.page.getByLabel("Require MFA").check({ force: true });
  assert.match(await admin.text(), /aws:MultiFactorAuthPresent/, "the trust policy follows what is chosen");
  await admin.shoot("flow-wizard-trust");
  await admin.button("Next").click();
  await admin.page.getByLabel("Managed policy").fill("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
  await admin.page.keyboard.press("Escape");
  await admin.button("Next").click();
  await admin.button("Create role").click();
  await admin.page.getByText("The role needs a name.", { exact: true }).waitFor();
  await admin.page.getByLabel("Role", { exact: true }).fill("auditor");
  await admin.shoot("flow-wizard-review");
  await admin.allIsWell("the last step of the wizard");
  await admin.button("Create role").click();
  await admin.page.getByRole("heading", { name: "auditor" }).waitFor();
  await admin.page.getByRole("link", { name: "AmazonS3ReadOnlyAccess" }).waitFor();

  const { Role } = await server.iam.send(new GetRoleCommand({ RoleName: "auditor" }));
  const [statement] = JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement;
  assert.deepEqual(statement.Principal, { AWS: `arn:aws:iam::${ACCOUNT}:user/admin` });
  assert.deepEqual(statement.Condition, { Bool: { "aws:MultiFactorAuthPresent": "true" } });
});

test("a policy that the server refuses stays in the editor, and a good one becomes a version", async () => {
  const Arn = `arn:aws:iam::${ACCOUNT}:policy/assets`;
  await server.iam.send(new CreatePolicyCommand({ PolicyName: "assets", PolicyDocument: policy({ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }) }));
  await admin.open(`#/policies/${encodeURIComponent(Arn)}`);
  const editor = admin.page.getByLabel("Policy document").and(admin.page.locator("textarea"));
  await editor.fill(policy({ Effect: "Maybe", Action: "s3:GetObject", Resource: "*" }));
  await admin.button("Save as new version").click();
  await admin.page.getByText("The server says", { exact: true }).waitFor();
  assert.match(await admin.text(), /MalformedPolicyDocument|Syntax errors in policy/i);
  await admin.shoot("flow-policy-refused");
  await editor.fill(policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }));
  await admin.button("Save as new version").click();
  await admin.page.getByText("Version v2 was created.").waitFor();

  await admin.settled();
  await admin.page.getByRole("tab", { name: "Versions" }).click();
  await admin.page.getByRole("region", { name: "Difference" }).waitFor();
  const lines = await admin.page.getByRole("region", { name: "Difference" }).innerText();
  assert.match(lines, /- .*s3:ListBucket/);
  assert.match(lines, /\+ .*s3:GetObject/);
  await admin.shoot("flow-policy-versions");
  await admin.allIsWell("versions");
  const { PolicyVersion } = await server.iam.send(new GetPolicyVersionCommand({ PolicyArn: Arn, VersionId: "v2" }));
  assert.equal(PolicyVersion.IsDefaultVersion, true);
});

test("MFA is enrolled with the QR code and two codes, and taken away again", async () => {
  await admin.open("#/security");
  await admin.button("Add MFA device").click();
  await within(admin).getByLabel("Device", { exact: true }).fill("phone");
  await within(admin).getByRole("button", { name: "Next", exact: true }).click();
  const picture = within(admin).getByAltText("QR code for an authenticator app");
  await picture.waitFor();
  assert.ok((await picture.evaluate((image) => image.naturalWidth)) > 100, "the code is a picture");
  await within(admin).getByText("No camera? The secret key").click();
  const seed = /\b[A-Z2-7]{32,64}\b/.exec(await within(admin).innerText())[0];
  await admin.shoot("flow-mfa");
  await admin.allIsWell("the dialog of MFA");
  await within(admin).getByLabel("First code").fill("000000");
  await within(admin).getByLabel("The code after it").fill("000000");
  await within(admin).getByRole("button", { name: "Add MFA device" }).click();
  await within(admin).getByTestId("problem").waitFor();

  const now = Date.now() / 1000;
  // Either is good for a step more than its own, so the clock may go on meanwhile.
  await within(admin).getByLabel("First code").fill(code(seed, now));
  await within(admin).getByLabel("The code after it").fill(code(seed, now + 30));
  await within(admin).getByRole("button", { name: "Add MFA device" }).click();
  await admin.page.getByText("The device is in use from now on.").waitFor();
  assert.equal((await server.iam.send(new ListMFADevicesCommand({ UserName: "admin" }))).MFADevices.length, 1);

  await admin.page.getByRole("row", { name: /mfa\/phone/ }).getByRole("radio").check({ force: true });
  await admin.button("Deactivate").first().click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await admin.page.getByText("No MFA device.").waitFor();
  assert.equal((await server.iam.send(new ListMFADevicesCommand({ UserName: "admin" }))).MFADevices.length, 0);
});

test("files go up with progress, are found by prefix, come down and are deleted", async () => {
  await server.s3.send(new CreateBucketCommand({ Bucket: "uploads" }));
  await admin.open(`#/buckets/uploads?${new URLSearchParams({ prefix: "2026/" })}`);
  const big = Buffer.alloc(20 * 1024 * 1024, "x");
  await admin.page.locator("input[type=file]").setInputFiles([
    { name: "a b+c&\u00e9.txt", mimeType: "text/plain", buffer: Buffer.from("hello") },
    { name: "big.bin", mimeType: "application/octet-stream", buffer: big },
  ]);
  await admin.page.getByText("Uploaded").nth(1).waitFor({ timeout: 60_000 });
  await admin.page.getByRole("row", { name: /big.bin/ }).waitFor();
  await admin.settled();
  await admin.shoot("flow-uploads");
  await admin.allIsWell("uploads");
  const { Contents } = await server.s3.send(new ListObjectsV2Command({ Bucket: "uploads", Prefix: "2026/" }));
  assert.deepEqual(Contents.map(({ Key, Size }) => [Key, Size]), [["2026/a b+c&\u00e9.txt", 5], ["2026/big.bin", big.length]]);

  await admin.open("#/buckets/uploads");
  await admin.page.getByRole("link", { name: "2026/" }).click();
  await admin.page.getByRole("row", { name: /a b\+c/ }).getByRole("radio").check({ force: true });
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.button("Download").click()]);
  assert.equal(readFileSync(await download.path(), "utf8"), "hello");
  assert.equal(download.suggestedFilename(), "a b+c&\u00e9.txt");
  await admin.button("Delete").click();
  await within(admin).getByRole("button", { name: "Delete", exact: true }).click();
  await admin.page.getByText(/was deleted/).waitFor();
  await assert.rejects(server.s3.send(new GetObjectCommand({ Bucket: "uploads", Key: "2026/a b+c&\u00e9.txt" })), { name: "NoSuchKey" });
});

test("the simulator says what the server would decide, and why", async () => {
  await admin.open(`#/simulator?${new URLSearchParams({ principal: `arn:aws:iam::${ACCOUNT}:user/nobody`, action: "s3:GetObject" })}`);
  await admin.button("Simulate").click();
  await admin.page.getByText("Allowed by no policy").waitFor();
  await admin.page.getByLabel("Principal").fill(`arn:aws:iam::${ACCOUNT}:user/admin`);
  await admin.button("Simulate").click();
  await admin.page.getByText("AdministratorAccess").waitFor();
  assert.match(await admin.text(), /Allowed/);
  await admin.shoot("flow-simulator");
  await admin.allIsWell("the simulator");
});

test("a role is switched to, shown in its color, and left again", async () => {
  const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
  await server.iam.send(new CreateRoleCommand({ RoleName: "watcher", AssumeRolePolicyDocument: trust }));
  await admin.page.goto(`${server.url}/switchrole?${new URLSearchParams({ account: ACCOUNT, roleName: "watcher", displayName: "Audit", color: "B7CA9D" })}`);
  await admin.page.getByRole("button", { name: "Switch role" }).click();
  const bar = admin.page.getByTestId("role-bar");
  await bar.waitFor();
  await admin.settled();
  assert.match(await bar.innerText(), /You act as the role Audit\s+Back to admin/);
  assert.equal(await bar.evaluate((element) => getComputedStyle(element).borderTopColor), "rgb(183, 202, 157)");
  assert.match(await admin.text(), /assumed-role\/watcher\//);
  await admin.shoot("flow-role-bar");
  await admin.allIsWell("a role that is acted as");
  await bar.getByRole("button", { name: "Back to admin" }).click();
  await admin.page.waitForURL(/_console\/$/);
  await admin.settled();
  assert.equal(await bar.count(), 0);
  assert.match(await admin.text(), /user\/admin/);
});

test("who may see only what is their own is told what of it needs attention", async () => {
  await server.iam.send(new CreateUserCommand({ UserName: "selma" }));
  await server.iam.send(new CreateLoginProfileCommand({ UserName: "selma", Password: PASSWORD }));
  const own = { Effect: "Allow", Action: ["iam:ListMFADevices", "iam:ListAccessKeys"], Resource: `arn:aws:iam::${ACCOUNT}:user/selma` };
  await server.iam.send(new PutUserPolicyCommand({ UserName: "selma", PolicyName: "own", PolicyDocument: policy(own) }));
  const selma = await Person.signedIn(browser, server.url, "selma");
  const text = await selma.text();
  assert.match(text, /Only your own credentials were looked at/);
  assert.match(text, /selma signs in with a password and no MFA/);
  await selma.open("#/security");
  await selma.button("Create access key").click();
  await selma.page.getByText(/iam:CreateAccessKey on resource/).waitFor();
  await selma.allIsWell("a refusal in a notice");
  await selma.button("Why?").last().click();
  await selma.page.getByRole("heading", { name: "Why denied" }).waitFor();
  await selma.leave();
});

test("what was written when the session ended is still there after another sign-in", async () => {
  const person = await Person.signedIn(browser, server.url, "admin");
  const Arn = `arn:aws:iam::${ACCOUNT}:policy/half-written`;
  await server.iam.send(new CreatePolicyCommand({ PolicyName: "half-written", PolicyDocument: policy({ Effect: "Allow", Action: "s3:ListBucket", Resource: "*" }) }));
  await person.open(`#/policies/${encodeURIComponent(Arn)}`);
  const editor = person.page.getByLabel("Policy document").and(person.page.locator("textarea"));
  await editor.fill(policy({ Effect: "Allow", Action: "s3:PutObject", Resource: "*" }));
  await person.settled();
  await person.context.clearCookies();
  const ended = person.page.getByRole("heading", { name: "Your session has ended" });
  // The credentials in the page are still good for a while; the session is asked for when they are not.
  await revokeAll();
  await person.button("Save as new version").click();
  await ended.waitFor();
  assert.equal(await editor.isVisible(), false, "nobody reads it over the shoulder");
  await person.shoot("flow-session-ended-writing");
  await person.allIsWell("a session that ended while something was written");
  const [tab] = await Promise.all([person.context.waitForEvent("page"), person.page.getByRole("link", { name: /^Sign in again/ }).click()]);
  await tab.getByLabel("Account ID or alias").fill(ACCOUNT);
  await tab.getByLabel("IAM user name", { exact: true }).fill("admin");
  await tab.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await tab.getByRole("button", { name: "Sign in", exact: true }).click();
  await tab.getByRole("heading", { name: "Home" }).waitFor();
  await tab.close();
  await person.button("Go on").click();
  await ended.waitFor({ state: "detached" });
  assert.match(await editor.inputValue(), /s3:PutObject/);
  await person.button("Save as new version").click();
  await person.page.getByText("Version v2 was created.").waitFor();
  await person.allIsWell("going on");
  await person.leave();
  await admin.signIn("admin");
});

const PYTHON = process.env.SIGNET_PYTHON; // one with boto3; ./test has one

for (const [tab, command, skip] of [
  ["curl", ["bash", "-euc"], false],
  ["boto3", [PYTHON, "-c"], PYTHON === undefined && "SIGNET_PYTHON is not set"],
]) {
  test(`the link that ${tab} makes signs in as the role`, { skip }, async () => {
    const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
    const made = await server.iam.send(new CreateRoleCommand({ RoleName: `linked-${tab}`, AssumeRolePolicyDocument: trust }));
    await admin.open(`#/federation?${new URLSearchParams({ role: made.Role.Arn })}`);
    await admin.page.getByTestId(tab === "curl" ? "curl" : "python").click();
    const program = await admin.page.getByRole("region", { name: "Three requests" }).textContent();
    const { accessKeyId, secretAccessKey } = await server.iam.config.credentials();
    const run = spawnSync(command[0], [...command.slice(1), program], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_DEFAULT_REGION: "us-east-1" },
    });
    assert.equal(run.status, 0, run.stderr);
    const guest = await Person.arrive(browser, server.url);
    await guest.page.goto(run.stdout.trim());
    await guest.settled();
    assert.match(await guest.text(), new RegExp(`assumed-role/linked-${tab}/jane`));
    assert.deepEqual(guest.problems, []);
    await guest.leave();
  });
}

test("more entries than the server gives at once are paged and searched", async () => {
  const names = Array.from({ length: 1100 }, (_, index) => `many-${String(index).padStart(4, "0")}`);
  for (let at = 0; at < names.length; at += 50) {
    await Promise.all(names.slice(at, at + 50).map((UserName) => server.iam.send(new CreateUserCommand({ UserName }))));
  }
  await admin.open("#/users");
  assert.match(await admin.text(), /\(100\+\)/);
  const begun = Date.now();
  await admin.page.getByPlaceholder("Find").fill("many-1099");
  await admin.page.getByRole("link", { name: "many-1099" }).waitFor();
  assert.ok(Date.now() - begun < 5000, `found after ${Date.now() - begun} ms`);
  assert.match(await admin.text(), /1 found/);
  await admin.allIsWell("a long list");
});
