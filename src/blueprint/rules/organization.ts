import { NAMED_GUARDRAILS } from './references.ts'
import type { Finding, Rule, Subject } from './rule.ts'

/** Accounts stand in one unit and have an id each; guardrails have what they need. */
export const organization: Rule = subject => [
  ...accountIds(subject),
  ...unitsOfAccounts(subject),
  ...guardrailContent(subject),
]

function accountIds({ blueprint }: Subject): Finding[] {
  const owners = new Map<string, string>()
  return Object.entries(blueprint.accounts ?? {}).flatMap(([name, { id }]) => {
    const owner = owners.get(id)
    owners.set(id, owner ?? name)
    const path = ['accounts', name, 'id']
    return owner === undefined
      ? []
      : [{ path, what: `${id} is the account ${owner} already`, remedy: 'correct one of them' }]
  })
}

function unitsOfAccounts({ blueprint }: Subject): Finding[] {
  const owners = new Map<string, string>()
  return Object.entries(blueprint.organization?.units ?? {}).flatMap(([unit, { accounts = [] }]) =>
    accounts.flatMap((account, index) => {
      const owner = owners.get(account)
      owners.set(account, owner ?? unit)
      const path = ['organization', 'units', unit, 'accounts', index]
      return owner === undefined
        ? []
        : [{ path, what: `${account} stands in ${owner} already`, remedy: 'keep it in one unit' }]
    }),
  )
}

function guardrailContent({ blueprint }: Subject): Finding[] {
  return Object.entries(blueprint.guardrails ?? {}).flatMap(([name, { policy, regions, roles }]) => {
    const path = ['guardrails', name]
    const named = NAMED_GUARDRAILS.includes(name)
    const misplaced = (field: string, owner: string) => ({
      path: [...path, field],
      what: `belongs to ${owner}`,
      remedy: `move it there, or write a policy`,
    })
    return [
      ...(!named && policy === undefined
        ? [
            {
              path,
              what: 'is no named guardrail and has no policy',
              remedy: `add \`policy: ./file.json\`, or use ${NAMED_GUARDRAILS.join(', ')}`,
            },
          ]
        : []),
      ...(named && policy !== undefined
        ? [
            {
              path: [...path, 'policy'],
              what: `${name} has a policy of its own`,
              remedy: 'name a guardrail of yours differently',
            },
          ]
        : []),
      ...(regions !== undefined && name !== 'allowed-regions'
        ? [misplaced('regions', 'allowed-regions')]
        : []),
      ...(roles !== undefined && name !== 'protected-deletion'
        ? [misplaced('roles', 'protected-deletion')]
        : []),
    ]
  })
}
