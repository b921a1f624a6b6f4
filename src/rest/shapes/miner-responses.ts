import type { MinerResponse, Score, Task } from '../../../gen/ts/audiosubnet/v1/task.js';
import { seconds } from '../instants.js';

export interface ScorePartAnswer {
  readonly name: string;
  readonly value: number | null;
  readonly explanation: string;
}

/** What one miner answered, without its output. */
export interface MinerResponseAnswer {
  readonly miner_uid: number | null;
  readonly hotkey: string;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly combined_score: number | null;
  readonly parts: readonly ScorePartAnswer[];
  readonly policy_version: string | null;
  /** SHA-256 in hexadecimal digits. */
  readonly policy_hash: string | null;
  /** Seconds by the miner's clock. */
  readonly miner_processing_time: number | null;
  /** Seconds by the validator's clock. */
  readonly validator_time: number | null;
  readonly error_message: string | null;
  readonly selected: boolean;
}

export interface MinerResponsesAnswer {
  readonly task_id: string;
  readonly responses: readonly MinerResponseAnswer[];
}

export function minerResponsesAnswer(task: Task): MinerResponsesAnswer {
  return { task_id: task.id, responses: task.responses.map(minerResponseAnswer) };
}

function minerResponseAnswer(response: MinerResponse): MinerResponseAnswer {
  return {
    miner_uid: response.minerUid ?? null,
    hotkey: response.hotkey,
    accuracy_score: response.score?.accuracy ?? null,
    speed_score: response.score?.speed ?? null,
    combined_score: response.score?.combined ?? null,
    parts: partsOf(response.score),
    policy_version: response.score?.policyVersion || null,
    policy_hash: response.score?.policyHash || null,
    miner_processing_time: seconds(response.minerProcessingTime),
    validator_time: seconds(response.validatorTime),
    error_message: response.errorMessage || null,
    selected: response.selected,
  };
}

function partsOf(score: Score | undefined): readonly ScorePartAnswer[] {
  return (score?.parts ?? []).map(({ name, value, explanation }) => ({
    name,
    value: value ?? null,
    explanation,
  }));
}
