import { AppError } from '#shared/errors.ts';
import type { FastifyRequest } from '#shared/http.ts';
import { localSender, type Sender } from './sender.ts';

export interface IdentifyOptions {
  /** Is the listener on loopback, where the machine's own users need no token? */
  readonly isLocal: boolean;
}

/** Tells who calls an HTTP listener. @throws {AppError} UNAUTHORIZED without a credential off loopback */
export function createIdentify(options: IdentifyOptions): (request: FastifyRequest) => Promise<Sender> {
  return async (request) => {
    if (options.isLocal) return localSender(request.ip);
    throw new AppError(
      'UNAUTHORIZED',
      'ingest needs a shipper token here: send "Authorization: Bearer TOKEN"',
    );
  };
}
