import { TaskKind, TaskState, type Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { instant, seconds } from '../instants.js';
import { kindName, priorityName, stateName } from '../names.js';
import { errorMessage, inputUrl, outputUrl, scoresOf } from './task-result.js';

type Entries = Readonly<Record<string, string | number | null>>;

/** A task as the list shows it: one flat record that grows with the task's life, without payloads. */
export function taskRecord(task: Task): Entries {
  return {
    task_id: task.id,
    task_type: kindName(task.kind),
    input_data: null,
    input_bytes: Number(task.input?.payloadBytes ?? 0n),
    input_url: inputUrl(task),
    language: task.language,
    priority: priorityName(task.priority),
    callback_url: task.callbackUrl || null,
    submitted_at: instant(task.createTime),
    queued_at: instant(task.queueTime),
    status: stateName(task.state),
    ...inputEntries(task),
    ...(task.startTime === undefined ? {} : { processing_started_at: instant(task.startTime) }),
    ...endEntries(task),
  };
}

function inputEntries(task: Task): Entries {
  if (task.kind !== TaskKind.TRANSCRIPTION) return { text_length: task.input?.textLength ?? 0 };
  return { file_name: task.input?.fileName || null, file_size: Number(task.input?.payloadBytes ?? 0n) };
}

function endEntries(task: Task): Entries {
  switch (task.state) {
    case TaskState.COMPLETED:
      return { completed_at: instant(task.endTime), ...resultEntries(task) };
    case TaskState.FAILED:
      return { failed_at: instant(task.endTime), error_message: errorMessage(task) };
    case TaskState.CANCELLED:
      return { cancelled_at: instant(task.endTime), error_message: errorMessage(task) };
    case TaskState.UNSPECIFIED:
    case TaskState.PENDING:
    case TaskState.PROCESSING:
    case TaskState.UNRECOGNIZED:
      return {};
  }
}

function resultEntries({ result, ...task }: Task): Entries {
  return {
    output_data: null,
    output_url: outputUrl(task),
    audio_url: task.kind === TaskKind.TTS ? outputUrl(task) : null,
    ...scoresOf(result),
    pipeline_model: result?.model || null,
    combined_score: result?.score?.combined ?? null,
    miner_uid: result?.minerUid ?? null,
    validator_time: seconds(result?.validatorTime),
    validator_model: result?.score?.policyVersion || null,
  };
}
