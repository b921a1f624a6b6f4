import { list, NAMES, type Lexicon } from './lexicon.js';

export const SPANISH: Lexicon = {
  words: {
    ...NAMES,
    day: list('lunes, martes, miércoles, jueves, viernes, sábado, domingo'),
    month: list(
      'enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, noviembre, diciembre',
    ),
    goods:
      list(`libros, zapatos, cuadros, relojes, muebles, juguetes, billetes, motores, vasos, platos, coches, paquetes,
      periódicos, instrumentos, ordenadores, quesos, sombreros, discos`),
    where:
      list(`en el jardín, en la estación, en la escuela, en el museo, en el puerto, en el parque, en la fábrica,
      en el mercado, en el teatro, en la cocina, delante de la iglesia, cerca del río, en el hotel, detrás de la casa`),
    when: list(`esta mañana, anoche, hace dos semanas, en primavera, después de las vacaciones, al mediodía, el año pasado,
      durante el verano, hace un mes, antes de cenar`),
    how: list(`despacio, con mucho cuidado, en silencio, otra vez, sin ayuda, en secreto, a tiempo, por primera vez,
      por error, con prisa`),
    did: list(
      `vendió, reparó, encontró, contó, limpió, compró, pintó, revisó, entregó, olvidó, perdió, regaló`,
    ),
    feeling: list('feliz, triste, tranquilo, sorprendido, orgulloso, preocupado, cansado, impaciente'),
  },
  sentences: [
    '{first} {last}, de {place}, {did} {when} los {goods} y los {goods} {how}.',
    'El {day} {first} {did} los {goods} que estaban {where}.',
    'La empresa {firm} de {place} {did} {n} {goods} en {month}.',
    'Unas {n} personas de {place} llegaron {when} porque {first} {last} las había invitado.',
    'Nadie sabía por qué {firm} {did} los {goods} {where}.',
    'El señor {last} estaba {feeling} porque {first} {did} sus {goods} {where}.',
    'Antes de {month} la empresa {firm} quiere contratar a {n} personas en {place}.',
    'En {month} {first} {last} viaja a {place} para ver los {goods} y los {goods}.',
    'Como llovía {when}, {first} {did} los {goods} {where} {how}.',
    'Casi el {pct} por ciento de los {goods} estaba {when} en {place}.',
  ],
  phrases: [
    'Llama a {first} {last} el {day}.',
    '¿Dónde están los {goods}?',
    'Trae los {goods} y los {goods}.',
    'Buenos días, {first} {last}.',
    'Manda los {goods} a {place}.',
    '{first} espera {where}.',
  ],
};
