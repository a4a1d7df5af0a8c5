/** The exec form of an instruction: no shell stands between Docker and the process, so signals reach it. */
export function execForm(words: readonly string[]): string {
  return `[${words.map(word => JSON.stringify(word)).join(', ')}]`
}

/** One stage: its comment, FROM and instructions. */
export function stage(comment: string, lines: readonly (string | readonly string[])[]): string {
  return [...comment.split('\n').map(line => `# ${line}`), ...lines.flat()].join('\n')
}

/** Stages with an empty line between them; the header stands on the first line. */
export function dockerfile(header: string, stages: readonly string[]): string {
  return `# ${header}\n${stages.join('\n\n')}\n`
}

/** An instruction over several lines. */
export function broken(words: readonly string[]): string {
  return words.join(' \\\n    ')
}
