import { LANGUAGES, PRIORITIES, TASK_STATES } from '../domain/task.js';
import type { Setting } from './setting.js';

/** Commands that hand a task in. */
const HAND_IN = ['submit', 'say', 'summarize'] as const;
const WAITING = [...HAND_IN, 'watch'] as const;
const USER = [...WAITING, 'tasks'] as const;

/** What the commands for people take; a part of SETTINGS. */
export const USER_SETTINGS = {
  server: {
    type: 'url',
    default: 'http://localhost:8000',
    programs: USER,
    description: 'server that is asked: its front door, or its gRPC port',
  },
  key_file: {
    type: 'path',
    otherwise: 'AUDIO_SUBNET_API_KEY, else none',
    programs: USER,
    description: 'file that holds the API key alone',
  },
  language: {
    type: 'choice',
    choices: LANGUAGES,
    default: 'en',
    programs: HAND_IN,
    description: 'language of the audio or the text',
  },
  priority: {
    type: 'choice',
    choices: PRIORITIES,
    default: 'normal',
    programs: HAND_IN,
    description: 'how urgent the task is',
  },
  voice: { type: 'name', otherwise: "the miner's choice", programs: ['say'], description: 'wanted voice' },
  max_sentences: {
    type: 'integer',
    unit: 'sentences',
    min: 1,
    max: 100,
    otherwise: "the miner's choice",
    programs: ['summarize'],
    description: 'wanted length of the summary',
  },
  wait: {
    type: 'boolean',
    default: true,
    programs: HAND_IN,
    description: 'wait for the result and print it; --no-wait prints the id of the task at once',
  },
  output: {
    type: 'path',
    short: 'o',
    programs: ['say', 'watch'],
    description: 'file for the spoken result; - is standard output',
  },
  status: {
    type: 'choice',
    choices: ['any', ...TASK_STATES],
    default: 'any',
    programs: ['tasks'],
    description: 'only tasks in this state',
  },
  limit: {
    type: 'integer',
    unit: 'tasks',
    min: 1,
    max: 100_000,
    default: 20,
    programs: ['tasks'],
    description: 'newest tasks to list',
  },
  json: { type: 'boolean', default: false, programs: [...USER, 'keys'], description: 'print JSON' },
} as const satisfies Readonly<Record<string, Setting>>;
