/** A schema of OpenAPI 3.0, as far as the routes use it. */
export type Schema = Readonly<Record<string, unknown>>;
type Properties = Readonly<Record<string, Schema>>;

export const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  description,
  ...more,
});
export const integer = (description: string, more: Schema = {}): Schema => ({
  type: 'integer',
  description,
  ...more,
});
export const number = (description: string, more: Schema = {}): Schema => ({
  type: 'number',
  description,
  ...more,
});
export const boolean = (description: string): Schema => ({ type: 'boolean', description });
export const instant = (description: string): Schema => text(description, { format: 'date-time' });
export const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });
export const list = (items: Schema): Schema => ({ type: 'array', items });

/** An object all of whose properties are there, but for those named. */
export function object(properties: Properties, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}
