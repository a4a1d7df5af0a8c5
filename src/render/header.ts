/** The first line of every rendered file whose format has comments, without the sign that begins a comment. */
export function headerOf(blueprintFile: string): string {
  const name = blueprintFile.split(/[/\\]/).at(-1) ?? blueprintFile
  return `Rendered by Sluice from ${name}. Do not edit: change the blueprint and run \`sluice render\`.`
}
