import { describe, expect, it } from 'vitest'
import { type PlanJson, unexpected } from './differences.ts'

type Change = NonNullable<PlanJson['resource_changes']>[number]

function plan(change: Partial<Change['change']>, type = 'aws_ecs_service'): PlanJson {
  const whole = { actions: ['update'], before: {}, after: {}, after_unknown: {}, ...change }
  return { resource_changes: [{ address: `${type}.web`, type, change: whole }] }
}

describe('differences of a second plan', () => {
  it('are none where nothing is done or only read', () => {
    expect(unexpected({})).toEqual([])
    expect(unexpected(plan({ actions: ['no-op'] }))).toEqual([])
    expect(unexpected(plan({ actions: ['read'], before: null }))).toEqual([])
  })

  it('name what changes and leave out what moto forgets', () => {
    const before = { desired_count: 0, enable_ecs_managed_tags: false }
    const after = { desired_count: 1, enable_ecs_managed_tags: true }
    expect(unexpected(plan({ before, after }))).toEqual(['aws_ecs_service.web: desired_count'])
    expect(unexpected(plan({ before, after: { ...after, desired_count: 0 } }))).toEqual([])
  })

  it('hold what appears or goes, whatever moto forgets of it', () => {
    const after = { enable_ecs_managed_tags: true }
    expect(unexpected(plan({ actions: ['create'], before: null, after }))).toEqual([
      'aws_ecs_service.web: create',
    ])
  })

  it('leave out what is not known before something else has changed', () => {
    const change = { before: { arn: 'a' }, after: {}, after_unknown: { arn: true } }
    expect(unexpected(plan(change, 'aws_lb'))).toEqual([])
  })

  it('do not take another kind of resource for one that moto forgets something of', () => {
    const change = { before: { description: null }, after: { description: 'Web' } }
    expect(unexpected(plan(change, 'aws_security_group'))).toEqual(['aws_security_group.web: description'])
    expect(unexpected(plan(change, 'aws_vpc_security_group_ingress_rule'))).toEqual([])
  })
})
