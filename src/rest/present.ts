import { Refusal } from '../domain/errors.js';

/** A message that the contract promises in every answer. */
export function present<Message>(message: Message | undefined, name: string): Message {
  if (message === undefined) throw new Refusal('INTERNAL', `the proxy's answer has no ${name}`);
  return message;
}
