// Every page, as an administrator, as a read-only role that came by a federation link, and as a user who may do nothing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AttachRolePolicyCommand, CreateAccessKeyCommand, CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, clientsOf, loginLink, policy, startServer, TELLS_MORE } from "./server.mjs";

// Place, its heading, what an administrator sees there; `open` where everybody may look.
const PAGES = [
  { name: "home", place: "#/home", heading: "Home", shows: `arn:aws:iam::${ACCOUNT}:user/admin` },
  { name: "users", place: "#/users", heading: "Users", shows: "jane" },
  { name: "user", place: "#/users/jane", heading: "jane", shows: `arn:aws:iam::${ACCOUNT}:user/jane` },
  { name: "groups", place: "#/groups", heading: "Groups", shows: "developers" },
  { name: "group", place: "#/groups/developers", heading: "developers", shows: `group/developers` },
  { name: "roles", place: "#/roles", heading: "Roles", shows: "reader" },
  { name: "role", place: "#/roles/reader", heading: "reader", shows: `role/reader` },
  { name: "role-wizard", place: "#/roles?new=1", heading: "Trust", shows: "Who may assume the role?", open: true },
  { name: "policies", place: "#/policies", heading: "Policies", shows: "list-only" },
  { name: "policy", place: `#/policies/${encodeURIComponent(`arn:aws:iam::${ACCOUNT}:policy/list-only`)}`, heading: "list-only", shows: "policy/list-only" },
  { name: "providers", place: "#/providers", heading: "Identity providers", shows: "There are no providers." },
  { name: "denied", place: "#/denied", heading: "Why denied", shows: "Decode another message", open: true },
  { name: "simulator", place: "#/simulator", heading: "Policy simulator", shows: "Actions", open: true },
  { name: "report", place: "#/report", heading: "Credential report", shows: "jane" },
  { name: "buckets", place: "#/buckets", heading: "Buckets", shows: "web-assets" },
  { name: "objects", place: "#/buckets/web-assets", heading: "web-assets", shows: "index.html" },
  { name: "versions", place: "#/buckets/web-assets/versions", heading: "Versions in web-assets", shows: "An upload replaces the object" },
  { name: "bucket-policy", place: "#/buckets/web-assets/policy", heading: "Policy of web-assets", shows: "The bucket has no policy." },
  { name: "oidc-wizard", place: "#/providers?new=oidc", heading: "Provider", shows: "Issuer URL", open: true },
  { name: "matrix", place: "#/matrix", heading: "Permission matrix", shows: "users and roles" },
  { name: "becoming", place: "#/becoming", heading: "Who can become whom", shows: "users and roles" },
  { name: "sessions", place: "#/sessions", heading: "Sign-in sessions", shows: "Active" },
  { name: "settings", place: "#/settings", heading: "Settings", shows: "GroupsQuota" },
  { name: "security", place: "#/security", heading: "My security credentials", shows: "Access keys" },
  { name: "federation", place: "#/federation", heading: "Console link for a role", shows: "getSigninToken", open: true },
  { name: "no-such-page", place: "#/nowhere", shows: "The console has no page of that name.", open: true },
];

if (TELLS_MORE) {
  PAGES.push(
    { name: "audit", place: "#/audit", heading: "Audit trail", shows: "(iam)" },
    { name: "sign-ins", place: "#/audit?show=signins", heading: "Audit trail", shows: "Sign-ins" },
    { name: "organization", place: "#/organization", heading: "Organization", shows: "This account is in no organization." },
  );
}

// Of a user of one's own these are told, the rest is not.
const REFUSED = "You may not do this";

let server;
let browser;

before(async () => {
  server = await startServer();
  browser = await openBrowser();
  const { iam, s3 } = server;
  await iam.send(new CreateUserCommand({ UserName: "jane" }));
  await iam.send(new CreateAccessKeyCommand({ UserName: "jane" }));
  await iam.send(new CreateGroupCommand({ GroupName: "developers" }));
  const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
  await iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: trust }));
  await iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
  await iam.send(
    new CreatePolicyCommand({ PolicyName: "list-only", PolicyDocument: policy({ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }) }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: "web-assets" }));
  for (const Key of ["index.html", "img/logo.png"]) {
    await s3.send(new PutObjectCommand({ Bucket: "web-assets", Key, Body: "hello" }));
  }
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(person, page) {
  await person.open(page.place);
  if (page.heading) {
    assert.ok((await person.page.locator("h1").allInnerTexts()).some((text) => text.includes(page.heading)), `${page.name} has its heading`);
  }
  return person.text();
}

describe("an administrator", () => {
  let person;

  before(async () => {
    person = await Person.signedIn(browser, server.url, "admin");
  });
  after(() => person?.leave());

  for (const page of PAGES) {
    test(`sees ${page.name}`, async () => {
      const text = await visit(person, page);
      assert.ok(text.includes(page.shows), `${page.name} shows ${page.shows}:\n${text}`);
      assert.ok(!text.includes(REFUSED), text);
      await person.shoot(`admin-${page.name}`);
      await person.allIsWell(page.name);
    });
  }
});

