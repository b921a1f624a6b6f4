/** English sentences to read, each with another of about its length. */
export const SENTENCES: readonly (readonly [string, string])[] = [
  ['please close the door', 'thank you very much'],
  ['she sells fresh bread near the old bridge', 'we would like to order two cups of coffee'],
  ['Call 555 0123 4567 today, before 10:45.', 'Dr. Smith paid $5.20 for 3 red apples.'],
  [
    'The committee published a long report about the price of electricity in rural areas during the winter.',
    'Your parcel number four two seven nine will arrive on Monday between nine and eleven in the morning.',
  ],
];

/** The same in the other languages that eSpeak is asked for. */
export const FOREIGN_SENTENCES: Readonly<Record<string, readonly [string, string]>> = {
  es: [
    'El tren hacia el norte sale a las siete de la tarde.',
    'Nadie esperaba que el río subiera tanto anoche.',
  ],
  fr: ['Le train pour le nord part à sept heures du soir.', 'Personne ne pensait que la rivière monterait.'],
  de: [
    'Der Zug in den Norden fährt um sieben Uhr abends ab.',
    'Niemand dachte, dass der Fluss so schnell steigen würde.',
  ],
  it: ['Il treno per il nord parte alle sette di sera.', 'Nessuno pensava che il fiume salisse tanto.'],
  pt: [
    'O trem para o norte parte às sete horas da noite.',
    'Ninguém esperava que o rio subisse tanto ontem.',
  ],
  ru: [
    'Поезд на север отправляется в семь часов вечера.',
    'Никто не ожидал, что река поднимется так быстро.',
  ],
  ja: [
    'きたへむかうでんしゃは、ごごしちじにしゅっぱつします。',
    'ゆうべかわがこんなにはやくふえるとはおもわなかった。',
  ],
  ko: ['북쪽으로 가는 기차는 저녁 일곱 시에 출발합니다.', '어젯밤 강물이 그렇게 빨리 불어날 줄은 몰랐다.'],
  zh: ['开往北方的火车晚上七点从车站出发。', '昨天夜里没有人想到河水涨得这么快。'],
  ar: [
    'يغادر القطار المتجه إلى الشمال في الساعة السابعة مساء',
    'لم يتوقع أحد أن يرتفع النهر بهذه السرعة أمس',
  ],
  hi: ['उत्तर की ओर जाने वाली ट्रेन शाम सात बजे चलती है।', 'किसी ने नहीं सोचा था कि नदी इतनी जल्दी बढ़ेगी।'],
};
