import { intentionsOf } from '../rules/intentions.ts';
import { createReminders } from '../rules/reminders.ts';
import { ruleDetector } from '../rules/rule.ts';
import { networkSniffing } from '../rules/techniques.ts';
import type { View } from './detector.ts';

// Names of IANA and OpenSSL alike. RFC 7465 forbids RC4, RFC 5469 and 8429 retire DES and 3DES, RFC 9155 MD5;
// NULL encrypts nothing, EXPORT keys have 40 bits, anonymous key exchange proves nobody.
const weak = /(^|[_-])(NULL|EXP(ORT)?\d*|RC[24]|3?DES(40)?|MD5|AN(ON)?|ADH|AECDH|IDEA|SEED)([_-]|$)/i;

/** Cipher names of which it is remembered whether they are weak: suites are few, a name of more is judged anew. */
const suitesMax = 1024;

/** Encryption that hides little. */
export const weakCipher = ruleDetector({
  name: 'weak-cipher',
  headline: 'a weak cipher',
  summary: 'A cipher suite that is known to be weak, or that the policy denies',
  source: 'RFC 9325, section 4.1: cipher suites that must not be negotiated',
  techniques: [networkSniffing],
  side: 'source',
  needs: ['tls_cipher'],
  create: ({ decisions }) => {
    const intentions = intentionsOf(decisions);
    const told = createReminders('told', 'edge');
    const isWeak = rememberedTest((cipher) => weak.test(cipher));
    const isDue = ({ event, edge, time }: View) => {
      const cipher = event.tls_cipher;
      if (cipher === undefined) return false;
      if (!isWeak(cipher) && !intentions.policy(event.space).isCipherDenied(cipher)) return false;
      return told.isDue(edge, time);
    };
    return {
      judge: (view) => (isDue(view) ? 'warning' : undefined),
      tell: ({ event }) => ({
        observed: 1,
        expected: 0,
        unit: 'calls with a weak cipher',
        subject: event.tls_cipher ?? null,
        sentence: `${event.source} called ${event.destination} with the cipher ${event.tls_cipher}`,
      }),
      learn: (view, tier) => {
        if (tier !== undefined) told.mark(view.edge, view.time);
      },
      memories: [told],
    };
  },
});

function rememberedTest(test: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = test(text);
    if (answers.size < suitesMax) answers.set(text, answer);
    return answer;
  };
}
