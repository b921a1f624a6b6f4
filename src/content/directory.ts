import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { diskLow, type LowDisk } from '../domain/disk.js';
import { Refusal } from '../domain/errors.js';
import type { Owner, Sha256 } from '../domain/ids.js';
import { ORPHAN_CONTENT_MS } from '../domain/limits.js';
import type {
  ContentQuery,
  ContentReader,
  ContentRef,
  ContentStore,
  ContentWriter,
  Upload,
} from '../queue/content-store.js';
import type { Clock } from '../runtime/clock.js';
import type { ContentIndex, ContentRecord, NewContent } from '../queue/task-store.js';
import { FileContent } from './file-content.js';
import { FileUpload, isResumable, presentContent } from './file-upload.js';
import { fileRefusal, openPartial, removeFile, sizeOf, syncDirectory } from './files.js';

export interface DirectoryOptions {
  /** Directory of the content; made when it is not there. */
  readonly directory: string;
  readonly index: ContentIndex;
  readonly clock: Clock;
  /** Largest content. */
  readonly maxBytes: number;
  /** Name of the setting of that limit, for the refusal. */
  readonly maxBytesSetting: string;
  /** While it gives a volume, inputs are refused. Absent: only a full disk refuses. */
  readonly lowDisk?: LowDisk;
}

/**
 * Content in a local directory. Each upload goes to a file of its own name, so that removing the last
 * reference to some bytes never races with a new upload of the same bytes; the index says which file is
 * the one. Content counts once its file, the directory and the index row are on the disk, in that order.
 */
export class ContentDirectory implements ContentStore {
  readonly #options: DirectoryOptions;
  /** Partial files that are being written now. */
  readonly #open = new Set<string>();

  private constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  static async open(options: DirectoryOptions): Promise<ContentDirectory> {
    await mkdir(join(options.directory, 'partial'), { recursive: true, mode: 0o700 });
    return new ContentDirectory(options);
  }

  async open(upload: Upload): Promise<ContentWriter> {
    this.#refuseAbove(upload.sizeBytes ?? 0);
    if (upload.sha256 !== undefined) {
      const known = await this.#options.index.findContent({ owner: upload.owner, sha256: upload.sha256 });
      if (known !== undefined && (await this.#options.index.touchContent({ owner: upload.owner, ...known })))
        return presentContent({ sha256: known.sha256, sizeBytes: known.sizeBytes });
    }
    return this.#begin(upload);
  }

  async uploaded(owner: Owner, sha256: Sha256) {
    const known = await this.#options.index.findContent({ owner, sha256 });
    if (known !== undefined) return { committedBytes: known.sizeBytes, complete: true };
    const size = await sizeOf(this.#partialPath(owner, sha256));
    return size === undefined ? undefined : { committedBytes: size, complete: false };
  }

  async find(query: ContentQuery): Promise<ContentReader | undefined> {
    const record = await this.#options.index.findContent(query);
    if (record === undefined) return undefined;
    return new FileContent({ sha256: record.sha256, sizeBytes: record.sizeBytes }, this.#path(record.file));
  }

  async remove(files: readonly string[]): Promise<void> {
    await Promise.all(files.map((file) => removeFile(this.#path(file))));
  }

  /** Removes files of a day ago that no row names, and uploads that were given up: what a crash leaves. */
  async removeLeftovers(): Promise<void> {
    const { directory, index } = this.#options;
    for (const file of await readdir(directory)) {
      if (file !== 'partial' && !(await index.isContentFile(file))) await this.#removeOld(this.#path(file));
    }
    await this.removeAbandoned();
  }

  /** Removes uploads that nobody went on with for a day. */
  async removeAbandoned(): Promise<void> {
    const partial = join(this.#options.directory, 'partial');
    for (const file of await readdir(partial)) {
      const path = join(partial, file);
      if (!this.#open.has(path)) await this.#removeOld(path);
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #begin(upload: Upload): Promise<ContentWriter> {
    const { owner } = upload;
    if (upload.offset > 0 && !isResumable(upload))
      throw Refusal.field('header.offset', 'resuming needs sha256 and size_bytes');
    const path = isResumable(upload)
      ? this.#partialPath(owner, upload.sha256)
      : join(this.#options.directory, 'partial', randomBytes(16).toString('hex'));
    this.#refuseWhenLow(upload);
    if (this.#open.has(path))
      throw new Refusal('UNAVAILABLE', 'the same upload is under way; try again when it ended', {
        retryAfterMs: 1_000,
      });
    this.#open.add(path);
    try {
      const file = await openPartial(path, upload.offset);
      return new FileUpload({
        file,
        path,
        upload,
        // Many large uploads under way could use up the room that results need.
        refuseAbove: (bytes) => {
          this.#refuseAbove(bytes);
          this.#refuseWhenLow(upload);
        },
        keep: (digest, size) => this.#keep(owner, path, digest, size),
        ended: () => {
          this.#open.delete(path);
        },
      });
    } catch (error) {
      this.#open.delete(path);
      throw error;
    }
  }

  async #keep(owner: Owner, path: string, sha256: Sha256, sizeBytes: number): Promise<ContentRef> {
    const name = `${sha256}-${randomBytes(8).toString('hex')}`;
    try {
      await rename(path, this.#path(name));
      await syncDirectory(this.#options.directory);
    } catch (error) {
      throw fileRefusal(error);
    }
    const kept = await this.#record({ owner, sha256, sizeBytes, file: name });
    if (kept.file !== name) await removeFile(this.#path(name));
    return { sha256, sizeBytes };
  }

  /** A full disk leaves no row: the file must not stay either. */
  async #record(content: NewContent): Promise<ContentRecord> {
    try {
      return await this.#options.index.addContent(content);
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'DISK_LOW') await removeFile(this.#path(content.file));
      throw error;
    }
  }

  #refuseAbove(bytes: number): void {
    const { maxBytes, maxBytesSetting } = this.#options;
    if (bytes <= maxBytes) return;
    throw new Refusal(
      'CONTENT_TOO_LARGE',
      `the content is above the limit of ${maxBytes} bytes (setting ${maxBytesSetting})`,
      { metadata: { limit_bytes: String(maxBytes), setting: maxBytesSetting } },
    );
  }

  #refuseWhenLow({ purpose }: Upload): void {
    const low = purpose === 'input' ? this.#options.lowDisk?.() : undefined;
    if (low !== undefined) throw diskLow(low);
  }

  async #removeOld(path: string): Promise<void> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return; // it was renamed or removed meanwhile
    if (this.#options.clock.wall() - found.mtimeMs > ORPHAN_CONTENT_MS) await removeFile(path);
  }

  #path(file: string): string {
    return join(this.#options.directory, file);
  }

  /** The owner is part of the name: the same bytes of two owners are two uploads. */
  #partialPath(owner: Owner, sha256: Sha256): string {
    const who = createHash('sha256').update(owner).digest('hex').slice(0, 16);
    return join(this.#options.directory, 'partial', `${who}-${sha256}`);
  }
}
