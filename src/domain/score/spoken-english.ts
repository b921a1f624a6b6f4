/** Contractions and short forms that no rule below covers, with what is said. */
const WHOLE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "won't": 'will not',
    "can't": 'can not',
    "shan't": 'shall not',
    cannot: 'can not',
    "ain't": 'is not',
    "let's": 'let us',
    "y'all": 'you all',
    "'til": 'until',
    "'cause": 'because',
    gonna: 'going to',
    wanna: 'want to',
    gotta: 'got to',
    ok: 'okay',
    mr: 'mister',
    mrs: 'missus',
    dr: 'doctor',
    prof: 'professor',
    jr: 'junior',
    sr: 'senior',
    vs: 'versus',
    etc: 'et cetera',
    dollars: 'dollar',
    euros: 'euro',
    pounds: 'pound',
    rupees: 'rupee',
    cents: 'cent',
  }),
);

/** Written without their apostrophe these are no other words. */
const BARE: ReadonlyMap<string, string> = new Map([
  ...[
    'do',
    'does',
    'did',
    'is',
    'was',
    'are',
    'were',
    'have',
    'has',
    'had',
    'would',
    'could',
    'should',
    'must',
  ].map((verb) => [`${verb}nt`, `${verb} not`] as const),
  ...['i', 'you', 'we', 'they'].map((who) => [`${who}ve`, `${who} have`] as const),
  ...['you', 'they'].map((who) => [`${who}re`, `${who} are`] as const),
  ...['that', 'what', 'there'].map((what) => [`${what}s`, `${what} is`] as const),
  ['im', 'i am'],
]);

/** After these `'s` is "is"; after all others it is taken for the genitive. */
const WITH_IS: ReadonlySet<string> = new Set(
  'it that what there here he she who where how when why this everything everybody everyone'.split(' '),
);

const WITH_WOULD: ReadonlySet<string> = new Set('i you he she it we they who that there'.split(' '));

/** What is said for a word in lower case: contractions and titles in full, other apostrophes dropped. */
export function englishWords(word: string): readonly string[] {
  const whole = WHOLE.get(word) ?? BARE.get(word);
  if (whole !== undefined) return whole.split(' ');
  return word.includes("'") ? expanded(word) : [word];
}

function expanded(word: string): readonly string[] {
  const trimmed = word.replace(/^'|'$/g, '');
  const known = WHOLE.get(trimmed) ?? BARE.get(trimmed);
  if (known !== undefined) return known.split(' ');
  const at = trimmed.lastIndexOf("'");
  const stem = trimmed.slice(0, Math.max(0, at)).replaceAll("'", '');
  switch (trimmed.slice(at)) {
    case "'t":
      return stem.endsWith('n') ? [stem.slice(0, -1), 'not'] : [`${stem}t`];
    case "'re":
      return [stem, 'are'];
    case "'ve":
      return [stem, 'have'];
    case "'ll":
      return [stem, 'will'];
    case "'m":
      return [stem, 'am'];
    case "'s":
      return WITH_IS.has(stem) ? [stem, 'is'] : [`${stem}s`];
    case "'d":
      return WITH_WOULD.has(stem) ? [stem, 'would'] : [`${stem}d`];
    default:
      return [trimmed.replaceAll("'", '')];
  }
}
