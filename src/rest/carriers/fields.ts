import { InvalidRequest, type FieldProblem } from '../invalid-request.js';

/** The part of a request that a field came with. */
export type Carrier = 'body' | 'query';
type Values = Readonly<Record<string, unknown>>;

/** Where the values of an item stand in the request that it is part of. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly problems: FieldProblem[];
}

/**
 * The fields of one request, whichever carrier they came with; the body wins over the query. Readers note
 * what they cannot take, `check` reports all of it at once.
 */
export class Fields {
  readonly #path: readonly (string | number)[];
  readonly #problems: FieldProblem[];

  constructor(
    private readonly body: Values,
    private readonly query: Values,
    { path, problems }: Place = { path: [], problems: [] },
  ) {
    this.#path = path;
    this.#problems = problems;
  }

  /** Undefined when the field is absent. */
  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    this.#note(name, 'string_type', 'Input should be a valid string');
    return undefined;
  }

  requiredText(name: string): string {
    this.require(name);
    return this.text(name) ?? '';
  }

  /** Lower-cased without surrounding space. */
  requiredFolded(name: string): string {
    return fold(this.requiredText(name));
  }

  /** One of the named values, in any case. */
  choice<Value>(name: string, values: Readonly<Record<string, Value>>): Value | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const key = fold(text);
    if (Object.hasOwn(values, key)) return values[key];
    const names = Object.keys(values).map((entry) => `'${entry}'`);
    const expected = `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
    this.#note(name, 'enum', `Input should be ${expected}`, { expected });
    return undefined;
  }

  /** A finite number; forms carry it as text. */
  number(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    this.#note(name, 'float_parsing', 'Input should be a valid number');
    return undefined;
  }

  /** An integer of 32 bits, at least `min`. */
  integer(name: string, min = -(2 ** 31)): number | undefined {
    const value = this.number(name);
    if (value === undefined) return undefined;
    if (!Number.isInteger(value) || Math.abs(value) >= 2 ** 31) {
      this.#note(name, 'int_parsing', 'Input should be a valid integer of 32 bits');
      return undefined;
    }
    if (value >= min) return value;
    this.#note(name, 'greater_than_equal', `Input should be greater than or equal to ${min}`, { ge: min });
    return undefined;
  }

  boolean(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'boolean') return value;
    const key = typeof value === 'string' ? fold(value) : '';
    if (['true', '1', 'yes', 'on'].includes(key)) return true;
    if (['false', '0', 'no', 'off'].includes(key)) return false;
    this.#note(name, 'bool_parsing', 'Input should be a valid boolean');
    return undefined;
  }

  /** A list of records; forms carry it as JSON text. None when absent. */
  items(name: string): readonly Fields[] {
    const value = this.value(name);
    if (value === undefined) return [];
    const list = typeof value === 'string' ? parsed(value) : value;
    if (Array.isArray(list) && list.every(isRecord)) {
      return list.map((item, index) => {
        return new Fields(item, {}, { path: [...this.#path, name, index], problems: this.#problems });
      });
    }
    this.#note(name, 'list_type', 'Input should be a valid list of objects');
    return [];
  }

  /** As it came; undefined when absent or null. */
  value(name: string): unknown {
    return given(this.body, name) ?? given(this.query, name);
  }

  /** Of the fields that are given, a null of JSON left out. */
  get names(): readonly string[] {
    const all = [...Object.keys(this.body), ...Object.keys(this.query)];
    return [...new Set(all)].filter((name) => this.value(name) !== undefined);
  }

  /** Notes what is wrong with a field, in the words of a route. */
  refuse(name: string, type: string, msg: string): void {
    this.#note(name, type, msg);
  }

  carrier(name: string): Carrier {
    const onlyInQuery = given(this.body, name) === undefined && given(this.query, name) !== undefined;
    return onlyInQuery ? 'query' : 'body';
  }

  /** Notes that a field is absent. A null of JSON counts as there. */
  require(name: string): void {
    if (Object.hasOwn(this.body, name) || Object.hasOwn(this.query, name)) return;
    this.missing(name);
  }

  missing(name: string): void {
    this.#problems.push({
      type: 'missing',
      loc: ['body', ...this.#path, name],
      msg: 'Field required',
      input: null,
    });
  }

  /** @throws InvalidRequest when any field could not be taken */
  check(): void {
    if (this.#problems.length > 0) throw new InvalidRequest(this.#problems);
  }

  #note(name: string, type: string, msg: string, ctx?: Readonly<Record<string, unknown>>): void {
    const loc = [this.carrier(name), ...this.#path, name];
    const problem = { type, loc, msg, input: this.value(name) };
    this.#problems.push(ctx === undefined ? problem : { ...problem, ctx });
  }
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}

function given(values: Values, name: string): unknown {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return value === null ? undefined : value;
}

function isRecord(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
