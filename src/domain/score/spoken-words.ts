import { englishWords } from './spoken-english.js';
import { digitByDigit, numbersInDigits } from './spoken-numbers.js';
import { signsAsWords } from './spoken-signs.js';
import { cutUnspaced } from './words.js';

/** Sounds between words that some write down and others leave out. */
const FILLERS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    en: ['um', 'umm', 'uh', 'uhm', 'er', 'erm', 'hm', 'hmm', 'mm', 'mmm', 'mhm'],
    es: ['eh', 'em', 'mmm'],
    fr: ['euh', 'heu', 'hum'],
    de: ['äh', 'ähm', 'hm', 'hmm'],
    it: ['ehm', 'mmm'],
    pt: ['hum', 'hã', 'mmm'],
    ru: ['э', 'ээ', 'эм', 'мм'],
    ja: ['えー', 'えーと', 'ええと', 'あのー'],
    zh: ['嗯', '呃'],
    ko: ['음', '어'],
    ar: ['اه'],
    hi: ['हम्म'],
  }).map(([language, sounds]) => [language, new Set(sounds)]),
);

/** Arabic, Persian and Devanagari digits, from 0 to 9 each. */
const DIGITS = '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९';

/** `[laughter]`, `<unk>`: notes about the sound, of up to 40 characters. */
const NOTES = /\[[^[\]]{0,40}\]|<[^<>]{0,40}>/g;

/**
 * What was said, whoever wrote it down: the units that transcripts are compared by. Words, characters of Chinese
 * and Japanese; without case, punctuation, notes and fillers; signs of money and percent as words; digits one by
 * one, so that "1984", "nineteen eighty-four" and "one nine eight four" are the same. Numbers in words become
 * digits in English alone, and contractions are written out there. Spelling (colour, color) and the simplified and
 * traditional forms of Chinese stay different.
 */
export function spokenWords(text: string, language: string): readonly string[] {
  const written = signsAsWords(unified(text, language), language).split(/[^\p{L}\p{M}\p{N}']+/u);
  const words = written.flatMap((word) => (language === 'en' ? englishWords(word) : word.split("'")));
  const fillers = FILLERS.get(language);
  const kept = words.filter((word) => word !== '' && fillers?.has(word) !== true);
  return digitByDigit(language === 'en' ? numbersInDigits(kept) : kept).flatMap(cutUnspaced);
}

/** One way to write what the same language writes in several. */
function unified(text: string, language: string): string {
  const plain = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(NOTES, ' ')
    .replace(/\p{Cf}/gu, '')
    .replace(/[’‘`´ʼ]/g, "'")
    .replace(/'{2,}/g, ' ')
    .replace(/[٠-٩۰-۹०-९]/g, (digit) => String(DIGITS.indexOf(digit) % 10));
  switch (language) {
    case 'ar':
      return plain
        .replace(/[\u064b-\u065f\u0670\u0640]/g, '')
        .replace(/[أإآٱ]/g, 'ا')
        .replace(/ى/g, 'ي');
    case 'hi':
      return plain.replace(/\u093c/g, '').replace(/\u0901/g, '\u0902');
    case 'ru':
      return plain.replace(/ё/g, 'е');
    case 'de':
      return plain.replace(/ß/g, 'ss');
    default:
      return plain;
  }
}
