import type { Authenticate } from '#shared/auth/token.ts';
import type { ServiceContext } from '#shared/context.ts';
import type { HttpServer } from '#shared/http.ts';
import type { TopicName } from '#shared/log/topics.ts';
import type { Store } from '#shared/store/store.ts';
import type { ApiSettings } from './settings.ts';

/** A service that reads the log, for `/status`. */
export interface LogReader {
  readonly service: string;
  /** Its consumer group. */
  readonly group: string;
  readonly topics: readonly TopicName[];
}

/** What the API is built from. */
export interface ApiDependencies {
  readonly context: ServiceContext;
  readonly settings: ApiSettings;
  readonly store: Store;
  readonly authenticate: Authenticate;
  /** Whose lag `/status` shows. */
  readonly readers: readonly LogReader[];
  /** Of Amiss, for OpenAPI and `/status`. */
  readonly version: string;
}

/** Where routes are put: the server itself, or a scope of it with a prefix. */
export type ApiScope = HttpServer;
