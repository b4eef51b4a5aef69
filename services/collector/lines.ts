/** Columns of a table's header; more is no log. */
const columnsMax = 256;

/**
 * Turns the lines of one stream (a file, a connection, a request body) into records. Most lines stand alone: JSON is
 * left to the caller, other text is returned as it is. But Zeek's TSV and VPC flow logs begin with a header that the
 * lines below it need: what it says is remembered for this stream.
 *
 * @returns a record (object or text), or `undefined` for a line that only describes what follows
 */
export type LineParser = (line: string) => unknown;

/** A parser for one stream; each stream needs its own. */
export function createLineParser(): LineParser {
  let table: Table | undefined;
  return (line) => {
    if (line.startsWith('#') || isVpcHeader(line)) {
      table = line.startsWith('#') ? readDirective(table ?? zeekTable, line) : vpcTable(line);
      return undefined;
    }
    if (table === undefined || table.columns.length === 0) return line;
    const values = line.split(table.separator);
    // A line of another shape is not of this table: it is judged by itself.
    return values.length === table.columns.length ? toRecord(table, values) : line;
  };
}

interface Table {
  readonly separator: string;
  readonly setSeparator: string;
  readonly unset: string;
  readonly empty: string;
  /** Name of the log, which stands in each record as `_path`. */
  readonly path: string | undefined;
  readonly columns: readonly string[];
  readonly types: readonly string[];
}

const zeekTable: Table = {
  separator: '\t',
  setSeparator: ',',
  unset: '-',
  empty: '(empty)',
  path: undefined,
  columns: [],
  types: [],
};

/** One `#name value…` line; `#separator` itself is divided by a space, all others by what it names. */
function readDirective(table: Table, line: string): Table {
  if (line.startsWith('#separator ')) return { ...zeekTable, separator: separatorOf(line.slice(11)) };
  const [name, ...values] = line.split(table.separator);
  const first = values[0] ?? '';
  switch (name) {
    case '#set_separator':
      return { ...table, setSeparator: first || ',' };
    case '#empty_field':
      return { ...table, empty: first };
    case '#unset_field':
      return { ...table, unset: first };
    case '#path':
      return { ...table, path: first };
    case '#fields':
      return { ...table, columns: values.slice(0, columnsMax) };
    case '#types':
      return { ...table, types: values.slice(0, columnsMax) };
    case '#close':
      return zeekTable;
    default:
      return table; // #open and comments
  }
}

function separatorOf(text: string): string {
  const decoded = text
    .trim()
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return decoded === '' ? '\t' : decoded;
}

function isVpcHeader(line: string): boolean {
  return line.includes('srcaddr') && line.includes('dstaddr') && /^[a-z-]+(?: [a-z-]+)+\s*$/.test(line);
}

function vpcTable(line: string): Table {
  return { ...zeekTable, separator: ' ', unset: '', columns: line.trim().split(' ').slice(0, columnsMax) };
}

function toRecord(table: Table, values: readonly string[]): Record<string, unknown> {
  const record: Record<string, unknown> = table.path === undefined ? {} : { _path: table.path };
  for (const [i, name] of table.columns.entries()) {
    const value = values[i] ?? '';
    if (value === table.unset || name === '__proto__') continue;
    const type = table.types[i] ?? '';
    if (type.startsWith('set[') || type.startsWith('vector['))
      record[name] = value === table.empty ? [] : value.split(table.setSeparator);
    else record[name] = value === table.empty ? '' : value;
  }
  return record;
}
