/** A script of the web page, which is no TypeScript, with the shape that the caller knows it to have. */
export async function importPage<Module>(name: string): Promise<Module> {
  return (await import(new URL(`../../src/rest/page/${name}.js`, import.meta.url).href)) as Module;
}
