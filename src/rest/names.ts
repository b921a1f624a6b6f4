import { Priority, TaskKind, TaskState } from '../../gen/ts/audiosubnet/v1/task.js';
import { NetworkSource } from '../../gen/ts/audiosubnet/v1/validator_integration.js';

type Names<Value extends number> = Readonly<Record<string, Value>>;

/** Names that a caller may write, by what the contract calls them. */
export const KINDS = {
  transcription: TaskKind.TRANSCRIPTION,
  tts: TaskKind.TTS,
  summarization: TaskKind.SUMMARIZATION,
} as const satisfies Names<TaskKind>;

export const PRIORITIES = {
  low: Priority.LOW,
  normal: Priority.NORMAL,
  high: Priority.HIGH,
  urgent: Priority.URGENT,
} as const satisfies Names<Priority>;

export const STATES = {
  pending: TaskState.PENDING,
  processing: TaskState.PROCESSING,
  completed: TaskState.COMPLETED,
  failed: TaskState.FAILED,
  cancelled: TaskState.CANCELLED,
} as const satisfies Names<TaskState>;

const SOURCES = {
  none: NetworkSource.NONE,
  chain: NetworkSource.CHAIN,
  static: NetworkSource.STATIC,
  report: NetworkSource.REPORT,
} as const satisfies Names<NetworkSource>;

export const kindName = (kind: TaskKind): string => nameOf(KINDS, kind);
export const priorityName = (priority: Priority): string => nameOf(PRIORITIES, priority);
export const stateName = (state: TaskState): string => nameOf(STATES, state);
export const sourceName = (source: NetworkSource): string => nameOf(SOURCES, source);

/** `unknown` stands for a value that a newer proxy sends. */
function nameOf<Value extends number>(names: Names<Value>, value: Value): string {
  for (const [name, candidate] of Object.entries(names)) if (candidate === value) return name;
  return 'unknown';
}
