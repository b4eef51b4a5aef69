import type { Signal } from '#shared/signal.ts';
import { endsOf } from './case-keys.ts';
import { isProbing } from './probing.ts';

interface Ends {
  readonly agent: string;
  readonly peer: string;
  /** The agent was called; else it called. */
  readonly isCalled: boolean;
}

const token = ({ agent, peer }: Ends) =>
  `Revoke the token if nobody can explain it, and check how ${agent} came by it and what it did at ${peer}.`;
const transport = ({ agent, peer }: Ends) =>
  `Check the proxies between ${agent} and ${peer}: a wrong configuration, or somebody on the line.`;
const certificate = ({ agent }: Ends) =>
  `Compare the certificate with what your authority issued to ${agent}; if it is not one of yours, isolate ${agent}.`;
const version = ({ agent }: Ends) => `Update ${agent}, or write down in the policy why it has to wait.`;
const crossing = ({ agent, peer }: Ends) =>
  `Check who opened the path from ${agent} to ${peer}; allow the crossing in the policy, or close it.`;
const sizes = ({ agent, peer }: Ends) =>
  `Find out what ${agent} exchanged with ${peer}, and whether a person or a job asked for so much.`;
const tools = ({ agent, peer }: Ends) =>
  `Compare what ${agent} offers with its reviewed version before ${peer} and others go on using it.`;
const connection = ({ agent, peer }: Ends) =>
  `Check whether a release or a person explains that ${agent} and ${peer} speak; if not, close the path.`;
const session = ({ agent, peer }: Ends) =>
  `Read the session of ${agent} with ${peer}: was it told to do this by its user, or by something that it read?`;

/** What to look at first, by the strongest detector. Every detector has its own, or shares one. */
const advice: Readonly<Record<string, (ends: Ends) => string>> = {
  volume: ({ agent, peer, isCalled }) =>
    `Check whether somebody planned the load ${isCalled ? 'on' : 'of'} ${agent}; if not, rate-limit ${isCalled ? peer : agent}.`,
  'edge-burst': ({ agent, peer }) =>
    `Check what ${agent} asks of ${peer}, and whether it is refused: repeated tries look like this.`,
  'fan-out': ({ agent, isCalled }) =>
    isCalled
      ? `Check why so many call ${agent} at once: a release of theirs, or one attack from many places.`
      : `Check whether ${agent} is searching the network: whom it called, and whether they refused.`,
  'new-edge': connection,
  'rare-caller': ({ agent, peer }) => `Check who owns ${agent} and what it did at ${peer}.`,
  'lateral-chain': ({ agent, peer }) =>
    `Follow the walk from its first hop to ${peer}: who was logged in, with whose credential; isolate ${agent} meanwhile.`,
  'bytes-out': sizes,
  'bytes-in': sizes,
  'bytes-total': sizes,
  'slow-ramp': ({ agent, peer }) =>
    `Find out why ${agent} does a little more with ${peer} every day: a job that grows, or somebody who takes care not to be seen.`,
  beacon: ({ agent, peer }) =>
    `Find the process on ${agent} that calls ${peer} like a clock; if nobody installed it, isolate ${agent}.`,
  silence: ({ agent }) =>
    `Check whether ${agent} still runs, and whether its log shipper does: a silenced log looks like rest.`,
  'rare-hour': ({ agent }) => `Ask whoever owns ${agent} whether somebody works at this hour.`,
  latency: ({ agent, peer }) =>
    `Compare the load and the version of ${agent} and ${peer} before and after; a release or a full disk shows here first.`,
  'slow-agent': ({ agent }) =>
    `Look at ${agent} itself, not at whom it calls: its load, its version, its disk and its network.`,
  failures: ({ agent, peer }) =>
    `Read the errors between ${agent} and ${peer}: refusals mean somebody is trying, time-outs that something is down.`,
  'rare-action': ({ agent, peer }) =>
    `Check whether ${agent} has any business doing this at ${peer}; if not, take the right away.`,
  'new-resource': session,
  'turned-session': session,
  sequence: ({ agent, peer }) =>
    `Read the trace of ${agent} with ${peer}: which step is missing or came too early, and who asked for it?`,
  'weak-evidence': ({ agent, peer }) =>
    `Look at the whole time, not at one event: what ${agent} did with ${peer} a little more, or a little differently, than before.`,
  'observers-disagree': ({ agent, peer }) =>
    `Compare the logs of both observers of ${agent} and ${peer}: one of them is wrong, or was changed.`,
  'shipper-mismatch': ({ agent }) =>
    `Check who runs the shipper that speaks for ${agent}; bind it, or take its token away.`,
  'identity-mismatch': ({ agent }) => `Rotate the credential that ${agent} showed: it is another agent's.`,
  'certificate-mismatch': certificate,
  'certificate-change': certificate,
  'certificate-expiry': ({ agent }) => `Renew the certificate of ${agent}.`,
  'anonymous-call': ({ agent, peer }) => `Make ${peer} refuse calls like this; find out who ${agent} is.`,
  'missing-mfa': ({ agent }) => `End the session of ${agent} and ask for the second factor.`,
  'shadow-agent': ({ agent }) => `Find out who runs ${agent}: register it with an owner, or shut it out.`,
  'token-expired': token,
  'token-shared': token,
  'token-scope': token,
  'token-audience': token,
  'token-issuer': token,
  'token-algorithm': token,
  'token-life': token,
  'token-rotation': token,
  plaintext: transport,
  'tls-downgrade': transport,
  'mtls-lost': transport,
  'tls-below-policy': transport,
  'weak-cipher': transport,
  'forbidden-crossing': crossing,
  'first-crossing': crossing,
  'tool-change': tools,
  'card-change': tools,
  'outdated-version': version,
  'vulnerable-version': version,
};

/** What a person should do about what a signal shows: one sentence. */
export function adviceOf(signal: Signal): string {
  const { agent, peer, evidence } = signal;
  const known = advice[isProbing(signal) ? 'fan-out' : (evidence[0]?.detector ?? '')];
  if (known === undefined) return `Check ${agent} and what it did with ${peer ?? 'others'} in these minutes.`;
  return known({ agent, peer: peer ?? 'its peers', isCalled: endsOf(signal).called === agent });
}
