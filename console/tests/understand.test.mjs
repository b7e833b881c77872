// Pages that tell what policies mean: in words, and for everybody at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { AttachUserPolicyCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutRolePolicyCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, policy, startServer } from "./server.mjs";

let server;
let browser;
let admin;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a policy is told in words, conditions included", async () => {
  const document = policy(
    { Sid: "Reading", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/*", Condition: { Bool: { "aws:SecureTransport": "true" } } },
    { Effect: "Deny", NotAction: "s3:*", Resource: "*" },
  );
  await server.iam.send(new CreatePolicyCommand({ PolicyName: "told", PolicyDocument: document }));
  await admin.open(`#/policies/${encodeURIComponent(`arn:aws:iam::${ACCOUNT}:policy/told`)}`);
  await admin.page.getByRole("tab", { name: "In words" }).click();
  await admin.page.getByText("Reading: It may do s3:GetObject on arn:aws:s3:::a/*, only if Bool aws:SecureTransport true.").waitFor();
  await admin.page.getByText("It may never do anything except s3:* on any resource.").waitFor();
  await admin.settled();
  await admin.shoot("flow-policy-words");
  await admin.allIsWell("a policy in words");
});

test("in another language the server tells a policy in that one", async () => {
  const person = await Person.signedIn(browser, server.url, "admin", { locale: "de-DE" });
  await person.open(`#/policies/${encodeURIComponent(`arn:aws:iam::${ACCOUNT}:policy/told`)}`);
  await person.page.getByRole("tab", { name: "In Worten" }).click();
  await person.page.getByText("Reading: Die Identit\u00e4t darf ausf\u00fchren: s3:GetObject auf arn:aws:s3:::a/*, nur wenn Bool aws:SecureTransport true.").waitFor();
  await person.settled();
  await person.shoot("de-policy-words");
  await person.allIsWell("a policy in German words");
  await person.leave();
});

for (const [locale, told] of [
  ["de-DE", "Der Dienst s3 hat keine Aktion \u201eGetObjekt\u201c"],
  ["ja-JP", "\u30b5\u30fc\u30d3\u30b9 s3 \u306b\u30a2\u30af\u30b7\u30e7\u30f3\u300cGetObjekt\u300d\u306f\u3042\u308a\u307e\u305b\u3093"],
  ["zh-CN", "\u670d\u52a1 s3 \u6ca1\u6709\u64cd\u4f5c\u201cGetObjekt\u201d"],
]) {
  test(`what is wrong with a policy is told in the language of ${locale}, and what it newly grants`, async () => {
    const person = await Person.signedIn(browser, server.url, "admin", { locale });
    await person.open(`#/policies/${encodeURIComponent(`arn:aws:iam::${ACCOUNT}:policy/told`)}`);
    await person.page.locator(".policy textarea").fill(policy({ Effect: "Allow", Action: ["s3:GetObjekt", "s3:PutObject"], Resource: "*" }));
    await person.page.getByTestId("findings").getByText(told).waitFor();
    await person.page.getByTestId("new-access").getByText("s3:PutObject").waitFor();
    await person.settled();
    await person.shoot(`${locale}-findings`);
    await person.allIsWell(`findings in ${locale}`);
    await person.leave();
  });
}

test("the matrix says what everybody may do, and why one click further", async () => {
  const { iam } = server;
  await iam.send(new CreateUserCommand({ UserName: "reader" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "reader", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }) }));
  await iam.send(new CreateUserCommand({ UserName: "barred" }));
  await iam.send(new AttachUserPolicyCommand({ UserName: "barred", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess" }));
  await iam.send(new PutUserPolicyCommand({ UserName: "barred", PolicyName: "p", PolicyDocument: policy({ Effect: "Deny", Action: "s3:*", Resource: "*" }) }));
  const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName: "worker", AssumeRolePolicyDocument: trust }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "worker", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: "iam:CreateUser", Resource: "*" }) }));

  await admin.open("#/matrix");
  await admin.button("Show 5 users and roles").click();
  const map = admin.page.getByRole("region", { name: "Permission matrix" });
  await map.waitFor();
  await admin.settled();
  for (const [who, action, decision] of [
    ["reader", "s3:GetObject", "Allowed"],
    ["reader", "iam:CreateUser", "Allowed by no policy"],
    ["barred", "s3:GetObject", "Denied by a statement"],
    ["barred", "iam:CreateUser", "Allowed"],
    ["worker", "iam:CreateUser", "Allowed"],
    ["nobody", "s3:PutObject", "Allowed by no policy"],
  ]) {
    await map.getByRole("link", { name: `${who} ${action}: ${decision}`, exact: true }).waitFor();
  }
  await admin.shoot("flow-matrix");
  await admin.allIsWell("the matrix");
  await map.getByRole("link", { name: "barred s3:GetObject: Denied by a statement" }).click();
  await admin.settled();
  await admin.button("Simulate").click();
  await admin.page.getByText("Denied by a statement").waitFor();
});

test("a name that is no action is refused in the server's words", async () => {
  await admin.open("#/matrix");
  await admin.page.getByLabel("Actions").fill("no-action");
  await admin.page.getByRole("button", { name: /Show \d+ users/ }).click();
  await admin.page.getByTestId("problem").waitFor();
});

test("the graph shows who can become whom, and who is as good as an administrator", async () => {
  const { iam } = server;
  const trustOf = (name) => policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${name}` }, Action: "sts:AssumeRole" });
  await iam.send(new CreateUserCommand({ UserName: "climber" }));
  await iam.send(new CreateRoleCommand({ RoleName: "ladder", AssumeRolePolicyDocument: trustOf("climber") }));
  await iam.send(new PutUserPolicyCommand({ UserName: "climber", PolicyName: "p", PolicyDocument: policy({ Effect: "Deny", Action: "sts:AssumeRole", Resource: "*", Condition: { BoolIfExists: { "aws:MultiFactorAuthPresent": "false" } } }) }));
  await iam.send(new PutRolePolicyCommand({ RoleName: "ladder", PolicyName: "p", PolicyDocument: policy({ Effect: "Allow", Action: "iam:CreateAccessKey", Resource: `arn:aws:iam::${ACCOUNT}:user/barred` }) }));

  await admin.open("#/becoming");
  await admin.page.getByRole("button", { name: /Show \d+ users/ }).click();
  const picture = admin.page.getByRole("region", { name: "Who can become whom" });
  await picture.waitFor();
  await admin.settled();
  const rowOf = (name) => admin.page.locator("tbody tr", { has: admin.page.getByRole("rowheader", { name, exact: true }) });
  const row = (name) => rowOf(name).innerText();
  assert.match(await row("user/climber"), /2 steps away\s+role\/ladder: assumes the role \(sts:AssumeRole, MFA\)\s+[^]*2/);
  assert.match(await row("user/barred"), /Administrator/, "it may do all of IAM");
  assert.match(await row("user/nobody"), /Never\s+-\s+[^]*0/);
  assert.match(await row("role/ladder"), /One step away\s+user\/barred: makes an access key \(iam:CreateAccessKey\)/);
  await admin.shoot("flow-becoming");
  await picture.locator("g.node", { hasText: "user/climber" }).hover();
  assert.equal(await picture.locator("g.node.faded", { hasText: "user/barred" }).count(), 0, "it is in reach");
  assert.equal(await picture.locator("g.node.faded", { hasText: "user/admin" }).count(), 1, "the administrator of the account is not");
  await admin.shoot("flow-becoming-reach");
  await picture.locator("g.node", { hasText: "user/climber" }).click();
  const way = admin.page.locator("ol.words");
  await way.getByText("role/ladder: assumes the role (sts:AssumeRole, MFA)").waitFor();
  assert.equal(await way.locator("li").count(), 2, "one step after the other, up to the administrator");
  assert.equal(await rowOf("user/climber").getByRole("radio").isChecked(), true);
  await admin.shoot("flow-becoming-way");
  await admin.allIsWell("the graph");
});

test("every kind of step is told, with its conditions and commands; one that has no words by its name", async () => {
  const arn = (name) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
  const call = (action, more = {}) => ({ action, resourceArn: "*", condition: "ALWAYS", conditionBlocks: [], ...more });
  const step = (to, action, more = {}) => ({ principalArn: arn(to), action, needsMfa: false, condition: "ALWAYS", calls: [call(action, { command: `aws iam ${to}` })], ...more });
  const none = { isAdministrator: false, steps: [], administratorCalls: [], strengthens: [] };
  // What the server may answer: the page is asked whether it can show it.
  await admin.page.route("**/list-becoming", (route) => {
    const { principalArns } = route.request().postDataJSON();
    const results = principalArns.map((principalArn) => {
      if (principalArn === arn("admin")) {
        return { ...none, principalArn, isAdministrator: true, administratorCondition: "ALWAYS", administratorCalls: [call("iam:SetDefaultPolicyVersion", { command: "aws iam set-default-policy-version" })] };
      }
      if (principalArn === arn("climber")) {
        const conditional = call("iam:AddUserToGroup", { command: "aws iam add-user-to-group", condition: "CONDITIONAL", conditionBlocks: ['{"Bool":{"aws:SecureTransport":"true"}}'] });
        return { ...none, principalArn, steps: [step("admin", "iam:AddUserToGroup", { condition: "CONDITIONAL", calls: [conditional] }), step("barred", "iam:FlyToTheMoon", { condition: "UNKNOWN" })], strengthens: [step("nobody", "iam:PutUserPolicy")] };
      }
      return { ...none, principalArn };
    });
    return route.fulfill({ json: { results } });
  });
  await admin.open("#/becoming");
  await admin.page.getByRole("button", { name: /Show \d+ users/ }).click();
  await admin.page.getByRole("region", { name: "Who can become whom" }).waitFor();
  const row = admin.page.locator("tbody tr", { has: admin.page.getByRole("rowheader", { name: "user/climber", exact: true }) });
  const text = await row.innerText();
  for (const part of ["One step away", "user/admin: adds to a group (iam:AddUserToGroup, under conditions)", "user/barred: iam:FlyToTheMoon (perhaps)", "user/nobody: writes an inline policy (iam:PutUserPolicy)"]) {
    assert.ok(text.includes(part), `${part} in\n${text}`);
  }
  await row.getByRole("radio").check({ force: true });
  const commands = await admin.page.getByRole("region", { name: "The way of user/climber" }).innerText();
  assert.equal(commands, '# {"Bool":{"aws:SecureTransport":"true"}}\naws iam add-user-to-group\naws iam set-default-policy-version');
  assert.equal(await admin.page.locator("path.edge.conditional").count(), 1);
  await admin.shoot("flow-becoming-kinds");
  await admin.allIsWell("kinds of steps");
  await admin.page.unroute("**/list-becoming");
});
