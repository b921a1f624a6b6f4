import { createHash } from 'node:crypto';
import type { ForwardResponse, SynapseCompleted } from '../../../gen/ts/audiosubnet/v1/miner_synapse.js';
import type { TaskProgress as ProtoTaskProgress } from '../../../gen/ts/audiosubnet/v1/task.js';
import { Refusal } from '../../domain/errors.js';
import { MAX_REPLY_BYTES, MAX_SEGMENTS_LENGTH } from '../../domain/limits.js';
import { PAYLOAD_FORMS, type Segment, type TaskKind, type TaskProgress } from '../../domain/task.js';
import type { MinerReply } from '../../validator/ports/miner-client.js';
import { segmentFromProto } from '../convert/result.js';
import { msFromDuration } from '../convert/time.js';
import { fromRpcStatus } from '../status.js';

/** Bounds of the contract. */
const MAX_SEGMENTS = 10_000;
const MAX_MODEL = 255;
const MAX_MEDIA_TYPE = 127;
const MAX_STAGE = 64;
/** The miner tells this time; it is only shown. */
const MAX_PROCESSING_MS = 24 * 3_600_000;

/** Puts the frames of one synapse together and trusts none of them. */
export class SynapseReply {
  private readonly chunks: Buffer[] = [];
  private readonly digest = createHash('sha256');
  private bytes = 0;
  private firstByteMs: number | undefined;

  /** @param elapsedMs time since the question was asked */
  constructor(
    private readonly kind: TaskKind,
    private readonly elapsedMs: () => number,
  ) {}

  /**
   * Takes the next frame; gives the reply when it is the last one.
   *
   * @throws Refusal the miner's own, or ENGINE_FAILED, DIGEST_MISMATCH or SIZE_MISMATCH for what it sent
   */
  take(frame: NonNullable<ForwardResponse['frame']>): MinerReply | undefined {
    switch (frame.$case) {
      case 'accepted':
      case 'progress':
        return undefined;
      case 'output':
        this.add(frame.value.data);
        return undefined;
      case 'completed':
        return this.complete(frame.value);
      case 'failed':
        throw fromRpcStatus(frame.value);
    }
  }

  /** The stream ended before the reply was whole. */
  cutShort(): Refusal {
    return new Refusal('ENGINE_FAILED', `the miner ended its reply after ${this.bytes} bytes`);
  }

  private add(data: Buffer): void {
    this.firstByteMs ??= this.elapsedMs();
    this.bytes += data.length;
    const limit = MAX_REPLY_BYTES[PAYLOAD_FORMS[this.kind].output];
    if (this.bytes > limit) throw new Refusal('ENGINE_FAILED', `the reply is above ${limit} bytes`);
    this.digest.update(data);
    this.chunks.push(data);
  }

  private complete(completed: SynapseCompleted): MinerReply {
    const totalMs = this.elapsedMs();
    if (Number(completed.outputBytes) !== this.bytes)
      throw new Refusal(
        'SIZE_MISMATCH',
        `the reply has ${this.bytes} bytes where ${completed.outputBytes} were announced`,
      );
    if (completed.outputSha256 !== this.digest.digest('hex'))
      throw new Refusal('DIGEST_MISMATCH', 'the reply has not the announced SHA-256');
    const { processingTime } = completed;
    return {
      output: Buffer.concat(this.chunks),
      mediaType: completed.mediaType.slice(0, MAX_MEDIA_TYPE),
      model: completed.model.slice(0, MAX_MODEL),
      segments: boundedSegments(completed),
      minerProcessingMs:
        processingTime === undefined
          ? 0
          : Math.min(MAX_PROCESSING_MS, Math.max(0, msFromDuration(processingTime))),
      firstByteMs: this.firstByteMs ?? totalMs,
      totalMs,
    };
  }
}

/** Progress within the bounds of the contract: one beyond them would break the heartbeat that carries it on. */
export function boundedProgress({ fraction, stage }: ProtoTaskProgress): TaskProgress {
  return {
    fraction: Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : 0,
    stage: stage.slice(0, MAX_STAGE).replace(/[\ud800-\udbff]$/, ''),
  };
}

/** Segments that make sense; none at all when there are too many. */
function boundedSegments({ segments }: SynapseCompleted): readonly Segment[] {
  const text = segments.reduce((sum, segment) => sum + segment.text.length, 0);
  if (segments.length > MAX_SEGMENTS || text > MAX_SEGMENTS_LENGTH) return [];
  return segments
    .map(segmentFromProto)
    .filter(({ startMs, endMs }) => startMs >= 0 && endMs >= startMs && Number.isSafeInteger(endMs));
}
