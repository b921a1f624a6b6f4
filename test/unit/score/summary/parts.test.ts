import { expect } from 'chai';
import { part, SOURCE, value, type Case } from './judged.js';

describe('the numbers of a summary', () => {
  const right = [
    'Containers have risen from 310,000 to 520,000 a year.',
    'The harbour is 14 metres deep since 2019.',
    'Fourteen metres deep: in 2019 larger ships could enter.',
    'Mussels are gone from six of nine banks.',
    'Two groups differ: pilots and fishermen.',
  ];
  for (const summary of right)
    it(`are right in: ${summary}`, () => {
      expect(value('numbers', { source: SOURCE, summary }) ?? 1).to.equal(1);
    });

  const wrong = [
    'Since then the number of containers has risen from 520,000 to 310,000 a year.',
    'The harbour of Brackwater was deepened to 19 metres in 2019 so that larger ships can enter.',
    'The current has washed mussels from 9 of their 6 banks.',
    'The harbour of Brackwater was deepened to 9 metres in 2019 so that larger ships can enter.',
    'Mussels are gone from seventy of their 9 banks.',
  ];
  for (const summary of wrong)
    it(`are wrong in: ${summary}`, () => {
      expect(value('numbers', { source: SOURCE, summary })).to.be.below(0.6);
    });

  it('are the same however they are grouped', () => {
    const source = SOURCE.replaceAll(',000', ' 000');
    expect(value('numbers', { source, summary: 'Containers rose from 310.000 to 520’000.' })).to.equal(1);
  });
});

describe('the names of a summary', () => {
  const right = [
    'According to Ingrid Solberg, pilots trained in Rotterdam.',
    'Brackwater’s harbour was deepened.',
    'The fishermen, led by Peter Nolan, complain.',
  ];
  for (const summary of right)
    it(`are right in: ${summary}`, () => {
      expect(value('names', { source: SOURCE, summary }) ?? 1).to.equal(1);
    });

  const wrong = [
    'Harbour master Peter Nolan said that the pilots were trained on a simulator in Rotterdam.',
    'Fishermen led by Ingrid Solberg complain that the current has washed mussels from 6 of their 9 banks.',
    'According to Hamilton and Whitfield, pilots trained in Antwerp.',
  ];
  for (const summary of wrong)
    it(`are wrong in: ${summary}`, () => {
      expect(value('names', { source: SOURCE, summary })).to.be.below(0.6);
    });

  it('are not looked for among German nouns', () => {
    const source = 'Der Hafen von Brackwasser wurde im Jahr 2019 auf eine Tiefe von 14 Metern gebracht.';
    const summary = 'Im Hafen wurde gebaggert, weil die Schiffe eine größere Wassertiefe verlangen.';
    expect(value('names', { source, summary, language: 'de' })).to.equal(1);
  });

  it('with digits are known too', () => {
    const source = 'A plane of type A380 landed beside a B747 on the northern runway of the old airport.';
    expect(value('names', { source, summary: 'A plane of type A380 landed.' })).to.equal(1);
    expect(value('names', { source, summary: 'A plane of type A350 landed.' })).to.equal(0);
  });
});

describe('words in the place of others', () => {
  const cases: readonly Case[] = [
    {
      source: SOURCE,
      summary: 'Harbour master Peter Nolan said that the pilots were trained on a simulator in Rotterdam.',
    },
    {
      source: SOURCE,
      summary: 'Since then the number of mussels has risen from 310,000 to 520,000 a year.',
    },
    {
      source: '工場を始めた田中さんは、形が悪いみかんを買い取っている。村長の木村さんは学校の話をした。',
      summary: '工場を始めた木村さんは、形が悪いみかんを買い取っている。',
      language: 'ja',
    },
    {
      source: 'رحبت المهندسة سلمى الحداد بالقرار الجديد في الصباح. ورفض المدير يوسف مراد القرار بعد الظهر.',
      summary: 'رحبت المهندسة يوسف مراد بالقرار الجديد في الصباح.',
      language: 'ar',
    },
  ];
  for (const one of cases)
    it(`are seen in: ${one.summary}`, () => {
      expect(value('swaps', one)).to.equal(0);
    });

  const honest = [
    'The harbour of Brackwater was deepened to 14 metres so that larger ships can enter.',
    'Since then the number of boxes has risen from 310,000 to 520,000 a year.',
    'The council of the town has not approved a quay, because the road is unsafe.',
  ];
  for (const summary of honest)
    it(`are not seen in: ${summary}`, () => {
      expect(value('swaps', { source: SOURCE, summary })).to.equal(1);
    });
});

