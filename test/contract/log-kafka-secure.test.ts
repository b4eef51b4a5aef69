import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { openKafkaLog } from '../../shared/log/kafka.ts';
import type { KafkaSettings } from '../../shared/log/kafka-client.ts';
import { silentLogger } from '../../shared/logger.ts';
import { makeCertificate } from '../support/certificate.ts';
import { freePorts, isKafkaAvailable, type KafkaBroker, startKafkaBroker } from '../support/kafka-broker.ts';
import { kafkaSettings } from '../support/kafka-settings.ts';
import { toPartition, topicSpec } from '../support/logs.ts';

// TLS and SASL against a real broker: zero trust holds for our own connections too.
const modules = 'org.apache.kafka.common.security';
const isOurs = process.env['KAFKA_BROKERS'] === undefined;

describe.runIf(isOurs && (await isKafkaAvailable()))('a broker that asks for TLS and a user', () => {
  let folder: string;
  let certificate: string;
  let secureAddress: string;
  let broker: KafkaBroker;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'amiss-tls-'));
    const { certFile, keyFile } = makeCertificate(folder);
    certificate = certFile;
    const pemFile = join(folder, 'both.pem');
    await writeFile(pemFile, (await readFile(keyFile, 'utf8')) + (await readFile(certFile, 'utf8')));
    const [port] = await freePorts();
    secureAddress = `127.0.0.1:${port}`;
    broker = await startKafkaBroker({
      users: { amiss: 'right' },
      properties: (address, controller) => ({
        listeners: `PLAINTEXT://${address},CONTROLLER://${controller},SECURE://${secureAddress}`,
        'advertised.listeners': `PLAINTEXT://${address},SECURE://${secureAddress}`,
        'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL',
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': pemFile,
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
        'listener.name.secure.plain.sasl.jaas.config': `${modules}.plain.PlainLoginModule required user_amiss="right";`,
        'listener.name.secure.scram-sha-512.sasl.jaas.config': `${modules}.scram.ScramLoginModule required;`,
      }),
    });
  });
  afterAll(async () => {
    await broker.dispose();
    await rm(folder, { recursive: true, force: true });
  });
  const open = (settings: Partial<KafkaSettings>) =>
    openKafkaLog({
      settings: {
        ...kafkaSettings([secureAddress]),
        tls: true,
        ca_file: certificate,
        username: 'amiss',
        password: 'right',
        sasl: 'scram-sha-512',
        ...settings,
      },
      clock: systemClock,
      logger: silentLogger,
    });

  test.each(['plain', 'scram-sha-512'] as const)('takes records from a user known by %s', async (sasl) => {
    const log = await open({ sasl });
    const spec = topicSpec();
    await log.ensureTopics([spec]);
    await log.append(spec.name, toPartition(0, 'secret'));
    expect((await log.read({ topic: spec.name, partition: 0 }, 0, 1)).map((r) => String(r.value))).toEqual([
      'secret',
    ]);
    await log.close();
  });

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['no user', { sasl: 'none' as const }],
    ['an authority that did not sign its certificate', { ca_file: '' }],
    ['no TLS', { tls: false }],
  ])('is not reached with %s', async (_, settings) => {
    await expect(open(settings)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });

  test('is not tried with a certificate file that is not there', async () => {
    const missing = open({ ca_file: join(folder, 'nowhere.pem') });
    await expect(missing).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('nowhere.pem'),
    });
  });
});
