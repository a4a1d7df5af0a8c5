import type { QueryPlaceholder } from '../../model/metric-queries.ts'

/** The query with its placeholders filled in, each of which may stand within a string literal of PromQL. */
export function fillQuery(query: string, values: Readonly<Record<QueryPlaceholder, string>>): string {
  return query.replaceAll(/\$(environment|service|color|window)\b/g, (_, name: QueryPlaceholder) =>
    escaped(values[name]),
  )
}

/** `\x22` means the same between double and between single quotes, where `\"` does not ("Querying basics", Prometheus). */
function escaped(value: string): string {
  return value.replaceAll(/[^A-Za-z0-9_.-]/gu, character =>
    [...Buffer.from(character)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  )
}
