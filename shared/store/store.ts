/** Values that ClickHouse binds into `{name:Type}` places: SQL is never put together from input. */
export type SqlParameters = Readonly<Record<string, SqlValue>>;
export type SqlValue = string | number | boolean | null | readonly string[] | readonly number[];

export interface StoreQuery {
  /** SQL with `{name:Type}` places, without a FORMAT clause. */
  readonly sql: string;
  readonly parameters?: SqlParameters;
  readonly signal?: AbortSignal;
  /** Rows at the most; the query fails with STORE_QUERY beyond it. */
  readonly rowsMax?: number;
}

export interface StoreInsert {
  readonly table: string;
  /** NDJSON, one row a line, keys are the table's columns: what the log holds, passed on unparsed. */
  readonly rows: Buffer;
  /**
   * The same token means the same rows: a repeat leaves no second row, in the table or its roll-ups. Made of
   * topic, partition and offsets.
   */
  readonly token: string;
  readonly signal?: AbortSignal;
}

/** The analytical store: ClickHouse over HTTP or chDB in the process, the same client and SQL for both. */
export interface Store {
  /** All rows of a query as objects; 64-bit integers arrive as numbers. */
  query<Row>(query: StoreQuery): Promise<readonly Row[]>;
  /** The rows of a long answer, as they come. */
  stream<Row>(query: StoreQuery): AsyncIterable<Row>;
  insert(insert: StoreInsert): Promise<void>;
  /** Runs DDL or a mutation. */
  command(query: StoreQuery): Promise<void>;
  /** Resolves when the store answers; rejects with STORE_UNAVAILABLE. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
