import { answers } from './errors.js';
import { integer, object, orNull, text, type Schema } from './json.js';
import { taskResultKeys } from './tasks.js';

const CARRIERS = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];

const headers = object(
  {
    'idempotency-key': text('The same key and request give the same task as long as it is kept', {
      maxLength: 128,
    }),
    prefer: text('`wait=30` answers when the task is final, after 60 seconds at most'),
  },
  ['idempotency-key', 'prefer'],
);

const common = {
  source_language: text('Language of the input', {
    enum: ['en', 'es', 'fr', 'de', 'it', 'pt', 'ru', 'ja', 'ko', 'zh', 'ar', 'hi'],
  }),
  priority: text('How urgent the task is', { enum: ['low', 'normal', 'high', 'urgent'], default: 'normal' }),
  callback_url: text('Where the end of the task is announced: an http or https URL', { maxLength: 2048 }),
  wait: integer('Seconds to wait for the end of the task; 60 above that', { minimum: 0, default: 0 }),
};

const always = {
  task_id: text('Id of the task'),
  status: text('State of the task: `pending` for a new one'),
  message: text('Sentence for people'),
  estimated_completion_time: orNull(
    integer('Seconds from now to the expected end, by the tasks that ended of late; null when not known'),
  ),
  task_type: text('`transcription`, `tts` or `summarization`'),
  source_language: text('Language of the input'),
};

/** A submission that waits is answered like a reading of its task. */
const submitted = object(
  { ...taskResultKeys, ...always },
  Object.keys(taskResultKeys).filter((key) => !(key in always)),
);

const OPTIONAL = [
  'priority',
  'callback_url',
  'wait',
  'voice',
  'max_sentences',
  'content_sha256',
  'file_name',
];

function submit(summary: string, fields: Readonly<Record<string, Schema>>, consumes: readonly string[]) {
  return {
    summary,
    tags: ['tasks'],
    headers,
    consumes,
    body: object({ ...fields, ...common }, OPTIONAL),
    response: answers(submitted, 400, 409, 413, 422),
  };
}

export const submitTranscription = submit(
  'Turn speech into text',
  {
    audio_file: text(
      'Audio: WAV, FLAC, MP3, Opus or Vorbis in Ogg, and M4A or WebM where miners have ffmpeg; up to the limit of the proxy (50 MiB unless configured)',
      {
        format: 'binary',
      },
    ),
    content_sha256: text('In place of the file: SHA-256 of audio that was uploaded before'),
    file_name: text('Name of that audio'),
  },
  CARRIERS,
);

export const submitTts = submit(
  'Turn text into speech',
  {
    text: text('Text to speak', { maxLength: 10_000 }),
    voice: text('Voice; the choice of the miner when absent'),
  },
  CARRIERS,
);

export const submitSummarization = submit(
  'Make a text shorter',
  {
    text: text('Text to summarize', { maxLength: 50_000 }),
    max_sentences: integer('Wanted length; the choice of the miner when absent'),
  },
  CARRIERS,
);