describe("a read-only role by a federation link", () => {
  let person;

  before(async () => {
    const { Credentials } = await server.sts.send(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader`, RoleSessionName: "guest" }),
    );
    person = await Person.arrive(browser, server.url);
    await person.page.goto(await loginLink(server.url, Credentials));
    await person.settled();
  });
  after(() => person?.leave());

  for (const page of PAGES.filter(({ name }) => !["home", "security", "report", "sessions", "settings"].includes(name))) {
    test(`sees ${page.name}`, async () => {
      const text = await visit(person, page);
      assert.ok(text.includes(page.shows), `${page.name} shows ${page.shows}:\n${text}`);
      await person.allIsWell(page.name);
    });
  }

  test("is told who it is, and that it has no credentials of its own", async () => {
    assert.ok((await visit(person, PAGES[0])).includes(`arn:aws:sts::${ACCOUNT}:assumed-role/reader/guest`));
    await person.open("#/security");
    assert.ok((await person.text()).includes("This session has no credentials of its own"));
    await person.shoot("role-security");
    await person.allIsWell("security of a role");
  });

  test("is refused what it may not change, in the server's words", async () => {
    await person.open("#/users");
    await person.button("Create user").click();
    const dialog = person.page.getByRole("dialog");
    await dialog.getByLabel("User", { exact: true }).fill("eve");
    await dialog.getByRole("button", { name: "Create", exact: true }).click();
    await dialog.getByTestId("denied").waitFor();
    assert.match(await dialog.innerText(), /is not authorized to perform: iam:CreateUser/);
    await person.shoot("role-refused");
    await person.allIsWell("a refusal in a dialog");
  });
});

describe("a user who may do nothing", () => {
  let person;

  before(async () => {
    person = await Person.signedIn(browser, server.url, "nobody");
  });
  after(() => person?.leave());

  for (const page of PAGES) {
    test(`is told so on ${page.name}`, async () => {
      const text = await visit(person, page);
      if (page.open) {
        assert.ok(text.includes(page.shows), text);
      } else {
        assert.ok(text.includes(REFUSED), text);
        assert.match(text, /is not authorized to perform/);
        for (const secret of ["list-only", "index.html", "img/", "An upload replaces"].filter((name) => !page.place.includes(name))) {
          assert.ok(!text.includes(secret), `${secret} stays unknown`);
        }
      }
      await person.shoot(`nobody-${page.name}`);
      await person.allIsWell(page.name);
    });
  }

  test("asks why and hands the message to an administrator, who can read it", async () => {
    await person.open("#/users");
    await person.button("Why?").first().click();
    await person.settled();
    assert.match(await person.text(), /The server says\s[^]*iam:ListUsers/);
    assert.match(await person.text(), /sts:DecodeAuthorizationMessage/, "who may nothing may not decode it either");
    const message = new URLSearchParams(new URL(person.page.url()).hash.split("?")[1]).get("message");
    assert.ok(message, "the refusal carried an encoded message");

    const admin = await Person.signedIn(browser, server.url, "admin");
    await admin.open("#/denied");
    await admin.page.getByLabel("Encoded authorization message").fill(message);
    await admin.button("Decode").click();
    await admin.page.getByText("Allowed by no policy").first().waitFor();
    const text = await admin.text();
    for (const part of [`user/nobody`, "iam:ListUsers", "aws:SourceIp"]) assert.ok(text.includes(part), `${part} in\n${text}`);
    await admin.shoot("admin-decoded");
    await admin.allIsWell("a decoded message");
    await admin.leave();
  });

  test("the credentials of the page are those of the session and end with it", async () => {
    const given = await person.page.evaluate(async () => {
      const answer = await fetch("/_console/api/credentials", { method: "POST", headers: { "X-Signet-Console": "1" } });
      return answer.json();
    });
    assert.equal(given.arn, `arn:aws:iam::${ACCOUNT}:user/nobody`);
    assert.ok(new Date(given.expiration) - Date.now() <= 900_000);
    const { sts } = clientsOf(server.url, { ...given, expiration: new Date(given.expiration) });
    const { GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
    assert.equal((await sts.send(new GetCallerIdentityCommand({}))).Arn, given.arn);

    await person.page.goto(`${server.url}/_console/`);
    await person.settled();
    await person.page.getByRole("button", { name: "nobody", exact: true }).click();
    await person.page.getByRole("menuitem", { name: "Sign out" }).click();
    await person.page.getByText("This session has ended.").waitFor();

    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), "signing out ends them");
  });

  test("signing out in another window is noticed by the next call", async () => {
    await person.signIn("nobody");
    const other = await person.context.newPage();
    await other.goto(`${server.url}/_console/`);
    await other.getByRole("button", { name: "nobody", exact: true }).click();
    await other.getByRole("menuitem", { name: "Sign out" }).click();
    await other.getByText("This session has ended.").waitFor();
    await other.close();

    await person.button("Try again").first().click();
    await person.page.getByRole("heading", { name: "Your session has ended" }).waitFor();
    await person.shoot("session-ended");
    await person.allIsWell("a session that ended elsewhere");
    const [tab] = await Promise.all([person.context.waitForEvent("page"), person.page.getByRole("link", { name: /^Sign in again/ }).click()]);
    await tab.getByLabel("IAM user name", { exact: true }).waitFor();
    await tab.close();
  });
});
