import type { FastifyReply, FastifyRequest, HttpServer } from '#shared/http.ts';
import type { Busy } from '../admission.ts';

/** A part of the server whose requests keep their body as bytes. */
export type BytesScope = HttpServer;

/**
 * Registers routes whose bodies arrive as bytes, whatever content type the client names: HEC libraries call JSON a
 * form, and Elastic's clients have a media type of their own.
 */
export function registerBytes(
  server: HttpServer,
  bodyBytesMax: number,
  routes: (scope: BytesScope) => void,
): void {
  server.register(async (scope) => {
    // What names no media type would be refused before anybody has looked at the bytes.
    scope.addHook('onRequest', async ({ raw }) => {
      if (!mediaType.test(raw.headers['content-type'] ?? '')) delete raw.headers['content-type'];
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      '*',
      { parseAs: 'buffer', bodyLimit: bodyBytesMax },
      (_request: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
    );
    routes(scope as unknown as BytesScope);
  });
}

const mediaType = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/;
const nothing = Buffer.alloc(0);

/** The body as it arrived; empty where there was none. */
export function bytesOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : nothing;
}

/** The body's `Content-Encoding`. */
export function encodingOf(request: FastifyRequest): string {
  return String(request.headers['content-encoding'] ?? '');
}

/** The status of a delivery that has to wait: 429 asks to slow down, 503 says that the log is away. */
export function busyStatus(busy: Busy): 429 | 503 {
  return busy.code === 'LOG_UNAVAILABLE' ? 503 : 429;
}

/** Answers with an RFC 9457 problem of the collector. */
export function replyProblem(
  reply: FastifyReply,
  status: number,
  problem: { readonly code: string; readonly reason: string },
): FastifyReply {
  const code = problem.code.toLowerCase();
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:amiss:problem:${code}`,
      title: code.replaceAll('_', ' '),
      status,
      detail: problem.reason,
      instance: reply.request.id,
    });
}
