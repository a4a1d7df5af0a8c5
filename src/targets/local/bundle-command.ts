import { plainCommand } from '../../model/plain-command.ts'
import type { ServiceSpec } from '../../model/service-spec.ts'

export type BundleCommand =
  | { readonly kind: 'command'; readonly command: readonly string[] }
  | { readonly kind: 'none'; readonly what: string }

/**
 * What starts a bundle: the blueprint's command, else the `start` script of its package.json, without a shell, so
 * that the process that serves is the one that gets SIGTERM. Undefined text means that there is no package.json.
 */
export function bundleCommand(
  command: ServiceSpec['command'],
  packageJson: string | undefined,
): BundleCommand {
  if (command !== undefined && command.length > 0) return { kind: 'command', command }
  if (packageJson === undefined)
    return none('the blueprint names no command, and the bundle has no package.json')
  const script = startScript(packageJson)
  if (script === undefined)
    return none('the blueprint names no command, and package.json has no "start" script')
  const words = plainCommand(script)
  if (words === undefined) {
    return none(
      `the blueprint names no command, and the "start" script of package.json needs a shell: ${script}`,
    )
  }
  return { kind: 'command', command: words }
}

export const COMMAND_REMEDY = 'set `command: [node, server.js]` for the service'

function none(what: string): BundleCommand {
  return { kind: 'none', what }
}

function startScript(packageJson: string): string | undefined {
  try {
    const { scripts }: { scripts?: { start?: unknown } } = JSON.parse(packageJson)
    const start = scripts?.start
    return typeof start === 'string' && start.trim() !== '' ? start : undefined
  } catch {
    return undefined
  }
}
