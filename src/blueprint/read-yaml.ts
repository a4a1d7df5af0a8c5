import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Pair, parseDocument } from 'yaml'
import { suggest } from './nearest-name.ts'
import { extendPath, type Path } from './path.ts'
import type { Place, Places } from './places.ts'
import type { TextProblem } from './problem.ts'
import { customTag, scalarValue } from './yaml-scalar.ts'
import { syntaxProblems } from './yaml-syntax.ts'

export interface YamlContent {
  /** Plain data: maps without a prototype's keys, lists, text, numbers, booleans, null. */
  readonly value: unknown
  /** A map's entry stands where its key is written. */
  readonly places: Places
  readonly problems: readonly TextProblem[]
}

const MAX_NESTING = 32
/** Values that aliases and merge keys may add, so that a few lines cannot expand to gigabytes. */
const MAX_EXPANDED_VALUES = 10_000
const COLLECTION_TAGS = new Set(['tag:yaml.org,2002:map', 'tag:yaml.org,2002:seq'])
const REFUSED_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

/** Reads one YAML 1.2 document (core schema) and says where each value stands. Never throws. */
export function readYaml(text: string): YamlContent {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: 'core',
    uniqueKeys: false,
    keepSourceTokens: false,
    logLevel: 'error',
  })
  const syntax = syntaxProblems(document, lines)
  if (syntax.length > 0) return { value: undefined, places: new Map(), problems: syntax }
  const reader = new Reader(lines)
  const value = reader.read(document.contents, TOP)
  return { value, places: reader.places, problems: reader.problems }
}

/** Whatever the parser puts into a document; told apart by yaml's own guards. */
type Node = unknown

/** A path, with the text that places are kept by: building it anew for every value would be most of the work. */
interface Spot {
  readonly path: Path
  readonly text: string
}

const TOP: Spot = { path: [], text: '' }

function within(spot: Spot, step: string | number): Spot {
  return { path: [...spot.path, step], text: extendPath(spot.text, step) }
}

/** One walk over the syntax tree in the order of the file. */
class Reader {
  readonly places = new Map<string, Place>()
  readonly problems: TextProblem[] = []
  readonly #lines: LineCounter
  readonly #anchors = new Map<string, Node>()
  #expanded = 0
  #expanding = 0

  constructor(lines: LineCounter) {
    this.#lines = lines
  }

  read(node: Node, spot: Spot): unknown {
    if (spot.path.length > MAX_NESTING) {
      return this.#refuse(node, spot, `is nested deeper than ${MAX_NESTING} levels`, 'flatten it')
    }
    if (this.#expanding > 0 && ++this.#expanded > MAX_EXPANDED_VALUES)
      return this.#refuseExpansion(node, spot)
    if (isAlias(node)) return this.#readAlias(node, spot)
    const value = this.#readContent(node, spot)
    const anchor = (isMap(node) || isSeq(node) || isScalar(node)) && node.anchor
    // Known only once it is complete: an alias inside of its own anchor would never end.
    if (anchor && this.#expanding === 0) this.#anchors.set(anchor, node)
    return value
  }

  #readContent(node: Node, spot: Spot): unknown {
    if ((isMap(node) || isSeq(node)) && node.tag !== undefined && !COLLECTION_TAGS.has(node.tag)) {
      const { what, remedy } = customTag(node.tag)
      return this.#refuse(node, spot, what, remedy)
    }
    if (isMap(node)) {
      return Object.fromEntries([...this.#entries(node, spot)].map(([key, entry]) => [key, entry]))
    }
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const itemSpot = within(spot, index)
        this.#mark(item, itemSpot)
        return this.read(item, itemSpot)
      })
    }
    if (!isScalar(node)) return null
    const scalar = scalarValue(node)
    return scalar.ok ? scalar.value : this.#refuse(node, spot, scalar.what, scalar.remedy)
  }

