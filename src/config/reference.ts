/** docs/CONFIG.md, from the schema. */
import type { Driver } from '../../drivers/contract.ts';
import type { Drivers } from './checks.ts';
import { optionsSchema } from './load.ts';
import { configSchema } from './schema.ts';
import { alternatives, isShape, note, propertiesOf, type Shape, shapeOf } from './shape.ts';

/** One setting, as a line of the reference. */
export interface Row {
  /** `parks[].lanes[].direction`; `<name>` stands for a key of the writer's own. */
  readonly field: string;
  readonly type: string;
  /** As it would be written; `required`, or empty when the setting may be left out. */
  readonly standard: string;
  readonly meaning: string;
}

/** The settings below a shape, groups before what they hold, in the schema's order. */
export function rowsOf(shape: Shape, prefix = ''): readonly Row[] {
  return [...merged(shape)].flatMap(([name, { shapes, required }]) => {
    const [first] = shapes;
    if (first === undefined) return [];
    const field = prefix === '' ? name : `${prefix}.${name}`;
    const standard = required ? 'required' : written(first.default);
    return [{ field, type: typeOf(shapes), standard, meaning: first.description ?? '' }, ...inside(first, field)];
  });
}

/** The settings of a group; those that its alternatives share are one, and required only where all require them. */
function merged(shape: Shape): ReadonlyMap<string, { readonly shapes: readonly Shape[]; readonly required: boolean }> {
  const all = alternatives(shape);
  const found = new Map<string, { shapes: readonly Shape[]; required: boolean }>();
  for (const [name, property] of all.flatMap((one) => [...propertiesOf(one)])) {
    const shapes = [...(found.get(name)?.shapes ?? []), property];
    found.set(name, { shapes, required: all.every((one) => one.required?.includes(name) ?? false) });
  }
  return found;
}

function inside(shape: Shape, field: string): readonly Row[] {
  if (note(shape, 'label') !== undefined) return [];
  if (isShape(shape.items)) return rowsOf(shape.items, `${field}[]`);
  if (isShape(shape.additionalProperties)) return rowsOf(shape.additionalProperties, `${field}.<name>`);
  return rowsOf(shape, field);
}

function typeOf(shapes: readonly Shape[]): string {
  const fixed = shapes.flatMap((shape) => shape.enum ?? (shape.const === undefined ? [] : [shape.const]));
  if (fixed.length > 0) return fixed.map((value) => `\`${String(value)}\``).join(', ');
  const [shape] = shapes;
  if (shape === undefined) return '';
  const label = note(shape, 'label');
  if (label !== undefined) return label;
  switch (shape.type) {
    case 'integer':
    case 'number':
      return `${shape.type === 'integer' ? 'whole number' : 'number'}${range(shape)}`;
    case 'boolean':
      return '`true`, `false`';
    case 'string':
      return 'text';
    case 'array':
      return 'list';
    default:
      return 'group';
  }
}

function range({ minimum, maximum }: Shape): string {
  const low = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? '' : String(minimum);
  const high = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? '' : String(maximum);
  return low === '' && high === '' ? '' : ` ${low} … ${high}`;
}

function written(standard: unknown): string {
  if (Array.isArray(standard)) return `\`${JSON.stringify(standard)}\``;
  // A group is made of its settings' defaults.
  if (standard === undefined || (typeof standard === 'object' && standard !== null)) return '';
  return `\`${standard === '' ? '""' : String(standard)}\``;
}

const INTRODUCTION = `# Configuration

Gatepost reads one file. [example.yaml](example.yaml) is a complete one to start from; \`gatepost check FILE\` prints every
mistake in a file at once, each with its line, what was found there, and what to write instead.

- The file is YAML 1.2. \`no\`, \`off\`, \`12:30\` and dates are texts; only \`true\` and \`false\` are truth values. A text of
  digits, such as an id, needs quotes. Anchors and tags are not used. Settings that are not listed here are errors.
- A **secret** is the text itself, \`{ credential: NAME }\` for the file \`credentials/NAME\` beside the configuration, which only
  root can read and systemd hands to the service ([service.md](service.md#secrets)), \`{ env: NAME }\` for an environment
  variable, or \`{ file: PATH }\` for a file (from the folder of the configuration, when the path is not a full one).
- Prices are **yuan** with at most two decimals, \`5\` or \`5.00\`. They are kept in 分.
- Every length of time, size and count is a whole number with its unit in the name.
- An **address:port** that other machines can reach needs \`allowRemote: true\` beside it; IPv6 is written \`[::1]:8080\`.

This page is made from the schema by \`npm run docs\`.
`;

/** The whole page, drivers' options included. Ends with a line break. */
export function configReference(drivers: Drivers): string {
  const rows = rowsOf(shapeOf(configSchema(() => ({ text: '' }))));
  const sections = Map.groupBy(rows, ({ field }) => /^\w+/.exec(field)?.[0] ?? field);
  const parts = [...sections].map(([name, of]) => `## \`${name}\`\n\n${table(of)}`);
  const models = Object.entries(drivers).map(([name, driver]) => driverPart(name, driver));
  return [
    INTRODUCTION,
    ...parts,
    '## Drivers\n\nWhat `devices[].driver` can be, and the `options` of each.\n',
    ...models,
  ].join('\n');
}

function driverPart(name: string, driver: Driver): string {
  const wire =
    driver.line === null ? 'MQTT' : `Serial line, ${driver.line.baudRate} baud unless \`baudRate\` says otherwise`;
  const rows = rowsOf(shapeOf(optionsSchema(driver)));
  const options = rows.length === 0 ? 'No options.\n' : table(rows);
  return `### \`${name}\`\n\n${driver.title}. ${wire}; roles: ${driver.roles.join(', ')}.\n\n${options}`;
}

/** A table with columns of one width each: how the formatter would leave it. */
function table(rows: readonly Row[]): string {
  const cells = rows.map(({ field, type, standard, meaning }) => [`\`${field}\``, type, standard, meaning].map(cell));
  const lines = [['setting', 'type', 'default', 'meaning'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const [head, ...body] = lines.map((line) => row(line.map((text, column) => text.padEnd(widths[column] ?? 0))));
  return [head, row(widths.map((width) => '-'.repeat(width))), ...body, ''].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
}
