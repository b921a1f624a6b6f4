/** The fields that have a value, so that optional ones are absent instead of undefined. */
export function defined<T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  const found: Partial<T> = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** proto3 text that is empty when not given. */
export function textOrAbsent(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** proto3 number that is 0 when not given. */
export function numberOrAbsent(value: number): number | undefined {
  return value === 0 ? undefined : value;
}
