import type { IngressRule } from '../../model/service-spec.ts'
import type { Missing } from './not-expressed.ts'

/** A rule, and the Service that it leads to. */
export interface FoundRule extends IngressRule {
  readonly service: string
}

export interface FoundRules {
  readonly rules: readonly FoundRule[]
  readonly missing: readonly Missing[]
}

interface PathGiven {
  readonly path: string
  readonly pathType: string
  readonly field: string
}

/** As the blueprint writes it; undefined, and told, where it has no word for it. */
export function pathOf({ path, pathType, field }: PathGiven, missing: Missing[]): string | undefined {
  const plain = path === '' ? '/' : path.replace(/(?<=\/)\*$/, '').replace(/(.)\/$/, '$1')
  const fits = /^\/[^\s?#*]*$/.test(plain) && !/\/\/|\/\.{1,2}(?:\/|$)|%2f|[()[\]|^$]/i.test(plain)
  if (!fits) {
    missing.push({
      isLost: true,
      field,
      why: 'is a pattern, and the blueprint has beginnings of paths',
      advice: 'write the paths out under `ingress`',
    })
    return undefined
  }
  if (pathType === 'Exact')
    missing.push({
      field,
      why: 'fits this path alone; with Sluice all below it as well',
      advice: 'answer 404 below it in the program',
    })
  return plain
}

/** Whether the blueprint takes the host; told where it does not. */
export function isHost(host: string | undefined, field: string, missing: Missing[]): boolean {
  if (
    host === undefined ||
    /^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$|^localhost$/.test(host)
  )
    return true
  missing.push({
    isLost: true,
    field,
    why: `${host} is no host name that the blueprint takes`,
    advice: 'give it a name with a domain',
  })
  return false
}
