import type { KafkaSettings } from '../../shared/log/kafka-client.ts';

/** Settings for a broker of the test harness. */
export function kafkaSettings(brokers: readonly string[]): KafkaSettings {
  return {
    brokers: [...brokers],
    replication: 1,
    compression: 'zstd',
    tls: false,
    ca_file: '',
    cert_file: '',
    key_file: '',
    username: '',
    password: '',
    sasl: 'none',
  };
}
