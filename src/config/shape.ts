/** The schema as data (JSON Schema): what the checker's advice and the reference are read from. */
import { z } from 'zod';
import { isSentence, type Sentence } from '../core/sentence.ts';
import type { Path } from './errors.ts';
import { valueAt } from './source.ts';

export type Shape = z.core.JSONSchema.JSONSchema;

/** The shape of what people write, before any transformation. */
export function shapeOf(schema: z.ZodType): Shape {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

/** A shape's own alternatives, or the shape itself. */
export function alternatives(shape: Shape): readonly Shape[] {
  const options = shape.oneOf ?? shape.anyOf;
  return options === undefined ? [shape] : options.filter(isShape).flatMap(alternatives);
}

/** The shapes of a group's settings, by name; empty for what is no group. */
export function propertiesOf(shape: Shape): ReadonlyMap<string, Shape> {
  const found = new Map<string, Shape>();
  for (const [name, property] of Object.entries(shape.properties ?? {})) {
    if (isShape(property)) found.set(name, property);
  }
  return found;
}

/** The schema's own word for the type of a field. */
export function labelOf(shape: Shape): string | undefined {
  const text = shape['label'];
  return typeof text === 'string' ? text : undefined;
}

/** What the schema says is wanted in a field: it completes the sentence "Write …". */
export function wantedOf(shape: Shape): Sentence | undefined {
  const wanted = shape['wanted'];
  return isSentence(wanted) ? wanted : undefined;
}

/**
 * The shapes that the schema allows at a path. Where it offers alternatives, those that fit the fixed texts found in
 * `root` (a `type: token`) come alone; several remain when none fits.
 */
export function shapesAt(shape: Shape, path: Path, root: unknown): readonly Shape[] {
  let shapes: readonly Shape[] = [shape];
  for (const [depth, part] of path.entries()) {
    const found = valueAt(root, path.slice(0, depth));
    shapes = fitting(shapes, found).flatMap((candidate) => below(candidate, part));
  }
  return shapes;
}

/** The alternatives whose fixed texts are those of the value. */
export function fitting(shapes: readonly Shape[], value: unknown): readonly Shape[] {
  const all = shapes.flatMap(alternatives);
  const fit = all.filter((candidate) =>
    [...propertiesOf(candidate)].every(
      ([name, property]) => property.const === undefined || property.const === valueAt(value, [name]),
    ),
  );
  return fit.length > 0 ? fit : all;
}

function below(shape: Shape, part: string | number): readonly Shape[] {
  if (typeof part === 'number') return isShape(shape.items) ? [shape.items] : [];
  const named = propertiesOf(shape).get(part);
  if (named !== undefined) return [named];
  return isShape(shape.additionalProperties) ? [shape.additionalProperties] : [];
}

/** Whether a part of a JSON Schema is a shape of its own, and neither `true`, `false` nor a list of shapes. */
export function isShape(part: unknown): part is Shape {
  return typeof part === 'object' && part !== null && !Array.isArray(part);
}
