import type { Scalar } from 'yaml'

type ScalarResult =
  | { readonly ok: true; readonly value: string | number | boolean | null }
  | { readonly ok: false; readonly what: string; readonly remedy: string }

const KNOWN_TAGS = new Set(['str', 'int', 'float', 'bool', 'null'].map(name => `tag:yaml.org,2002:${name}`))

/**
 * A scalar as plain data. A number whose text would not survive (1.10, 0x1F, 007) is refused: as a version, a mode or
 * an account it would silently become something else.
 */
export function scalarValue(node: Scalar): ScalarResult {
  const { value } = node
  if (node.tag !== undefined && !KNOWN_TAGS.has(node.tag)) return customTag(node.tag)
  if (value === null || typeof value === 'string') return { ok: true, value }
  if (typeof value === 'number' || typeof value === 'boolean') {
    const source = node.source ?? String(value)
    if (String(value) === source || node.tag !== undefined) {
      return Number.isNaN(value) || Math.abs(Number(value)) === Number.POSITIVE_INFINITY
        ? notFinite(source)
        : { ok: true, value }
    }
    return Number.isFinite(Number(value)) ? ambiguous(source, value) : notFinite(source)
  }
  return { ok: false, what: 'is of a kind that YAML’s core schema does not have', remedy: 'write plain text' }
}

export function customTag(tag: string): {
  readonly ok: false
  readonly what: string
  readonly remedy: string
} {
  return { ok: false, what: `the tag ${tag} is refused`, remedy: 'write the value without a tag' }
}

function notFinite(source: string): ScalarResult {
  return {
    ok: false,
    what: `${source} is no number that counts anything`,
    remedy: 'write a number, or put text in quotes',
  }
}

function ambiguous(source: string, value: number | boolean): ScalarResult {
  const kind = typeof value === 'number' ? 'the number' : 'the boolean'
  return {
    ok: false,
    what: `${source} is read as ${kind} ${value}`,
    remedy: `write ${value}, or put text in quotes: "${source}"`,
  }
}
