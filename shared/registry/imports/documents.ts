import { parseYamlDocuments } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { isObject } from '../../json.ts';

/** Characters of YAML that are read; JSON may be as long as a request. YAML takes a hundred times as long to parse. */
const yamlCharactersMax = 4 * 2 ** 20;
/** Documents of one file, lists taken apart. */
const documentsMax = 200_000;

/**
 * The documents of a file: JSON, or YAML with `---` between them, with lists as `kubectl get` gives them
 * (`{"kind": "List", "items": [...]}`) taken apart.
 *
 * @param content the text, or what was already parsed
 * @throws {AppError} CONFIG_INVALID: not YAML; INPUT_TOO_LARGE
 */
export function documentsOf(content: unknown): readonly unknown[] {
  const documents = typeof content === 'string' ? parse(content) : [content];
  const all = documents.flatMap(itemsOf);
  if (all.length > documentsMax)
    throw new AppError('INPUT_TOO_LARGE', `${all.length} documents; at most ${documentsMax} in one import`);
  return all;
}

function parse(text: string): readonly unknown[] {
  if (/^\s*[[{]/.test(text)) {
    try {
      return [JSON.parse(text)];
    } catch {
      // A flow mapping of YAML begins like JSON.
    }
  }
  if (text.length > yamlCharactersMax)
    throw new AppError('INPUT_TOO_LARGE', `over ${yamlCharactersMax} characters of YAML; give it as JSON`);
  return parseYamlDocuments(text, 'the import');
}

function itemsOf(document: unknown): readonly unknown[] {
  if (Array.isArray(document)) return document.flatMap(itemsOf);
  const isList =
    isObject(document) && /List$/.test(String(document['kind'])) && Array.isArray(document['items']);
  if (!isList || !isObject(document)) return [document];
  // Items of a typed list leave their kind out: a PodList holds Pods.
  const kind = String(document['kind']).replace(/List$/, '');
  const items = Array.isArray(document['items']) ? document['items'] : [];
  return items.map((item) => (isObject(item) && kind !== '' ? { kind, ...item } : item));
}
