import type { Page, Paged } from '../engine/ports.ts'
import { UserError } from '../model/user-error.ts'

export type PagedList = 'releases' | 'promotions' | 'rollouts' | 'approvals' | 'freezes' | 'tokens'

interface PagedRow {
  readonly position: number
}

const MAXIMUM = 200
const PATTERN = /^(releases|promotions|rollouts|approvals|freezes|tokens):([1-9]\d{0,15})$/

/** How to read one page of a list, newest first: rows before `before`, one more than asked for to see if it is the last. */
export function pageRange(list: PagedList, page: Page): { readonly before: number; readonly rows: number } {
  checkLimit(page)
  const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : positionOf(list, page.cursor)
  return { before, rows: page.limit + 1 }
}

/** The page of what `pageRange` asked for. A cursor is the last position shown, so new things never shift a page. */
export function toPage<T, Row extends PagedRow>(shown: {
  readonly list: PagedList
  readonly page: Page
  readonly rows: readonly Row[]
  readonly read: (row: Row) => T
}): Paged<T> {
  const { list, page, rows, read } = shown
  const items = rows.slice(0, page.limit).map(row => read(row))
  const last = rows[page.limit - 1]
  if (rows.length <= page.limit || last === undefined) return { items }
  return { items, next: encoded(`${list}:${last.position}`) }
}

/** The same for a list in the order of names: those after `after`. */
export function nameRange(list: 'checks', page: Page): { readonly after: string; readonly rows: number } {
  checkLimit(page)
  return { after: page.cursor === undefined ? '' : nameOf(list, page.cursor), rows: page.limit + 1 }
}

/** The page of what `nameRange` asked for. */
export function toNamedPage<T extends { readonly name: string }>(
  list: 'checks',
  page: Page,
  items: readonly T[],
): Paged<T> {
  const shown = items.slice(0, page.limit)
  const last = shown.at(-1)
  if (items.length <= page.limit || last === undefined) return { items: shown }
  return { items: shown, next: encoded(`${list}:${last.name}`) }
}

function checkLimit({ limit }: Page): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAXIMUM) return
  throw new RangeError(`a page has 1 to ${MAXIMUM} items, not ${limit}`)
}

function positionOf(list: PagedList, cursor: string): number {
  const [, of, position] = PATTERN.exec(decoded(cursor) ?? '') ?? []
  if (of === list && position !== undefined) return Number(position)
  throw notOf(list)
}

function nameOf(list: 'checks', cursor: string): string {
  const text = decoded(cursor) ?? ''
  if (text.startsWith(`${list}:`)) return text.slice(list.length + 1)
  throw notOf(list)
}

function encoded(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** Undefined for what was never handed out: decoding alone skips what is no base64url. */
function decoded(cursor: string): string | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  return encoded(text) === cursor ? text : undefined
}

function notOf(list: string): UserError {
  return new UserError(
    'cursor',
    `is not one of a page of ${list}`,
    'take it from the page before, or leave it out',
  )
}
