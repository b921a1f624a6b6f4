import type { Fields } from '../carriers/fields.js';

/** What a door knows of the fields of OpenAI's. */
export interface OfferedFields {
  /** Read by the route. */
  readonly read: readonly string[];
  /** Of no effect here, and harmless to leave out. */
  readonly ignored: readonly string[];
  /** Taken with this one value alone, which asks for nothing. */
  readonly only?: Readonly<Record<string, string | number | boolean>>;
}

/** Refuses each field that asks for what is not offered, so that nobody takes it for done. */
export function refuseOthers(fields: Fields, { read, ignored, only = {} }: OfferedFields): void {
  for (const name of fields.names) {
    if (read.includes(name) || ignored.includes(name)) continue;
    if (!Object.hasOwn(only, name)) {
      fields.refuse(name, 'unsupported_parameter', 'This parameter is not offered here');
      continue;
    }
    // Forms carry every value as text.
    if (String(fields.value(name)) !== String(only[name]))
      fields.refuse(name, 'unsupported_value', `Only ${JSON.stringify(only[name])} is offered here`);
  }
}
