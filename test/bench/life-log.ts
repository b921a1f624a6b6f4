/** What clients saw, noted as cheaply as can be and read after the run. Instants are those of `nowMs`. */
export interface LifeLog {
  readonly submits: LoggedSubmit[];
  readonly deliveries: LoggedDelivery[];
  readonly settles: LoggedSettle[];
}

/** A call that was answered with OK for every task of it. */
export interface LoggedSubmit {
  readonly startMs: number;
  readonly endMs: number;
  /** Number of its first text; the others follow. */
  readonly firstSerial: number;
  readonly ids: readonly string[];
}

/** An event of a worker's stream. */
export interface LoggedDelivery {
  readonly atMs: number;
  readonly session: string;
  readonly tasks: readonly LoggedLease[];
}

export interface LoggedLease {
  readonly id: string;
  readonly token: string;
  readonly attempt: number;
}

/** A call that was answered with OK for every lease of it. */
export interface LoggedSettle {
  readonly startMs: number;
  readonly endMs: number;
  readonly session: string;
  readonly leases: readonly LoggedLease[];
}

export function createLifeLog(): LifeLog {
  return { submits: [], deliveries: [], settles: [] };
}

/** Milliseconds from each SubmitTask call that began since then to the event that brought its task. */
export function deliveryTimes({ submits, deliveries }: LifeLog, sinceMs: number): readonly number[] {
  const delivered = new Map<string, number>();
  for (const { atMs, tasks } of deliveries)
    if (atMs >= sinceMs) for (const { id } of tasks) delivered.set(id, atMs);
  return submits
    .filter(({ startMs }) => startMs >= sinceMs)
    .flatMap(({ startMs, ids }) => ids.map((id) => (delivered.get(id) ?? NaN) - startMs));
}
