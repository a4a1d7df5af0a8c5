import { type FileState, isPersons, type PlannedFile } from '../../render/folder-plan.ts'
import { ECOSYSTEMS } from '../../render/rendered-file.ts'
import type { Style } from '../terminal/style.ts'
import { formatTable } from '../terminal/table.ts'

/** What became of a file, in the words of the summary. */
export type Outcome = 'written' | 'unchanged' | 'removed' | 'by hand' | 'left to you'

const BY_STATE: Readonly<Record<FileState, Outcome>> = {
  missing: 'written',
  stale: 'written',
  unchanged: 'unchanged',
  'left-over': 'removed',
  'by-hand': 'by hand',
  edited: 'left to you',
  foreign: 'left to you',
  obstructed: 'left to you',
  'edited-left-over': 'left to you',
}

/** Undefined for a file that somebody had removed already. */
export function outcomeOf({ state, onDisk }: PlannedFile): Outcome | undefined {
  return state === 'left-over' && onDisk.kind === 'missing' ? undefined : BY_STATE[state]
}

const OUTCOMES: readonly Outcome[] = ['written', 'unchanged', 'removed', 'by hand', 'left to you']

/** How many files of each ecosystem became what; what happened to none is left out. */
export function outcomeTable(files: readonly PlannedFile[], style: Style): readonly string[] {
  const seen = OUTCOMES.filter(outcome => files.some(file => outcomeOf(file) === outcome))
  const rows = ECOSYSTEMS.flatMap(ecosystem => {
    const own = files.filter(({ section }) => section.ecosystem === ecosystem)
    const counts = seen.map(outcome => own.filter(file => outcomeOf(file) === outcome).length)
    return own.length === 0 ? [] : [[ecosystem, ...counts.map(count => (count === 0 ? '–' : String(count)))]]
  })
  return rows.length === 0 ? [] : formatTable(['', ...seen], rows, style)
}

interface Words {
  readonly what: string
  /** One sentence each; PATH stands for the file. */
  readonly remedies: readonly string[]
}

const KEEP = 'or keep the file yourself from now on: `sluice render --keep PATH`'

/** What a person has to know of a file that is not as it would be rendered, and what to do about it. */
export const STATE_WORDS: Readonly<Record<Exclude<FileState, 'unchanged' | 'by-hand'>, Words>> = {
  missing: { what: 'not there yet', remedies: ['run `sluice render` and commit it'] },
  stale: { what: 'stale', remedies: ['run `sluice render` and commit it'] },
  'left-over': { what: 'no longer rendered', remedies: ['run `sluice render`, which removes it'] },
  edited: {
    what: 'edited since it was rendered',
    remedies: ['move the change into the blueprint and run `sluice render --overwrite PATH`', KEEP],
  },
  foreign: {
    what: 'not written by Sluice',
    remedies: ['move what it says into the blueprint and run `sluice render --overwrite PATH`', KEEP],
  },
  obstructed: {
    what: 'something else stands in its place',
    remedies: ['move that away and run `sluice render`'],
  },
  'edited-left-over': {
    what: 'no longer rendered, but edited since it was',
    remedies: ['delete it, or keep it: `sluice render --keep PATH`'],
  },
}

/** The remedy for one file, ready to be typed. */
export function remedyOf(file: PlannedFile, shown: string): string {
  return remediesOf(file, shown).join('; ')
}

function remediesOf({ state, path }: PlannedFile, shown: string): readonly string[] {
  if (state === 'unchanged' || state === 'by-hand') return []
  const remedies = STATE_WORDS[state].remedies.map(each => each.replaceAll('PATH', shown))
  return remedies.length > 1 && isDockerfile(path) ? [...remedies, dockerfileRemedy(path)] : remedies
}

/** Blueprints name a Dockerfile of the team's own, so that everything else that is rendered knows of it. */
function dockerfileRemedy(path: string): string {
  const context = path === 'Dockerfile' ? '.' : `./${path.slice(0, -'/Dockerfile'.length)}`
  return `a Dockerfile is kept best by naming it in the blueprint: build: { context: ${context}, dockerfile: Dockerfile }`
}

function isDockerfile(path: string): boolean {
  return path === 'Dockerfile' || path.endsWith('/Dockerfile')
}

/** Files that stayed as they are because they are a person's, by the reason, with the remedy once for each reason. */
export function personsLines(
  files: readonly PlannedFile[],
  { style, shown }: { readonly style: Style; readonly shown: (path: string) => string },
): readonly string[] {
  const groups = Map.groupBy(files.filter(isPersons), ({ state }) => state)
  return [...groups].flatMap(([state, own]) => {
    if (state === 'unchanged' || state === 'by-hand') return []
    const example = own.find(({ path }) => isDockerfile(path)) ?? own[0]
    const place = own.length === 1 && example !== undefined ? shown(example.path) : 'PATH'
    const stay = own.length === 1 ? 'and left as it is' : 'and left as they are'
    return [
      '',
      `${style.warn('!')} ${STATE_WORDS[state].what}, ${stay}:`,
      ...own.map(file => `    ${shown(file.path)}${obstacleText(file)}`),
      ...(example === undefined ? [] : remediesOf(example, place).map(text => `  ${capitalized(text)}`)),
    ]
  })
}

function obstacleText({ onDisk }: PlannedFile): string {
  return onDisk.kind === 'obstacle' ? ` (${onDisk.what})` : ''
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
