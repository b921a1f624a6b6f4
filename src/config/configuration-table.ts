import { defaultText, environmentName, PROGRAMS, unitText, type Command } from './setting.js';
import { ALL_SETTINGS } from './settings.js';

/** Every setting as a Markdown table, for the documentation. */
export function configurationTable(): string {
  const rows = [...ALL_SETTINGS].map(([flag, setting]) => [
    setting.type === 'secret' ? '' : `\`--${flag}\``,
    `\`${environmentName(flag, setting)}\``,
    unitText(setting),
    `\`${defaultText(setting)}\``,
    takersText(setting.programs),
    // Renderers take <file> for a tag.
    setting.description.replaceAll('<', '&lt;'),
  ]);
  const head = ['name', 'environment', 'unit', 'default', 'programs', 'meaning'];
  return [head, head.map(() => '---'), ...rows].map(tableRow).join('\n') + '\n';
}

function takersText(takers: readonly Command[]): string {
  if (!PROGRAMS.every((program) => takers.includes(program))) return takers.join(', ');
  return ['all', ...takers.slice(PROGRAMS.length)].join(', ');
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
