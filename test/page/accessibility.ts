import type { OpenPage } from './open-page.js';

const CONTROLS = [
  'Audio',
  'DisclosureTriangle',
  'button',
  'combobox',
  'link',
  'listitem',
  'meter',
  'progressbar',
  'radio',
  'textbox',
];

interface Node {
  readonly ignored: boolean;
  readonly role?: { readonly value?: string };
  readonly name?: { readonly value?: string };
}

/** Controls as assistive technology is told of them: role and name. */
export async function controlsOf({
  tab,
}: OpenPage): Promise<readonly (readonly [role: string, name: string])[]> {
  const session = await tab.context().newCDPSession(tab);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: readonly Node[] };
  await session.detach();
  return nodes
    .filter(({ ignored, role }) => !ignored && CONTROLS.includes(role?.value ?? ''))
    .map(({ role, name }) => [role?.value ?? '', (name?.value ?? '').trim()] as const);
}

/** Ids, or else texts, of what the tabulator key reaches from the first control on. */
export async function tabOrder({ tab }: OpenPage, steps: number): Promise<readonly string[]> {
  const here = () =>
    tab.evaluate<string>('document.activeElement.id || document.activeElement.textContent.trim()');
  await tab.locator('.skip').focus();
  const reached = [await here()];
  while (reached.length < steps) {
    await tab.keyboard.press('Tab');
    reached.push(await here());
  }
  return reached;
}

/** WCAG 2.2, 1.4.3: contrast of text below 24 px. */
const ENOUGH = 4.5;

/** Visible texts whose contrast with what is behind them is below AA. */
export async function faintTexts({ tab }: OpenPage): Promise<readonly string[]> {
  return tab.evaluate<readonly string[]>(`(() => {
    const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = numbers(color).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        const color = getComputedStyle(at).backgroundColor;
        const [, , , alpha = 1] = numbers(color);
        if (alpha > 0) return color;
      }
      return getComputedStyle(document.documentElement).backgroundColor;
    };
    const faint = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement: element, textContent } = walker.currentNode;
      if (textContent.trim() === '' || !element.checkVisibility()) continue;
      const levels = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((a, b) => b - a);
      const ratio = (levels[0] + 0.05) / (levels[1] + 0.05);
      if (ratio < ${ENOUGH}) faint.push(textContent.trim() + ': ' + ratio.toFixed(2));
    }
    return faint;
  })()`);
}
