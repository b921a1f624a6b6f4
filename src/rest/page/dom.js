/**
 * An element of the page.
 *
 * @template {HTMLElement} Type
 * @param {string} id
 * @param {{ new (): Type }} type
 * @returns {Type}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/**
 * A new element. Strings become text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Readonly<Record<string, string | number | boolean>>} attributes
 * @param {readonly (Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'boolean') element.toggleAttribute(key, value);
    else element.setAttribute(key, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * @param {string} label
 * @param {() => void} onClick
 */
export function button(label, onClick) {
  const element = el('button', { type: 'button' }, label);
  element.addEventListener('click', onClick);
  return element;
}

/**
 * Fills a table anew; the first cell of a row names it.
 *
 * @param {HTMLTableElement} table
 * @param {{ heads: readonly string[], rows: readonly (readonly (Node | string)[])[], empty: string }} content
 */
export function fillTable(table, { heads, rows, empty }) {
  const body = rows.map((cells) =>
    el(
      'tr',
      {},
      ...cells.map((cell, at) => (at === 0 ? el('th', { scope: 'row' }, cell) : el('td', {}, cell))),
    ),
  );
  table.replaceChildren(
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...(body.length > 0 ? body : [el('tr', {}, el('td', { colspan: heads.length }, empty))])),
  );
}

/**
 * Says something to users of a screen reader.
 *
 * @param {string} sentence
 */
export function announce(sentence) {
  byId('announcer', HTMLParagraphElement).textContent = sentence;
}

/**
 * Hands the user a file.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  el('a', { href: url, download: name }).click();
  // The browser has the file by the next turn of its loop; until then the URL must live.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 1_000);
}
