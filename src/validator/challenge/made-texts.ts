import { createHash } from 'node:crypto';

/** About a month of questions at the highest usual rate; each takes some 100 bytes. */
const MAX_REMEMBERED = 65_536;

/** The texts that were asked, by their hashes, so that none is asked again. */
export class MadeTexts {
  private readonly hashes = new Set<string>();

  /** Whether it is new. */
  add(text: string): boolean {
    const hash = createHash('sha256').update(text).digest('base64').slice(0, 22);
    if (this.hashes.has(hash)) return false;
    this.hashes.add(hash);
    for (const oldest of this.hashes) {
      if (this.hashes.size <= MAX_REMEMBERED) break;
      this.hashes.delete(oldest);
    }
    return true;
  }
}
