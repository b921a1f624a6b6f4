import { list, NAMES, type Lexicon } from './lexicon.js';

export const GERMAN: Lexicon = {
  words: {
    ...NAMES,
    day: list('Montag, Dienstag, Mittwoch, Donnerstag, Freitag, Samstag, Sonntag'),
    month: list(
      'Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, Dezember',
    ),
    goods:
      list(`Äpfel, Fenster, Bücher, Stühle, Karten, Lampen, Schuhe, Briefe, Bilder, Tische, Kisten, Räder, Flaschen,
      Blumen, Werkzeuge, Maschinen, Jacken, Teppiche, Kameras, Decken`),
    where:
      list(`im Garten, am Bahnhof, in der Schule, im Museum, am Hafen, im Park, in der Fabrik, auf dem Markt, im Theater,
      in der Küche, vor der Kirche, am Fluss, im Hotel, in der Werkstatt, auf dem Feld, hinter dem Haus`),
    when: list(`heute Morgen, gestern Abend, vor zwei Wochen, im Frühling, nach den Ferien, am Mittag, letztes Jahr,
      am Wochenende, im Sommer, vor einem Monat, spät in der Nacht, vor dem Essen`),
    how: list(`langsam, schnell, vorsichtig, leise, wieder, gemeinsam, ohne Hilfe, heimlich, mit großer Mühe, rechtzeitig,
      zum ersten Mal, aus Versehen, in aller Eile`),
    did: list(`verkauft, repariert, gefunden, gezählt, gereinigt, gekauft, verpackt, gemalt, geprüft, geliefert, vergessen,
      gesammelt, verloren, verteilt`),
    feeling: list('glücklich, müde, besorgt, überrascht, stolz, wütend, ruhig, neugierig, enttäuscht'),
  },
  sentences: [
    '{first} {last} aus {place} hat {when} {goods} und {goods} {how} {did}.',
    'Am {day} haben {first} und {first} die {goods} {where} {did}.',
    'Die Firma {firm} in {place} hat im {month} {n} {goods} {did}.',
    'Nach dem Treffen mit {first} {last} waren alle {feeling} und ein wenig {feeling}.',
    'Rund {n} Menschen aus {place} kamen {when}, weil {first} {last} sie eingeladen hatte.',
    'Niemand wusste, warum {firm} die {goods} {where} {how} {did} hatte.',
    '{first} war {feeling}, denn {last} hatte die {goods} {where} {did}.',
    'Bis zum {month} will {firm} {n} neue Leute in {place} einstellen.',
    'Im {month} fährt {first} {last} nach {place}, um {goods} und {goods} zu sehen.',
    'Weil es {when} geregnet hatte, wurden die {goods} {where} {how} {did}.',
    'Die {goods} von {first} stehen seit {day} {where}, sagte {last} {when}.',
    'Fast {pct} Prozent der {goods} wurden {when} in {place} {did}.',
  ],
  phrases: [
    'Ruf {first} {last} am {day} an.',
    'Wo sind die {goods}?',
    'Bitte bring {goods} und {goods}.',
    'Wir treffen {first} {where}.',
    'Guten Morgen, {first} {last}.',
    '{first} ist {feeling}.',
    'Schick die {goods} nach {place}.',
  ],
};
