import { DEFAULT_ROLES } from '../default-roles.ts'
import { suggest } from '../nearest-name.ts'
import type { Path } from '../path.ts'
import type { Finding, Rule, Subject } from './rule.ts'

/** Every name that is used is written somewhere. */
export const references: Rule = subject => [
  ...environmentReferences(subject),
  ...serviceReferences(subject),
  ...organizationReferences(subject),
  ...roleReferences(subject),
]

/** Guardrails that need no words of their own. */
export const NAMED_GUARDRAILS = [
  'no-public-database',
  'audit-trail-locked',
  'allowed-regions',
  'protected-deletion',
]

interface Use {
  readonly kind: string
  readonly name: string | undefined
  readonly known: ReadonlySet<string>
  readonly path: Path
}

function unknown({ kind, name, known, path }: Use): Finding[] {
  if (name === undefined || known.has(name)) return []
  const remedy = known.size === 0 ? `write it first: there is no ${kind} yet` : suggest(name, [...known])
  return [{ path, what: `there is no ${kind} ${name}`, remedy }]
}

function environmentReferences({ blueprint, names }: Subject): Finding[] {
  const accounts = new Set(names.accounts)
  const services = new Set(names.services)
  const roles = new Set([...Object.keys(DEFAULT_ROLES), ...names.roles])
  return Object.entries(blueprint.environments).flatMap(([name, environment]) => {
    const path = ['environments', name]
    const others = new Set(names.environments.filter(other => other !== name))
    return [
      ...unknown({
        kind: 'account',
        name: environment.account,
        known: accounts,
        path: [...path, 'account'],
      }),
      ...unknown({
        kind: 'other environment',
        name: environment.after,
        known: others,
        path: [...path, 'after'],
      }),
      ...unknown({
        kind: 'other environment',
        name: environment.mirrors,
        known: others,
        path: [...path, 'mirrors'],
      }),
      ...(environment.gate?.approvals ?? []).flatMap(approval =>
        (approval.roles ?? []).flatMap((role, index) =>
          unknown({
            kind: 'role',
            name: role,
            known: roles,
            path: [...path, 'gate', 'approvals', approval.of, 'roles', index],
          }),
        ),
      ),
      ...Object.keys(environment.services ?? {}).flatMap(service =>
        unknown({
          kind: 'service',
          name: service,
          known: services,
          path: [...path, 'services', service],
        }),
      ),
    ]
  })
}

function serviceReferences({ blueprint, names }: Subject): Finding[] {
  const layers = [
    ...Object.entries(blueprint.services).map(([service, layer]) => ({ layer, path: ['services', service] })),
    ...Object.entries(blueprint.environments).flatMap(([name, { defaults, services }]) => [
      ...(defaults === undefined ? [] : [{ layer: defaults, path: ['environments', name, 'defaults'] }]),
      ...Object.entries(services ?? {}).map(([service, layer]) => ({
        layer,
        path: ['environments', name, 'services', service],
      })),
    ]),
  ]
  const services = new Set(names.services)
  return layers.flatMap(({ layer, path }) =>
    (['after', 'calls'] as const).flatMap(field =>
      (layer[field] ?? []).flatMap((service, index) =>
        unknown({ kind: 'service', name: service, known: services, path: [...path, field, index] }),
      ),
    ),
  )
}

function organizationReferences({ blueprint, names }: Subject): Finding[] {
  const { managementAccount, units = {} } = blueprint.organization ?? {}
  const knownAccounts = new Set(names.accounts)
  const environments = new Set(names.environments)
  const guardrails = new Set([...NAMED_GUARDRAILS, ...names.guardrails])
  const management = {
    kind: 'account',
    name: managementAccount,
    known: knownAccounts,
    path: ['organization', 'managementAccount'],
  }
  const registry = {
    kind: 'account',
    name: blueprint.delivery?.registry,
    known: knownAccounts,
    path: ['delivery', 'registry'],
  }
  return [
    ...unknown(management),
    ...unknown(registry),
    ...Object.entries(blueprint.delivery?.branches ?? {}).flatMap(([branch, name]) =>
      unknown({
        kind: 'environment',
        name,
        known: environments,
        path: ['delivery', 'branches', branch],
      }),
    ),
    ...Object.entries(units).flatMap(([unit, { parent, accounts = [], guardrails: used = [] }]) => {
      const path = ['organization', 'units', unit]
      const others = new Set(names.units.filter(other => other !== unit))
      return [
        ...unknown({ kind: 'other unit', name: parent, known: others, path: [...path, 'parent'] }),
        ...accounts.flatMap((name, index) =>
          unknown({ kind: 'account', name, known: knownAccounts, path: [...path, 'accounts', index] }),
        ),
        ...used.flatMap((name, index) =>
          unknown({ kind: 'guardrail', name, known: guardrails, path: [...path, 'guardrails', index] }),
        ),
      ]
    }),
  ]
}

function roleReferences({ blueprint, names }: Subject): Finding[] {
  const knownEnvironments = new Set(names.environments)
  const roles = new Set([...Object.keys(DEFAULT_ROLES), ...names.roles])
  return [
    ...Object.entries(blueprint.roles ?? {}).flatMap(
      ([role, { environments = [], in: within = {}, aws = {} }]) => {
        const path = ['roles', role]
        const uses = [
          ...environments.map((name, index) => ({ name, path: [...path, 'environments', index] })),
          ...Object.keys(within).map(name => ({ name, path: [...path, 'in', name] })),
          ...Object.keys(aws).map(name => ({ name, path: [...path, 'aws', name] })),
        ]
        return uses.flatMap(use => unknown({ kind: 'environment', known: knownEnvironments, ...use }))
      },
    ),
    ...Object.entries(blueprint.guardrails ?? {}).flatMap(
      ([guardrail, { roles: used = [], expect = [] }]) => {
        const path = ['guardrails', guardrail]
        return [
          ...used.flatMap((name, index) =>
            unknown({ kind: 'role', name, known: roles, path: [...path, 'roles', index] }),
          ),
          ...expect.flatMap(({ role, environment }, index) => [
            ...unknown({ kind: 'role', name: role, known: roles, path: [...path, 'expect', index, 'role'] }),
            ...unknown({
              kind: 'environment',
              name: environment,
              known: knownEnvironments,
              path: [...path, 'expect', index, 'environment'],
            }),
          ]),
        ]
      },
    ),
  ]
}
