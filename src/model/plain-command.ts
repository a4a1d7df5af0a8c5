/** Quotes, variables, redirections, lists, patterns, comments, assignments: what only a shell understands. */
const NEEDS_SHELL = /[$`"'\\|&;<>(){}*?~#\n=]/

/**
 * The words of a command line that needs no shell, so that the process that serves is the one that gets SIGTERM;
 * undefined where it does need one, or is empty.
 */
export function plainCommand(line: string): readonly string[] | undefined {
  const words = line.trim()
  return words === '' || NEEDS_SHELL.test(line) ? undefined : words.split(/\s+/)
}
