import { readFileSync } from 'node:fs';
import { type Static, Type } from 'typebox';
import { AppError, messageOf } from './errors.ts';
import type { HttpOptions } from './http.ts';

/** Settings of the HTTP listener: the section `http` of `amiss.yaml`. */
export const httpSettings = Type.Object(
  {
    tls_cert_file: Type.String({ default: '', description: 'PEM chain; plain HTTP when empty' }),
    tls_key_file: Type.String({ default: '' }),
    tls_client_ca_file: Type.String({
      default: '',
      description: 'Clients must show a certificate of this CA',
    }),
    allow_plain: Type.Boolean({
      default: false,
      description: 'Listen beyond loopback without TLS: only behind a proxy that terminates it',
    }),
  },
  { additionalProperties: false },
);

/**
 * What the listener's settings mean for `createHttpServer`.
 *
 * @throws {AppError} CONFIG_INVALID: a file cannot be read, or one of certificate and key is missing
 */
export function listenerOptions(
  settings: Static<typeof httpSettings>,
): Pick<HttpOptions, 'tls' | 'mayListenInPlain'> {
  const { tls_cert_file: certFile, tls_key_file: keyFile, tls_client_ca_file: caFile } = settings;
  const mayListenInPlain = settings.allow_plain;
  if (certFile === '' && keyFile === '') return { mayListenInPlain };
  if (certFile === '' || keyFile === '') {
    throw new AppError(
      'CONFIG_INVALID',
      'http: tls_cert_file and tls_key_file belong together; one is empty',
    );
  }
  const cert = readPem('tls_cert_file', certFile);
  const key = readPem('tls_key_file', keyFile);
  const ca = caFile === '' ? {} : { ca: readPem('tls_client_ca_file', caFile) };
  return { mayListenInPlain, tls: { cert, key, ...ca } };
}

function readPem(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError('CONFIG_INVALID', `http.${name}: cannot read ${path}: ${messageOf(error)}`);
  }
}
