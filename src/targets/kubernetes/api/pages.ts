import { TargetUnavailable } from '../../target.ts'
import type { ApiAnswer, Asking } from './ask.ts'
import type { RequestRefused } from './cluster.ts'
import type { ClusterObject, ObjectKind } from './cluster-object.ts'
import { resourcePath, selectorText } from './resource-path.ts'

export interface PageOptions {
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly fields?: string | undefined
  readonly accept?: string | undefined
  readonly signal: AbortSignal
  /** What is kept of each, before the next page comes. */
  readonly keep: (object: ClusterObject) => ClusterObject
}

export interface Pages {
  readonly items: readonly ClusterObject[]
  /** Of the store when the first page was read: all pages are of that moment. */
  readonly version: string
}

interface PageParts {
  readonly asking: Asking
  readonly namespace: string
  readonly refusal: (
    answer: ApiAnswer,
    o: { readonly about: string; readonly signal: AbortSignal },
  ) => Promise<RequestRefused>
}

interface PageBody {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly ClusterObject[] | null
}

const PAGE = '500'
/** A list that takes so long that the store forgets its beginning is begun anew, but not for ever. */
const ATTEMPTS = 3

/** Every object as it was at one moment, page by page. */
export async function readPages(parts: PageParts, kind: ObjectKind, options: PageOptions): Promise<Pages> {
  for (let attempt = 1; ; attempt += 1) {
    const pages = await readOnce(parts, kind, { ...options, isLast: attempt === ATTEMPTS })
    if (pages !== undefined) return pages
  }
}

/** Undefined where the store has forgotten the moment of the first page. */
async function readOnce(
  parts: PageParts,
  kind: ObjectKind,
  options: PageOptions & { readonly isLast: boolean },
): Promise<Pages | undefined> {
  const items: ClusterObject[] = []
  let next: string | undefined
  for (;;) {
    const answer = await askPage(parts, kind, { ...options, next })
    if (answer.status === 410 && next !== undefined && !options.isLast) return undefined
    if (answer.status >= 300) {
      throw await parts.refusal(answer, { about: `listing ${kind.plural}`, signal: options.signal })
    }
    const page = pageIn(answer.body, kind)
    for (const item of page.items ?? []) items.push(options.keep(item))
    next = page.metadata.continue
    if (next === undefined || next === '') return { items, version: page.metadata.resourceVersion }
  }
}

/** Whoever stands before the API server may answer in its place, with a page for people. */
function pageIn(body: unknown, { plural }: ObjectKind): PageBody {
  const page = body as Partial<PageBody> | undefined
  if (
    typeof page?.metadata?.resourceVersion !== 'string' ||
    !(page.items === null || Array.isArray(page.items))
  )
    throw new TargetUnavailable(
      `the list of ${plural} that was answered is none: does something stand before the API server?`,
    )
  return { metadata: page.metadata, items: page.items }
}

async function askPage(
  { asking, namespace }: PageParts,
  kind: ObjectKind,
  { labels, fields, accept, next, signal }: PageOptions & { readonly next: string | undefined },
): Promise<ApiAnswer> {
  const query = {
    limit: PAGE,
    labelSelector: selectorText(labels),
    fieldSelector: fields,
    continue: next,
  }
  const path = resourcePath({ namespace, kind, query })
  return await asking.ask({ method: 'GET', path, signal, ...(accept === undefined ? {} : { accept }) })
}
