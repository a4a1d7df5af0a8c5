import { z } from 'zod'
import type { Page, Paged } from '../../engine/ports.ts'

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(2048).exactOptional().describe('`next` of the page before.'),
}

export function pageOf(query: { readonly limit: number; readonly cursor?: string }): Page {
  return { limit: query.limit, ...(query.cursor !== undefined && { cursor: query.cursor }) }
}

/** One page of a list; `next` is absent on the last. */
export function pagedSchema<S extends z.ZodType>(item: S) {
  return z.strictObject({ items: z.array(item), next: z.string().exactOptional() })
}

/** One page of a whole list in the order of its names; the cursor is the last name shown. */
export function pageByName<T extends { readonly name: string }>(items: readonly T[], page: Page): Paged<T> {
  const { cursor } = page
  const left = items
    .filter(({ name }) => cursor === undefined || name > cursor)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const shown = left.slice(0, page.limit)
  const last = shown.at(-1)
  return { items: shown, ...(last !== undefined && shown.length < left.length && { next: last.name }) }
}

/** Of a request that says everything by its address. */
export const emptyBody = z.strictObject({}).nullish()
