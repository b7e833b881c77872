// What was done, and what the organization allows.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { CreateUserCommand } from "@aws-sdk/client-iam";
import { openBrowser, Person } from "./people.mjs";
import { policy, startServer, TELLS_MORE } from "./server.mjs";

let server;
let browser;
let admin;

before(async () => {
  const path = "o-exampleorgid/r-ab12/";
  const noUsers = { name: "no-users", document: JSON.parse(policy({ Effect: "Deny", Action: "iam:CreateUser", Resource: "*" })) };
  server = await startServer({
    organization: { id: "o-exampleorgid", path, management: true },
    accounts: [
      {
        id: "210987654321",
        organization: { id: "o-exampleorgid", path: `${path}ou-ab12-11111111/` },
        scps: [["FullAWSAccess"], ["FullAWSAccess", noUsers]],
      },
    ],
  });
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

test("events are found by what they are, and one is shown whole", { skip: !TELLS_MORE }, async () => {
  await server.iam.send(new CreateUserCommand({ UserName: "looked-up" }));
  await admin.open("#/audit");
  await admin.page.getByLabel("Value").fill("CreateUser");
  await admin.button("Find").click();
  const row = admin.page.getByRole("row", { name: /CreateUser \(iam\)/ });
  await row.waitFor();
  await admin.settled();
  assert.equal(await admin.page.getByRole("row", { name: /\(signin\)/ }).count(), 0, "only what was asked for");
  await row.getByRole("radio").check({ force: true });
  await admin.button("Details").click();
  await admin.page.getByRole("dialog").last().getByText(/"userName": "looked-up"/).waitFor();
  await admin.shoot("flow-audit");
  await admin.allIsWell("an event");
});

test("sign-ins are told, with those that failed", { skip: !TELLS_MORE }, async () => {
  const stranger = await Person.arrive(browser, server.url);
  await stranger.page.goto(`${server.url}/_console/signin?account=123456789012`);
  await stranger.page.getByLabel("IAM user name", { exact: true }).fill("nobody");
  await stranger.page.getByLabel("Password", { exact: true }).fill("wrong");
  await stranger.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await stranger.page.getByText("Account, user name or password is not right.").waitFor();
  await stranger.leave();
  await setTimeout(1000); // a refused sign-in is in the trail within 200 ms
  await admin.open("#/audit?show=signins");
  await admin.page.getByRole("row", { name: /admin.*Done/ }).first().waitFor();
  await admin.page.getByRole("row", { name: /nobody.*Failed authentication/ }).first().waitFor();
  await admin.shoot("flow-sign-ins");
  await admin.allIsWell("sign-ins");
});

test("policies of the organization are shown with whom they limit", { skip: !TELLS_MORE }, async () => {
  await admin.open("#/organization");
  await admin.page.getByRole("row", { name: /no-users/ }).getByRole("radio").check({ force: true });
  await admin.page.getByText(/"iam:CreateUser"/).waitFor();
  await admin.settled();
  assert.match(await admin.text(), /ou-ab12-11111111/);
  await admin.page.getByRole("button", { name: "Resource control policies" }).click();
  await admin.page.getByText("There are no policies.").waitFor();
  await admin.shoot("flow-organization");
  await admin.allIsWell("policies of an organization");
});
