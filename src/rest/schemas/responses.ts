import { boolean, list, number, object, orNull, text, integer } from './json.js';

/** One named measure behind a score. */
export const scorePart = object({
  name: text('Name of the measure'),
  value: orNull(number('In [0, 1]; null when it could not be taken')),
  explanation: text('What was seen'),
});

const scores = {
  accuracy_score: orNull(number('In [0, 1]; null when it was not measured')),
  speed_score: orNull(number('In [0, 1], by the clock of the validator')),
  combined_score: orNull(number('In [0, 1]')),
  parts: list(scorePart),
  policy_version: orNull(text('Version of the scoring policy that it was judged by')),
  policy_hash: orNull(text('SHA-256 of that policy')),
};

/** What one miner answered, without its output. */
export const minerResponse = object({
  miner_uid: orNull(integer('UID on the subnet')),
  hotkey: text('SS58 address of the miner'),
  ...scores,
  miner_processing_time: orNull(number('Seconds by the clock of the miner')),
  validator_time: orNull(number('Seconds by the clock of the validator')),
  error_message: orNull(text('Why there is no usable reply')),
  selected: boolean('Whether this reply became the result'),
});

/** A stretch of a transcript. */
export const segment = object({
  start: number('Seconds from the start of the audio'),
  end: number('Seconds from the start of the audio'),
  text: text('What is said in it'),
});
