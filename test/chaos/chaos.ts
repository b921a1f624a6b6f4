import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { ANONYMOUS } from '../../src/domain/ids.js';
import type { Task } from '../../src/domain/task.js';
import { createTaskServiceClient } from '../../src/rpc/clients/task-clients.js';
import { Installation } from '../support/installation.js';
import { seeded } from '../unit/score/seeded.js';
import { chaosChannel, patient, pause } from './chaos-channel.js';
import { chaosReport, type ChaosReport } from './chaos-report.js';
import { checkHistory, type Violation } from './check-history.js';
import { planRound, VALIDATORS, type Fault, type Round } from './faults.js';
import { finalTasks } from './final-tasks.js';
import { History, type HistoryEvent } from './history.js';
import { ProxyClock, ProxyProcess } from './proxy-process.js';
import { Relay } from './relay.js';
import { Users } from './users.js';
import { Validators } from './validators.js';

/** Rounds between two looks at what is left in the end. */
const CHECK_EVERY = 20;
/** A suspended validator sleeps over at least one look of the proxy at its leases, four a second. */
const SUSPENSION_MS = 350;
const FREEZE_MS = 400;
const DELAY_MS = 60;
/** A failpoint that was not reached by then is replaced by a kill. */
const OVERDUE_MS = 1_000;
/** Tasks with violations of which everything is told. */
const EXPLAINED = 3;
const DRAIN_MS = 60_000;
const DRAIN_STEP_MS = 1_000;
/** Time that passes when nothing moves; more and more, because a start with its clock set back waits for it. */
const DRAIN_PASS_MS = 30_000;
const MAX_DRAIN_PASS_MS = 600_000;

export interface ChaosOptions {
  readonly rounds: number;
  /** Round n has the seed `seed + n`, n from 0. */
  readonly seed: number;
  /** Is told of each check, and of a round that could not be played. */
  readonly onProgress?: (progress: object) => void;
}

/** Plays rounds of load and faults on one data directory and checks what is left. */
export async function playChaos(options: ChaosOptions): Promise<ChaosReport> {
  const chaos = await Chaos.open(options);
  try {
    return await chaos.play();
  } finally {
    await chaos.close();
  }
}

class Chaos {
  readonly #startMs = performance.now();
  readonly #faults: Record<string, number> = {};
  readonly #history = new History();
  readonly #users: Users;
  readonly #validators: Validators;
  readonly #clock: ProxyClock;
  /** Proxies that have not ended. */
  readonly #standing = new Set<ProxyProcess>();
  /** What the rounds so far began and nobody waited for yet. */
  readonly #open: Promise<void>[] = [];
  #proxies = 0;
  #tasks: readonly Task[] = [];
  #violations: readonly Violation[] = [];

