// The way of a new person, from what the server prints at its first start to a terminal that is signed in, by what the pages offer alone.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openBrowser, Person } from "./people.mjs";
import { startFirst } from "./server.mjs";
import { code } from "./totp.mjs";

const PYTHON = process.env.SIGNET_PYTHON; // one with boto3; ./test has one
const TERMINAL = new URL("aws_login.py", import.meta.url).pathname;

let server;
let browser;
let person;

before(async () => {
  server = await startFirst();
  browser = await openBrowser();
  person = await Person.arrive(browser, server.url);
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const dialog = () => person.page.getByRole("dialog").last();

async function menu(item) {
  await person.page.getByRole("button", { name: server.first.user, exact: true }).click();
  await person.page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function go(page) {
  const link = person.page.getByRole("link", { name: page, exact: true }).first();
  if (!(await link.isVisible())) await person.page.getByRole("button", { name: "Navigation", exact: true }).click(); // on narrow pages it is folded
  await link.click();
  await person.settled();
}

let seed;
let lastStep; // a code is good once

test("what the first start prints signs in as administrator", async () => {
  const { page, user, password } = server.first;
  await person.page.goto(page);
  await person.page.getByLabel("IAM user name", { exact: true }).fill(user);
  await person.page.getByLabel("Password", { exact: true }).fill(password);
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await person.settled();
  assert.match(await person.text(), new RegExp(`arn:aws:iam::${server.first.account}:user/admin`));
  await person.shoot("first-1-home");
  await person.allIsWell("the first page");
});

test("MFA is enrolled with a code that a telephone reads from the screen", async () => {
  await person.page.getByRole("link", { name: "admin signs in with a password and no MFA" }).click();
  await person.settled();
  await person.button("Add MFA device").click();
  await dialog().getByRole("button", { name: "Next", exact: true }).click();
  const picture = dialog().getByAltText("QR code for an authenticator app");
  await picture.waitFor();
  mkdirSync(join(server.folder, "camera"));
  const photo = join(server.folder, "camera", "qr.png");
  await picture.screenshot({ path: photo }); // what the telephone sees, scaled by the page
  const read = new URL(execFileSync("zbarimg", ["--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", photo], { encoding: "utf8" }).trim());
  assert.equal(read.protocol, "otpauth:");
  assert.match(decodeURIComponent(read.pathname), new RegExp(`${server.first.account}`));
  seed = read.searchParams.get("secret");
  const now = Date.now() / 1000;
  await dialog().getByLabel("First code").fill(code(seed, now - 30)); // one step late is let pass
  await dialog().getByLabel("The code after it").fill(code(seed, now));
  lastStep = Math.floor(now / 30);
  await person.shoot("first-2-mfa");
  await person.allIsWell("MFA");
  await dialog().getByRole("button", { name: "Add MFA device" }).click();
  await person.page.getByText("The device is in use from now on.").waitFor();
});

test("the wizard makes a role, and its page switches to it", async () => {
  await go("Roles");
  await person.button("Create role").click();
  await person.settled();
  await person.button("Next").click();
  await person.page.getByLabel("Managed policy").fill("AmazonS3ReadOnly");
  await person.page.getByRole("option", { name: /AmazonS3ReadOnlyAccess/ }).first().click();
  await person.button("Next").click();
  await person.page.getByLabel("Role", { exact: true }).fill("reader");
  await person.button("Create role").click();
  await person.page.getByRole("heading", { name: "reader" }).waitFor();
  await person.settled();
  await person.shoot("first-3-role");
  await person.page.getByRole("link", { name: "Switch to this role" }).click();
  await person.page.getByRole("button", { name: "Switch role" }).click();
  await person.page.getByTestId("role-bar").waitFor();
  await person.settled();
  assert.match(await person.text(), /assumed-role\/reader\//);
  await person.shoot("first-4-role-bar");
  await person.allIsWell("the role");
});

test("the role is denied something, and its person understands why", async () => {
  await go("Users");
  assert.match(await person.text(), /not authorized to perform: iam:ListUsers on resource: \S+ because no identity-based policy allows the iam:ListUsers action/);
  await person.button("Why?").first().click();
  await person.settled();
  await person.shoot("first-5-why-as-the-role");
  await person.allIsWell("why, as the role");

  // Who may read policies sees which ones were asked.
  await person.button("Look as admin").click();
  await person.page.getByTestId("trace").waitFor();
  await person.settled();
  assert.equal(await person.page.getByTestId("role-bar").count(), 0);
  const told = await person.page.getByTestId("trace").innerText();
  assert.match(told, /Allowed by no policy/);
  assert.match(told, /Policies of the principal does not allow it\s+decides/);
  await person.shoot("first-6-why");
  await person.allIsWell("why, as administrator");
});

test("a terminal is signed in by the browser, and its session is revoked there", { skip: PYTHON === undefined && "SIGNET_PYTHON is not set" }, async () => {
  const terminal = (...words) => execFileSync(PYTHON, [TERMINAL, ...words, server.folder], { encoding: "utf8" }).trim();
  const login = spawn(PYTHON, [TERMINAL, "login", server.url, server.folder], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => login.once("exit", resolve));
  const address = await new Promise((resolve) => login.stdout.once("data", (text) => resolve(String(text).trim())));
  const tab = await person.context.newPage();
  await tab.goto(address);
  assert.match(await tab.locator("body").innerText(), /user\/admin/);
  await tab.screenshot({ path: join(server.folder, "consent.png") });
  await tab.getByRole("button", { name: "Allow", exact: true }).click();
  await tab.getByText("You can close this window").waitFor();
  await tab.close();
  assert.equal(await ended, 0);
  const arn = `arn:aws:iam::${server.first.account}:user/admin`;
  assert.equal(terminal("who", server.url), arn);

  await go("Sign-in sessions");
  const row = person.page.getByRole("row", { name: /aws login/ });
  await row.getByRole("radio").check({ force: true });
  await person.shoot("first-7-sessions");
  await person.button("Revoke").click();
  await dialog().getByRole("button", { name: "Revoke", exact: true }).click();
  await row.getByText("Revoked").waitFor();
  await person.allIsWell("a revoked session");
  assert.match(terminal("who", server.url), /InvalidClientTokenId|ExpiredToken/, "its credentials ended with it");
  execFileSync(PYTHON, [TERMINAL, "expire", server.folder]);
  assert.match(terminal("who", server.url), /session has expired|LoginRefreshRequired/i, "and it gives no new ones");
});

test("the next sign-in asks for the code", async () => {
  await menu("Sign out");
  await person.page.goto(server.first.page);
  await person.page.getByLabel("IAM user name", { exact: true }).fill(server.first.user);
  await person.page.getByLabel("Password", { exact: true }).fill(server.first.password);
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
  const field = person.page.getByLabel("Code of your authenticator");
  await field.waitFor();
  await field.fill(code(seed, Math.max((lastStep + 1) * 30, Date.now() / 1000))); // one step early is let pass
  await person.page.getByRole("button", { name: "Go on", exact: true }).click();
  await person.settled();
  assert.match(await person.text(), /Given in this session/);
  await person.allIsWell("a sign-in with a code");
});
