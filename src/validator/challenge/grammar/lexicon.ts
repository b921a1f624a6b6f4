/** What texts of one language are put together from. */
export interface Lexicon {
  /** Words for each slot of the sentences. */
  readonly words: Readonly<Record<string, readonly string[]>>;
  /** With slots in braces. */
  readonly sentences: readonly string[];
  /** A few words each, for short texts. */
  readonly phrases: readonly string[];
}

/** Words of a list in one string. */
export function list(words: string): readonly string[] {
  return words.trim().split(/\s*[,\n]\s*/);
}

/** Names that every language uses. */
export const NAMES = {
  first:
    list(`Anna, Martin, Laura, Victor, Nina, Oscar, Clara, Daniel, Elena, Robert, Julia, Simon, Maria, Peter, Sarah,
    Thomas, Emma, David, Sofia, Paul, Lisa, Adam, Vera, Leon, Martha, Hugo, Irene, Felix, Rosa, Max, Eva, Mark, Alice,
    Samuel, Helen, Oliver, Diana, Gabriel, Monica, Philip, Teresa, Lucas, Barbara, Arthur, Linda, Andrew, Olga, Henry,
    Susan, Ben, Carla, Edward, Greta, Ivan, Karen, Louis, Nora, Patrick, Ruth, Stefan`),
  last: list(`Keller, Moore, Garcia, Novak, Fischer, Bennett, Rossi, Duval, Larsen, Cooper, Schmidt, Palmer, Santos, Weber,
    Turner, Moreau, Costa, Baker, Jensen, Marino, Brooks, Lopez, Wagner, Foster, Lambert, Silva, Hughes, Becker, Carter,
    Romero, Meyer, Parker, Bernard, Ricci, Nelson, Hoffman, Morgan, Torres, Fontaine, Murray, Vargas, Berger, Collins,
    Mancini, Russell, Navarro, Graham, Lindberg, Porter, Ferrari, Hansen, Ellis, Robin, Castillo, Winter, Dixon`),
  place:
    list(`Boston, Lisbon, Hamburg, Denver, Madrid, Geneva, Chicago, Vienna, Toronto, Dublin, Florence, Lyon, Seattle,
    Bremen, Valencia, Bristol, Dallas, Antwerp, Porto, Houston, Munich, Seville, Marseille, Atlanta, Oxford, Turin,
    Stockholm, Cambridge, Berlin, Portland, Toulouse, Zurich, Granada, Cleveland, Leipzig, Naples, Phoenix, Brussels,
    Helsinki, Memphis, Dresden, Bordeaux, Austin, Milan, Orlando, Frankfurt`),
  firm: list(`Northfield, Alvena, Corvano, Mirado, Solis, Lumex, Tarvo, Helion, Bravura, Nordal, Castello, Veridia, Orbis,
    Palmero, Altura, Kestrel, Marlow, Sentra, Avenor, Belmont, Delphi, Fortuna, Grenada, Hanover, Juno, Laurel, Meridian,
    Novara, Olympia, Pegasus, Quantor, Regent, Sirius, Triton, Unity, Vector`),
} as const;
