import type { TaskResult } from '../domain/task.js';
import type { Task } from './task.js';

interface ResultFacts extends Omit<TaskResult, 'output'> {
  readonly task: Task;
}

/** What came of a transcription or a summarization. */
export interface TextResult extends ResultFacts {
  readonly kind: 'text';
  readonly text: string;
}

/** What came of a text that was spoken. */
export interface AudioResult extends ResultFacts {
  readonly kind: 'audio';
  /** A file of `mediaType`. */
  readonly audio: Uint8Array;
}

export type Result = TextResult | AudioResult;
