import type { WebSocket } from 'ws';
import type { Chain } from './chain.js';

/** One client of the double. */
export interface Connection {
  readonly chain: Chain;
  /** Starts a subscription; `stop` runs when it or the connection ends. */
  subscribe(kind: string, start: (notify: (result: unknown) => void) => () => void): string;
  unsubscribe(id: string): boolean;
}

export type Method = (params: readonly unknown[], connection: Connection) => unknown;

/** An error that a node answers with a number. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: string,
  ) {
    super(message);
  }
}

/** JSON-RPC of one socket; `send` is where answers may be delayed or lost. */
export class SocketConnection implements Connection {
  readonly chain: Chain;
  readonly #methods: Readonly<Record<string, Method>>;
  readonly #send: (message: string) => void;
  readonly #stops = new Map<string, () => void>();
  #next = 1;

  constructor(options: {
    readonly socket: WebSocket;
    readonly chain: Chain;
    readonly methods: Readonly<Record<string, Method>>;
    readonly send: (message: string) => void;
  }) {
    this.chain = options.chain;
    this.#methods = options.methods;
    this.#send = options.send;
    options.socket.on('message', (data: Buffer) => this.#receive(data.toString()));
    options.socket.on('close', () => {
      for (const stop of this.#stops.values()) stop();
      this.#stops.clear();
    });
    options.socket.on('error', () => {
      // A socket that breaks also closes.
    });
  }

  subscribe(kind: string, start: (notify: (result: unknown) => void) => () => void): string {
    const subscription = `s${String(this.#next)}`;
    this.#next += 1;
    // What a subscription says at once must follow the answer that names it.
    let early: unknown[] | undefined = [];
    const send = (result: unknown): void =>
      this.#send(JSON.stringify({ jsonrpc: '2.0', method: kind, params: { subscription, result } }));
    const stop = start((result) => (early === undefined ? send(result) : void early.push(result)));
    this.#stops.set(subscription, stop);
    queueMicrotask(() => {
      const waiting = early ?? [];
      early = undefined;
      for (const result of waiting) send(result);
    });
    return subscription;
  }

  unsubscribe(id: string): boolean {
    this.#stops.get(id)?.();
    return this.#stops.delete(id);
  }

  #receive(text: string): void {
    const { id, method, params } = JSON.parse(text) as {
      readonly id: number;
      readonly method: string;
      readonly params?: readonly unknown[];
    };
    const answer = (body: object): void => this.#send(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    const run = this.#methods[method];
    if (run === undefined) {
      answer({ error: { code: -32601, message: `Method not found: ${method}` } });
      return;
    }
    try {
      answer({ result: run(params ?? [], this) ?? null });
    } catch (error) {
      const { code, message, data } =
        error instanceof RpcError ? error : { code: -32000, message: String(error), data: undefined };
      answer({ error: { code, message, ...(data === undefined ? {} : { data }) } });
    }
  }
}
