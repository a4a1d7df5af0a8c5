import { describe, expect, it } from 'vitest'
import { PERMISSIONS, permissionsBeyond, permissionsEverywhere, permissionsOf } from './permissions.ts'
import type { Policy } from './policy.ts'

const policy: Policy = {
  project: 'shop',
  environments: [],
  roles: {
    viewer: { permissions: ['read'] },
    developer: { permissions: ['read', 'promote', 'operate'], environments: ['dev'] },
    operator: { permissions: ['promote'], environments: ['staging', 'prod'] },
    admin: { permissions: PERMISSIONS },
    author: { permissions: ['read'], permissionsIn: { dev: ['promote'] } },
  },
}

const names = (held: ReadonlySet<string>) => [...held].toSorted()

describe('permissionsOf', () => {
  it('adds up what several roles give', () => {
    expect(names(permissionsOf(policy, ['viewer', 'operator'], 'prod'))).toEqual(['promote', 'read'])
  })

  it('keeps a role to its environments', () => {
    expect(names(permissionsOf(policy, ['developer'], 'dev'))).toEqual(['operate', 'promote', 'read'])
    expect(names(permissionsOf(policy, ['developer'], 'prod'))).toEqual([])
  })

  it('adds what a role may do in one environment only', () => {
    expect(names(permissionsOf(policy, ['author'], 'dev'))).toEqual(['promote', 'read'])
    expect(names(permissionsOf(policy, ['author'], 'prod'))).toEqual(['read'])
    expect(names(permissionsEverywhere(policy, ['author']))).toEqual(['read'])
    expect(permissionsBeyond(policy, { own: ['viewer'], wanted: ['author'] })).toEqual(['promote'])
  })

  it('tells without an environment what is held in any', () => {
    expect(names(permissionsOf(policy, ['developer']))).toEqual(['operate', 'promote', 'read'])
  })

  it('gives nothing for unknown roles, those named like inherited properties included', () => {
    for (const role of ['owner', 'constructor', '__proto__', 'toString', ''])
      expect(names(permissionsOf(policy, [role], 'dev'))).toEqual([])
  })
})

describe('permissionsEverywhere', () => {
  it('counts roles without a limit only', () => {
    expect(names(permissionsEverywhere(policy, ['viewer', 'developer']))).toEqual(['read'])
  })
})

describe('permissionsBeyond', () => {
  it('finds nothing beyond an unlimited role that holds everything', () => {
    expect(permissionsBeyond(policy, { own: ['admin'], wanted: ['viewer', 'developer', 'admin'] })).toEqual(
      [],
    )
  })

  it('finds what only the wanted roles hold', () => {
    expect(permissionsBeyond(policy, { own: ['viewer'], wanted: ['developer'] })).toEqual([
      'promote',
      'operate',
    ])
  })

  it('finds a permission that is wanted for more environments than are held', () => {
    expect(permissionsBeyond(policy, { own: ['developer'], wanted: ['operator'] })).toEqual(['promote'])
    expect(permissionsBeyond(policy, { own: ['developer'], wanted: ['viewer'] })).toEqual(['read'])
  })

  it('finds nothing beyond equal roles', () => {
    expect(permissionsBeyond(policy, { own: ['operator'], wanted: ['operator'] })).toEqual([])
  })
})
