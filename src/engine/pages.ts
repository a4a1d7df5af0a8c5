import type { Page, Paged } from './ports.ts'

/** Hands out one page of a list after the other, newest first, each only when it is asked for. */
export async function* everyPage<T>(
  read: (page: Page) => Promise<Paged<T>>,
  /** Few on the first page: mostly it is enough. */
  first = 200,
): AsyncGenerator<readonly T[], void> {
  let page: Page = { limit: first }
  while (true) {
    const { items, next } = await read(page)
    yield items
    if (next === undefined) return
    page = { limit: 200, cursor: next }
  }
}

/** All of a list, newest first, however long it is. */
export async function everyItem<T>(read: (page: Page) => Promise<Paged<T>>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const items of everyPage(read)) all.push(...items)
  return all
}
