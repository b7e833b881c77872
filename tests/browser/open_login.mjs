// Opens a login URL in Chromium and reports what a person would see, as one JSON object.
// usage: node open_login.mjs URL SCREENSHOT
import { withPage } from "./browser.mjs";

const [url, screenshot] = process.argv.slice(2);

// What the person sees at an address: where it led, the status of the last answer, the text.
async function visit(page, address) {
  const answer = await page.goto(address, { waitUntil: "load" });
  return { url: page.url(), status: answer.status(), title: await page.title(), text: await page.innerText("body") };
}

await withPage(async (page, context, problems) => {
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
});
