import type { Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { kindName, stateName } from '../names.js';

/** What a submission is answered with. */
export interface SubmittedAnswer {
  readonly task_id: string;
  readonly status: string;
  readonly message: string;
  /** Whole seconds from now to the expected end; null when there is nothing to tell it from. */
  readonly estimated_completion_time: number | null;
  readonly task_type: string;
  readonly source_language: string;
}

const TITLES: Readonly<Record<string, string>> = {
  transcription: 'Transcription',
  tts: 'Text-to-speech',
  summarization: 'Summarization',
};

export function submittedAnswer(task: Task, deduplicated: boolean): SubmittedAnswer {
  const kind = kindName(task.kind);
  const title = TITLES[kind] ?? 'The';
  return {
    task_id: task.id,
    status: stateName(task.state),
    message: deduplicated
      ? `${title} task was submitted before under this Idempotency-Key`
      : `${title} task submitted successfully`,
    estimated_completion_time: task.estimatedCompletionSeconds ?? null,
    task_type: kind,
    source_language: task.language,
  };
}
