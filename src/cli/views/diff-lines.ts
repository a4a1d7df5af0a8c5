import type { Artifact } from '../../model/artifact.ts'
import type { Digest } from '../../model/digest.ts'
import { shortRelease } from '../../model/release.ts'
import { oneLine } from '../terminal/printable.ts'
import type { Style } from '../terminal/style.ts'
import { shorten } from '../terminal/text-width.ts'

interface Sides<T> {
  /** Undefined: was not there. */
  readonly from?: T
  readonly to?: T
}

/** GET /releases/:a/diff/:b */
export interface ReleaseDiffAnswer {
  readonly from: Digest
  readonly to: Digest
  readonly artifacts: readonly (Sides<Artifact> & { readonly service: string })[]
  readonly configuration: readonly (Sides<unknown> & {
    readonly environment: string
    readonly service: string
    readonly path: string
  })[]
  readonly secrets: readonly (Sides<string> & { readonly environment: string; readonly name: string })[]
  readonly source: readonly (Sides<string | boolean> & { readonly field: string })[]
}

const LONGEST_VALUE = 60

/** What is different between two releases, one line each; what was is red, what is now is green. */
export function diffLines(diff: ReleaseDiffAnswer, style: Style): readonly string[] {
  const title = `${style.strong(shortRelease(diff.from))} → ${style.strong(shortRelease(diff.to))}`
  const entry = (place: string, { from, to }: Sides<unknown>) =>
    `  ${place}: ${side(from, style.bad)} → ${side(to, style.good)}`
  const sections = [
    [
      'artifacts',
      diff.artifacts.map(each => entry(each.service, { from: artifact(each.from), to: artifact(each.to) })),
    ],
    [
      'configuration',
      diff.configuration.map(each => entry(`${each.environment} ${each.service}.${each.path}`, each)),
    ],
    ['secrets', diff.secrets.map(each => entry(`${each.environment} ${each.name}`, each))],
    ['source', diff.source.map(each => entry(each.field, each))],
  ] as const
  const shown = sections.flatMap(([name, lines]) => (lines.length === 0 ? [] : ['', name, ...lines]))
  return [title, ...(shown.length === 0 ? ['There is no difference.'] : shown)]
}

function side(value: unknown, color: (text: string) => string): string {
  if (value === undefined) return color('(not there)')
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return color(shorten(oneLine(text), LONGEST_VALUE))
}

function artifact(value: Artifact | undefined): string | undefined {
  if (value === undefined) return undefined
  return value.kind === 'image'
    ? `${value.repository}@${value.digest.slice(0, 19)}`
    : value.digest.slice(0, 19)
}
