import { answers } from './errors.js';
import { boolean, instant, integer, list, number, object, orNull, text } from './json.js';
import { minerResponse } from './responses.js';

/** The path parameter of routes about one task. */
export interface TaskPath {
  Params: { task_id: string };
}

const params = object({ task_id: text('Id of the task') });
const tags = ['tasks'];

const scores = {
  processing_time: orNull(number('Seconds')),
  accuracy_score: orNull(number('In [0, 1]')),
  speed_score: orNull(number('In [0, 1]')),
};

const output = object(
  {
    output_data: text('Base64 of the audio, or of the text in UTF-8'),
    model_used: orNull(text('Engine and model')),
    ...scores,
    miner_uid: orNull(integer('UID of the miner on the subnet')),
  },
  ['model_used'],
);

const STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'];

const taskResult = object({
  task_id: text('Id of the task'),
  status: text('State of the task', { enum: STATUSES }),
  task_type: text('`transcription`, `tts` or `summarization`'),
  source_language: text('Language of the input'),
  result: orNull(output),
  ...scores,
  error_message: orNull(text('Why the task failed or was cancelled')),
  completed_at: orNull(instant('When the task was completed')),
});

const taskRecord = object(
  {
    task_id: text('Id of the task'),
    task_type: text('`transcription`, `tts` or `summarization`'),
    input_data: orNull(text('Always null in a list')),
    language: text('Language of the input'),
    priority: text('`low`, `normal`, `high` or `urgent`'),
    callback_url: orNull(text('Where the end of the task is announced')),
    submitted_at: instant('When the task was taken'),
    queued_at: instant('When the task last became pending'),
    status: text('State of the task', { enum: STATUSES }),
    file_name: orNull(text('Of a transcription')),
    file_size: integer('Bytes, of a transcription'),
    text_length: integer('Code points, of the other kinds'),
  },
  ['file_name', 'file_size', 'text_length'],
);

export const listTasks = {
  summary: 'List tasks, newest first',
  tags,
  querystring: object(
    {
      status: text('Only tasks in this state', { enum: STATUSES }),
      limit: integer('How many at most; 1,000 above that', { minimum: 1, default: 100 }),
    },
    ['status', 'limit'],
  ),
  response: answers(list(taskRecord), 422),
};

export const readTask = {
  summary: 'Read a task and its result',
  tags,
  params,
  response: answers(taskResult, 404),
};

export const readResult = {
  summary: 'Read a task and its result, without the model',
  tags,
  params,
  response: answers(taskResult, 404),
};

export const readResponses = {
  summary: 'Read what each asked miner answered, best first',
  tags,
  params,
  response: answers(object({ task_id: text('Id of the task'), responses: list(minerResponse) }), 404),
};

export const readAudio = {
  summary: 'Fetch a spoken result as a playable file',
  tags,
  params,
  produces: ['audio/wav'],
  response: answers(text('The file', { format: 'binary' }), 404, 409),
};

export const cancelTask = {
  summary: 'Cancel a task that is not final',
  tags,
  params,
  body: object({ reason: text('Shown with the task', { maxLength: 500 }) }, ['reason']),
  response: answers(taskResult, 404, 409, 422),
};

export const deleteTask = {
  summary: 'Erase a task with its input and its result, after cancelling it when it is not final',
  tags,
  params,
  response: answers(
    object({
      success: boolean('Always true'),
      message: text('Sentence for people'),
      task_id: text('Id of the task'),
    }),
    404,
  ),
};
