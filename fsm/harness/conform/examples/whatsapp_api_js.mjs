// A published library as an example: what whatsapp-api-js hands to a bot about the price of a delivery.
//
//     npm install whatsapp-api-js
//     fsm conform --command "node whatsapp_api_js.mjs"
//
// It decides nothing about prices; it reads what Meta's webhooks state. So it claims the level `reading` alone: each body
// is handed to it the way a web server would, and what reaches the bot's own handler is the answer. Nothing is sent.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { WhatsAppAPI } from 'whatsapp-api-js';

const main = new URL(import.meta.resolve('whatsapp-api-js'));
const { version } = JSON.parse(readFileSync(new URL('../package.json', main), 'utf8'));

const greeting = {
  protocol: 1,
  implementation: { name: 'whatsapp-api-js', version, language: `Node ${process.version}` },
  can_answer: ['reading'],
};

let heard = [];
const bot = new WhatsAppAPI({ token: 'unused', v: 'v24.0', secure: false });
bot.on.status = (status) => {
  heard.push(status);
};

const at = (seconds) => (seconds === undefined ? null : Number(seconds));

function told({ id, status, pricing, conversation }) {
  return {
    id,
    status,
    price: pricing
      ? {
          model: pricing.pricing_model ?? null,
          category: pricing.category ?? null,
          type: pricing.type ?? null,
          billable: pricing.billable ?? null,
        }
      : null,
    conversation: conversation
      ? {
          id: conversation.id ?? null,
          origin: conversation.origin?.type ?? null,
          ends_at: at(conversation.expiration_timestamp),
        }
      : null,
  };
}

async function answer(question) {
  heard = [];
  await bot.post(question.body);
  return { statuses: heard.map(told) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.do === 'stop') break;
  let reply = greeting;
  if (message.do === 'run') {
    try {
      const answers = [];
      for (const question of message.case.questions) {
        answers.push(question.question === 'reading' ? await answer(question) : null);
      }
      reply = { results: message.case.events.map(() => null), answers };
    } catch (problem) {
      reply = { errored: String(problem) };
    }
  }
  process.stdout.write(`${JSON.stringify({ seq: message.seq, ...reply })}\n`);
}
process.exit(0);
