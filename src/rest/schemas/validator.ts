import { answers } from './errors.js';
import { boolean, instant, integer, list, number, object, orNull, text } from './json.js';
import { minerResponse, scorePart, segment } from './responses.js';

const tags = ['validators'];

const handedOut = object(
  {
    task_id: text('Id of the task'),
    task_type: text('`transcription`, `tts` or `summarization`'),
    input_data: text('Base64 of the audio, or of the text in UTF-8'),
    language: text('Language of the input'),
    priority: text('`low`, `normal`, `high` or `urgent`'),
    submitted_at: instant('When the task was taken'),
    lease_token: text('Names this hand-out in submit_result'),
    expires_in: number('Seconds after which the task is pending again'),
    voice: text('Wanted voice'),
    max_sentences: integer('Wanted length of a summary'),
  },
  ['voice', 'max_sentences'],
);

export const distribute = {
  summary: 'Take pending tasks to work on for a while',
  tags,
  querystring: object(
    {
      limit: integer('How many tasks at most; 100 above that', { minimum: 1, default: 10 }),
      validator_hotkey: text('SS58 address or name of the validator', { maxLength: 64 }),
    },
    ['limit', 'validator_hotkey'],
  ),
  response: answers(
    object(
      {
        message: text('Sentence for people'),
        task_count: integer('How many tasks there are'),
        tasks: list(handedOut),
      },
      ['tasks'],
    ),
    422,
  ),
};

const documented = {
  task_id: text('Id of the task'),
  result: text('Base64 of the audio, or of the text in UTF-8; text may also come as it is'),
  processing_time: orNull(number('Seconds by the clock of the miner')),
  miner_uid: orNull(integer('UID of the miner on the subnet')),
  accuracy_score: orNull(number('In [0, 1]; null when it was not measured')),
  speed_score: orNull(number('In [0, 1]')),
};

const further = {
  lease_token: text('Token of the hand-out; without it the task must be under one, or pending after one'),
  status: text('What became of the task; the result and its scores belong to `completed` alone', {
    enum: ['completed', 'failed', 'released'],
    default: 'completed',
  }),
  error_message: text('Why it failed, or was given back'),
  error_reason: text('UPPER_SNAKE', { default: 'ALL_MINERS_FAILED' }),
  retryable: { ...boolean('Whether another attempt may succeed'), default: false },
  combined_score: number('In [0, 1]'),
  parts: list(scorePart),
  policy_version: text('Version of the scoring policy', { maxLength: 64 }),
  policy_hash: text('SHA-256 of the scoring policy', { maxLength: 64 }),
  validator_time: number('Seconds by the clock of the validator'),
  model: text('Engine and model'),
  media_type: text('Media type of the output'),
  miner_hotkey: text('SS58 address of the miner'),
  validator_hotkey: text('SS58 address or name of the validator'),
  segments: list(segment),
  responses: list(minerResponse),
};

export const submitResult = {
  summary: 'Report what became of a task',
  tags,
  consumes: ['application/x-www-form-urlencoded', 'application/json', 'multipart/form-data'],
  body: object({ ...documented, ...further }, Object.keys(further)),
  response: answers(
    object({
      success: boolean('Always true'),
      message: text('Sentence for people'),
      task_id: text('Id of the task'),
    }),
    404,
    409,
    413,
    422,
  ),
};
