'use strict';
const id = location.pathname.split('/')[2];
const at = name => document.getElementById(name);
const rows = new Map(), ended = ['succeeded', 'failed', 'cancelled'];
function cell(row, i, text) { row.cells[i].textContent = text; }
function row(step) {
	if (!rows.has(step)) {
		const r = at('steps').insertRow();
		for (let i = 0; i < 4; i++) r.insertCell().className = i > 1 ? 'n' : '';
		cell(r, 0, step);
		cell(r, 3, '0');
		rows.set(step, r);
	}
	return rows.get(step);
}
function show(job) {
	at('id').textContent = job.id;
	at('state').textContent = job.state;
	const why = job.error ? job.error.detail || job.error.title : job.verdict;
	at('what').textContent = why ? why.replaceAll('_', ' ') : '';
	at('report').hidden = job.state !== 'succeeded';
	at('link').href = '/reports/' + encodeURIComponent(job.id) + '/report.html';
	return ended.includes(job.state);
}
function tell(state, what) {
	at('state').textContent = state;
	at('what').textContent = what;
}
const events = new EventSource('/v1/jobs/' + id + '/events');
events.onerror = () => {
	if (events.readyState === EventSource.CONNECTING)
		tell('unknown', 'The daemon does not answer; this page asks again.');
};
events.addEventListener('step', e => {
	const s = JSON.parse(e.data);
	cell(row(s.id), 1, s.state);
	if (s.state === 'done') cell(row(s.id), 2, (s.wall_ms / 1000).toFixed(1));
});
events.addEventListener('call', e => {
	const c = JSON.parse(e.data);
	if (c.state !== 'done' && c.state !== 'failed') return;
	cell(row(c.step), 3, Number(row(c.step).cells[3].textContent) + 1);
});
events.addEventListener('state', e => { if (show(JSON.parse(e.data))) events.close(); });
async function begin() {
	const reply = await fetch('/v1/jobs/' + id), job = await reply.json();
	if (reply.ok) show(job);
	else tell(job.title, job.detail);
}
begin().catch(() => tell('unknown', 'The daemon does not answer.'));
