import { answers } from './errors.js';
import { boolean, integer, list, number, object, orNull, text } from './json.js';
import { minerFields } from './service.js';

const tags = ['miners'];

const rating = object({
  task_type: text('`transcription`, `tts` or `summarization`'),
  language: text('Language of the input'),
  accuracy_score: orNull(number('Moving mean in [0, 1]; null when it was never measured')),
  speed_score: orNull(number('Moving mean in [0, 1], by the clock of the validator')),
  reliability: number('Share of questions that got a usable reply, in [0, 1]'),
  sample_count: integer('Questions that the numbers rest on'),
  last_sample_seconds: orNull(number('Seconds since the newest of them')),
  parts: list(
    object({
      name: text('Name of the measure, as in the parts of a score'),
      mean: number('Moving mean in [0, 1]'),
      sample_count: integer('Scores that had a value for it'),
    }),
  ),
});

const observation = object({
  validator_hotkey: text('SS58 address or name of the validator'),
  age_seconds: orNull(number('How old its report is')),
  reachable: boolean('Whether the miner answered the last time'),
  latency_seconds: orNull(number('Round trip of the last probe')),
  score: orNull(number('One score in [0, 1] over all ratings; null when it never asked the miner')),
  ratings: list(rating),
});

const ratedMiner = object({ ...minerFields, observations: list(observation) });

export interface MinerPath {
  readonly Params: { readonly hotkey: string };
}

export const listMiners = {
  summary: 'List the miners with what validators measured of them, by UID',
  tags,
  querystring: object(
    {
      limit: integer('How many miners at most; 256 above that', { minimum: 1, default: 50 }),
      page_token: text('`next_page_token` of the page before', { maxLength: 256 }),
    },
    ['limit', 'page_token'],
  ),
  response: answers(
    object({
      miners: list(ratedMiner),
      next_page_token: orNull(text('Gives the next page; null at the end')),
    }),
    422,
  ),
};

export const readMiner = {
  summary: 'Read one miner with what validators measured of it',
  tags,
  params: object({ hotkey: text('SS58 address of the miner') }),
  response: answers(ratedMiner, 404),
};
