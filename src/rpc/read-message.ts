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
  return (bytes) => {
    const violations = validation.violations(type, bytes);
    try {
      return { message: decode(bytes), violations };
    } catch (cause) {
      throw new Refusal('MALFORMED_MESSAGE', `the bytes are no ${type.typeName}`, { cause });
    }
  };
}

function requestType({ registry }: Image, path: string): DescMessage {
  const [, service = '', method] = path.split('/');
  const found = registry.getService(service)?.methods.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`the contract has no ${path}`);
  return found.input;
}
