// How long sign-ins last: set in the console, and ended when the server's clock gets there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CreateLoginProfileCommand, CreateRoleCommand, CreateUserCommand, GetRoleCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, PASSWORD, policy, startServer } from "./server.mjs";

const HOUR = 3600;

let server;
let browser;
let admin;

const within = (person) => person.page.getByRole("dialog").last();

async function shift(seconds) {
  const answer = await fetch(`${server.url}/_signet/clock`, { method: "POST", body: JSON.stringify({ shift_seconds: seconds }) });
  assert.equal(answer.status, 200);
}

// What the session of the page says of its end, in seconds from the server's now.
async function lasts(person) {
  const { ends, now } = await person.page.evaluate(async () => {
    const answer = await fetch("/_console/api/credentials", { method: "POST", headers: { "X-Signet-Console": "1" } });
    const { sessionExpires } = await answer.json();
    return { ends: sessionExpires, now: (await (await fetch("/_signet/clock")).json()).now };
  });
  return (new Date(ends) - new Date(now)) / 1000;
}

const near = (seconds, wanted) => assert.ok(Math.abs(seconds - wanted) < 120, `${seconds} seconds, not ${wanted}`);

before(async () => {
  server = await startServer();
  const { iam } = server;
  await iam.send(new CreateUserCommand({ UserName: "selma" }));
  await iam.send(new CreateLoginProfileCommand({ UserName: "selma", Password: PASSWORD }));
  const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName: "long", AssumeRolePolicyDocument: trust, MaxSessionDuration: 4 * HOUR }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("how long sign-ins of a role last is set and taken back, and its other numbers stay", async () => {
  await admin.open("#/roles/long");
  assert.match(await admin.text(), /As long as the session itself/);
  await admin.button("Edit").first().click();
  await within(admin).getByLabel("Longest sign-in session").fill("720");
  await admin.shoot("durations-role");
  await admin.allIsWell("the dialog of a role");
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("720 h").waitFor();
  const hours = async () => (await server.iam.send(new GetRoleCommand({ RoleName: "long" }))).Role.MaxSessionDuration / HOUR;
  assert.equal(await hours(), 4);
  await admin.button("Edit").first().click();
  await within(admin).getByLabel("Longest sign-in session").fill("");
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("720 h").waitFor({ state: "detached" });
  assert.equal(await hours(), 4);
});

test("a length that is none is refused in the server's words", async () => {
  await admin.open("#/users/selma");
  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.button("Change session length").click();
  for (const hours of ["0.5", "2161"]) {
    await within(admin).getByLabel("Longest sign-in session").fill(hours);
    await within(admin).getByRole("button", { name: "Save", exact: true }).click();
    await within(admin).getByTestId("problem").waitFor();
    assert.match(await within(admin).innerText(), /maxSigninSessionDuration/i, hours);
  }
  await within(admin).getByRole("button", { name: "Cancel", exact: true }).click();
});

test("a sign-in of a user lasts as long as is set for the password, no longer", async () => {
  const selma = await Person.signedIn(browser, server.url, "selma");
  near(await lasts(selma), 12 * HOUR);

  await admin.open("#/users/selma");
  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.page.getByText("Longest sign-in session: 12 h").waitFor();
  await admin.button("Change session length").click();
  await within(admin).getByLabel("Longest sign-in session").fill("1");
  await admin.shoot("durations-user");
  await admin.allIsWell("the dialog of a password");
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("Longest sign-in session: 1 h").waitFor();
  await admin.shoot("durations-user-set");
  near(await lasts(selma), 12 * HOUR); // sign-ins that are there go on

  await selma.signIn("selma");
  near(await lasts(selma), HOUR);
  await selma.open("#/home");
  await shift(HOUR - 60);
  await selma.page.reload();
  await selma.settled();
  assert.doesNotMatch(await selma.text(), /session has ended/);
  await shift(120);
  await selma.page.reload();
  await selma.page.getByText("You are not signed in").waitFor();
  await selma.leave();
});

// The page's clock is an hour behind the server's from here on.
test("it may be longer than half a day, and is taken back", async () => {
  await admin.signIn("admin");
  await admin.open("#/users/selma");
  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.button("Change session length").click();
  await within(admin).getByLabel("Longest sign-in session").fill("48");
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("Longest sign-in session: 48 h").waitFor();
  const selma = await Person.signedIn(browser, server.url, "selma");
  near(await lasts(selma), 48 * HOUR);
  await shift(47 * HOUR);
  near(await lasts(selma), HOUR);
  await shift(2 * HOUR);
  await selma.page.reload();
  await selma.page.getByText("You are not signed in").waitFor();

  await admin.signIn("admin");
  await admin.open("#/users/selma");
  await admin.page.getByRole("tab", { name: "Credentials" }).click();
  await admin.button("Change session length").click();
  await within(admin).getByLabel("Longest sign-in session").fill("");
  await within(admin).getByRole("button", { name: "Save", exact: true }).click();
  await admin.page.getByText("Longest sign-in session: 12 h").waitFor();
  await selma.signIn("selma");
  near(await lasts(selma), 12 * HOUR);
  await selma.leave();
});

test("who may only look is refused in the server's words", async () => {
  const only = { Effect: "Allow", Action: ["iam:GetUser", "iam:GetLoginProfile", "iam:List*"], Resource: "*" };
  await server.iam.send(new PutUserPolicyCommand({ UserName: "nobody", PolicyName: "p", PolicyDocument: policy(only) }));
  const looker = await Person.signedIn(browser, server.url, "nobody");
  await looker.open("#/users/selma");
  await looker.page.getByRole("tab", { name: "Credentials" }).click();
  await looker.button("Change session length").click();
  await within(looker).getByLabel("Longest sign-in session").fill("24");
  await within(looker).getByRole("button", { name: "Save", exact: true }).click();
  await within(looker).getByTestId("denied").waitFor();
  assert.match(await within(looker).innerText(), /is not authorized to perform: iam:UpdateLoginProfile/);
  await looker.allIsWell("a refused length");
  await looker.leave();
});
