import { countWords } from '../count-words.js';

/** A summary as the answer of a chat. */
export interface Summary {
  /** Of the task that it is the result of. */
  readonly id: string;
  /** Unix seconds. */
  readonly created: number;
  /** As the request named it. */
  readonly model: string;
  /** Engine and model as the miner named them. */
  readonly engine: string;
  readonly source: string;
  readonly text: string;
}

export function completionAnswer(summary: Summary): object {
  return {
    ...head(summary, 'chat.completion'),
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: summary.text, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: usageOf(summary),
  };
}

/** @param withUsage whether a last chunk without choices tells the usage; the others then say null */
export function completionChunks(summary: Summary, withUsage: boolean): readonly object[] {
  const base = { ...head(summary, 'chat.completion.chunk'), ...(withUsage ? { usage: null } : {}) };
  const chunk = (delta: object, finish_reason: string | null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  return [
    chunk({ role: 'assistant', content: '' }, null),
    chunk({ content: summary.text }, null),
    chunk({}, 'stop'),
    ...(withUsage ? [{ ...base, choices: [], usage: usageOf(summary) }] : []),
  ];
}

function head({ id, created, model, engine }: Summary, object: string): object {
  return { id: `chatcmpl-${id}`, object, created, model, system_fingerprint: engine === '' ? null : engine };
}

function usageOf({ source, text }: Summary): object {
  const prompt_tokens = countWords(source);
  const completion_tokens = countWords(text);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
