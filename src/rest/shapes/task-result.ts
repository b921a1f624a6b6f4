import { TaskState, type Task, type TaskResult } from '../../../gen/ts/audiosubnet/v1/task.js';
import { instant, seconds } from '../instants.js';
import { kindName, stateName } from '../names.js';

/** The output of a completed task inside an answer. */
export interface OutputAnswer {
  /** Base64 of the audio, or of the text in UTF-8. */
  readonly output_data: string;
  readonly model_used?: string | null;
  /** Seconds. */
  readonly processing_time: number | null;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly miner_uid: number | null;
}

/** A task as its user sees it; every key is always there. */
export interface TaskResultAnswer {
  readonly task_id: string;
  readonly status: string;
  readonly task_type: string;
  readonly source_language: string;
  readonly result: OutputAnswer | null;
  /** Seconds. */
  readonly processing_time: number | null;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly error_message: string | null;
  readonly completed_at: string | null;
}

/** @param output base64 of the output; read only when the task is completed */
export function taskResultAnswer(task: Task, output: string | null): TaskResultAnswer {
  const scores = scoresOf(task.result);
  return {
    task_id: task.id,
    status: stateName(task.state),
    task_type: kindName(task.kind),
    source_language: task.language,
    result:
      task.result === undefined || output === null
        ? null
        : {
            output_data: output,
            model_used: task.result.model || null,
            ...scores,
            miner_uid: task.result.minerUid ?? null,
          },
    ...scores,
    error_message: errorMessage(task),
    completed_at: task.state === TaskState.COMPLETED ? instant(task.endTime) : null,
  };
}

/** The same without the model, as the older path gives it. */
export function withoutModel(answer: TaskResultAnswer): TaskResultAnswer {
  if (answer.result === null) return answer;
  const { output_data, processing_time, accuracy_score, speed_score, miner_uid } = answer.result;
  return { ...answer, result: { output_data, processing_time, accuracy_score, speed_score, miner_uid } };
}

export function errorMessage(task: Task): string | null {
  if (task.failure !== undefined) return task.failure.message || task.failure.reason;
  return task.cancelReason || null;
}

/** Time and scores of a result; each null when it is not known. */
export function scoresOf(
  result: TaskResult | undefined,
): Pick<OutputAnswer, 'processing_time' | 'accuracy_score' | 'speed_score'> {
  return {
    processing_time: seconds(result?.minerProcessingTime ?? result?.validatorTime),
    accuracy_score: result?.score?.accuracy ?? null,
    speed_score: result?.score?.speed ?? null,
  };
}
