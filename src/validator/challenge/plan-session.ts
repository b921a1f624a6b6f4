import { defaultShape } from './default-shapes.js';
import { SESSION_GAP_MS, type RecentTasks, type Remembered } from './recent-tasks.js';
import { measured, varied, type Shape } from './shape.js';

/** Questions of one session, and their bytes, which are kept in memory until they are asked. */
const MAX_QUESTIONS = 32;
const MAX_BYTES = 32 * 1024 * 1024;
/** How far the gap between two questions is from the one it is made after. */
const GAP_SPREAD = 0.1;

export interface PlannedQuestion {
  /** After the one before it; 0 for the first. */
  readonly afterMs: number;
  readonly shape: Shape;
}

export interface SessionPlan {
  readonly questions: readonly PlannedQuestion[];
  /** Questions that a session has on average. */
  readonly meanLength: number;
  /** Time from the first to the last of them on average. */
  readonly meanMs: number;
  /** Time that passes at least before the next one: shorter gaps are part of a session. */
  readonly gapMs: number;
}

/**
 * The next questions that come close upon each other: after one of the users' recent sessions, so that kinds, sizes,
 * options and gaps go together as they do there. Before any user was seen, one of the commonest tasks. What cannot be
 * made is left out; no questions when all of it is.
 */
export function planSession(
  recent: RecentTasks,
  canMake: (shape: Shape) => boolean,
  random: () => number,
): SessionPlan {
  const sessions = recent.sessions();
  if (sessions.length === 0) {
    const shape = defaultShape(random);
    return { questions: canMake(shape) ? [{ afterMs: 0, shape }] : [], meanLength: 1, meanMs: 0, gapMs: 0 };
  }
  const makeable = sessions
    .map((session) => session.filter(({ shape }) => canMake(shape)).slice(0, MAX_QUESTIONS))
    .filter((session) => session.length > 0);
  const count = makeable.reduce((sum, session) => sum + session.length, 0);
  const lasting = makeable.reduce((sum, session) => sum + durationOf(session), 0);
  const chosen = makeable[Math.floor(random() * makeable.length)] ?? [];
  return {
    questions: imitated(
      chosen,
      sessions.flat().map(({ shape }) => shape),
      random,
    ),
    meanLength: makeable.length === 0 ? 1 : count / makeable.length,
    meanMs: makeable.length === 0 ? 0 : lasting / makeable.length,
    gapMs: SESSION_GAP_MS,
  };
}

function durationOf(session: readonly Remembered[]): number {
  return (session.at(-1)?.atMs ?? 0) - (session[0]?.atMs ?? 0);
}

function imitated(
  session: readonly Remembered[],
  all: readonly Shape[],
  random: () => number,
): readonly PlannedQuestion[] {
  const questions: PlannedQuestion[] = [];
  let bytes = 0;
  for (const [place, { atMs, shape }] of session.entries()) {
    const before = session[place - 1];
    const gapMs = before === undefined ? 0 : atMs - before.atMs;
    const question = {
      afterMs: gapMs * (1 + GAP_SPREAD * (2 * random() - 1)),
      shape: varied(measured(shape, all), random),
    };
    bytes += question.shape.inputBytes;
    if (questions.length > 0 && bytes > MAX_BYTES) break;
    questions.push(question);
  }
  return questions;
}
