// Why something is allowed or denied, policy by policy: in the simulator, behind a refusal, and under a bucket policy that is being written.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AttachRolePolicyCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutUserPermissionsBoundaryCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetBucketPolicyCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, loginLink, policy, startServer } from "./server.mjs";

const JANE = `arn:aws:iam::${ACCOUNT}:user/jane`;
const OBJECTS = "arn:aws:s3:::web/*";

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  const { iam, s3 } = server;
  await s3.send(new CreateBucketCommand({ Bucket: "web" }));
  await iam.send(new CreateUserCommand({ UserName: "jane" }));
  const own = policy({ Effect: "Allow", Action: "sqs:*", Resource: "*" }, { Sid: "Reading", Effect: "Allow", Action: "s3:GetObject", Resource: "*" });
  await iam.send(new PutUserPolicyCommand({ UserName: "jane", PolicyName: "own", PolicyDocument: own }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const trace = (person = admin) => person.page.getByTestId("trace");
const stage = (kind, person = admin) => trace(person).getByTestId(`stage-${kind}`);

async function write(text, person = admin) {
  await person.page.getByLabel("Bucket policy").and(person.page.locator("textarea")).fill(text);
}

async function tryIt(principal, action = "s3:GetObject", person = admin) {
  await person.page.getByLabel("Principal").fill(principal);
  await person.page.keyboard.press("Escape");
  await person.page.getByLabel("Action", { exact: true }).fill(action);
  await person.page.keyboard.press("Escape");
  await person.button("Try it").click();
  await person.settled();
}

test("a bucket policy that is being written says what it does, statement by statement, before it is saved", async () => {
  await admin.open("#/buckets/web/policy");
  await write(policy({ Sid: "Closed", Effect: "Deny", Principal: { AWS: JANE }, Action: "s3:GetObject", Resource: OBJECTS }));
  await tryIt(JANE);
  assert.equal(await trace().getByTestId("verdict").innerText(), "Denied by a statement");
  assert.match(await stage("resource").innerText(), /denies it\s+decides/);
  assert.match(await stage("resource").getByTestId("deciding-statement").innerText(), /Closed denies it/);
  assert.match(await stage("resource").locator("mark.denies.deciding").allInnerTexts().then((lines) => lines.join("\n")), /"Sid": "Closed"/);
  assert.match(await stage("identity").innerText(), /allows it[^]*Reading allows it/);
  await admin.shoot("trace-bucket-denied");
  await admin.allIsWell("a bucket policy that denies");

  // It follows what is written.
  await write(policy({ Effect: "Allow", Principal: { AWS: JANE }, Action: "s3:PutObject", Resource: OBJECTS, Condition: { Bool: { "aws:SecureTransport": "true" } } }));
  await trace().getByText("Allowed", { exact: true }).waitFor();
  await tryIt(JANE, "s3:PutObject");
  assert.equal(await trace().getByTestId("verdict").innerText(), "Allowed by no policy");
  assert.match(await stage("resource").innerText(), /would allow it, but does not match:\s+Condition Bool aws:SecureTransport: it wants true; the request has false/);
  await admin.shoot("trace-bucket-condition");
  await tryIt("*");
  assert.equal(await trace().getByTestId("verdict").innerText(), "Allowed by no policy");
  await write(policy({ Sid: "Public", Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: OBJECTS }));
  await trace().getByText("Public allows it").waitFor();
  await admin.allIsWell("a public bucket policy");

  await assert.rejects(server.s3.send(new GetBucketPolicyCommand({ Bucket: "web" })), { name: "NoSuchBucketPolicy" });
});

for (const [name, options] of [
  ["dark", { colorScheme: "dark" }],
  ["narrow", { viewport: { width: 420, height: 900 } }],
]) {
  test(`it can be read: ${name}`, async () => {
    const person = await Person.signedIn(browser, server.url, "admin", options);
    await person.open("#/buckets/web/policy");
    await write(policy({ Sid: "Closed", Effect: "Deny", Principal: { AWS: JANE }, Action: "s3:*", Resource: OBJECTS }, { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: OBJECTS }), person);
    await tryIt(JANE, "s3:GetObject", person);
    await trace(person).getByText("Closed denies it").waitFor();
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= (options.viewport?.width ?? 1280), `${wide} pixels wide`);
    await person.shoot(`${name}-trace`);
    await person.allIsWell(`why, ${name}`);
    await person.leave();
  });
}

test("a bucket policy that could not be saved is refused there as well", async () => {
  await admin.open("#/buckets/web/policy");
  await write(policy({ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::other/*" }));
  await tryIt(JANE);
  assert.match(await trace().innerText(), /The bucket policy is not valid: Policy has invalid resource/);
  await write("{");
  await admin.button("Try it").and(admin.page.locator("[disabled], [aria-disabled=true]")).waitFor();
  await admin.allIsWell("a text that is no policy");
});

test("the simulator goes on to why, through every kind of policy", async () => {
  const made = await server.iam.send(new CreatePolicyCommand({ PolicyName: "limit", PolicyDocument: policy({ Effect: "Allow", Action: "sqs:*", Resource: "*" }) }));
  await server.iam.send(new CreateUserCommand({ UserName: "bounded" }));
  await server.iam.send(new PutUserPolicyCommand({ UserName: "bounded", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: "*", Resource: "*" }) }));
  await server.iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: made.Policy.Arn }));
  await admin.open(`#/simulator?${new URLSearchParams({ principal: `arn:aws:iam::${ACCOUNT}:user/bounded`, action: "s3:GetObject" })}`);
  await admin.button("Simulate").click();
  await admin.button("Why: s3:GetObject").click();
  await admin.settled();
  assert.match(await stage("identity").innerText(), /allows it/);
  assert.match(await stage("boundary").innerText(), /does not allow it\s+decides/);
  assert.match(await trace().innerText(), /no Allow in .Permissions boundary. matches/);
  await admin.shoot("trace-simulator");
  await admin.allIsWell("why in the simulator");
});

test("a refusal is explained as it would be decided now", async () => {
  const nobody = await Person.signedIn(browser, server.url, "nobody");
  await nobody.open("#/users");
  await nobody.button("Why?").first().click();
  await nobody.settled();
  const message = new URLSearchParams(new URL(nobody.page.url()).hash.split("?")[1]).get("message");
  await nobody.leave();

  await admin.open(`#/denied?${new URLSearchParams({ message })}`);
  assert.equal(await trace().getByTestId("verdict").innerText(), "Allowed by no policy");
  await admin.shoot("trace-refusal");
  await admin.allIsWell("a refusal, policy by policy");
  await server.iam.send(new PutUserPolicyCommand({ UserName: "nobody", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: "iam:ListUsers", Resource: "*" }) }));
  await admin.page.reload();
  await admin.settled();
  assert.equal(await trace().getByTestId("verdict").innerText(), "Allowed", "the policy has changed since");
});

describe("others", () => {
  test("a read-only role is told", async () => {
    const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
    await server.iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: trust }));
    await server.iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    const { Credentials } = await server.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader`, RoleSessionName: "guest" }));
    const reader = await Person.arrive(browser, server.url);
    await reader.page.goto(await loginLink(server.url, Credentials));
    await reader.settled();
    await reader.open("#/buckets/web/policy");
    await reader.button("Try it").click();
    await reader.settled();
    assert.equal(await trace(reader).getByTestId("verdict").innerText(), "Allowed", "it asks for itself, as the role");
    assert.match(await trace(reader).locator("mark.allows.deciding").allInnerTexts().then((lines) => lines.join("\n")), /"s3:Get\*"[^]*and \d+ more/, "of a long list what was asked for");
    await reader.shoot("trace-reader");
    await reader.allIsWell("a read-only role that tries a bucket policy");
    await reader.leave();
  });

  test("who may change bucket policies alone is refused in the server's words, and goes on writing", async () => {
    await server.iam.send(new PutUserPolicyCommand({ UserName: "nobody", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: ["s3:GetBucketPolicy", "s3:PutBucketPolicy"], Resource: "*" }) }));
    const nobody = await Person.signedIn(browser, server.url, "nobody");
    await nobody.open("#/buckets/web/policy");
    await nobody.button("Try it").click();
    await trace(nobody).getByTestId("denied").waitFor();
    assert.match(await trace(nobody).innerText(), /is not authorized to perform: iam:SimulatePrincipalPolicy/);
    await nobody.button("Save").click();
    await nobody.page.getByText("Bucket policy was saved.").waitFor();
    await nobody.allIsWell("a refused trace");
    await nobody.leave();
  });
});
