/** A sentence and its words in lower case, without punctuation. */
export interface Sentence {
  readonly text: string;
  readonly words: readonly string[];
}

/** Characters split at a time: wink-nlp takes seconds, growing with the square, for 50,000 odd ones. */
const MAX_PORTION = 2_000;

type SplitSentences = (text: string) => readonly string[];

/** Splits a text into sentences: English with wink-nlp, which knows abbreviations, others by Unicode. */
export async function splitSentences(text: string, language: string): Promise<readonly Sentence[]> {
  const split = language === 'en' ? await english() : unicode(language);
  const words = new Intl.Segmenter(language, { granularity: 'word' });
  return text
    .split(/\n\s*\n/)
    .flatMap((paragraph) => portions(paragraph.replace(/\s+/g, ' ').trim()).flatMap(split))
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '')
    .map((sentence) => ({ text: sentence, words: wordsOf(words.segment(sentence)) }));
}

/** Cuts behind the last end of a sentence within reach, else at a space, else anywhere. */
function portions(text: string): string[] {
  const cut: string[] = [];
  let rest = text;
  while (rest.length > MAX_PORTION) {
    const reach = rest.slice(0, MAX_PORTION);
    const end = Math.max(
      ...['. ', '! ', '? ', '。', '！', '？', '। '].map((mark) => reach.lastIndexOf(mark)),
    );
    const space = reach.lastIndexOf(' ');
    const at = end > 0 ? end + 1 : space > 0 ? space : MAX_PORTION;
    cut.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...cut, rest];
}

function wordsOf(segments: Intl.Segments): string[] {
  return Array.from(segments)
    .filter(({ isWordLike }) => isWordLike === true)
    .map(({ segment }) => segment.toLowerCase());
}

function unicode(language: string): SplitSentences {
  const sentences = new Intl.Segmenter(language, { granularity: 'sentence' });
  return (text) => Array.from(sentences.segment(text), ({ segment }) => segment);
}

let loaded: Promise<SplitSentences> | undefined;

/** The model takes 0.1 s to load, so it is loaded when first needed. */
function english(): Promise<SplitSentences> {
  loaded ??= loadEnglish();
  return loaded;
}

async function loadEnglish(): Promise<SplitSentences> {
  const [{ default: winkNlp }, { default: model }] = await Promise.all([
    import('wink-nlp'),
    import('wink-eng-lite-web-model'),
  ]);
  const nlp = winkNlp(model, ['sbd']);
  return (text) => nlp.readDoc(text).sentences().out();
}
