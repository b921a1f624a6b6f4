import { curlLine } from './curl-line.js';
import { operationsOf, type Operation } from './operations.js';

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 0.25rem; }
  h2 span { display: inline-block; min-width: 5rem; color: #555; }
  pre { background: #f3f3f3; padding: 0.75rem; overflow-x: auto; }
  table { border-collapse: collapse; }
  td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
`;

/**
 * A page that lists every operation with its fields and a line to try it.
 *
 * @param document OpenAPI
 * @param origin where the API is, such as `http://localhost:8000`
 */
export function documentationPage(document: unknown, origin: string): string {
  const sections = operationsOf(document).map((operation) => section(operation, origin));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>audio-subnet</title>
<style>${STYLE}</style>
<h1>audio-subnet</h1>
<p>For programs: <a href="/openapi.json">/openapi.json</a></p>
${sections.join('\n')}
</html>
`;
}

function section(operation: Operation, origin: string): string {
  const rows = operation.fields.map(
    ({ name, required, description }) =>
      `<tr><td><code>${escaped(name)}</code></td><td>${required ? 'required' : ''}</td><td>${escaped(description)}</td></tr>`,
  );
  return `<h2><span>${escaped(operation.method)}</span> ${escaped(operation.path)}</h2>
<p>${escaped(operation.summary)}</p>
<table>${rows.join('')}</table>
<pre>${escaped(curlLine(operation, origin))}</pre>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
