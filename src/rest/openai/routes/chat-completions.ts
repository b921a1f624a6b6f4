import type { FastifyInstance } from 'fastify';
import type { Fields } from '../../carriers/fields.js';
import { readFields } from '../../carriers/read-fields.js';
import { textToSummarize } from '../conversation.js';
import type { DoorDeps } from '../doors.js';
import { told } from '../error-answer.js';
import { sendEvents } from '../event-stream.js';
import { finishedTask, waiter, type TaskWaiting, type Waiter } from '../finished-task.js';
import { languageOf } from '../language.js';
import { requiredModel } from '../models.js';
import { refuseOthers } from '../offered-fields.js';
import { outputOf } from '../output.js';
import { createCompletion } from '../schemas/doors.js';
import { completionAnswer, completionChunks, type Summary } from '../shapes/completion.js';

const OFFERED = {
  read: ['model', 'messages', 'stream', 'stream_options', 'language', 'max_sentences'],
  // A summary is made of the text alone: it is neither sampled nor cut at a number of tokens.
  ignored: [
    'frequency_penalty',
    'logit_bias',
    'max_completion_tokens',
    'max_tokens',
    'metadata',
    'parallel_tool_calls',
    'presence_penalty',
    'prompt_cache_key',
    'reasoning_effort',
    'safety_identifier',
    'seed',
    'service_tier',
    'stop',
    'store',
    'temperature',
    'top_p',
    'user',
    'verbosity',
  ],
  only: { n: 1, logprobs: false },
};

/** A summary of the last message of the user, as the answer of a chat. */
export function addChatRoute(scope: FastifyInstance, deps: DoorDeps): void {
  scope.post('/chat/completions', { schema: createCompletion }, async (request, reply) => {
    const wait = waiter(reply);
    const fields = await readFields(request);
    const { isStream, withUsage, ...asked } = wishes(fields);
    const model = requiredModel(fields, 'summary');
    const summary = summarize({ ...deps, clients: deps.clientsOf(request) }, { ...asked, model }, wait);
    if (!isStream) return completionAnswer(await summary);
    return sendEvents(reply, {
      events: summary.then((done) => completionChunks(done, withUsage)),
      clock: deps.clock,
      gone: wait.gone,
      onLateError: told(deps.log, request),
    });
  });
}

interface Asked {
  readonly source: string;
  readonly language: string;
  /** 0 leaves it to the miner. */
  readonly maxSentences: number;
}

function wishes(fields: Fields): Asked & { readonly isStream: boolean; readonly withUsage: boolean } {
  refuseOthers(fields, OFFERED);
  const options = fields.value('stream_options');
  return {
    source: textToSummarize(fields),
    language: languageOf(fields),
    maxSentences: fields.integer('max_sentences', 1) ?? 0,
    isStream: fields.boolean('stream') ?? false,
    withUsage:
      typeof options === 'object' &&
      options !== null &&
      'include_usage' in options &&
      options.include_usage === true,
  };
}

async function summarize(
  deps: TaskWaiting,
  { source, language, maxSentences, model }: Asked & { readonly model: string },
  wait: Waiter,
): Promise<Summary> {
  const { id, result } = await finishedTask(
    deps,
    { kind: { $case: 'summarization', value: { text: source, maxSentences } }, language },
    wait,
  );
  const text = (await outputOf(result, deps.clients, wait.gone)).toString();
  return { id, created: Math.floor(deps.clock.wall() / 1000), model, engine: result.model, source, text };
}
