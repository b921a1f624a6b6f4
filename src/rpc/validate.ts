import { create, fromBinary, type DescMessage, type FileRegistry, type Message } from '@bufbuild/protobuf';
import { pathToString } from '@bufbuild/protobuf/reflect';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import { Refusal, type FieldViolation } from '../domain/errors.js';
import { createQuickChecks, type QuickCheck } from './quick-check.js';

/** Reads which rules of the contract a message breaks. */
export interface Validation {
  /** A check that is fast and may say no to a message that keeps every rule. */
  quick(type: DescMessage): QuickCheck;
  /** @throws Refusal MALFORMED_MESSAGE when the bytes are no such message */
  violations(type: DescMessage, bytes: Uint8Array): readonly FieldViolation[];
}

/** Compiles the rules of every request now, so that no first caller pays for it (about 90 ms). */
export function createValidation(registry: FileRegistry): Validation {
  const validator = createValidator({ registry });
  const check = (type: DescMessage, message: Message): readonly FieldViolation[] => {
    const result = validator.validate(type, message);
    if (result.kind === 'error') throw result.error;
    return (result.violations ?? []).map((violation) => ({
      field: pathToString(violation.field),
      description: describe(violation),
    }));
  };
  for (const type of registry) if (type.kind === 'message' && isOurs(type)) check(type, create(type));
  return {
    quick: createQuickChecks(registry),
    violations: (type, bytes) => check(type, parse(type, bytes)),
  };
}

export function violationRefusal(violations: readonly FieldViolation[]): Refusal {
  const text = violations.map(({ field, description }) =>
    field === '' ? description : `${field}: ${description}`,
  );
  return new Refusal('INVALID_FIELD', text.join('; '), { violations });
}

/** Violations of a call, apart from those that concern a single item of a list. */
export interface SplitViolations {
  readonly call: readonly FieldViolation[];
  /** By index; field paths start inside the item. */
  readonly items: ReadonlyMap<number, readonly FieldViolation[]>;
}

/** Tells violations inside `list[i].` from the others. */
export function splitByItem(violations: readonly FieldViolation[], list: string): SplitViolations {
  const inItem = new RegExp(`^${list}\\[(\\d+)\\]\\.(.*)$`);
  const call: FieldViolation[] = [];
  const items = new Map<number, FieldViolation[]>();
  for (const violation of violations) {
    const [, index, field] = inItem.exec(violation.field) ?? [];
    if (index === undefined || field === undefined) call.push(violation);
    else items.set(Number(index), [...(items.get(Number(index)) ?? []), { ...violation, field }]);
  }
  return { call, items };
}

/** The pattern of text that is not only white space reads badly; every other rule says what it wants. */
function describe({ ruleId, message }: Violation): string {
  return ruleId === 'string.pattern' && message.endsWith('`\\S`') ? 'must not be blank' : message;
}

function parse(type: DescMessage, bytes: Uint8Array): Message {
  try {
    return fromBinary(type, bytes);
  } catch (cause) {
    throw new Refusal('MALFORMED_MESSAGE', `the bytes are no ${type.typeName}`, { cause });
  }
}

function isOurs(type: DescMessage): boolean {
  return type.typeName.startsWith('audiosubnet.');
}
