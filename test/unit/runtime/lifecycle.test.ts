import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { Clock } from '../../../src/runtime/clock.js';
import { FORCED_STOP_MS, Lifecycle, untilSignal } from '../../../src/runtime/lifecycle.js';

/** Timers that fire when the test says so. */
class Timers implements Clock {
  readonly armed = new Map<() => void, number>();

  now(): number {
    return 0;
  }

  wall(): number {
    return 0;
  }

  after(delayMs: number, callback: () => void): () => void {
    this.armed.set(callback, delayMs);
    return () => this.armed.delete(callback);
  }

  fire(delayMs: number): void {
    for (const [callback, delay] of this.armed)
      if (delay === delayMs) {
        this.armed.delete(callback);
        callback();
      }
  }
}

const GRACE_MS = 5000;
const never = () => new Promise<void>(() => undefined);
/** Lets every promise that is settled run its course. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Lifecycle', () => {
  let timers: Timers;
  let logged: string[];
  let lifecycle: Lifecycle;
  let stopped: string[];

  beforeEach(() => {
    timers = new Timers();
    logged = [];
    stopped = [];
    const logger = {
      debug: () => undefined,
      error: (_fields: unknown, text?: unknown) => logged.push(String(text)),
    };
    lifecycle = new Lifecycle({ clock: timers, logger, graceMs: GRACE_MS });
  });

  afterEach(() => {
    expect(timers.armed.size, 'timers left').to.equal(0);
  });

  const part = (name: string) => {
    lifecycle.onStop(name, () => void stopped.push(name));
  };

  it('stops the parts in the reverse order of their start', async () => {
    ['store', 'queue', 'server'].forEach(part);
    expect(await lifecycle.stop()).to.deep.equal([]);
    expect(stopped).to.deep.equal(['server', 'queue', 'store']);
  });

  it('waits for one part before it stops the next', async () => {
    part('store');
    let finish: () => void = () => undefined;
    lifecycle.onStop('server', () => new Promise<void>((resolve) => (finish = resolve)));
    const done = lifecycle.stop();
    await turn();
    expect(stopped).to.deep.equal([]);
    finish();
    await done;
    expect(stopped).to.deep.equal(['store']);
  });

  it('stops each part once, however often it is asked, and each caller waits', async () => {
    part('server');
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    await lifecycle.stop();
    expect(stopped).to.deep.equal(['server']);
  });

  it('goes on after a failure, logs it and returns it with its cause', async () => {
    part('store');
    const cause = new Error('disk');
    lifecycle.onStop('rejecting', () => Promise.reject(cause));
    lifecycle.onStop('throwing', () => {
      throw cause;
    });
    const failures = await lifecycle.stop();
    expect(failures.map((failure) => failure.message)).to.deep.equal([
      'throwing did not stop cleanly',
      'rejecting did not stop cleanly',
    ]);
    expect(failures[0]?.cause).to.equal(cause);
    expect(logged).to.deep.equal(failures.map((failure) => failure.message));
    expect(stopped).to.deep.equal(['store']);
  });

  it('tells a slow part when the grace is over', async () => {
    part('store');
    lifecycle.onStop(
      'streams',
      (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    );
    part('server');
    const done = lifecycle.stop();
    await turn();
    timers.fire(GRACE_MS);
    expect(await done).to.deep.equal([]);
    expect(stopped).to.deep.equal(['server', 'store']);
  });

  it('leaves a part behind that hangs after the grace, and stops the others', async () => {
    part('store');
    lifecycle.onStop('second', never);
    lifecycle.onStop('first', never);
    const done = lifecycle.stop();
    await turn();
    timers.fire(FORCED_STOP_MS);
    await turn();
    expect(logged, 'within the grace').to.deep.equal([]);
    timers.fire(GRACE_MS);
    timers.fire(FORCED_STOP_MS);
    await turn();
    timers.fire(FORCED_STOP_MS);
    const failures = await done;
    expect(failures.map((failure) => failure.message)).to.deep.equal([
      'first did not stop cleanly',
      'second did not stop cleanly',
    ]);
    expect(stopped).to.deep.equal(['store']);
  });

  it('aborts its signal when stopping begins', async () => {
    expect(lifecycle.stopping.aborted).to.be.false;
    const done = lifecycle.stop();
    expect(lifecycle.stopping.aborted).to.be.true;
    await done;
  });

  it('stops a part that started after stopping had begun', async () => {
    lifecycle.onStop('server', () => part('born while stopping'));
    await lifecycle.stop();
    part('born after');
    await lifecycle.stop();
    expect(stopped).to.deep.equal(['born while stopping', 'born after']);
  });
});

describe('untilSignal()', () => {
  it('gives the first of the signals and then lets go of all', async () => {
    const source = new EventEmitter() as EventEmitter & Pick<NodeJS.Process, 'on' | 'off'>;
    const signal = untilSignal(['SIGINT', 'SIGTERM'], source);
    source.emit('SIGTERM', 'SIGTERM');
    expect(await signal).to.equal('SIGTERM');
    expect(source.listenerCount('SIGINT') + source.listenerCount('SIGTERM')).to.equal(0);
  });
});