  private constructor(
    readonly options: ChaosOptions,
    readonly installation: Installation,
    readonly relays: { readonly users: Relay; readonly validators: Relay },
  ) {
    const { seed } = options;
    const directory = join(installation.dataDir, 'chaos');
    this.#clock = new ProxyClock(directory);
    this.#users = new Users({ address: relays.users.address, history: this.#history, random: seeded(seed) });
    this.#validators = new Validators({
      count: VALIDATORS,
      address: relays.validators.address,
      directory,
      seed,
    });
  }

  static async open(options: ChaosOptions): Promise<Chaos> {
    const installation = await Installation.create(1);
    await mkdir(join(installation.dataDir, 'chaos'));
    const { grpc, http } = installation.ports;
    // Validators come by the front door, as ours do.
    const relays = { users: await Relay.open(grpc), validators: await Relay.open(http) };
    return new Chaos(options, installation, relays);
  }

  async play(): Promise<ChaosReport> {
    const { rounds, seed, onProgress } = this.options;
    let played = 0;
    let isBroken = false;
    while (played < rounds && !isBroken) {
      const first = played;
      const last = Math.min(rounds, first + CHECK_EVERY) - 1;
      try {
        await this.#playRounds(seed + first, seed + last);
        isBroken = await this.#check();
      } catch (error) {
        onProgress?.({ repeat: `--rounds ${last - first + 1} --seed ${seed + first}`, error: String(error) });
        throw error;
      }
      played = last + 1;
      onProgress?.({ ...this.#report(played), violations: this.#violations.length });
      if (isBroken)
        onProgress?.({ repeat: `--rounds ${played - first} --seed ${seed + first}`, what: this.#explain() });
    }
    return this.#report(played);
  }

  async close(): Promise<void> {
    this.#users.close();
    await this.#validators.close();
    await Promise.all([this.relays.users.close(), this.relays.validators.close()]);
    for (const proxy of this.#standing) await proxy.kill();
    await this.installation.dispose();
  }

  /** Not let go yet. */
  #proxy(round: Round | undefined): ProxyProcess {
    this.#proxies += 1;
    const end = round?.proxyEnd;
    const killAt = end?.kind === 'failpoint' ? `${end.name}:${end.pass}` : undefined;
    const name = `proxy-${this.#proxies}`;
    const proxy = new ProxyProcess(this.installation, this.#clock, {
      name,
      ...(killAt !== undefined && { killAt }),
    });
    this.#standing.add(proxy);
    void proxy.exited.then(() => this.#standing.delete(proxy));
    return proxy;
  }

  /** Rounds of these seeds one after the other, then a proxy that nothing happens to. */
  async #playRounds(firstSeed: number, lastSeed: number): Promise<void> {
    let proxy = this.#proxy(planRound(firstSeed));
    for (let seed = firstSeed; seed <= lastSeed; seed++) {
      // It loads its modules while the round is played.
      const next = this.#proxy(seed === lastSeed ? undefined : planRound(seed + 1));
      await this.#playRound(planRound(seed), proxy);
      proxy = next;
    }
    await this.#drain(proxy);
  }

  /** Load and faults until the proxy has ended; who was not answered tries on with the one of the next round. */
  async #playRound({ loadMs, proxyEnd, faults }: Round, proxy: ProxyProcess): Promise<void> {
    await proxy.letGo();
    this.#goOn(this.#users.submitFor(loadMs));
    for (const fault of faults) this.#goOn(this.#strike(fault, proxy));
    switch (proxyEnd.kind) {
      case 'killed':
        await pause(proxyEnd.atMs);
        await this.#kill(proxy, 'proxy_killed');
        return;
      case 'stopped':
        await pause(proxyEnd.atMs);
        await this.#stop(proxy);
        return;
      case 'failpoint': {
        const late = pause(loadMs + OVERDUE_MS).then(() => 'late' as const);
        if ((await Promise.race([proxy.exited, late])) === 'late')
          await this.#kill(proxy, 'proxy_killed_before_failpoint');
        else this.#count(`proxy_killed_${proxyEnd.name}`);
      }
    }
  }

  /** Its failure is told where the run waits for it. */
  #goOn(work: Promise<void>): void {
    work.catch(() => undefined);
    this.#open.push(work);
  }

  async #kill(proxy: ProxyProcess, what: string): Promise<void> {
    await proxy.kill();
    this.#count(what);
  }

  async #stop(proxy: ProxyProcess): Promise<void> {
    const code = await proxy.stop();
    this.#count('proxy_stopped');
    if (code !== 0) throw new Error(`a proxy stopped with ${code}`);
  }

  async #strike(fault: Fault, proxy: ProxyProcess): Promise<void> {
    await pause(fault.atMs);
    this.#count(fault.kind);
    switch (fault.kind) {
      case 'kill_validator':
        return this.#validators.end(fault.place, 'SIGKILL');
      case 'stop_validator':
        return this.#validators.end(fault.place, 'SIGTERM');
      case 'suspend_validator':
        return this.#validators.suspend(fault.place, async () => {
          this.#clock.pass(fault.passMs);
          proxy.tick();
          await pause(SUSPENSION_MS);
        });
      case 'set_wall_clock':
        this.#clock.setWall(fault.wallMs);
        proxy.tick();
        return;
      case 'cut':
        this.relays[fault.relay].cut();
        return;
      case 'freeze':
        return this.#freeze(this.relays[fault.relay]);
      case 'delay':
        return this.#delay(this.relays[fault.relay]);
    }
  }

  /** Half-open for a while; then the connections break and what was held back is lost. */
  async #freeze(relay: Relay): Promise<void> {
    relay.freeze();
    await pause(FREEZE_MS);
    relay.cut();
    relay.thaw();
  }

  async #delay(relay: Relay): Promise<void> {
    relay.delayMs = DELAY_MS;
    await pause(FREEZE_MS);
    relay.delayMs = 0;
  }

  /** Lets the validators finish everything, time too where tasks wait for it, and stops the proxy. */
  async #drain(proxy: ProxyProcess): Promise<void> {
    await proxy.letGo();
    const client = createTaskServiceClient(chaosChannel(`127.0.0.1:${this.installation.ports.grpc}`));
    try {
      await Promise.all(this.#open.splice(0));
      const endMs = performance.now() + DRAIN_MS;
      let passMs = DRAIN_PASS_MS;
      for (let left = Infinity, next = Infinity; left > 0; left = next) {
        const { stats } = await client.getQueueStats({}, patient());
        next = Number((stats?.pendingCount ?? 0n) + (stats?.processingCount ?? 0n));
        if (performance.now() > endMs)
          throw new Error(`${next} tasks do not end: ${JSON.stringify(stats, text)}`);
        if (next > 0) await pause(DRAIN_STEP_MS);
        if (next < left) continue;
        this.#clock.pass(passMs);
        proxy.tick();
        passMs = Math.min(passMs * 2, MAX_DRAIN_PASS_MS);
      }
      await this.#users.idle();
    } finally {
      client.close();
    }
    this.#validators.verify();
    await this.#stop(proxy);
  }

  /** Whether a promise is broken. */
  async #check(): Promise<boolean> {
    this.#tasks = await finalTasks(this.installation.dataDir, ANONYMOUS);
    this.#violations = checkHistory(this.#events(), this.#tasks);
    return this.#violations.length > 0;
  }

  #events(): readonly HistoryEvent[] {
    return [...this.#history.events, ...this.#validators.events];
  }

  /** All that is known of the first tasks with violations. */
  #explain(): readonly object[] {
    const ids = new Set(this.#violations.flatMap(({ taskId }) => taskId ?? []));
    return [...ids].slice(0, EXPLAINED).map((id) => {
      const told = this.#events().filter((event) => 'taskId' in event && event.taskId === id);
      const tokens = new Set(told.flatMap((event) => ('token' in event ? event.token : [])));
      const extended = this.#events().filter(
        (event) => event.kind === 'extend' && event.tokens.some((token) => tokens.has(token)),
      );
      return { id, told, extended, final: this.#tasks.find((task) => task.id === id) };
    });
  }

  #count(what: string): void {
    this.#faults[what] = (this.#faults[what] ?? 0) + 1;
  }

  #report(rounds: number): ChaosReport {
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    const played = { seed: this.options.seed, rounds, seconds, faults: this.#faults };
    return chaosReport(played, { events: this.#events(), tasks: this.#tasks, violations: this.#violations });
  }
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
