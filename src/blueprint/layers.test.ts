import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LayerName, mergeLayers } from './layers.ts'

const merge = (...values: Record<string, unknown>[]) =>
  mergeLayers(values.map(value => ({ name: 'service' as LayerName, value, base: [] }))).value

const key = fc.constantFrom('a', 'b', 'c', 'd')
const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer(), { maxLength: 2 }))
const flat = fc.dictionary(key, fc.option(leaf))
const tree = fc.letrec<{ map: Record<string, unknown> }>(tie => ({
  map: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, leaf, fc.constant(null), tie('map'))),
})).map

describe('layers', () => {
  it('merge maps key by key and replace lists', () => {
    const lower = { config: { A: '1', B: '2' }, steps: [20, 100], rollout: { bake: 10, standby: 60 } }
    const upper = { config: { B: '3' }, steps: [50, 100], rollout: { bake: 5 } }
    expect(merge(lower, upper)).toEqual({
      config: { A: '1', B: '3' },
      steps: [50, 100],
      rollout: { bake: 5, standby: 60 },
    })
  })

  it('replace a value of one kind as a whole', () => {
    const lower = { secrets: { db: { kind: 'variable', name: 'DB' } } }
    expect(merge(lower, { secrets: { db: { kind: 'file', path: '/db' } } })).toEqual({
      secrets: { db: { kind: 'file', path: '/db' } },
    })
  })

  it('begin anew above a value that is no map', () => {
    expect(merge({ scaling: { min: 2 } }, { scaling: false }, { scaling: { max: 5 } })).toEqual({
      scaling: { max: 5 },
    })
  })

  it('say where each value came from', () => {
    const { origins } = mergeLayers([
      { name: 'default', value: { port: 3000, grace: 30 } },
      { name: 'override', value: { port: 80 }, base: ['environments', 'prod', 'services', 'web'] },
    ])
    expect(origins.get('grace')).toEqual({ from: 'default' })
    expect(origins.get('port')).toEqual({
      from: 'override',
      at: ['environments', 'prod', 'services', 'web', 'port'],
    })
  })

  it('give the last word to the last layer', () => {
    fc.assert(
      fc.property(tree, tree, (lower, upper) => {
        const merged = merge(lower, upper)
        for (const [name, value] of Object.entries(upper)) {
          if (value === null) expect(merged).not.toHaveProperty([name])
          else if (Array.isArray(value) || typeof value !== 'object') expect(merged[name]).toEqual(value)
        }
        for (const [name, value] of Object.entries(lower)) {
          if (!Object.hasOwn(upper, name) && value !== null) expect(merged).toHaveProperty([name])
        }
      }),
    )
  })

  it('leave no null behind, and change nothing when laid twice', () => {
    fc.assert(
      fc.property(tree, tree, (lower, upper) => {
        const once = merge(lower, upper)
        expect(JSON.stringify(once)).not.toMatch(/:null/)
        expect(merge(lower, upper, upper)).toEqual(once)
      }),
    )
  })

  it('may be merged in any grouping as long as maps are flat and nothing is removed', () => {
    const kept = fc.dictionary(key, leaf)
    fc.assert(
      fc.property(kept, kept, kept, (a, b, c) => {
        expect(merge({ ...merge(a, b) }, c)).toEqual(merge(a, { ...merge(b, c) }))
        expect(merge(a, b, c)).toEqual(merge({ ...merge(a, b) }, c))
      }),
    )
  })

  it('remove a key wherever null is said of it last', () => {
    fc.assert(
      fc.property(flat, key, (lower, removed) => {
        expect(merge({ config: lower }, { config: { [removed]: null } })['config']).not.toHaveProperty([
          removed,
        ])
      }),
    )
  })
})
