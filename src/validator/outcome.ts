import { ranking } from '../domain/score/combine.js';
import type { MinerResponse, Score, TaskFailure, TaskKind } from '../domain/task.js';
import type { Answer, Reply } from './asking.js';
import { isNoSpeech } from './implausible.js';
import type { Judged } from './judge.js';
import type { FeedOutcome } from './ports/task-feed.js';
import { soundSegments } from './sound-segments.js';
import { textOf } from './usable-reply.js';

/** Bounds of the contract, in characters. */
const MAX_ERROR = 500;
const MAX_MESSAGE = 1000;
const MAX_RESPONSES = 64;

export interface Verdict {
  readonly outcome: FeedOutcome;
  /** Best first, failures last. */
  readonly responses: readonly MinerResponse[];
}

/** What was asked. */
export interface Asked {
  readonly kind: TaskKind;
  /** 0 unless the input is audio. */
  readonly audioMs: number;
}

/** The outcome of a task from what its miners answered; at least one of them looked at the input. */
export function verdictOf(asked: Asked, answers: readonly Answer[], judged: Judged): Verdict {
  const { kind } = asked;
  const order = ranking(judged.scores);
  const best = order[0] === undefined ? undefined : judged.replies[order[0]];
  const score = order[0] === undefined ? undefined : judged.scores[order[0]];
  const usable = best !== undefined && score !== undefined && !isNoSpeech(kind, score);
  const responses = [
    ...order.flatMap((index, place) => response(judged, index, usable && place === 0)),
    ...answers.flatMap((answer) => (answer.kind === 'failure' ? [failedResponse(answer)] : [])),
  ].slice(0, MAX_RESPONSES);
  return { outcome: usable ? completed(asked, best, score) : failed(allFailed(answers)), responses };
}

function completed({ kind, audioMs }: Asked, { miner, reply }: Reply, score: Score): FeedOutcome {
  const isTranscript = kind === 'transcription' && reply.segments.length > 0;
  return {
    kind: 'completed',
    result: {
      output: { kind: 'inline', bytes: reply.output },
      mediaType: reply.mediaType,
      model: reply.model,
      minerUid: miner.uid,
      minerHotkey: miner.hotkey,
      score,
      minerProcessingMs: reply.minerProcessingMs,
      validatorMs: reply.totalMs,
      segments: isTranscript
        ? soundSegments(reply.segments, { text: textOf(reply.output) ?? '', audioMs })
        : [],
    },
  };
}

function failed({ retryable, ...failure }: TaskFailure & { retryable: boolean }): FeedOutcome {
  return { kind: 'failed', failure, retryable };
}

/** Audio that nobody who looked at it can decode will not get better; anything else may. */
function allFailed(answers: readonly Answer[]): TaskFailure & { readonly retryable: boolean } {
  const refusals = answers.flatMap((answer) => (answer.kind === 'failure' ? [answer] : []));
  const undecodable = refusals.filter(({ refusal }) => refusal.reason === 'AUDIO_UNDECODABLE');
  const first = undecodable[0];
  const others = answers.filter(
    (answer) =>
      answer.kind === 'reply' ||
      !['AUDIO_UNDECODABLE', 'MINER_BUSY', 'UNAVAILABLE', 'ENGINE_UNAVAILABLE'].includes(
        answer.refusal.reason,
      ),
  );
  if (first !== undefined && others.length === 0)
    return {
      reason: 'AUDIO_UNDECODABLE',
      message: clip(first.refusal.message, MAX_MESSAGE),
      retryable: false,
    };
  const causes = [
    ...refusals.map(({ miner, refusal }) => `miner ${miner.uid}: ${refusal.message}`),
    ...answers.flatMap(({ kind, miner }) =>
      kind === 'reply' ? [`miner ${miner.uid}: the reply is no speech`] : [],
    ),
  ];
  return {
    reason: 'ALL_MINERS_FAILED',
    message: clip(`Every asked miner failed: ${causes.join('; ')}.`, MAX_MESSAGE),
    retryable: true,
  };
}

function response(judged: Judged, index: number, selected: boolean): readonly MinerResponse[] {
  const answer = judged.replies[index];
  const score = judged.scores[index];
  if (answer === undefined || score === undefined) return [];
  const { miner, reply } = answer;
  return [
    {
      minerUid: miner.uid,
      hotkey: miner.hotkey,
      score,
      minerProcessingMs: reply.minerProcessingMs,
      validatorMs: reply.totalMs,
      errorMessage: '',
      selected,
      model: reply.model,
    },
  ];
}

function failedResponse({ miner, refusal, totalMs }: Extract<Answer, { kind: 'failure' }>): MinerResponse {
  return {
    minerUid: miner.uid,
    hotkey: miner.hotkey,
    validatorMs: totalMs,
    errorMessage: clip(`${refusal.reason}: ${refusal.message}`, MAX_ERROR),
    selected: false,
    model: '',
  };
}

/** Cuts to a number of code units, never inside a pair of surrogates. */
function clip(text: string, max: number): string {
  return text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
}
