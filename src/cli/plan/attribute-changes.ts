import { formatPath, type Path } from '../../blueprint/path.ts'
import { valueAt } from '../../blueprint/plain-data.ts'
import type { ResourceChange } from './plan-json.ts'

/** One value of a resource that would be another one, in words that hold no secret. */
export interface AttributeChange {
  /** `ingress[0].from_port` */
  readonly path: string
  readonly before: string
  readonly after: string
  /** Because of it the resource is replaced instead of changed. */
  readonly forcesReplacement: boolean
}

export const HIDDEN = '(sensitive)'
const LATER = '(known after apply)'
const NOTHING = '(none)'

/** Names that say enough, whatever a provider calls sensitive. */
const SECRET_NAME = /password|passwd|secret_(?:string|binary)|token|private_key|credential|user_data|api_key/i

/** Every value of the resource that would be another one. */
export function attributeChanges({ change }: ResourceChange): readonly AttributeChange[] {
  const secrets = secretTexts(change)
  const forcing = (change.replace_paths ?? []).map(path => formatPath(path))
  return changedPaths(change).map(path => {
    const name = formatPath(path)
    const hidden =
      path.some(step => SECRET_NAME.test(String(step))) ||
      isMarked(change.before_sensitive, path) ||
      isMarked(change.after_sensitive, path)
    const shown = (value: unknown) => (hidden ? HIDDEN : textOf(value, secrets))
    return {
      path: name,
      before: shown(valueAt(change.before, path)),
      after: isMarked(change.after_unknown, path) ? LATER : shown(valueAt(change.after, path)),
      forcesReplacement: forcing.some(
        each => name === each || name.startsWith(`${each}.`) || name.startsWith(`${each}[`),
      ),
    }
  })
}

function changedPaths({ before, after, after_unknown }: ResourceChange['change']): readonly Path[] {
  const paths: Path[] = []
  const visit = (path: Path, { old, now, unknown }: { old: unknown; now: unknown; unknown: unknown }) => {
    if (unknown === true) paths.push(path)
    else if (isTree(old) && isTree(now) && Array.isArray(old) === Array.isArray(now)) {
      const keys = new Set([
        ...Object.keys(old),
        ...Object.keys(now),
        ...(isTree(unknown) ? Object.keys(unknown) : []),
      ])
      for (const key of keys) {
        const step = Array.isArray(old) ? Number(key) : key
        const at = (tree: unknown) => valueAt(tree, [step])
        visit([...path, step], { old: at(old), now: at(now), unknown: at(unknown) })
      }
    } else if (JSON.stringify(old ?? null) !== JSON.stringify(now ?? null)) paths.push(path)
  }
  visit([], { old: before, now: after, unknown: after_unknown })
  return paths.filter(path => path.length > 0)
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Terraform marks a value, or everything around it. */
function isMarked(marks: unknown, path: Path): boolean {
  return (
    path.some((_step, index) => valueAt(marks, path.slice(0, index)) === true) ||
    hasMark(valueAt(marks, path))
  )
}

function hasMark(marks: unknown): boolean {
  return marks === true || (isTree(marks) && Object.values(marks).some(hasMark))
}

/** Values that are marked in one place are secret in every other place of the resource too. */
function secretTexts({
  before,
  after,
  before_sensitive,
  after_sensitive,
}: ResourceChange['change']): readonly string[] {
  const found: string[] = []
  const visit = (value: unknown, marks: unknown) => {
    if (marks === true) found.push(...leafTexts(value))
    else if (isTree(marks))
      for (const key of Object.keys(marks)) visit(valueIn(value, key), valueIn(marks, key))
  }
  visit(before, before_sensitive)
  visit(after, after_sensitive)
  return found.filter(text => text.length > 2)
}

function valueIn(tree: unknown, key: string): unknown {
  return valueAt(tree, [Array.isArray(tree) ? Number(key) : key])
}

function leafTexts(value: unknown): readonly string[] {
  if (isTree(value)) return Object.values(value).flatMap(leafTexts)
  return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
}

function textOf(value: unknown, secrets: readonly string[]): string {
  if (value === undefined || value === null) return NOTHING
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return secrets.some(secret => text.includes(secret)) ? HIDDEN : text
}
