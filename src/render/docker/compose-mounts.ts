import type { ResolvedService } from '../../blueprint/resolve-blueprint.ts'
import { plainPath } from './plain-path.ts'

interface Mount {
  readonly source: string
  readonly target: string
}

/** Files and secrets of one service: what it mounts, and what the Compose file has to declare for that. */
export interface ComposeMounts {
  readonly configs: readonly Mount[]
  readonly secrets: readonly Mount[]
  readonly declared: {
    readonly configs: Readonly<Record<string, { readonly file: string } | { readonly content: string }>>
    readonly secrets: Readonly<Record<string, { readonly environment: string }>>
  }
  /** Compose copies what is no file of this machine into the container, which a read-only one refuses. */
  readonly areCopied: boolean
}

export function composeMounts({ name, settings }: ResolvedService): ComposeMounts {
  const files = Object.entries(settings.files)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([target, file], index) => ({ source: `${name}-file-${index + 1}`, target, file }))
  const secrets = Object.entries(settings.secrets)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([source, as]) => (as.kind === 'file' ? [{ source, target: as.path }] : []))
  return {
    configs: files.map(({ source, target }) => ({ source, target })),
    secrets,
    declared: {
      configs: Object.fromEntries(
        files.map(({ source, file }) => [
          source,
          file.kind === 'source' ? { file: `./${plainPath(file.path)}` } : { content: file.content },
        ]),
      ),
      secrets: Object.fromEntries(secrets.map(({ source }) => [source, { environment: variableOf(source) }])),
    },
    areCopied: secrets.length > 0 || files.some(({ file }) => file.kind === 'content'),
  }
}

/** The variable that holds a secret's value in the shell of whoever starts the file: `db-password` is DB_PASSWORD. */
export function variableOf(secret: string): string {
  return secret.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')
}
