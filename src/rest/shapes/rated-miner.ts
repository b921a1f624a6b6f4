import type {
  Miner,
  MinerObservation,
  MinerRating,
} from '../../../gen/ts/audiosubnet/v1/validator_integration.js';
import { seconds } from '../instants.js';
import { kindName } from '../names.js';
import { minerAnswer } from './integration.js';

/** A miner and what each validator measured of it, side by side. */
export function ratedMinerAnswer(miner: Miner) {
  return { ...minerAnswer(miner), observations: miner.observations.map(observationAnswer) };
}

function observationAnswer(observation: MinerObservation) {
  return {
    validator_hotkey: observation.validatorHotkey,
    age_seconds: seconds(observation.age),
    reachable: observation.reachable,
    latency_seconds: seconds(observation.latency),
    score: observation.score ?? null,
    ratings: observation.ratings.map(ratingAnswer),
  };
}

function ratingAnswer(rating: MinerRating) {
  return {
    task_type: kindName(rating.kind),
    language: rating.language,
    accuracy_score: rating.accuracy ?? null,
    speed_score: rating.speed ?? null,
    reliability: rating.reliability,
    sample_count: Number(rating.sampleCount),
    last_sample_seconds: seconds(rating.sampleAge),
    parts: rating.parts.map(({ name, mean, sampleCount }) => ({
      name,
      mean,
      sample_count: Number(sampleCount),
    })),
  };
}
