// Opens a login URL in Chromium and reports what a person would see, as one JSON object.
// usage: node open_login.mjs URL SCREENSHOT
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [url, screenshot] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), "signet-browser-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  viewport: { width: 1280, height: 800 },
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

// What the person sees at an address: where it led, the status of the last answer, the text.
async function visit(page, address) {
  const answer = await page.goto(address, { waitUntil: "load" });
  return { url: page.url(), status: answer.status(), title: await page.title(), text: await page.innerText("body") };
}

try {
  const page = context.pages()[0] ?? (await context.newPage());
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
  const first = await visit(page, url);
  await page.screenshot({ path: screenshot, fullPage: true });
  const cookies = (await context.cookies()).map(({ name, httpOnly, sameSite, path }) => ({ name, httpOnly, sameSite, path }));
  const again = await visit(page, first.url);
  const signOut = page.getByRole("button", { name: /sign out/i }).or(page.getByRole("link", { name: /sign out/i }));
  let signedOut = null;
  if ((await signOut.count()) > 0) {
    await signOut.first().click();
    await page.waitForLoadState("load");
    signedOut = await visit(page, first.url);
  }
  await context.clearCookies();
  const second = await visit(page, url);
  console.log(JSON.stringify({ first, again, signedOut, second, cookies, problems }));
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
