import type { Page, Paged } from '../engine/ports.ts'
import { UserError } from '../model/user-error.ts'

export type PagedList = 'releases' | 'promotions' | 'rollouts'

interface PagedRow {
  readonly position: number
  readonly value: string
}

const MAXIMUM = 200
const PATTERN = /^(releases|promotions|rollouts):([1-9]\d{0,15})$/

/** How to read one page of a list, newest first: rows before `before`, one more than asked for to see if it is the last. */
export function pageRange(list: PagedList, page: Page): { readonly before: number; readonly rows: number } {
  if (!Number.isInteger(page.limit) || page.limit < 1 || page.limit > MAXIMUM) {
    throw new RangeError(`a page has 1 to ${MAXIMUM} items, not ${page.limit}`)
  }
  const before = page.cursor === undefined ? Number.MAX_SAFE_INTEGER : positionOf(list, page.cursor)
  return { before, rows: page.limit + 1 }
}

/** The page of what `pageRange` asked for. A cursor is the last position shown, so new things never shift a page. */
export function toPage<T>(shown: {
  readonly list: PagedList
  readonly page: Page
  readonly rows: readonly PagedRow[]
  readonly read: (row: PagedRow) => T
}): Paged<T> {
  const { list, page, rows, read } = shown
  const items = rows.slice(0, page.limit).map(row => read(row))
  const last = rows[page.limit - 1]
  if (rows.length <= page.limit || last === undefined) return { items }
  return { items, next: Buffer.from(`${list}:${last.position}`).toString('base64url') }
}

function positionOf(list: PagedList, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1')
  const [, of, position] = PATTERN.exec(text) ?? []
  // Decoding skips what is no base64url: only the text that was handed out is taken.
  const exact = Buffer.from(text, 'latin1').toString('base64url') === cursor
  if (of === list && position !== undefined && exact) return Number(position)
  throw new UserError(
    'cursor',
    `is not one of a page of ${list}`,
    'take it from the page before, or leave it out',
  )
}
