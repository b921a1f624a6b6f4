/**
 * Words of a text, in any script. The usage that is reported counts them in place of tokens: the miners have no
 * tokenizer in common, and a number of tokens would be made up.
 */
export function countWords(text: string): number {
  let words = 0;
  for (const { isWordLike } of new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text))
    if (isWordLike === true) words += 1;
  return words;
}
