import { z } from 'zod'
import type { Page, Paged } from '../../engine/ports.ts'
import { UserError } from '../../model/user-error.ts'

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().min(1).max(256).exactOptional().describe('`next` of the page before.'),
}

export function pageOf(query: { readonly limit: number; readonly cursor?: string }): Page {
  return { limit: query.limit, ...(query.cursor !== undefined && { cursor: query.cursor }) }
}

/** One page of a list; `next` is absent on the last. */
export function pagedSchema<S extends z.ZodType>(item: S) {
  return z.strictObject({ items: z.array(item), next: z.string().exactOptional() })
}

/** One page of what the store gives at once; the cursor is the id of the last item shown. */
export function pageFrom<T extends { readonly id: string }>(items: readonly T[], page: Page): Paged<T> {
  const start = page.cursor === undefined ? 0 : items.findIndex(({ id }) => id === page.cursor) + 1
  if (page.cursor !== undefined && start === 0)
    throw new UserError('cursor', 'is not one of this list', 'take it from the page before, or leave it out')
  const shown = items.slice(start, start + page.limit)
  const last = shown.at(-1)
  const isLast = last === undefined || start + shown.length >= items.length
  return { items: shown, ...(!isLast && { next: last.id }) }
}

/** Of a request that says everything by its address. */
export const emptyBody = z.strictObject({}).nullish()
