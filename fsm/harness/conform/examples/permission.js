// A complete implementation of one question, in Node, without dependencies: may this message be sent now?
//
//     fsm conform --command "node permission.js"
//
// It follows the rules since July 2025, those of October 2026 included. What it does not know it declines, with the
// reason: an honest answer is "unsupported", not a guess.
'use strict';

const DAY = 24 * 60 * 60 * 1000;
const COUNTS = new Set(['text', 'button', 'interactive', 'media', 'order', 'location', 'contacts', 'unsupported']);
const MAY_COUNT = new Set(['reaction', 'edit', 'revoke', 'system']); // no source says whether these open the window
const CALLS_COUNT_FROM = Date.UTC(2025, 6, 15);
const TEMPLATE_ERRORS = { PAUSED: 132015, DISABLED: 132016 };
const UNAPPROVED = new Set(['REJECTED', 'PENDING', 'IN_APPEAL', 'PENDING_DELETION', 'DELETED', 'ARCHIVED', 'LIMIT_EXCEEDED']);
const CATEGORIES = new Set(['marketing', 'utility', 'authentication', 'marketing_lite', 'authentication_international']);

const allowed = { verdict: 'allowed', error: null };
const unspecified = { verdict: 'unspecified', error: null };
const refused = (error) => ({ verdict: 'refused', error });

class Declined extends Error {}

function judge(thread, event, at) {
  if (event.content === 'app') return allowed; // written on the phone
  if (event.content === 'direct_send') throw new Declined('it does not know Direct Send');
  if (event.content === 'template') {
    const status = event.template_status || 'APPROVED';
    if (UNAPPROVED.has(status)) return refused(132001);
    if (status in TEMPLATE_ERRORS) return refused(TEMPLATE_ERRORS[status]);
    const marketing = event.category === 'marketing' || event.category === 'marketing_lite';
    if (marketing && thread.stopped) return refused(131050);
    if (marketing && /^\+?1\d/.test(event.customer)) throw new Declined('it does not know the area codes of the US');
    return status === 'APPROVED' && CATEGORIES.has(event.category) ? allowed : unspecified;
  }
  const age = at - thread.wrote;
  if (age < DAY) return allowed;
  if (age < DAY + 1000) return unspecified; // the very second in which the window ends
  return at - thread.mayHaveWritten < DAY ? unspecified : refused(131047);
}

function run(scenario) {
  for (const name of Object.keys(scenario.account)) {
    if (name !== 'time_zone' && name !== 'allowances') throw new Declined(`it does not read ${name}`);
  }
  const threads = new Map();
  const results = scenario.events.map((event) => {
    const key = JSON.stringify([event.business, event.customer]);
    if (!threads.has(key)) threads.set(key, { wrote: -Infinity, mayHaveWritten: -Infinity, stopped: false });
    const thread = threads.get(key);
    const at = Date.parse(event.at);
    const kind = event.kind || 'text';
    switch (event.event) {
      case 'customer_message':
        if (COUNTS.has(kind)) thread.wrote = at;
        if (MAY_COUNT.has(kind)) thread.mayHaveWritten = at;
        return null;
      case 'customer_call':
      case 'call_accepted':
        if (at >= CALLS_COUNT_FROM) thread.wrote = at;
        return null;
      case 'welcome_requested':
        thread.wrote = at;
        return null;
      case 'marketing_stopped':
      case 'marketing_resumed':
        thread.stopped = event.event === 'marketing_stopped';
        return null;
      case 'message_sent':
        return judge(thread, event, at);
      default:
        return null;
    }
  });
  return { results, answers: scenario.questions.map(() => null) };
}

const greeting = {
  protocol: 1,
  implementation: { name: 'permission.js', version: '1', language: `Node ${process.version}` },
  can_answer: ['permission'],
  rulebooks: ['pmp-2025-07', 'pmp-2026-08', 'pmp-2026-10'],
};

require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.do === 'stop') process.exit(0);
  let reply;
  try {
    reply = message.do === 'start' ? greeting : run(message.case);
  } catch (problem) {
    reply = problem instanceof Declined ? { skipped: problem.message } : { errored: String(problem.stack) };
  }
  process.stdout.write(`${JSON.stringify({ seq: message.seq, ...reply })}\n`);
});
