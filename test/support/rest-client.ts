/** A task as GET /api/v1/tasks/{id} answers. */
export interface RestTask {
  readonly task_id: string;
  readonly status: string;
  readonly task_type: string;
  readonly result: {
    readonly output_data: string;
    readonly miner_uid: number | null;
    readonly text: string | null;
    readonly segments:
      readonly { readonly start: number; readonly end: number; readonly text: string }[] | null;
  } | null;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly error_message: string | null;
}

export async function submitJson(url: string, kind: 'tts' | 'summarization', text: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text, source_language: 'en' }),
  });
  const body = (await response.json()) as { task_id: string };
  if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body.task_id;
}

export async function submitAudio(url: string, audio: Uint8Array, language = 'en'): Promise<string> {
  const form = new FormData();
  form.set('audio_file', new Blob([Buffer.from(audio)]), 'test_audio.wav');
  form.set('source_language', language);
  form.set('priority', 'normal');
  const response = await fetch(`${url}/api/v1/transcription`, { method: 'POST', body: form });
  const body = (await response.json()) as { task_id: string };
  if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body.task_id;
}

export async function getTask(url: string, id: string, key?: string): Promise<RestTask> {
  const init = key === undefined ? {} : { headers: { 'x-api-key': key } };
  return (await (await fetch(`${url}/api/v1/tasks/${id}`, init)).json()) as RestTask;
}

/** Waits until the task is final; the limit is the test's. */
export async function finalTask(url: string, id: string, key?: string): Promise<RestTask> {
  for (;;) {
    const task = await getTask(url, `${id}?wait=60`, key);
    if (['completed', 'failed', 'cancelled'].includes(task.status)) return task;
  }
}

/** A miner as GET /api/v1/miners/{hotkey} answers. */
export interface RestMiner {
  readonly hotkey: string;
  readonly observations: readonly {
    readonly score: number | null;
    readonly ratings: readonly {
      readonly task_type: string;
      readonly sample_count: number;
      readonly parts: readonly { readonly name: string; readonly mean: number }[];
    }[];
  }[];
}

/** Asks until a validator has told of a miner with a summary to its name; the limit is the test's. */
export async function ratedMiner(url: string): Promise<RestMiner> {
  for (;;) {
    const { miners } = (await (await fetch(`${url}/api/v1/miners`)).json()) as {
      miners: readonly RestMiner[];
    };
    const summarized = ({ observations }: RestMiner) =>
      observations[0]?.ratings.some(({ task_type }) => task_type === 'summarization');
    const found = miners.find(summarized);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export function outputText(task: RestTask): string {
  return Buffer.from(task.result?.output_data ?? '', 'base64').toString();
}
