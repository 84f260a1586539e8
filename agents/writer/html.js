(() => {
"use strict";
const main = document.querySelector("main");
const tip = document.createElement("div");
let at = null, timer = 0, touched = false;

/* --- the evidence of a number --- */

function rowOf(link) {
	return document.getElementById(link.hash.slice(1));
}

function fill(link, row) {
	const heads = row.closest("table").tHead.rows[0].cells;
	const list = document.createElement("dl");
	for (const cell of row.cells) {
		const text = cell.textContent.trim();
		if (!text || text === "–")
			continue;
		const dt = document.createElement("dt"), dd = document.createElement("dd");
		dt.textContent = heads[cell.cellIndex].textContent;
		dd.textContent = text;
		list.append(dt, dd);
	}
	tip.replaceChildren(list);
	if (touched) {
		const more = document.createElement("a");
		more.href = link.hash;
		more.textContent = "In the list of evidence";
		tip.append(more);
	}
}

function place(link) {
	const r = link.getBoundingClientRect(), edge = 8;
	const wide = document.documentElement.clientWidth, high = window.innerHeight;
	tip.style.left = tip.style.top = "0";
	const w = tip.offsetWidth, h = tip.offsetHeight;
	const below = r.bottom + h + edge < high || r.top < h + edge;
	tip.style.left = scrollX + Math.max(edge, Math.min(r.left, wide - w - edge)) + "px";
	tip.style.top = scrollY + (below ? r.bottom + 4 : r.top - h - 4) + "px";
}

function hide() {
	clearTimeout(timer);
	if (at)
		at.removeAttribute("aria-describedby");
	at = null;
	tip.hidden = true;
}

function show(link) {
	const row = rowOf(link);
	clearTimeout(timer);
	if (!row || link === at)
		return;
	hide();
	fill(link, row);
	tip.hidden = false;
	place(link);
	link.setAttribute("aria-describedby", tip.id);
	at = link;
}

function numberAt(event) {
	return event.target instanceof Element ? event.target.closest("a.n") : null;
}

function leave() {
	clearTimeout(timer);
	timer = setTimeout(hide, 250);
}

function watchNumbers() {
	tip.className = "tip";
	tip.id = "tip";
	tip.setAttribute("role", "tooltip");
	tip.hidden = true;
	main.append(tip);
	tip.addEventListener("mouseenter", () => clearTimeout(timer));
	tip.addEventListener("mouseleave", leave);
	document.addEventListener("pointerdown", (e) => {
		touched = e.pointerType === "touch";
		if (!numberAt(e) && !tip.contains(e.target))
			hide();
	});
	document.addEventListener("mouseover", (e) => {
		const link = numberAt(e);
		if (link && !touched) {
			clearTimeout(timer);
			timer = setTimeout(show, at ? 0 : 120, link);
		}
	});
	document.addEventListener("mouseout", (e) => {
		if (numberAt(e) && !touched)
			leave();
	});
	document.addEventListener("focusin", (e) => {
		const link = numberAt(e);
		if (link && link.matches(":focus-visible"))
			show(link);
	});
	document.addEventListener("focusout", (e) => {
		if (numberAt(e))
			leave();
	});
	document.addEventListener("click", (e) => {
		const link = numberAt(e);
		if (link && touched && rowOf(link)) { /* a tap shows; the link in the tip leads on */
			e.preventDefault();
			show(link);
		} else if (link || e.target.closest(".tip a")) {
			hide();
		}
	});
	document.addEventListener("keydown", (e) => {
		if (e.key === "Escape")
			hide();
	});
}

/* --- tables sorted by a column --- */

function keyOf(row, column) {
	const cell = row.cells[column], mark = cell && cell.querySelector("[data-v]");
	const text = cell ? cell.textContent.trim() : "";
	const number = mark ? Number(mark.dataset.v)
		: parseFloat(text.replace(/^[^\d+-]{0,2}/, "").replace(/,(?=\d{3})/g, ""));
	return { row, text, number, none: !text || text === "–" };
}

function compare(a, b) {
	if (!isNaN(a.number) && !isNaN(b.number))
		return a.number - b.number;
	return a.text.localeCompare(b.text, "en", { numeric: true });
}

function sort(table, th) {
	const down = th.getAttribute("aria-sort") === "ascending", body = table.tBodies[0];
	const keys = Array.from(body.rows, (row) => keyOf(row, th.cellIndex));
	if (keys.some((k) => !k.none && isNaN(k.number)))
		keys.forEach((k) => { k.number = NaN; });
	keys.sort((a, b) => a.none || b.none ? a.none - b.none : down ? compare(b, a) : compare(a, b));
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	th.setAttribute("aria-sort", down ? "descending" : "ascending");
	body.append(...keys.map((k) => k.row));
}

function makeSortable(table) {
	if (!table.tHead || !table.tBodies[0] || table.tBodies[0].rows.length < 2)
		return;
	for (const th of table.tHead.rows[0].cells) {
		if (!th.textContent.trim())
			continue;
		const button = document.createElement("button");
		button.type = "button";
		button.append(...th.childNodes);
		th.append(button);
		button.addEventListener("click", () => sort(table, th));
	}
}

/* --- what is folded --- */

function openTarget() {
	const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
	const fold = target && target.closest("details");
	if (fold && !fold.open) {
		fold.open = true;
		target.scrollIntoView({ block: "center" });
	}
}

function unfoldForPrint() {
	let opened = [];
	window.addEventListener("beforeprint", () => {
		opened = Array.from(document.querySelectorAll("details:not([open]):not(.screen details)"));
		opened.forEach((d) => { d.open = true; });
	});
	window.addEventListener("afterprint", () => {
		opened.forEach((d) => { d.open = false; });
	});
}

watchNumbers();
document.querySelectorAll("table").forEach(makeSortable);
window.addEventListener("hashchange", openTarget);
openTarget();
unfoldForPrint();
})();
