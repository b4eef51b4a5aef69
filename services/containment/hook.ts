import type { Containment } from '#shared/containment.ts';
import { messageOf } from '#shared/errors.ts';
import { signWebhook } from '#shared/webhook-signature.ts';

/** Characters of a receiver's answer that are kept as the reason of a failure. */
const reasonCharactersMax = 200;

/** One call of the operator's endpoint. */
export interface HookCall {
  readonly action: 'isolate' | 'release';
  readonly containment: Containment;
  /** UTC ms. */
  readonly now: number;
}

/** Where and how to call. */
export interface HookOptions {
  readonly url: string;
  /** Standard Webhooks secret; unsigned without. */
  readonly secret: string;
  readonly timeoutMs: number;
}

/**
 * Tells the endpoint to isolate or release an agent, signed by the Standard Webhooks specification. The id is the same
 * for every attempt, so that a repeat after a crash is known to be one.
 *
 * @returns why it failed, or `null` when the endpoint answered 2xx
 */
export async function callHook(call: HookCall, options: HookOptions): Promise<string | null> {
  const { action, containment, now } = call;
  const id = `containment_${containment.alert}_${action}`.replaceAll(/[^\w-]/g, '_');
  const { alert, agent, title, severity, detectors, manifests, expires_at: expiresAt } = containment;
  const data = { alert, agent, title, severity, detectors, manifests, expires_at: expiresAt };
  const body = JSON.stringify({
    type: `containment.${action}`,
    timestamp: new Date(now).toISOString(),
    data,
  });
  const timestampSeconds = Math.floor(now / 1000);
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
  };
  if (options.secret !== '')
    headers['webhook-signature'] = signWebhook({ id, timestampSeconds, body }, [options.secret]);
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      headers,
      body,
      redirect: 'error', // an isolation must not end up with somebody else
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    await response.body?.cancel();
    return response.ok ? null : `http ${response.status}`;
  } catch (error) {
    return messageOf(error).slice(0, reasonCharactersMax);
  }
}
