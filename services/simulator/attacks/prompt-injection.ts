import { attackCall } from '../attack-call.ts';
import { sessionCalls } from '../background.ts';
import { toEvent } from '../call.ts';
import { hex, pick } from '../draws.ts';
import { type Attack, atlas, minuteMs } from './attack.ts';

/** What an agent read told it to send what it knows to a stranger. */
export const promptInjection: Attack = {
  name: 'prompt-injection',
  summary:
    'An LLM agent begins an ordinary task, then reads much and sends it to somebody nobody ever wrote to',
  techniques: [
    atlas('AML.T0051', 'LLM Prompt Injection'),
    atlas('AML.T0086', 'Exfiltration via AI Agent Tool Invocation'),
  ],
  plan: ({ world, random, start }) => {
    const flow = pick(
      random,
      world.flows.filter((candidate) => candidate.kind === 'session'),
    );
    const agent = flow.kind === 'session' ? flow.agent : pick(random, world.byRole.llm);
    const tools = flow.kind === 'session' ? flow.tools : [];
    const ordinary = sessionCalls(agent, tools, start, random);
    const session = ordinary[0]?.session ?? hex(random, 16);
    const last = ordinary.at(-1);
    let time = (last?.time ?? start) + 8000;
    const stranger = `drop-${hex(random, 6)}@mail.example`;
    const server = pick(random, tools).server;
    const read = { source: agent, destination: server, protocol: 'mcp', session };
    const hijacked = ['tools/call:list_secrets', 'tools/call:read_file', 'tools/call:send_email'].map(
      (action) => {
        time += 5000;
        const isSending = action.endsWith('send_email');
        const resources = [isSending ? stranger : 'table/secrets'];
        return attackCall({ ...read, time, action, resources, bytesOut: isSending ? 9000 : 300 }, random);
      },
    );
    return { agents: [agent.id], to: time + minuteMs, events: [...ordinary.map(toEvent), ...hijacked] };
  },
};
