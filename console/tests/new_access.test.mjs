// What a changed policy grants that the one in force does not: told before it is saved, wherever policies are edited, and nobody is kept from saving.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  AttachRolePolicyCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateRoleCommand, CreateUserCommand, GetPolicyCommand, GetUserPolicyCommand, PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetBucketPolicyCommand, PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, loginLink, policy, startServer } from "./server.mjs";

const JANE = `arn:aws:iam::${ACCOUNT}:user/jane`;
const LIMITED = `arn:aws:iam::${ACCOUNT}:policy/limited`;
const read = (resource, more = {}) => ({ Effect: "Allow", Action: "s3:GetObject", Resource: resource, ...more });
const trustOf = (principal) => policy({ Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" });

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  const { iam, s3 } = server;
  await s3.send(new CreateBucketCommand({ Bucket: "web" }));
  await iam.send(new CreateUserCommand({ UserName: "jane" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "jane", PolicyName: "own", PolicyDocument: policy(read("arn:aws:s3:::web/a/*")) }));
  await iam.send(new CreatePolicyCommand({ PolicyName: "limited", PolicyDocument: policy(read("arn:aws:s3:::web/*")) }));
  await iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: trustOf(JANE) }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const told = (person = admin) => person.page.getByTestId("new-access").last();

async function write(text, person = admin) {
  await person.page.locator(".policy textarea").last().fill(text);
}

async function editInline(person = admin) {
  await person.open("#/users/jane");
  await person.page.getByRole("row", { name: /own/ }).getByRole("radio").click({ force: true });
  await person.page.getByRole("button", { name: "Edit", exact: true }).last().click();
  await person.settled();
}

async function says(text, person = admin) {
  await told(person).getByText(text).first().waitFor();
}

test("an inline policy: each statement with a request that it allows and that was refused before", async () => {
  await editInline();
  assert.equal(await told().count(), 0, "nothing has changed yet");
  await write(policy(read("arn:aws:s3:::web/a/*"), { Sid: "More", Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::web/a/*" }));
  await says("Grants more than before");
  assert.match(await told().innerText(), /s3:PutObject on arn:aws:s3:::web\/a\/\S* \(More\)/);
  assert.doesNotMatch(await told().innerText(), /Statement 1/, "the first statement grants what it granted");
  await admin.shoot("flow-new-access");
  await admin.allIsWell("more than before");

  await write(policy(read("arn:aws:s3:::web/a/b/*")));
  await says("Grants nothing that it did not grant before.");
  await write(policy(read("arn:aws:s3:::web/a/*", { Condition: { Bool: { "aws:SecureTransport": "true" } } })));
  await says("Grants nothing that it did not grant before.");
  await admin.shoot("flow-no-new-access");
  await write("{");
  await told().waitFor({ state: "detached" });
  await write(policy({ Effect: "Maybe", Action: "s3:GetObject", Resource: "*" }));
  await admin.settled();
  assert.equal(await told().count(), 0, "what is wrong with it stands among the findings");
  await admin.allIsWell("less than before");
  assert.match(decodeURIComponent((await server.iam.send(new GetUserPolicyCommand({ UserName: "jane", PolicyName: "own" }))).PolicyDocument), /web\/a\/\*/);
});

test("a managed policy, and a version that is put in force", async () => {
  await admin.open(`#/policies/${encodeURIComponent(LIMITED)}`);
  await write(policy(read("arn:aws:s3:::*")));
  await says("Grants more than before");
  assert.match(await told().innerText(), /s3:GetObject on arn:aws:s3:::\S* .*\(Statement 1\)|s3:GetObject on arn:aws:s3:::\S* \(Statement 1\)/);
  await admin.allIsWell("a version that grants more");

  const wider = policy(read("arn:aws:s3:::web/*"), { Sid: "Delete", Effect: "Allow", Action: "s3:DeleteObject", Resource: "*" });
  await server.iam.send(new CreatePolicyVersionCommand({ PolicyArn: LIMITED, PolicyDocument: wider, SetAsDefault: false }));
  await admin.page.reload();
  await admin.settled();
  await admin.page.getByRole("tab", { name: "Versions" }).click();
  await admin.page.getByRole("row", { name: /^v2/ }).getByRole("radio").click({ force: true });
  await admin.button("Put in force").click();
  await says("Grants more than before");
  assert.match(await told().innerText(), /s3:DeleteObject on .* \(Delete\)/);
  await admin.settled();
  await admin.shoot("flow-put-in-force");
  await admin.allIsWell("a version that is put in force");
  await admin.page.getByRole("dialog").getByRole("button", { name: "Put in force" }).click();
  await admin.page.getByText("limited was saved.").waitFor();
  assert.equal((await server.iam.send(new GetPolicyCommand({ PolicyArn: LIMITED }))).Policy.DefaultVersionId, "v2");
});

test("a trust policy: who gets in that did not", async () => {
  await admin.open("#/roles/worker");
  await admin.page.getByRole("tab", { name: "Trust policy" }).click();
  await write(trustOf([JANE, "arn:aws:iam::444455556666:root"]));
  await says("Grants more than before");
  assert.match(await told().innerText(), /sts:AssumeRole on arn:aws:iam::\d{12}:role\/\S+ by arn:aws:\S+::444455556666:/);
  await write(trustOf(JANE).replace('"Action"', '"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},"Action"'));
  await says("Grants nothing that it did not grant before.");
  await admin.allIsWell("a trust policy that is changed");
});

test("a bucket policy: everybody, with what the request has to carry", async () => {
  await server.s3.send(new PutBucketPolicyCommand({ Bucket: "web", Policy: policy({ ...read("arn:aws:s3:::web/*"), Principal: { AWS: JANE } }) }));
  await admin.open("#/buckets/web/policy");
  await write(policy({ ...read("arn:aws:s3:::web/*"), Sid: "Office", Principal: "*", Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } }));
  await says("Grants more than before");
  assert.match(await told().innerText(), /s3:GetObject on arn:aws:s3:::web\/\S+ by .* with .*aws:SourceIp = 203\.0\.113\.\d+.*\(Office\)/);
  await admin.shoot("flow-new-access-bucket");
  await admin.allIsWell("a bucket policy for everybody in an office");
});

for (const [name, options] of [
  ["dark", { colorScheme: "dark" }],
  ["narrow", { viewport: { width: 420, height: 900 } }],
]) {
  test(`it can be read: ${name}`, async () => {
    const person = await Person.signedIn(browser, server.url, "admin", options);
    await person.open("#/buckets/web/policy");
    await write(policy({ ...read("arn:aws:s3:::web/*"), Sid: "Public", Principal: "*" }), person);
    await told(person).getByText("Anybody, without signing in").waitFor();
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= (options.viewport?.width ?? 1280), `${wide} pixels wide`);
    await person.shoot(`${name}-new-access`);
    await person.allIsWell(`more than before, ${name}`);
    await person.leave();
  });
}

describe("others", () => {
  test("a read-only role is told as well, and refused when it saves", async () => {
    await server.iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: trustOf(`arn:aws:iam::${ACCOUNT}:root`) }));
    await server.iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    const { Credentials } = await server.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader`, RoleSessionName: "guest" }));
    const reader = await Person.arrive(browser, server.url);
    await reader.page.goto(await loginLink(server.url, Credentials));
    await reader.settled();
    await editInline(reader);
    await write(policy(read("*")), reader);
    await reader.settled();
    await told(reader).waitFor();
    await reader.page.getByRole("dialog").getByRole("button", { name: "Save", exact: true }).click();
    await reader.page.getByTestId("denied").last().waitFor();
    assert.match(await reader.page.getByTestId("denied").last().innerText(), /is not authorized to perform: iam:PutUserPolicy/);
    await reader.allIsWell("a read-only role that edits a policy");
    await reader.leave();
  });

  test("who may write policies alone is told quietly that there is more to know, and saves", async () => {
    await server.iam.send(new PutUserPolicyCommand({ UserName: "nobody", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: ["s3:GetBucketPolicy", "s3:PutBucketPolicy"], Resource: "*" }) }));
    const nobody = await Person.signedIn(browser, server.url, "nobody");
    await nobody.open("#/buckets/web/policy");
    await write(policy({ ...read("arn:aws:s3:::web/*"), Sid: "Wider", Action: "s3:*Object", Principal: { AWS: JANE } }), nobody);
    await told(nobody).getByText("access-analyzer:CheckNoNewAccess").waitFor();
    await nobody.shoot("nobody-new-access");
    await nobody.allIsWell("a quiet note");
    await nobody.button("Save").click();
    await nobody.page.getByText("Bucket policy was saved.").waitFor();
    assert.match((await server.s3.send(new GetBucketPolicyCommand({ Bucket: "web" }))).Policy, /Wider/);
    await nobody.allIsWell("a policy that was saved unseen");
    await nobody.leave();
  });
});
