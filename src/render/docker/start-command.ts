import { plainCommand } from '../../model/plain-command.ts'
import type { BuildFacts } from './build-facts.ts'

const PACKAGE_MANAGERS = ['npm', 'npx', 'pnpm', 'pnpx', 'yarn']

/**
 * What an image starts: the blueprint's command, else the `start` script where that needs no shell, else the file that
 * package.json calls `main`. Undefined where nothing of it is there.
 */
export function startCommand(
  command: readonly string[] | undefined,
  build: BuildFacts,
): readonly string[] | undefined {
  if (command !== undefined || build.language === 'other') return command
  return (
    plainCommand(build.scripts.start ?? '') ?? (build.main === undefined ? undefined : ['node', build.main])
  )
}

export function needsPackageManager(command: readonly string[] | undefined): boolean {
  return PACKAGE_MANAGERS.includes(command?.[0] ?? '')
}

/** A program that a package brings, such as `next`: it stands in node_modules/.bin. */
export function mayBeInPackages(command: readonly string[] | undefined): boolean {
  const program = command?.[0] ?? 'node'
  return program !== 'node' && !program.includes('/') && !needsPackageManager(command)
}
