import { list, NAMES, type Lexicon } from './lexicon.js';

export const FRENCH: Lexicon = {
  words: {
    ...NAMES,
    day: list('lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche'),
    month: list(
      'janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, décembre',
    ),
    goods:
      list(`livres, tableaux, billets, moteurs, vélos, tapis, meubles, bateaux, paquets, journaux, gâteaux, chapeaux,
      disques, verres, fromages, jouets, manteaux, couteaux`),
    where:
      list(`dans le jardin, à la gare, à la bibliothèque, au musée, dans le port, au marché, au théâtre, dans la cuisine,
      devant la mairie, près du pont, au bord de la mer, derrière la maison`),
    when: list(`ce matin, hier soir, la semaine dernière, au printemps, après les vacances, vers midi, pendant la nuit,
      le mois dernier, avant le dîner`),
    how: list(
      `lentement, avec soin, en silence, encore une fois, sans aide, en secret, à temps, par erreur, pour la première fois`,
    ),
    did: list('vendu, trouvé, compté, nettoyé, peint, vérifié, livré, oublié, perdu, choisi, montré'),
    feeling: list('calme, triste, fatigué, surpris, ravi, inquiet, malade, impatient'),
  },
  sentences: [
    '{first} {last}, de {place}, a {did} les {goods} et les {goods} {when}, {how}.',
    'Le {day}, {first} a {did} les {goods} qui étaient {where}.',
    'La société {firm} de {place} a {did} {n} {goods} en {month}.',
    'Environ {n} personnes de {place} sont venues {when} parce que {first} {last} les avait invitées.',
    'Personne ne savait pourquoi {firm} avait {did} les {goods} {where}.',
    'Monsieur {last} était {feeling} parce que {first} avait {did} ses {goods} {where}.',
    'Avant la fin de {month}, {firm} veut engager {n} personnes à {place}.',
    'En {month}, {first} {last} ira à {place} pour voir les {goods} et les {goods}.',
    'Comme il pleuvait {when}, {first} a {did} les {goods} {where}, {how}.',
    'Presque {pct} pour cent des {goods} étaient {when} à {place}.',
  ],
  phrases: [
    'Appelle {first} {last} le {day}.',
    'Où sont les {goods} ?',
    'Apporte les {goods} et les {goods}.',
    'Bonjour, {first} {last}.',
    'Envoie les {goods} à {place}.',
    '{first} attend {where}.',
  ],
};
