// A real Chromium for the tests beside this file, which are in Python and say what to look at.
//
//     {"number": 1, "verb": "open", ...} on standard input -> {"number": 1, "value": ...}, or "error"
//
// Whatever a browser complains about (console, script, policy, a request elsewhere) is kept per page
// until "problems" asks for it.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
const pages = new Map();
let browser = null, last = 0;

// Before any script of the page. It tells through the console, where the policy allows it.
function watchPolicy() {
  addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
}

// Where the focus is and whether that can be seen; the first of a page marks what can be reached.
function focusNow() {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element), place = element.getBoundingClientRect();
  return {
    mark: element.dataset.mark ?? null,
    what: `${element.localName} ${element.getAttribute("href") ?? element.id} ${element.textContent.trim().slice(0, 30)}`,
    outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
    inView: place.bottom > 0 && place.top < innerHeight && place.right > 0 && place.left < innerWidth,
  };
}

function markReachable() {
  const asked = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const found = [...document.querySelectorAll(asked)].filter((element) => {
    // Of radio buttons with one name the keyboard reaches one, and the arrows the others.
    const skipped = element.disabled || element.tabIndex < 0 || element.type === "radio";
    return !skipped && element.checkVisibility({ checkVisibilityCSS: true });
  });
  found.forEach((element, number) => { element.dataset.mark = number; });
  return found.length;
}

const verbs = {
  async start({ program }) {
    browser = await chromium.launch({
      executablePath: program, args: ["--no-sandbox", "--disable-dev-shm-usage"] });
    return browser.version();
  },

  async open({ width, height, javascript, insecure }) {
    const context = await browser.newContext({
      viewport: { width, height }, javaScriptEnabled: javascript, locale: "nl-NL",
      timezoneId: "Europe/Amsterdam", ignoreHTTPSErrors: insecure, hasTouch: width < 500 });
    const page = await context.newPage();
    const kept = { context, page, problems: [], bytes: 0 };
    const tell = (text) => kept.problems.push(text);
    await context.addInitScript(watchPolicy);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) tell(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => tell(`script: ${error}`));
    page.on("request", (request) => {
      const here = kept.origin && new URL(request.url()).origin === kept.origin;
      if (!here) tell(`elsewhere: ${request.url()}`);
    });
    kept.wire = await context.newCDPSession(page);
    await kept.wire.send("Network.enable");
    kept.wire.on("Network.loadingFinished", (done) => { kept.bytes += done.encodedDataLength; });
    pages.set(++last, kept);
    return last;
  },

  async go({ page, url }) {
    const kept = pages.get(page);
    kept.origin = new URL(url).origin;
    kept.bytes = 0;
    const answer = await kept.page.goto(url, { waitUntil: "load" });
    return answer ? answer.status() : 0;
  },

  async evaluate({ page, expression }) {
    return pages.get(page).page.evaluate(expression);
  },

  // Not the driver's own way of waiting: that evaluates in the page, which the policy forbids.
  async wait({ page, expression, milliseconds }) {
    const { page: inner } = pages.get(page), end = Date.now() + milliseconds;
    while (!(await inner.evaluate(expression))) {
      if (Date.now() > end) throw new Error(`not within ${milliseconds} ms: ${expression}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return true;
  },

  async axe({ page }) {
    const { page: inner } = pages.get(page);
    await inner.evaluate(axe);
    return inner.evaluate(async (levels) => {
      const done = await axe.run(document,
        { runOnly: levels, preload: false, resultTypes: ["violations"] });
      return done.violations.map((one) => ({
        rule: one.id, help: one.help,
        nodes: one.nodes.map((node) => `${node.target} ${node.failureSummary}`) }));
    }, LEVELS);
  },

  // Tab until it comes round: everything that can be used, in the order of the page.
  async tabs({ page }) {
    const { page: inner } = pages.get(page);
    const count = await inner.evaluate(markReachable);
    const seen = [];
    const scrollers = await inner.evaluate("document.querySelectorAll('pre, .scroll').length");
    const dates = await inner.evaluate("document.querySelectorAll('input[type=date]').length");
    for (let i = 0; i < count + scrollers + 3 * dates + 4; i++) { // day, month, year, calendar
      await inner.keyboard.press("Tab");
      const now = await inner.evaluate(focusNow);
      if (now) seen.push(now);
    }
    return { count, seen };
  },

  async press({ page, key }) {
    await pages.get(page).page.keyboard.press(key);
  },

  async click({ page, selector, text }) {
    const { page: inner } = pages.get(page);
    const found = inner.locator(selector, text ? { hasText: text } : {}).first();
    const where = inner.url();
    await found.click({ timeout: 5000 });
    await inner.waitForLoadState("load");
    return [where, inner.url()];
  },

  async fill({ page, selector, text }) {
    await pages.get(page).page.fill(selector, text, { timeout: 5000 });
  },

  async pdf({ page }) {
    const made = await pages.get(page).page.pdf({ format: "A4" });
    return made.toString("base64");
  },

  async screenshot({ page, path, full }) {
    await pages.get(page).page.screenshot({ path, fullPage: full });
  },

  async bytes({ page }) {
    return pages.get(page).bytes;
  },

  async problems({ page }) {
    return pages.get(page).problems.splice(0);
  },

  async close({ page }) {
    await pages.get(page).context.close();
    pages.delete(page);
  },
};

async function answer(line) {
  const { number, verb, ...rest } = JSON.parse(line);
  const reply = { number };
  try {
    reply.value = (await verbs[verb](rest)) ?? null;
  } catch (error) {
    reply.error = String(error.stack ?? error);
  }
  process.stdout.write(JSON.stringify(reply) + "\n");
}

for await (const line of createInterface({ input: process.stdin })) await answer(line);
if (browser) await browser.close();
