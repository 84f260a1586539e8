// SPDX-License-Identifier: MIT
// The published pages in a real browser: run.mjs CHROMIUM REPORTS, the folder with index.html.
import { createRequire } from "node:module";
import { readFileSync, readdirSync, existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { HtmlValidate } from "html-validate";

const [, , executablePath, reports] = process.argv;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = [["index.html", join(reports, "index.html")], ...readdirSync(reports)
	.filter((name) => name !== "latest" && existsSync(join(reports, name, "report.html")))
	.map((name) => [`${name}/report.html`, join(reports, name, "report.html")])];
const report = pages[1][1];
let passed = 0, failed = 0;

async function test(name, body) {
	const begun = Date.now();
	try {
		await body();
		passed++;
		if (process.env.VERBOSE)
			console.log(`${name}: ${Date.now() - begun} ms`);
	} catch (e) {
		failed++;
		console.log(`FAIL: ${name}\n${String(e.message ?? e).slice(0, 2000)}`);
	}
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });

// A page that may ask for nothing but itself, and must not complain.
async function open(file, options, body) {
	const context = await browser.newContext({ viewport: { width: 1000, height: 900 }, ...options });
	const page = await context.newPage(), url = pathToFileURL(file).href, noise = [];
	page.on("console", (m) => noise.push(`console: ${m.text()}`));
	page.on("pageerror", (e) => noise.push(`error: ${e.message}`));
	page.on("request", (r) => r.url().split("#")[0] === url || noise.push(`request: ${r.url()}`));
	try {
		await page.goto(url);
		await body(page);
		assert.deepEqual(noise, []);
	} finally {
		await context.close();
	}
}

