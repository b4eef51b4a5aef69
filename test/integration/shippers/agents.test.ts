import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Message, Role, Task, TaskState } from '@a2a-js/sdk';
import { ClientFactory } from '@a2a-js/sdk/client';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
  JsonRpcTransportHandler,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '#shared/clock.ts';
import type { AmissEvent } from '#shared/event.ts';
import { Lifecycle } from '#shared/lifecycle.ts';
import { silentLogger } from '#shared/logger.ts';
import { startObserver } from '../../../services/collector/observer/main.ts';
import {
  openLogFolder,
  type RunningCollector,
  readAll,
  startTestCollector,
} from '../../support/collector.ts';

const lifecycle = new Lifecycle();
let collector: RunningCollector;

beforeAll(async () => {
  const folder = await openLogFolder();
  lifecycle.defer(folder.close);
  collector = await startTestCollector(folder);
  lifecycle.defer(collector.stop);
});
afterAll(() => lifecycle.stop());

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  lifecycle.defer(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function observe(upstream: string, names: { source?: string; destination: string }) {
  const observer = await startObserver({
    host: '127.0.0.1',
    port: 0,
    upstream,
    ingest: `${collector.address}/v1/ingest`,
    ...names,
    digest: (value) => `digest-${value.length}`,
    hashResources: false,
    clock: systemClock,
    logger: silentLogger,
  });
  lifecycle.defer(observer.stop);
  return observer;
}

/** The events that go to an agent, once there are as many as expected. */
async function eventsTo(destination: string, count: number): Promise<readonly AmissEvent[]> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const events = (await collector.events()).filter((event) => event.destination === destination);
    if (events.length >= count || Date.now() > deadline) return [...events].sort((a, b) => a.time - b.time);
    await systemClock.sleep(50);
  }
}

function mcpServer(): RequestListener {
  const server = new Server({ name: 'mail-tools', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'send_email', description: 'Sends a mail', inputSchema: { type: 'object' as const } }],
  }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
    content: [{ type: 'text' as const, text: 'done' }],
    isError: params.arguments?.['to'] === 'nobody',
  }));
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => 'session-1' });
  const connected = server.connect(transport as Parameters<typeof server.connect>[0]);
  return (request, response) => {
    connected.then(() => transport.handleRequest(request, response)).catch(() => response.destroy());
  };
}

test('MCP calls of the official SDK become events, without their arguments', async () => {
  const observer = await observe(await serve(mcpServer()), { destination: 'mail-tools' });
  const client = new Client({ name: 'planner', version: '2.1.0' });
  const transport = new StreamableHTTPClientTransport(new URL(`${observer.url}/mcp`), {
    requestInit: { headers: { authorization: 'Bearer very-secret' } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  await client.listTools();
  const mail = { to: 'ann@example.com', body: 'see https://pay.example/7, and keep it confidential' };
  await client.callTool({ name: 'send_email', arguments: mail });
  await client.callTool({ name: 'send_email', arguments: { to: 'nobody' } });
  await client.close();

  const events = await eventsTo('mail-tools', 4);
  expect(events.map(({ source, action, outcome }) => `${source} ${action} ${outcome}`)).toEqual([
    'planner initialize success',
    'planner tools/list success',
    'planner tools/call:send_email success',
    'planner tools/call:send_email error',
  ]);
  expect(events[1]?.attributes?.['tools_hash']).toMatch(/^[0-9a-f]{64}$/);
  expect(events[2]).toMatchObject({
    source_kind: 'llm_agent',
    destination_kind: 'tool',
    protocol: 'mcp',
    session: 'session-1',
    resources: ['ann@example.com', 'pay.example'],
    token_id: 'digest-11',
  });
  expect(events[2]?.bytes_out).toBeGreaterThan(100);
  expect(JSON.stringify(events)).not.toMatch(/very-secret|confidential/);
  expect(observer.dropped()).toBe(0);
});

function cardOf(url: string) {
  return {
    name: 'Booking Agent',
    description: 'Books hotels',
    version: '2.3.0',
    provider: { organization: 'Stay GmbH', url: 'https://stay.example' },
    supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant: '' }],
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [
      {
        id: 'book',
        name: 'Book',
        description: 'Books',
        tags: ['hotel'],
        examples: [],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
}

const executor: AgentExecutor = {
  execute: async ({ taskId, contextId, userMessage }, bus) => {
    const isRefused = userMessage.messageId === 'm-refused';
    const state = isRefused ? TaskState.TASK_STATE_REJECTED : TaskState.TASK_STATE_COMPLETED;
    const task = Task.fromJSON({ id: taskId, contextId, history: [], artifacts: [] });
    bus.publish(AgentEvent.task({ ...task, status: { state, message: undefined, timestamp: undefined } }));
    bus.finished();
  },
  cancelTask: async () => undefined,
};

/** An A2A agent over plain HTTP; its card points to wherever the caller came through. */
function a2aAgent(urlOf: () => string): RequestListener {
  let handler: JsonRpcTransportHandler | undefined;
  const answer = async (request: Parameters<RequestListener>[0]): Promise<unknown> => {
    if (request.url === '/.well-known/agent-card.json') return cardOf(urlOf());
    handler ??= new JsonRpcTransportHandler(
      new DefaultRequestHandler(cardOf(urlOf()), new InMemoryTaskStore(), executor),
    );
    const chunks = await request.toArray();
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    return handler.handle(body, new ServerCallContext({ requestedVersion: '1.0' }));
  };
  return (request, response) => {
    answer(request).then(
      (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  };
}

test('A2A calls of the official SDK become events, and the card an entry of the registry', async () => {
  let url = '';
  const upstream = await serve(a2aAgent(() => url));
  const observer = await observe(upstream, { source: 'travel-agent', destination: 'booking-agent' });
  url = `${observer.url}/`;
  const client = await new ClientFactory().createFromUrl(observer.url);
  const message = (messageId: string): Message => ({
    messageId,
    contextId: 'context-1',
    taskId: '',
    role: Role.ROLE_USER,
    parts: [
      {
        content: { $case: 'text', value: 'a confidential wish' },
        metadata: undefined,
        filename: '',
        mediaType: 'text/plain',
      },
    ],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  });
  const send = (messageId: string) =>
    client.sendMessage({
      tenant: '',
      message: message(messageId),
      configuration: undefined,
      metadata: undefined,
    });
  await send('m-1');
  await send('m-refused');
  const events = await eventsTo('booking-agent', 3);
  expect(
    events.map(({ source, action, outcome, protocol }) => `${source} ${protocol} ${action} ${outcome}`),
  ).toEqual([
    'travel-agent a2a GetAgentCard success',
    'travel-agent a2a SendMessage success',
    'travel-agent a2a SendMessage denied',
  ]);
  expect(events[0]?.attributes?.['card_hash']).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(events)).not.toContain('confidential');
  const decisions = await readAll<{ key: string; body: { tools: string[] } }>(collector.log, 'decisions');
  expect(decisions.find(({ key }) => key === 'agent/booking-agent#a2a_card')?.body.tools).toEqual(['book']);
});

test('a service that does not answer is seen as an error, and its caller is told', async () => {
  const observer = await observe('http://127.0.0.1:9', { source: 'planner', destination: 'gone-tools' });
  const response = await fetch(`${observer.url}/mcp`, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'x' } }),
  });
  expect(response.status).toBe(502);
  expect(await eventsTo('gone-tools', 1)).toMatchObject([
    { action: 'tools/call:x', outcome: 'error', status: '502' },
  ]);
});
