/** What a judge knows of a language; words in lower case, cut at apostrophes and hyphens. */
export interface Lexicon {
  /** Words that hold sentences together and say nothing of their subject; single characters where words have no spaces. */
  readonly functionWords: ReadonlySet<string>;
  /** Words that turn a statement into its opposite. */
  readonly negators: ReadonlySet<string>;
  /** Beginnings that do the same to a word; empty where they cannot be told from others. */
  readonly negativePrefixes: readonly string[];
  /** Words for numbers of which none means anything else. */
  readonly numbers: ReadonlyMap<string, string>;
  /** Whether a capital inside a sentence marks a name. */
  readonly capitalsAreNames: boolean;
}

interface Entry {
  readonly functionWords: string;
  readonly negators: string;
  readonly negativePrefixes?: string;
  /** `word=value`, separated by spaces. */
  readonly numbers?: string;
  readonly capitalsAreNames?: false;
}

const ENTRIES = new Map<string, Entry>(
  Object.entries({
    en: {
      functionWords:
        'the a an and or but if so as of at by for from in into on onto over under to up down out off with about after ' +
        'before between during through against than then that this these those there here it its he him his she her ' +
        'they them their we us our you your i me my who whom whose which what when where why how is are was were be ' +
        'been being am do does did has have had having will would shall should can could may might must also just only ' +
        'all any both each few more most other some such own same too very s t d ll re ve m don doesn didn isn aren ' +
        'wasn weren hasn haven hadn couldn wouldn shouldn mustn ain while because until since though although yet still',
      negators: 'not no never none nobody nothing neither nor without cannot t',
      negativePrefixes: 'un in im ir il dis non',
      numbers:
        'two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 thirteen=13 fourteen=14 ' +
        'fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20 thirty=30 forty=40 fifty=50 sixty=60 ' +
        'seventy=70 eighty=80 ninety=90',
    },
    es: {
      functionWords:
        'el la los las un una unos unas lo al del de a en con por para sin sobre entre desde hasta hacia según tras ' +
        'durante contra y e o u ni pero sino que si como cuando donde quien cuyo cual se su sus le les me mi te tu nos ' +
        'este esta estos estas ese esa esos esas eso esto aquel él ella ellos ellas es son era fue fueron ser está ' +
        'están estar ha han había haber hay más menos muy ya también todo todos toda todas otro otra cada porque aunque',
      negators: 'no nunca jamás ni sin nadie nada ningún ninguna ninguno tampoco',
      negativePrefixes: 'des in im ir',
      numbers:
        'dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 doce=12 trece=13 catorce=14 quince=15 ' +
        'veinte=20 treinta=30 cuarenta=40 cincuenta=50 sesenta=60 setenta=70 ochenta=80 noventa=90',
    },
    fr: {
      functionWords:
        'le la les l un une des du de d au aux à en dans par pour avec sans sous sur entre vers chez depuis jusqu jusque ' +
        'et ou mais donc or car que qu qui quoi dont où si comme quand lorsque se s sa son ses ce c cet cette ces il ' +
        'elle ils elles on je j tu nous vous leur leurs lui y ne n est sont était étaient être été a ont avait avoir ' +
        'plus moins très aussi tout tous toute toutes autre autres même après avant contre pendant parce selon',
      negators: 'pas jamais aucun aucune rien personne sans ni non',
      negativePrefixes: 'in im ir il dé',
      numbers:
        'deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 dix=10 onze=11 douze=12 treize=13 quatorze=14 quinze=15 ' +
        'seize=16 vingt=20 trente=30 quarante=40 cinquante=50 soixante=60',
    },
    de: {
      functionWords:
        'der die das des dem den ein eine einer eines einem einen und oder aber denn sondern wenn weil dass ob als wie ' +
        'wo wer was in im an am auf aus bei beim mit nach von vom vor zu zum zur über unter zwischen durch für gegen um ' +
        'seit bis ohne ist sind war waren sein wird werden wurde wurden worden hat haben hatte hatten kann können soll ' +
        'sollen will muss müssen darf er sie es wir ihr ich sich ihn ihm ihnen ihre ihren sein seine seiner dieser ' +
        'diese dieses daraus damit dafür davon auch noch nur schon so sehr mehr man da dann hier',
      negators: 'nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder',
      negativePrefixes: 'un',
      numbers:
        'zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 neun=9 zehn=10 elf=11 zwölf=12 zwanzig=20 dreißig=30 vierzig=40 ' +
        'fünfzig=50 sechzig=60 siebzig=70 achtzig=80 neunzig=90',
      capitalsAreNames: false,
    },
    it: {
      functionWords:
        'il lo la i gli le l un uno una di a da in con su per tra fra del dello della dei degli delle al allo alla ai ' +
        'agli alle dal dalla dai dalle nel nello nella nei nelle sul sulla sui sulle e ed o ma se che chi cui come ' +
        'quando dove perché anche più meno molto già ancora si suo sua suoi sue loro questo questa questi queste quello ' +
        'quella è sono era erano essere stato stata ha hanno aveva avere ogni tutto tutti tutta tutte altro altri dopo ' +
        'prima durante contro mentre',
      negators: 'non mai senza né nessun nessuno nessuna niente nulla',
      negativePrefixes: 'in im ir dis',
      numbers:
        'due=2 tre=3 quattro=4 cinque=5 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 venti=20 trenta=30 ' +
        'quaranta=40 cinquanta=50',
    },
    pt: {
      functionWords:
        'o a os as um uma uns umas de do da dos das em no na nos nas num numa por pelo pela pelos pelas para com sem ' +
        'sob sobre entre até desde após contra ao à aos às e ou mas se que quem qual cujo como quando onde porque já ' +
        'também mais menos muito ainda só ele ela eles elas seu sua seus suas lhe me este esta esse essa isso isto ' +
        'aquele é são era foi foram ser está estão estar tem têm tinha ter há cada todo todos toda todas outro outra ' +
        'durante enquanto',
      negators: 'não nunca jamais sem nem ninguém nada nenhum nenhuma',
      negativePrefixes: 'des in im ir',
      numbers:
        'dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 vinte=20 trinta=30 ' +
        'quarenta=40 cinquenta=50',
    },
    ru: {
      functionWords:
        'и в во на с со к ко о об от до из по за у под над при для без через между перед после около а но или что чтобы ' +
        'как если когда где кто который которая которое которые это этот эта эти этого этой тот та те того он она оно ' +
        'они его её ее их ему ей им мы вы я себя свой свои был была было были быть будет будут есть уже еще ещё же ли ' +
        'бы так также только более чем все всё всех поэтому из',
      negators: 'не нет ни никогда никто ничего без нельзя',
      numbers:
        'два=2 две=2 три=3 четыре=4 пять=5 шесть=6 семь=7 восемь=8 девять=9 десять=10 двадцать=20 тридцать=30',
    },
    ar: {
      functionWords:
        'في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين و أو ثم أن ان إن كان كانت يكون قد لقد هو هي هم كل بعض بين ' +
        'بعد قبل عند منذ حتى أي كما حيث إذا لكن غير',
      negators: 'لا لم لن ليس ليست ما دون بدون غير',
    },
    hi: {
      functionWords:
        'के का की में है हैं को से और पर ने यह वह ये वे इस उस इन उन एक भी हो था थी थे कि जो तो ही या लिए तक साथ बाद गया गई गए ' +
        'कर रहा रही रहे होगा होगी अपने अपनी अपना कुछ सभी',
      negators: 'नहीं न मत बिना ना',
    },
    zh: {
      functionWords:
        '的 了 在 是 和 与 及 有 将 为 到 从 对 也 都 就 而 并 被 把 这 那 个 其 之 以 于 或 但 等 着 过 还 又 很 说 由',
      negators: '不 没 未 非 无 别',
    },
    ja: {
      functionWords:
        'は が を に の で と も へ や か ら よ り し た て い る な く す れ さ ま だ う っ き け こ そ あ え お み せ ば',
      negators: 'ない なか なく なけ ませ',
    },
    ko: {
      functionWords:
        '그 이 저 그리고 하지만 그러나 또는 또한 및 등 수 것 때 더 가장 씨 있다 있는 있던 있고 한다 했다 된다 됐다 대한 위해 따라 함께',
      negators: '안 못 않고 않는 않다 않았다 않은 없고 없는 없다 없었다 없이 아니다 아니라',
    },
  } satisfies Record<string, Entry>),
);

const UNKNOWN: Lexicon = read({ functionWords: '', negators: '' });

/** Read when first asked for. */
const lexicons = new Map<string, Lexicon>();

/** The lexicon of an ISO 639-1 code; an empty one where the language is unknown. */
export function lexiconOf(language: string): Lexicon {
  const entry = ENTRIES.get(language);
  if (entry === undefined) return UNKNOWN;
  let lexicon = lexicons.get(language);
  if (lexicon === undefined) lexicons.set(language, (lexicon = read(entry)));
  return lexicon;
}

function read({
  functionWords,
  negators,
  negativePrefixes = '',
  numbers = '',
  capitalsAreNames,
}: Entry): Lexicon {
  const pairs = list(numbers).map((pair): [string, string] => {
    const [word = '', value = ''] = pair.split('=');
    return [word, value];
  });
  return {
    functionWords: new Set(list(functionWords)),
    negators: new Set(list(negators)),
    negativePrefixes: list(negativePrefixes),
    numbers: new Map(pairs),
    capitalsAreNames: capitalsAreNames ?? true,
  };
}

function list(words: string): readonly string[] {
  return words.split(' ').filter((word) => word !== '');
}