async function complaints(page) {
	const result = await page.evaluate(async () => globalThis.axe.run());
	return result.violations.filter((v) => v.impact === "serious" || v.impact === "critical")
		.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html}`);
}

const validator = new HtmlValidate({
	root: true,
	extends: ["html-validate:standard"],
	rules: {
		"doctype-style": "off", // lower case is as good
		"no-trailing-whitespace": "off",
		"void-style": "off", // cmark-gfm writes <br />
		"no-raw-characters": "off",
		"long-title": "off", // a title is what a pipeline is called
		"no-redundant-role": "off",
		"require-sri": "off",
		"no-dup-id": "off", // quadratic; see "every id is one, ..."
		"wcag/h63": "off", // columns alone have headings, so none needs a scope
		"prefer-native-element": "off", // a group that scrolls is no fieldset
		"svg-focusable": "off",
	},
});

for (const [name, file] of pages) {
	await test(`${name} is valid HTML`, async () => {
		const said = await validator.validateString(readFileSync(file, "utf8"));
		assert.deepEqual(said.results.flatMap((r) => r.messages)
			.map((m) => `${m.line}:${m.column}: ${m.ruleId}: ${m.message}`).slice(0, 10), []);
	});
	for (const colorScheme of ["light", "dark"])
		await test(`${name} is accessible, ${colorScheme}`, () => open(file,
			{ colorScheme, bypassCSP: true }, async (page) => {
				await page.evaluate(() => document.querySelectorAll("details:not(.more details)")
					.forEach((d) => { d.open = true; }));
				await page.evaluate(axe);
				assert.deepEqual(await complaints(page), []);
			}));
	await test(`${name}: every id is one, every link within the page leads to one`, () => open(file, {},
		async (page) => {
			assert.deepEqual(await page.evaluate(() => {
				const ids = Array.from(document.querySelectorAll("[id]"), (e) => e.id);
				const links = document.querySelectorAll('a[href^="#"]');
				return [ids.length - new Set(ids).size,
					Array.from(links).filter((a) => !document.getElementById(a.hash.slice(1))).length];
			}), [0, 0]);
		}));
	await test(`${name} does not scroll sideways at 400 px`, () => open(file,
		{ viewport: { width: 400, height: 800 } }, async (page) => {
			assert.equal(await page.evaluate(() => {
				document.querySelectorAll("details").forEach((d) => { d.open = true; });
				return document.documentElement.scrollWidth;
			}), 400);
		}));
}

async function evidenceOf(page, link) {
	const tip = page.locator("#tip");
	await tip.waitFor({ state: "visible" });
	const row = await page.locator(`[id="${(await link.getAttribute("href")).slice(1)}"] > td`)
		.allTextContents();
	const said = await tip.locator("dd").allTextContents();
	assert.deepEqual(said, row.map((t) => t.trim()).filter((t) => t && t !== "–"));
	assert.equal(await link.getAttribute("aria-describedby"), "tip");
}

await test("hover shows the evidence, and Escape hides it", () => open(report, {}, async (page) => {
	const link = page.locator('a.n[href^="#F"]').first();
	await link.hover();
	await evidenceOf(page, link);
	await page.keyboard.press("Escape");
	await page.locator("#tip").waitFor({ state: "hidden" });
}));

await test("focus shows the evidence, Enter leads to it", () => open(report, {}, async (page) => {
	const link = page.locator("a.n").first();
	for (let i = 0; i < 40 && !await link.evaluate((a) => a === document.activeElement); i++)
		await page.keyboard.press("Tab");
	await evidenceOf(page, link);
	await page.keyboard.press("Enter");
	const row = page.locator(`[id="${(await link.getAttribute("href")).slice(1)}"]`);
	await row.waitFor({ state: "visible" });
}));

await test("a tap shows the evidence and stays", () => open(report, { hasTouch: true, isMobile: true,
	viewport: { width: 400, height: 800 } }, async (page) => {
	const link = page.locator('a.n[href^="#F"]').first(), at = page.url();
	await link.tap();
	await page.locator("#tip a").waitFor({ state: "visible" });
	assert.equal(page.url(), at);
	const box = await page.locator("#tip").boundingBox();
	assert.ok(box.x >= 0 && box.x + box.width <= 400, JSON.stringify(box));
}));

await test("without scripts each number leads to a row", () => open(report,
	{ javaScriptEnabled: false }, async (page) => {
		const link = page.locator('a.n[href^="#F"]').first();
		await link.click();
		await page.locator(`[id="${(await link.getAttribute("href")).slice(1)}"]`)
			.waitFor({ state: "visible" });
	}));

// The numbers of a column as they stand, top to bottom.
const column = (table, i) => table.locator(`tbody tr td:nth-child(${i + 1})`)
	.evaluateAll((cells) => cells.map((c) => Number((c.querySelector("[data-v]") ?? c).dataset.v)));

await test("tables sort by a column, by mouse and by keyboard", () => open(report, {}, async (page) => {
	const table = page.locator("table", { has: page.locator('td [data-v]') }).first();
	const heads = await table.locator("th").count();
	let i = 0;
	while (i < heads && (await column(table, i)).some(Number.isNaN))
		i++;
	const th = table.locator("th").nth(i), before = (await column(table, i)).sort((a, b) => a - b);
	assert.ok(before.length > 1);
	await th.locator("button").click();
	assert.equal(await th.getAttribute("aria-sort"), "ascending");
	assert.deepEqual(await column(table, i), before);
	await th.locator("button").focus();
	await page.keyboard.press("Enter");
	assert.equal(await th.getAttribute("aria-sort"), "descending");
	assert.deepEqual(await column(table, i), before.reverse());
	await table.locator("th").nth((i + 1) % heads).locator("button").click();
	assert.equal(await th.getAttribute("aria-sort"), null);
}));

await test("in print everything of the page is there", () => open(report, {}, async (page) => {
	await page.emulateMedia({ media: "print" });
	await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
	assert.equal(await page.locator("details:not(.screen details):not([open])").count(), 0);
	await page.locator("pre").first().waitFor({ state: "visible" });
	await page.locator(".screen").waitFor({ state: "hidden" });
	assert.ok((await page.pdf({ format: "A4" })).length > 10000);
}));

await test("a script from outside does not run", () => open(report, {}, async (page) => {
	const csp = await page.locator('meta[http-equiv="Content-Security-Policy"]')
		.getAttribute("content");
	assert.match(csp, /default-src 'none'/);
	assert.match(csp, /script-src 'sha256-[^ ]+'$/);
}));

await test("the index lists the reviews, and its links lead to them", async () => {
	const links = [];
	await open(pages[0][1], {}, async (page) => {
		links.push(...await page.locator("tbody a").evaluateAll((a) => a.map((x) => x.href)));
		assert.ok(await page.locator("svg.spark polyline").count() > 0);
	});
	assert.equal(links.length, pages.length - 1);
	assert.deepEqual(links.filter((l) => !existsSync(new URL(l))), []);
});

await browser.close();
console.log(`${passed} passed, ${failed} failed, 0 skipped`);
process.exitCode = failed ? 1 : 0;
