// Versions of objects: what is kept, brought back, and deleted for good.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { AttachRolePolicyCommand, CreateRoleCommand } from "@aws-sdk/client-iam";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { openBrowser, Person } from "./people.mjs";
import { ACCOUNT, loginLink, policy, startServer } from "./server.mjs";

const KEY = "2026/a b+c&\u00e9.txt";

let server;
let browser;
let admin;

const put = (Body, Key = KEY) => server.s3.send(new PutObjectCommand({ Bucket: "kept", Key, Body }));
const read = async (Key = KEY) => (await server.s3.send(new GetObjectCommand({ Bucket: "kept", Key }))).Body.transformToString();
const within = (person) => person.page.getByRole("dialog").last();

before(async () => {
  server = await startServer();
  await server.s3.send(new CreateBucketCommand({ Bucket: "kept" }));
  browser = await openBrowser();
  admin = await Person.signedIn(browser, server.url, "admin");
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function pick(row, button) {
  await row.getByRole("radio").check({ force: true });
  await admin.button(button).click();
}

async function confirm(name, said) {
  await within(admin).getByRole("button", { name, exact: true }).click();
  await admin.page.getByText(said).first().waitFor();
  await admin.settled();
}

test("versioning is switched on and off, and what that means is said before", async () => {
  await admin.open("#/buckets/kept");
  await admin.page.getByRole("link", { name: "Versions", exact: true }).click();
  await admin.page.getByText("An upload replaces the object of the same key").waitFor();
  const status = async () => (await server.s3.send(new GetBucketVersioningCommand({ Bucket: "kept" }))).Status;
  await admin.button("Switch versioning on").click();
  await within(admin).getByText("versioning can be suspended later, not removed").waitFor();
  await admin.shoot("versions-switch-on");
  await admin.allIsWell("the warning before versioning is switched on");
  assert.equal(await status(), undefined, "a question changes nothing");
  await confirm("Switch versioning on", "keeps what was there before as an earlier version");
  assert.equal(await status(), "Enabled");
  await admin.button("Suspend versioning").click();
  await within(admin).getByText("what it replaces cannot be brought back").waitFor();
  await confirm("Suspend versioning", "The versions there are stay. New uploads replace each other");
  assert.equal(await status(), "Suspended");
  await admin.button("Switch versioning on").click();
  await confirm("Switch versioning on", "keeps what was there before as an earlier version");
  assert.equal(await status(), "Enabled");
});

test("an earlier version is downloaded, and comes back on top as a copy", async () => {
  await put("first");
  await put("second");
  await admin.open("#/buckets/kept?prefix=2026%2F");
  await admin.page.getByRole("row", { name: /a b\+c/ }).getByRole("radio").check({ force: true });
  await admin.page.getByRole("link", { name: "Versions", exact: true }).click();
  await admin.page.getByRole("heading", { name: `Versions of ${KEY}` }).waitFor();
  await admin.settled();
  const earlier = admin.page.getByRole("row", { name: /Earlier version/ });
  await earlier.getByRole("radio").check({ force: true });
  const [download] = await Promise.all([admin.page.waitForEvent("download"), admin.button("Download").click()]);
  assert.equal(readFileSync(await download.path(), "utf8"), "first");
  assert.equal(download.suggestedFilename(), "a b+c&\u00e9.txt");

  await admin.button("Restore").click();
  await within(admin).getByText("copied on top as a new one").waitFor();
  await confirm("Restore", "was restored");
  assert.equal(await read(), "first");
  const { Versions } = await server.s3.send(new ListObjectVersionsCommand({ Bucket: "kept", Prefix: KEY }));
  assert.equal(Versions.length, 3, "nothing was lost");
  await admin.shoot("versions-of-one");
  await admin.allIsWell("versions of an object");
});

test("a deleted object is seen, and is back without its delete marker", async () => {
  await admin.open("#/buckets/kept?prefix=2026%2F");
  await pick(admin.page.getByRole("row", { name: /a b\+c/ }), "Delete");
  await within(admin).getByText("the object is hidden, and can be restored").waitFor();
  await confirm("Delete", "was deleted");
  await assert.rejects(read(), { name: "NoSuchKey" });

  await admin.open("#/buckets/kept/versions?prefix=2026%2F");
  const marker = admin.page.getByRole("row", { name: /hidden by a delete marker/ });
  await marker.waitFor();
  await admin.shoot("versions-delete-marker");
  await pick(marker, "Restore");
  await within(admin).getByText("The delete marker is removed").waitFor();
  await confirm("Restore", "was restored");
  assert.equal(await read(), "first");
});

test("a version is deleted for good, and the others stay", async () => {
  await admin.open(`#/buckets/kept/versions?${new URLSearchParams({ key: KEY })}`);
  await pick(admin.page.getByRole("row", { name: /Current version/ }), "Delete for good");
  await within(admin).getByText("nobody can bring it back").waitFor();
  await confirm("Delete", "was deleted");
  assert.equal(await read(), "second");
  const { Versions } = await server.s3.send(new ListObjectVersionsCommand({ Bucket: "kept", Prefix: KEY }));
  assert.equal(Versions.length, 2);
});

test("what was stored before versioning has no version ID, and a key that only begins so is another", async () => {
  await server.s3.send(new CreateBucketCommand({ Bucket: "late" }));
  for (const Key of ["a", "ab"]) await server.s3.send(new PutObjectCommand({ Bucket: "late", Key, Body: "old" }));
  await server.s3.send(new PutBucketVersioningCommand({ Bucket: "late", VersioningConfiguration: { Status: "Enabled" } }));
  await server.s3.send(new DeleteObjectCommand({ Bucket: "late", Key: "a" }));
  await admin.open("#/buckets/late/versions?key=a");
  const text = await admin.text();
  assert.match(text, /none \(stored while versioning was off\)/);
  assert.match(text, /Deleted \(hidden by a delete marker\)/);
  assert.match(text, /\(2\)/, "those of `a` alone");
  await pick(admin.page.getByRole("row", { name: /stored while/ }), "Restore");
  await confirm("Restore", "was restored");
  assert.equal(await (await server.s3.send(new GetObjectCommand({ Bucket: "late", Key: "a" }))).Body.transformToString(), "old");
});

test("more versions than one answer has come page by page", async () => {
  await server.s3.send(new CreateBucketCommand({ Bucket: "many" }));
  await server.s3.send(new PutBucketVersioningCommand({ Bucket: "many", VersioningConfiguration: { Status: "Enabled" } }));
  for (let first = 0; first < 1010; first += 101) {
    await Promise.all(Array.from({ length: 101 }, () => server.s3.send(new PutObjectCommand({ Bucket: "many", Key: "one", Body: "x" }))));
  }
  await admin.open("#/buckets/many/versions?key=one");
  assert.match(await admin.text(), /\(1000\+\)/);
  await admin.page.getByPlaceholder("Find").fill("one");
  await admin.page.getByText("1010 found").first().waitFor();
  await admin.allIsWell("many versions");
});

describe("who may only read", () => {
  let reader;

  before(async () => {
    const trust = policy({ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "sts:AssumeRole" });
    await server.iam.send(new CreateRoleCommand({ RoleName: "reader", AssumeRolePolicyDocument: trust }));
    await server.iam.send(new AttachRolePolicyCommand({ RoleName: "reader", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }));
    const { Credentials } = await server.sts.send(new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/reader`, RoleSessionName: "guest" }));
    reader = await Person.arrive(browser, server.url);
    await reader.page.goto(await loginLink(server.url, Credentials));
    await reader.settled();
  });
  after(() => reader?.leave());

  test("sees versions, and is refused what changes them in the server's words", async () => {
    await reader.open(`#/buckets/kept/versions?${new URLSearchParams({ key: KEY })}`);
    assert.match(await reader.text(), /Current version/);
    await reader.button("Suspend versioning").click();
    await within(reader).getByRole("button", { name: "Suspend versioning", exact: true }).click();
    await within(reader).getByTestId("denied").waitFor();
    assert.match(await within(reader).innerText(), /is not authorized to perform: s3:PutBucketVersioning/);
    await within(reader).getByRole("button", { name: "Cancel", exact: true }).click();
    await reader.page.getByRole("row", { name: /Earlier version/ }).getByRole("radio").check({ force: true });
    await reader.button("Delete for good").click();
    await within(reader).getByRole("button", { name: "Delete", exact: true }).click();
    await within(reader).getByTestId("denied").waitFor();
    assert.match(await within(reader).innerText(), /is not authorized to perform: s3:DeleteObjectVersion/);
    await reader.shoot("versions-refused");
    await reader.allIsWell("refusals on the page of versions");
    assert.equal(await read(), "second");
  });
});
