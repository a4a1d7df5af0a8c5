import { query } from './api-path.ts'
import type { Api, ListPage } from './client.ts'

/** At most `limit` items of a list, read page by page. */
export async function listItems<T>(
  api: Api,
  path: string,
  o: { readonly limit: number } & Readonly<Record<string, string | number | boolean | undefined>>,
): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const limit = Math.min(200, o.limit - items.length)
    const page = await api.get<ListPage<T>>(`${path}${query({ ...o, limit, cursor })}`)
    items.push(...page.items)
    cursor = page.next
  } while (cursor !== undefined && items.length < o.limit)
  return items
}
