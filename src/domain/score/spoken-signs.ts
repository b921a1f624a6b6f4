/** How a language says percent, dollar, euro, pound, yen and rupee. */
interface SignWords {
  readonly '%': string;
  readonly $: string;
  readonly '€': string;
  readonly '£': string;
  readonly '¥': string;
  readonly '₹': string;
}

const WORDS: ReadonlyMap<string, SignWords> = new Map(
  Object.entries({
    en: signs('percent', 'dollar', 'euro', 'pound', 'yen', 'rupee'),
    es: signs('por ciento', 'dólares', 'euros', 'libras', 'yenes', 'rupias'),
    fr: signs('pour cent', 'dollars', 'euros', 'livres', 'yens', 'roupies'),
    de: signs('prozent', 'dollar', 'euro', 'pfund', 'yen', 'rupien'),
    it: signs('per cento', 'dollari', 'euro', 'sterline', 'yen', 'rupie'),
    pt: signs('por cento', 'dólares', 'euros', 'libras', 'ienes', 'rupias'),
    ru: signs('процентов', 'долларов', 'евро', 'фунтов', 'иен', 'рупий'),
    ja: signs('パーセント', 'ドル', 'ユーロ', 'ポンド', '円', 'ルピー'),
    ko: signs('퍼센트', '달러', '유로', '파운드', '엔', '루피'),
    zh: signs('百分', '美元', '欧元', '英镑', '日元', '卢比'),
    ar: signs('بالمئة', 'دولار', 'يورو', 'جنيه', 'ين', 'روبية'),
    hi: signs('प्रतिशत', 'डॉलर', 'यूरो', 'पाउंड', 'येन', 'रुपये'),
  }),
);

function signs(
  ...[percent, dollar, euro, pound, yen, rupee]: readonly [string, string, string, string, string, string]
): SignWords {
  return { '%': percent, $: dollar, '€': euro, '£': pound, '¥': yen, '₹': rupee };
}

/** An amount: digits with points and commas between them. At most 40 of them, so that no text costs much. */
const AMOUNT = String.raw`\d(?:[\d.,]{0,38}\d)?`;
const MONEY_FIRST = new RegExp(
  String.raw`([$€£¥₹])\s?(${AMOUNT})(\s(?:hundred|thousand|million|billion|trillion)\b)?`,
  'g',
);

/**
 * Writes signs as the words that are said for them, money behind its amount: "$5" and "5 $" become "5 dollar".
 * In a language that has no words here the signs stay, and count as nothing.
 *
 * @param text in lower case and NFKC
 */
export function signsAsWords(text: string, language: string): string {
  const words = WORDS.get(language);
  if (words === undefined) return text;
  const said = text
    .replace(MONEY_FIRST, (_, sign: keyof SignWords, amount: string, scale: string | undefined) =>
      amountOf(amount, scale ?? '', words[sign], language),
    )
    .replace(/[%$€£¥₹]/g, (sign) => ` ${words[sign as keyof SignWords]} `);
  return language === 'en' ? englishSigns(said) : said;
}

/** "$5.50" is said as five dollars fifty. */
function amountOf(amount: string, scale: string, unit: string, language: string): string {
  const cents = language === 'en' && scale === '' ? /^(.*)\.(\d\d)$/.exec(amount) : null;
  return cents === null ? `${amount}${scale} ${unit} ` : `${cents[1] ?? ''} ${unit} ${cents[2] ?? ''} `;
}

function englishSigns(text: string): string {
  return text
    .replace(/\bper cent\b/g, 'percent')
    .replace(/&/g, ' and ')
    .replace(/\+/g, ' plus ')
    .replace(/=/g, ' equals ')
    .replace(/@/g, ' at ')
    .replace(/°/g, ' degrees ')
    .replace(/(?<=\d)\.(?=\d)|(?<![\p{L}\p{N}])\.(?=\d)/gu, ' point ');
}
