import type { Fields } from '../carriers/fields.js';

/** Roles whose words are what somebody wants to have summarized. */
const USER = 'user';

/**
 * The text to summarize: the last message of the user. What stands before it, such as instructions of the system, is
 * not part of it. Problems are noted with the fields.
 */
export function textToSummarize(fields: Fields): string {
  const messages = fields.value('messages');
  if (messages === undefined) {
    fields.missing('messages');
    return '';
  }
  if (!Array.isArray(messages) || !messages.every(isMessage)) {
    fields.refuse('messages', 'list_type', 'Input should be a list of messages, each with a role');
    return '';
  }
  const last = messages.findLast(({ role }) => role === USER);
  if (last === undefined) {
    fields.refuse(
      'messages',
      'value_error',
      `There is no message of the role ${USER}: its text is summarized`,
    );
    return '';
  }
  const text = textOf(last.content);
  if (text === undefined)
    fields.refuse('messages', 'value_error', 'The last user message must be text alone');
  return text ?? '';
}

interface Message {
  readonly role: string;
  readonly content?: unknown;
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'role' in value && typeof value.role === 'string';
}

/** A string, or the texts of its parts; undefined when a part is something else. */
function textOf(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map(partText);
  return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined;
}

function partText(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null || !('text' in part)) return undefined;
  return typeof part.text === 'string' ? part.text : undefined;
}
