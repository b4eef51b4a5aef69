import { AppError } from '#shared/errors.ts';
import type { FastifyReply, FastifyRequest } from '#shared/http.ts';
import type { Ingest } from '../delivery.ts';
import type { Identify } from '../identify.ts';
import type { ReportRefusal } from '../refusals.ts';
import type { Sender } from '../sender.ts';
import { type BytesScope, replyProblem } from './http-body.ts';

/** What every HTTP dialect needs. */
export interface RouteContext {
  readonly ingest: Ingest;
  readonly identify: Identify;
  readonly report: ReportRefusal;
}

/** The caller, or why it has no business here. */
export type Admitted =
  | { readonly ok: true; readonly sender: Sender }
  | { readonly ok: false; readonly status: 401 | 403; readonly reason: string };

/** Tells who calls a dialect's route; a refused caller is reported, since it drops what it wanted to deliver. */
export function admit(request: FastifyRequest, format: string, context: RouteContext): Admitted {
  try {
    return { ok: true, sender: context.identify(request) };
  } catch (error) {
    if (!(error instanceof AppError) || (error.code !== 'UNAUTHORIZED' && error.code !== 'FORBIDDEN'))
      throw error;
    context.report({ who: request.ip, format, reason: error.message });
    return { ok: false, status: error.code === 'UNAUTHORIZED' ? 401 : 403, reason: error.message };
  }
}

/** Health checks and browsers ask with HEAD or OPTIONS whether they may send to a path: yes. Vector wants exactly 200. */
export function answerProbes(scope: BytesScope, ...paths: readonly string[]): void {
  for (const url of paths) {
    scope.route({
      method: ['HEAD', 'OPTIONS'],
      url,
      handler: async (_request, reply) => reply.code(200).send(),
    });
  }
}

/** Answers a refused caller with an RFC 9457 problem. */
export function replyRefusal(reply: FastifyReply, refused: Extract<Admitted, { ok: false }>): FastifyReply {
  if (refused.status === 401) reply.header('www-authenticate', 'Bearer realm="amiss"');
  const code = refused.status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN';
  return replyProblem(reply, refused.status, { code, reason: refused.reason });
}
