import type { AudioSubnetError } from '../client/index.js';
import { TaskEndedError, type ErrorReason } from '../client/index.js';

/** How the commands for people end. */
export const EXIT = {
  ok: 0,
  /** The task failed or was cancelled. */
  taskEnded: 1,
  /** Wrong usage or bad input. */
  usage: 2,
  /** The server could not be reached, or went away. */
  unreachable: 3,
  /** The server said no: not allowed, not found, full. */
  refused: 4,
  /** Ctrl-C, as shells report it. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BAD_INPUT: ReadonlySet<ErrorReason> = new Set([
  'INVALID_FIELD',
  'MALFORMED_MESSAGE',
  'CONTENT_TOO_LARGE',
  'MESSAGE_TOO_LARGE',
]);
const UNREACHABLE: ReadonlySet<ErrorReason> = new Set([
  'UNAVAILABLE',
  'SERVER_DRAINING',
  'DEADLINE_EXCEEDED',
]);

export function exitCodeOf(error: AudioSubnetError): ExitCode {
  if (error instanceof TaskEndedError) return EXIT.taskEnded;
  if (BAD_INPUT.has(error.reason)) return EXIT.usage;
  return UNREACHABLE.has(error.reason) ? EXIT.unreachable : EXIT.refused;
}
