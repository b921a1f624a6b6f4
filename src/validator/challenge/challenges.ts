import type { Clock } from '../../runtime/clock.js';
import type { Logger } from '../../runtime/logger.js';
import type { Work, Worked } from '../round.js';
import { wait } from '../../runtime/wait.js';
import { challengesPerHour, type ChallengeSettings } from './challenge-rate.js';
import { planSession, type PlannedQuestion } from './plan-session.js';
import type { MadeQuestion, QuestionMaker } from './question-maker.js';
import type { RecentTasks } from './recent-tasks.js';
import type { Shape } from './shape.js';

/** Users' tasks are seen first, so that there is something to be like. */
const WARM_UP_MS = 120_000;
/** The rate is looked at again after this, however long the wait for the next session is. */
const MAX_WAIT_MS = 300_000;
/** Share of the time between two sessions that is not left to chance at most. */
const MAX_GAP_SHARE = 0.75;
/** Own questions that are being answered at a time. */
const MAX_OPEN = 4;

export interface ChallengesDeps {
  readonly settings: ChallengeSettings;
  readonly recent: RecentTasks;
  readonly maker: Pick<QuestionMaker, 'prepare' | 'canMake' | 'make'>;
  /** Asks miners, the same way as for a task. */
  readonly ask: (work: Work) => Promise<Worked>;
  /** Whether some miner can do it now. */
  readonly canBeAsked: (shape: Shape) => boolean;
  /** Tasks of users that could still be taken. */
  readonly room: () => number;
  readonly clock: Clock;
  /** In [0, 1), that nobody can foresee. */
  readonly secret: () => number;
  readonly log: Logger;
}

/**
 * Asks miners questions whose answers are known, so that they are measured when users ask little. Sessions of
 * questions begin at random times (a Poisson process) and are like those of users. Tasks of users go first: nothing
 * is asked while there is no room for more of them, and what is being answered is given up when it runs out.
 */
export class Challenges {
  private readonly stopping = new AbortController();
  private readonly open = new Set<AbortController>();
  private readonly asked = new Set<Promise<void>>();
  private loop: Promise<void> | undefined;

  constructor(private readonly deps: ChallengesDeps) {}

  /** Returns at once; asks nothing where the settings want nothing. */
  start(): void {
    const { perHour, share } = this.deps.settings;
    if (perHour === 0 && share === 0) return;
    this.loop ??= this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.giveWay();
    await this.loop;
    await Promise.all(this.asked);
  }

  /** Gives up what is being answered, for the sake of users. */
  giveWay(): void {
    for (const controller of this.open) controller.abort(new Error('tasks of users go first'));
  }

  private async run(): Promise<void> {
    const { clock, maker, log } = this.deps;
    const { signal } = this.stopping;
    await wait(clock, WARM_UP_MS, signal);
    try {
      signal.throwIfAborted();
      await maker.prepare();
      while (!signal.aborted) await this.session(signal);
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, 'no more questions of its own: making them failed');
    }
  }

  /** Waits for the time of a session and holds it, or waits a while. */
  private async session(signal: AbortSignal): Promise<void> {
    const { clock, recent, maker, canBeAsked, secret, settings } = this.deps;
    const canMake = (shape: Shape): boolean => maker.canMake(shape) && canBeAsked(shape);
    const plan = planSession(recent, canMake, secret);
    const perHour = challengesPerHour(settings, recent.perHour(clock.now()));
    const restMs = Math.max(0, (3_600_000 * plan.meanLength) / perHour - plan.meanMs);
    // Where more is wanted than fits between such gaps, they get shorter.
    const gapMs = Math.min(plan.gapMs, MAX_GAP_SHARE * restMs);
    const waitMs = perHour === 0 ? Infinity : -Math.log(1 - secret()) * (restMs - gapMs);
    // An exponential wait has no memory: to draw it anew after a while changes nothing but to follow the rate.
    await wait(clock, Math.min(waitMs, MAX_WAIT_MS), signal);
    if (signal.aborted || waitMs > MAX_WAIT_MS) return;
    await this.hold(await this.made(plan.questions, signal), signal);
    // Sessions of users do not follow closer upon each other either, or they would be one.
    await wait(clock, gapMs, signal);
  }

  /** Made beforehand, so that the gaps between them are not those of their making. */
  private async made(
    planned: readonly PlannedQuestion[],
    signal: AbortSignal,
  ): Promise<readonly (MadeQuestion & PlannedQuestion)[]> {
    const { maker, log } = this.deps;
    const ready: (MadeQuestion & PlannedQuestion)[] = [];
    for (const question of planned) {
      signal.throwIfAborted();
      try {
        const made = await maker.make(question.shape, signal);
        if (made !== undefined) ready.push({ ...question, ...made });
      } catch (error) {
        if (!signal.aborted) log.warn({ err: error }, 'a question of its own could not be made');
      }
    }
    return ready;
  }

  private async hold(
    questions: readonly (MadeQuestion & PlannedQuestion)[],
    signal: AbortSignal,
  ): Promise<void> {
    for (const question of questions) {
      if (question.afterMs > 0) await wait(this.deps.clock, question.afterMs, signal);
      if (signal.aborted) return;
      if (this.open.size >= Math.min(MAX_OPEN, this.deps.room())) continue;
      const asked = this.ask(question).finally(() => this.asked.delete(asked));
      this.asked.add(asked);
    }
  }

  /** Never rejects. */
  private async ask({ shape, input, truth }: MadeQuestion): Promise<void> {
    const { ask, log } = this.deps;
    const controller = new AbortController();
    this.open.add(controller);
    try {
      const { stragglers } = await ask({
        task: shape,
        input,
        ...(truth === undefined ? {} : { truth }),
        signal: controller.signal,
        log: log.child({ own_question: shape.kind }),
        onProgress: () => undefined,
      });
      await stragglers;
    } catch (error) {
      if (!controller.signal.aborted) log.warn({ err: error }, 'a question of its own failed');
    } finally {
      this.open.delete(controller);
    }
  }
}
