import type { Result, Task } from '../client/index.js';

/** A task as the commands print it with --json: the names of the REST endpoints, null for what is not there. */
export function taskJson(task: Task): Readonly<Record<string, unknown>> {
  return {
    task_id: task.id,
    task_type: task.kind,
    status: task.state,
    source_language: task.language,
    priority: task.priority,
    submitted_at: task.createTime.toISOString(),
    completed_at: task.endTime?.toISOString() ?? null,
    file_name: task.fileName ?? null,
    progress: task.progress?.fraction ?? null,
    error_reason: task.failure?.reason ?? null,
    error_message: task.failure?.message ?? task.cancelReason ?? null,
  };
}

/** @param output file that a spoken result was written to */
export function resultJson(result: Result, output: string | undefined): Readonly<Record<string, unknown>> {
  return {
    ...taskJson(result.task),
    ...(result.kind === 'text'
      ? {
          text: result.text,
          segments: result.segments.map(({ startMs, endMs, text }) => ({
            start: startMs / 1000,
            end: endMs / 1000,
            text,
          })),
        }
      : { audio_file: output ?? null, audio_bytes: result.audio.byteLength, media_type: result.mediaType }),
    model: result.model,
    miner_uid: result.minerUid ?? null,
    accuracy_score: result.score?.accuracy ?? null,
    speed_score: result.score?.speed ?? null,
  };
}
