/** A binary heap, smallest first. */
export class Heap<Item> {
  #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;

  constructor(before: (a: Item, b: Item) => boolean) {
    this.#before = before;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  /** Drops every item that does not count any more. */
  keep(counts: (item: Item) => boolean): void {
    const kept = this.#items.filter(counts);
    this.#items = [];
    for (const item of kept) this.push(item);
  }

  push(item: Item): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const other = items[above] as Item;
      if (!this.#before(item, other)) break;
      items[place] = other;
      place = above;
    }
    items[place] = item;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return first;
  }

  /** The smallest ones in order, without taking them; looks at about twice as many. */
  smallest(limit: number, counts: (item: Item) => boolean): Item[] {
    const found: Item[] = [];
    const open = new Heap<number>((a, b) => this.#before(this.#items[a] as Item, this.#items[b] as Item));
    if (this.#items.length > 0) open.push(0);
    while (found.length < limit) {
      const place = open.pop();
      if (place === undefined) break;
      const item = this.#items[place] as Item;
      if (counts(item)) found.push(item);
      for (const below of [2 * place + 1, 2 * place + 2]) if (below < this.#items.length) open.push(below);
    }
    return found;
  }

  /** How many stand before an item, which need not be in the heap; `limit` stands for that many and more. */
  countBefore(item: Item, limit: number, counts: (item: Item) => boolean): number {
    const open = [0];
    let count = 0;
    let looks = 0;
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const other = this.#items[place];
      if (other === undefined || !this.#before(other, item)) continue;
      if (counts(other)) count += 1;
      looks += 1;
      // Items that do not count must not make it long.
      if (count >= limit || looks >= 4 * limit) return limit;
      open.push(2 * place + 1, 2 * place + 2);
    }
    return count;
  }

  #sink(item: Item): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= items.length) break;
      if (below + 1 < items.length && this.#before(items[below + 1] as Item, items[below] as Item))
        below += 1;
      const other = items[below] as Item;
      if (!this.#before(other, item)) break;
      items[place] = other;
      place = below;
    }
    items[place] = item;
  }
}
