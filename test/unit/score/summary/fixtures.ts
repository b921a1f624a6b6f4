import { readdir, readFile } from 'node:fs/promises';
import { lexRankSummarizer } from '../../../../src/engines/summarization/summarize.js';
import { work } from '../../engines/fixtures.js';

const FOLDER = new URL('../../../../../test/fixtures/summaries/', import.meta.url);

/** A document written for these tests, and what may be said of it. */
export interface Document {
  /** Name of its file without the ending. */
  readonly name: string;
  readonly language: string;
  readonly sentences: readonly string[];
  readonly text: string;
  /** Two names that may be confused. */
  readonly names: readonly [string, string];
  /** An honest summary in words of its own. */
  readonly abstract?: string;
  /** Its first three sentences. */
  readonly lead: string;
  /** What the engine picks. */
  readonly extract: string;
}

export async function readDocuments(): Promise<readonly Document[]> {
  const files = (await readdir(FOLDER)).sort();
  return Promise.all(files.map(readDocument));
}

async function readDocument(file: string): Promise<Document> {
  const content = JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Omit<
    Document,
    'name' | 'text' | 'lead' | 'extract'
  >;
  const { language, sentences } = content;
  const text = joined(sentences, language);
  const { output } = await lexRankSummarizer().run(work(text, { language }));
  return {
    ...content,
    name: file.replace(/\.json$/, ''),
    text,
    lead: joined(sentences.slice(0, 3), language),
    extract: Buffer.from(output).toString(),
  };
}

/** Sentences as the language writes them one after the other. */
export function joined(sentences: readonly string[], language: string): string {
  return sentences.join(hasSpaces(language) ? ' ' : '');
}

export function hasSpaces(language: string): boolean {
  return language !== 'zh' && language !== 'ja';
}
