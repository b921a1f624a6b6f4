import { boolean, integer, list, number, object, text, type Schema } from '../../schemas/json.js';
import { MODEL_IDS } from '../models.js';
import { SPEECH_FORMATS } from '../speech-encoder.js';
import { TRANSCRIPT_FORMATS } from '../shapes/transcript.js';

export interface ModelPath {
  Params: { model: string };
}

const failure = object({
  error: object({
    message: text('What is wrong'),
    type: text('Kind of the error'),
    param: text('Field of the request that is wrong', { nullable: true }),
    code: text('To branch on', { nullable: true }),
  }),
});

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'A field is missing or asks for what is not offered, or the task cannot be done',
  404: 'There is none of this name',
  413: 'The audio is above the limit',
};

/** Any may also end with 401, 403, 429 or 5xx. */
function answers(ok: Schema, ...statuses: readonly number[]): Readonly<Record<string, unknown>> {
  const all: Record<number, Schema> = { 200: { description: 'OK', ...ok } };
  for (const status of statuses) all[status] = { description: DESCRIPTIONS[status] ?? '', ...failure };
  return all;
}

const model = (example: string) =>
  text('A model of /v1/models, ours or one of the names of OpenAI that mean it', { example });
const language = text('Language of the input; it is not detected', { default: 'en' });
const tags = ['openai'];

export const createTranscription = {
  summary: 'Turn speech into text, in the form of OpenAI',
  tags,
  consumes: ['multipart/form-data'],
  body: object(
    {
      file: text('The audio', { format: 'binary' }),
      model: model('audio-subnet-transcribe'),
      language,
      response_format: text('Form of the answer', { enum: Object.keys(TRANSCRIPT_FORMATS), default: 'json' }),
      stream: boolean('Whether the answer comes as server-sent events'),
      'timestamp_granularities[]': list(text('Of what times are told', { enum: ['segment'] })),
    },
    ['language', 'response_format', 'stream', 'timestamp_granularities[]'],
  ),
  response: answers(object({ text: text('What was said') }), 400, 404, 413),
};

export const createTranslation = {
  summary: 'Answered with an error: nobody here translates',
  tags,
  consumes: ['multipart/form-data'],
  response: { 404: { description: 'There are no translations', ...failure } },
};

export const createSpeech = {
  summary: 'Turn text into speech, in the form of OpenAI',
  tags,
  body: object(
    {
      model: model('audio-subnet-speak'),
      input: text('Text to speak', { maxLength: 10_000, example: 'Hello world' }),
      voice: text('Voice; the choice of the miner when absent'),
      response_format: text('mp3 when it can be written here, else wav', { enum: [...SPEECH_FORMATS] }),
      language,
    },
    ['voice', 'response_format', 'language'],
  ),
  response: answers(text('The audio', { format: 'binary' }), 400, 404),
};

const message = object({
  role: text('Who speaks: the last message of `user` is summarized'),
  content: { description: 'A text, or a list of texts' },
});

export const createCompletion = {
  summary: 'Make the last message of the user shorter, in the form of a chat of OpenAI',
  tags,
  body: object(
    {
      model: model('audio-subnet-summarize'),
      messages: { ...list(message), example: [{ role: 'user', content: 'A long text to summarize...' }] },
      stream: boolean('Whether the answer comes as server-sent events'),
      stream_options: object({ include_usage: boolean('Whether a last event tells the usage') }, [
        'include_usage',
      ]),
      language,
      max_sentences: integer('Wanted length; the choice of the miner when absent'),
    },
    ['stream', 'stream_options', 'language', 'max_sentences'],
  ),
  response: answers(
    object({
      id: text('Made of the id of the task'),
      object: text('`chat.completion`'),
      created: integer('Unix seconds'),
      model: model('audio-subnet-summarize'),
      choices: list(object({ index: integer('0'), message, finish_reason: text('`stop`') })),
      usage: object({
        prompt_tokens: number('Words of the text'),
        completion_tokens: number('Words of the summary'),
        total_tokens: number('Both'),
      }),
    }),
    400,
    404,
  ),
};

const modelShape = object({
  id: text('Name', { enum: MODEL_IDS }),
  object: text('`model`'),
  created: integer('Unix seconds'),
  owned_by: text('`audio-subnet`'),
});

export const listModels = {
  summary: 'List the models that can be named',
  tags,
  response: answers(object({ object: text('`list`'), data: list(modelShape) })),
};

export const readModel = {
  summary: 'Read one of these models',
  tags,
  params: object({ model: text('Name') }),
  response: answers(modelShape, 404),
};
