/** What the REST API answers, as far as the page reads it; `/openapi.json` has all of it. */

export type Kind = 'transcription' | 'tts' | 'summarization';
export type Status = 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';

export interface Submitted {
  readonly task_id: string;
}

export interface TaskProgress {
  /** In [0, 1]. */
  readonly fraction: number;
  /** May be empty. */
  readonly stage: string;
}

export interface TaskResult {
  /** Null in a spoken result, and above 64 KiB. */
  readonly text: string | null;
  /** The whole output by itself. */
  readonly output_url: string;
  readonly segments: readonly unknown[] | null;
  readonly model_used: string | null;
}

export interface Task {
  readonly task_id: string;
  readonly status: Status;
  readonly task_type: Kind;
  readonly source_language: string;
  /** Tasks before this one; null unless it is pending and its place is known. */
  readonly queue_position: number | null;
  /** Seconds from now; null when not known. */
  readonly estimated_completion_time: number | null;
  readonly attempt: number;
  readonly progress: TaskProgress | null;
  readonly result: TaskResult | null;
  /** Seconds. */
  readonly processing_time: number | null;
  readonly error_message: string | null;
}

export interface ScorePart {
  readonly name: string;
  readonly value: number | null;
  readonly explanation: string;
}

export interface MinerResponse {
  readonly miner_uid: number | null;
  readonly hotkey: string;
  readonly accuracy_score: number | null;
  readonly speed_score: number | null;
  readonly combined_score: number | null;
  readonly parts: readonly ScorePart[];
  readonly validator_time: number | null;
  readonly error_message: string | null;
  readonly selected: boolean;
}

export interface Responses {
  readonly responses: readonly MinerResponse[];
}

export interface Integration {
  readonly network_info: {
    readonly netuid: number;
    readonly network: string;
    readonly total_miners: number;
    readonly available_miners: number;
    readonly source: string;
  };
  readonly queue_stats: {
    readonly pending_count: number;
    readonly processing_count: number;
    readonly completed_count: number;
    readonly failed_count: number;
  };
  readonly validators: readonly {
    readonly hotkey: string;
    readonly policy_version: string | null;
    readonly age_seconds: number | null;
  }[];
}

export interface Rating {
  readonly task_type: Kind;
  readonly accuracy_score: number | null;
  readonly sample_count: number;
}

export interface Miner {
  readonly uid: number;
  readonly hotkey: string;
  readonly observations: readonly {
    readonly reachable: boolean;
    readonly latency_seconds: number | null;
    readonly score: number | null;
    readonly ratings: readonly Rating[];
  }[];
}

export interface Miners {
  readonly miners: readonly Miner[];
  readonly next_page_token: string | null;
}
