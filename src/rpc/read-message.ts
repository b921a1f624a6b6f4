import type { DescMessage } from '@bufbuild/protobuf';
import { Refusal, type FieldViolation } from '../domain/errors.js';
import type { Image } from './image.js';
import type { Validation } from './validate.js';

/** A decoded message and the rules that it breaks. */
export interface ReadMessage<Message> {
  readonly message: Message;
  readonly violations: readonly FieldViolation[];
}

/** @throws Refusal MALFORMED_MESSAGE */
export type MessageReader<Message> = (bytes: Buffer) => ReadMessage<Message>;

/** @param path of the method, `/package.Service/Method` */
export function requestReader<Message>(
  { image, validation }: { readonly image: Image; readonly validation: Validation },
  path: string,
  decode: (bytes: Buffer) => Message,
): MessageReader<Message> {
  const type = requestType(image, path);
  const keepsRules = validation.quick(type);
  const read = (bytes: Buffer): Message => {
    try {
      return decode(bytes);
    } catch (cause) {
      throw new Refusal('MALFORMED_MESSAGE', `the bytes are no ${type.typeName}`, { cause });
    }
  };
  return (bytes) => {
    const message = read(bytes);
    return { message, violations: keepsRules(message) ? [] : validation.violations(type, bytes) };
  };
}

function requestType({ registry }: Image, path: string): DescMessage {
  const [, service = '', method] = path.split('/');
  const found = registry.getService(service)?.methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`the contract has no ${path}`);
  return found.input;
}
