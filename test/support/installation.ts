import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureStaticSubnet } from '../../src/chain/ensure-static-subnet.js';
import { freePorts, RunningProgram } from './program.js';

/** A data directory with a static subnet on free ports, and the programs that run on it. */
export class Installation {
  readonly #programs: RunningProgram[] = [];

  private constructor(
    readonly dataDir: string,
    readonly ports: {
      readonly http: number;
      readonly grpc: number;
      readonly metrics: number;
      readonly miners: readonly number[];
    },
  ) {}

  /** @param parent directory in which the data directory is made */
  static async create(miners = 3, parent = tmpdir()): Promise<Installation> {
    const dataDir = await mkdtemp(join(parent, 'audio-subnet-e2e-'));
    const [http = 0, grpc = 0, metrics = 0, validator = 0, ...minerPorts] = await freePorts(4 + miners);
    await ensureStaticSubnet(dataDir, { netuid: 49, minerPorts, validatorPort: validator });
    return new Installation(dataDir, { http, grpc, metrics, miners: minerPorts });
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.http}`;
  }

  get listeners(): readonly string[] {
    const { http, grpc, metrics } = this.ports;
    return ['--http.port', `${http}`, '--grpc.port', `${grpc}`, '--metrics.port', `${metrics}`];
  }

  start(...args: readonly string[]): RunningProgram {
    const program = new RunningProgram([...args, '--data_dir', this.dataDir]);
    this.#programs.push(program);
    return program;
  }

  async startProxy(...more: readonly string[]): Promise<RunningProgram> {
    const proxy = this.start('proxy', ...this.listeners, ...more);
    await proxy.line(({ msg }) => msg === 'proxy is ready');
    return proxy;
  }

  /** @param under a command that runs the proxy and leaves its process to us */
  async startProxyUnder(under: readonly string[], ...more: readonly string[]): Promise<RunningProgram> {
    const args = ['proxy', ...this.listeners, ...more, '--data_dir', this.dataDir];
    const proxy = new RunningProgram(args, {}, { under });
    this.#programs.push(proxy);
    await proxy.line(({ msg }) => msg === 'proxy is ready');
    return proxy;
  }

  startValidator(...more: readonly string[]): RunningProgram {
    return this.start('validator', '--proxy_server_url', this.url, '--axon.port', '0', ...more);
  }

  async startMiner(place = 0): Promise<RunningProgram> {
    const miner = this.start('miner', '--axon.port', `${this.ports.miners[place] ?? 0}`);
    await miner.line(({ msg }) => msg === 'miner is ready');
    return miner;
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