  #readAlias(node: { readonly source: string }, spot: Spot): unknown {
    const target = this.#anchors.get(node.source)
    if (target === undefined) {
      const remedy = suggest(node.source, [...this.#anchors.keys()])
      return this.#refuse(node, spot, `*${node.source} refers to no anchor before it`, remedy)
    }
    this.#expanding++
    const value = this.read(target, spot)
    this.#expanding--
    return value
  }

  /** Entries written in the map itself win over merged ones; of merged maps the first wins (YAML 1.1 merge key). */
  #entries(node: { readonly items: readonly Pair[] }, spot: Spot): Map<string, unknown> {
    const own = new Map<string, unknown>()
    const merged = new Map<string, unknown>()
    for (const pair of node.items) {
      if (isMergeKey(pair)) this.#merge(pair.value, spot, merged)
      else this.#readPair(pair, spot, own)
    }
    for (const [key, value] of merged) if (!own.has(key)) own.set(key, value)
    return own
  }

  #readPair(pair: Pair, spot: Spot, into: Map<string, unknown>): void {
    const key = keyText(pair.key)
    if (key === undefined) {
      this.#refuse(
        pair.key,
        spot,
        'has a key that is not plain text',
        'write the key as one word or in quotes',
      )
      return
    }
    const entry = within(spot, key)
    if (REFUSED_KEYS.has(key)) {
      this.#refuse(pair.key, entry, `the key ${key} is refused`, 'choose another name')
      return
    }
    if (into.has(key)) {
      this.#refuse(pair.key, entry, 'is written twice in the same map', 'keep one of the two')
      return
    }
    this.#mark(pair.key, entry)
    into.set(key, this.read(pair.value, entry))
  }

  #merge(value: Node, spot: Spot, into: Map<string, unknown>): void {
    const target = isAlias(value) ? this.#anchors.get(value.source) : value
    if (isAlias(value) && target === undefined) {
      this.#readAlias(value, spot)
      return
    }
    if (isSeq(target)) {
      for (const item of target.items) this.#merge(item, spot, into)
      return
    }
    if (!isMap(target)) {
      this.#refuse(value, spot, '<< merges something that is not a map', 'merge a map: `<<: *anchor`')
      return
    }
    this.#expanding++
    if (this.#expanding <= MAX_NESTING) {
      for (const [key, entry] of this.#entries(target, spot)) if (!into.has(key)) into.set(key, entry)
    } else this.#refuse(value, spot, 'merges maps too deeply', 'flatten it')
    this.#expanding--
  }

  #mark(node: unknown, spot: Spot): void {
    // An own key is written over the merged one of the same name; inside an expansion the outer place stays.
    if (this.#expanding === 0 || !this.places.has(spot.text)) {
      this.places.set(spot.text, this.#placeOf(node))
    }
  }

  #placeOf(node: unknown): Place {
    const offset = isNode(node) ? node.range?.[0] : undefined
    const position = this.#lines.linePos(offset ?? 0)
    return { line: Math.max(1, position.line), column: Math.max(1, position.col) }
  }

  #refuse(node: unknown, spot: Spot, what: string, remedy: string): undefined {
    this.problems.push({ path: spot.path, place: this.#placeOf(node), what, remedy })
    return undefined
  }

  #refuseExpansion(node: Node, spot: Spot): undefined {
    if (this.#expanded > MAX_EXPANDED_VALUES + 1) return undefined
    const what = `aliases expand to more than ${MAX_EXPANDED_VALUES} values`
    return this.#refuse(node, spot, what, 'write the values out, or use fewer aliases')
  }
}

function isMergeKey(pair: Pair): boolean {
  return isScalar(pair.key) && pair.key.value === '<<' && pair.key.type === 'PLAIN'
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined
  if (typeof key.value === 'string') return key.value
  return typeof key.value === 'number' || typeof key.value === 'boolean' ? key.source : undefined
}