describe('the opposite of a sentence', () => {
  const negated: readonly Case[] = [
    { source: SOURCE, summary: 'The town council has approved a second quay.' },
    { source: SOURCE, summary: 'Harbour master Ingrid Solberg said that the pilots were never trained.' },
    { source: SOURCE, summary: 'The harbour of Brackwater wasn’t deepened to 14 metres.' },
    { source: SOURCE, summary: 'A second quay was refused, because the road to it is safe.' },
    { source: 'Der Rat genehmigte den Plan.', summary: 'Der Rat genehmigte den Plan nicht.', language: 'de' },
    { source: 'Le conseil approuve le plan.', summary: 'Le conseil n’approuve pas le plan.', language: 'fr' },
    { source: 'El consejo aprobó el plan.', summary: 'El consejo no aprobó el plan.', language: 'es' },
    {
      source: 'Il consiglio approva il piano.',
      summary: 'Il consiglio non approva il piano.',
      language: 'it',
    },
    { source: 'O conselho aprovou o plano.', summary: 'O conselho não aprovou o plano.', language: 'pt' },
    { source: 'Совет одобрил план.', summary: 'Совет не одобрил план.', language: 'ru' },
    { source: '市议会将批准这个计划。', summary: '市议会不批准这个计划。', language: 'zh' },
    { source: '議会は計画を認めた。14人が働いている。', summary: '14人が働いていない。', language: 'ja' },
    { source: 'परिषद ने योजना मंज़ूर की है।', summary: 'परिषद ने योजना मंज़ूर नहीं की है।', language: 'hi' },
  ];
  for (const one of negated)
    it(`is seen in: ${one.summary}`, () => {
      expect(value('polarity', one)).to.equal(0);
    });

  const kept = [
    'The town council has not approved a second quay, as the road to it is unsafe.',
    'Larger ships can enter the harbour, and the number of containers has risen.',
    'Not everyone is glad: fishermen complain.',
  ];
  for (const summary of kept)
    it(`is not seen in: ${summary}`, () => {
      expect(value('polarity', { source: SOURCE, summary })).to.equal(1);
    });

  it('is not seen where all is worded anew', () => {
    expect(value('polarity', { source: SOURCE, summary: 'Nobody dug out the port.' })).to.equal(1);
  });
});

describe('the coverage of a summary', () => {
  it('does not depend on where the source says what', () => {
    const sentences = SOURCE.split(/(?<=\.) /);
    const summary = sentences[1] ?? '';
    const turned = [...sentences].reverse().join(' ');
    expect(value('coverage', { source: turned, summary })).to.equal(
      value('coverage', { source: SOURCE, summary }),
    );
  });

  it('is more for the subject than for asides', () => {
    const source =
      'The glacier lost ice. The ice of the glacier melts faster. A cook served soup to tourists there. ' +
      'Melting ice of the glacier fills the lake.';
    const about = (summary: string) => value('coverage', { source, summary }) ?? NaN;
    expect(about('The ice of the glacier melts.')).to.be.above(about('A cook served soup to tourists.'));
  });
});

describe('the length of a summary', () => {
  const words = (count: number) => SOURCE.split(' ').slice(0, count).join(' ');
  const total = SOURCE.split(' ').length;
  const length = (summary: string, maxSentences?: number) =>
    value('compression', {
      source: SOURCE,
      summary,
      ...(maxSentences === undefined ? {} : { maxSentences }),
    });

  it('is right up to half of the source', () => {
    expect(length(words(Math.floor(total / 2)))).to.equal(1);
  });

  it('is wrong for the source itself, and more', () => {
    expect(length(SOURCE)).to.equal(0);
    expect(length(`${SOURCE} `.repeat(100))).to.equal(0);
  });

  it('falls in between', () => {
    expect(length(words(Math.floor(total * 0.75)))).to.be.within(0.3, 0.7);
  });

  it('is wrong for a word or two', () => {
    expect(length('harbour')).to.be.below(0.3);
  });

  it('keeps to the sentences that were asked for', () => {
    const three = 'Ships enter. Containers have risen. Fishermen complain about it loudly.';
    expect(length(three, 3)).to.equal(1);
    expect(length(three, 2)).to.be.within(0.5, 0.9);
    expect(length(three, 1)).to.be.below(0.2);
  });

  it('may be that of a source that is short itself', () => {
    const source = 'A short note about bread.';
    expect(value('compression', { source, summary: source })).to.equal(1);
    expect(value('compression', { source, summary: `${source} ${source} ${source}` })).to.equal(0);
  });
});

describe('the language of a summary', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'in another language',
      'Der Hafen wurde 2019 auf 14 Meter vertieft, damit größere Schiffe einlaufen können.',
      'en',
    ],
    [
      'in another script',
      'Гавань углубили до 14 метров, чтобы могли заходить большие суда из других стран.',
      'en',
    ],
    [
      'of keywords',
      'harbour Brackwater metres ships containers master Solberg pilots simulator fishermen mussels',
      'en',
    ],
  ];
  for (const [name, summary, language] of cases)
    it(`is wrong ${name}`, () => {
      expect(value('language', { source: SOURCE, summary, language })).to.equal(0);
    });

  it('is wrong in a few words of another script', () => {
    expect(value('language', { source: SOURCE, summary: 'Гавань Брэкуотера углубили.' })).to.equal(0);
  });

  it('is right in words of its own', () => {
    const summary = 'Big ships come in now that the port is deep enough, and the fishers do not like it.';
    expect(value('language', { source: SOURCE, summary })).to.equal(1);
  });
});

describe('the ending of a summary', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['Large ships may come in.', 1],
    ['“Large ships may come in.”', 1],
    ['Larger ships can ente', 0],
    ['because the road to it is unsafe', 1],
  ];
  for (const [summary, expected] of cases)
    it(`is worth ${expected} in: ${summary}`, () => {
      expect(value('ending', { source: SOURCE, summary })).to.equal(expected);
    });

  it('is not asked of the summary of a source without marks', () => {
    const source = SOURCE.replaceAll('.', ',');
    expect(part('ending', { source, summary: 'Larger ships can' })).not.to.have.property('value');
  });
});
