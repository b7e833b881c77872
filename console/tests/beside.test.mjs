// Several sessions of one browser beside each other, each in a tab of its own.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, loginLink, PASSWORD, policy, startServer } from "./server.mjs";

let server;
let browser;
let person;

before(async () => {
  server = await startServer();
  const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
  await server.iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: trust }));
  await server.iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
  browser = await openBrowser();
  person = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const menu = (name) => person.page.getByRole("button", { name, exact: true });
const item = (name) => person.page.getByRole("menuitem", { name, exact: true });
const cookies = async () => (await person.context.cookies()).map(({ name }) => name).filter((name) => name.startsWith("signet-sid")).sort();

async function fillIn(user) {
  await person.page.getByLabel("Account ID or alias", { exact: true }).fill(ACCOUNT);
  await person.page.getByLabel("IAM user name", { exact: true }).fill(user);
  await person.page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await person.settled();
}

test("somebody else signs in beside, and neither session becomes the other", async () => {
  await menu("admin").click();
  await person.shoot("beside-menu");
  await item("Sign in as somebody else beside this").click();
  await fillIn("nobody");
  assert.equal(new URL(person.page.url()).search, "?session=1");
  await person.open("?session=1#/home");
  assert.match(await person.text(), /user\/nobody/);
  assert.deepEqual(await cookies(), ["signet-sid", "signet-sid-1"]);

  const other = await person.context.newPage();
  await other.goto(`${server.url}/_console/#/home`);
  await other.locator("main").getByText(`arn:aws:iam::${ACCOUNT}:user/admin`).first().waitFor();
  await other.goto(`${server.url}/_console/#/users`);
  await other.getByRole("link", { name: "nobody" }).waitFor();
  await other.close();

  await person.open("?session=1#/users");
  assert.match(await person.text(), /user\/nobody is not authorized to perform: iam:ListUsers/, "this tab is still nobody's");
  await person.allIsWell("a session beside another");
});

test("a tab goes on as the other one, and back", async () => {
  await menu("nobody").click();
  await item("Go on as admin").click();
  await person.settled();
  assert.equal(new URL(person.page.url()).search, "");
  await menu("admin").click();
  await item("Go on as nobody").click();
  await person.settled();
  assert.equal(new URL(person.page.url()).search, "?session=1");
  await person.allIsWell("going on as another");
});

test("a federation link asks, and opens beside", async () => {
  const { Credentials } = await server.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader`, RoleSessionName: "guest" }));
  await person.page.goto(await loginLink(server.url, Credentials));
  await person.page.getByRole("heading", { name: "Switch to another session?" }).waitFor();
  await person.shoot("beside-federation");
  await person.allIsWell("the question of a link");
  await person.page.getByRole("button", { name: "Open it beside this one" }).click();
  await person.settled();
  assert.equal(new URL(person.page.url()).search, "?session=2");
  await person.open("?session=2#/home");
  assert.match(await person.text(), /assumed-role\/reader\/guest/);
  assert.deepEqual(await cookies(), ["signet-sid", "signet-sid-1", "signet-sid-2"]);
  await person.allIsWell("a link beside");
});

test("aws login asks which of them", async () => {
  const asked = [];
  const program = createServer((request, response) => {
    asked.push(request.url);
    response.end("done");
  });
  await new Promise((resolve) => program.listen(0, "127.0.0.1", resolve));
  const query = new URLSearchParams({
    response_type: "code", client_id: "arn:aws:signin:::devtools/same-device", state: "s", code_challenge_method: "SHA-256", scope: "openid",
    redirect_uri: `http://127.0.0.1:${program.address().port}/oauth/callback`, code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  });
  await person.page.goto(`${server.url}/v1/authorize?${query}`);
  assert.match(await person.page.locator("#arn").innerText(), /user\/admin/);
  await person.shoot("beside-authorize");
  await person.allIsWell("the question of aws login");
  await person.page.getByRole("link", { name: `arn:aws:iam::${ACCOUNT}:user/nobody` }).click();
  await person.page.locator("#arn").getByText("user/nobody").waitFor();
  await person.page.getByRole("button", { name: "Refuse" }).click();
  await person.page.getByText("done").waitFor();
  assert.match(asked[0], /error=access_denied&state=s$/);

  // Whoever was shown is who answers: this one may not give credentials to programs, the administrator may.
  await person.page.goto(`${server.url}/v1/authorize?${query}&session=1`);
  await person.page.getByRole("button", { name: "Allow" }).click();
  await person.page.getByText("done").waitFor();
  assert.match(asked.filter((url) => url.startsWith("/oauth")).at(-1), /error=access_denied.*user%2Fnobody/);
  await person.page.goto(`${server.url}/v1/authorize?${query}`);
  await person.page.getByRole("button", { name: "Allow" }).click();
  await person.page.getByText("done").waitFor();
  assert.match(asked.filter((url) => url.startsWith("/oauth")).at(-1), /\?code=/);
  program.close();
  program.closeAllConnections();
});

test("signing out ends one of them, or all", async () => {
  await person.open("?session=1#/home");
  await menu("nobody").click();
  await item("Sign out").click();
  await person.page.getByText("This session has ended.").waitFor();
  assert.deepEqual(await cookies(), ["signet-sid", "signet-sid-2"]);
  await person.page.getByRole("link", { name: "Sign in again" }).click();
  await fillIn("nobody");
  assert.equal(new URL(person.page.url()).search, "?session=1", "in the same place");

  await person.open("#/home");
  assert.match(await person.text(), /user\/admin/);
  await menu("admin").click();
  await item("Sign out of all sessions here").click();
  await person.page.getByText("This session has ended.").waitFor();
  assert.deepEqual(await cookies(), []);
  await person.page.goto(`${server.url}/_console/?session=2`);
  await person.page.getByLabel("IAM user name", { exact: true }).waitFor();
  assert.deepEqual(person.problems, []);
});
