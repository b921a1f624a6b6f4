import type { Clock } from '../runtime/clock.js';
import type { Logger } from '../runtime/logger.js';
import type { Refusal } from '../domain/errors.js';

/** The same cause is told again after so long. */
const REPEAT_MS = 60_000;

/** Says once a minute, not at each try, why the proxy cannot be reached. */
export class OutageLog {
  private readonly told = new Map<string, number>();
  private out = false;

  constructor(
    private readonly clock: Clock,
    private readonly log: Logger,
    private readonly address: string,
  ) {}

  down(problem: Refusal): void {
    this.out = true;
    const cause = problem.metadata['cause'] ?? problem.reason;
    const last = this.told.get(cause);
    if (last !== undefined && this.clock.now() - last < REPEAT_MS) return;
    this.told.set(cause, this.clock.now());
    this.log.warn(
      { address: this.address, cause },
      `cannot work with the proxy at ${this.address}: ${problem.message}; ${whatToCheck(cause)}; trying again`,
    );
  }

  up(): void {
    if (this.out) this.log.info({ address: this.address }, 'the proxy is reached again');
    this.out = false;
    this.told.clear();
  }
}

function whatToCheck(cause: string): string {
  switch (cause) {
    case 'ECONNREFUSED':
      return 'check that the proxy runs and that --proxy_server_url names its address and port';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'check the host name in --proxy_server_url';
    case 'UNAUTHENTICATED':
    case 'PERMISSION_DENIED':
      return 'give the validator an API key of the proxy with the scope validate in --proxy_key_file';
    case 'HTTP':
      return 'check that --proxy_server_url names an audio-subnet proxy and no other server';
    case 'ETIMEDOUT':
    case 'TIMEOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'check the firewall and --proxy_server_url';
    default:
      return "check the proxy's log and --proxy_server_url";
  }
}
