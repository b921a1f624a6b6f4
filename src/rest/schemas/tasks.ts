import { answers } from './errors.js';
import { boolean, instant, integer, list, number, object, orNull, text } from './json.js';
import { minerResponse, segment } from './responses.js';

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
    output_data: orNull(text('Base64 of the audio, or of the text in UTF-8; null above 64 KiB')),
    model_used: orNull(text('Engine and model')),
    ...scores,
    miner_uid: orNull(integer('UID of the miner on the subnet')),
    text: orNull(text('Transcript or summary; null for speech, and above 64 KiB')),
    audio_url: orNull(text('Path of the spoken result as a playable file; null for other kinds')),
    segments: orNull(list(segment)),
    output_bytes: integer('Length of the output in bytes'),
    output_url: text('Path of the whole output by itself'),
  },
  ['model_used'],
);

const progress = object({
  fraction: number('Share of the attempt that is done, in [0, 1]'),
  stage: text('What is going on; may be empty'),
});

const STATUSES = ['pending', 'processing', 'completed', 'failed', 'cancelled'];

/** The keys of a task as its user sees it. */
export const taskResultKeys = {
  task_id: text('Id of the task'),
  status: text('State of the task', { enum: STATUSES }),
  task_type: text('`transcription`, `tts` or `summarization`'),
  source_language: text('Language of the input'),
  result: orNull(output),
  ...scores,
  error_message: orNull(text('Why the task failed or was cancelled')),
  completed_at: orNull(instant('When the task was completed')),
  queue_position: orNull(integer('Tasks before this one; null unless it is pending and its place is known')),
  attempt: integer('Number of the attempt that runs or is waited for, of the last one once it is final'),
  max_attempts: integer('Attempts after which a failure is final'),
  estimated_completion_time: orNull(
    integer('Seconds from now to the expected end, by the tasks that ended of late; null when not known'),
  ),
  progress: orNull(progress),
  input_bytes: integer('Length of the input in bytes'),
  input_url: text('Path of the input as a file'),
};

const taskResult = object(taskResultKeys);

const wait = integer('Seconds to wait for the end of the task; 60 above that', { minimum: 0, default: 0 });
const waiting = {
  headers: object({ prefer: text('`wait=30` waits for the end of the task, like the field') }, ['prefer']),
  querystring: object({ wait }, ['wait']),
};

const taskRecord = object(
  {
    task_id: text('Id of the task'),
    task_type: text('`transcription`, `tts` or `summarization`'),
    input_data: orNull(text('Always null in a list')),
    input_bytes: integer('Length of the input in bytes'),
    input_url: text('Path of the input as a file'),
    language: text('Language of the input'),
    priority: text('`low`, `normal`, `high` or `urgent`'),
    callback_url: orNull(text('Where the end of the task is announced')),
    submitted_at: instant('When the task was taken'),
    queued_at: instant('When the task last became pending'),
    status: text('State of the task', { enum: STATUSES }),
    file_name: orNull(text('Of a transcription')),
    file_size: integer('Bytes, of a transcription'),
    text_length: integer('Code points, of the other kinds'),
    output_data: orNull(text('Always null in a list; of completed tasks')),
    output_url: text('Path of the whole output, of completed tasks'),
    audio_url: orNull(text('The same for speech; null for other kinds')),
  },
  ['file_name', 'file_size', 'text_length', 'output_data', 'output_url', 'audio_url'],
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
  summary: 'Read a task and its result, when it is final if wanted',
  tags,
  params,
  ...waiting,
  response: answers(taskResult, 404, 422),
};

export const readResult = {
  summary: 'Read a task and its result, without the model',
  tags,
  params,
  ...waiting,
  response: answers(taskResult, 404, 422),
};

export const readOutput = {
  summary: 'Read the result of a completed task by itself: as JSON, text or subtitles',
  tags,
  params,
  headers: waiting.headers,
  querystring: object(
    {
      format: text('srt and vtt need a transcript with times', {
        enum: ['json', 'text', 'srt', 'vtt'],
        default: 'json',
      }),
      wait,
    },
    ['format', 'wait'],
  ),
  produces: ['application/json', 'text/plain', 'application/x-subrip', 'text/vtt'],
  response: answers(output, 404, 409, 422),
};

export const watchTask = {
  summary:
    'Follow a task by server-sent events: `id` is its revision, `data` what reading the task answers; ends after ' +
    'the final state, and answers 204 to a reader that has seen it',
  tags,
  params,
  headers: object({ 'last-event-id': text('Id of the event seen last') }, ['last-event-id']),
  produces: ['text/event-stream'],
  response: {
    ...answers(text('Events'), 404),
    204: { description: 'The reader has seen the final state', type: 'null' },
  },
};

export const readInput = {
  summary: 'Fetch the input of a task as a file',
  tags,
  params,
  produces: ['application/octet-stream'],
  response: answers(text('The file', { format: 'binary' }), 404),
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
  headers: object({ range: text('One range, such as bytes=0-1023') }, ['range']),
  produces: ['audio/wav'],
  response: answers(text('The file', { format: 'binary' }), 404, 409, 416),
};

export const headAudio = {
  summary: 'Ask for the length and the ETag of a spoken result',
  tags,
  params,
  response: answers(text('Nothing'), 404, 409),
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
