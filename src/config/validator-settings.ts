import { ANSWER_POLICIES } from '../domain/answer-policy.js';
import type { Setting } from './setting.js';

/** How a validator works and judges; a part of SETTINGS. */
export const VALIDATOR_SETTINGS = {
  'validator.max_in_flight': {
    type: 'integer',
    unit: 'tasks',
    min: 1,
    max: 1000,
    default: 8,
    programs: ['up', 'validator'],
    description: 'tasks the validator works on at a time',
  },
  'validator.miners_per_task': {
    type: 'integer',
    unit: 'miners',
    min: 1,
    max: 256,
    default: 3,
    programs: ['up', 'validator'],
    description: 'miners asked for each task',
  },
  'answer.policy': {
    type: 'choice',
    choices: ANSWER_POLICIES,
    default: 'best',
    programs: ['up', 'validator'],
    description:
      'when a task is settled with the best reply so far: after a grace time (best), at a good enough reply, at the k-th reply, or at the deadline; sooner when no miner can still be better',
  },
  'answer.grace': {
    type: 'seconds',
    min: 0,
    max: 3600,
    default: 2,
    programs: ['up', 'validator'],
    description:
      'best: time for slower miners from the first usable reply on; half of the time that it took where that is more',
  },
  'answer.good_enough': {
    type: 'share',
    min: 0,
    max: 1,
    default: 0.8,
    programs: ['up', 'validator'],
    description: 'first_good: combined score that is good enough',
  },
  'answer.k': {
    type: 'integer',
    unit: 'replies',
    min: 1,
    max: 256,
    default: 2,
    programs: ['up', 'validator'],
    description: 'best_of_k: usable replies to wait for',
  },
  'answer.deadline': {
    type: 'seconds',
    min: 0.1,
    max: 3600,
    default: 30,
    programs: ['up', 'validator'],
    description:
      'first_good, best_of_k and deadline: time from the question after which the best reply so far is taken, or the first to come',
  },
  'challenge.per_hour': {
    type: 'integer',
    unit: 'questions',
    min: 0,
    max: 3600,
    default: 6,
    programs: ['up', 'validator'],
    description:
      'questions an hour at which miners are measured; where users ask fewer, the validator makes up for them with its own, whose answers it knows',
  },
  'challenge.share': {
    type: 'share',
    min: 0,
    max: 0.5,
    default: 0.1,
    programs: ['up', 'validator'],
    description:
      "share of all questions that are the validator's own while users ask more; 0 in both asks none",
  },
  'scoring.policy': {
    type: 'path',
    otherwise: 'the built-in policy',
    programs: ['up', 'validator'],
    description: 'JSON file of the numbers that scores rest on; audio-subnet policy prints one to start from',
  },
  'judge.llm_url': {
    type: 'url',
    programs: ['up', 'validator'],
    description:
      'base of an OpenAI-compatible server, such as http://localhost:11434/v1, whose model reads summaries too; validators with different ones score summaries differently',
  },
  'judge.llm_model': {
    type: 'model',
    programs: ['up', 'validator'],
    description: 'model that is asked at judge.llm_url',
  },
  'judge.llm_key_file': {
    type: 'path',
    programs: ['up', 'validator'],
    description: 'file that holds the key of that server alone',
  },
  'weights.now': {
    type: 'boolean',
    default: false,
    programs: ['up', 'validator'],
    description: 'set the first weights at once, without waiting for 20 scored tasks and a tempo of blocks',
  },
  'weights.dry_run': {
    type: 'boolean',
    default: false,
    programs: ['up', 'validator'],
    description: 'print weights with their difference from the last ones in place of setting them',
  },
} as const satisfies Readonly<Record<string, Setting>>;
