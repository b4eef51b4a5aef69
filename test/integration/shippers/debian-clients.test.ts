import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import { requireRsyslog, rsyslogOver } from '../../support/rsyslog.ts';
import { distinctIds, eventsOf, type ShipperScene, startShipperScene } from '../../support/shipper-scene.ts';

// Debian: bsdutils rsyslog rsyslog-elasticsearch rsyslog-openssl openssl. Where they are missing the tests fail and
// name the package, since a shipper that is not tried is not supported.
const count = 20;
const host = '127.0.0.1';

let folder: string;
let scene: ShipperScene;
let tlsPort: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shippers-'));
  makeCertificates(folder);
  tlsPort = await freePort();
  scene = await startShipperScene({
    syslog_tls_listen: `${host}:${tlsPort}`,
    tls_cert_file: join(folder, 'server.pem'),
    tls_key_file: join(folder, 'server.key'),
    tls_ca_file: join(folder, 'ca.pem'),
    shippers: [
      {
        name: 'spiffe://shop/rsyslog',
        agents: ['tls-*'],
        space: 'shop',
        addresses: [],
        shared_key: '',
      },
    ],
  });
}, 60_000);
afterAll(async () => {
  await scene.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('logger', () => {
  test.each([
    ['RFC 5424, octet-counted', ['--rfc5424', '--octet-count']],
    ['RFC 5424, line by line', ['--rfc5424']],
    ['RFC 3164', ['--rfc3164']],
  ])('delivers %s', async (name, flags) => {
    const prefix = `logger-${name.replace(/\W+/g, '-')}`;
    const [event] = eventsOf(prefix, 1);
    const server = ['--server', host, '--port', String(scene.ports.syslog), '--tcp'];
    await promisify(execFile)('logger', [...server, ...flags, JSON.stringify(event)]);
    expect(await scene.arrived(prefix, 1)).toHaveLength(1);
  });
});

describe('rsyslog', () => {
  test.each([
    ['octet-counted', 'TCP_Framing="octet-counted"'],
    ['line', ''],
  ])('forwards over TCP, framed by %s', async (name, framing) => {
    const prefix = `forwarded-${name}`;
    const action = `action(type="omfwd" target="${host}" port="${scene.ports.syslog}" protocol="tcp" ${framing}
      template="RSYSLOG_SyslogProtocol23Format")`;
    await withRsyslog(prefix, action, async () => {
      expect(distinctIds(await scene.arrived(prefix, count))).toBe(count);
    });
  });

  test('forwards over TLS and is known by its certificate', async () => {
    requireRsyslog('lmnsd_ossl', 'rsyslog-openssl');
    const global = `global(DefaultNetstreamDriverCAFile="${folder}/ca.pem"
      DefaultNetstreamDriverCertFile="${folder}/client.pem" DefaultNetstreamDriverKeyFile="${folder}/client.key")`;
    const action = `action(type="omfwd" target="${host}" port="${tlsPort}" protocol="tcp" StreamDriver="ossl"
      StreamDriverMode="1" StreamDriverAuthMode="anon" template="RSYSLOG_SyslogProtocol23Format")`;
    await withRsyslog(
      'tls',
      action,
      async () => {
        const events = await scene.arrived('tls', count);
        expect(distinctIds(events)).toBe(count);
        expect(new Set(events.map(({ shipper }) => shipper))).toEqual(new Set(['spiffe://shop/rsyslog']));
      },
      global,
    );
  });

  test('delivers by _bulk, and what came while the log was full arrives once', async () => {
    requireRsyslog('omelasticsearch', 'rsyslog-elasticsearch');
    const load = 'module(load="omelasticsearch")\ntemplate(name="line" type="string" string="%msg%")';
    const action = `action(type="omelasticsearch" server="${host}" serverport="${scene.ports.elastic}"
      template="line" bulkmode="on" searchIndex="logs" searchType="" action.resumeRetryCount="-1"
      action.resumeInterval="1" queue.type="LinkedList")`;
    scene.gate.shut('LOG_FULL');
    await withRsyslog(
      'bulk',
      action,
      async () => {
        await expect.poll(() => scene.gate.refused(), { timeout: 30_000 }).toBeGreaterThan(0);
        scene.gate.open();
        expect(distinctIds(await scene.arrived('bulk', count))).toBe(count);
      },
      load,
    );
    scene.gate.open();
  });
});

/** Runs rsyslog over a file of native events. */
async function withRsyslog(
  prefix: string,
  action: string,
  work: () => Promise<void>,
  preamble = '',
): Promise<void> {
  const lines = eventsOf(prefix, count).map((event) => JSON.stringify(event));
  await rsyslogOver({ lines, action, preamble }, work);
}

/** A certificate authority, a server's certificate and a client's with a SPIFFE id. */
function makeCertificates(into: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: into, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test ca',
  );
  for (const [name, san] of [
    ['server', 'IP:127.0.0.1'],
    ['client', 'URI:spiffe://shop/rsyslog'],
  ] as const) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    writeFileSync(join(into, `${name}.ext`), `subjectAltName=${san}\n`);
    const signed = [
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      `${name}.ext`,
    ];
    openssl('x509', '-req', '-in', `${name}.csr`, '-out', `${name}.pem`, ...signed);
  }
}
