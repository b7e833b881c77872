// The same pages in the dark, on a telephone, and in other languages.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { openBrowser, Person } from "./people.mjs";
import { startServer, TELLS_MORE } from "./server.mjs";

const PLACES = ["home", "users", "roles?new=1", "policies", "security", "simulator", "report", "buckets", "buckets/web", "buckets/web/versions", "buckets/web/policy", "federation", "denied", "matrix", "becoming", "sessions", "settings", "providers", "providers?new=oidc"];

if (TELLS_MORE) PLACES.push("audit", "organization");

let server;
let browser;

before(async () => {
  server = await startServer();
  await server.s3.send(new CreateBucketCommand({ Bucket: "web" }));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

const nameOf = (place) => place.replace(/[^a-z]+/g, "-");

test("in the dark", async () => {
  const person = await Person.signedIn(browser, server.url, "admin", { colorScheme: "dark" });
  for (const place of PLACES) {
    await person.open(`#/${place}`);
    await person.shoot(`dark-${nameOf(place)}`);
    await person.allIsWell(`${place} in the dark`);
  }
  await person.leave();
});

test("420 pixels wide", async () => {
  const person = await Person.signedIn(browser, server.url, "admin", { viewport: { width: 420, height: 900 } });
  for (const place of PLACES) {
    await person.open(`#/${place}`);
    const wide = await person.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 420, `${place} is ${wide} pixels wide`);
    await person.shoot(`narrow-${nameOf(place)}`);
    await person.allIsWell(`${place} on a telephone`);
  }
  await person.leave();
});

for (const [locale, users] of [
  ["de-DE", "Benutzer"],
  ["ja-JP", "\u30e6\u30fc\u30b6\u30fc"],
  ["zh-CN", "\u7528\u6237"],
]) {
  test(`in the language of ${locale}`, async () => {
    const person = await Person.signedIn(browser, server.url, "admin", { locale });
    for (const place of ["users", "security"]) {
      await person.open(`#/${place}`);
      await person.shoot(`${locale}-${place}`);
      await person.allIsWell(`${place} in ${locale}`);
    }
    await person.open("#/users");
    assert.ok((await person.page.locator("h1").first().innerText()).startsWith(users));
    assert.equal(await person.page.evaluate(() => document.documentElement.lang), locale.slice(0, 2));
    await person.leave();
  });
}

test("every text is there in every language, with the same places to fill", () => {
  const table = JSON.parse(readFileSync(new URL("../src/text/table.json", import.meta.url), "utf8"));
  const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
  for (const [key, texts] of Object.entries(table)) {
    assert.equal(texts.length, 4, key);
    for (const text of texts) {
      assert.ok(text, key);
      assert.deepEqual(places(text), places(texts[0]), `${key}: ${text}`);
    }
  }
});

test("without script the plain page is shown, with its sign-out", async () => {
  const person = await Person.arrive(browser, server.url, { javaScriptEnabled: false });
  await person.page.goto(`${server.url}/_console/signin?account=123456789012`);
  await person.page.getByLabel("IAM user name", { exact: true }).fill("admin");
  await person.page.getByLabel("Password", { exact: true }).fill("Correct-horse-1");
  await person.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await person.page.locator("#principal").waitFor();
  assert.match(await person.page.locator("body").innerText(), /You are signed in/);
  await person.shoot("without-script");
  await person.page.getByRole("button", { name: "Sign out" }).click();
  await person.page.getByText("This session has ended.").waitFor();
  assert.deepEqual(person.problems, []);
  await person.leave();
});
