import { type Static, Type } from 'typebox';
import { secret } from '#shared/config.ts';
import { AppError } from '#shared/errors.ts';
import { signWebhook, webhookSecretPattern } from '#shared/webhook-signature.ts';
import { isLoopbackHost } from '../http-sender.ts';
import type { Notification } from '../notification.ts';
import type { TargetKind } from './target.ts';

const settings = Type.Object(
  {
    name: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
      description: 'Lower case, digits and hyphens',
    }),
    url: Type.String({ description: 'Where the signed messages are posted, https://...' }),
    secret: secret(
      Type.String({
        pattern: webhookSecretPattern,
        description: 'whsec_... or whsk_..., see docs/webhooks.md',
      }),
    ),
    old_secrets: Type.Optional(
      secret(
        Type.Array(Type.String({ pattern: webhookSecretPattern }), {
          maxItems: 4,
          description: 'Also sign with these, while the receiver changes over',
        }),
      ),
    ),
    severity_min: Type.Optional(Type.Integer({ minimum: 0, maximum: 100, description: '0 when not given' })),
    updates: Type.Optional(
      Type.Boolean({ description: 'Tell changes of an alert too; true when not given' }),
    ),
    allow_http: Type.Optional(
      Type.Boolean({ description: 'Send in plain text to a host other than this machine' }),
    ),
  },
  { additionalProperties: false },
);

/**
 * Posts alerts as Standard Webhooks: `webhook-id` is the same for every attempt of one message, `webhook-timestamp`
 * is the attempt's, `webhook-signature` covers both and the body.
 *
 * @source Standard Webhooks 1.0.0, https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export const webhook: TargetKind<typeof settings> = {
  name: 'webhook',
  summary: 'Signed HTTP posts by the Standard Webhooks specification',
  settings,
  create: (options, { http, now }) => {
    const url = checkedUrl(options, http.refusalOf);
    const secrets = [options.secret, ...(options.old_secrets ?? [])];
    return {
      name: options.name,
      severityMin: options.severity_min ?? 0,
      tellsUpdates: options.updates ?? true,
      deliver: (notification, signal) => {
        const body = bodyOf(notification);
        const timestampSeconds = Math.floor(now() / 1000);
        const headers = {
          'content-type': 'application/json',
          'webhook-id': notification.id,
          'webhook-timestamp': String(timestampSeconds),
          'webhook-signature': signWebhook({ id: notification.id, timestampSeconds, body }, secrets),
        };
        return http.post({ url, headers, body }, signal);
      },
    };
  },
};

function bodyOf({ type, alert }: Notification): string {
  return JSON.stringify({ type, timestamp: new Date(alert.updated_at).toISOString(), data: alert });
}

function checkedUrl(options: Static<typeof settings>, refusalOf: (host: string) => string | undefined): URL {
  const fault = (what: string) =>
    new AppError('CONFIG_INVALID', `notifier.webhooks: the url of "${options.name}" ${what}`);
  const url = URL.parse(options.url);
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    throw fault('is not an address that begins with https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw fault('holds a user name or password; the signature is what proves the sender');
  }
  if (url.protocol === 'http:' && options.allow_http !== true && !isLoopbackHost(url.hostname)) {
    throw fault('is plain HTTP, which anybody on the way can read; use https:// or set allow_http');
  }
  const refusal = refusalOf(url.hostname);
  if (refusal !== undefined) throw fault(`names an address that may not be called: ${refusal}`);
  return url;
}
