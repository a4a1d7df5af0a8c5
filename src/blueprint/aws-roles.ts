import type { Blueprint } from './blueprint.ts'
import { DEFAULT_ROLES } from './default-roles.ts'
import { tierOf } from './environment-order.ts'

/** What the holders of a role may do in the account of an environment. */
export type AwsLevel = 'admin' | 'operate' | 'read' | 'none'

export interface AwsRole {
  readonly description: string
  /** By environment, for every environment. */
  readonly levels: Readonly<Record<string, AwsLevel>>
  /** The role is assumed only after an approval. */
  readonly approvalRequired: boolean
  readonly maxSessionSeconds: number
}

/** Who does what where, unless the blueprint says otherwise: developers own dev, qa looks at staging, operators run prod. */
const DEFAULT_LEVELS: Readonly<Record<string, Readonly<Partial<Record<string, AwsLevel>>>>> = {
  developer: { development: 'admin' },
  qa: { staging: 'read' },
  operator: { production: 'operate' },
  admin: { development: 'admin', staging: 'admin', production: 'admin' },
}

const APPROVAL_REQUIRED = new Set(['operator', 'admin'])
const DEFAULT_SESSION_SECONDS = 3600

/** Every role that may do something in AWS, by name. */
export function awsRolesOf(blueprint: Blueprint): Readonly<Record<string, AwsRole>> {
  const names = new Set([...Object.keys(DEFAULT_LEVELS), ...Object.keys(blueprint.roles ?? {})])
  const roles = [...names].map(name => [name, awsRoleOf(blueprint, name)] as const)
  return Object.fromEntries(
    roles.filter(([, { levels }]) => Object.values(levels).some(level => level !== 'none')),
  )
}

function awsRoleOf(blueprint: Blueprint, name: string): AwsRole {
  const written = Object.hasOwn(blueprint.roles ?? {}, name) ? blueprint.roles?.[name] : undefined
  const levelIn = (environment: string): AwsLevel => {
    if (written?.aws !== undefined) return written.aws[environment] ?? 'none'
    return DEFAULT_LEVELS[name]?.[tierOf(blueprint, environment)] ?? 'none'
  }
  return {
    description: written?.description ?? DEFAULT_ROLES[name]?.description ?? '',
    levels: Object.fromEntries(Object.keys(blueprint.environments).map(key => [key, levelIn(key)])),
    approvalRequired: written?.approvalRequired ?? APPROVAL_REQUIRED.has(name),
    maxSessionSeconds: written?.maxSession ?? DEFAULT_SESSION_SECONDS,
  }
}
