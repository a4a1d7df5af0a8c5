import type { Variables } from './variables.ts'

interface Called {
  readonly calls: readonly string[]
  readonly config: Variables['config']
}

/** Services whose names stand as hosts in variables; the addresses that Sluice gives by itself need not be written. */
export function callsOf(
  config: Variables['config'],
  { name, names }: { readonly name: string; readonly names: readonly string[] },
): Called {
  const others = names.filter(each => each !== name)
  const given = new Set(
    others.filter(each => {
      const prefix = each.toUpperCase().replaceAll('-', '_')
      return config[`${prefix}_SERVICE_HOST`] === each && config[`${prefix}_SERVICE_PORT`] === '80'
    }),
  )
  const dropped = new Set(
    [...given].flatMap(each => {
      const prefix = each.toUpperCase().replaceAll('-', '_')
      return [`${prefix}_SERVICE_HOST`, `${prefix}_SERVICE_PORT`]
    }),
  )
  const values = Object.values(config)
  const seen = others.filter(each => values.some(value => hosts(value).includes(each)))
  return {
    calls: [...new Set([...given, ...seen])].toSorted(),
    config: Object.fromEntries(Object.entries(config).filter(([key]) => !dropped.has(key))),
  }
}

/** First parts of the host names in a value: of URLs, and of a name of the cluster that stands alone. */
function hosts(value: string): readonly string[] {
  const inUrls = [...value.matchAll(/:\/\/(?:[^/\s@]*@)?([a-z0-9-]+)(?=[.:/?#\s]|$)/g)].flatMap(
    ([, host]) => host ?? [],
  )
  const alone = /^([a-z0-9-]+)(?:\.[a-z0-9-]+\.svc(?:\.cluster\.local)?(?::\d+)?|:\d+)$/.exec(value)?.[1]
  return alone === undefined ? inUrls : [...inUrls, alone]
}
