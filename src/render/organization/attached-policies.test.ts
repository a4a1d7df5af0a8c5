import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inputOf } from '../testing/render-input.ts'
import { attachedPolicies, charactersOf, MAX_POLICIES, MAX_POLICY_CHARACTERS } from './attached-policies.ts'

const NAMED = ['no-public-database', 'audit-trail-locked', 'allowed-regions', 'protected-deletion']

function blueprintWith(
  own: Readonly<Record<string, object>>,
  units: Readonly<Record<string, readonly string[]>>,
) {
  const given = {
    project: 'shop',
    services: { web: { image: 'registry.example.com/web:1' } },
    environments: { prod: { target: 'ecs', account: 'prod' } },
    accounts: { prod: { id: '555555555555', region: 'ap-northeast-1' } },
    guardrails: Object.fromEntries(Object.keys(own).map(name => [name, { policy: `./${name}.json` }])),
    organization: {
      units: Object.fromEntries(Object.entries(units).map(([name, guardrails]) => [name, { guardrails }])),
    },
  }
  const { blueprint } = inputOf(JSON.stringify(given))
  const files = Object.entries(own).map(
    ([name, policy]) => [`./${name}.json`, JSON.stringify(policy)] as const,
  )
  return { ...blueprint, files: new Map(files) }
}

const statement = (Sid: string, characters = 10) => ({
  Sid,
  Effect: 'Deny',
  Action: 's3:*',
  Resource: `arn:aws:s3:::${'x'.repeat(characters)}`,
})

describe('service control policies', () => {
  it('gives every guardrail a policy of its own while a unit has room', () => {
    const { attachments, policies } = attachedPolicies(blueprintWith({}, { ProdOU: NAMED }))
    expect(attachments).toEqual({ ProdOU: NAMED })
    expect(Object.keys(policies)).toEqual(NAMED.toSorted())
  })

  it('packs guardrails where a unit has more of them than AWS attaches', () => {
    const own = { 'no-root': { Version: '2012-10-17', Statement: [statement('NoRoot')] } }
    const { attachments, policies } = attachedPolicies(blueprintWith(own, { ProdOU: [...NAMED, 'no-root'] }))
    expect(attachments).toEqual({ ProdOU: ['unit-ProdOU-1'] })
    const sids = policies['unit-ProdOU-1']?.Statement.map(({ Sid }) => Sid)
    expect(sids?.toSorted()).toEqual([
      'AllowedRegions',
      'AuditTrailLocked',
      'NoPublicDatabase',
      'NoRoot',
      'ProtectedDeletion',
    ])
  })

  it('cuts a guardrail of several statements that is too long for one policy', () => {
    const long = [1, 2, 3].map(number => statement(`Long${number}`, 2000))
    const own = { long: { Version: '2012-10-17', Statement: long } }
    const { attachments } = attachedPolicies(blueprintWith(own, { ProdOU: ['long'] }))
    expect(attachments).toEqual({ ProdOU: ['long-1', 'long-2'] })
  })

  it('refuses in words what no policy can hold', () => {
    const tooLong = { long: { Version: '2012-10-17', Statement: statement('Long', 6000) } }
    expect(() => attachedPolicies(blueprintWith(tooLong, { ProdOU: ['long'] }))).toThrow(
      'guardrails.long: has a statement that is longer than a policy may be',
    )
    const names = Array.from({ length: 5 }, (_, index) => `own-${index}`)
    const own = Object.fromEntries(
      names.map(name => [name, { Version: '2012-10-17', Statement: [statement('S', 4900)] }]),
    )
    expect(() => attachedPolicies(blueprintWith(own, { 'Prod OU': names }))).toThrow(
      'organization.units.Prod OU.guardrails: need 5 policies, and a unit may have 4',
    )
  })

  it('gives no statement a name that another has, and measures with the names that it gives', () => {
    const sids = ['S', 'S', 'S2', 'T', 'U']
    const own = Object.fromEntries(
      sids.map((sid, index) => [`own-${index}`, { Version: '2012-10-17', Statement: [statement(sid, 10)] }]),
    )
    const { policies } = attachedPolicies(blueprintWith(own, { ProdOU: Object.keys(own) }))
    const given = Object.values(policies).flatMap(({ Statement }) => Statement.map(({ Sid }) => Sid))
    expect(given.toSorted((a = '', b = '') => (a < b ? -1 : 1))).toEqual(['S', 'S2', 'S3', 'T', 'U'])
  })

  it('measures a policy with the names that its statements get', () => {
    const sized = (lengths: readonly number[]) =>
      lengths.map((length, index) => statement(index < 2 ? 'Same' : `Other${index}`, length))
    const pair = JSON.stringify({ Version: '2012-10-17', Statement: sized([1, 1]) }).length
    // With one name for both, the first two would fill a policy to its last character.
    const lengths = [MAX_POLICY_CHARACTERS - pair - 999, 1001, 10, 10, 10]
    const own = Object.fromEntries(
      sized(lengths).map((each, index) => [`own-${index}`, { Version: '2012-10-17', Statement: [each] }]),
    )
    const { policies } = attachedPolicies(blueprintWith(own, { ProdOU: Object.keys(own) }))
    const sizes = Object.values(policies).map(({ Statement }) => charactersOf(Statement))
    expect(sizes.length).toBe(2)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS)
  })

  it('keeps within the limits of AWS and loses no statement, whatever a team writes', () => {
    const guardrails = fc.array(fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(guardrails, lengths => {
        const own = Object.fromEntries(
          lengths.map((each, index) => [
            `own-${index}`,
            { Version: '2012-10-17', Statement: each.map((length, at) => statement(`S${at}`, length)) },
          ]),
        )
        const total = lengths.flat().reduce((sum, length) => sum + length + 100, 0)
        fc.pre(total < 12_000)
        const { attachments, policies } = attachedPolicies(blueprintWith(own, { ProdOU: Object.keys(own) }))
        const attached = (attachments['ProdOU'] ?? []).flatMap(name => policies[name] ?? [])
        expect(attached.length).toBeLessThan(MAX_POLICIES)
        for (const { Statement } of attached) {
          expect(charactersOf(Statement)).toBeLessThanOrEqual(MAX_POLICY_CHARACTERS)
          expect(new Set(Statement.map(({ Sid }) => Sid)).size).toBe(Statement.length)
        }
        const resources = attached.flatMap(({ Statement }) => Statement.map(({ Resource }) => Resource))
        const given = lengths.flat().map(length => `arn:aws:s3:::${'x'.repeat(length)}`)
        expect(new Set(resources)).toEqual(new Set(given))
        expect(resources.length).toBe(given.length)
      }),
    )
  })
})
