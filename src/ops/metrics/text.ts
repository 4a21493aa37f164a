/** Prometheus' text format, version 0.0.4. */
import type { HistogramReading, Labels } from './instruments.ts';

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** One metric by its name, of one type, with one unit, which is in the name. */
export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: Labels;
}

export type Sample = readonly [labels: Labels, value: number];

/** A page in the making. Families come in the order in which they are added, each once. */
export interface Page {
  /** A family without samples has its help and type alone. */
  add(family: Family, samples: Iterable<Sample>): void;
  histogram(family: Family, samples: Iterable<readonly [labels: Labels, reading: HistogramReading]>): void;
  text(): string;
}

export function page(): Page {
  let text = '';
  const head = ({ name, type, help }: Family): void => {
    text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  };
  return {
    add(family, samples) {
      head(family);
      for (const [labels, value] of samples)
        text += `${family.name}${within(pairs(family, labels))} ${numberText(value)}\n`;
    },
    histogram(family, samples) {
      head(family);
      for (const [labels, { bounds, within: counts, sum, count }] of samples) {
        const own = pairs(family, labels);
        const comma = own === '' ? '' : ',';
        for (const [index, bound] of bounds.entries())
          text += `${family.name}_bucket{${own}${comma}le="${bound}"} ${counts[index] ?? 0}\n`;
        text += `${family.name}_bucket{${own}${comma}le="+Inf"} ${count}\n`;
        text += `${family.name}_sum${within(own)} ${numberText(sum)}\n${family.name}_count${within(own)} ${count}\n`;
      }
    },
    text: () => text,
  };
}

const within = (labels: string): string => (labels === '' ? '' : `{${labels}}`);

/** @throws RangeError when there is not a value for each of the family's labels: a defect of ours. */
function pairs({ name, labels: names }: Family, values: Labels): string {
  if (values.length !== names.length) throw new RangeError(`${name} has labels ${names.join(', ')}, not ${values}`);
  return names.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`).join(',');
}

const SPECIAL = /[\\"\n]/;

function escaped(value: string): string {
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
